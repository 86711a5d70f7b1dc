//! Checking a folder, and what the checks say.

use std::path::PathBuf;

use ota_bundle::{
    CancellationToken, CheckId, Finding, Ignored, LiveInfo, NoProgress, Scan, Severity, Source,
    open_source, scan,
};

use crate::cli::CheckArgs;
use crate::failure::Told;
use crate::printer::{Printer, warning};

/// Reads a folder or an archive and runs the checks. The source is to be kept for as long as its files are read.
pub(crate) async fn check(
    dir: PathBuf,
    checks: &CheckArgs,
    live: Option<LiveInfo>,
    cancel: &CancellationToken,
) -> anyhow::Result<(Source, Scan)> {
    let ignored: Ignored = checks.leave_out.iter().map(String::as_str).collect();
    let cancel = cancel.clone();
    let read = tokio::task::spawn_blocking(move || {
        let source = open_source(&dir, &NoProgress, &cancel)?;
        let scan = scan(
            source.folder(),
            &ignored,
            live.as_ref(),
            &NoProgress,
            &cancel,
        )?;
        Ok::<_, ota_bundle::BundleError>((source, scan))
    });
    Ok(read.await??)
}

/// Prints what a person should see, and refuses what must not, or with `strict` should not, go out.
pub(crate) fn judge(printer: Printer, scan: &Scan, strict: bool) -> anyhow::Result<()> {
    for entry in scan.ignored.iter().filter(|entry| entry.files == 0) {
        warning(
            "warning",
            &format!("There is nothing to leave out at {}", entry.path),
        );
    }
    for finding in scan
        .findings
        .iter()
        .filter(|finding| finding.severity != Severity::Pass)
    {
        if finding.severity == Severity::Stop {
            warning("stop", &words(finding));
        } else {
            printer.note(&format!("look: {}", words(finding)));
        }
    }
    let stops: Vec<_> = scan
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Stop)
        .collect();
    let decides = scan.count(Severity::Decide);
    if let [first, ..] = &stops[..] {
        let titles: Vec<_> = stops.iter().map(|finding| finding.title.as_str()).collect();
        let message = format!("This cannot be published: {}", titles.join("; "));
        return Err(Told::failed(message, remedy(scan, first)).into());
    }
    if strict && decides > 0 {
        let message =
            format!("--strict refuses this: {decides} of the checks leave a decision to you");
        return Err(Told::failed(
            message,
            Some("Settle them, or leave --strict out".to_owned()),
        )
        .into());
    }
    Ok(())
}

fn remedy(scan: &Scan, finding: &Finding) -> Option<String> {
    match &scan.suggested_root {
        Some(root) if finding.check == CheckId::EntryPage => {
            Some(format!("Give the folder {} instead", root.display()))
        }
        _ => finding.remedy.clone(),
    }
}

fn words(finding: &Finding) -> String {
    let mut text = finding.title.clone();
    if !finding.detail.is_empty() {
        text.push_str(": ");
        text.push_str(&finding.detail);
    }
    if let Some(remedy) = &finding.remedy {
        text.push_str("\n      ");
        text.push_str(remedy);
    }
    if finding.can_ignore {
        for path in finding.paths.iter().take(5) {
            text.push_str("\n      --leave-out ");
            text.push_str(path);
        }
    }
    text
}
