//! Scanning and packing a web build: `SWITCHTOWER_BENCH_DIST=…/dist cargo bench -p ota-bundle`. Without the variable, a
//! folder of about 20 MB is generated, which compresses much like a real one but says nothing about any.

#![expect(
    clippy::expect_used,
    reason = "a benchmark that cannot run has to stop"
)]

use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fs_err as fs;
use ota_bundle::{
    ArchiveLimits, CancellationToken, Contents, Format, Ignored, NoProgress, PackOptions, Scan,
    pack, scan, verify_archive,
};

fn scanned(root: &Path) -> Scan {
    scan(
        root,
        &Ignored::default(),
        None,
        &NoProgress,
        &CancellationToken::new(),
    )
    .expect("the folder can be read")
}

fn bundle(criterion: &mut Criterion) {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let dist = std::env::var_os("SWITCHTOWER_BENCH_DIST")
        .map_or_else(|| generated(scratch.path()), PathBuf::from);
    let out = scratch.path().join("out");
    let listing = scanned(&dist).listing;

    let mut group = criterion.benchmark_group("bundle");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(15));
    group.throughput(Throughput::Bytes(listing.total_bytes()));
    group.bench_function("scan", |bencher| bencher.iter(|| scanned(&dist)));
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    for format in [Format::TarGz, Format::Zip] {
        for threads in [1, cores] {
            let options = PackOptions {
                threads: NonZeroUsize::new(threads),
            };
            group.bench_function(format!("pack {format} with {threads} threads"), |bencher| {
                bencher.iter(|| {
                    pack(
                        &dist,
                        &listing,
                        format,
                        &out,
                        &options,
                        &NoProgress,
                        &CancellationToken::new(),
                    )
                    .expect("the folder can be packed")
                });
            });
        }
        let limits = ArchiveLimits::default().holding(Contents::Anything);
        group.bench_function(format!("verify {format}"), |bencher| {
            bencher.iter(|| verify_archive(&out, format, &limits).expect("the archive is right"));
        });
    }
    group.finish();
}

/// Scripts with names and numbers that repeat now and then, and some images.
fn generated(scratch: &Path) -> PathBuf {
    let dist = scratch.join("dist");
    let mut state = 1_u32;
    let mut next = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 16
    };
    fs::create_dir_all(dist.join("assets")).expect("a folder");
    fs::write(dist.join("index.html"), "<!doctype html><div id=app></div>").expect("a file");
    for number in 0..400 {
        let mut script = String::new();
        while script.len() < 45_000 {
            let (name, method, number) = (next() % 900, next() % 90, next());
            write!(
                script,
                "function f{name}(a,b){{return a.m{method}(b)+{number}}};"
            )
            .expect("a string");
        }
        fs::write(dist.join(format!("assets/chunk-{number}.js")), script).expect("a file");
    }
    for number in 0..40 {
        let image: Vec<u8> = (0..50_000)
            .map(|_| u8::try_from(next() & 0xff).unwrap_or(0))
            .collect();
        fs::write(dist.join(format!("assets/image-{number}.webp")), image).expect("a file");
    }
    dist
}

criterion_group!(benches, bundle);
criterion_main!(benches);
