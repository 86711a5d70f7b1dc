//! Menus, opened.

use egui_kittest::SnapshotResults;
use egui_kittest::kittest::Queryable as _;
use ota_api::Role;
use switchtower::model::{Event, Model, Page};

use crate::support::THEMES;
use crate::tidepool::{at, overview};
use crate::{LEAST, WIDE, pictured, tidepool_model};

fn two_apps(role: Role) -> Model {
    let mut model = tidepool_model(role);
    let first = overview().app;
    let mut second = first.clone();
    second.slug = "harbour-tool".parse().unwrap();
    "Harbour tool for harbour masters".clone_into(&mut second.name);
    model.on_event(Event::Apps {
        at: at(3),
        result: Ok(vec![first, second]),
    });
    model
}

fn on_keys() -> Model {
    let mut model = tidepool_model(Role::Admin);
    model.settings.page = Page::Keys;
    model
}

#[test]
fn they_look_like_the_design() {
    let mut results = SnapshotResults::new();
    for (theme, suffix) in THEMES {
        let menus = [
            ("apps", two_apps(Role::Admin), "App", WIDE),
            ("apps_viewer", two_apps(Role::Viewer), "App", LEAST),
            ("server", tidepool_model(Role::Admin), "Server ", WIDE),
            ("key", on_keys(), "More about tidepool-prod", WIDE),
        ];
        for (name, model, opener, size) in menus {
            let mut harness = pictured(size, theme, model);
            harness.run();
            harness
                .get_by(|node| {
                    let label = node.label().unwrap_or_default();
                    label == opener || (opener.ends_with(' ') && label.starts_with(opener))
                })
                .click();
            harness.run();
            harness.snapshot(format!("menu_{name}_{suffix}"));
            results.extend_harness(&mut harness);
        }
    }
}
