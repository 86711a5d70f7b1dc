//! What went wrong, in words, with the exit code that scripts go by.

use std::process::ExitCode;

use ota_bundle::BundleError;
use ota_client::{ClientError, NativeError, PublishError};
use ota_keys::KeyError;
use ota_model::Hint as _;
use thiserror::Error;

/// How the program ends when it does not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Failed = 1,
    Usage = 2,
    Refused = 3,
    Unreachable = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Something that was typed, or not typed, wrongly.
#[derive(Debug, Error)]
#[error("{message}")]
pub(crate) struct Usage {
    message: String,
    hint: &'static str,
}

impl Usage {
    pub(crate) fn new(message: impl Into<String>, hint: &'static str) -> Self {
        Self {
            message: message.into(),
            hint,
        }
    }
}

/// A failure that only this program knows.
#[derive(Debug, Error)]
#[error("{message}")]
pub(crate) struct Told {
    exit: Exit,
    message: String,
    hint: Option<String>,
}

impl Told {
    pub(crate) fn failed(message: impl Into<String>, hint: Option<String>) -> Self {
        Self {
            exit: Exit::Failed,
            message: message.into(),
            hint,
        }
    }

    /// What the server would refuse, known before it was asked.
    pub(crate) fn refused(message: impl Into<String>, hint: &str) -> Self {
        Self {
            exit: Exit::Refused,
            message: message.into(),
            hint: Some(hint.to_owned()),
        }
    }
}

/// A failure as it is printed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    /// What the system said, where the message does not say it.
    pub(crate) causes: Vec<String>,
    pub(crate) hint: Option<String>,
}

/// The message first, then its causes, then what to do.
pub(crate) fn explain(error: &anyhow::Error) -> Failure {
    let message = error.to_string();
    let failure = |exit, hint| Failure {
        exit,
        message: message.clone(),
        causes: causes(error),
        hint,
    };
    if let Some(error) = error.downcast_ref::<ClientError>() {
        // Its message says the cause in plain words already.
        return Failure {
            causes: Vec::new(),
            ..failure(exit_of(error), error.hint())
        };
    }
    if let Some(error) = error.downcast_ref::<PublishError>() {
        return match error {
            PublishError::Client(inner) => Failure {
                causes: Vec::new(),
                ..failure(exit_of(inner), error.hint())
            },
            PublishError::UnknownChannel { .. }
            | PublishError::KeyNotTrusted { .. }
            | PublishError::Native(NativeError::Untrusted { .. }) => {
                failure(Exit::Refused, error.hint())
            }
            _ => failure(Exit::Failed, error.hint()),
        };
    }
    if let Some(error) = error.downcast_ref::<Usage>() {
        return failure(Exit::Usage, Some(error.hint.to_owned()));
    }
    if let Some(error) = error.downcast_ref::<Told>() {
        return failure(error.exit, error.hint.clone());
    }
    let hint = match (
        error.downcast_ref::<KeyError>(),
        error.downcast_ref::<BundleError>(),
    ) {
        (Some(error), _) => error.hint(),
        (_, Some(error)) => error.hint(),
        _ => None,
    };
    failure(Exit::Failed, hint)
}

fn exit_of(error: &ClientError) -> Exit {
    match error {
        ClientError::Address { .. } | ClientError::Insecure { .. } | ClientError::Token => {
            Exit::Usage
        }
        ClientError::Unreachable { .. } => Exit::Unreachable,
        ClientError::Refused(_) => Exit::Refused,
        ClientError::Unexpected { .. } | ClientError::Key(_) | ClientError::Random => Exit::Failed,
    }
}

fn causes(error: &anyhow::Error) -> Vec<String> {
    let mut causes: Vec<String> = Vec::new();
    for cause in error.chain().skip(1) {
        let text = cause.to_string();
        // Transparent wrappers repeat what they wrap.
        if causes.last() != Some(&text) && text != error.to_string() {
            causes.push(text);
        }
    }
    causes
}
