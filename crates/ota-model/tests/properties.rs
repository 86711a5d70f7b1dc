//! Properties of `resolve` that hold whatever an app's history was.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected should stop"
)]

use std::collections::BTreeMap;

use ota_model::{
    Answer, AppSnapshot, Artifact, ArtifactKind, Ask, Channel, ChannelName, ChannelSnapshot,
    Client, DEFAULT_CHANNELS, Deployment, DeploymentKind, KeyId, NoUpdate, Release, ReleaseId,
    ReleaseKind, ReleaseState, Revision, Sequence, Sha256, Systems, answer, resolve,
    sequence_for_promote, sequence_for_rollback,
};
use proptest::prelude::*;
use semver::Version;

/// One thing an operator can do.
#[derive(Debug, Clone)]
enum Act {
    Publish { channel: usize, release: usize },
    Promote { from: usize, to: usize },
    Rollback { channel: usize, release: usize },
    BuiltIn { channel: usize },
    Recall { release: usize },
    Pause { channel: usize, paused: bool },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0..4_usize, 0..8_usize).prop_map(|(channel, release)| Act::Publish { channel, release }),
        3 => (0..4_usize, 0..4_usize).prop_map(|(from, to)| Act::Promote { from, to }),
        2 => (0..4_usize, 0..8_usize).prop_map(|(channel, release)| Act::Rollback { channel, release }),
        1 => (0..4_usize).prop_map(|channel| Act::BuiltIn { channel }),
        1 => (0..8_usize).prop_map(|release| Act::Recall { release }),
        1 => (0..4_usize, any::<bool>()).prop_map(|(channel, paused)| Act::Pause { channel, paused }),
    ]
}

fn name(index: usize) -> ChannelName {
    ChannelName::parse(DEFAULT_CHANNELS[index].0).unwrap()
}

fn release(index: usize, kind: ReleaseKind) -> Release {
    Release {
        id: ReleaseId(format!("r{index}")),
        version: Version::new(1, index as u64, 0),
        kind,
        state: ReleaseState::Ready,
        notes: String::new(),
        min_binary_version: Version::new(1, index as u64 / 3, 0),
        max_binary_version: (index == 5).then(|| Version::new(1, 2, 0)),
        artifacts: vec![Artifact {
            kind: ArtifactKind::TarGz,
            sha256: Sha256::of(format!("bytes {index}").as_bytes()),
            size_bytes: 1,
            signature: String::new(),
            key_id: KeyId::from_bytes([1; 8]),
            seal: None,
        }],
        installers: Vec::new(),
        capgo_files: Vec::new(),
        created_at: chrono::DateTime::UNIX_EPOCH,
    }
}

const BUILT_IN: usize = 99;

/// An app that is changed by the model's own rules.
struct World {
    app: AppSnapshot,
    /// Every number with the release it was given to, as it was given out.
    given: Vec<(Sequence, ReleaseId)>,
}

impl World {
    fn new() -> Self {
        let channels = (0..4)
            .map(|index| {
                let channel = Channel {
                    name: name(index),
                    position: u32::try_from(index).unwrap(),
                    protected: false,
                    paused: false,
                    revision: Revision(0),
                };
                (
                    name(index),
                    ChannelSnapshot {
                        channel,
                        live: None,
                        native: None,
                        highest: Sequence::BUILT_IN,
                    },
                )
            })
            .collect();
        let releases = (0..8)
            .map(|index| release(index, ReleaseKind::Web))
            .chain([release(BUILT_IN, ReleaseKind::BuiltIn)])
            .map(|release| (release.id.clone(), release))
            .collect();
        let app = AppSnapshot {
            slug: "acme".parse().unwrap(),
            default_channel: name(3),
            systems: Systems::default(),
            last_sequence: Sequence(0),
            channels,
            releases,
            sequences: BTreeMap::new(),
        };
        Self {
            app,
            given: Vec::new(),
        }
    }

    fn deploy(
        &mut self,
        channel: &ChannelName,
        release: &ReleaseId,
        sequence: Sequence,
        kind: DeploymentKind,
    ) {
        if sequence > self.app.last_sequence {
            self.app.last_sequence = sequence;
            self.app.sequences.insert(sequence, release.clone());
            self.given.push((sequence, release.clone()));
        }
        let state = self.app.channels.get_mut(channel).unwrap();
        assert!(
            sequence > state.highest,
            "a channel only ever offers higher numbers"
        );
        state.highest = sequence;
        state.live = Some(Deployment {
            sequence,
            release: release.clone(),
            kind,
            since: chrono::DateTime::UNIX_EPOCH,
        });
    }

    fn next(&mut self, channel: &ChannelName, release: &ReleaseId, kind: DeploymentKind) {
        let sequence = sequence_for_rollback().resolve(self.app.last_sequence);
        self.deploy(channel, release, sequence, kind);
    }

    fn act(&mut self, act: &Act) {
        match *act {
            Act::Publish { channel, release } => {
                let id = ReleaseId(format!("r{release}"));
                if self.app.releases[&id].state == ReleaseState::Ready {
                    self.next(&name(channel), &id, DeploymentKind::Publish);
                }
            }
            Act::Promote { from, to } => {
                let Some(live) = self.app.channels[&name(from)].live.clone() else {
                    return;
                };
                if from == to || self.app.releases[&live.release].state != ReleaseState::Ready {
                    return;
                }
                let sequence =
                    sequence_for_promote(live.sequence, self.app.channels[&name(to)].highest)
                        .resolve(self.app.last_sequence);
                self.deploy(&name(to), &live.release, sequence, DeploymentKind::Promote);
            }
            Act::Rollback { channel, release } => {
                let id = ReleaseId(format!("r{release}"));
                if self.app.check_rollback(&name(channel), &id).is_ok() {
                    self.next(&name(channel), &id, DeploymentKind::Rollback);
                }
            }
            Act::BuiltIn { channel } => {
                let id = ReleaseId(format!("r{BUILT_IN}"));
                self.next(&name(channel), &id, DeploymentKind::BuiltIn);
            }
            Act::Recall { release } => {
                let id = ReleaseId(format!("r{release}"));
                self.app.releases.get_mut(&id).unwrap().state = ReleaseState::Recalled;
            }
            Act::Pause { channel, paused } => {
                self.app
                    .channels
                    .get_mut(&name(channel))
                    .unwrap()
                    .channel
                    .paused = paused;
            }
        }
    }

    fn after(acts: &[Act]) -> Self {
        let mut world = Self::new();
        for act in acts {
            world.act(act);
        }
        world
    }

    fn reissue(&mut self, channel: &ChannelName) {
        let release = self.app.channels[channel]
            .live
            .as_ref()
            .unwrap()
            .release
            .clone();
        self.next(channel, &release, DeploymentKind::ReIssue);
    }
}

/// A hotswap client.
#[derive(Clone)]
struct Device {
    channel: Option<ChannelName>,
    binary_version: Option<Version>,
    current: Sequence,
}

impl Device {
    fn ask(&self) -> Ask {
        Ask {
            channel: self.channel.clone(),
            client: Client::Hotswap {
                binary_version: self.binary_version.clone(),
                current: self.current,
                format: ArtifactKind::TarGz,
            },
        }
    }
}

fn device(channel: usize, minor: u64, current: u64) -> Device {
    Device {
        channel: Some(name(channel)),
        binary_version: Some(Version::new(1, minor, 0)),
        current: Sequence(current),
    }
}

/// What the device runs: the release that its number stands for.
fn runs(app: &AppSnapshot, current: Sequence) -> Option<ReleaseKind> {
    app.release_of(current).map(|release| release.kind)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, max_global_rejects: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_offer_is_higher_ready_and_runs_on_the_binary(
        acts in prop::collection::vec(act(), 0..40),
        channel in 0..4_usize, minor in 0..4_u64, current in 0..60_u64,
    ) {
        let world = World::after(&acts);
        let device = device(channel, minor, current);
        if let Some(offer) = resolve(&world.app, &device.ask()).offer() {
            let release = &world.app.releases[&offer.release];
            prop_assert!(offer.sequence > device.current);
            prop_assert_eq!(release.state, ReleaseState::Ready);
            prop_assert!(release.runs_on(device.binary_version.as_ref().unwrap()));
            prop_assert_eq!(Some(&offer.min_binary_version), device.binary_version.as_ref());
            prop_assert_eq!(&world.app.sequences[&offer.sequence], &offer.release);
            prop_assert!(!world.app.channels[&offer.channel].channel.paused);
        }
    }

    #[test]
    fn the_words_do_not_change_the_answer(
        acts in prop::collection::vec(act(), 0..40),
        channel in 0..4_usize, minor in 0..4_u64, current in 0..60_u64,
    ) {
        let world = World::after(&acts);
        let device = device(channel, minor, current);
        let decision = resolve(&world.app, &device.ask());
        prop_assert_eq!(&decision.answer, &answer(&world.app, &device.ask()));
        prop_assert_eq!(&decision.answer, &answer(&world.app, &device.ask()));
        prop_assert!(!decision.trail.is_empty());
        // An offer passed every rule; anything else ends with the rule that failed.
        let last = decision.trail.last().unwrap();
        prop_assert_eq!(last.passed, decision.offer().is_some());
    }

    #[test]
    fn a_number_never_stands_for_two_releases(acts in prop::collection::vec(act(), 0..60)) {
        let world = World::after(&acts);
        let mut numbers: Vec<_> = world.given.iter().map(|(sequence, _)| *sequence).collect();
        numbers.dedup();
        prop_assert_eq!(numbers.len(), world.given.len());
        for (sequence, release) in &world.given {
            prop_assert_eq!(&world.app.sequences[sequence], release);
        }
    }

    #[test]
    fn promote_keeps_the_bytes(
        acts in prop::collection::vec(act(), 0..40), from in 0..4_usize, to in 0..4_usize,
    ) {
        let mut world = World::after(&acts);
        let Some(live) = world.app.channels[&name(from)].live.clone() else { return Ok(()) };
        let before = world.app.releases[&live.release].clone();
        prop_assume!(from != to && before.state == ReleaseState::Ready);
        let last = world.app.last_sequence;
        world.act(&Act::Promote { from, to });
        let promoted = world.app.channels[&name(to)].live.clone().unwrap();
        prop_assert_eq!(&world.app.releases[&promoted.release], &before);
        prop_assert!(promoted.sequence == live.sequence || promoted.sequence == last.next());
    }

    #[test]
    fn after_a_rollback_a_device_converges_in_at_most_two_checks(
        acts in prop::collection::vec(act(), 1..40),
        channel in 0..4_usize, current in 0..60_u64, built_in in any::<bool>(), release in 0..8_usize,
    ) {
        let mut world = World::after(&acts);
        world.app.channels.get_mut(&name(channel)).unwrap().channel.paused = false;
        let before = world.app.last_sequence;
        world.act(&if built_in { Act::BuiltIn { channel } } else { Act::Rollback { channel, release } });
        prop_assume!(world.app.last_sequence > before);
        // Any device that took its number from this app, with a binary that can run the target.
        let mut device = device(channel, 1, current % (before.0 + 1));
        let target = world.app.channels[&name(channel)].live.clone().unwrap().release;
        let release = world.app.releases[&target].clone();
        device.binary_version = Some(release.min_binary_version.clone());
        for _ in 0..2 {
            match answer(&world.app, &device.ask()) {
                Answer::Offer(offer) => device.current = offer.sequence,
                Answer::NoUpdate { reissue: true, .. } => world.reissue(&name(channel)),
                Answer::NoUpdate { .. } => {}
            }
        }
        let shows_built_in = runs(&world.app, device.current).is_none_or(|kind| kind == ReleaseKind::BuiltIn);
        let shows_target = world.app.release_of(device.current).is_some_and(|running| running.same_bytes(&release));
        prop_assert!(shows_target || (release.kind == ReleaseKind::BuiltIn && shows_built_in));
    }

    #[test]
    fn a_device_that_switches_channels_converges_in_at_most_three_checks(
        acts in prop::collection::vec(act(), 1..40), from in 0..4_usize, to in 0..4_usize,
    ) {
        let mut world = World::after(&acts);
        world.app.channels.get_mut(&name(to)).unwrap().channel.paused = false;
        let Some(theirs) = world.app.channels[&name(from)].live.clone() else { return Ok(()) };
        let Some(target) = world.app.channels[&name(to)].live.clone() else { return Ok(()) };
        let release = world.app.releases[&target.release].clone();
        let mut device = device(to, 1, theirs.sequence.0);
        device.binary_version = Some(release.min_binary_version.clone());
        prop_assume!(release.state == ReleaseState::Ready);
        let mut reissues = 0;
        for _ in 0..3 {
            match answer(&world.app, &device.ask()) {
                Answer::Offer(offer) => device.current = offer.sequence,
                Answer::NoUpdate { reissue: true, .. } => { world.reissue(&name(to)); reissues += 1; }
                Answer::NoUpdate { .. } => {}
            }
        }
        prop_assert!(reissues <= 1, "a device asks for at most one re-issue");
        let running = world.app.release_of(device.current).unwrap();
        prop_assert!(running.same_bytes(&release));
        // And it stays there.
        let settled = matches!(
            answer(&world.app, &device.ask()),
            Answer::NoUpdate { reason: NoUpdate::UpToDate | NoUpdate::SameBytes, reissue: false }
        );
        prop_assert!(settled);
    }

    #[test]
    fn a_number_that_was_never_given_out_never_asks_for_a_reissue(
        acts in prop::collection::vec(act(), 0..40), channel in 0..4_usize, beyond in 1..u64::MAX / 2,
    ) {
        let world = World::after(&acts);
        let device = device(channel, 1, world.app.last_sequence.0 + beyond);
        let asks = matches!(answer(&world.app, &device.ask()), Answer::NoUpdate { reissue: true, .. });
        prop_assert!(!asks);
    }
}

#[test]
fn the_trail_tells_the_story_in_plain_words() {
    let mut world = World::new();
    world.act(&Act::Publish {
        channel: 1,
        release: 4,
    });
    world.act(&Act::Promote { from: 1, to: 3 });
    let words = |device: &Device| {
        resolve(&world.app, &device.ask())
            .trail
            .into_iter()
            .map(|step| step.text)
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_eq!(
        words(&Device {
            channel: None,
            ..device(3, 1, 0)
        }),
        "acme serves Tauri hotswap clients\n\
         Names no channel, so it follows production\n\
         production offers 1.4.0 #1\n\
         1.4.0 is not recalled\n\
         1.4.0 has a .tar.gz for this client\n\
         Binary 1.1.0 can run it: it needs 1.1.0 or newer\n\
         It runs its built-in assets\n\
         #1 is higher than #0: offered"
    );
    assert!(
        words(&device(3, 0, 0)).ends_with("Binary 1.0.0 cannot run it: it needs 1.1.0 or newer")
    );
    assert!(
        words(&Device {
            binary_version: None,
            ..device(3, 0, 0)
        })
        .contains("no binary version that is semver")
    );
}

#[test]
fn a_prerelease_binary_is_below_its_release() {
    let mut world = World::new();
    world.act(&Act::Publish {
        channel: 3,
        release: 4,
    });
    let beta = Device {
        binary_version: Some("1.1.0-beta.1".parse().unwrap()),
        ..device(3, 1, 0)
    };
    assert_eq!(
        answer(&world.app, &beta.ask()),
        Answer::NoUpdate {
            reason: NoUpdate::BinaryOutOfRange,
            reissue: false
        }
    );
}
