//! Publishing, told to the window step by step.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::Utc;
use ota_api::{Deployed, ReleaseSummary};
use ota_client::{
    CancellationToken, CapgoSigner, Client, Input, LogLine, Part, PublishError, PublishEvent,
    PublishOptions, PublishRequest, Published, Signer, Step, StepProgress,
};
use ota_keys::KeyringCustody;
use ota_model::{AppSlug, Hint as _, Revision};
use semver::Version;

use super::Out;
use super::builds::Build;
use super::faults::key_kind;
use crate::model::words::{self, duration, size};
use crate::model::{
    self, Done, Event, Fault, FaultKind, PublishOrder, Remote, RequestId, StepName, StepPhase,
    StepState,
};

const DOWNLOADING_BACK: &str =
    "Download it back, compare the digest, check the signature as a device would";

/// What to publish.
pub(super) struct Order {
    pub(super) request: RequestId,
    pub(super) app: AppSlug,
    pub(super) form: PublishOrder,
    pub(super) revision: Revision,
    pub(super) build: Arc<Build>,
    pub(super) signer: Signer,
}

/// Publishes, and tells the window what it needs to show.
pub(super) async fn publish(
    client: &Client,
    order: Order,
    cancel: CancellationToken,
    out: &Out,
) -> Result<Box<Done>, Fault> {
    let Order {
        request,
        app,
        form: order,
        revision,
        build,
        signer,
    } = order;
    let teller = Arc::new(Teller::new(request, out.clone()));
    let wanted = PublishRequest {
        app,
        channel: order.channel.clone(),
        version: semver("The version", &order.version)?,
        notes: order.notes.clone(),
        min_binary_version: semver("The needed binary version", &order.min_binary_version)?,
        max_binary_version: None,
        input: Input::Scan(Box::new(build.scan.as_ref().clone())),
        signer,
        // The key that belongs to the app, if the app has one.
        capgo: Some(CapgoSigner::kept(Arc::new(KeyringCustody::new()), None)),
        seen: Some(revision),
        options: PublishOptions::default(),
    };
    let telling = Arc::clone(&teller);
    let result =
        ota_client::publish(client, wanted, move |event| telling.tell(event), cancel).await;
    // The build's folder may be an unpacked archive: it must be there until the bundle was made.
    drop(build);
    match result {
        Ok(published) => Ok(Box::new(done(published, &order))),
        Err(error) => {
            teller.fail();
            Err(fault(&error))
        }
    }
}

fn semver(what: &str, text: &str) -> Result<Version, Fault> {
    Version::parse(text.trim()).map_err(|error| {
        Fault::local(format!(
            "{what} “{text}” is not a semantic version: {error}"
        ))
    })
}

fn fault(error: &PublishError) -> Fault {
    let kind = match error {
        PublishError::Cancelled { .. } => FaultKind::Cancelled,
        PublishError::Client(error) => Fault::from(error).kind,
        PublishError::Key(error) => key_kind(error),
        _ => FaultKind::Local,
    };
    Fault {
        message: error.to_string(),
        hint: error.hint(),
        kind,
    }
}

fn done(published: Published, order: &PublishOrder) -> Done {
    let Published {
        release,
        channel,
        previous,
        activity_entry,
        took_ms,
        files,
        ..
    } = published;
    let release: ReleaseSummary = release;
    Done {
        deployed: Deployed {
            channel,
            previous,
            activity_entry: activity_entry.unwrap_or_default(),
        },
        release,
        took_ms,
        device: Remote::default(),
        log: Vec::new(),
        files,
        key: order.key.clone(),
    }
}

/// Turns what the pipeline tells into steps and log lines.
struct Teller {
    request: RequestId,
    out: Out,
    steps: Mutex<HashMap<StepName, StepState>>,
}

const fn name(step: Step) -> StepName {
    match step {
        Step::Bundling => StepName::Bundling,
        Step::Signing => StepName::Signing,
        Step::Uploading => StepName::Uploading,
        Step::Verifying => StepName::Verifying,
        Step::Live => StepName::Live,
    }
}

impl Teller {
    fn new(request: RequestId, out: Out) -> Self {
        Self {
            request,
            out,
            steps: Mutex::default(),
        }
    }

    fn tell(&self, event: PublishEvent) {
        match event {
            PublishEvent::Began(step) => {
                self.change(name(step), |state| state.phase = StepPhase::Running);
            }
            PublishEvent::Progress(progress) => self.progress(progress),
            PublishEvent::Finished {
                step,
                took,
                summary,
            } => self.change(name(step), |state| {
                state.detail = summary;
                state.phase = StepPhase::Done {
                    took_ms: millis(took),
                };
                state.bytes = state.bytes.map(|(_, total)| (total, total));
            }),
            PublishEvent::Waiting {
                step,
                because,
                again_in,
            } => self.change(name(step), |state| {
                let wait = duration(millis(again_in));
                let because = words::capital(&because);
                state.detail = format!("{because}. Trying again in {wait}, from where it was");
            }),
            PublishEvent::Log(LogLine { at, topic, text }) => {
                let line = model::LogLine {
                    at,
                    verb: topic.to_owned(),
                    text,
                };
                self.out.offer(Event::PublishLog {
                    request: self.request,
                    line,
                });
            }
        }
    }

    fn progress(&self, progress: StepProgress) {
        match progress {
            StepProgress::Bundling {
                files_done,
                files_total,
                bytes_done,
                bytes_total,
                ..
            } => {
                self.change(StepName::Bundling, |state| {
                    state.detail = format!("{files_done} of {files_total} files");
                    state.bytes = Some((bytes_done, bytes_total));
                });
            }
            StepProgress::Uploading(part) => self.change(StepName::Uploading, |state| {
                state.detail = uploading(&part);
                state.bytes = Some((part.bytes_done, part.bytes_total));
            }),
            StepProgress::Verifying {
                bytes_done,
                bytes_total,
            } => self.change(StepName::Verifying, |state| {
                DOWNLOADING_BACK.clone_into(&mut state.detail);
                state.bytes = Some((bytes_done, bytes_total));
            }),
        }
    }

    fn change(&self, name: StepName, change: impl FnOnce(&mut StepState)) {
        let mut steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        let state = steps.entry(name).or_insert_with(|| StepState {
            name,
            detail: String::new(),
            bytes: None,
            phase: StepPhase::Running,
        });
        change(state);
        self.out.offer(Event::PublishStep {
            request: self.request,
            step: state.clone(),
        });
    }

    /// The step under way is the one that failed.
    fn fail(&self) {
        let running = {
            let steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
            let mut running = StepName::ALL.into_iter();
            running.find(|name| {
                steps
                    .get(name)
                    .is_some_and(|state| state.phase == StepPhase::Running)
            })
        };
        if let Some(name) = running {
            self.change(name, |state| state.phase = StepPhase::Failed);
        }
        let line = model::LogLine {
            at: Utc::now(),
            verb: "stop".to_owned(),
            text: "Not published".to_owned(),
        };
        self.out.offer(Event::PublishLog {
            request: self.request,
            line,
        });
    }
}

fn uploading(part: &Part) -> String {
    let parts = format!("{} of {} parts confirmed", part.confirmed, part.count);
    match part.bytes_per_second.filter(|rate| *rate > 0) {
        Some(rate) => {
            let left = part
                .bytes_total
                .saturating_sub(part.bytes_done)
                .div_ceil(rate);
            format!("{}/s · about {left} s left · {parts}", size(rate))
        }
        None => parts,
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
