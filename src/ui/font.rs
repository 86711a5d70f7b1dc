//! The type scale: which file, size and line height each kind of text has.
//!
//! egui knows no weights, so each weight is a family of its own with the icons as its fallback.

use std::sync::Arc;

use egui::{Color32, FontData, FontDefinitions, FontFamily, FontId, RichText, TextFormat};

/// The family of the filled icons. They share code points with the regular ones, so it is never a fallback.
pub(crate) const ICON_FILL: &str = "phosphor-fill";
/// The family of the regular icons.
pub(crate) const ICON: &str = "phosphor";

const INTER: &str = "inter";
const INTER_MEDIUM: &str = "inter-medium";
const INTER_SEMIBOLD: &str = "inter-semibold";
const MONO: &str = "jbmono";

/// A kind of text. Nothing is drawn in a size that is not listed here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Font {
    /// First run only, 26.
    Display,
    /// Drop panel, publish done, 22.
    Title,
    /// Dialog and detail titles, 18.
    Heading,
    /// Page title in the top bar, channel names, 15.
    Section,
    /// Introductory lines and labels of large buttons, 14.
    BodyLarge,
    /// As `BodyLarge`, medium: the label of a large button, a step's name.
    BodyLargeStrong,
    /// The default, 13.
    Body,
    /// Button labels and names, 13 medium.
    BodyStrong,
    /// Heads of cards and sections, 13 semibold.
    CardTitle,
    /// Supporting text, 12.
    Small,
    /// Chips, field labels, small buttons, 12 medium.
    SmallStrong,
    /// Column heads and field captions, 11 medium.
    Caption,
    /// Status bar and hints, 11 regular.
    CaptionRegular,
    /// The live version on a channel card, 16 monospaced.
    Version,
    /// The version in a release's detail, 18 monospaced.
    VersionLarge,
    /// Numbers and versions inside fields and dialogs, 13 monospaced.
    MonoField,
    /// Versions, digests, byte counts, times in tables, 12 monospaced.
    Mono,
    /// Tags and keycaps, 11 monospaced.
    MonoTag,
}

impl Font {
    /// Every kind, for tests and the components sheet.
    pub const ALL: [Self; 18] = [
        Self::Display,
        Self::Title,
        Self::Heading,
        Self::Section,
        Self::BodyLarge,
        Self::BodyLargeStrong,
        Self::Body,
        Self::BodyStrong,
        Self::CardTitle,
        Self::Small,
        Self::SmallStrong,
        Self::Caption,
        Self::CaptionRegular,
        Self::Version,
        Self::VersionLarge,
        Self::MonoField,
        Self::Mono,
        Self::MonoTag,
    ];

    /// Family, size and line height, in points.
    const fn spec(self) -> (&'static str, f32, f32) {
        match self {
            Self::Display => (INTER_SEMIBOLD, 26.0, 32.0),
            Self::Title => (INTER_SEMIBOLD, 22.0, 28.0),
            Self::Heading => (INTER_SEMIBOLD, 18.0, 24.0),
            Self::Section => (INTER_SEMIBOLD, 15.0, 20.0),
            Self::BodyLarge => (INTER, 14.0, 20.0),
            Self::BodyLargeStrong => (INTER_MEDIUM, 14.0, 20.0),
            Self::Body => (INTER, 13.0, 18.0),
            Self::BodyStrong => (INTER_MEDIUM, 13.0, 18.0),
            Self::CardTitle => (INTER_SEMIBOLD, 13.0, 18.0),
            Self::Small => (INTER, 12.0, 16.0),
            Self::SmallStrong => (INTER_MEDIUM, 12.0, 16.0),
            Self::Caption => (INTER_MEDIUM, 11.0, 14.0),
            Self::CaptionRegular => (INTER, 11.0, 14.0),
            Self::Version => (MONO, 16.0, 22.0),
            Self::VersionLarge => (MONO, 18.0, 24.0),
            Self::MonoField => (MONO, 13.0, 18.0),
            Self::Mono => (MONO, 12.0, 18.0),
            Self::MonoTag => (MONO, 11.0, 14.0),
        }
    }

    /// The distance between two base lines.
    pub const fn line_height(self) -> f32 {
        self.spec().2
    }

    /// The font as egui names it.
    pub fn id(self) -> FontId {
        let (family, size, _) = self.spec();
        FontId::new(size, FontFamily::Name(family.into()))
    }

    /// A run of text for a [`egui::text::LayoutJob`].
    pub fn format(self, color: Color32) -> TextFormat {
        TextFormat {
            font_id: self.id(),
            line_height: Some(self.line_height()),
            color,
            valign: egui::Align::Center,
            ..TextFormat::default()
        }
    }

    /// Text for egui's own widgets.
    pub fn rich(self, text: impl Into<String>) -> RichText {
        RichText::new(text)
            .font(self.id())
            .line_height(Some(self.line_height()))
    }
}

/// The bundled fonts and their fallback chains.
pub(crate) fn definitions() -> FontDefinitions {
    let files: [(&str, &'static [u8]); 6] = [
        (
            INTER,
            include_bytes!("../../assets/fonts/Inter-Regular.ttf"),
        ),
        (
            INTER_MEDIUM,
            include_bytes!("../../assets/fonts/Inter-Medium.ttf"),
        ),
        (
            INTER_SEMIBOLD,
            include_bytes!("../../assets/fonts/Inter-SemiBold.ttf"),
        ),
        (
            MONO,
            include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf"),
        ),
        (ICON, include_bytes!("../../assets/fonts/Phosphor.ttf")),
        (
            ICON_FILL,
            include_bytes!("../../assets/fonts/Phosphor-Fill.ttf"),
        ),
    ];
    let mut fonts = FontDefinitions::empty();
    for (name, file) in files {
        fonts
            .font_data
            .insert(name.to_owned(), Arc::new(FontData::from_static(file)));
    }

    let named = |name: &str| FontFamily::Name(name.into());
    // The monospaced file lacks a few arrows and ticks: Inter stands in before the icons do.
    let chains: [(FontFamily, &[&str]); 8] = [
        (FontFamily::Proportional, &[INTER, ICON]),
        (FontFamily::Monospace, &[MONO, INTER, ICON]),
        (named(INTER), &[INTER, ICON]),
        (named(INTER_MEDIUM), &[INTER_MEDIUM, ICON]),
        (named(INTER_SEMIBOLD), &[INTER_SEMIBOLD, ICON]),
        (named(MONO), &[MONO, INTER, ICON]),
        (named(ICON), &[ICON]),
        (named(ICON_FILL), &[ICON_FILL]),
    ];
    for (family, chain) in chains {
        let chain = chain.iter().map(|name| (*name).to_owned()).collect();
        fonts.families.insert(family, chain);
    }
    fonts
}
