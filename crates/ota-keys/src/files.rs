//! Writing files so that they are there whole or not at all.

use std::fs::DirBuilder;
use std::io::{self, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::error::KeyError;

/// Writes a new file, readable by its owner only, and on disk when this returns. Never overwrites.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
    let failed = |source| KeyError::WriteFile {
        path: path.to_owned(),
        source,
    };
    match write_beside(path, bytes)
        .map_err(failed)?
        .persist_noclobber(path)
    {
        Ok(_) => sync_folder_of(path).map_err(failed),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            Err(KeyError::FileExists {
                path: path.to_owned(),
            })
        }
        Err(error) => Err(failed(error.error)),
    }
}

/// The same in place of what was there.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
    let failed = |source| KeyError::WriteFile {
        path: path.to_owned(),
        source,
    };
    write_beside(path, bytes)
        .map_err(failed)?
        .persist(path)
        .map_err(|error| failed(error.error))?;
    sync_folder_of(path).map_err(failed)
}

/// Removes a file, if it is there.
pub(crate) fn remove(path: &Path) -> Result<(), KeyError> {
    match fs_err::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(KeyError::WriteFile {
            path: path.to_owned(),
            source: error,
        }),
        _ => Ok(()),
    }
}

/// Gives a file another name in its folder.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), KeyError> {
    let failed = |source| KeyError::WriteFile {
        path: to.to_owned(),
        source,
    };
    fs_err::rename(from, to).map_err(failed)?;
    sync_folder_of(to).map_err(failed)
}

/// Makes a folder that others cannot look into, unless it is there.
pub(crate) fn create_folder(folder: &Path) -> Result<(), KeyError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder
        .create(folder)
        .map_err(|source| KeyError::WriteFile {
            path: folder.to_owned(),
            source,
        })
}

pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

fn write_beside(path: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new_in(folder_of(path))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// A new name is on disk only when its folder is. Windows cannot flush a folder, and need not: NTFS logs names.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        fs_err::File::open(folder_of(path))?.sync_all()
    } else {
        Ok(())
    }
}
