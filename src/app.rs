//! The frame loop: events into the model, the model onto the screen, wishes back to the worker.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use eframe::egui::{Context, ThemePreference, Ui};
use eframe::{CreationContext, Frame, Storage};

use crate::model::{Action, Event, Job, Link, Model, Page, ThemeChoice};
use crate::ui::{self, Forms};
use crate::worker::{Folders, Worker, home, load_settings};

/// The system's name of the app: for window rules and where the window's place is kept.
pub const APP_ID: &str = "dev.switchtower.Switchtower";

/// While something on the screen counts in seconds, it is drawn this often.
const TICK: Duration = Duration::from_secs(1);
/// Ages count in minutes after this.
const YOUNG: TimeDelta = TimeDelta::seconds(65);
/// Then an idle window is drawn no more often than this.
const IDLE_TICK: Duration = Duration::from_secs(10);
/// Under this name the zoom is kept beside the window's place.
const ZOOM: &str = "zoom";

/// What a start may change for itself alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Overrides {
    /// The theme of this start.
    pub theme: Option<ThemeChoice>,
    /// The page of this start.
    pub page: Option<Page>,
}

/// The app behind the window.
pub struct App {
    model: Model,
    forms: Forms,
    worker: Worker,
    /// Wins over the settings, and is not written to them.
    theme: Option<ThemeChoice>,
    /// What hovered in the last frame, so that each folder is looked at once.
    hovered: Option<PathBuf>,
    /// Knows the zoom when the window closes.
    ctx: Context,
}

impl App {
    /// Start the worker and take up where the last session ended.
    pub fn new(
        cc: &CreationContext<'_>,
        folders: Folders,
        overrides: Overrides,
    ) -> anyhow::Result<Self> {
        let ctx = &cc.egui_ctx;
        ui::style::install(ctx);
        // Zoom has its own limits, see `ui::keyboard`.
        ctx.options_mut(|options| options.zoom_with_keyboard = false);
        if let Some(zoom) = cc
            .storage
            .and_then(|storage| eframe::get_value(storage, ZOOM))
        {
            ctx.set_zoom_factor(zoom);
        }
        let mut settings = load_settings(&folders);
        if let Some(page) = overrides.page {
            settings.page = page;
        }
        let mut forms = Forms::default();
        forms.data_folder = folders.server().display().to_string();
        let wake = ctx.clone();
        let worker = Worker::start(move || wake.request_repaint(), folders)?;
        let (mut model, jobs) = Model::start(settings, Utc::now());
        model.home = home();
        for job in jobs {
            worker.send(job);
        }
        Ok(Self {
            model,
            forms,
            worker,
            theme: overrides.theme,
            hovered: None,
            ctx: ctx.clone(),
        })
    }

    /// Take note of what happened; hand on what follows from it.
    fn on_event(&mut self, event: Event, ctx: &Context) {
        let jobs = self.model.on_event(event);
        self.send(jobs, ctx);
    }

    fn apply(&mut self, action: Action, ctx: &Context) {
        let jobs = self.model.apply(action);
        self.send(jobs, ctx);
    }

    fn send(&self, jobs: Vec<Job>, ctx: &Context) {
        for job in jobs {
            match job {
                // The clipboard belongs to the window.
                Job::Copy(text) => ctx.copy_text(text),
                job => self.worker.send(job),
            }
        }
    }

    /// Whether an age or a timer of the screen changes with the next second. All ages begin with an answer of the server.
    fn counts_seconds(&self) -> bool {
        let model = &self.model;
        let answered = model.overview.fetched_at();
        matches!(model.link, Link::Down { .. } | Link::Starting)
            || model.dialog.is_some()
            || model.toasts.iter().any(|toast| toast.until.is_some())
            || answered.is_some_and(|at| model.now - at < YOUNG)
    }

    /// What the system drags over the window or lets fall on it.
    fn files(&mut self, ctx: &Context, actions: &mut Vec<Action>) {
        let (hovered, dropped) = ctx.input(|input| {
            let hovered = input
                .raw
                .hovered_files
                .iter()
                .find_map(|file| file.path.clone());
            let dropped: Vec<PathBuf> = input
                .raw
                .dropped_files
                .iter()
                .map(|file| Path::to_owned(file.path()))
                .collect();
            (hovered, dropped)
        });
        if hovered != self.hovered {
            self.hovered.clone_from(&hovered);
            if let Some(path) = hovered {
                actions.push(Action::Hover(path));
            }
        }
        if !dropped.is_empty() {
            actions.push(Action::Dropped(dropped));
        }
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, _frame: &mut Frame) {
        let events: Vec<Event> = self.worker.drain().collect();
        for event in events {
            self.on_event(event, ctx);
        }
        self.on_event(Event::Tick(Utc::now()), ctx);
        ctx.request_repaint_after(if self.counts_seconds() {
            TICK
        } else {
            IDLE_TICK
        });
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut Frame) {
        let ctx = ui.ctx().clone();
        ctx.set_theme(preference(self.theme.unwrap_or(self.model.settings.theme)));
        let mut actions = Vec::new();
        self.files(&ctx, &mut actions);
        ui::draw(ui, &self.model, &mut self.forms, &mut actions);
        if actions.is_empty() {
            return;
        }
        for action in actions {
            if matches!(action, Action::SetTheme(_)) {
                self.theme = None;
            }
            self.apply(action, &ctx);
        }
        // What was wished is seen in the next frame, not in a second.
        ctx.request_repaint();
    }

    fn save(&mut self, storage: &mut dyn Storage) {
        // The window's place is kept by eframe, the settings by the worker.
        eframe::set_value(storage, ZOOM, &self.ctx.zoom_factor());
    }

    fn persist_egui_memory(&self) -> bool {
        false
    }
}

/// The settings' choice as egui names it.
const fn preference(choice: ThemeChoice) -> ThemePreference {
    match choice {
        ThemeChoice::System => ThemePreference::System,
        ThemeChoice::Light => ThemePreference::Light,
        ThemeChoice::Dark => ThemePreference::Dark,
    }
}
