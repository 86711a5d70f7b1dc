//! The desktop app: arguments, the window, and nothing else.

use clap::{Parser, ValueEnum};
use eframe::egui::ViewportBuilder;
use eframe::{NativeOptions, Renderer};
use switchtower::app::{APP_ID, App, Overrides};
use switchtower::model::{Page, ThemeChoice};
use switchtower::ui::app_icon;
use switchtower::worker::Folders;
use tracing_subscriber::EnvFilter;

/// Publish updates for your Tauri and Capacitor apps, and take them back
#[derive(Parser)]
#[command(name = "switchtower", version)]
struct Arguments {
    /// Use this theme for now, whatever the settings say
    #[arg(long)]
    theme: Option<ThemeArgument>,
    /// Open this page first
    #[arg(long)]
    page: Option<PageArgument>,
}

#[derive(Clone, Copy, ValueEnum)]
enum ThemeArgument {
    System,
    Light,
    Dark,
}

#[derive(Clone, Copy, ValueEnum)]
enum PageArgument {
    Channels,
    Publish,
    Keys,
    Connect,
    Settings,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let overrides = Overrides {
        theme: arguments.theme.map(ThemeArgument::choice),
        page: arguments.page.map(PageArgument::page),
    };
    let folders = Folders::find()?;
    let options = NativeOptions {
        viewport: ViewportBuilder::default()
            .with_title("Switchtower")
            .with_app_id(APP_ID)
            .with_icon(app_icon(128))
            .with_inner_size([1440.0, 900.0])
            .with_min_inner_size([960.0, 640.0]),
        renderer: Renderer::Glow,
        persistence_path: Some(folders.config.join("window.ron")),
        ..NativeOptions::default()
    };
    eframe::run_native(
        "Switchtower",
        options,
        Box::new(move |cc| Ok(Box::new(App::new(cc, folders, overrides)?))),
    )
    .map_err(|error| anyhow::anyhow!("The window could not be opened: {error}"))
}

impl ThemeArgument {
    const fn choice(self) -> ThemeChoice {
        match self {
            Self::System => ThemeChoice::System,
            Self::Light => ThemeChoice::Light,
            Self::Dark => ThemeChoice::Dark,
        }
    }
}

impl PageArgument {
    const fn page(self) -> Page {
        match self {
            Self::Channels => Page::Channels,
            Self::Publish => Page::Publish,
            Self::Keys => Page::Keys,
            Self::Connect => Page::Connect,
            Self::Settings => Page::Settings,
        }
    }
}
