//! Graphs as they were: read from a git repository, through the `git` program.

use deadwax_graph::limits::FILE_BYTES;
use deadwax_graph::{Errors, Folder, Graph, LoadError, Loader, Overrides, load};
use deadwax_node::Registry;
use deadwax_template::{LOCK, Lock, Locked, Pinned, Store};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A graph file at a revision of the git repository it lies in, as in `warm.ron@HEAD~1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    folder: PathBuf,
    entry: String,
    revision: String,
    file: PathBuf,
}

/// Why git gives no file.
#[derive(Debug, thiserror::Error)]
enum GitError {
    #[error("`{0}` is no revision: write a commit, branch or tag, as in `FILE.ron@HEAD~1`")]
    NoRevision(String),
    #[error("there is no folder {}", .0.display())]
    NoFolder(PathBuf),
    #[error("FILE@REVISION needs the program `git`, which does not start: {0}")]
    NotStarted(#[source] io::Error),
    #[error("git says: {0}")]
    Refused(String),
}

impl From<GitError> for LoadError {
    fn from(error: GitError) -> Self {
        Self::Io(io::Error::other(error))
    }
}

impl Revision {
    /// Reads `FILE.ron@REVISION`; `None` when the name has no such form, or there is a file of just that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let at = name.find(".ron@").filter(|_| !Path::new(name).exists())? + ".ron".len();
        let file = Path::new(&name[..at]);
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(Self {
            folder: folder.to_owned(),
            entry: file.file_name()?.to_string_lossy().into_owned(),
            revision: name[at + 1..].to_owned(),
            file: file.to_owned(),
        })
    }

    /// Loads the graph, and the graphs it uses, as they were.
    ///
    /// # Errors
    /// Everything that is wrong with them; also when git is not there, or knows no such revision or file.
    pub fn load(&self, registry: &Registry) -> Result<Graph, Errors> {
        // A lock that was there says what it pinned then; what has that content is the same today.
        let lock = self.read(LOCK, FILE_BYTES).ok().and_then(|text| Lock::read(&text).ok());
        let pinned = match lock {
            Some(lock) => Pinned::by(lock, &self.folder, Store::of_user()),
            None => Pinned::beside(&self.folder, Store::of_user()),
        };
        load(registry, &Locked::new(self.clone(), pinned), &self.entry, &Overrides::none())
    }

    /// What git says about a file of the revision.
    fn git(&self, about: &str, path: &str) -> Result<Vec<u8>, LoadError> {
        // Nothing that git could take for an option or another place.
        let revision = &self.revision;
        if revision.is_empty() || revision.starts_with('-') || revision.contains([':', '\0', '\n']) {
            return Err(GitError::NoRevision(revision.clone()).into());
        }
        if !self.folder.is_dir() {
            return Err(GitError::NoFolder(self.folder.clone()).into());
        }
        // The bare object: no filter or pager of the repository's own settings runs.
        let output = Command::new("git")
            .args(["cat-file", about, &format!("{revision}:./{path}")])
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .output()
            .map_err(GitError::NotStarted)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().next().unwrap_or("nothing").trim_start_matches("fatal: ");
        Err(GitError::Refused(first.to_owned()).into())
    }
}

impl Loader for Revision {
    fn read(&self, path: &str, allowed: usize) -> Result<String, LoadError> {
        let size = String::from_utf8_lossy(&self.git("-s", path)?).trim().parse().unwrap_or(u64::MAX);
        if size > allowed as u64 {
            return Err(LoadError::TooLarge { bytes: size, allowed });
        }
        String::from_utf8(self.git("blob", path)?).map_err(|_| LoadError::NotText)
    }

    /// The recording as it lies there now; where there is none any more, where it lay.
    fn locate(&self, path: &str) -> Result<PathBuf, LoadError> {
        let now = Folder::new(&self.folder).locate(path);
        now.or_else(|_| self.git("-e", path).map(|_| self.folder.join(path)))
    }

    fn name(&self, path: &str) -> String {
        format!("{}@{}", self.file.with_file_name("").join(path).display(), self.revision)
    }
}

#[cfg(test)]
mod tests {
    use super::Revision;

    #[test]
    fn a_revision_stands_behind_the_ending_of_the_file() {
        let found = Revision::parse("mine/warm.ron@HEAD@{1}").unwrap();
        assert_eq!((found.entry.as_str(), found.revision.as_str()), ("warm.ron", "HEAD@{1}"));
        assert_eq!(Revision::parse("me@home/warm.ron"), None);
        assert_eq!(Revision::parse("streaming"), None);
    }
}
