//! What commands that render an album have in common: where it goes, how many workers, progress, and an end by ctrl-C.

use crate::cli::Exit;
use crate::cli::args::{Global, Show};
use crate::cli::progress::{Board, Line};
use crate::cli::show;
use clap::Args;
use deadwax::album::{AlbumError, AlbumSettings, Step};
use deadwax::{Existing, Progress};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Debug, Args)]
pub(super) struct WorkArguments {
    /// The folder for everything that is made [default: beside the album, under its name].
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// How to show progress.
    #[arg(long, value_enum, default_value_t = Show::Auto)]
    progress: Show,
}

/// Work that can be stopped, and shows how far it is.
pub(super) struct Work {
    pub(super) output: PathBuf,
    pub(super) only: Vec<String>,
    pub(super) existing: Existing,
    workers: usize,
    cancel: Arc<AtomicBool>,
    board: Board,
}

impl Work {
    pub(super) fn new(arguments: &WorkArguments, album: &Path, global: &Global) -> Self {
        let cancel = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&cancel);
        let _ = ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed));
        let all = || std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            output: arguments.output.clone().unwrap_or_else(|| album.with_extension("")),
            only: Vec::new(),
            existing: Existing::Keep,
            workers: global.jobs.map_or_else(all, usize::from),
            cancel,
            board: Board::new(arguments.progress, global),
        }
    }

    /// Does `work` with a folder that is there.
    pub(super) fn run<T>(
        &self,
        work: impl FnOnce(&AlbumSettings<'_>) -> Result<T, AlbumError>,
    ) -> Result<T, AlbumError> {
        let lines = Lines { board: &self.board, open: Mutex::new(BTreeMap::new()) };
        let progress = |step: Step<'_>, at: Option<Progress>| lines.update(step, at);
        std::fs::create_dir_all(&self.output)
            .map_err(|cause| AlbumError::Io { path: self.output.clone(), cause })?;
        work(&AlbumSettings {
            output: self.output.clone(),
            only: self.only.clone(),
            existing: self.existing,
            workers: self.workers,
            cancel: &self.cancel,
            progress: &progress,
        })
    }
}

/// Tells what went wrong.
pub(super) fn failed(error: &AlbumError, schema: &str, global: &Global) -> Exit {
    let errors = error.told();
    show::diagnostics(&errors.diagnostics, &errors.sources, global);
    if global.json {
        show::json(schema, false, json!({}), &[(errors.diagnostics, errors.sources)]);
    }
    match error {
        AlbumError::Read(_) | AlbumError::Unheard(_) => Exit::Input,
        AlbumError::Write(_)
        | AlbumError::Io { .. }
        | AlbumError::There(_)
        | AlbumError::Foreign(_)
        | AlbumError::Busy(_) => Exit::Output,
        AlbumError::Graph(_) | AlbumError::Paper(_) => Exit::Graph,
        AlbumError::Render(error) => crate::cli::render::exit(error),
        AlbumError::NoDeliverable { .. } => Exit::Usage,
        AlbumError::Interrupted => Exit::Interrupted,
        _ => Exit::Failed,
    }
}

/// A line of progress for each step that is under way.
struct Lines<'a> {
    board: &'a Board,
    open: Mutex<BTreeMap<String, Arc<Line<'a>>>>,
}

impl Lines<'_> {
    fn update(&self, step: Step<'_>, at: Option<Progress>) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match at {
            Some(at) => {
                let line = open
                    .entry(step.what.to_owned())
                    .or_insert_with(|| Arc::new(self.board.named(step.what, Path::new(step.input))));
                let line = Arc::clone(line);
                drop(open);
                line.update(at);
            }
            None => {
                if let Some(line) = open.remove(step.what) {
                    line.finish();
                }
            }
        }
    }
}
