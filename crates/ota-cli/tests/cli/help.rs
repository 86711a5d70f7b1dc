//! What each command says of itself.

use insta::assert_snapshot;

use crate::support::{program, run};

fn help(command: &str) -> String {
    let mut program = program();
    program
        .args(command.split_whitespace())
        .arg("--help")
        .env("COLUMNS", "100");
    let ran = run(program).ok();
    assert!(ran.err.is_empty(), "{ran}");
    ran.out
}

#[test]
fn the_program_names_its_commands() {
    assert_snapshot!(help(""), @r"
    Publish web builds and installers to devices, promote them, and take them back

    Usage: switchtowerctl [OPTIONS] <COMMAND>

    Commands:
      app             Make and list apps
      key             Make, keep and trust signing keys
      capgo-key       Make and keep keys that encrypt bundles for Capgo clients
      bundle          Check a folder and pack it as devices get it
      publish         Check, pack, sign and upload a folder, and offer it on a channel
      publish-native  Check, sign where needed and upload installers, and offer them on a channel
      promote         Offer on a channel what another one offers: same bytes, same signature
      rollback        Take a channel back to an earlier release, or to the assets built into each binary
      recall          Never offer a release again, on any channel
      connect         What to put into an app so that it asks this server, and whether a device has
      status          What each channel of an app offers
      activity        What was done, and whether the log is whole
      completions     Print a completion script
      help            Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help
      -V, --version  Print version

    Everywhere:
          --server <URL>       Address of the server, such as `https://ota.example.net` [env:
                               SWITCHTOWER_SERVER]
          --token-file <FILE>  File with the access token; `SWITCHTOWER_TOKEN` if absent
          --json               Print JSON
      -q, --quiet              Print no progress and no notes

    The server's address comes from --server or SWITCHTOWER_SERVER, the access token from --token-file
    or SWITCHTOWER_TOKEN.

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by the server, 4 server unreachable.
    ");
}

#[test]
fn publish_and_bundle() {
    assert_snapshot!(help("publish"), @r"
    Check, pack, sign and upload a folder, and offer it on a channel

    Usage: switchtowerctl publish [OPTIONS] --app <APP> --channel <CHANNEL> --version <VERSION> --min-binary-version <VERSION> --key <KEY> <DIR>

    Arguments:
      <DIR>  The folder that your build writes, or a .tar.gz or .zip of it

    Options:
          --app <APP>                     Of which app
          --channel <CHANNEL>             Where it goes live
          --version <VERSION>             Unique within the app, such as 2.5.0-ota.3
          --min-binary-version <VERSION>  The oldest binary that can run it
          --max-binary-version <VERSION>  The first binary that can no longer run it
          --key <KEY>                     Name of a key in the OS keyring, or path of a minisign key
                                          file
          --password-env <VARIABLE>       Variable with the password of the key file;
                                          `SWITCHTOWER_KEY_PASSWORD` or a prompt if absent
          --capgo-key <KEY>               Name of a Capgo key in the OS keyring, or path of its PEM
                                          file; if absent, the one that belongs to the app
          --notes <TEXT>                  What changed, in Markdown
          --notes-file <FILE>             File with what changed, in Markdown
          --leave-out <PATH>              Leave out a file or a folder, as the checks name it; may be
                                          repeated
          --strict                        Refuse also what the checks leave to you
      -h, --help                          Print help

    Everywhere:
          --server <URL>       Address of the server, such as `https://ota.example.net` [env:
                               SWITCHTOWER_SERVER]
          --token-file <FILE>  File with the access token; `SWITCHTOWER_TOKEN` if absent
          --json               Print JSON
      -q, --quiet              Print no progress and no notes
    ");
    assert_snapshot!(help("bundle"), @r"
    Check a folder and pack it as devices get it

    Usage: switchtowerctl bundle [OPTIONS] --output <FILE> <DIR>

    Arguments:
      <DIR>  The folder that your build writes, or a .tar.gz or .zip of it

    Options:
      -o, --output <FILE>     The bundle; its ending, .tar.gz or .zip, chooses the format
          --leave-out <PATH>  Leave out a file or a folder, as the checks name it; may be repeated
          --strict            Refuse also what the checks leave to you
      -h, --help              Print help

    Everywhere:
          --server <URL>       Address of the server, such as `https://ota.example.net` [env:
                               SWITCHTOWER_SERVER]
          --token-file <FILE>  File with the access token; `SWITCHTOWER_TOKEN` if absent
          --json               Print JSON
      -q, --quiet              Print no progress and no notes
    ");
}

#[test]
fn publish_native() {
    assert_snapshot!(help("publish-native"), @r"
    Check, sign where needed and upload installers, and offer them on a channel

    Usage: switchtowerctl publish-native [OPTIONS] --app <APP> --channel <CHANNEL> --version <VERSION> [PATHS]...

    Arguments:
      [PATHS]...  Tauri's target/release/bundle folder, or installers from it; their .sig files are
                  found beside them

    Options:
          --app <APP>                Of which app
          --channel <CHANNEL>        Where they go live
          --version <VERSION>        The version that the installers install
          --min-version <VERSION>    The oldest version that may update to it directly; all may if
                                     absent
          --platform <KEY=FILE>      An installer for a platform that its name does not tell, such as
                                     darwin-universal=Acme.app.tar.gz; may be repeated
          --key <KEY>                For installers without a .sig file: name of a key in the OS
                                     keyring, or path of a minisign key file
          --password-env <VARIABLE>  Variable with the password of the key file;
                                     `SWITCHTOWER_KEY_PASSWORD` or a prompt if absent
          --notes <TEXT>             What changed, in Markdown
          --notes-file <FILE>        File with what changed, in Markdown
      -h, --help                     Print help

    Everywhere:
          --server <URL>       Address of the server, such as `https://ota.example.net` [env:
                               SWITCHTOWER_SERVER]
          --token-file <FILE>  File with the access token; `SWITCHTOWER_TOKEN` if absent
          --json               Print JSON
      -q, --quiet              Print no progress and no notes
    ");
}

#[test]
fn what_changes_a_channel() {
    assert_snapshot!(help("promote"), @r"
    Offer on a channel what another one offers: same bytes, same signature

    Usage: switchtowerctl promote [OPTIONS] --app <APP> --from <CHANNEL> --to <CHANNEL>

    Options:
          --app <APP>        Of which app
          --from <CHANNEL>   The channel that offers it
          --to <CHANNEL>     The channel that is to offer it
          --reason <REASON>  Why; kept in the activity log
          --native           The installers that it offers, instead of the web bundle
      -h, --help             Print help

    Everywhere:
          --server <URL>       Address of the server, such as `https://ota.example.net` [env:
                               SWITCHTOWER_SERVER]
          --token-file <FILE>  File with the access token; `SWITCHTOWER_TOKEN` if absent
          --json               Print JSON
      -q, --quiet              Print no progress and no notes
    ");
    assert_snapshot!(help("rollback"), @r"
    Take a channel back to an earlier release, or to the assets built into each binary

    Usage: switchtowerctl rollback [OPTIONS] --app <APP> --channel <CHANNEL> --reason <REASON>

    Options:
          --app <APP>          Of which app
          --channel <CHANNEL>  Which channel
          --to <VERSION>       The release to go back to; the one before if neither this nor --built-in
                               is given
          --built-in           Go back to the assets built into each binary
          --native             The installers of the channel, instead of its web bundle: stops the
                               spread, while devices that have the higher version keep it until one
                               above it is published
          --reason <REASON>    Why; kept in the activity log
      -h, --help               Print help

    Everywhere:
          --server <URL>       Address of the server, such as `https://ota.example.net` [env:
                               SWITCHTOWER_SERVER]
          --token-file <FILE>  File with the access token; `SWITCHTOWER_TOKEN` if absent
          --json               Print JSON
      -q, --quiet              Print no progress and no notes
    ");
    assert_snapshot!(help("recall"), @r"
    Never offer a release again, on any channel

    Usage: switchtowerctl recall [OPTIONS] --app <APP> --reason <REASON> <VERSION>

    Arguments:
      <VERSION>  The release that is never offered again

    Options:
          --app <APP>        Of which app
          --reason <REASON>  Why; kept in the activity log
          --native           The installers of this version, instead of its web bundle
      -h, --help             Print help

    Everywhere:
          --server <URL>       Address of the server, such as `https://ota.example.net` [env:
                               SWITCHTOWER_SERVER]
          --token-file <FILE>  File with the access token; `SWITCHTOWER_TOKEN` if absent
          --json               Print JSON
      -q, --quiet              Print no progress and no notes
    ");
}

#[test]
fn apps() {
    assert_snapshot!(help("app create"), @r"
    Make an app with the channels hotfix, staging, beta and production

    Usage: switchtowerctl app create [OPTIONS] <SLUG>

    Arguments:
      <SLUG>  3 to 40 lowercase letters, digits and hyphens

    Options:
          --name <NAME>  For people; the slug if absent
      -h, --help         Print help

    Everywhere:
          --server <URL>       Address of the server, such as `https://ota.example.net` [env:
                               SWITCHTOWER_SERVER]
          --token-file <FILE>  File with the access token; `SWITCHTOWER_TOKEN` if absent
          --json               Print JSON
      -q, --quiet              Print no progress and no notes
    ");
    assert_snapshot!(help("app list"), @r"
    The apps of the server

    Usage: switchtowerctl app list [OPTIONS]

    Options:
      -h, --help  Print help

    Everywhere:
          --server <URL>       Address of the server, such as `https://ota.example.net` [env:
                               SWITCHTOWER_SERVER]
          --token-file <FILE>  File with the access token; `SWITCHTOWER_TOKEN` if absent
          --json               Print JSON
      -q, --quiet              Print no progress and no notes
    ");
}

#[test]
fn keys() {
    assert_snapshot!(help("key"), @r"
    Make, keep and trust signing keys

    Usage: switchtowerctl key [OPTIONS] <COMMAND>

    Commands:
      generate  Make a key, in the OS keyring or in a password-protected file
      import    Take a key of minisign or tauri into the OS keyring
      list      The keys in the OS keyring
      trust     Make an app trust a key, with the signed empty bundle that a way back needs
      export    Print a public key as a client wants it
      help      Print this message or the help of the given subcommand(s)

    Options:
      -h, --help  Print help

    Everywhere:
          --server <URL>       Address of the server, such as `https://ota.example.net` [env:
                               SWITCHTOWER_SERVER]
          --token-file <FILE>  File with the access token; `SWITCHTOWER_TOKEN` if absent
          --json               Print JSON
      -q, --quiet              Print no progress and no notes
    ");
    assert_snapshot!(help("key generate"), @r"
    Make a key, in the OS keyring or in a password-protected file

    Usage: switchtowerctl key generate [OPTIONS] <NAME>

    Arguments:
      <NAME>  What you call it

    Options:
          --file <PATH>              Keep it in this file, protected by a password, instead of the OS
                                     keyring
          --password-env <VARIABLE>  Variable with the password of the key file;
                                     `SWITCHTOWER_KEY_PASSWORD` or a prompt if absent
      -h, --help                     Print help

    Everywhere:
          --server <URL>       Address of the server, such as `https://ota.example.net` [env:
                               SWITCHTOWER_SERVER]
          --token-file <FILE>  File with the access token; `SWITCHTOWER_TOKEN` if absent
          --json               Print JSON
      -q, --quiet              Print no progress and no notes
    ");
    assert_snapshot!(help("key import"), @r"
    Take a key of minisign or tauri into the OS keyring

    Usage: switchtowerctl key import [OPTIONS] <FILE>

    Arguments:
      <FILE>  The secret key file

    Options:
          --name <NAME>              What you call it; the name of the file if absent
          --password-env <VARIABLE>  Variable with the password of the key file;
                                     `SWITCHTOWER_KEY_PASSWORD` or a prompt if absent
      -h, --help                     Print help

    Everywhere:
          --server <URL>       Address of the server, such as `https://ota.example.net` [env:
                               SWITCHTOWER_SERVER]
          --token-file <FILE>  File with the access token; `SWITCHTOWER_TOKEN` if absent
          --json               Print JSON
      -q, --quiet              Print no progress and no notes
    ");
}

#[test]
fn trusted_and_public_keys() {
    assert_snapshot!(help("key trust"), @r"
    Make an app trust a key, with the signed empty bundle that a way back needs

    Usage: switchtowerctl key trust [OPTIONS] --app <APP> <KEY>

    Arguments:
      <KEY>  Name of a key in the OS keyring, or path of a minisign key file

    Options:
          --app <APP>                The app that is to trust it
          --password-env <VARIABLE>  Variable with the password of the key file;
                                     `SWITCHTOWER_KEY_PASSWORD` or a prompt if absent
      -h, --help                     Print help

    Everywhere:
          --server <URL>       Address of the server, such as `https://ota.example.net` [env:
                               SWITCHTOWER_SERVER]
          --token-file <FILE>  File with the access token; `SWITCHTOWER_TOKEN` if absent
          --json               Print JSON
      -q, --quiet              Print no progress and no notes
    ");
    assert_snapshot!(help("key export"), @r"
    Print a public key as a client wants it

    Usage: switchtowerctl key export [OPTIONS] --form <FORM> <KEY>

    Arguments:
      <KEY>  Name of a key in the OS keyring, or path of a minisign key file, secret or public

    Options:
          --form <FORM>              As which program wants it: the two-line .pub file (minisign), the
                                     bare line (tauri-plugin-hotswap), or base64 of the file
                                     (tauri-plugin-updater) [possible values: minisign, hotswap, tauri]
          --password-env <VARIABLE>  Variable with the password of the key file;
                                     `SWITCHTOWER_KEY_PASSWORD` or a prompt if absent
      -h, --help                     Print help

    Everywhere:
          --server <URL>       Address of the server, such as `https://ota.example.net` [env:
                               SWITCHTOWER_SERVER]
          --token-file <FILE>  File with the access token; `SWITCHTOWER_TOKEN` if absent
          --json               Print JSON
      -q, --quiet              Print no progress and no notes
    ");
}

#[test]
fn what_only_reads() {
    assert_snapshot!(help("status"), @r"
    What each channel of an app offers

    Usage: switchtowerctl status [OPTIONS] --app <APP>

    Options:
          --app <APP>  Of which app
      -h, --help       Print help

    Everywhere:
          --server <URL>       Address of the server, such as `https://ota.example.net` [env:
                               SWITCHTOWER_SERVER]
          --token-file <FILE>  File with the access token; `SWITCHTOWER_TOKEN` if absent
          --json               Print JSON
      -q, --quiet              Print no progress and no notes
    ");
    assert_snapshot!(help("activity"), @r"
    What was done, and whether the log is whole

    Usage: switchtowerctl activity [OPTIONS] --app <APP>

    Options:
          --app <APP>          Of which app
          --limit <N>          How many entries to show [default: 20]
          --verify             Recompute every hash of the log on this computer
          --head <ENTRY:HASH>  What an earlier --verify printed: proves that nothing before it was
                               rewritten
      -h, --help               Print help

    Everywhere:
          --server <URL>       Address of the server, such as `https://ota.example.net` [env:
                               SWITCHTOWER_SERVER]
          --token-file <FILE>  File with the access token; `SWITCHTOWER_TOKEN` if absent
          --json               Print JSON
      -q, --quiet              Print no progress and no notes
    ");
}
