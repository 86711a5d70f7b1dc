//! Small web builds, made as bundlers make them.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A folder with `index.html`, scripts, styles and images. The same seed gives the same bytes. Removed when dropped.
#[derive(Debug)]
pub struct WebBuild {
    home: TempDir,
    seed: u64,
    image_bytes: usize,
}

/// Enough for a request to be quick and for a bundle to have more than one block.
const IMAGE_BYTES: usize = 24 * 1024;

impl WebBuild {
    /// A build of about 100 KB in eight files.
    pub fn new(seed: u64) -> Self {
        Self::with_image(seed, IMAGE_BYTES)
    }

    /// A build whose bundle has about `bytes`: an image in it does not compress.
    pub fn large(seed: u64, bytes: usize) -> Self {
        Self::with_image(seed, bytes)
    }

    fn with_image(seed: u64, image_bytes: usize) -> Self {
        let home = tempfile::Builder::new()
            .prefix("switchtower-dist-")
            .tempdir()
            .expect("a folder can be made");
        let build = Self {
            home,
            seed,
            image_bytes,
        };
        build.fill();
        build
    }

    /// The next version of it: another entry page, another script, the same library, styles and images.
    #[must_use]
    pub fn changed(&self) -> Self {
        let mut next = Self::with_image(self.seed, self.image_bytes);
        fs_err::remove_file(next.path().join(next.script_name())).expect("the script is there");
        next.seed = self.seed.wrapping_add(1);
        next.write_app();
        next
    }

    /// The folder.
    pub fn path(&self) -> PathBuf {
        self.home.path().join("dist")
    }

    /// A text that only this build's entry page has.
    pub fn title(&self) -> String {
        format!("Tidepool build {}", self.seed)
    }

    /// Writes one more file, or another content of one that is there.
    pub fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        let folder = path.parent().expect("a file is in a folder");
        fs_err::create_dir_all(folder).expect("a folder can be made");
        fs_err::write(path, content).expect("a file can be written");
    }

    /// Removes a file.
    pub fn remove(&self, path: impl AsRef<Path>) {
        fs_err::remove_file(self.path().join(path)).expect("the file is there");
    }

    /// The name of the script that changes with every build, as bundlers name it: by its content.
    fn script_name(&self) -> String {
        format!(
            "assets/index-{:08x}.js",
            Random(self.seed).next() & 0xffff_ffff
        )
    }

    fn fill(&self) {
        self.write_app();
        let mut random = Random(7);
        self.write("assets/vendor-2f8a11c0.js", script(&mut random, 400));
        self.write("assets/index-91be77d2.css", styles());
        self.write("favicon.svg", "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'><circle cx='4' cy='4' r='3'/></svg>\n");
        self.write("images/harbour.png", image(&mut random, self.image_bytes));
        self.write(
            "locales/de.json",
            r#"{"tides":"Gezeiten","low":"Ebbe","high":"Flut"}"#,
        );
        self.write(
            "manifest.webmanifest",
            r#"{"name":"Tidepool","display":"standalone","start_url":"./"}"#,
        );
    }

    fn write_app(&self) {
        let (title, script_name) = (self.title(), self.script_name());
        self.write(
            "index.html",
            format!(
                "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
                 <link rel=\"icon\" href=\"./favicon.svg\">\n<link rel=\"stylesheet\" href=\"./assets/index-91be77d2.css\">\n\
                 <script type=\"module\" src=\"./{script_name}\"></script>\n</head>\n\
                 <body><div id=\"app\"></div></body>\n</html>\n"
            ),
        );
        let mut random = Random(self.seed);
        self.write(&script_name, script(&mut random, 300));
    }
}

fn script(random: &mut Random, functions: usize) -> String {
    let lines: Vec<_> = (0..functions)
        .map(|number| {
            let (a, b) = (random.next() % 9973, random.next() % 997);
            format!("function f{number}(x){{return (x*{a}+{b})%65521}}export{{f{number}}};")
        })
        .collect();
    lines.join("\n")
}

fn styles() -> String {
    let lines: Vec<_> = (0..120)
        .map(|number| format!(".t{number}{{padding:{number}px;margin:0 {number}px}}"))
        .collect();
    lines.join("\n")
}

/// The head of a PNG and bytes that no compressor makes smaller.
fn image(random: &mut Random, bytes: usize) -> Vec<u8> {
    let mut image = b"\x89PNG\r\n\x1a\n".to_vec();
    while image.len() < bytes {
        image.extend(random.next().to_le_bytes());
    }
    image
}

/// `SplitMix64`: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(build: &WebBuild) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files: Vec<_> = walkdir::WalkDir::new(build.path())
            .into_iter()
            .map(|entry| entry.unwrap().into_path())
            .filter(|path| path.is_file())
            .map(|path| {
                (
                    path.strip_prefix(build.path()).unwrap().to_owned(),
                    fs_err::read(&path).unwrap(),
                )
            })
            .collect();
        files.sort();
        files
    }

    #[test]
    fn the_same_seed_gives_the_same_files() {
        assert_eq!(read(&WebBuild::new(3)), read(&WebBuild::new(3)));
        assert_ne!(read(&WebBuild::new(3)), read(&WebBuild::new(4)));
    }

    #[test]
    fn a_changed_build_keeps_what_did_not_change() {
        let first = WebBuild::new(3);
        let (before, after) = (read(&first), read(&first.changed()));
        assert_eq!(before.len(), after.len());
        let same = before.iter().filter(|file| after.contains(file)).count();
        assert_eq!(same, before.len() - 2, "the entry page and one script");
    }
}
