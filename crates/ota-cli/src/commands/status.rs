//! `switchtowerctl status`

use ota_api::{AppOverview, ChannelState, LiveRelease};
use ota_model::ReleaseKind;
use semver::Version;

use crate::cli::{Global, StatusArgs, moment};
use crate::connect;
use crate::printer::{Printer, size, table};

pub(crate) async fn run(global: &Global, printer: Printer, args: StatusArgs) -> anyhow::Result<()> {
    let overview = connect::client(global)?.app(&args.app).await?;
    printer.result(&overview, || words(&overview))
}

fn words(overview: &AppOverview) -> String {
    let rows: Vec<_> = overview.channels.iter().map(row).collect();
    let channels = table(
        [
            "CHANNEL",
            "OFFERS",
            "SEQUENCE",
            "NEEDS BINARY",
            "SIZE",
            "SINCE",
            "BY",
        ],
        &rows,
    );
    let keys = if overview.keys.is_empty() {
        "No key is trusted yet: nothing can be published".to_owned()
    } else {
        let rows: Vec<_> = overview
            .keys
            .iter()
            .map(|key| {
                [
                    key.name.clone(),
                    key.id.to_string(),
                    moment(key.added_at),
                    key.added_by.clone(),
                ]
            })
            .collect();
        table(["TRUSTED KEY", "ID", "SINCE", "BY"], &rows)
    };
    let installers = installers(overview);
    format!("{channels}\n\n{installers}{keys}")
}

/// The installers that channels offer, in a table of their own; nothing if none does.
fn installers(overview: &AppOverview) -> String {
    let rows: Vec<_> = overview
        .channels
        .iter()
        .filter_map(|channel| {
            let live = channel.native.as_ref()?;
            Some([
                channel.name.to_string(),
                live.version.to_string(),
                live.sequence.to_string(),
                needs_version(live),
                moment(live.since),
                live.by.clone(),
            ])
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let head = [
        "CHANNEL",
        "INSTALLERS",
        "SEQUENCE",
        "NEEDS VERSION",
        "SINCE",
        "BY",
    ];
    format!("{}\n\n", table(head, &rows))
}

fn needs_version(live: &LiveRelease) -> String {
    if live.min_binary_version == Version::new(0, 0, 0) {
        "any".to_owned()
    } else {
        format!("≥ {}", live.min_binary_version)
    }
}

fn row(channel: &ChannelState) -> [String; 7] {
    let marks = match (channel.protected, channel.paused) {
        (true, true) => " (protected, paused)",
        (true, false) => " (protected)",
        (false, true) => " (paused)",
        (false, false) => "",
    };
    let channel_name = format!("{}{marks}", channel.name);
    let Some(live) = &channel.live else {
        let nothing = String::new;
        let offers = "nothing yet".to_owned();
        return [
            channel_name,
            offers,
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
        ];
    };
    [
        channel_name,
        offers(live),
        live.sequence.to_string(),
        needs_binary(live),
        size(live.size_bytes),
        moment(live.since),
        live.by.clone(),
    ]
}

/// The built-in assets run on every binary: they are its own.
fn needs_binary(live: &LiveRelease) -> String {
    match live.release_kind {
        ReleaseKind::Web | ReleaseKind::Native => format!("≥ {}", live.min_binary_version),
        ReleaseKind::BuiltIn => "any".to_owned(),
    }
}

fn offers(live: &LiveRelease) -> String {
    match live.release_kind {
        ReleaseKind::Web | ReleaseKind::Native => live.version.to_string(),
        ReleaseKind::BuiltIn => "built-in assets".to_owned(),
    }
}
