//! Bundles a folder and prints what it took and what the checks say: `bundle DIST OUT [THREADS]`, where OUT ends in
//! `.tar.gz` or `.zip`. Used by `benches/ratio.sh`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use ota_bundle::{
    BundleError, CancellationToken, Format, Ignored, NoProgress, PackOptions, Severity,
    open_source, pack, scan,
};
use ota_model::Hint as _;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (dist, out, threads) = match arguments.as_slice() {
        [dist, out] => (dist, out, None),
        [dist, out, threads] => (dist, out, threads.parse().ok()),
        _ => return ExitCode::from(2),
    };
    let written = match bundle(Path::new(dist), Path::new(out), PackOptions { threads }) {
        Ok(report) => std::io::stdout()
            .write_all(report.as_bytes())
            .map(|()| ExitCode::SUCCESS),
        Err(error) => {
            let hint = error.hint().unwrap_or_default();
            writeln!(std::io::stderr(), "{error}\n{hint}").map(|()| ExitCode::FAILURE)
        }
    };
    written.unwrap_or(ExitCode::FAILURE)
}

fn bundle(dist: &Path, out: &Path, options: PackOptions) -> Result<String, BundleError> {
    let cancel = CancellationToken::new();
    let format = Format::from_name(out).unwrap_or(Format::TarGz);
    let started = Instant::now();
    let source = open_source(dist, &NoProgress, &cancel)?;
    let scan = scan(
        source.folder(),
        &Ignored::default(),
        None,
        &NoProgress,
        &cancel,
    )?;
    let scanned = started.elapsed();
    let bundle = pack(
        &scan.root,
        &scan.listing,
        format,
        out,
        &options,
        &NoProgress,
        &cancel,
    )?;
    let packed = started.elapsed().saturating_sub(scanned);

    let mut report = format!(
        "files {} · bytes {} · bundle {} · scan {} ms · pack {} ms · sha256 {}\n",
        scan.listing.files.len(),
        scan.listing.total_bytes(),
        bundle.size_bytes,
        scanned.as_millis(),
        packed.as_millis(),
        bundle.sha256,
    );
    for finding in scan
        .findings
        .iter()
        .filter(|finding| finding.severity != Severity::Pass)
    {
        // Writing to a string cannot fail.
        writeln!(
            report,
            "{:?}: {} ({})",
            finding.severity, finding.title, finding.detail
        )
        .ok();
    }
    Ok(report)
}
