//! Linux: the portal of the desktop, and zenity where there is none. Neither is everywhere, so what opened nothing is
//! never taken for a person who changed their mind.

use std::path::PathBuf;

use super::{Question, portal, zenity};
use crate::model::NoPicker;

pub(super) async fn ask(question: &Question) -> Result<Option<PathBuf>, NoPicker> {
    let portal = match portal::ask(question).await {
        Ok(picked) => return Ok(picked),
        Err(why) => why,
    };
    tracing::info!("No dialog of the portal. {portal:#}");
    let zenity = match zenity::ask(question).await {
        Ok(picked) => return Ok(picked),
        Err(why) => why,
    };
    tracing::warn!("No dialog for files could be opened. {portal:#}, and {zenity}");
    Err(NoPicker {
        why: format!("{portal}, and {zenity}"),
        install: fs_err::read_to_string("/etc/os-release")
            .ok()
            .and_then(|os_release| install_command(&os_release)),
    })
}

/// How zenity is installed on the system that this `os-release` describes. The portal would need a new session; zenity
/// works at once.
fn install_command(os_release: &str) -> Option<String> {
    let value = |key: &str| {
        os_release
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
            .map(|value| value.trim().trim_matches(['"', '\'']))
            .unwrap_or_default()
    };
    // The system itself, then those it descends from, the nearest first.
    let names = value("ID")
        .split_whitespace()
        .chain(value("ID_LIKE").split_whitespace());
    let command = names.into_iter().find_map(|name| match name {
        "debian" | "ubuntu" => Some("apt install"),
        "fedora" | "rhel" | "centos" => Some("dnf install"),
        "arch" => Some("pacman -S"),
        "suse" | "opensuse" => Some("zypper install"),
        "alpine" => Some("apk add"),
        "void" => Some("xbps-install"),
        _ => None,
    })?;
    Some(format!("sudo {command} zenity"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_the_one_of_the_system_or_of_its_family() {
        for (os_release, command) in [
            (
                "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nID=debian\n",
                Some("sudo apt install zenity"),
            ),
            (
                "NAME=\"Linux Mint\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n",
                Some("sudo apt install zenity"),
            ),
            (
                "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n",
                Some("sudo dnf install zenity"),
            ),
            (
                "ID='opensuse-tumbleweed'\nID_LIKE=\"opensuse suse\"\n",
                Some("sudo zypper install zenity"),
            ),
            (
                "ID=endeavouros\nID_LIKE=\"arch\"\n",
                Some("sudo pacman -S zenity"),
            ),
            // A wrong command is worse than none.
            ("ID=nixos\n", None),
            ("", None),
        ] {
            assert_eq!(
                install_command(os_release).as_deref(),
                command,
                "{os_release}"
            );
        }
    }
}
