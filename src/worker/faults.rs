//! Errors of the crates below become what people read.

use ota_api::ProblemCode;
use ota_bundle::BundleError;
use ota_client::ClientError;
use ota_keys::{ImportError, KeyError};
use ota_model::Hint as _;

use crate::model::{Fault, FaultKind};

/// An error with its causes, and what to do about it.
fn fault(error: &dyn std::error::Error, hint: Option<String>, kind: FaultKind) -> Fault {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        // Wrappers often repeat what they wrap.
        if !message.contains(&text) {
            message = format!("{message}: {text}");
        }
        source = cause.source();
    }
    Fault {
        message,
        hint,
        kind,
    }
}

impl From<&ClientError> for Fault {
    fn from(error: &ClientError) -> Self {
        let kind = match error {
            ClientError::Unreachable { .. } => FaultKind::Unreachable,
            ClientError::Token => FaultKind::Token,
            ClientError::Refused(problem) => match problem.code {
                ProblemCode::TokenInvalid | ProblemCode::TokenExpired => FaultKind::Token,
                ProblemCode::RevisionConflict | ProblemCode::SourceChanged => {
                    match &problem.channel {
                        Some(channel) => FaultKind::Conflict {
                            channel: channel.clone(),
                            changed_by: problem.changed_by.clone(),
                        },
                        None => FaultKind::Refused,
                    }
                }
                _ => FaultKind::Refused,
            },
            ClientError::Key(error) => key_kind(error),
            _ => FaultKind::Local,
        };
        // The innermost causes of a refusal are the server's own words, which the message has already.
        let message = match error {
            ClientError::Unreachable { .. } | ClientError::Refused(_) => error.to_string(),
            _ => fault(error, None, FaultKind::Local).message,
        };
        Self {
            message,
            hint: error.hint(),
            kind,
        }
    }
}

impl From<ClientError> for Fault {
    fn from(error: ClientError) -> Self {
        Self::from(&error)
    }
}

/// What the app does about an error of a key.
pub(super) fn key_kind(error: &KeyError) -> FaultKind {
    match error {
        KeyError::KeyringLocked { .. } | KeyError::KeyringSilent { .. } => FaultKind::KeyringLocked,
        KeyError::KeyringAbsent { .. } => FaultKind::KeyringAbsent,
        KeyError::KeyringDenied { .. } => FaultKind::KeyringDenied,
        KeyError::PasswordNeeded | KeyError::EmptyPassword => FaultKind::Password,
        KeyError::Import(ImportError::PasswordNeeded | ImportError::WrongPassword) => {
            FaultKind::Password
        }
        _ => FaultKind::Local,
    }
}

impl From<KeyError> for Fault {
    fn from(error: KeyError) -> Self {
        let kind = key_kind(&error);
        let hint = error.hint();
        fault(&error, hint, kind)
    }
}

impl From<BundleError> for Fault {
    fn from(error: BundleError) -> Self {
        let kind = if error.is_cancelled() {
            FaultKind::Cancelled
        } else {
            FaultKind::Local
        };
        let hint = error.hint();
        fault(&error, hint, kind)
    }
}

impl From<ota_server::ServerError> for Fault {
    fn from(error: ota_server::ServerError) -> Self {
        fault(&error, None, FaultKind::Local)
    }
}

impl From<anyhow::Error> for Fault {
    fn from(error: anyhow::Error) -> Self {
        Self::local(format!("{error:#}"))
    }
}
