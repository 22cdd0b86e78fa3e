//! Where graph files come from. A graph may use others below its own folder, and nothing else.

use crate::diagnostic::Code;
use crate::model::UsedTemplate;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;
use thiserror::Error;

/// A graph file could not be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LoadError {
    /// There is none, or it may not be read.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// It is larger than such a file may be.
    #[error("it has {bytes} bytes; {allowed} are allowed")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The largest size.
        allowed: usize,
    },
    /// It is no text.
    #[error("it is no UTF-8 text")]
    NotText,
    /// A link leads out of the folder.
    #[error("it lies outside the folder of the graph")]
    Outside,
}

/// A template that a graph uses by its name: files of its own, which see no others.
#[derive(Clone)]
pub struct Template {
    /// Which one it is; of the same name and version there is one.
    pub used: UsedTemplate,
    /// Its files.
    pub files: Rc<dyn Loader>,
    /// The path of its graph among them.
    pub entry: String,
    /// The preset of it that is asked for.
    pub preset: Option<String>,
}

/// Why a template cannot be had.
#[derive(Debug, Error)]
#[error("{cause}")]
pub struct NoTemplate {
    /// What kind of error it is.
    pub code: Code,
    /// Why.
    #[source]
    pub cause: Box<dyn std::error::Error + Send + Sync>,
    /// What to do about it.
    pub help: String,
}

/// There is no lock that could say which files a name stands for.
#[derive(Debug, Error)]
#[error("no `deadwax.lock` says which files `{0}` stands for")]
struct NoLock(String);

/// Whether what a graph uses is a template by its name, as in `house/tape`, `house/tape@^1` or `house/tape#dense`, and no
/// file. What ends in `.ron` is always a file.
#[must_use]
pub fn names_template(used: &str) -> bool {
    let (name, _) = used.split_once('#').unwrap_or((used, ""));
    let word = |text: &str| {
        text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let plain = name.split_once('/').is_some_and(|(source, name)| word(source) && word(name));
    !used.ends_with(".ron") && (plain || used.contains('@'))
}

/// Reads graph files by their path below a folder, as in `parts/tape.ron`.
pub trait Loader {
    /// The text of the file, which may have `allowed` bytes at the most.
    ///
    /// # Errors
    /// When it cannot be read, is larger, or is not below the folder.
    fn read(&self, path: &str, allowed: usize) -> Result<String, LoadError>;

    /// Where a recording that a graph asks for lies on disk.
    ///
    /// # Errors
    /// When there is none, or it is not below the folder. A loader without a disk has none.
    fn locate(&self, path: &str) -> Result<PathBuf, LoadError> {
        let _ = path;
        Err(LoadError::Io(std::io::Error::from(std::io::ErrorKind::NotFound)))
    }

    /// The template that `named` stands for, as [`names_template`] knows it.
    ///
    /// # Errors
    /// When it cannot be had. A loader without a lock has none.
    fn template(&self, named: &str) -> Result<Template, NoTemplate> {
        let name = named.split(['@', '#']).next().unwrap_or_default();
        Err(NoTemplate {
            code: Code::NotLocked,
            cause: Box::new(NoLock(named.to_owned())),
            help: format!("`deadwax template add {name}` fetches it and writes it down"),
        })
    }

    /// What people call the file.
    fn name(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// Files below a folder on disk.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
    /// The file that a person named, wherever it leads to.
    named: Option<String>,
}

impl Folder {
    /// Files below `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), named: None }
    }

    /// The folder a graph file lies in, and the file's name in it.
    #[must_use]
    pub fn of(graph: &Path) -> (Self, String) {
        let folder = graph.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = graph.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        (Self { named: Some(name.clone()), ..Self::new(folder) }, name)
    }
}

impl Folder {
    /// The real place of a file, which is below the folder unless a person named it.
    fn place(&self, path: &str) -> Result<PathBuf, LoadError> {
        let root = self.root.canonicalize()?;
        let file = root.join(path).canonicalize()?;
        // A graph from a stranger may come with links to anywhere.
        if self.named.as_deref() != Some(path) && !file.starts_with(&root) {
            return Err(LoadError::Outside);
        }
        Ok(file)
    }
}

impl Loader for Folder {
    fn locate(&self, path: &str) -> Result<PathBuf, LoadError> {
        self.place(path)
    }

    fn read(&self, path: &str, allowed: usize) -> Result<String, LoadError> {
        let file = self.place(path)?;
        let metadata = std::fs::metadata(&file)?;
        if !metadata.is_file() {
            return Err(LoadError::NotText);
        }
        let most = allowed as u64;
        if metadata.len() > most {
            return Err(LoadError::TooLarge { bytes: metadata.len(), allowed });
        }
        // The file may grow while it is read.
        let mut text = Vec::new();
        let bytes = std::fs::File::open(&file)?.take(most + 1).read_to_end(&mut text)? as u64;
        if bytes > most {
            return Err(LoadError::TooLarge { bytes, allowed });
        }
        String::from_utf8(text).map_err(|_| LoadError::NotText)
    }

    fn name(&self, path: &str) -> String {
        let shown = self.root.join(path);
        shown.strip_prefix(".").unwrap_or(&shown).display().to_string()
    }
}

/// Files in memory: for graphs that come with a program, and for tests.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    files: BTreeMap<String, String>,
}

impl Memory {
    /// No files.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with one more file.
    #[must_use]
    pub fn with(mut self, path: impl Into<String>, text: impl Into<String>) -> Self {
        self.files.insert(path.into(), text.into());
        self
    }
}

impl Loader for Memory {
    fn read(&self, path: &str, _: usize) -> Result<String, LoadError> {
        let text = self.files.get(path).cloned();
        text.ok_or_else(|| LoadError::Io(std::io::Error::from(std::io::ErrorKind::NotFound)))
    }
}

/// `used`, written in the file `by`, as a path below the root; `None` when it may not be used.
#[must_use]
pub fn below(by: &str, used: &str) -> Option<String> {
    let plain =
        |path: &Path| path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if used.is_empty() || used.contains(['\\', ':', '\0']) || !plain(Path::new(used)) {
        return None;
    }
    let folder = by.rsplit_once('/').map_or("", |(folder, _)| folder);
    let steps = folder.split('/').chain(used.split('/')).filter(|step| !step.is_empty() && *step != ".");
    Some(steps.collect::<Vec<_>>().join("/"))
}
