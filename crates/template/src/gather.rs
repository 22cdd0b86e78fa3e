//! Files of a template, gathered from disk.

use crate::error::PackageError;
use crate::limits::{BYTES, DEPTH, FILES};
use crate::lock::{LOCK, Lock};
use crate::package::{ROOT, read_outline};
use crate::path::{PathError, check};
use deadwax_graph::{Folder, LoadError, Loader, below, names_template};
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

type Files = BTreeMap<String, Vec<u8>>;

/// The bytes of a file; `None` if there are more than `most`.
pub(crate) fn read_file(path: &Path, most: usize) -> Result<Option<Vec<u8>>, PackageError> {
    let failed = |cause| PackageError::Io { path: path.to_owned(), cause };
    // Not opened before it is known to be a file: a pipe would wait for ever.
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(PackageError::NotPlain { path: path.to_owned() });
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok((bytes.len() <= most).then_some(bytes))
}

/// Files that together have no more bytes than a package may have.
#[derive(Default)]
struct Gathered {
    files: Files,
    bytes: usize,
}

impl Gathered {
    fn add(&mut self, path: String, place: &Path) -> Result<(), PackageError> {
        if self.files.len() == FILES {
            return Err(PackageError::TooManyFiles);
        }
        let bytes = read_file(place, BYTES - self.bytes)?.ok_or(PackageError::TooLarge)?;
        self.bytes += bytes.len();
        self.files.insert(path, bytes);
        Ok(())
    }
}

/// Every file below `root`, without what begins with a dot.
pub(crate) fn folder(root: &Path) -> Result<Files, PackageError> {
    let mut gathered = Gathered::default();
    let mut open = vec![(root.to_owned(), String::new(), 0)];
    let mut folders = 0;
    while let Some((folder, prefix, depth)) = open.pop() {
        folders += 1;
        if folders > FILES {
            return Err(PackageError::TooManyFiles);
        }
        let failed = |cause| PackageError::Io { path: folder.clone(), cause };
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                return Err(PackageError::NotPlain { path: entry.path() });
            };
            if name.starts_with('.') {
                continue;
            }
            let (place, path) = (entry.path(), format!("{prefix}{name}"));
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_symlink() {
                return Err(PackageError::Link { path: place });
            } else if kind.is_dir() {
                if depth + 1 >= DEPTH {
                    return Err(PackageError::Path { path, cause: PathError::TooDeep });
                }
                open.push((place, path + "/", depth + 1));
            } else if kind.is_file() {
                check(&path).map_err(|cause| PackageError::Path { path: path.clone(), cause })?;
                gathered.add(path, &place)?;
            } else {
                return Err(PackageError::NotPlain { path: place });
            }
        }
    }
    Ok(gathered.files)
}

/// A graph file and what it names; the graph itself is then [`ROOT`], everything else has the path it is named by.
pub(crate) fn graph_file(graph: &Path) -> Result<Files, PackageError> {
    let (folder, entry) = Folder::of(graph);
    let mut gathered = Gathered::default();
    gathered.add(ROOT.to_owned(), graph)?;
    // Each with the path that what it names is relative to.
    let mut open = vec![(ROOT.to_owned(), entry.clone())];
    let mut names_templates = false;
    while let Some((kept, by)) = open.pop() {
        let outline = read_outline(&folder.name(&by), &gathered.files[&kept])?;
        names_templates |= outline.used.iter().any(|used| names_template(used));
        let used = outline.used.iter().filter(|used| !names_template(used)).map(|used| (used, true));
        let data = outline.assets.iter().chain(&outline.learned).map(|file| (file, false));
        for (named, is_graph) in used.chain(data) {
            let path = below(&by, named)
                .ok_or_else(|| PackageError::Outside { by: by.clone(), named: named.clone() })?;
            if path == ROOT && entry != ROOT {
                return Err(PackageError::RootTaken { named: path });
            }
            if !gathered.files.contains_key(&path) {
                check(&path).map_err(|cause| PackageError::Path { path: path.clone(), cause })?;
                gathered.add(path.clone(), &place(&folder, &by, &path)?)?;
                open.extend(is_graph.then(|| (path.clone(), path)));
            }
        }
    }
    beside(&mut gathered, &folder, &entry, names_templates)?;
    let mut files = gathered.files;
    if let Some(bytes) = files.get_mut(LOCK)
        && let Ok(lock) = Lock::read(&String::from_utf8_lossy(bytes))
    {
        *bytes = lock.without_folders().write().into_bytes();
    }
    Ok(files)
}

/// Where a file that the graph `by` names lies.
fn place(folder: &Folder, by: &str, path: &str) -> Result<PathBuf, PackageError> {
    let (by, named) = (by.to_owned(), path.to_owned());
    folder.locate(path).map_err(|error| match error {
        LoadError::Outside => PackageError::Outside { by, named },
        LoadError::Io(cause) if cause.kind() != ErrorKind::NotFound => {
            PackageError::Io { path: folder.name(path).into(), cause }
        }
        _ => PackageError::Missing { by, named },
    })
}

/// What lies beside a graph and belongs to it without being named.
fn beside(
    gathered: &mut Gathered,
    folder: &Folder,
    entry: &str,
    names_templates: bool,
) -> Result<(), PackageError> {
    let stem = entry.strip_suffix(".ron").unwrap_or(entry);
    let about = if entry == ROOT { "README.md".to_owned() } else { format!("{stem}.md") };
    let mut known = vec![(about, "README.md"), ("LICENSE".to_owned(), "LICENSE")];
    // Only a graph that names templates has something in the lock.
    known.extend(names_templates.then(|| (LOCK.to_owned(), LOCK)));
    for (name, path) in known {
        match folder.locate(&name) {
            Ok(place) => gathered.add(path.to_owned(), &place)?,
            Err(LoadError::Outside) => return Err(PackageError::Link { path: folder.name(&name).into() }),
            Err(_) => {}
        }
    }
    Ok(())
}
