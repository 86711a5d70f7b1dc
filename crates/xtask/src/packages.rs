//! The Debian packages that building and testing need beyond the Rust toolchain.

use std::process::Command;

use anyhow::{Context as _, bail};

use crate::plan::{Outcome, say};
use crate::workspace::{answers, perform};

/// Packages that are needed for one purpose.
#[derive(Debug)]
struct Group {
    purpose: &'static str,
    packages: &'static [&'static str],
}

/// The first groups are what building the app and opening its window take.
const FOR_THE_APP: usize = 2;

const GROUPS: &[Group] = &[
    Group {
        purpose: "building",
        packages: &["build-essential", "pkg-config", "ca-certificates"],
    },
    Group {
        purpose: "a window",
        packages: &[
            "libgl1",
            "libegl1",
            "libgl1-mesa-dri",
            "libegl-mesa0",
            "libx11-xcb1",
            "libxkbcommon-x11-0",
            "libxcursor1",
            "libxi6",
            "libxrandr2",
        ],
    },
    Group {
        purpose: "a window without a display, and pictures of it",
        packages: &[
            "xvfb",
            "openbox",
            "xdotool",
            "x11-utils",
            "imagemagick",
            "fonts-dejavu-core",
            "mesa-vulkan-drivers",
            "libvulkan1",
        ],
    },
    Group {
        purpose: "reading and driving the window through AT-SPI, and dropping folders on it",
        packages: &[
            "dbus",
            "at-spi2-core",
            "gir1.2-atspi-2.0",
            "python3",
            "python3-gi",
            "python3-xlib",
        ],
    },
    Group {
        purpose: "the system's dialogs for files",
        packages: &["zenity", "xdg-desktop-portal", "xdg-desktop-portal-gtk"],
    },
    Group {
        purpose: "the OS keyring",
        packages: &["gnome-keyring", "libsecret-tools"],
    },
    Group {
        purpose: "the real Tauri client",
        packages: &["libwebkit2gtk-4.1-dev", "libssl-dev", "librsvg2-dev"],
    },
    Group {
        purpose: "walking and probing the server's APIs",
        packages: &["curl", "python3-venv"],
    },
    Group {
        purpose: "checking signatures with the minisign program",
        packages: &["minisign"],
    },
];

/// Installs what is missing, or says how.
pub(crate) fn install() -> anyhow::Result<Outcome> {
    // Node's package manager only when there is none by other means.
    let npm: &[&str] = if answers("npm", &["--version"]) {
        &[]
    } else {
        &["nodejs", "npm"]
    };
    install_groups(GROUPS, npm)
}

/// Installs what building the app and opening its window take.
pub(crate) fn install_for_the_app() -> anyhow::Result<Outcome> {
    install_groups(GROUPS.get(..FOR_THE_APP).unwrap_or(GROUPS), &[])
}

fn install_groups(groups: &[Group], more: &[&'static str]) -> anyhow::Result<Outcome> {
    if cfg!(not(target_os = "linux")) {
        say("   system packages are looked after on Debian and Ubuntu only");
        return Ok(Outcome::Skipped);
    }
    if !answers("dpkg-query", &["--version"]) {
        say(
            "   this is not Debian or Ubuntu: install what these packages hold by your own package manager",
        );
        for group in groups {
            say(&format!(
                "   {}: {}",
                group.purpose,
                group.packages.join(" ")
            ));
        }
        return Ok(Outcome::Skipped);
    }

    let in_groups = groups.iter().flat_map(|group| group.packages);
    let wanted: Vec<_> = in_groups.chain(more).copied().collect();
    let missing = missing(&wanted, &installed(&wanted)?);
    if missing.is_empty() {
        say(&format!("   all {} packages are there", wanted.len()));
        return Ok(Outcome::Done);
    }
    say(&format!("   missing: {}", missing.join(" ")));
    if answers("sh", &["-c", "test \"$(id -u)\" = 0"]) {
        apt(&[], &missing)
    } else if answers("sudo", &["-n", "true"]) {
        apt(&["sudo", "-n"], &missing)
    } else {
        bail!(
            "system packages are missing and this account may not install them. Run:\n  sudo apt-get install --no-install-recommends {}",
            missing.join(" ")
        )
    }
}

/// The status lines of `dpkg-query` for these packages.
fn installed(wanted: &[&str]) -> anyhow::Result<String> {
    // It fails when a package is unknown to it, which is an answer, too.
    let output = Command::new("dpkg-query")
        .args([
            "--show",
            "--showformat",
            "${db:Status-Abbrev} ${binary:Package}\n",
        ])
        .args(wanted)
        .output()
        .context("could not ask dpkg-query")?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What is wanted and not listed as installed. Lines look like `ii  libgl1:amd64`.
fn missing<'a>(wanted: &[&'a str], status_lines: &str) -> Vec<&'a str> {
    let installed: Vec<_> = status_lines
        .lines()
        .filter_map(|line| line.strip_prefix("ii "))
        .map(|name| name.trim().split(':').next().unwrap_or_default())
        .collect();
    wanted
        .iter()
        .copied()
        .filter(|package| !installed.contains(package))
        .collect()
}

fn apt(prefix: &[&str], packages: &[&str]) -> anyhow::Result<Outcome> {
    let apt = |args: &[&str]| {
        let words: Vec<_> = prefix
            .iter()
            .chain(&[
                "env",
                "DEBIAN_FRONTEND=noninteractive",
                "apt-get",
                "-q",
                "-y",
            ])
            .chain(args)
            .copied()
            .collect();
        let (program, rest) = words.split_first().context("an empty command")?;
        perform(Command::new(program).args(rest))
    };
    apt(&["update"])?;
    apt(&[&["install", "--no-install-recommends"], packages].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_counts_as_installed_only_when_dpkg_says_so() {
        let lines = "ii  xvfb\nii  libgl1:amd64\nrc  openbox\nun  minisign\n";

        let missing = missing(&["xvfb", "libgl1", "openbox", "minisign", "dbus"], lines);

        assert_eq!(missing, ["openbox", "minisign", "dbus"]);
    }

    #[test]
    fn running_the_app_takes_no_virtual_screen() {
        let groups = GROUPS[..FOR_THE_APP].iter().map(|group| group.purpose);

        assert_eq!(groups.collect::<Vec<_>>(), ["building", "a window"]);
    }

    #[test]
    fn no_package_is_listed_twice() {
        let mut all: Vec<_> = GROUPS.iter().flat_map(|group| group.packages).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();

        assert_eq!(all.len(), count);
    }
}
