//! Sending files in parts, from wherever the server has them.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream;
use ota_api::{BeginUpload, ProblemCode, Slot};
use ota_bundle::CancellationToken;
use ota_model::{AppSlug, CapgoSeal, ReleaseId, Sha256};
use reqwest::Body;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, SeekFrom};

use super::patience::{Patience, unless_cancelled};
use super::progress::{Part, Reporter, Step, StepProgress, grouped, size};
use super::request::PublishOptions;
use super::{PublishError, Stop};
use crate::client::Client;

/// Progress within a part is counted in pieces of this size, as they are handed to the network.
const PIECE: usize = 64 * 1024;
/// A rate from less than this is noise.
const SHORTEST_RATE: Duration = Duration::from_millis(200);

/// A signed file for one slot of a release.
#[derive(Debug, Clone)]
pub(super) struct Payload {
    pub(super) path: PathBuf,
    pub(super) sha256: Sha256,
    pub(super) size_bytes: u64,
    pub(super) slot: Slot,
    /// Of an installer: its file name.
    pub(super) file: Option<String>,
    /// The text of its minisign signature.
    pub(super) signature: String,
    /// Of an encrypted `.zip`: what opens it.
    pub(super) seal: Option<CapgoSeal>,
}

/// Payloads on their way to one draft, one after the other. Their parts are counted as if they were one file.
pub(super) struct Upload<'a> {
    pub(super) client: &'a Client,
    pub(super) app: &'a AppSlug,
    pub(super) release: &'a ReleaseId,
    pub(super) payloads: &'a [Payload],
    pub(super) options: &'a PublishOptions,
    pub(super) reporter: &'a Reporter,
    pub(super) cancel: &'a CancellationToken,
}

impl<'a> Upload<'a> {
    /// Sends what the server does not have. Returns how much it had.
    pub(super) async fn run(&self, patience: &mut Patience) -> Result<u64, Stop> {
        let step = self.reporter.begin(Step::Uploading);
        let began = Instant::now();
        let all = self.sendings();
        let mut offsets = Vec::with_capacity(all.len());
        // All of them first: a server that refuses one is not sent the others.
        for sending in &all {
            offsets.push(sending.announce(patience).await?);
        }
        let had = offsets.iter().sum();
        if had > 0 {
            self.reporter.log(
                "put",
                format!("the server has {} bytes; going on from there", grouped(had)),
            );
        }
        let mut meter = Meter::from(had);
        for (sending, offset) in all.iter().zip(offsets) {
            sending.run(offset, &mut meter, patience).await?;
        }
        let sent = self.total() - had;
        let rate = sent as f64 / began.elapsed().as_secs_f64().max(0.001);
        let resumed = if had > 0 {
            format!("; {} were there already", size(had))
        } else {
            String::new()
        };
        step.finish(format!(
            "{} in {}, {:.1} MB/s{resumed}",
            size(sent),
            match self.total().div_ceil(self.part_bytes()) {
                1 => "1 part".to_owned(),
                count => format!("{count} parts"),
            },
            rate / 1e6
        ));
        Ok(had)
    }

    fn total(&self) -> u64 {
        self.payloads.iter().map(|payload| payload.size_bytes).sum()
    }

    fn part_bytes(&self) -> u64 {
        self.options.part_bytes(self.total())
    }

    fn sendings(&self) -> Vec<Sending<'_, 'a>> {
        let (total, part_bytes) = (self.total(), self.part_bytes());
        let mut before = 0;
        let sending = |payload: &'a Payload| {
            let sending = Sending {
                upload: self,
                payload,
                before,
                total,
                part_bytes,
            };
            before += payload.size_bytes;
            sending
        };
        self.payloads.iter().map(sending).collect()
    }
}

/// One payload on its way.
struct Sending<'u, 'a> {
    upload: &'u Upload<'a>,
    payload: &'a Payload,
    /// Bytes of the payloads before this one.
    before: u64,
    /// Bytes of all payloads.
    total: u64,
    part_bytes: u64,
}

impl Sending<'_, '_> {
    /// Sends everything from `offset` on.
    async fn run(
        &self,
        mut offset: u64,
        meter: &mut Meter,
        patience: &mut Patience,
    ) -> Result<(), Stop> {
        while offset < self.payload.size_bytes {
            let reached = self.send_part(offset, meter, patience).await?;
            if reached.resumed {
                *meter = Meter::from(self.before + reached.offset);
            }
            offset = reached.offset;
        }
        Ok(())
    }

    /// Announces the payload; the same announcement again tells where to go on.
    async fn announce(&self, patience: &mut Patience) -> Result<u64, Stop> {
        let announcement = BeginUpload {
            sha256: self.payload.sha256,
            size_bytes: self.payload.size_bytes,
            signature: self.payload.signature.clone(),
            file: self.payload.file.clone(),
            seal: self.payload.seal.clone(),
        };
        let Upload {
            client,
            app,
            release,
            ..
        } = *self.upload;
        let begin = || client.begin_upload(app, release, &self.payload.slot, &announcement);
        Ok(patience.persist(begin).await?.offset)
    }

    /// Sends the rest of the part that `offset` is in, as far as it is of this payload.
    async fn send_part(
        &self,
        offset: u64,
        meter: &Meter,
        patience: &mut Patience,
    ) -> Result<Reached, Stop> {
        let part_end = ((self.before + offset) / self.part_bytes + 1) * self.part_bytes;
        let end = (part_end - self.before).min(self.payload.size_bytes);
        let bytes = self.read(offset, end - offset).await?;
        let length = bytes.len() as u64;
        let body = self.body(bytes, offset, meter);
        let Upload {
            client,
            app,
            release,
            reporter,
            cancel,
            ..
        } = *self.upload;
        let sent = client.append_chunk(app, release, &self.payload.slot, offset, length, body);
        match unless_cancelled(cancel, sent).await? {
            Ok(upload) => {
                patience.reset();
                // A part that goes on in the next payload is not done yet.
                let reached = self.before + upload.offset;
                if reached == part_end || reached == self.total {
                    reporter.log(
                        "put",
                        format!("part {}/{} ok", self.number(offset), self.part_count()),
                    );
                }
                reporter.progress(StepProgress::Uploading(self.part(upload.offset, meter)));
                Ok(Reached {
                    offset: upload.offset,
                    resumed: false,
                })
            }
            Err(error) if error.code() == Some(ProblemCode::WrongOffset) => {
                // The server has more or less than was thought, or somebody else sends the same.
                let there = error.problem().and_then(|problem| problem.offset);
                match there {
                    Some(there) if there != offset => Ok(Reached {
                        offset: there,
                        resumed: true,
                    }),
                    Some(there) => {
                        patience.pause().await?;
                        Ok(Reached {
                            offset: there,
                            resumed: true,
                        })
                    }
                    None => Err(error.into()),
                }
            }
            Err(error) => {
                patience.wait(error).await?;
                let offset = self.announce(patience).await?;
                reporter.log("put", format!("going on from byte {}", grouped(offset)));
                Ok(Reached {
                    offset,
                    resumed: true,
                })
            }
        }
    }

    async fn read(&self, offset: u64, length: u64) -> Result<Bytes, Stop> {
        let read = async {
            let mut file = tokio::fs::File::open(&self.payload.path).await?;
            file.seek(SeekFrom::Start(offset)).await?;
            let mut bytes = Vec::new();
            file.take(length).read_to_end(&mut bytes).await?;
            Ok(Bytes::from(bytes))
        };
        read.await
            .map_err(|error| PublishError::Temporary(error).into())
    }

    /// The bytes as a stream that counts what was taken from it.
    fn body(&self, bytes: Bytes, offset: u64, meter: &Meter) -> Body {
        let (reporter, meter, part) = (
            self.upload.reporter.clone(),
            meter.clone(),
            self.part(offset, meter),
        );
        let taken = Arc::new(AtomicU64::new(0));
        let pieces = stream::unfold(bytes, move |mut rest| {
            let piece = rest.split_to(rest.len().min(PIECE));
            let length = piece.len() as u64;
            let taken = taken.fetch_add(length, Ordering::Relaxed) + length;
            reporter.progress(StepProgress::Uploading(Part {
                bytes_done: part.bytes_done + taken,
                bytes_per_second: meter.rate(part.bytes_done + taken),
                ..part
            }));
            std::future::ready(
                (!piece.is_empty()).then_some((Ok::<_, std::io::Error>(piece), rest)),
            )
        });
        Body::wrap_stream(pieces)
    }

    /// Where the whole upload is when this payload is at `offset`.
    fn part(&self, offset: u64, meter: &Meter) -> Part {
        let done = self.before + offset;
        Part {
            number: self.number(offset),
            count: self.part_count(),
            confirmed: done / self.part_bytes,
            bytes_done: done,
            bytes_total: self.total,
            part_bytes: self.part_bytes,
            bytes_per_second: meter.rate(done),
        }
    }

    fn number(&self, offset: u64) -> u64 {
        ((self.before + offset) / self.part_bytes + 1).min(self.part_count())
    }

    fn part_count(&self) -> u64 {
        self.total.div_ceil(self.part_bytes)
    }
}

/// How far an upload got.
struct Reached {
    offset: u64,
    /// Whether the connection broke in between, so that the rate is measured anew.
    resumed: bool,
}

/// Bytes since a moment.
#[derive(Clone)]
struct Meter {
    since: Instant,
    from: u64,
}

impl Meter {
    fn from(offset: u64) -> Self {
        Self {
            since: Instant::now(),
            from: offset,
        }
    }

    fn rate(&self, done: u64) -> Option<u64> {
        let took = self.since.elapsed();
        if took < SHORTEST_RATE {
            return None;
        }
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
        Some(done.saturating_sub(self.from).saturating_mul(1000) / millis)
    }
}
