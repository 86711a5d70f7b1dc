//! The dialogs of the desktop's portal, over the session bus.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ashpd::desktop::ResponseError;
use ashpd::desktop::file_chooser::{FileChooserProxy, SelectedFiles};
use ashpd::zbus::Connection;
use futures_util::StreamExt as _;

use super::{Question, Wanted};

/// A portal that is installed and cannot start keeps its callers waiting for minutes.
const STARTS_WITHIN: Duration = Duration::from_secs(8);
/// Nobody sees a dialog and closes it in less.
const SEEN_AFTER: Duration = Duration::from_millis(500);

/// Why the portal opened nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum PortalError {
    #[error("The desktop offers none")]
    Absent(#[source] ashpd::Error),
    #[error("The desktop’s portal did not answer within {} seconds", STARTS_WITHIN.as_secs())]
    Silent,
    #[error("The desktop’s portal could not open one")]
    Failed(#[source] ashpd::Error),
    #[error("The desktop’s portal ended meanwhile")]
    Ended,
    #[error("The desktop’s portal named a place that is not on this computer")]
    Elsewhere,
}

/// The path that was chosen; nothing if the dialog was closed.
pub(super) async fn ask(question: &Question) -> Result<Option<PathBuf>, PortalError> {
    // A connection of its own: the portal closes what it shows for a connection that ends, and so for a dropped call.
    let reach = async {
        let connection = Connection::session().await?;
        let portal = FileChooserProxy::with_connection(connection.clone()).await?;
        Ok((connection, portal))
    };
    let (connection, portal) = tokio::time::timeout(STARTS_WITHIN, reach)
        .await
        .map_err(|_elapsed| PortalError::Silent)?
        .map_err(PortalError::Absent)?;
    let mut owners = portal
        .receive_owner_changed()
        .await
        .map_err(|error| PortalError::Absent(error.into()))?;
    let begun = Instant::now();
    let answer = tokio::select! {
        answer = open(connection, question) => answer,
        () = async { while owners.next().await.is_some_and(|owner| owner.is_some()) {} } => {
            return Err(PortalError::Ended);
        }
    };
    match answer {
        Ok(files) => path(&files).map(Some),
        Err(ashpd::Error::Response(ResponseError::Cancelled)) => Ok(None),
        // GTK's part says this of a dialog that was closed with Esc or by its title bar; the portal says the same, at
        // once, where the part that shows dialogs is gone.
        Err(ashpd::Error::Response(ResponseError::Other)) if begun.elapsed() > SEEN_AFTER => {
            Ok(None)
        }
        Err(error @ ashpd::Error::Response(_)) => Err(PortalError::Failed(error)),
        Err(error) => Err(PortalError::Absent(error)),
    }
}

async fn open(connection: Connection, question: &Question) -> ashpd::Result<SelectedFiles> {
    let (title, folder) = (question.title, question.folder.as_deref());
    let request = match &question.wanted {
        Wanted::NewFile(name) => {
            SelectedFiles::save_file()
                .connection(Some(connection))
                .title(title)
                .current_name(name.as_str())
                .current_folder::<&Path>(folder)?
                .send()
                .await?
        }
        Wanted::Folder | Wanted::File => {
            SelectedFiles::open_file()
                .connection(Some(connection))
                .title(title)
                .directory(matches!(question.wanted, Wanted::Folder))
                .current_folder::<&Path>(folder)?
                .send()
                .await?
        }
    };
    request.response()
}

fn path(files: &SelectedFiles) -> Result<PathBuf, PortalError> {
    files
        .uris()
        .first()
        .and_then(|uri| url::Url::parse(uri.as_str()).ok())
        .and_then(|url| url.to_file_path().ok())
        .ok_or(PortalError::Elsewhere)
}
