//! A disk that is full whenever a test wants it to be.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A file system in memory. Mounting one takes root; where that is not allowed, the test fails and says so. Unmounted
/// when dropped.
#[derive(Debug)]
pub struct TinyDisk {
    place: TempDir,
}

impl TinyDisk {
    /// A disk of this many kibibytes.
    pub fn mount(kibibytes: u32) -> Self {
        let place = tempfile::Builder::new()
            .prefix("switchtower-disk-")
            .tempdir()
            .expect("a folder can be made");
        let mounted = Command::new("mount")
            .args([
                "-t",
                "tmpfs",
                "-o",
                &format!("size={kibibytes}k"),
                "switchtower-test",
            ])
            .arg(place.path())
            .output()
            .expect("`mount` can be started");
        assert!(
            mounted.status.success(),
            "this test needs to mount a small file system: run it as root (for example in a container with \
             --cap-add=SYS_ADMIN). mount said: {}",
            String::from_utf8_lossy(&mounted.stderr)
        );
        Self { place }
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        self.place.path()
    }

    /// Takes all room but about this many bytes. Removing the file gives it back.
    pub fn fill(&self, but_bytes: u64) -> PathBuf {
        use std::io::Write as _;

        let path = self.path().join("filler");
        let mut file = fs_err::File::create(&path).expect("a file can be made");
        while file.write_all(&[1; 4096]).is_ok() {}
        let length = file.metadata().expect("a file has a length").len();
        file.set_len(length.saturating_sub(but_bytes))
            .expect("a file can be shortened");
        path
    }
}

impl Drop for TinyDisk {
    fn drop(&mut self) {
        // Lazily: the server of a failed test may still hold files. What cannot be unmounted goes with the machine.
        drop(
            Command::new("umount")
                .arg("--lazy")
                .arg(self.place.path())
                .output(),
        );
    }
}
