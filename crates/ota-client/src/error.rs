//! What can go wrong between this computer and the server.

use std::error::Error as _;
use std::io;

use ota_api::{Problem, ProblemCode};
use ota_keys::KeyError;
use ota_model::Hint;
use thiserror::Error;

/// Why the server did not do what it was asked for.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The address cannot be one of a server.
    #[error("“{url}” is not the address of a server: {why}")]
    Address {
        /// As it was given.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// The token would be readable by everyone on the way.
    #[error("The access token is not sent to {server} in clear. Nothing was sent")]
    Insecure {
        /// Host and port.
        server: String,
    },
    /// The token holds characters that no token has.
    #[error("This is no access token: it has characters that cannot be sent. Nothing was sent")]
    Token,
    /// No answer, or only a part of one. What was asked for may or may not have been done.
    #[error("Cannot reach {server}: {because}")]
    Unreachable {
        /// Host and port.
        server: String,
        /// In a few words.
        because: String,
        /// What the system said.
        #[source]
        source: Option<reqwest::Error>,
    },
    /// The server said no, and why.
    #[error("{}", .0.detail)]
    Refused(Box<Problem>),
    /// Something answered, and not as this server does.
    #[error("{server} does not answer as a Switchtower server: {what}")]
    Unexpected {
        /// Host and port.
        server: String,
        /// What came, in a few words.
        what: String,
    },
    /// The signature that goes with a request could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The system gave no random numbers.
    #[error("The system gave no random numbers. Nothing was sent")]
    Random,
}

impl ClientError {
    /// Whether the server was not reached, so that the same request may succeed a moment later.
    pub const fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }

    /// What the server refused, if it did.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Refused(problem) => Some(problem),
            _ => None,
        }
    }

    /// The code of the refusal, if it was one.
    pub fn code(&self) -> Option<ProblemCode> {
        self.problem().map(|problem| problem.code)
    }

    pub(crate) fn unreachable(server: &str, because: impl Into<String>) -> Self {
        Self::Unreachable {
            server: server.to_owned(),
            because: because.into(),
            source: None,
        }
    }

    pub(crate) fn unexpected(server: &str, what: impl Into<String>) -> Self {
        Self::Unexpected {
            server: server.to_owned(),
            what: what.into(),
        }
    }

    /// A failed exchange. The URL is left out: it is known, and long.
    pub(crate) fn exchange(server: &str, error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_builder() {
            return Self::unexpected(server, error.to_string());
        }
        let because = because(&error);
        Self::Unreachable {
            server: server.to_owned(),
            because,
            source: Some(error),
        }
    }
}

/// The innermost cause in words for people.
fn because(error: &reqwest::Error) -> String {
    let mut texts = Vec::new();
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            match io.kind() {
                io::ErrorKind::ConnectionRefused => {
                    return "nothing answers at this address".to_owned();
                }
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof => return "the connection broke off".to_owned(),
                io::ErrorKind::TimedOut => return "no answer in time".to_owned(),
                io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => {
                    return "there is no way to it from this network".to_owned();
                }
                _ => {}
            }
        }
        texts.push(cause.to_string());
        source = cause.source();
    }
    let says = |part: &str| texts.iter().any(|text| text.contains(part));
    if error.is_timeout() {
        "no answer in time".to_owned()
    } else if says("dns error") || says("failed to lookup") {
        "its name is not known".to_owned()
    } else if says("certificate") {
        format!(
            "its certificate is not accepted ({})",
            texts.last().map_or("", String::as_str)
        )
    } else if error.is_body()
        || error.is_decode()
        || says("connection closed")
        || says("IncompleteMessage")
    {
        "the connection broke off".to_owned()
    } else {
        texts.pop().unwrap_or_else(|| error.to_string())
    }
}

impl Hint for ClientError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Address { .. } => "Write it as https://ota.example.net",
            Self::Insecure { .. } => {
                "Use the server's https:// address. Plain http works only for a server on this computer"
            }
            Self::Token => "Copy the token again; it starts with swt_",
            Self::Unreachable { .. } => {
                "Devices are not affected. Check that the server runs and that its address is right, then try again"
            }
            Self::Unexpected { .. } => {
                "Check the address: a proxy or another program may answer there"
            }
            Self::Refused(problem) => return refusal_hint(problem),
            Self::Key(error) => return error.hint(),
            Self::Random => return None,
        };
        Some(hint.to_owned())
    }
}

/// The server's message says what to do, except where that is on this side.
fn refusal_hint(problem: &Problem) -> Option<String> {
    let hint = match problem.code {
        ProblemCode::TokenInvalid | ProblemCode::TokenExpired => {
            "Make a token on the server with “switchtower-server token create”"
        }
        ProblemCode::NoBuiltIn => "Trust a signing key: the signed empty bundle comes with it",
        ProblemCode::Internal => {
            return problem
                .request_id
                .as_ref()
                .map(|id| format!("Search the server's log for {id}"));
        }
        _ => return None,
    };
    Some(hint.to_owned())
}
