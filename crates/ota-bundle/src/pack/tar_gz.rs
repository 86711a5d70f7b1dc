//! `.tar.gz`: one gzip member, GNU tar headers, regular files only.

use std::fs::File;
use std::io::{self, Write as _};

use flate2::Crc;
use tar::{EntryType, Header};

use super::Job;
use super::blocks::{Deflated, Feed, deflate_small, run};
use crate::error::BundleError;

const SECTOR: usize = 512;
/// Deflate, no flags, no time, "smallest", written on an unknown system: the same everywhere.
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255];
/// Two empty sectors.
const TAR_END: [u8; 2 * SECTOR] = [0; 2 * SECTOR];

pub(super) fn write(
    job: &Job<'_>,
    out: &File,
    failed: &dyn Fn(io::Error) -> BundleError,
) -> Result<(), BundleError> {
    let mut out = io::BufWriter::new(out);
    let mut crc = Crc::new();
    out.write_all(&GZIP_HEADER).map_err(failed)?;
    let mut consume = |piece: &Deflated| {
        crc.combine(&piece.crc);
        out.write_all(&piece.bytes).map_err(failed)
    };
    run(job.threads, job.cancel, &mut consume, |feed| {
        for file in &job.listing.files {
            write_header(&file.path, file.size_bytes, feed)?;
            job.feed_file(file, feed)?;
            pad(file.size_bytes, feed)?;
        }
        feed.write(&TAR_END)?;
        feed.end_stream()
    })?;
    out.write_all(&trailer(&crc)).map_err(failed)?;
    out.flush().map_err(failed)
}

pub(super) fn empty() -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(&TAR_END);
    let mut archive = GZIP_HEADER.to_vec();
    archive.extend_from_slice(&deflate_small(&TAR_END));
    archive.extend_from_slice(&trailer(&crc));
    archive
}

fn trailer(crc: &Crc) -> [u8; 8] {
    let mut trailer = [0; 8];
    let (sum, length) = trailer.split_at_mut(4);
    sum.copy_from_slice(&crc.sum().to_le_bytes());
    // The length modulo 2³², as RFC 1952 wants it; `Crc` counts like that.
    length.copy_from_slice(&crc.amount().to_le_bytes());
    trailer
}

fn write_header(path: &str, size_bytes: u64, feed: &mut Feed<'_, '_>) -> Result<(), BundleError> {
    let mut header = plain_header(size_bytes, EntryType::Regular);
    let name_room = header.as_old().name.len();
    if path.len() > name_room {
        // The GNU way, which every reader of hotswap bundles knows: the name is the content of an entry before.
        let mut long = plain_header(path.len() as u64 + 1, EntryType::GNULongName);
        set_name(&mut long, b"././@LongLink");
        feed.write(long.as_bytes())?;
        feed.write(path.as_bytes())?;
        feed.write(&[0])?;
        pad(path.len() as u64 + 1, feed)?;
    }
    // A reader that ignores the long name still finds the beginning of it here.
    let shown = path.as_bytes();
    set_name(&mut header, shown.get(..name_room).unwrap_or(shown));
    feed.write(header.as_bytes())
}

fn plain_header(size_bytes: u64, kind: EntryType) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(size_bytes);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header
}

fn set_name(header: &mut Header, name: &[u8]) {
    // `Header::set_path` would spell the name in the way of the system it runs on.
    if let Some(room) = header.as_old_mut().name.get_mut(..name.len()) {
        room.copy_from_slice(name);
    }
    header.set_cksum();
}

fn pad(size_bytes: u64, feed: &mut Feed<'_, '_>) -> Result<(), BundleError> {
    let over = usize::try_from(size_bytes % SECTOR as u64).unwrap_or(0);
    let padding = if over == 0 { 0 } else { SECTOR - over };
    feed.write([0; SECTOR].get(..padding).unwrap_or_default())
}
