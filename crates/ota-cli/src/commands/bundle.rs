//! `switchtowerctl bundle`

use ota_bundle::{
    CancellationToken, Format, NoProgress, PackOptions, Severity, pack, packed_findings,
};
use serde_json::json;

use crate::cli::BundleArgs;
use crate::failure::{Told, Usage};
use crate::findings::{check, judge};
use crate::printer::{Printer, size};

pub(crate) async fn run(printer: Printer, args: BundleArgs) -> anyhow::Result<()> {
    let format = Format::from_name(&args.output).ok_or_else(|| {
        Usage::new(
            format!(
                "{} ends with neither .tar.gz nor .zip",
                args.output.display()
            ),
            "Name it bundle.tar.gz",
        )
    })?;
    let cancel = CancellationToken::new();
    let (source, scan) = check(args.dir, &args.checks, None, &cancel).await?;
    judge(printer, &scan, args.checks.strict)?;
    let listing = scan.listing.clone();
    let packed = tokio::task::spawn_blocking(move || {
        let options = PackOptions::default();
        pack(
            source.folder(),
            &listing,
            format,
            &args.output,
            &options,
            &NoProgress,
            &cancel,
        )
    });
    let bundle = packed.await??;
    let too_large = packed_findings(&bundle, None)
        .into_iter()
        .find(|finding| finding.severity == Severity::Stop);
    if let Some(finding) = too_large {
        fs_err::remove_file(&bundle.path)?;
        return Err(Told::failed(finding.title, finding.remedy).into());
    }
    let data = json!({
        "path": bundle.path,
        "format": bundle.format,
        "size_bytes": bundle.size_bytes,
        "sha256": bundle.sha256,
        "files": bundle.listing.files.len(),
        "findings": scan.findings,
        "left_out": scan.ignored,
    });
    printer.result(&data, || {
        format!(
            "{}: {} files, {}, sha256 {}",
            bundle.path.display(),
            bundle.listing.files.len(),
            size(bundle.size_bytes),
            bundle.sha256
        )
    })
}
