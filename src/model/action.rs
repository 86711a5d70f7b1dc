//! What a person wishes, what must be done for it, and what happened.

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use ota_api::{
    ActivityEntry, ActivityPage, App, AppOverview, CheckEvent, Checks, Deploy, Deployed,
    DeploymentRecord, Plan, ServerEvent, Session,
};
use ota_keys::{AccessToken, CustodyKind, KeyInfo, KeyName, Password};
use ota_model::{AppSlug, ChannelName, ClientSystem, ReleaseId, Revision, Systems};

use super::publish::{
    Against, DeviceAnswer, Done, LogLine, Prepared, PublishOrder, RequestId, StepState,
};
use super::{
    Dialog, Fault, Keep, KeyFiles, KeyPlace, KeyRef, NoPicker, Page, Pick, ServerChoice, Settings,
    Target, ThemeChoice,
};

/// A wish. Views send these and do nothing themselves.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Show a screen.
    Go(Page),
    /// Start the server inside the app and talk to it.
    StartLocalServer,
    /// Talk to a server that somebody runs.
    Connect {
        /// Its address.
        url: String,
        /// The access token.
        token: AccessToken,
    },
    /// Ask an address what it is, while it is being typed.
    Probe {
        /// The address.
        url: String,
        /// The token, if one was typed.
        token: Option<AccessToken>,
    },
    /// Try the server again now.
    TryNow,
    /// Forget the server and go back to the first run.
    Disconnect,
    /// Ask for a new token: the server refused the old one.
    AskSignIn,
    /// Give a new token to the server that refused the old one.
    SignInAgain(AccessToken),
    /// Read again what is shown.
    Refresh,
    /// Show another app.
    ChooseApp(AppSlug),
    /// Serve clients of a system, or stop.
    Serve {
        /// Which.
        system: ClientSystem,
        /// Serve, or not.
        serve: bool,
    },
    /// Take back the last change of what is served, from its toast.
    UndoServe(u64),
    /// Make an app.
    CreateApp {
        /// Its slug, as typed.
        slug: String,
        /// Its name.
        name: String,
        /// The client systems it serves.
        serves: BTreeSet<ClientSystem>,
    },
    /// Light, dark, or as the system.
    SetTheme(ThemeChoice),
    /// Open the system's dialog for a build.
    ChooseBuild,
    /// Close the system's dialog.
    StopChoosing,
    /// Something was dropped, or chosen in the dialog.
    Dropped(Vec<PathBuf>),
    /// Something hovers over the window: look at it.
    Hover(PathBuf),
    /// Stop reading, or put the build away.
    DiscardBuild,
    /// Publish to another channel: compare with what is live there.
    ChooseChannel(ChannelName),
    /// Leave files out of the bundle.
    LeaveOut(Vec<String>),
    /// Take files in again.
    TakeIn(Vec<String>),
    /// Use the folder that holds the `index.html`.
    UseSuggestedFolder(PathBuf),
    /// Sign and publish.
    Publish(PublishOrder),
    /// Stop publishing before anything changed for devices.
    CancelPublish,
    /// Leave the done screen.
    PublishAnother,
    /// Open the roll back dialog of a channel.
    AskRollBack(ChannelName),
    /// Choose where to go back to.
    ChooseTarget(Target),
    /// Do it.
    RollBack {
        /// Why.
        reason: String,
    },
    /// Open the promote dialog of a channel.
    AskPromote(ChannelName),
    /// Do it.
    Promote,
    /// Open a dialog that needs nothing from the server.
    Open(Dialog),
    /// Close the dialog in front.
    CloseDialog,
    /// Close a toast.
    CloseToast(u64),
    /// Generate a key.
    GenerateKey {
        /// Its name.
        name: String,
        /// Where it goes.
        keep: Keep,
        /// Let the app that is shown trust it.
        trust: bool,
    },
    /// Choose a key file in the system's dialog.
    ChooseKeyFile,
    /// Import the chosen file.
    ImportKey {
        /// The file.
        path: PathBuf,
        /// The name it gets.
        name: String,
        /// The file's password, if it has one.
        password: Option<Password>,
        /// Where the key goes.
        keep: Keep,
        /// Let the app that is shown trust it.
        trust: bool,
    },
    /// Let the app that is shown trust a key.
    TrustKey(KeyRef),
    /// Open the key that the dialog in front asks for, and do what it was wanted for.
    UnlockKey {
        /// What was typed.
        password: Password,
        /// Do not ask again until the app closes.
        remember: bool,
    },
    /// Ask for the password of a key file again from now on.
    ForgetPassword(KeyName),
    /// Choose another folder for key files.
    ChooseKeyFolder,
    /// Keep key files in this folder; among the app's own data without one.
    UseKeyFolder(Option<PathBuf>),
    /// Where new keys go from now on.
    KeepNewKeysIn(KeyPlace),
    /// Choose where a backup goes.
    ChooseBackUpFile {
        /// Of which key.
        name: String,
    },
    /// Write a backup, restore it, and check it.
    BackUpKey {
        /// Which key.
        key: KeyRef,
        /// Where to.
        path: PathBuf,
        /// The password that opens the copy; that of the key itself if it is a file.
        password: Password,
    },
    /// Rename a key.
    RenameKey {
        /// Which.
        key: KeyRef,
        /// Its new name.
        to: String,
    },
    /// Delete a key.
    DeleteKey {
        /// Which.
        key: KeyRef,
        /// What was typed to unlock it.
        typed: String,
    },
    /// Put text on the clipboard and say so.
    Copy {
        /// The text.
        text: String,
        /// What it is: "Public key".
        what: String,
    },
}

/// Work for the worker.
#[derive(Debug, Clone, PartialEq)]
pub enum Job {
    /// Start the embedded server, or talk to a server with the token from the keyring.
    Connect {
        /// Which.
        server: ServerChoice,
        /// A token that was just typed; it is put into the keyring when the server takes it.
        token: Option<AccessToken>,
    },
    /// Ask an address what it is.
    Probe {
        /// The address.
        url: String,
        /// A token.
        token: Option<AccessToken>,
    },
    /// Stop listening; stop the embedded server.
    Disconnect,
    /// Write the settings.
    SaveSettings(Box<Settings>),
    /// The apps of the server.
    FetchApps,
    /// An app with its channels.
    FetchOverview(AppSlug),
    /// The log of an app: its newest entries, and whether the chain holds.
    FetchActivity(AppSlug),
    /// Make an app.
    CreateApp {
        /// Its slug, as typed.
        slug: String,
        /// Its name.
        name: String,
        /// The client systems it serves.
        serves: BTreeSet<ClientSystem>,
    },
    /// Which devices of an app asked.
    FetchChecks(AppSlug),
    /// Let an app serve these systems and no others.
    SetSystems {
        /// The wish.
        request: u64,
        /// The app.
        app: AppSlug,
        /// All that is known of them.
        systems: Systems,
    },
    /// The keys of the keyring.
    ListKeys,
    /// The keys in files.
    ListKeyFiles,
    /// Keep key files in this folder from now on; among the app's own data without one.
    UseKeyFolder(Option<PathBuf>),
    /// Open the system's dialog.
    Pick {
        /// Which one.
        request: RequestId,
        /// What it asks for.
        what: Pick,
    },
    /// A quick look at what hovers, for 150 ms at most.
    Glance(PathBuf),
    /// Read a build, check and pack it.
    Read {
        /// Which reading.
        request: RequestId,
        /// What was dropped.
        path: PathBuf,
        /// Left out by choice.
        left_out: Vec<String>,
        /// Compare the size with what is live there.
        app: AppSlug,
        /// The channel.
        channel: ChannelName,
    },
    /// Stop a reading or a publishing; close the system's dialog.
    Cancel(RequestId),
    /// Compare a build with what a channel offers.
    Compare {
        /// Which reading.
        request: RequestId,
        /// The app.
        app: AppSlug,
        /// The channel.
        channel: ChannelName,
    },
    /// Sign and publish the build of a reading.
    Publish {
        /// The publishing.
        request: RequestId,
        /// The reading it came from.
        build: RequestId,
        /// The app.
        app: AppSlug,
        /// The form.
        order: PublishOrder,
        /// What the person saw on the channel.
        revision: Revision,
        /// The password of a key file, unless it is remembered.
        password: Option<Password>,
    },
    /// Ask as a device would.
    AskAsDevice {
        /// The app.
        app: AppSlug,
        /// On which channel.
        channel: ChannelName,
        /// The sequence it runs.
        current: u64,
        /// Its binary.
        binary_version: String,
    },
    /// What ran on a channel.
    FetchHistory {
        /// The app.
        app: AppSlug,
        /// The channel.
        channel: ChannelName,
    },
    /// What a change would do.
    Plan {
        /// The app.
        app: AppSlug,
        /// The channel.
        channel: ChannelName,
        /// The change.
        deploy: Deploy,
    },
    /// Change what a channel offers.
    Deploy {
        /// The app.
        app: AppSlug,
        /// The channel.
        channel: ChannelName,
        /// The revision the person saw.
        revision: Revision,
        /// The change.
        deploy: Deploy,
    },
    /// Generate a key.
    GenerateKey {
        /// Its name.
        name: String,
        /// Where it goes.
        keep: Keep,
        /// Let this app trust it.
        trust: Option<AppSlug>,
    },
    /// Import a key file.
    ImportKey {
        /// The file.
        path: PathBuf,
        /// Its new name.
        name: String,
        /// Its password.
        password: Option<Password>,
        /// Where the key goes.
        keep: Keep,
        /// Let this app trust it.
        trust: Option<AppSlug>,
    },
    /// Let an app trust a key: signs the empty bundle.
    TrustKey {
        /// The app.
        app: AppSlug,
        /// Which key.
        key: KeyRef,
        /// The password of a key file, unless it is remembered.
        password: Option<Password>,
    },
    /// See whether a password opens a key file, and remember it if that is wished.
    UnlockKey {
        /// Which key.
        name: KeyName,
        /// What was typed.
        password: Password,
        /// Until the app closes.
        remember: bool,
    },
    /// Forget the password of a key file.
    ForgetPassword(KeyName),
    /// Write, restore and check a backup.
    BackUpKey {
        /// Which key.
        key: KeyRef,
        /// Where to.
        path: PathBuf,
        /// The copy's password; that of the key itself if it is a file.
        password: Password,
    },
    /// Rename a key.
    RenameKey {
        /// Which.
        key: KeyRef,
        /// Its new name.
        to: String,
    },
    /// Delete a key.
    DeleteKey {
        /// Which.
        key: KeyRef,
        /// What was typed.
        typed: String,
    },
    /// Put text on the clipboard. The window does it.
    Copy(String),
}

/// Which server answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Connected {
    /// Which one.
    pub server: ServerChoice,
    /// The base of the admin API.
    pub url: String,
    /// Who we are there.
    pub session: Session,
    /// How long the answer took.
    pub latency_ms: u64,
    /// Whether the access token is in the keyring; if not, it is gone when the app closes.
    pub token_kept: bool,
}

/// What is known of an address that is being typed.
#[derive(Debug, Clone, PartialEq)]
pub struct Probed {
    /// The address.
    pub url: String,
    /// The session, when a token came with it and was taken; else what the server said of the token.
    pub result: Result<ProbeAnswer, Fault>,
}

/// A server answered.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeAnswer {
    /// The token's session, when there is a token.
    pub session: Option<Session>,
    /// Why the token was refused, if it was.
    pub token_fault: Option<Fault>,
}

/// What a glance at a hovering folder told.
#[derive(Debug, Clone, PartialEq)]
pub struct Glance {
    /// What hovers.
    pub path: PathBuf,
    /// It can be dropped here, or why not.
    pub verdict: Result<GlanceFacts, Fault>,
}

/// What is known after 150 ms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlanceFacts {
    /// Files seen so far.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Whether there are more.
    pub more: bool,
    /// Whether `index.html` is at the root.
    pub has_index: bool,
    /// A `.tar.gz` or `.zip` instead of a folder.
    pub archive: bool,
}

/// What happened. Events carry the time: the model has no clock.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Time passed.
    Tick(DateTime<Utc>),
    /// The server answered the first question, or did not.
    Connected {
        /// When.
        at: DateTime<Utc>,
        /// The server, or why not.
        result: Result<Box<Connected>, Fault>,
    },
    /// An address that was typed.
    Probed(Box<Probed>),
    /// The event stream stands again or broke.
    Stream {
        /// When.
        at: DateTime<Utc>,
        /// Broken, or standing.
        fault: Option<Fault>,
    },
    /// Something changed on the server.
    Changed(Box<ServerEvent>),
    /// Devices of an app checked.
    Checked {
        /// When it was told.
        at: DateTime<Utc>,
        /// What is known of them.
        event: Box<CheckEvent>,
    },
    /// Which devices of an app asked.
    Checks {
        /// When.
        at: DateTime<Utc>,
        /// Which app was asked for.
        app: AppSlug,
        /// They, or why not.
        result: Result<Checks, Fault>,
    },
    /// Another set of client systems is served, or not.
    SystemsSet {
        /// When.
        at: DateTime<Utc>,
        /// The wish that it ends.
        request: u64,
        /// The app as it is now, or why nothing changed.
        result: Result<App, Fault>,
    },
    /// The apps.
    Apps {
        /// When.
        at: DateTime<Utc>,
        /// They, or why not.
        result: Result<Vec<App>, Fault>,
    },
    /// An app with its channels.
    Overview {
        /// When.
        at: DateTime<Utc>,
        /// Which app was asked for.
        app: AppSlug,
        /// It, or why not.
        result: Result<Box<AppOverview>, Fault>,
    },
    /// The log.
    Activity {
        /// When.
        at: DateTime<Utc>,
        /// Which app was asked for.
        app: AppSlug,
        /// The newest entries and the verdict on the whole chain.
        result: Result<(ActivityPage, ChainVerdict), Fault>,
    },
    /// An app was made, or not.
    AppCreated(Result<App, Fault>),
    /// The keys of the keyring.
    Keys {
        /// When.
        at: DateTime<Utc>,
        /// They, or why not.
        result: Result<Vec<KeyInfo>, Fault>,
    },
    /// The keys in files.
    KeyFiles {
        /// When.
        at: DateTime<Utc>,
        /// They, or why not.
        result: Result<KeyFiles, Fault>,
    },
    /// A password was tried.
    Unlocked {
        /// Of which key file.
        name: KeyName,
        /// Whether it is remembered now.
        remembered: bool,
        /// It opened the key, or why not.
        result: Result<(), Fault>,
    },
    /// The system's dialog ended.
    Picked {
        /// Which one.
        request: RequestId,
        /// What was chosen; `None` if it was closed. Or why there was no dialog.
        result: Result<Option<PathBuf>, NoPicker>,
    },
    /// A look at what hovers.
    Glanced(Glance),
    /// A reading goes on.
    ReadProgress {
        /// Which.
        request: RequestId,
        /// Files so far and in all.
        files: (u64, u64),
        /// Bytes so far and in all.
        bytes: (u64, u64),
    },
    /// A reading ended.
    Read {
        /// Which.
        request: RequestId,
        /// The build, or why not.
        result: Result<Box<Prepared>, Fault>,
    },
    /// A comparison.
    Compared {
        /// When.
        at: DateTime<Utc>,
        /// Of which reading.
        request: RequestId,
        /// With what.
        channel: ChannelName,
        /// It, or why not.
        result: Result<Against, Fault>,
    },
    /// Publishing goes on.
    PublishStep {
        /// Which.
        request: RequestId,
        /// The step as it is now.
        step: StepState,
    },
    /// A line for the log.
    PublishLog {
        /// Which.
        request: RequestId,
        /// The line.
        line: LogLine,
    },
    /// Publishing ended.
    Published {
        /// When.
        at: DateTime<Utc>,
        /// Which.
        request: RequestId,
        /// What is live, or why nothing changed.
        result: Result<Box<Done>, Fault>,
    },
    /// What a device was answered.
    DeviceAnswered {
        /// When.
        at: DateTime<Utc>,
        /// It, or why not.
        result: Result<DeviceAnswer, Fault>,
    },
    /// What ran on a channel.
    History {
        /// When.
        at: DateTime<Utc>,
        /// Which channel.
        channel: ChannelName,
        /// It, or why not.
        result: Result<Vec<DeploymentRecord>, Fault>,
    },
    /// What a change would do.
    Planned {
        /// When.
        at: DateTime<Utc>,
        /// Which channel.
        channel: ChannelName,
        /// For which release, if a certain one was meant.
        release: Option<ReleaseId>,
        /// It, or why not.
        result: Result<Box<Plan>, Fault>,
    },
    /// A channel was changed, or not.
    Deployed {
        /// When.
        at: DateTime<Utc>,
        /// Which channel.
        channel: ChannelName,
        /// What the person wanted: "Promote to beta".
        wanted: String,
        /// It, or why not.
        result: Result<Box<Deployed>, Fault>,
    },
    /// Something was done with a key.
    KeyDone {
        /// What: "Generated tidepool-prod".
        done: String,
        /// Where the key is kept.
        custody: CustodyKind,
        /// It, or why not.
        result: Result<(), Fault>,
    },
}

/// Whether the log is complete and unaltered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChainVerdict {
    /// Every entry follows the one before, up to this one.
    Good {
        /// The last entry.
        head: u64,
    },
    /// An entry does not follow.
    Broken {
        /// Which one.
        entry: u64,
    },
}

/// A recent entry as it is listed.
pub type Recent = Vec<ActivityEntry>;
