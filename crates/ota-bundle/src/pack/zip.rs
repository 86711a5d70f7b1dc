//! `.zip`: deflated entries, sizes in the local headers (Android reads those, `protocols.md` 3.2), no extra fields.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};

use flate2::Crc;

use super::Job;
use super::blocks::{Deflated, run};
use crate::error::BundleError;
use crate::listing::FileEntry;

/// 1 January 1980, 00:00, the first moment that zip can express.
const DOS_TIME: u16 = 0;
const DOS_DATE: u16 = 0x21;
/// Names are UTF-8.
const FLAGS: u16 = 1 << 11;
const DEFLATED: u16 = 8;
const VERSION_NEEDED: u16 = 20;
/// Written "on Unix", so that readers look at the mode.
const VERSION_MADE_BY: u16 = 3 << 8 | VERSION_NEEDED;
/// A regular file that its owner may write and everybody may read.
const ATTRIBUTES: u32 = 0o100_644 << 16;
/// From the start of a local header to its checksum.
const CRC_OFFSET: u64 = 14;

/// What the central directory says about one entry.
struct Written<'a> {
    path: &'a str,
    offset: u32,
    crc: u32,
    packed: u32,
    size: u32,
}

pub(super) fn write(
    job: &Job<'_>,
    out: &File,
    failed: &dyn Fn(io::Error) -> BundleError,
) -> Result<(), BundleError> {
    if job.listing.files.len() >= usize::from(u16::MAX) {
        return Err(BundleError::TooLargeForZip);
    }
    let mut archive = Archive::new(&job.listing.files, out, failed);
    run(
        job.threads,
        job.cancel,
        &mut |piece| archive.add(piece),
        |feed| {
            for file in &job.listing.files {
                job.feed_file(file, feed)?;
                feed.end_stream()?;
            }
            Ok(())
        },
    )?;
    archive.finish()
}

pub(super) fn empty() -> Vec<u8> {
    end_record(0, 0, 0)
}

/// Receives the pieces of all files, in order, and puts the headers around them.
struct Archive<'a> {
    files: std::slice::Iter<'a, FileEntry>,
    out: io::BufWriter<&'a File>,
    failed: &'a dyn Fn(io::Error) -> BundleError,
    written: Vec<Written<'a>>,
    /// The entry whose pieces are arriving.
    open: Option<Open<'a>>,
    offset: u64,
}

struct Open<'a> {
    file: &'a FileEntry,
    crc: Crc,
    packed: u64,
    offset: u64,
}

impl<'a> Archive<'a> {
    fn new(
        files: &'a [FileEntry],
        out: &'a File,
        failed: &'a dyn Fn(io::Error) -> BundleError,
    ) -> Self {
        Self {
            files: files.iter(),
            out: io::BufWriter::with_capacity(256 * 1024, out),
            failed,
            written: Vec::with_capacity(files.len()),
            open: None,
            offset: 0,
        }
    }

    fn add(&mut self, piece: &Deflated) -> Result<(), BundleError> {
        let begins = self.open.is_none();
        let mut open = match self.open.take() {
            Some(open) => open,
            None => Open {
                file: self.files.next().ok_or(BundleError::Compress)?,
                crc: Crc::new(),
                packed: 0,
                offset: self.offset,
            },
        };
        open.crc.combine(&piece.crc);
        open.packed += piece.bytes.len() as u64;
        if begins {
            // Right at once for a small file; for a large one the numbers are corrected at its end.
            let header = local_header(&open.describe()?);
            self.write(&header)?;
        }
        self.write(&piece.bytes)?;
        if !piece.last {
            self.open = Some(open);
            return Ok(());
        }
        let entry = open.describe()?;
        if !begins {
            self.correct(&entry).map_err(self.failed)?;
        }
        self.written.push(entry);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), BundleError> {
        self.out.write_all(bytes).map_err(self.failed)?;
        self.offset += bytes.len() as u64;
        Ok(())
    }

    fn correct(&mut self, entry: &Written<'_>) -> io::Result<()> {
        self.out
            .seek(SeekFrom::Start(u64::from(entry.offset) + CRC_OFFSET))?;
        self.out.write_all(&sizes(entry))?;
        self.out.seek(SeekFrom::Start(self.offset))?;
        Ok(())
    }

    fn finish(mut self) -> Result<(), BundleError> {
        let start = small(self.offset)?;
        let written = std::mem::take(&mut self.written);
        for entry in &written {
            self.write(&central_header(entry))?;
        }
        let length = small(self.offset - u64::from(start))?;
        let Ok(entries) = u16::try_from(written.len()) else {
            return Err(BundleError::TooLargeForZip);
        };
        self.write(&end_record(entries, length, start))?;
        self.out.flush().map_err(self.failed)
    }
}

impl<'a> Open<'a> {
    fn describe(&self) -> Result<Written<'a>, BundleError> {
        Ok(Written {
            path: &self.file.path,
            offset: small(self.offset)?,
            crc: self.crc.sum(),
            packed: small(self.packed)?,
            size: small(self.file.size_bytes)?,
        })
    }
}

/// Without zip64, every number has 32 bits, the highest of which is reserved.
fn small(number: u64) -> Result<u32, BundleError> {
    match u32::try_from(number) {
        Ok(number) if number != u32::MAX => Ok(number),
        _ => Err(BundleError::TooLargeForZip),
    }
}

/// Puts little-endian numbers one after the other.
#[derive(Default)]
struct Record(Vec<u8>);

impl Record {
    fn u16(mut self, number: u16) -> Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    fn u32(mut self, number: u32) -> Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }
}

/// Checksum, packed and plain size, as both headers have them.
fn sizes(entry: &Written<'_>) -> Vec<u8> {
    Record::default()
        .u32(entry.crc)
        .u32(entry.packed)
        .u32(entry.size)
        .0
}

/// The part that both headers have, up to the length of the name. Names are at most 1,024 bytes.
fn common(record: Record, entry: &Written<'_>) -> Record {
    record
        .u16(VERSION_NEEDED)
        .u16(FLAGS)
        .u16(DEFLATED)
        .u16(DOS_TIME)
        .u16(DOS_DATE)
        .bytes(&sizes(entry))
        .u16(u16::try_from(entry.path.len()).unwrap_or(u16::MAX))
        .u16(0)
}

fn local_header(entry: &Written<'_>) -> Vec<u8> {
    common(Record::default().bytes(b"PK\x03\x04"), entry)
        .bytes(entry.path.as_bytes())
        .0
}

fn central_header(entry: &Written<'_>) -> Vec<u8> {
    common(
        Record::default().bytes(b"PK\x01\x02").u16(VERSION_MADE_BY),
        entry,
    )
    .u16(0) // comment
    .u16(0) // disk
    .u16(0) // internal attributes
    .u32(ATTRIBUTES)
    .u32(entry.offset)
    .bytes(entry.path.as_bytes())
    .0
}

fn end_record(entries: u16, length: u32, start: u32) -> Vec<u8> {
    Record::default()
        .bytes(b"PK\x05\x06")
        .u16(0)
        .u16(0)
        .u16(entries)
        .u16(entries)
        .u32(length)
        .u32(start)
        .u16(0)
        .0
}
