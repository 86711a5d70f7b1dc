//! `switchtowerctl app create|list`

use ota_api::CreateApp;
use ota_model::AppSlug;

use crate::cli::{Global, moment};
use crate::connect;
use crate::printer::{Printer, table};

pub(crate) async fn create(
    global: &Global,
    printer: Printer,
    slug: AppSlug,
    name: Option<String>,
) -> anyhow::Result<()> {
    let app = connect::client(global)?
        .create_app(&CreateApp {
            slug,
            name,
            systems: None,
        })
        .await?;
    printer.result(&app, || {
        format!(
            "Created {}. Trust a signing key next: switchtowerctl key trust --app {} KEY",
            app.slug, app.slug
        )
    })
}

pub(crate) async fn list(global: &Global, printer: Printer) -> anyhow::Result<()> {
    let apps = connect::client(global)?.apps().await?;
    printer.result(&apps, || {
        let rows: Vec<_> = apps
            .iter()
            .map(|app| {
                [
                    app.slug.to_string(),
                    app.name.clone(),
                    moment(app.created_at),
                ]
            })
            .collect();
        table(["APP", "NAME", "CREATED"], &rows)
    })
}
