//! Choosing a file or a folder: in the system's dialog, or by its path.

use std::path::{Path, PathBuf};

use super::{Action, Dialog, Job, Model, RequestId, ToastKind};

/// What is chosen in the system's dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pick {
    /// The folder that a build tool wrote.
    Build,
    /// A secret key file.
    KeyFile,
    /// The folder of key files.
    KeyFolder,
    /// Where a new backup goes.
    BackUpFile {
        /// The file's proposed name.
        name: String,
    },
}

/// The system's dialog that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picking {
    /// Which one.
    pub request: RequestId,
    /// What it asks for.
    pub what: Pick,
}

/// No dialog of the system could be opened. Nothing was chosen, and nobody said no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoPicker {
    /// Why, as a sentence: "The desktop offers none".
    pub why: String,
    /// The command that installs one, where it is known.
    pub install: Option<String>,
}

impl Model {
    pub(super) fn choose_build(&mut self) -> Vec<Job> {
        // Said now, not after the folder was looked for.
        if let Some(why) = self.cannot_drop() {
            let title = "No build can be chosen now".to_owned();
            self.toast(ToastKind::Failed, title, why);
            return Vec::new();
        }
        self.pick(Pick::Build)
    }

    /// Opens the system's dialog, unless one is open.
    pub(super) fn pick(&mut self, what: Pick) -> Vec<Job> {
        if self.picking.is_some() {
            return Vec::new();
        }
        self.no_picker = None;
        let request = RequestId(self.id());
        self.picking = Some(Picking {
            request,
            what: what.clone(),
        });
        vec![Job::Pick { request, what }]
    }

    /// Closes the system's dialog.
    pub(super) fn stop_picking(&mut self) -> Vec<Job> {
        let picking = self.picking.take();
        let jobs = picking.map(|picking| Job::Cancel(picking.request));
        jobs.into_iter().collect()
    }

    pub(super) fn on_picked(
        &mut self,
        request: RequestId,
        result: Result<Option<PathBuf>, NoPicker>,
    ) -> Vec<Job> {
        // One that was closed from here may still answer.
        let Some(picking) = self.picking.take_if(|picking| picking.request == request) else {
            return Vec::new();
        };
        match result {
            Ok(Some(path)) => self.picked(&picking.what, path),
            Ok(None) => Vec::new(),
            Err(no_picker) => {
                self.no_picker = Some(no_picker);
                // The dialogs about keys say it themselves.
                if picking.what == Pick::Build && self.dialog.is_none() {
                    self.dialog = Some(Dialog::NoPicker);
                }
                Vec::new()
            }
        }
    }

    fn picked(&mut self, what: &Pick, picked: PathBuf) -> Vec<Job> {
        match (what, &mut self.dialog) {
            (Pick::Build, _) => return self.apply(Action::Dropped(vec![picked])),
            (Pick::KeyFolder, _) => return self.use_key_folder(Some(picked)),
            (Pick::KeyFile, Some(Dialog::ImportKey { path, failed, .. }))
            | (Pick::BackUpFile { .. }, Some(Dialog::BackUpKey { path, failed, .. })) => {
                *path = Some(picked);
                *failed = None;
            }
            // Its dialog was closed meanwhile.
            (Pick::KeyFile | Pick::BackUpFile { .. }, _) => {}
        }
        Vec::new()
    }

    /// The path that a text names, or what is wrong with it as a sentence; see [`typed_path`].
    pub fn typed_path(&self, text: &str) -> Result<PathBuf, &'static str> {
        typed_path(text, self.home.as_deref())
    }
}

/// The path that was typed or pasted: as a shell, a file manager or a browser writes it. Relative paths are refused, for a
/// window stands in no folder that anybody sees.
pub fn typed_path(text: &str, home: Option<&Path>) -> Result<PathBuf, &'static str> {
    let text = text.trim();
    let bare = ['"', '\'']
        .into_iter()
        .find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(text);
    if bare.is_empty() {
        return Err("Type its path first.");
    }
    if bare.starts_with("file:") {
        return url::Url::parse(bare)
            .ok()
            .and_then(|url| url.to_file_path().ok())
            .ok_or("This address names no file on this computer.");
    }
    let path = match (bare.strip_prefix('~'), home) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with(['/', '\\']) => {
            home.join(rest.trim_start_matches(['/', '\\']))
        }
        _ => PathBuf::from(bare),
    };
    if path.is_absolute() {
        Ok(path)
    } else if cfg!(windows) {
        Err("Type the whole path, as in C:\\Users.")
    } else {
        Err("Type the whole path: it begins with / or ~.")
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::super::{Event, Publish, Settings};
    use super::*;

    /// The app after its first look at the server, without anything on its screen.
    fn model() -> Model {
        let settings = Settings {
            app: Some("tidepool".parse().unwrap()),
            ..Settings::default()
        };
        Model::start(settings, DateTime::UNIX_EPOCH).0
    }

    fn request(jobs: &[Job]) -> RequestId {
        match jobs {
            [Job::Pick { request, .. }] => *request,
            other => panic!("no dialog is opened by {other:?}"),
        }
    }

    fn no_picker() -> NoPicker {
        NoPicker {
            why: "The desktop offers none".to_owned(),
            install: Some("sudo apt install zenity".to_owned()),
        }
    }

    fn answer(
        model: &mut Model,
        request: RequestId,
        result: Result<Option<&str>, NoPicker>,
    ) -> Vec<Job> {
        let result = result.map(|path| path.map(PathBuf::from));
        model.on_event(Event::Picked { request, result })
    }

    #[test]
    fn one_dialog_of_the_system_is_open_at_a_time() {
        let mut model = model();
        let first = request(&model.apply(Action::ChooseBuild));
        assert_eq!(model.apply(Action::ChooseKeyFile), []);
        assert_eq!(model.apply(Action::ChooseBuild), []);
        assert_eq!(model.picking.as_ref().map(|open| open.request), Some(first));
        // Nor is anything taken from beside it.
        assert_eq!(model.apply(Action::Dropped(vec!["/dist".into()])), []);
        assert_eq!(model.publish, Publish::Idle);
    }

    #[test]
    fn a_closed_dialog_changes_nothing() {
        let mut model = model();
        let before = model.clone();
        let open = request(&model.apply(Action::ChooseBuild));
        assert_eq!(answer(&mut model, open, Ok(None)), []);
        assert_eq!((model.picking, model.no_picker), (None, None));
        assert_eq!(
            (model.dialog, model.publish),
            (before.dialog, before.publish)
        );
    }

    #[test]
    fn a_dialog_that_is_no_longer_waited_for_is_closed_and_not_listened_to() {
        let mut model = model();
        let open = request(&model.apply(Action::ChooseBuild));
        assert_eq!(model.apply(Action::StopChoosing), [Job::Cancel(open)]);
        assert_eq!(model.picking, None);
        assert_eq!(answer(&mut model, open, Ok(Some("/dist"))), []);
        assert_eq!(model.publish, Publish::Idle);
        // The next one is another.
        assert_ne!(request(&model.apply(Action::ChooseBuild)), open);
        assert_eq!(answer(&mut model, open, Err(no_picker())), []);
        assert!(model.picking.is_some());
    }

    #[test]
    fn that_none_could_be_opened_is_said_where_it_was_wanted() {
        let mut model = model();
        let open = request(&model.apply(Action::ChooseBuild));
        answer(&mut model, open, Err(no_picker()));
        assert_eq!(model.dialog, Some(Dialog::NoPicker));
        assert_eq!(model.no_picker, Some(no_picker()));
        // Dropping the folder is what it proposes.
        assert_eq!(model.cannot_drop(), None);
        model.apply(Action::Dropped(vec!["/dist".into()]));
        assert_eq!(model.dialog, None);

        let dialog = Dialog::ImportKey {
            path: None,
            failed: None,
            busy: false,
        };
        model.apply(Action::Open(dialog.clone()));
        assert_eq!(model.no_picker, None);
        let open = request(&model.apply(Action::ChooseKeyFile));
        answer(&mut model, open, Err(no_picker()));
        assert_eq!(model.dialog, Some(dialog));
        assert_eq!(model.no_picker, Some(no_picker()));
        // It is no longer said once there is one.
        let open = request(&model.apply(Action::ChooseKeyFile));
        answer(&mut model, open, Ok(Some("/keys/old.key")));
        assert_eq!(model.no_picker, None);
        let path = match model.dialog {
            Some(Dialog::ImportKey { path, .. }) => path,
            other => panic!("{other:?} is in front"),
        };
        assert_eq!(path, Some(PathBuf::from("/keys/old.key")));
    }

    #[test]
    fn a_build_that_cannot_be_read_now_is_not_looked_for() {
        let mut model = model();
        model.settings.app = None;
        assert_eq!(model.apply(Action::ChooseBuild), []);
        assert_eq!(model.picking, None);
        let toast = model.toasts.last().unwrap();
        assert_eq!(toast.text, "No build can be chosen now");
        assert_eq!(toast.detail, "Connect to a server and make an app first");
    }

    #[cfg(unix)]
    #[test]
    fn a_path_is_taken_as_shells_file_managers_and_browsers_write_it() {
        let home = Some(Path::new("/home/ada"));
        for (text, path) in [
            ("/home/ada/tidepool/dist", "/home/ada/tidepool/dist"),
            ("  /home/ada/dist/ \n", "/home/ada/dist/"),
            ("'/home/ada/my build'", "/home/ada/my build"),
            ("\"/home/ada/my build\"", "/home/ada/my build"),
            ("file:///home/ada/my%20build", "/home/ada/my build"),
            ("~/dist", "/home/ada/dist"),
            ("~", "/home/ada"),
            ("/", "/"),
            // An apostrophe that is part of a name.
            ("/home/ada/it's", "/home/ada/it's"),
        ] {
            assert_eq!(typed_path(text, home), Ok(PathBuf::from(path)), "{text}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_names_no_place_is_refused_in_words() {
        let home = Some(Path::new("/home/ada"));
        for (text, words) in [
            ("", "Type its path first."),
            (" '' ", "Type its path first."),
            ("dist", "Type the whole path: it begins with / or ~."),
            ("./dist", "Type the whole path: it begins with / or ~."),
            ("~bob/dist", "Type the whole path: it begins with / or ~."),
            (
                "file://elsewhere/dist",
                "This address names no file on this computer.",
            ),
        ] {
            assert_eq!(typed_path(text, home), Err(words), "{text}");
        }
        assert!(typed_path("~/dist", None).is_err());
    }
}
