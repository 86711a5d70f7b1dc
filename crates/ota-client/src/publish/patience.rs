//! Waiting for a server that cannot be reached.

use std::time::{Duration, Instant};

use ota_bundle::CancellationToken;

use super::Stop;
use super::progress::{PublishEvent, Reporter, Step};
use crate::error::ClientError;

const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Tries again, later and later, until the limit has passed without any success.
pub(super) struct Patience {
    step: Step,
    limit: Duration,
    reporter: Reporter,
    cancel: CancellationToken,
    failing_since: Option<Instant>,
    wait: Duration,
}

impl Patience {
    pub(super) fn new(
        step: Step,
        limit: Duration,
        reporter: &Reporter,
        cancel: &CancellationToken,
    ) -> Self {
        Self {
            step,
            limit,
            reporter: reporter.clone(),
            cancel: cancel.clone(),
            failing_since: None,
            wait: FIRST_WAIT,
        }
    }

    /// Something succeeded: the next failure is a new one.
    pub(super) fn reset(&mut self) {
        self.failing_since = None;
        self.wait = FIRST_WAIT;
    }

    /// Waits when `error` may pass; gives it back when it does not, or when it lasted too long.
    pub(super) async fn wait(&mut self, error: ClientError) -> Result<(), Stop> {
        let ClientError::Unreachable { because, .. } = &error else {
            return Err(error.into());
        };
        let since = *self.failing_since.get_or_insert_with(Instant::now);
        if since.elapsed() + self.wait > self.limit {
            return Err(error.into());
        }
        self.reporter.log(
            "wait",
            format!(
                "{because}; trying again in {:.1} s",
                self.wait.as_secs_f64()
            ),
        );
        let waiting = PublishEvent::Waiting {
            step: self.step,
            because: because.clone(),
            again_in: self.wait,
        };
        self.reporter.tell(waiting);
        self.pause().await
    }

    /// Waits without having failed: somebody else is at it.
    pub(super) async fn pause(&mut self) -> Result<(), Stop> {
        let wait = self.wait;
        self.wait = wait.saturating_mul(2).min(LONGEST_WAIT);
        tokio::select! {
            () = self.cancel.cancelled() => Err(Stop::Cancelled),
            () = tokio::time::sleep(wait) => Ok(()),
        }
    }

    /// Repeats a request, which must be harmless to repeat, until it is answered. Being cancelled does not interrupt
    /// a request, only the waiting: what was asked for is known afterwards.
    pub(super) async fn persist<T, F: Future<Output = Result<T, ClientError>>>(
        &mut self,
        request: impl Fn() -> F,
    ) -> Result<T, Stop> {
        loop {
            match request().await {
                Ok(answer) => {
                    self.reset();
                    return Ok(answer);
                }
                Err(error) => self.wait(error).await?,
            }
        }
    }
}

/// `work`, unless the operator stops it first.
pub(super) async fn unless_cancelled<T>(
    cancel: &CancellationToken,
    work: impl Future<Output = T>,
) -> Result<T, Stop> {
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(Stop::Cancelled),
        result = work => Ok(result),
    }
}
