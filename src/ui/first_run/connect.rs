//! Connecting to a server that somebody runs. Address and token are checked while they are typed.

use std::time::Duration;

use egui::{Rect, Ui, pos2};
use ota_keys::AccessToken;
use url::Url;
use zeroize::Zeroizing;

use super::{centered, column_head};
use crate::model::{Action, Fault, Probed, words};
use crate::ui::place::place;
use crate::ui::shell::host;
use crate::ui::widgets::{Button, TextField, label};
use crate::ui::{Font, Tokens, icons};

/// Typing must rest this long before the server is asked, in seconds.
const REST: f64 = 0.4;

/// What is typed on the first run.
#[derive(Default)]
pub struct FirstRunForm {
    address: String,
    token: Zeroizing<String>,
    reveal: bool,
    /// When something was typed that the server was not asked about yet.
    changed_at: Option<f64>,
    tried: bool,
}

impl FirstRunForm {
    /// Whether the last try was this card's.
    pub(super) const fn tried_to_connect(&self) -> bool {
        self.tried
    }
}

/// The card's content.
pub(super) fn connect_ui(
    ui: &mut Ui,
    probed: Option<&Probed>,
    (busy, keyring): (bool, bool),
    failed: Option<&Fault>,
    form: &mut FirstRunForm,
    actions: &mut Vec<Action>,
) {
    let card = ui.max_rect();
    let tokens = Tokens::of(ui);
    column_head(
        ui,
        icons::PLUGS_CONNECTED.fill(),
        "Connect to a server",
        "Your team already runs one. Ask whoever runs it for a token.",
    );
    ui.add_space(14.0);
    let url = parse(&form.address);
    let said = said(probed, form, url.as_ref().ok());
    let address = TextField::new("Server address")
        .placeholder("https://ota.example.dev")
        .help(&said.address)
        .error(said.address_error.as_deref())
        .valid(!said.address.is_empty());
    let changed = address.ui(ui, &mut form.address).changed();
    ui.add_space(10.0);
    let token = TextField::new("Access token")
        .mono()
        .placeholder("swt_…")
        .password(&mut form.reveal)
        .help(&said.token)
        .error(said.token_error.as_deref())
        .valid(said.token_good);
    let changed = token.ui(ui, &mut form.token).changed() || changed;
    // What is wrong with it takes the room down to the button.
    if said.token_error.is_none() {
        ui.add_space(5.0);
        let kept = if keyring {
            "Stored in the OS keyring, not in a file."
        } else {
            "Kept until you close Switchtower: no keyring is open here."
        };
        label(ui, Font::Small, tokens.tx_tertiary, kept);
    }
    if let Some(fault) = failed {
        ui.add_space(5.0);
        label(ui, Font::Small, tokens.stop, fault.message.as_str());
    }
    probe(ui, form, changed, url.as_ref().ok(), actions);

    let bottom = Rect::from_min_max(pos2(card.left(), card.bottom() - 62.0), card.right_bottom());
    place(ui, bottom, |ui| {
        let label = match (&url, busy && form.tried) {
            (_, true) => "Connecting…".to_owned(),
            (Ok(url), _) => format!("Connect to {}", host(url.as_str())),
            (Err(()), _) => "Connect".to_owned(),
        };
        let missing = match (&url, form.token.trim().is_empty()) {
            _ if busy => Some("Wait for the answer"),
            (Err(()), _) => Some("Write the server’s address first"),
            (Ok(_), true) => Some("Paste an access token first"),
            (Ok(_), false) => None,
        };
        let button = Button::secondary(&label)
            .large()
            .min_width(bottom.width())
            .disabled(missing);
        if button.ui(ui).clicked()
            && let Ok(url) = &url
        {
            form.tried = true;
            actions.push(Action::Connect {
                url: plain(url),
                token: AccessToken::new(form.token.trim()),
            });
        }
        ui.add_space(10.0);
        centered(ui, "Reading is all it does until you publish.");
    });
}

/// Ask the server once the typing rests.
fn probe(
    ui: &Ui,
    form: &mut FirstRunForm,
    changed: bool,
    url: Option<&Url>,
    actions: &mut Vec<Action>,
) {
    let now = ui.input(|input| input.time);
    if changed {
        form.changed_at = Some(now);
    }
    let Some(at) = form.changed_at else { return };
    let rest = REST - (now - at);
    if rest > 0.0 {
        ui.ctx()
            .request_repaint_after(Duration::from_secs_f64(rest));
        return;
    }
    form.changed_at = None;
    if let Some(url) = url {
        let token = form.token.trim();
        actions.push(Action::Probe {
            url: plain(url),
            token: (!token.is_empty()).then(|| AccessToken::new(token)),
        });
    }
}

/// What the server said to what is typed now.
#[derive(Default)]
struct Said {
    address: String,
    address_error: Option<String>,
    token: String,
    token_error: Option<String>,
    token_good: bool,
}

fn said(probed: Option<&Probed>, form: &FirstRunForm, url: Option<&Url>) -> Said {
    let mut said = Said::default();
    // While one types, nothing is wrong yet.
    let resting = form.changed_at.is_none();
    if form.address.trim().is_empty() {
        return said;
    }
    let Some(url) = url else {
        let wrong = "Write the whole address, such as https://ota.example.dev";
        said.address_error = resting.then(|| wrong.to_owned());
        return said;
    };
    let Some(probed) = probed.filter(|probed| probed.url == plain(url)) else {
        return said;
    };
    match &probed.result {
        Err(fault) => said.address_error = resting.then(|| fault.message.clone()),
        Ok(answer) => {
            let secure = if url.scheme() == "https" {
                ", certificate valid"
            } else {
                ", not encrypted"
            };
            said.address = answer.session.as_ref().map_or_else(
                || format!("A Switchtower server{secure}"),
                |session| format!("Switchtower server {}{secure}", session.server.version),
            );
            if form.token.trim().is_empty() {
                return said;
            }
            if let Some(fault) = &answer.token_fault {
                said.token_error = resting.then(|| fault.message.clone());
            } else if let Some(session) = &answer.session {
                let until = session.expires_at.map_or_else(
                    || "Does not expire.".to_owned(),
                    |at| format!("Until {}.", words::date(at)),
                );
                said.token = format!(
                    "Role: {}, as {}. {until}",
                    session.role.label(),
                    session.operator
                );
                said.token_good = true;
            }
        }
    }
    said
}

/// An address of a server: http or https, with a host.
fn parse(text: &str) -> Result<Url, ()> {
    let url = Url::parse(text.trim()).map_err(|_error| ())?;
    let web = matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
    web.then_some(url).ok_or(())
}

/// Without the slash at its end, so that one server has one name.
fn plain(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}
