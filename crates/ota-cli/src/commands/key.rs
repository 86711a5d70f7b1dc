//! `switchtowerctl key generate|import|list|trust|export`

use std::path::Path;

use chrono::Utc;
use ota_keys::{Custody as _, FileCustody, KeyInfo, KeyName, KeyringCustody};
use serde_json::json;

use crate::cli::{
    ExportArgs, Form, GenerateArgs, Global, ImportArgs, KeyCommand, TrustArgs, moment,
};
use crate::connect;
use crate::failure::Usage;
use crate::keys::{self, blocking};
use crate::printer::{Printer, table};

pub(crate) async fn run(
    global: &Global,
    printer: Printer,
    command: KeyCommand,
) -> anyhow::Result<()> {
    match command {
        KeyCommand::Generate(args) => generate(printer, args).await,
        KeyCommand::Import(args) => import(printer, args).await,
        KeyCommand::List => list(printer).await,
        KeyCommand::Trust(args) => trust(global, printer, args).await,
        KeyCommand::Export(args) => export(printer, args).await,
    }
}

async fn generate(printer: Printer, args: GenerateArgs) -> anyhow::Result<()> {
    let name = args.name;
    let info = match args.file {
        Some(path) => {
            let custody =
                FileCustody::file(path).with_password(keys::new_password(&args.password)?);
            blocking(move || custody.create(&name, &ota_keys::generate()?, Utc::now())).await?
        }
        None => {
            blocking(move || {
                KeyringCustody::new().create(&name, &ota_keys::generate()?, Utc::now())
            })
            .await?
        }
    };
    made(printer, &info, "Made")
}

async fn import(printer: Printer, args: ImportArgs) -> anyhow::Result<()> {
    let name = match args.name {
        Some(name) => name,
        None => name_of(&args.file)?,
    };
    let key = keys::open_file(&args.file, &args.password)?;
    let info = blocking(move || KeyringCustody::new().create(&name, &key, Utc::now())).await?;
    made(printer, &info, "Imported")
}

fn name_of(file: &Path) -> anyhow::Result<KeyName> {
    let shown = keys::shown(file);
    shown.parse().map_err(|error| {
        Usage::new(
            format!("“{shown}” cannot be the name of a key: {error}"),
            "Give it one with --name",
        )
        .into()
    })
}

fn made(printer: Printer, info: &KeyInfo, what: &str) -> anyhow::Result<()> {
    printer.result(info, || {
        format!(
            "{what} the key {} ({}), kept in: {}\n\nPublic key for tauri-plugin-hotswap:\n{}",
            info.name,
            info.id,
            info.custody,
            info.public.hotswap()
        )
    })
}

async fn list(printer: Printer) -> anyhow::Result<()> {
    let keys = blocking(|| KeyringCustody::new().list()).await?;
    printer.result(&keys, || {
        let rows: Vec<_> = keys
            .iter()
            .map(|key| {
                let backed_up = key.backed_up_at.map_or_else(|| "never".to_owned(), moment);
                [
                    key.name.to_string(),
                    key.id.to_string(),
                    moment(key.created_at),
                    backed_up,
                ]
            })
            .collect();
        table(["NAME", "ID", "SINCE", "BACKED UP"], &rows)
    })
}

async fn trust(global: &Global, printer: Printer, args: TrustArgs) -> anyhow::Result<()> {
    let client = connect::client(global)?;
    let (name, key) = keys::open(&args.key, &args.password).await?;
    let trusted = client.trust_key(&args.app, &name, &key).await?;
    printer.result(&trusted, || {
        format!(
            "{} trusts {} ({}). It can go back to its built-in assets from now on",
            args.app, trusted.name, trusted.id
        )
    })
}

async fn export(printer: Printer, args: ExportArgs) -> anyhow::Result<()> {
    let public = keys::public(&args.key, &args.password).await?;
    let text = match args.form {
        Form::Minisign => public.minisign_file(),
        Form::Hotswap => public.hotswap(),
        Form::Tauri => public.tauri(),
    };
    printer.result(&json!({ "id": public.id(), "public_key": text }), || {
        text.clone()
    })
}
