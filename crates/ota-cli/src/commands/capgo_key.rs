//! `switchtowerctl capgo-key generate|import|list|export`

use chrono::Utc;
use ota_keys::{CapgoCustody as _, CapgoKey, CapgoKeyInfo, KeyringCustody};
use serde_json::json;

use crate::cli::{CapgoImportArgs, CapgoKeyCommand, moment};
use crate::keys::{self, blocking};
use crate::printer::{Printer, table};

pub(crate) async fn run(printer: Printer, command: CapgoKeyCommand) -> anyhow::Result<()> {
    match command {
        CapgoKeyCommand::Generate { name } => {
            let info = blocking(move || {
                KeyringCustody::new().create_capgo(&name, &CapgoKey::generate()?, Utc::now())
            })
            .await?;
            made(printer, &info, "Made")
        }
        CapgoKeyCommand::Import(args) => import(printer, args).await,
        CapgoKeyCommand::List => list(printer).await,
        CapgoKeyCommand::Export { key } => export(printer, &key).await,
    }
}

async fn import(printer: Printer, args: CapgoImportArgs) -> anyhow::Result<()> {
    let key = keys::capgo_file(&args.file)?;
    let name = args.name;
    let info =
        blocking(move || KeyringCustody::new().create_capgo(&name, &key, Utc::now())).await?;
    made(printer, &info, "Imported")
}

fn made(printer: Printer, info: &CapgoKeyInfo, what: &str) -> anyhow::Result<()> {
    printer.result(info, || {
        format!(
            "{what} the Capgo key {} ({}), kept in: {}\n\n\
             publicKey of the plugin CapacitorUpdater in capacitor.config:\n{}",
            info.name,
            info.id,
            info.custody,
            info.public_pem.trim_end()
        )
    })
}

async fn list(printer: Printer) -> anyhow::Result<()> {
    let keys = blocking(|| KeyringCustody::new().list_capgo()).await?;
    printer.result(&keys, || {
        let rows: Vec<_> = keys
            .iter()
            .map(|key| {
                [
                    key.name.to_string(),
                    key.id.to_string(),
                    moment(key.created_at),
                ]
            })
            .collect();
        table(["NAME", "ID", "SINCE"], &rows)
    })
}

async fn export(printer: Printer, key: &str) -> anyhow::Result<()> {
    let (id, pem) = match keys::Place::of(key)? {
        keys::Place::File(path) => {
            let key = keys::capgo_file(&path)?;
            (key.id()?, key.public_pem()?)
        }
        keys::Place::Keyring(name) => {
            let keys = blocking(|| KeyringCustody::new().list_capgo()).await?;
            let info = keys.into_iter().find(|info| info.name == name);
            let info = info.ok_or(ota_keys::KeyError::NoSuchKey { name })?;
            (info.id, info.public_pem)
        }
    };
    let pem = pem.trim_end().to_owned();
    printer.result(&json!({ "id": id, "public_key": pem }), || pem.clone())
}
