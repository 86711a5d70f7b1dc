//! A request that may be repeated.

use crate::error::ClientError;

/// Names one wish of a person. However often it is sent, the server grants it once and gives the same answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// A new one, from the system's random numbers.
    pub fn new() -> Result<Self, ClientError> {
        let mut bits = [0; 16];
        getrandom::fill(&mut bits).or(Err(ClientError::Random))?;
        Ok(Self(hex::encode(bits)))
    }

    /// The text that is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
