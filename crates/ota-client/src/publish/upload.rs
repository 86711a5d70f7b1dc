//! Sending the archive in parts, from wherever the server has it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream;
use ota_api::{BeginUpload, ProblemCode, Slot};
use ota_bundle::{Bundle, CancellationToken};
use ota_keys::Signature;
use ota_model::{AppSlug, ArtifactKind, ReleaseId};
use reqwest::Body;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, SeekFrom};

use super::patience::{Patience, unless_cancelled};
use super::progress::{Part, Reporter, Step, StepProgress, grouped, size};
use super::{PublishError, Stop};
use crate::client::Client;

const SLOT: Slot = Slot::Archive(ArtifactKind::TarGz);
/// Progress within a part is counted in pieces of this size, as they are handed to the network.
const PIECE: usize = 64 * 1024;
/// A rate from less than this is noise.
const SHORTEST_RATE: Duration = Duration::from_millis(200);

/// One archive on its way to one draft.
pub(super) struct Upload<'a> {
    pub(super) client: &'a Client,
    pub(super) app: &'a AppSlug,
    pub(super) release: &'a ReleaseId,
    pub(super) bundle: &'a Bundle,
    pub(super) signature: &'a Signature,
    pub(super) part_bytes: u64,
    pub(super) reporter: &'a Reporter,
    pub(super) cancel: &'a CancellationToken,
}

impl Upload<'_> {
    /// Sends what the server does not have. Returns how much it had.
    pub(super) async fn run(&self, patience: &mut Patience) -> Result<u64, Stop> {
        let step = self.reporter.begin(Step::Uploading);
        let began = Instant::now();
        let had = self.announce(patience).await?;
        if had > 0 {
            self.reporter.log(
                "put",
                format!("the server has {} bytes; going on from there", grouped(had)),
            );
        }
        let mut offset = had;
        let mut meter = Meter {
            since: Instant::now(),
            from: had,
        };
        while offset < self.bundle.size_bytes {
            let reached = self.send_part(offset, &meter, patience).await?;
            if reached.resumed {
                meter = Meter {
                    since: Instant::now(),
                    from: reached.offset,
                };
            }
            offset = reached.offset;
        }
        let sent = self.bundle.size_bytes - had;
        let rate = sent as f64 / began.elapsed().as_secs_f64().max(0.001);
        let resumed = if had > 0 {
            format!("; {} were there already", size(had))
        } else {
            String::new()
        };
        step.finish(format!(
            "{} in {}, {:.1} MB/s{resumed}",
            size(sent),
            match self.part_count() {
                1 => "1 part".to_owned(),
                count => format!("{count} parts"),
            },
            rate / 1e6
        ));
        Ok(had)
    }

    /// Announces the archive; the same announcement again tells where to go on.
    async fn announce(&self, patience: &mut Patience) -> Result<u64, Stop> {
        let announcement = BeginUpload {
            sha256: self.bundle.sha256,
            size_bytes: self.bundle.size_bytes,
            signature: self.signature.text().to_owned(),
            file: None,
        };
        let begin = || {
            self.client
                .begin_upload(self.app, self.release, &SLOT, &announcement)
        };
        Ok(patience.persist(begin).await?.offset)
    }

    /// Sends the rest of the part that `offset` is in.
    async fn send_part(
        &self,
        offset: u64,
        meter: &Meter,
        patience: &mut Patience,
    ) -> Result<Reached, Stop> {
        let end = ((offset / self.part_bytes + 1) * self.part_bytes).min(self.bundle.size_bytes);
        let bytes = self.read(offset, end - offset).await?;
        let length = bytes.len() as u64;
        let body = self.body(bytes, offset, meter);
        let sent = self
            .client
            .append_chunk(self.app, self.release, &SLOT, offset, length, body);
        match unless_cancelled(self.cancel, sent).await? {
            Ok(upload) => {
                patience.reset();
                self.reporter.log(
                    "put",
                    format!("part {}/{} ok", self.number(offset), self.part_count()),
                );
                self.report(upload.offset, upload.offset / self.part_bytes, meter);
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
                self.reporter
                    .log("put", format!("going on from byte {}", grouped(offset)));
                Ok(Reached {
                    offset,
                    resumed: true,
                })
            }
        }
    }

    async fn read(&self, offset: u64, length: u64) -> Result<Bytes, Stop> {
        let read = async {
            let mut file = tokio::fs::File::open(&self.bundle.path).await?;
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
        let confirmed = offset / self.part_bytes;
        let (reporter, meter, part) = (
            self.reporter.clone(),
            meter.clone(),
            self.part(offset, confirmed, meter),
        );
        let taken = Arc::new(AtomicU64::new(0));
        let pieces = stream::unfold(bytes, move |mut rest| {
            let piece = rest.split_to(rest.len().min(PIECE));
            let done = offset
                + taken.fetch_add(piece.len() as u64, Ordering::Relaxed)
                + piece.len() as u64;
            let bytes_per_second = meter.rate(done);
            reporter.progress(StepProgress::Uploading(Part {
                bytes_done: done,
                bytes_per_second,
                ..part
            }));
            std::future::ready(
                (!piece.is_empty()).then_some((Ok::<_, std::io::Error>(piece), rest)),
            )
        });
        Body::wrap_stream(pieces)
    }

    fn report(&self, offset: u64, confirmed: u64, meter: &Meter) {
        self.reporter
            .progress(StepProgress::Uploading(self.part(offset, confirmed, meter)));
    }

    fn part(&self, offset: u64, confirmed: u64, meter: &Meter) -> Part {
        Part {
            number: self.number(offset),
            count: self.part_count(),
            confirmed,
            bytes_done: offset,
            bytes_total: self.bundle.size_bytes,
            part_bytes: self.part_bytes,
            bytes_per_second: meter.rate(offset),
        }
    }

    fn number(&self, offset: u64) -> u64 {
        (offset / self.part_bytes + 1).min(self.part_count())
    }

    fn part_count(&self) -> u64 {
        self.bundle.size_bytes.div_ceil(self.part_bytes)
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
    fn rate(&self, done: u64) -> Option<u64> {
        let took = self.since.elapsed();
        if took < SHORTEST_RATE {
            return None;
        }
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
        Some(done.saturating_sub(self.from).saturating_mul(1000) / millis)
    }
}
