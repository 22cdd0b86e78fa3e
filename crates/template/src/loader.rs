//! Loads graphs from a package.

use crate::package::ROOT;
use deadwax_graph::{LoadError, Loader};
use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What people call a package, and with it its files.
#[derive(Clone, Debug)]
enum Called {
    /// By a name of its own.
    Name(String),
    /// By the graph file that it was read from.
    Graph(PathBuf),
    /// By the folder that it was read from.
    Folder(PathBuf),
}

/// The files of a package, for [`deadwax_graph::load`]; the graph itself is [`ROOT`](crate::ROOT).
#[derive(Clone, Debug)]
pub struct PackageLoader {
    files: Arc<BTreeMap<String, Vec<u8>>>,
    called: Called,
    /// Where it is unpacked.
    unpacked: Option<PathBuf>,
}

impl PackageLoader {
    pub(crate) fn new(files: Arc<BTreeMap<String, Vec<u8>>>, name: String) -> Self {
        Self { files, called: Called::Name(name), unpacked: None }
    }

    /// The same, for a package that people know by another name.
    #[must_use]
    pub fn called(self, name: impl Into<String>) -> Self {
        Self { called: Called::Name(name.into()), ..self }
    }

    /// The same, for a package that was read from `path`, so that its files are called what they are there.
    #[must_use]
    pub fn found_at(self, path: &Path) -> Self {
        let called = if path.is_dir() {
            Called::Folder(path.to_owned())
        } else if path.extension().is_some_and(|ending| ending == "ron") {
            Called::Graph(path.to_owned())
        } else {
            Called::Name(path.display().to_string())
        };
        Self { called, ..self }
    }

    /// The same, with recordings read from `folder`, into which the package has been unpacked.
    #[must_use]
    pub fn recordings_in(self, folder: impl Into<PathBuf>) -> Self {
        Self { unpacked: Some(folder.into()), ..self }
    }

    fn file(&self, path: &str) -> Result<&[u8], LoadError> {
        let file = self.files.get(path).map(Vec::as_slice);
        file.ok_or_else(|| LoadError::Io(Error::from(ErrorKind::NotFound)))
    }
}

impl Loader for PackageLoader {
    fn read(&self, path: &str, allowed: usize) -> Result<String, LoadError> {
        let bytes = self.file(path)?;
        if bytes.len() > allowed {
            return Err(LoadError::TooLarge { bytes: bytes.len() as u64, allowed });
        }
        String::from_utf8(bytes.to_vec()).map_err(|_| LoadError::NotText)
    }

    fn locate(&self, path: &str) -> Result<PathBuf, LoadError> {
        self.file(path)?;
        match &self.unpacked {
            Some(folder) => Ok(folder.join(path)),
            None => Err(LoadError::Io(Error::other("the package has not been unpacked"))),
        }
    }

    fn name(&self, path: &str) -> String {
        match &self.called {
            Called::Name(name) => format!("{name}:{path}"),
            Called::Graph(graph) if path == ROOT => graph.display().to_string(),
            Called::Graph(graph) => graph.with_file_name(path).display().to_string(),
            Called::Folder(folder) => folder.join(path).display().to_string(),
        }
    }
}
