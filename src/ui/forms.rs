//! What is typed and unfolded: the state of the views that the model does not need.

use super::connect::ConnectForm;
use super::dialogs::{CreateAppForm, NoPickerForm, PromoteForm, RollBackForm, TokenForm};
use super::first_run::FirstRunForm;
use super::keys::KeysForm;
use super::publish::PublishForm;
use crate::model::{Again, Dialog, Model};

/// The text buffers of all pages and dialogs. Each view gets its own part.
#[derive(Default)]
pub struct Forms {
    /// The first run.
    pub first_run: FirstRunForm,
    /// The Publish page.
    pub publish: PublishForm,
    /// The Keys page and the dialogs about keys.
    pub keys: KeysForm,
    /// The page that connects an app.
    pub connect: ConnectForm,
    /// The roll back dialog.
    pub roll_back: RollBackForm,
    /// The promote dialog.
    pub promote: PromoteForm,
    /// The dialog that asks for a new token.
    pub token: TokenForm,
    /// The dialog that makes an app.
    pub create_app: CreateAppForm,
    /// The dialog that stands in for the system's.
    pub no_picker: NoPickerForm,
    /// Where the server inside the app keeps its data, for Settings and the first run.
    pub data_folder: String,
    /// The dialog that was in front in the last frame.
    in_front: Option<String>,
    /// Whether a token was asked for in the last frame.
    asked: bool,
}

impl Forms {
    /// A dialog that was just opened starts with empty fields.
    pub(super) fn follow(&mut self, model: &Model) {
        self.keys.follow(model);
        let asked = matches!(model.dialog, Some(Dialog::Token(_)));
        if asked != self.asked {
            self.asked = asked;
            self.token = TokenForm::default();
        }
        // What a question for a token covers is still there.
        let dialog = match &model.dialog {
            Some(Dialog::Token(sign_in)) => sign_in.behind.as_deref(),
            dialog => dialog.as_ref(),
        };
        let in_front = dialog.map(identity);
        if in_front == self.in_front {
            return;
        }
        self.in_front = in_front;
        self.roll_back = RollBackForm::default();
        self.promote = PromoteForm::default();
        self.create_app = CreateAppForm::default();
        self.no_picker = NoPickerForm::default();
    }
}

/// Tells one dialog from the next, while what it knows changes.
fn identity(dialog: &Dialog) -> String {
    match dialog {
        Dialog::CreateApp { .. } => "create app".to_owned(),
        Dialog::RollBack(dialog) => format!("roll back {}", dialog.channel.name),
        Dialog::Promote(dialog) => format!("promote {}", dialog.from.name),
        // On the way back to the same decision, so that a reason is not typed twice.
        Dialog::Conflict { again, .. } => match again {
            Some(Again::RollBack(channel)) => format!("roll back {channel}"),
            Some(Again::Promote(channel)) => format!("promote {channel}"),
            None => "conflict".to_owned(),
        },
        Dialog::Token(_) => "token".to_owned(),
        Dialog::NewKey { .. } => "new key".to_owned(),
        Dialog::ImportKey { .. } => "import key".to_owned(),
        Dialog::BackUpKey { .. } => "back up key".to_owned(),
        Dialog::RenameKey { .. } => "rename key".to_owned(),
        Dialog::DeleteKey { .. } => "delete key".to_owned(),
        Dialog::Unlock(_) => "unlock key".to_owned(),
        Dialog::Message { .. } => "message".to_owned(),
        Dialog::NoPicker => "no picker".to_owned(),
        Dialog::Shortcuts => "shortcuts".to_owned(),
    }
}
