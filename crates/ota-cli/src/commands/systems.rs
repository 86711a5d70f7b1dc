//! `switchtowerctl app systems`

use anyhow::Context as _;
use ota_api::{App, UpdateApp};
use ota_client::connect::what_it_updates;
use ota_model::{ClientSystem, Systems};

use crate::cli::{Global, Named, SystemsArgs};
use crate::connect;
use crate::failure::Usage;
use crate::printer::{Printer, table};

pub(crate) async fn run(
    global: &Global,
    printer: Printer,
    args: SystemsArgs,
) -> anyhow::Result<()> {
    let client = connect::client(global)?;
    let mut app = client.app(&args.app).await?.app;
    let mut systems = app.systems.clone();
    change(&mut systems, &args)?;
    if systems != app.systems {
        let change = UpdateApp {
            systems: Some(systems),
            ..UpdateApp::default()
        };
        app = client.update_app(&args.app, &change).await?;
    }
    printer.result(&app, || words(&app))
}

/// What was typed, and nothing else, changes.
fn change(systems: &mut Systems, args: &SystemsArgs) -> anyhow::Result<()> {
    if let Some(serve) = &args.serve {
        if serve.len() > 1 && serve.contains(&Named::None) {
            return Err(Usage::new(
                "“none” stands beside a system",
                "Name the systems that the app serves, or none alone",
            )
            .into());
        }
        systems.serves = serve
            .iter()
            .filter_map(|named| match named {
                Named::System(system) => Some(*system),
                Named::None => None,
            })
            .collect();
    }
    if let Some(path) = &args.capgo_public_key {
        let pem = fs_err::read_to_string(path).context("The public key cannot be read")?;
        systems.capgo_public_key = Some(pem.trim().to_owned());
    }
    if args.no_capgo_key {
        systems.capgo_public_key = None;
    }
    if let Some(files) = args.capgo_files {
        systems.capgo_files = files.is_on();
    }
    if let Some(fixed) = args.fixed_bundle_paths {
        systems.fixed_bundle_paths = fixed.is_on();
    }
    if let Some(id) = &args.sync_kit_app_id {
        systems.sync_kit_app_id = Some(id.trim().to_owned()).filter(|id| !id.is_empty());
    }
    Ok(())
}

fn words(app: &App) -> String {
    let rows: Vec<_> = ClientSystem::ALL
        .into_iter()
        .map(|system| {
            let served = if app.systems.serve(system) {
                "yes"
            } else {
                "no"
            };
            [
                system.to_string(),
                served.to_owned(),
                what_it_updates(system).to_owned(),
            ]
        })
        .collect();
    let on = |is_on: bool| if is_on { "on" } else { "off" };
    let key = match &app.systems.capgo_public_key {
        Some(_) => "the app embeds one: its bundles are encrypted",
        None => "none",
    };
    let id = app
        .systems
        .sync_kit_app_id
        .as_deref()
        .unwrap_or(app.slug.as_str());
    format!(
        "{}\n\nCapgo key: {key}\nCapgo single files: {}\nFixed native bundle paths: {}\nSyncKit app id: {id}",
        table(["SYSTEM", "SERVED", "UPDATES"], &rows),
        on(app.systems.capgo_files),
        on(app.systems.fixed_bundle_paths),
    )
}
