//! The icons: Phosphor 2.1, regular and filled, as glyphs of the bundled subset (`assets/fonts/icons.txt`).

use egui::{Align2, Color32, FontFamily, FontId, Painter, Pos2};

use super::font;

/// One icon. Regular marks an object or an action, filled marks a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Icon {
    glyph: &'static str,
    filled: bool,
}

impl Icon {
    const fn regular(glyph: &'static str) -> Self {
        Self {
            glyph,
            filled: false,
        }
    }

    /// The same icon, filled.
    #[must_use]
    pub const fn fill(self) -> Self {
        Self {
            filled: true,
            ..self
        }
    }

    /// The code point, for text that is drawn with an icon as fallback.
    pub const fn glyph(self) -> &'static str {
        self.glyph
    }

    /// The icon font at `size` points.
    pub fn font(self, size: f32) -> FontId {
        let family = if self.filled {
            font::ICON_FILL
        } else {
            font::ICON
        };
        FontId::new(size, FontFamily::Name(family.into()))
    }

    /// Draw the icon around `center`.
    pub fn paint(self, painter: &Painter, center: Pos2, size: f32, color: Color32) {
        let galley = painter.layout_no_wrap(self.glyph.to_owned(), self.font(size), color);
        let rect = Align2::CENTER_CENTER.anchor_size(center, galley.size());
        painter.galley(rect.min, galley, color);
    }
}

macro_rules! icons {
    ($($(#[$doc:meta])* $name:ident = $glyph:literal;)*) => {
        $($(#[$doc])* pub const $name: Icon = Icon::regular($glyph);)*

        /// Every icon with its name, in the order of the names.
        pub const ALL: &[(&str, Icon)] = &[$((stringify!($name), $name)),*];
    };
}

icons! {
    /// An installed app.
    APP_WINDOW = "\u{e5da}";
    /// Superseded.
    ARCHIVE = "\u{e00c}";
    /// Sorted downwards.
    ARROW_DOWN = "\u{e03e}";
    /// Back.
    ARROW_LEFT = "\u{e058}";
    /// Promote.
    ARROW_RIGHT = "\u{e06c}";
    /// Opens elsewhere.
    ARROW_SQUARE_OUT = "\u{e5de}";
    /// Roll back.
    ARROW_U_UP_LEFT = "\u{e08a}";
    /// Sorted upwards.
    ARROW_UP = "\u{e08e}";
    /// Rotate, try again.
    ARROWS_CLOCKWISE = "\u{e094}";
    /// A JSON file.
    BRACKETS_CURLY = "\u{e860}";
    /// Reach.
    BROADCAST = "\u{e0f2}";
    /// Opens downwards.
    CARET_DOWN = "\u{e136}";
    /// Back by one.
    CARET_LEFT = "\u{e138}";
    /// Closed folder; path separator.
    CARET_RIGHT = "\u{e13a}";
    /// Closes upwards.
    CARET_UP = "\u{e13c}";
    /// App switcher.
    CARET_UP_DOWN = "\u{e140}";
    /// Nothing to do, chosen item.
    CHECK = "\u{e182}";
    /// Live, passed, done (filled).
    CHECK_CIRCLE = "\u{e184}";
    /// No release.
    CIRCLE = "\u{e18a}";
    /// Draft, to do.
    CIRCLE_DASHED = "\u{e602}";
    /// Running (turning).
    CIRCLE_NOTCH = "\u{eb44}";
    /// Paste.
    CLIPBOARD_TEXT = "\u{e198}";
    /// Scheduled.
    CLOCK = "\u{e19a}";
    /// Activity; stale.
    CLOCK_COUNTER_CLOCKWISE = "\u{e1a0}";
    /// Download by a device.
    CLOUD_ARROW_DOWN = "\u{e1ac}";
    /// Upload.
    CLOUD_ARROW_UP = "\u{e1ae}";
    /// Unreachable (filled).
    CLOUD_SLASH = "\u{e1b6}";
    /// Copy.
    COPY = "\u{e1ca}";
    /// This computer.
    DESKTOP = "\u{e560}";
    /// Phone.
    DEVICE_MOBILE = "\u{e1e0}";
    /// Devices.
    DEVICES = "\u{eba4}";
    /// More.
    DOTS_THREE = "\u{e1fe}";
    /// Import.
    DOWNLOAD_SIMPLE = "\u{e20c}";
    /// File unchanged.
    EQUALS = "\u{e21c}";
    /// Export.
    EXPORT = "\u{eaf0}";
    /// Preview, show.
    EYE = "\u{e220}";
    /// Hide.
    EYE_SLASH = "\u{e224}";
    /// Rolling out (filled).
    FAST_FORWARD_CIRCLE = "\u{e22c}";
    /// A file of no special kind.
    FILE = "\u{e230}";
    /// An archive.
    FILE_ARCHIVE = "\u{eb2a}";
    /// A style sheet.
    FILE_CSS = "\u{eb34}";
    /// A page.
    FILE_HTML = "\u{eb38}";
    /// An image.
    FILE_IMAGE = "\u{ea24}";
    /// A script.
    FILE_JS = "\u{eb24}";
    /// Look into a file.
    FILE_MAGNIFYING_GLASS = "\u{e238}";
    /// A drawing.
    FILE_SVG = "\u{ed08}";
    /// A text file.
    FILE_TEXT = "\u{e23a}";
    /// Last channel.
    FLAG_CHECKERED = "\u{ea38}";
    /// Back up, save.
    FLOPPY_DISK = "\u{e248}";
    /// A closed folder.
    FOLDER = "\u{e24a}";
    /// An open folder.
    FOLDER_OPEN = "\u{e256}";
    /// Settings.
    GEAR_SIX = "\u{e272}";
    /// Ahead or behind.
    GIT_COMMIT = "\u{e27a}";
    /// Conflict (filled).
    GIT_MERGE = "\u{e280}";
    /// Halt.
    HAND_PALM = "\u{e57e}";
    /// A data folder.
    HARD_DRIVE = "\u{e29e}";
    /// A server.
    HARD_DRIVES = "\u{e2a0}";
    /// Role, token.
    IDENTIFICATION_BADGE = "\u{e6f6}";
    /// Information.
    INFO = "\u{e2ce}";
    /// Keys; a key (filled when active).
    KEY = "\u{e2d6}";
    /// Shortcuts.
    KEYBOARD = "\u{e2d8}";
    /// Hash link.
    LINK_SIMPLE = "\u{e2e6}";
    /// Review a draft.
    LIST_MAGNIFYING_GLASS = "\u{ebe0}";
    /// Keyring locked (filled).
    LOCK_KEY = "\u{e2fe}";
    /// Keyring open.
    LOCK_KEY_OPEN = "\u{e300}";
    /// Protected channel.
    LOCK_SIMPLE = "\u{e308}";
    /// Search.
    MAGNIFYING_GLASS = "\u{e30c}";
    /// File removed.
    MINUS = "\u{e32a}";
    /// Dark theme.
    MOON = "\u{e330}";
    /// Release.
    PACKAGE = "\u{e390}";
    /// Pause.
    PAUSE = "\u{e39e}";
    /// Paused (filled).
    PAUSE_CIRCLE = "\u{e3a0}";
    /// File changed; rename.
    PENCIL_SIMPLE = "\u{e3b4}";
    /// Resume.
    PLAY = "\u{e3d0}";
    /// Start (filled).
    PLAY_CIRCLE = "\u{e3d2}";
    /// Not connected.
    PLUGS = "\u{eb56}";
    /// Connected (filled).
    PLUGS_CONNECTED = "\u{eb5a}";
    /// Add; file added.
    PLUS = "\u{e3d4}";
    /// Recalled, impossible.
    PROHIBIT = "\u{e3de}";
    /// Watch.
    PULSE = "\u{e000}";
    /// Pin a device.
    PUSH_PIN = "\u{e3e2}";
    /// Unknown.
    QUESTION = "\u{e3e8}";
    /// Verified, signature good (filled).
    SEAL_CHECK = "\u{e606}";
    /// Safe, private.
    SHIELD_CHECK = "\u{e40c}";
    /// Signature bad (filled).
    SHIELD_WARNING = "\u{e412}";
    /// Disconnect.
    SIGN_OUT = "\u{e42a}";
    /// Sign.
    SIGNATURE = "\u{ebac}";
    /// Channels.
    SIGNPOST = "\u{e89c}";
    /// Next stage.
    SKIP_FORWARD = "\u{e5a6}";
    /// Policy changed.
    SLIDERS_HORIZONTAL = "\u{e434}";
    /// Staged.
    STACK = "\u{e466}";
    /// Light theme.
    SUN = "\u{e472}";
    /// A font file.
    TEXT_AA = "\u{e6ee}";
    /// Bake timer.
    TIMER = "\u{e492}";
    /// Delete.
    TRASH = "\u{e4a6}";
    /// Publish, upload.
    UPLOAD_SIMPLE = "\u{e4c0}";
    /// People.
    USERS = "\u{e4d6}";
    /// Warning (filled, regular in rows).
    WARNING = "\u{e4e0}";
    /// Field error (filled).
    WARNING_CIRCLE = "\u{e4e2}";
    /// Halted, over the limit (filled).
    WARNING_OCTAGON = "\u{e4e4}";
    /// Local only.
    WIFI_SLASH = "\u{e4f2}";
    /// Close.
    X = "\u{e4f6}";
}
