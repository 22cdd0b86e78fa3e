//! Loads graphs from a package.

use deadwax_graph::{LoadError, Loader};
use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::path::PathBuf;
use std::sync::Arc;

/// The files of a package, for [`deadwax_graph::load`]; the graph itself is [`ROOT`](crate::ROOT).
#[derive(Clone, Debug)]
pub struct PackageLoader {
    files: Arc<BTreeMap<String, Vec<u8>>>,
    /// What people call the package.
    name: String,
    /// Where it is unpacked.
    unpacked: Option<PathBuf>,
}

impl PackageLoader {
    pub(crate) fn new(files: Arc<BTreeMap<String, Vec<u8>>>, name: String) -> Self {
        Self { files, name, unpacked: None }
    }

    /// The same, for a package that people know by another name: that of its file.
    #[must_use]
    pub fn called(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
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
        format!("{}:{path}", self.name)
    }
}
