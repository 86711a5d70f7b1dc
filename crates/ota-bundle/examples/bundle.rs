//! Bundles a folder and prints what it took: `bundle DIST OUT.tar.gz [THREADS]`. Used by `benches/ratio.sh`.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use ota_bundle::{
    CancellationToken, Format, Ignored, NoProgress, PackOptions, Severity, open_source, pack, scan,
};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (dist, out, threads) = match arguments.as_slice() {
        [dist, out] => (dist, out, None),
        [dist, out, threads] => (dist, out, threads.parse().ok()),
        _ => return ExitCode::from(2),
    };
    match bundle(Path::new(dist), Path::new(out), PackOptions { threads }) {
        Ok(line) => {
            use std::io::Write as _;
            match writeln!(std::io::stdout(), "{line}") {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::FAILURE,
            }
        }
        Err(error) => {
            use std::io::Write as _;
            writeln!(std::io::stderr(), "{error}").ok();
            ExitCode::FAILURE
        }
    }
}

fn bundle(
    dist: &Path,
    out: &Path,
    options: PackOptions,
) -> Result<String, ota_bundle::BundleError> {
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
    Ok(format!(
        "files {} · bytes {} · bundle {} · scan {} ms · pack {} ms · stop {} · decide {} · sha256 {}",
        scan.listing.files.len(),
        scan.listing.total_bytes(),
        bundle.size_bytes,
        scanned.as_millis(),
        packed.as_millis(),
        scan.count(Severity::Stop),
        scan.count(Severity::Decide),
        bundle.sha256,
    ))
}
