//! The files of a template, in memory.

use crate::content::ContentHash;
use crate::error::PackageError;
use crate::limits::{ARCHIVE_BYTES, BYTES, FILES, NAME_BYTES};
use crate::loader::PackageLoader;
use crate::path::{check, folded};
use crate::{archive, gather, unpack};
use deadwax_graph::model::About;
use deadwax_graph::{below, names_template, outline};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// The graph of a package.
pub const ROOT: &str = "graph.ron";

/// A template with everything it needs: the files by their paths, `graph.ron` the graph itself.
///
/// Every package is sound: its paths are plain, its graphs can be read, and what they name is there. Whether it compiles
/// is for those to say who know the kinds of nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    files: Arc<BTreeMap<String, Vec<u8>>>,
    about: About,
    version: semver::Version,
}

impl Package {
    /// A package of these files.
    ///
    /// # Errors
    /// When one of them may not be in a package, something is missing, or the graph does not say its name and version.
    pub fn new(files: BTreeMap<String, Vec<u8>>) -> Result<Self, PackageError> {
        check_files(&files)?;
        let about = check_graphs(&files)?;
        let version = identity(&about)?;
        Ok(Self { files: Arc::new(files), about, version })
    }

    /// Reads the template at `path`, whatever it is: a folder, a graph file, an archive.
    ///
    /// # Errors
    /// When it is none of these, cannot be read, or is no sound package.
    pub fn read(path: &Path) -> Result<Self, PackageError> {
        let failed = |cause| PackageError::Io { path: path.to_owned(), cause };
        if std::fs::metadata(path).map_err(failed)?.is_dir() {
            return Self::from_folder(path);
        }
        if path.extension().is_some_and(|ending| ending == "ron") {
            return Self::from_graph_file(path);
        }
        let bytes = gather::read_file(path, ARCHIVE_BYTES)?.ok_or(PackageError::TooLarge)?;
        if path.extension().is_some_and(|ending| ending == "dwx") || archive::is_archive(&bytes) {
            return Self::from_archive(&bytes);
        }
        Err(PackageError::NoPackage { path: path.to_owned() })
    }

    /// Reads every file below `folder`, in which `graph.ron` is the graph. Names that begin with a dot are left out:
    /// they belong to the system or to a version control.
    ///
    /// # Errors
    /// When it cannot be read, holds links or other things that are no files, or is no sound package.
    pub fn from_folder(folder: &Path) -> Result<Self, PackageError> {
        Self::new(gather::folder(folder)?)
    }

    /// Reads a graph file with the graphs, recordings and lessons that it names, which lie below its folder. A text
    /// about it, `NAME.md` (`README.md` beside a `graph.ron`), and `LICENSE` and `deadwax.lock` beside it come along.
    ///
    /// # Errors
    /// When something cannot be read, lies elsewhere, or makes no sound package.
    pub fn from_graph_file(graph: &Path) -> Result<Self, PackageError> {
        Self::new(gather::graph_file(graph)?)
    }

    /// Reads an archive.
    ///
    /// # Errors
    /// When it is damaged, has anything that an archive of a template needs not have, or holds no sound package.
    pub fn from_archive(bytes: &[u8]) -> Result<Self, PackageError> {
        Self::new(archive::read(bytes)?)
    }

    /// The package as an archive. It is the same for the same files.
    #[must_use]
    pub fn archive(&self) -> Vec<u8> {
        archive::write(&self.files)
    }

    /// The same with one more file, or another in the place of one.
    ///
    /// # Errors
    /// When it may not be in a package.
    pub fn with(self, path: &str, bytes: Vec<u8>) -> Result<Self, PackageError> {
        let mut files = Arc::unwrap_or_clone(self.files);
        files.insert(path.to_owned(), bytes);
        Self::new(files)
    }

    /// What it holds, as one number.
    #[must_use]
    pub fn content_hash(&self) -> ContentHash {
        ContentHash::of(&self.files)
    }

    /// What the graph says about itself. Its name and version are there, and are right.
    #[must_use]
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The version of the graph.
    #[must_use]
    pub fn version(&self) -> &semver::Version {
        &self.version
    }

    /// The bytes of a file.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// The paths of all files, in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Loads the graph from memory; its recordings have no place on disk until
    /// [`recordings_in`](PackageLoader::recordings_in) gives them one.
    #[must_use]
    pub fn loader(&self) -> PackageLoader {
        PackageLoader::new(Arc::clone(&self.files), format!("{} {}", self.about.name, self.version))
    }

    /// Writes all files into `folder`, which appears with all of them or not at all. A folder that has them already is
    /// left as it is.
    ///
    /// # Errors
    /// When it holds something else, or cannot be made.
    pub fn unpack_to(&self, folder: &Path) -> Result<(), PackageError> {
        unpack::unpack(&self.files, folder)
    }
}

/// Whether `name` is one of a template: small letters and digits, and hyphens between them.
#[must_use]
pub fn is_kebab(name: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    name.len() <= NAME_BYTES && name.split('-').all(word)
}

/// Name and version as a template has them.
fn identity(about: &About) -> Result<semver::Version, PackageError> {
    let (name, version) = (about.name.clone(), about.version.clone());
    if name.is_empty() {
        return Err(PackageError::NoName);
    }
    if !is_kebab(&name) {
        return Err(PackageError::BadName { name });
    }
    if version.is_empty() {
        return Err(PackageError::NoVersion { name });
    }
    match semver::Version::parse(&version) {
        // What stands behind a `+` makes no version newer than another.
        Ok(read) if read.build.is_empty() => Ok(read),
        _ => Err(PackageError::BadVersion { version }),
    }
}

/// Paths, sizes and kinds.
fn check_files(files: &BTreeMap<String, Vec<u8>>) -> Result<(), PackageError> {
    if files.len() > FILES {
        return Err(PackageError::TooManyFiles);
    }
    if files.values().map(Vec::len).sum::<usize>() > BYTES {
        return Err(PackageError::TooLarge);
    }
    let mut places = Places::default();
    for (path, bytes) in files {
        check(path).map_err(|cause| PackageError::Path { path: path.clone(), cause })?;
        places.take(path)?;
        if let Some(expected) = wrong_kind(path, bytes) {
            return Err(PackageError::NotItsKind { path: path.clone(), expected });
        }
    }
    Ok(())
}

/// What a file should be by its name, if it is not.
fn wrong_kind(path: &str, bytes: &[u8]) -> Option<&'static str> {
    let begins = |marks: &[&[u8]]| marks.iter().any(|mark| bytes.starts_with(mark));
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("flac") => (!begins(&[b"fLaC", b"ID3"])).then_some("a FLAC file"),
        Some("wav") => (!begins(&[b"RIFF", b"RF64", b"BW64"])).then_some("a WAV file"),
        _ => std::str::from_utf8(bytes).is_err().then_some("UTF-8 text"),
    }
}

/// Which names are taken, as systems see them that do not tell capitals from small letters.
#[derive(Default)]
pub(crate) struct Places {
    /// Names as they are written, and whether each is a file, by the folded name.
    taken: BTreeMap<String, (String, bool)>,
}

impl Places {
    /// Takes the places of the file `path` and of the folders it is in.
    pub(crate) fn take(&mut self, path: &str) -> Result<(), PackageError> {
        let folders = path.match_indices('/').map(|(at, _)| (&path[..at], false));
        for (name, is_file) in folders.chain([(path, true)]) {
            let folded = folded(name);
            match self.taken.get(&folded) {
                Some((first, _)) if is_file || first != name => return Err(clash(first, name)),
                Some((first, true)) => return Err(clash(first, path)),
                Some(_) => {}
                None => {
                    self.taken.insert(folded, (name.to_owned(), is_file));
                }
            }
        }
        Ok(())
    }
}

fn clash(first: &str, second: &str) -> PackageError {
    PackageError::Clash { first: first.to_owned(), second: second.to_owned() }
}

/// The graph and all that it uses can be read, and everything they name is there. Gives back what the graph says.
fn check_graphs(files: &BTreeMap<String, Vec<u8>>) -> Result<About, PackageError> {
    let (mut seen, mut open, mut about) = (BTreeSet::new(), vec![ROOT.to_owned()], None);
    while let Some(path) = open.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let bytes = files.get(&path).ok_or(PackageError::NoGraph)?;
        let outline = read_outline(&path, bytes)?;
        about.get_or_insert_with(|| outline.about.clone());
        for used in outline.used.iter().filter(|used| !names_template(used)) {
            open.push(named(files, &path, used)?);
        }
        for file in outline.assets.iter().chain(&outline.learned) {
            named(files, &path, file)?;
        }
    }
    about.ok_or(PackageError::NoGraph)
}

pub(crate) fn read_outline(path: &str, bytes: &[u8]) -> Result<deadwax_graph::Outline, PackageError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| PackageError::NotItsKind { path: path.to_owned(), expected: "UTF-8 text" })?;
    outline(path, text)
        .map_err(|errors| PackageError::Graph { path: path.to_owned(), errors: Box::new(errors) })
}

/// The path of a file that the graph `by` names, if it is there.
fn named(files: &BTreeMap<String, Vec<u8>>, by: &str, named: &str) -> Result<String, PackageError> {
    let said = |named: &str| (by.to_owned(), named.to_owned());
    let Some(path) = below(by, named) else {
        let (by, named) = said(named);
        return Err(PackageError::Outside { by, named });
    };
    if !files.contains_key(&path) {
        let (by, named) = said(named);
        return Err(PackageError::Missing { by, named });
    }
    Ok(path)
}
