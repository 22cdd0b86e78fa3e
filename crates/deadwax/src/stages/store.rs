//! The folder with kept stages: for each a file of frames, and one that says what its nodes told.

use super::nodes::{Keeping, SAMPLE};
use deadwax_engine::Outcome;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs::File;
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, SystemTime};
use tempfile::NamedTempFile;

/// The version of the files.
const FORMAT: u32 = 1;

/// Bytes that a folder may have, unless somebody says otherwise: stages of about twenty songs.
const MOST_BYTES: u64 = 4 << 30;

/// A stage that has been under way for so long was left behind by a process that is no more.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);

/// The most bytes of what nodes told.
const MOST_TOLD: u64 = 64 << 20;

/// A folder in which rendered stages are kept. The oldest go when there are too many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stages {
    folder: PathBuf,
    most_bytes: u64,
}

/// What the nodes in front of a wire told when it was made.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Told {
    pub(super) reports: Vec<(String, Value)>,
    pub(super) lessons: Vec<(String, String)>,
}

/// What is said of a file of frames.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    format: u32,
    channels: usize,
    frames: u64,
    told: Told,
}

/// A stage that is there.
pub(super) struct Entry {
    pub(super) file: Arc<File>,
    pub(super) channels: usize,
    pub(super) told: Told,
}

impl Told {
    /// What `nodes` told: in this run, or in the one in which the stages were made that were read.
    pub(super) fn of(outcome: &Outcome, earlier: &[Self], nodes: &[String]) -> Self {
        let mut told = Self::default();
        for name in nodes {
            let now = outcome.reports.iter().find(|(known, _)| known == name);
            let before = || earlier.iter().flat_map(|told| &told.reports).find(|(known, _)| known == name);
            let report = now.map(|(_, report)| report.to_json()).or_else(|| Some(before()?.1.clone()));
            told.reports.extend(report.map(|report| (name.clone(), report)));
            let all = outcome.lessons.iter().chain(earlier.iter().flat_map(|told| &told.lessons));
            told.lessons.extend(all.clone().find(|(known, _)| known == name).cloned());
        }
        told
    }
}

impl Stages {
    /// Stages in `folder`, which is made when it is needed.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), most_bytes: MOST_BYTES }
    }

    /// The same with room for so many bytes.
    #[must_use]
    pub fn with_room(self, most_bytes: u64) -> Self {
        Self { most_bytes, ..self }
    }

    /// The folder that belongs to whoever runs the program: what `DEADWAX_CACHE` names, else a folder of the system's place
    /// for such. `None` where the system has none.
    #[must_use]
    pub fn of_user() -> Option<Self> {
        let named = std::env::var_os("DEADWAX_CACHE").filter(|named| !named.is_empty());
        let folder = named.map(PathBuf::from).or_else(|| Some(dirs::cache_dir()?.join("deadwax")))?;
        Some(Self::new(folder.join("stages")))
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Bytes that are kept.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files().iter().map(|file| file.bytes).sum()
    }

    /// Takes everything away.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn clear(&self) -> io::Result<()> {
        self.files().iter().try_for_each(|file| std::fs::remove_file(&file.path))
    }

    fn place(&self, key: &str, ending: &str) -> PathBuf {
        self.folder.join(format!("{key}.{ending}"))
    }

    /// The stage `key`, if it is here and whole.
    pub(super) fn find(&self, key: String) -> Option<Entry> {
        let mut text = String::new();
        let about = File::open(self.place(&key, "json")).ok()?;
        about.take(MOST_TOLD).read_to_string(&mut text).ok()?;
        let about: About = serde_json::from_str(&text).ok()?;
        let file = File::open(self.place(&key, "frames")).ok()?;
        let bytes = about.frames.checked_mul(about.channels as u64)?.checked_mul(SAMPLE)?;
        if about.format != FORMAT || about.channels == 0 || file.metadata().ok()?.len() != bytes {
            return None;
        }
        // What is used is young again. Where that cannot be noted it goes sooner, and nothing else.
        let _ = file.set_modified(SystemTime::now());
        Some(Entry { file: Arc::new(file), channels: about.channels, told: about.told })
    }

    /// A file for a stage that is about to be made. `None` where there is no place for it.
    pub(super) fn begin(&self) -> Option<NamedTempFile> {
        std::fs::create_dir_all(&self.folder).ok()?;
        self.temporary().ok()
    }

    fn temporary(&self) -> io::Result<NamedTempFile> {
        tempfile::Builder::new().suffix(".part").tempfile_in(&self.folder)
    }

    /// Keeps a stage of `frames` frames under `key`. What cannot be kept is not.
    pub(super) fn keep(&self, key: &str, keeping: Keeping, frames: u64, told: &Told) {
        let _ = self.try_keep(key, keeping, frames, told);
    }

    fn try_keep(&self, key: &str, keeping: Keeping, frames: u64, told: &Told) -> io::Result<()> {
        let file = keeping.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(file) = file else { return Ok(()) };
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        let bytes = file.as_file().metadata()?.len();
        let frame = frames.max(1) * SAMPLE;
        // A stage that did not run to the end is none.
        if bytes == 0 || bytes % frame != 0 || bytes > self.most_bytes {
            return Ok(());
        }
        let about = About { format: FORMAT, channels: (bytes / frame) as usize, frames, told: told.clone() };
        let mut text = self.temporary()?;
        text.write_all(serde_json::to_string(&about)?.as_bytes())?;
        file.persist(self.place(key, "frames"))?;
        text.persist(self.place(key, "json"))?;
        Ok(())
    }

    /// Takes the oldest stages away until there is room again.
    pub(super) fn trim(&self) {
        let mut files = self.files();
        let old = |file: &Known| file.used.elapsed().is_ok_and(|age| age > ABANDONED);
        for part in files.extract_if(.., |file| file.ending("part")).filter(old) {
            let _ = std::fs::remove_file(part.path);
        }
        let mut bytes: u64 = files.iter().map(|file| file.bytes).sum();
        files.sort_by_key(|file| file.used);
        for file in files {
            if bytes <= self.most_bytes {
                return;
            }
            if file.ending("frames") {
                // The text goes first: frames without it are nothing.
                let _ = std::fs::remove_file(file.path.with_extension("json"));
                if std::fs::remove_file(&file.path).is_ok() {
                    bytes = bytes.saturating_sub(file.bytes);
                }
            }
        }
    }

    /// The files that are ours.
    fn files(&self) -> Vec<Known> {
        let Ok(folder) = std::fs::read_dir(&self.folder) else { return Vec::new() };
        let known = folder.flatten().filter_map(|entry| {
            let path = entry.path();
            let about = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
            Some(Known { path, bytes: about.len(), used: about.modified().ok()? })
        });
        known.filter(|file| ["frames", "json", "part"].iter().any(|ending| file.ending(ending))).collect()
    }
}

/// A file in the folder.
struct Known {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
}

impl Known {
    fn ending(&self, ending: &str) -> bool {
        self.path.extension().is_some_and(|known| known == ending)
    }
}
