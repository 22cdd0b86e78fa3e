//! A source that is a git repository, read through the `git` program.
//!
//! Nothing is ever checked out: files are read from the repository itself, so that no hook, filter or submodule of it has
//! anything to do.

use super::{Access, Origin, SourceError, key};
use crate::limits::INDEX_BYTES;
use crate::store::Store;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use thiserror::Error;

/// How long git may take to fetch, and to answer otherwise.
const FETCH: Duration = Duration::from_secs(180);
const ANSWER: Duration = Duration::from_secs(60);
/// Bytes that a repository may bring along.
const MOST_BYTES: u64 = 512 << 20;
/// Bytes of what git says.
const MOST_SAID: usize = 64 << 10;
/// How often one looks after git, when it takes its time.
const LOOK: Duration = Duration::from_millis(10);
/// Settings of whoever runs the program that would lead git elsewhere.
const MISLEADING: [&str; 8] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_TEMPLATE_DIR",
];

/// A repository cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GitError {
    /// The program is not there.
    #[error("a git source needs the program `git`, which does not start: {0}")]
    NotStarted(#[source] std::io::Error),
    /// It says no.
    #[error("git says: {0}")]
    Refused(String),
    /// It takes too long.
    #[error("git has not answered for {} seconds", .0.as_secs())]
    TooSlow(Duration),
    /// It brings too much.
    #[error("it is larger than {0} bytes")]
    TooLarge(u64),
    /// The disk refuses.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// A repository, and where what was fetched of it is kept: each commit in a folder of its own, and which is the newest.
pub(super) struct Repository<'s> {
    origin: &'s Origin,
    address: &'s str,
    branch: &'s str,
    store: &'s Store,
    access: Access,
    folder: PathBuf,
}

impl<'s> Repository<'s> {
    pub(super) fn new(origin: &'s Origin, store: &'s Store, access: Access) -> Self {
        let (address, branch) = origin.repository();
        let folder = PathBuf::from("git").join(key(origin.address()));
        Self { origin, address, branch, store, access, folder }
    }

    /// The bytes of the index.
    pub(super) fn index(&self) -> Result<Vec<u8>, SourceError> {
        let commit = self.commit()?;
        self.blob(&commit, "index.json", INDEX_BYTES).map_err(|cause| self.failed(cause))
    }

    /// The bytes of an archive.
    pub(super) fn archive(&self, path: &str, most: usize) -> Result<Vec<u8>, SourceError> {
        // The one that the index was read from.
        let commit = match self.newest()? {
            Some(commit) => commit,
            None => self.commit()?,
        };
        self.blob(&commit, path, most).map_err(|cause| self.failed(cause))
    }

    fn failed(&self, cause: GitError) -> SourceError {
        SourceError::Git { origin: self.origin.clone(), cause }
    }

    /// The commit that is here, if any.
    fn newest(&self) -> Result<Option<String>, SourceError> {
        let said = self.store.read(&self.folder.join("newest"), 256)?;
        let commit = said.and_then(|bytes| String::from_utf8(bytes).ok()).map(|text| text.trim().to_owned());
        Ok(commit.filter(|commit| is_commit(commit) && self.place(commit).is_dir()))
    }

    fn place(&self, commit: &str) -> PathBuf {
        self.store.folder().join(&self.folder).join(commit)
    }

    /// The commit to read, fetched where it is not here.
    fn commit(&self) -> Result<String, SourceError> {
        let here = self.newest()?;
        if let Some(commit) = here.as_ref().filter(|_| self.access.offline || !self.access.anew) {
            return Ok(commit.clone());
        }
        if self.access.offline && !self.origin.is_here() {
            return Err(SourceError::Offline(self.origin.clone()));
        }
        if let Some(commit) = &here {
            let said = self.answer(&["ls-remote", "--quiet", "--", self.address, self.branch], None);
            let said = said.map_err(|cause| self.failed(cause))?;
            if said.split_whitespace().any(|word| word == commit) {
                return Ok(commit.clone());
            }
        }
        let commit = self.fetch().map_err(|cause| self.failed(cause))?;
        self.store.write(&self.folder.join("newest"), commit.as_bytes())?;
        self.forget(&[Some(commit.clone()), here]);
        Ok(commit)
    }

    /// Removes the commits that nobody reads any more: the one before may be read just now by another program.
    fn forget(&self, kept: &[Option<String>]) {
        let entries =
            std::fs::read_dir(self.store.folder().join(&self.folder)).into_iter().flatten().flatten();
        for entry in entries {
            let name = entry.file_name().into_string().unwrap_or_default();
            if is_commit(&name) && !kept.iter().flatten().any(|commit| *commit == name) {
                // What cannot be removed takes room, and nothing else.
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
    }

    /// Fetches the commit into a folder of its own, which appears whole or not at all.
    fn fetch(&self) -> Result<String, GitError> {
        let parent = self.store.folder().join(&self.folder);
        std::fs::create_dir_all(&parent)?;
        let temporary = tempfile::Builder::new().prefix(".fetch-").tempdir_in(&parent)?;
        let place = temporary.path();
        self.answer(&["init", "--quiet", "--bare", "--template=", "."], Some(place))?;
        let mut fetch = self.git(Some(place));
        fetch.args(["fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules"]);
        fetch.args(["--", self.address, self.branch]);
        run(fetch, MOST_SAID, FETCH, Some(place))?;
        let said = self.answer(&["rev-parse", "--verify", "FETCH_HEAD^{commit}"], Some(place))?;
        let commit = said.trim().to_owned();
        if !is_commit(&commit) {
            return Err(GitError::Refused(format!("`{commit}` is no commit")));
        }
        let whole = self.place(&commit);
        match std::fs::rename(place, &whole) {
            Ok(()) => drop(temporary.keep()),
            // Somebody else was faster.
            Err(_) if whole.is_dir() => {}
            Err(error) => return Err(error.into()),
        }
        Ok(commit)
    }

    /// A file of a commit that is here.
    fn blob(&self, commit: &str, path: &str, most: usize) -> Result<Vec<u8>, GitError> {
        let place = self.place(commit);
        let name = format!("{commit}:{path}");
        let size = self.answer(&["cat-file", "-s", &name], Some(&place))?;
        if size.trim().parse::<usize>().map_or(true, |size| size > most) {
            return Err(GitError::TooLarge(most as u64));
        }
        let mut cat = self.git(Some(&place));
        cat.args(["cat-file", "blob", &name]);
        run(cat, most, ANSWER, None)
    }

    fn answer(&self, arguments: &[&str], place: Option<&Path>) -> Result<String, GitError> {
        let mut command = self.git(place);
        command.args(arguments);
        let said = run(command, MOST_SAID, ANSWER, None)?;
        Ok(String::from_utf8_lossy(&said).into_owned())
    }

    /// The program, with everything off that a repository could use.
    fn git(&self, place: Option<&Path>) -> Command {
        let mut command = Command::new("git");
        for setting in
            ["core.hooksPath=/dev/null", "core.fsmonitor=false", "fetch.recurseSubmodules=false", "gc.auto=0"]
        {
            command.args(["-c", setting]);
        }
        for variable in MISLEADING {
            command.env_remove(variable);
        }
        command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_ALLOW_PROTOCOL", "file:https:ssh");
        command.env("GIT_LFS_SKIP_SMUDGE", "1").env("LC_ALL", "C");
        if std::env::var_os("GIT_SSH_COMMAND").is_none() {
            command.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
        }
        match place {
            Some(place) => command.current_dir(place).env("GIT_DIR", "."),
            None => command.current_dir(self.store.folder()),
        };
        command
    }
}

/// Whether it is the name of a commit, in full.
fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// What a command writes, if it ends well, in time, and neither that nor the folder `watched` becomes too large.
fn run(
    mut command: Command,
    most: usize,
    time: Duration,
    watched: Option<&Path>,
) -> Result<Vec<u8>, GitError> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(GitError::NotStarted)?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    // A byte more than is allowed tells that there is too much.
    let out = std::thread::spawn(move || read(out, most + 1));
    let err = std::thread::spawn(move || read(err, MOST_SAID));
    let (begun, mut looked) = (Instant::now(), Instant::now());
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if begun.elapsed() > time {
            stop(&mut child);
            return Err(GitError::TooSlow(time));
        }
        if let Some(folder) = watched.filter(|_| looked.elapsed() > 20 * LOOK) {
            looked = Instant::now();
            if size(folder, 0) > MOST_BYTES {
                stop(&mut child);
                return Err(GitError::TooLarge(MOST_BYTES));
            }
        }
        std::thread::sleep(LOOK);
    };
    let (out, err) = (out.join().unwrap_or_default(), err.join().unwrap_or_default());
    if out.len() > most {
        return Err(GitError::TooLarge(most as u64));
    }
    if status.success() {
        return Ok(out);
    }
    let said = String::from_utf8_lossy(&err);
    let first = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("nothing");
    let plain: String =
        first.trim_start_matches("fatal: ").chars().filter(|letter| !letter.is_control()).collect();
    Err(GitError::Refused(plain.chars().take(300).collect()))
}

fn stop(child: &mut Child) {
    // It may have ended by itself just now.
    let _ = child.kill();
    let _ = child.wait();
}

fn read(from: Option<impl Read>, most: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        // What can be read before an error is what there is.
        let _ = from.take(most as u64).read_to_end(&mut bytes);
    }
    bytes
}

/// Bytes of the files below a folder, as far as they can be seen.
fn size(folder: &Path, depth: usize) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(data) if data.is_dir() && depth < 6 => size(&entry.path(), depth + 1),
            Ok(data) => data.len(),
            Err(_) => 0,
        })
        .sum()
}
