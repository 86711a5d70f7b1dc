//! One arm for each job.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::Utc;
use ota_api::{CreateApp, Deploy, DeployAction, UpdateApp};
use ota_client::{Client, DeviceAsk, IdempotencyKey};
use ota_keys::{CustodyKind, Password};
use ota_model::{AppSlug, ChannelName, ClientSystem, Revision, Sequence, Systems};
use tokio::sync::{Mutex, mpsc};

use super::builds::{self, Builds};
use super::keys::Keys;
use super::link::{self, Embedded, Link};
use super::settings::{self, Folders};
use super::{Out, pick, publish};
use crate::model::{
    ChainVerdict, DeviceAnswer, Event, Fault, Job, Keep, KeyRef, PublishOrder, RequestId,
    done_words,
};

/// The newest entries that the window lists.
const RECENT: u64 = 50;

/// A publication as it was ordered.
struct Ordered {
    request: RequestId,
    build: RequestId,
    app: AppSlug,
    form: PublishOrder,
    revision: Revision,
    password: Option<Password>,
}

/// What jobs share.
struct Shared {
    out: Out,
    folders: Folders,
    keys: Keys,
    builds: Mutex<Builds>,
    embedded: Mutex<Option<Embedded>>,
    link: Mutex<Option<Link>>,
}

/// Takes jobs until the window is gone. Each one runs beside the others; what must keep its order is awaited here.
pub(super) async fn run(mut jobs: mpsc::Receiver<Job>, out: Out, folders: Folders) {
    let shared = Arc::new(Shared {
        keys: Keys::new(folders.keys()),
        out,
        folders,
        builds: Mutex::default(),
        embedded: Mutex::default(),
        link: Mutex::default(),
    });
    while let Some(job) = jobs.recv().await {
        match job {
            // Later ones must not be overtaken by earlier ones.
            Job::SaveSettings(settings) => {
                if let Err(error) = settings::save(&shared.folders, &settings) {
                    tracing::warn!("The settings were not saved: {error:#}");
                }
            }
            Job::UseKeyFolder(folder) => shared.keys.use_folder(folder),
            Job::ForgetPassword(name) => shared.keys.forget(&name),
            Job::Cancel(request) => shared.builds.lock().await.cancel(request),
            job => {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move { shared.run(job).await });
            }
        }
    }
}

impl Shared {
    async fn client(&self) -> Result<Client, Fault> {
        let link = self.link.lock().await;
        link.as_ref()
            .map(|link| link.client.clone())
            .ok_or_else(|| Fault::local("There is no server to ask"))
    }

    #[expect(clippy::too_many_lines, reason = "a table: one arm for each job")]
    async fn run(&self, job: Job) {
        let event = match job {
            Job::Connect { server, token } => self.connect(server, token).await,
            Job::Probe { url, token } => Event::Probed(Box::new(link::probe(url, token).await)),
            Job::Disconnect => return self.disconnect().await,
            Job::FetchApps => Event::Apps {
                at: Utc::now(),
                result: self.apps().await,
            },
            Job::FetchOverview(app) => {
                let result = async { Ok(Box::new(self.client().await?.app(&app).await?)) }.await;
                Event::Overview {
                    at: Utc::now(),
                    app,
                    result,
                }
            }
            Job::FetchActivity(app) => {
                let result = self.activity(&app).await;
                Event::Activity {
                    at: Utc::now(),
                    app,
                    result,
                }
            }
            Job::CreateApp { slug, name, serves } => {
                Event::AppCreated(self.create_app(&slug, name, serves).await)
            }
            Job::FetchChecks(app) => {
                let result = async { Ok(self.client().await?.checks(&app).await?) }.await;
                Event::Checks {
                    at: Utc::now(),
                    app,
                    result,
                }
            }
            Job::SetSystems {
                request,
                app,
                systems,
            } => Event::SystemsSet {
                at: Utc::now(),
                request,
                result: self.set_systems(&app, systems).await,
            },
            Job::Pick { request, what } => {
                let cancel = self.builds.lock().await.begin(request);
                let picked = cancel.run_until_cancelled(pick::pick(what)).await;
                self.builds.lock().await.end(request);
                let Some(result) = picked else { return };
                Event::Picked { request, result }
            }
            Job::Glance(path) => {
                match tokio::task::spawn_blocking(move || builds::glance(path)).await {
                    Ok(glance) => Event::Glanced(glance),
                    Err(_) => return,
                }
            }
            Job::Read {
                request,
                path,
                left_out,
                app,
                channel,
            } => {
                let result = self.read(request, path, left_out, &app, &channel).await;
                Event::Read {
                    request,
                    result: result.map(Box::new),
                }
            }
            Job::Compare {
                request,
                app,
                channel,
            } => {
                let result = self.compare(request, &app, &channel).await;
                Event::Compared {
                    at: Utc::now(),
                    request,
                    channel,
                    result,
                }
            }
            Job::Publish {
                request,
                build,
                app,
                order,
                revision,
                password,
            } => {
                let order = Ordered {
                    request,
                    build,
                    app,
                    form: order,
                    revision,
                    password,
                };
                let result = self.publish(order).await;
                Event::Published {
                    at: Utc::now(),
                    request,
                    result,
                }
            }
            Job::AskAsDevice {
                app,
                channel,
                current,
                binary_version,
            } => {
                let result = self
                    .ask_as_device(app, channel, current, &binary_version)
                    .await;
                Event::DeviceAnswered {
                    at: Utc::now(),
                    result,
                }
            }
            Job::FetchHistory { app, channel } => {
                let result =
                    async { Ok(self.client().await?.history(&app, &channel).await?) }.await;
                Event::History {
                    at: Utc::now(),
                    channel,
                    result,
                }
            }
            Job::Plan {
                app,
                channel,
                deploy,
            } => self.plan(&app, channel, &deploy).await,
            Job::Deploy {
                app,
                channel,
                revision,
                deploy,
            } => self.deploy(&app, channel, revision, &deploy).await,
            Job::ListKeys => Event::Keys {
                at: Utc::now(),
                result: self.keys.list().await,
            },
            Job::ListKeyFiles => Event::KeyFiles {
                at: Utc::now(),
                result: self.keys.list_files().await,
            },
            Job::UnlockKey {
                name,
                password,
                remember,
            } => Event::Unlocked {
                result: self.keys.unlock(name.clone(), password, remember).await,
                remembered: remember,
                name,
            },
            job => return self.run_key_job(job).await,
        };
        self.out.send(event).await;
    }

    async fn run_key_job(&self, job: Job) {
        let (done, custody, result) = match job {
            Job::GenerateKey { name, keep, trust } => {
                let (done, custody) = (format!("Generated {name}"), keep.custody());
                let password = password_of(&keep);
                let made = self.keys.generate(name, keep).await;
                let result = self.trust_if_wanted(made, password, trust).await;
                (done, custody, result)
            }
            Job::ImportKey {
                path,
                name,
                password,
                keep,
                trust,
            } => {
                let (done, custody) = (format!("Imported {name}"), keep.custody());
                let new_password = password_of(&keep);
                let imported = self.keys.import(path, name, password, keep).await;
                let result = self.trust_if_wanted(imported, new_password, trust).await;
                (done, custody, result)
            }
            Job::TrustKey { app, key, password } => (
                format!("{app} trusts {}", key.name),
                key.custody,
                self.trust(&app, key, password).await,
            ),
            Job::BackUpKey {
                key,
                path,
                password,
            } => (
                format!("Backed up {}, restored the copy and checked it", key.name),
                key.custody,
                self.keys.back_up(key, path, password).await,
            ),
            Job::RenameKey { key, to } => (
                format!("Renamed {} to {to}", key.name),
                key.custody,
                self.keys.rename(key, to).await,
            ),
            Job::DeleteKey { key, typed } => (
                format!("Deleted {}", key.name),
                key.custody,
                self.keys.delete(key, typed).await,
            ),
            // The window does it: the clipboard is its own.
            _ => return,
        };
        let event = Event::KeyDone {
            done,
            custody,
            result,
        };
        self.out.send(event).await;
    }

    async fn trust_if_wanted(
        &self,
        made: Result<KeyRef, Fault>,
        password: Option<Password>,
        trust: Option<AppSlug>,
    ) -> Result<(), Fault> {
        let key = made?;
        let Some(app) = trust else {
            return Ok(());
        };
        let place = match key.custody {
            CustodyKind::File => "in its file",
            CustodyKind::Keyring | CustodyKind::Memory => "in the keyring",
        };
        let name = key.name.clone();
        let trusted = self.trust(&app, key, password).await;
        trusted.map_err(|fault| Fault {
            message: format!(
                "{name} is {place}, but {app} does not trust it yet. {}",
                fault.message
            ),
            ..fault
        })
    }

    async fn trust(
        &self,
        app: &AppSlug,
        key: KeyRef,
        password: Option<Password>,
    ) -> Result<(), Fault> {
        let client = self.client().await?;
        let name = key.name.to_string();
        let key = self.keys.load(key, password).await?;
        client.trust_key(app, &name, &key).await?;
        Ok(())
    }

    async fn connect(
        &self,
        server: crate::model::ServerChoice,
        token: Option<ota_keys::AccessToken>,
    ) -> Event {
        let mut embedded = self.embedded.lock().await;
        let result = link::connect(
            &mut embedded,
            server,
            token,
            &self.folders,
            &self.keys,
            &self.out,
        )
        .await;
        let result = match result {
            Ok(link) => {
                let connected = Box::new(link.connected.clone());
                *self.link.lock().await = Some(link);
                Ok(connected)
            }
            Err(fault) => Err(fault),
        };
        Event::Connected {
            at: Utc::now(),
            result,
        }
    }

    async fn disconnect(&self) {
        *self.link.lock().await = None;
        *self.embedded.lock().await = None;
    }

    async fn apps(&self) -> Result<Vec<ota_api::App>, Fault> {
        Ok(self.client().await?.apps().await?)
    }

    async fn set_systems(&self, app: &AppSlug, systems: Systems) -> Result<ota_api::App, Fault> {
        let change = UpdateApp {
            systems: Some(systems),
            ..UpdateApp::default()
        };
        Ok(self.client().await?.update_app(app, &change).await?)
    }

    async fn create_app(
        &self,
        slug: &str,
        name: String,
        serves: BTreeSet<ClientSystem>,
    ) -> Result<ota_api::App, Fault> {
        let slug: AppSlug = slug
            .trim()
            .parse()
            .map_err(|error: ota_model::NameError| Fault::local(error.to_string()))?;
        let name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
        Ok(self
            .client()
            .await?
            .create_app(&CreateApp {
                slug,
                name,
                systems: Some(Systems {
                    serves,
                    ..Systems::default()
                }),
            })
            .await?)
    }

    /// The newest entries, and the hash of every one.
    async fn activity(
        &self,
        app: &AppSlug,
    ) -> Result<(ota_api::ActivityPage, ChainVerdict), Fault> {
        let client = self.client().await?;
        let all = client.activity_since(app, 0).await?;
        let verdict = match ota_client::verify_chain(&all, None) {
            Ok(head) => ChainVerdict::Good {
                head: head.map_or(0, |head| head.entry),
            },
            Err(
                ota_client::ChainError::Altered { entry }
                | ota_client::ChainError::Broken { entry }
                | ota_client::ChainError::Unreadable { entry }
                | ota_client::ChainError::Missing { found: entry, .. },
            ) => ChainVerdict::Broken { entry },
        };
        let head = all.last().map_or(0, |entry| entry.statement.entry);
        let newest = usize::try_from(RECENT).unwrap_or(usize::MAX);
        let entries = all.into_iter().rev().take(newest).collect();
        Ok((
            ota_api::ActivityPage {
                entries,
                head,
                next: None,
            },
            verdict,
        ))
    }

    async fn read(
        &self,
        request: RequestId,
        path: std::path::PathBuf,
        left_out: Vec<String>,
        app: &AppSlug,
        channel: &ChannelName,
    ) -> Result<crate::model::Prepared, Fault> {
        let cancel = self.builds.lock().await.begin(request);
        // Without the server the build is read all the same; only the comparison waits.
        let live = match self.client().await {
            Ok(client) => builds::live(&client, app, channel)
                .await
                .unwrap_or_default(),
            Err(_) => None,
        };
        let (out, cancelled) = (self.out.clone(), cancel.clone());
        let read = tokio::task::spawn_blocking(move || {
            builds::read(&path, left_out, live.as_ref(), request, &cancelled, &out)
        })
        .await
        .unwrap_or_else(|error| Err(Fault::local(format!("Reading stopped: {error}"))));
        let mut builds = self.builds.lock().await;
        let (build, prepared) = read?;
        if !cancel.is_cancelled() {
            builds.finish(request, Arc::new(build));
        }
        Ok(prepared)
    }

    async fn compare(
        &self,
        request: RequestId,
        app: &AppSlug,
        channel: &ChannelName,
    ) -> Result<crate::model::Against, Fault> {
        let client = self.client().await?;
        let live = builds::live(&client, app, channel).await?;
        let build = self
            .builds
            .lock()
            .await
            .get(request)
            .ok_or_else(build_gone)?;
        Ok(builds::compare(
            &build.bundle.listing,
            channel.clone(),
            live,
        ))
    }

    async fn publish(&self, order: Ordered) -> Result<Box<crate::model::Done>, Fault> {
        let client = self.client().await?;
        let Ordered {
            request,
            build,
            app,
            form,
            revision,
            password,
        } = order;
        let (cancel, build) = {
            let mut builds = self.builds.lock().await;
            (
                builds.begin(request),
                builds.get(build).ok_or_else(build_gone)?,
            )
        };
        let result = async {
            let signer = self.keys.signer(form.key.clone(), password).await?;
            let order = publish::Order {
                request,
                app,
                form,
                revision,
                build,
                signer,
            };
            publish::publish(&client, order, cancel, &self.out).await
        }
        .await;
        self.builds.lock().await.end(request);
        result
    }

    async fn ask_as_device(
        &self,
        app: AppSlug,
        channel: ChannelName,
        current: u64,
        binary_version: &str,
    ) -> Result<DeviceAnswer, Fault> {
        let (client, public_url) = {
            let link = self.link.lock().await;
            let link = link
                .as_ref()
                .ok_or_else(|| Fault::local("There is no server to ask"))?;
            (
                link.client.clone(),
                link.connected.session.server.public_url.clone(),
            )
        };
        let binary_version = semver::Version::parse(binary_version).map_err(|error| {
            Fault::local(format!("“{binary_version}” is not a version: {error}"))
        })?;
        let ask = DeviceAsk {
            app,
            current: Sequence(current),
            binary_version,
            platform: "android".to_owned(),
            arch: "aarch64".to_owned(),
            channel: Some(channel),
        };
        let answer = client.what_a_device_gets(&public_url, &ask).await?;
        let path = answer
            .url
            .strip_prefix(&public_url)
            .unwrap_or(&answer.url)
            .to_owned();
        Ok(DeviceAnswer {
            request: format!("GET {path}"),
            status: answer.status,
            took_ms: u64::try_from(answer.took.as_millis()).unwrap_or(u64::MAX),
            body: answer.manifest,
        })
    }

    async fn plan(&self, app: &AppSlug, channel: ChannelName, deploy: &Deploy) -> Event {
        let result = async {
            let client = self.client().await?;
            Ok(Box::new(client.plan(app, &channel, deploy).await?))
        }
        .await;
        let release = match &deploy.action {
            DeployAction::Rollback { release } => Some(release.clone()),
            _ => None,
        };
        Event::Planned {
            at: Utc::now(),
            channel,
            release,
            result,
        }
    }

    async fn deploy(
        &self,
        app: &AppSlug,
        channel: ChannelName,
        revision: Revision,
        deploy: &Deploy,
    ) -> Event {
        let result: Result<_, Fault> = async {
            let key = IdempotencyKey::new()?;
            let client = self.client().await?;
            Ok(Box::new(
                client.deploy(app, &channel, revision, deploy, &key).await?,
            ))
        }
        .await;
        let version = match &result {
            Ok(deployed) => deployed
                .channel
                .live
                .as_ref()
                .map(|live| live.version.to_string()),
            Err(_) => None,
        };
        let wanted = done_words(
            &deploy.action,
            &channel,
            version.as_deref().unwrap_or("the release"),
        );
        Event::Deployed {
            at: Utc::now(),
            channel,
            wanted,
            result,
        }
    }
}

fn build_gone() -> Fault {
    Fault::local("The build was put away meanwhile. Drop it again")
}

/// The password that a new key file gets.
fn password_of(keep: &Keep) -> Option<Password> {
    match keep {
        Keep::Keyring => None,
        Keep::File { password } => Some(password.clone()),
    }
}
