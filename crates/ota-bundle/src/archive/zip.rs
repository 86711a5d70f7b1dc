//! `.zip`, strictly: the central directory and the local headers must tell the same story.
//!
//! Readers differ: some follow the directory at the end, others (Android) stream the local headers. A zip is accepted
//! only when its entries lie one after the other from the first byte to the directory, in its order, so that both see
//! the same files.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use flate2::bufread::DeflateDecoder;
use flate2::{Crc, CrcReader};

use super::error::shown;
use super::{ArchiveError, Kind, Metered, Walk};
use crate::format::Format;
use crate::names::PATH_LIMIT_BYTES;

const END_BYTES: usize = 22;
const CENTRAL_BYTES: usize = 46;
const LOCAL_BYTES: usize = 30;
/// Time stamps and Unix ids take some dozens of bytes.
const EXTRA_LIMIT_BYTES: u16 = 4096;
const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
const DESCRIPTOR: u16 = 1 << 3;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
const ZIP64_EXTRA: u16 = 1;
/// The Info-ZIP Unicode path, a second name.
const UNICODE_PATH_EXTRA: u16 = 0x7075;

/// One entry, as the central directory describes it.
struct Entry {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    offset: u64,
    mode: u32,
}

pub(super) fn walk<R: Read + Seek>(
    reader: R,
    size: u64,
    walk: &mut Walk<'_>,
) -> Result<(), ArchiveError> {
    let reader = Metered {
        inner: reader,
        meter: walk.meter,
    };
    let mut reader = BufReader::with_capacity(128 * 1024, SeekMetered(reader));
    let directory_at = find_directory(&mut reader, size, walk)?;
    let entries = read_directory(&mut reader, &directory_at, walk)?;

    seek(&mut reader, 0)?;
    let mut at = 0;
    for entry in &entries {
        if entry.offset != at {
            return Err(layout(entry));
        }
        at = read_entry(&mut reader, entry, at, walk)?;
        if at > directory_at.offset {
            return Err(layout(entry));
        }
    }
    if at != directory_at.offset {
        return Err(ArchiveError::Layout {
            path: "before the directory".to_owned(),
        });
    }
    Ok(())
}

/// Lets a [`Metered`] reader seek.
struct SeekMetered<'a, R>(Metered<'a, R>);

impl<R: Read> Read for SeekMetered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R: Seek> Seek for SeekMetered<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.inner.seek(to)
    }
}

fn seek(reader: &mut impl Seek, to: u64) -> Result<(), ArchiveError> {
    reader
        .seek(SeekFrom::Start(to))
        .map(drop)
        .map_err(ArchiveError::reading)
}

struct Directory {
    offset: u64,
    length: u64,
    entries: u16,
}

/// The end record stands at the very end; an archive comment could hide another one.
fn find_directory(
    reader: &mut (impl Read + Seek),
    size: u64,
    walk: &Walk<'_>,
) -> Result<Directory, ArchiveError> {
    let mut head = [0; 4];
    if size < END_BYTES as u64 {
        return Err(ArchiveError::Truncated);
    }
    exact(reader, &mut head)?;
    if Format::from_magic(&head) != Some(Format::Zip) {
        let format = Format::Zip;
        return Err(ArchiveError::WrongFormat { format });
    }
    seek(reader, size - END_BYTES as u64)?;
    let mut bytes = [0; END_BYTES];
    exact(reader, &mut bytes)?;
    let mut record = Fields(&bytes);
    if record.u32() != u32::from_le_bytes(*b"PK\x05\x06") {
        return Err(if has_end_record(reader, size)? {
            ArchiveError::TrailingData
        } else {
            ArchiveError::Truncated
        });
    }
    let (disk, directory_disk) = (record.u16(), record.u16());
    let (entries_here, entries) = (record.u16(), record.u16());
    let (length, offset) = (u64::from(record.u32()), u64::from(record.u32()));
    let comment = record.u16();
    let saturated =
        entries == u16::MAX || length == u64::from(u32::MAX) || offset == u64::from(u32::MAX);
    if disk != 0 || directory_disk != 0 || entries_here != entries || saturated {
        return Err(ArchiveError::Zip64);
    }
    if comment != 0 {
        return Err(ArchiveError::Truncated);
    }
    if offset + length != size - END_BYTES as u64 {
        return Err(ArchiveError::Layout {
            path: "the directory".to_owned(),
        });
    }
    if usize::from(entries) > walk.limits.entries {
        let limit = walk.limits.entries;
        return Err(ArchiveError::TooManyEntries { limit });
    }
    Ok(Directory {
        offset,
        length,
        entries,
    })
}

/// Whether an end record stands somewhere before the end, so that something was appended to a whole archive.
fn has_end_record(reader: &mut (impl Read + Seek), size: u64) -> Result<bool, ArchiveError> {
    const LONGEST_COMMENT: u64 = 65_535;
    let start = size.saturating_sub(END_BYTES as u64 + LONGEST_COMMENT);
    seek(reader, start)?;
    let mut tail = Vec::new();
    reader
        .read_to_end(&mut tail)
        .map_err(ArchiveError::reading)?;
    Ok(tail.windows(4).any(|window| window == b"PK\x05\x06"))
}

fn read_directory(
    reader: &mut (impl Read + Seek),
    directory: &Directory,
    walk: &Walk<'_>,
) -> Result<Vec<Entry>, ArchiveError> {
    seek(reader, directory.offset)?;
    let mut reader = reader.take(directory.length);
    let mut entries = Vec::new();
    for _ in 0..directory.entries {
        entries.push(read_central(&mut reader)?);
    }
    if reader.limit() != 0 {
        return Err(ArchiveError::damaged(
            "the directory is longer than its entries",
        ));
    }
    // Most zips claim their sizes honestly; the bomb that does is refused before anything is unpacked.
    let unpacked = entries
        .iter()
        .fold(0_u64, |sum, entry| sum.saturating_add(entry.size));
    if unpacked > walk.limits.unpacked_bytes {
        let limit = walk.limits.unpacked_bytes;
        return Err(ArchiveError::TooLargeUnpacked { limit });
    }
    Ok(entries)
}

fn read_central(reader: &mut impl Read) -> Result<Entry, ArchiveError> {
    let mut bytes = [0; CENTRAL_BYTES];
    exact(reader, &mut bytes)?;
    let mut fields = Fields(&bytes);
    if fields.u32() != u32::from_le_bytes(*b"PK\x01\x02") {
        return Err(ArchiveError::damaged(
            "an entry is missing in the directory",
        ));
    }
    let made_by = fields.u16();
    fields.skip(2); // version needed
    let (flags, method) = (fields.u16(), fields.u16());
    fields.skip(4); // time and date
    let crc = fields.u32();
    let (packed, size) = (u64::from(fields.u32()), u64::from(fields.u32()));
    let (name_length, extra_length, comment_length) = (fields.u16(), fields.u16(), fields.u16());
    let disk = fields.u16();
    fields.skip(2); // internal attributes
    let attributes = fields.u32();
    let offset = u64::from(fields.u32());

    let name = read_name(reader, name_length)?;
    check_extra(reader, extra_length, &name)?;
    if comment_length > EXTRA_LIMIT_BYTES {
        return Err(ArchiveError::damaged("a comment is too long"));
    }
    exact(reader, &mut vec![0; usize::from(comment_length)])?;
    if disk != 0 || [packed, size, offset].contains(&u64::from(u32::MAX)) {
        return Err(ArchiveError::Zip64);
    }
    const UNIX: u16 = 3;
    const MACOS: u16 = 19;
    let unix = matches!(made_by >> 8, UNIX | MACOS);
    Ok(Entry {
        name,
        flags,
        method,
        crc,
        packed,
        size,
        offset,
        // Some readers look at the mode whatever system is named, so a link is refused either way.
        mode: if unix || attributes >> 28 == 0xA {
            attributes >> 16
        } else {
            0
        },
    })
}

/// Reads one entry, whose local header is at `at`; answers where the next one has to begin.
fn read_entry(
    reader: &mut (impl BufRead + Seek),
    entry: &Entry,
    at: u64,
    walk: &mut Walk<'_>,
) -> Result<u64, ArchiveError> {
    let path = || shown(&entry.name);
    let header = local_header(reader, entry)?;
    if (entry.flags | header.flags) & ENCRYPTED != 0 {
        return Err(ArchiveError::Encrypted { path: path() });
    }
    if entry.method != STORED && entry.method != DEFLATED {
        return Err(ArchiveError::Compression { path: path() });
    }
    if entry.method == STORED
        && (entry.packed != entry.size || entry.flags & DESCRIPTOR != 0 && entry.size > 0)
    {
        // A streaming reader cannot know where such an entry ends.
        return Err(ArchiveError::HeadersDisagree { path: path() });
    }
    let data_at =
        at + LOCAL_BYTES as u64 + entry.name.len() as u64 + u64::from(header.extra_length);
    read_content(reader, entry, walk)?;
    seek_relative(reader, data_at + entry.packed)?;
    let descriptor = if entry.flags & DESCRIPTOR == 0 {
        0
    } else {
        read_descriptor(reader, entry)?
    };
    Ok(data_at + entry.packed + descriptor)
}

/// Where the content ends is known; the reader is there already unless the entry is a folder.
fn seek_relative(reader: &mut impl Seek, to: u64) -> Result<(), ArchiveError> {
    let here = reader.stream_position().map_err(ArchiveError::reading)?;
    if here == to {
        return Ok(());
    }
    Err(ArchiveError::damaged(
        "an entry has another length than the directory says",
    ))
}

struct LocalHeader {
    flags: u16,
    extra_length: u16,
}

fn local_header(reader: &mut impl Read, entry: &Entry) -> Result<LocalHeader, ArchiveError> {
    let mut bytes = [0; LOCAL_BYTES];
    exact(reader, &mut bytes)?;
    let mut fields = Fields(&bytes);
    if fields.u32() != u32::from_le_bytes(*b"PK\x03\x04") {
        return Err(layout(entry));
    }
    fields.skip(2); // version needed
    let (flags, method) = (fields.u16(), fields.u16());
    fields.skip(4); // time and date
    let crc = fields.u32();
    let (packed, size) = (u64::from(fields.u32()), u64::from(fields.u32()));
    let (name_length, extra_length) = (fields.u16(), fields.u16());
    let name = read_name(reader, name_length)?;
    check_extra(reader, extra_length, &name)?;

    let told = (crc, packed, size);
    let right = told == (entry.crc, entry.packed, entry.size);
    // With a descriptor, the numbers come after the content, and may be zero here.
    let later = flags & DESCRIPTOR != 0 && told == (0, 0, 0);
    if name != entry.name
        || method != entry.method
        || flags & DESCRIPTOR != entry.flags & DESCRIPTOR
        || !(right || later)
    {
        return Err(ArchiveError::HeadersDisagree {
            path: shown(&entry.name),
        });
    }
    Ok(LocalHeader {
        flags,
        extra_length,
    })
}

fn read_content(
    reader: &mut impl BufRead,
    entry: &Entry,
    walk: &mut Walk<'_>,
) -> Result<(), ArchiveError> {
    const TYPE: u32 = 0o170_000;
    const FILE: u32 = 0o100_000;
    const FOLDER: u32 = 0o040_000;
    const LINK: u32 = 0o120_000;
    let path = || shown(&entry.name);
    let is_folder = entry.name.ends_with(b"/");
    match entry.mode & TYPE {
        LINK => return Err(ArchiveError::Link { path: path() }),
        0 => {}
        FILE if !is_folder => {}
        FOLDER if is_folder => {}
        _ => return Err(ArchiveError::SpecialFile { path: path() }),
    }
    if is_folder {
        if entry.size != 0 {
            return Err(ArchiveError::SpecialFile { path: path() });
        }
        walk.enter(&entry.name, Kind::Folder)?;
        // Some archivers deflate even nothing.
        let mut packed = reader.take(entry.packed);
        return io::copy(&mut packed, &mut io::sink())
            .map(drop)
            .map_err(ArchiveError::reading);
    }
    let name = walk.enter(&entry.name, Kind::File)?;
    let mut packed = reader.take(entry.packed);
    let crc = if entry.method == STORED {
        content(name, entry, &mut packed, walk)?
    } else {
        let mut plain = DeflateDecoder::new(&mut packed);
        content(name, entry, &mut plain, walk)?
    };
    if packed.limit() != 0 {
        return Err(ArchiveError::damaged("an entry is longer than its content"));
    }
    if crc != entry.crc {
        return Err(ArchiveError::damaged(format!(
            "the checksum of {} is wrong",
            path()
        )));
    }
    Ok(())
}

/// Hands the content to the walk, makes sure that it ends there, and answers its checksum.
fn content(
    name: String,
    entry: &Entry,
    plain: impl Read,
    walk: &mut Walk<'_>,
) -> Result<u32, ArchiveError> {
    let mut plain = CrcReader::new(plain);
    walk.file(name, entry.size, &mut plain)?;
    let crc: &Crc = plain.crc();
    let sum = crc.sum();
    match plain.read(&mut [0; 1]) {
        Ok(0) => Ok(sum),
        Ok(_) => Err(ArchiveError::HeadersDisagree {
            path: shown(&entry.name),
        }),
        Err(error) => Err(ArchiveError::reading(error)),
    }
}

/// The numbers after the content, with or without a signature; answers their length.
fn read_descriptor(reader: &mut impl Read, entry: &Entry) -> Result<u64, ArchiveError> {
    let mut first = [0; 4];
    exact(reader, &mut first)?;
    let signed = first == *b"PK\x07\x08";
    if signed {
        exact(reader, &mut first)?;
    }
    let mut sizes = [0; 8];
    exact(reader, &mut sizes)?;
    let mut fields = Fields(&sizes);
    let told = (
        u32::from_le_bytes(first),
        u64::from(fields.u32()),
        u64::from(fields.u32()),
    );
    if told != (entry.crc, entry.packed, entry.size) {
        return Err(ArchiveError::HeadersDisagree {
            path: shown(&entry.name),
        });
    }
    Ok(if signed { 16 } else { 12 })
}

fn read_name(reader: &mut impl Read, length: u16) -> Result<Vec<u8>, ArchiveError> {
    let mut name = vec![0; usize::from(length).min(PATH_LIMIT_BYTES + 3)];
    exact(reader, &mut name)?;
    if name.len() < usize::from(length) {
        return Err(ArchiveError::name(&name, crate::names::NameError::TooLong));
    }
    Ok(name)
}

/// Extra fields are skipped, but for those that change what the entry is.
fn check_extra(reader: &mut impl Read, length: u16, name: &[u8]) -> Result<(), ArchiveError> {
    if length > EXTRA_LIMIT_BYTES {
        return Err(ArchiveError::damaged("an extra field is too long"));
    }
    let mut extra = vec![0; usize::from(length)];
    exact(reader, &mut extra)?;
    let mut fields = Fields(&extra);
    while fields.0.len() >= 4 {
        let (id, length) = (fields.u16(), fields.u16());
        match id {
            ZIP64_EXTRA => return Err(ArchiveError::Zip64),
            UNICODE_PATH_EXTRA => {
                let path = shown(name);
                return Err(ArchiveError::HeadersDisagree { path });
            }
            _ => fields.skip(usize::from(length)),
        }
    }
    Ok(())
}

fn exact(reader: &mut impl Read, buffer: &mut [u8]) -> Result<(), ArchiveError> {
    reader.read_exact(buffer).map_err(ArchiveError::reading)
}

fn layout(entry: &Entry) -> ArchiveError {
    ArchiveError::Layout {
        path: shown(&entry.name),
    }
}

/// Little-endian numbers, one after the other; zeros beyond the end.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        if let Some((head, tail)) = self.0.split_at_checked(N) {
            array.copy_from_slice(head);
            self.0 = tail;
        } else {
            self.0 = &[];
        }
        array
    }

    fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.array())
    }

    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }

    fn skip(&mut self, count: usize) {
        self.0 = self.0.get(count..).unwrap_or_default();
    }
}
