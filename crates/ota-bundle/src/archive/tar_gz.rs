//! `.tar.gz`, strictly: one gzip member, regular files and folders.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;
use tar::{Archive, EntryType, PaxExtensions};

use super::error::shown;
use super::{ArchiveError, Kind, Metered, Walk};
use crate::format::Format;
use crate::names::PATH_LIMIT_BYTES;

/// Pax headers hold times, owners and attributes besides the name; what macOS writes has some kilobytes.
const PAX_LIMIT_BYTES: u64 = 64 * 1024;
/// Archivers fill the last record with zeros: usually 10 KiB, never more than this.
const PADDING_LIMIT_BYTES: u64 = 1024 * 1024;

pub(super) fn walk<R: Read>(reader: R, walk: &mut Walk<'_>) -> Result<(), ArchiveError> {
    let reader = Metered {
        inner: reader,
        meter: walk.meter,
    };
    let mut packed = BufReader::with_capacity(128 * 1024, reader);
    let head = packed.fill_buf().map_err(ArchiveError::reading)?;
    if head.is_empty() {
        return Err(ArchiveError::Truncated);
    }
    if Format::from_magic(head) != Some(Format::TarGz) {
        let format = Format::TarGz;
        return Err(ArchiveError::WrongFormat { format });
    }

    let mut archive = Archive::new(GzDecoder::new(packed));
    entries(&mut archive, walk)?;
    let mut gzip = archive.into_inner();
    only_padding(&mut gzip)?;
    no_second_member(gzip.into_inner())
}

/// The entries are read "raw": the extensions that rename the next entry are understood here, with a limit on their
/// size, since the tar crate would read them into memory whole.
fn entries<R: Read>(archive: &mut Archive<R>, walk: &mut Walk<'_>) -> Result<(), ArchiveError> {
    let mut long_name: Option<Vec<u8>> = None;
    let mut extensions_in_a_row = 0;
    for entry in archive.entries().map_err(ArchiveError::reading)?.raw(true) {
        let mut entry = entry.map_err(ArchiveError::reading)?;
        let size = entry.header().entry_size().map_err(ArchiveError::reading)?;
        let kind = entry.header().entry_type();

        extensions_in_a_row += 1;
        match kind {
            EntryType::GNULongName => long_name = Some(gnu_name(&mut entry, size)?),
            EntryType::XHeader => {
                if let Some(name) = pax_name(&mut entry, size)? {
                    long_name = Some(name);
                }
            }
            EntryType::XGlobalHeader => {
                if pax_name(&mut entry, size)?.is_some() {
                    return Err(ArchiveError::damaged("a global header names a file"));
                }
            }
            _ => {
                extensions_in_a_row = 0;
                let name = long_name
                    .take()
                    .unwrap_or_else(|| entry.path_bytes().into_owned());
                plain_entry(kind, &name, size, &mut entry, walk)?;
            }
        }
        // At most a global header, an extended one and a long name belong to one file.
        if extensions_in_a_row > 4 {
            return Err(ArchiveError::damaged(
                "headers follow one another without a file",
            ));
        }
    }
    if long_name.is_some() {
        return Err(ArchiveError::Truncated);
    }
    Ok(())
}

fn plain_entry(
    kind: EntryType,
    name: &[u8],
    size: u64,
    content: &mut dyn Read,
    walk: &mut Walk<'_>,
) -> Result<(), ArchiveError> {
    let path = shown(name);
    match kind {
        // Before POSIX, a folder was a file whose name ends with a slash.
        EntryType::Regular if !name.ends_with(b"/") => {
            let path = walk.enter(name, Kind::File)?;
            walk.file(path, size, content)
        }
        EntryType::Regular | EntryType::Directory if size == 0 => {
            if is_root(name) {
                return Ok(());
            }
            walk.enter(name, Kind::Folder).map(drop)
        }
        EntryType::Symlink | EntryType::Link | EntryType::GNULongLink => {
            Err(ArchiveError::Link { path })
        }
        _ => Err(ArchiveError::SpecialFile { path }),
    }
}

/// `./`, which `tar -C dist .` writes first.
fn is_root(name: &[u8]) -> bool {
    matches!(name, b"." | b"./")
}

fn gnu_name(entry: &mut dyn Read, size: u64) -> Result<Vec<u8>, ArchiveError> {
    let mut name = read_extension(entry, size, PATH_LIMIT_BYTES as u64 + 3)?;
    if name.last() == Some(&0) {
        name.pop();
    }
    Ok(name)
}

/// The name in a pax header. Sizes in pax headers are for files beyond 8 GiB: refused, since readers that ignore them
/// would see other files.
fn pax_name(entry: &mut dyn Read, size: u64) -> Result<Option<Vec<u8>>, ArchiveError> {
    let records = read_extension(entry, size, PAX_LIMIT_BYTES)?;
    let mut name = None;
    for record in PaxExtensions::new(&records) {
        let record = record.map_err(ArchiveError::reading)?;
        match record.key_bytes() {
            b"path" => name = Some(record.value_bytes().to_vec()),
            b"size" => return Err(ArchiveError::damaged("a size is given twice")),
            b"linkpath" => {
                let path = shown(record.value_bytes());
                return Err(ArchiveError::Link { path });
            }
            key if key.starts_with(b"GNU.sparse.") => {
                let path = "a sparse file".to_owned();
                return Err(ArchiveError::SpecialFile { path });
            }
            _ => {}
        }
    }
    Ok(name)
}

fn read_extension(entry: &mut dyn Read, size: u64, limit: u64) -> Result<Vec<u8>, ArchiveError> {
    if size > limit {
        return Err(ArchiveError::damaged("a header is too long"));
    }
    let mut bytes = Vec::new();
    entry
        .read_to_end(&mut bytes)
        .map_err(ArchiveError::reading)?;
    if (bytes.len() as u64) < size {
        return Err(ArchiveError::Truncated);
    }
    Ok(bytes)
}

/// After the last entry, nothing but zeros. Reading on to the end also checks the checksum of the gzip member.
fn only_padding(gzip: &mut dyn Read) -> Result<(), ArchiveError> {
    let mut buffer = [0; 4096];
    let mut total = 0;
    loop {
        let count = match gzip.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(ArchiveError::reading(error)),
        };
        total += count as u64;
        let zeros = buffer.iter().take(count).all(|byte| *byte == 0);
        if !zeros || total > PADDING_LIMIT_BYTES {
            return Err(ArchiveError::TrailingData);
        }
    }
}

fn no_second_member(mut packed: impl BufRead) -> Result<(), ArchiveError> {
    let rest = packed.fill_buf().map_err(ArchiveError::reading)?;
    if rest.is_empty() {
        Ok(())
    } else if Format::from_magic(rest) == Some(Format::TarGz) {
        Err(ArchiveError::SecondGzipMember)
    } else {
        Err(ArchiveError::TrailingData)
    }
}
