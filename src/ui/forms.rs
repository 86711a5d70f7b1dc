//! What is typed and unfolded: the state of the views that the model does not need.

use super::dialogs::{CreateAppForm, PromoteForm, RollBackForm, TokenForm};
use super::first_run::FirstRunForm;
use super::keys::KeysForm;
use super::publish::PublishForm;
use crate::model::{Dialog, Model};

/// The text buffers of all pages and dialogs. Each view gets its own part.
#[derive(Default)]
pub struct Forms {
    /// The first run.
    pub first_run: FirstRunForm,
    /// The Publish page.
    pub publish: PublishForm,
    /// The Keys page and the dialogs about keys.
    pub keys: KeysForm,
    /// The roll back dialog.
    pub roll_back: RollBackForm,
    /// The promote dialog.
    pub promote: PromoteForm,
    /// The dialog that asks for a new token.
    pub token: TokenForm,
    /// The dialog that makes an app.
    pub create_app: CreateAppForm,
    /// Where the server inside the app keeps its data, for Settings and the first run.
    pub data_folder: String,
    /// The dialog that was in front in the last frame.
    in_front: Option<String>,
}

impl Forms {
    /// A dialog that was just opened starts with empty fields.
    pub(super) fn follow(&mut self, model: &Model) {
        let in_front = model.dialog.as_ref().map(identity);
        if in_front == self.in_front {
            return;
        }
        self.in_front = in_front;
        self.roll_back = RollBackForm::default();
        self.promote = PromoteForm::default();
        self.token = TokenForm::default();
        self.create_app = CreateAppForm::default();
    }
}

/// Tells one dialog from the next, while what it knows changes.
fn identity(dialog: &Dialog) -> String {
    let kind = match dialog {
        Dialog::CreateApp { .. } => "create app",
        Dialog::RollBack(_) => "roll back",
        Dialog::Promote(_) => "promote",
        Dialog::Conflict { .. } => "conflict",
        Dialog::Token { .. } => "token",
        Dialog::NewKey { .. } => "new key",
        Dialog::ImportKey { .. } => "import key",
        Dialog::BackUpKey { .. } => "back up key",
        Dialog::RenameKey { .. } => "rename key",
        Dialog::DeleteKey { .. } => "delete key",
        Dialog::Message { .. } => "message",
        Dialog::Shortcuts => "shortcuts",
    };
    let channel = dialog.channel().map_or("", |channel| channel.as_str());
    format!("{kind} {channel}")
}
