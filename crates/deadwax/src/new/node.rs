//! A new kind of node, which keeps the contract from the first minute: a file of the library in a clone of Deadwax, else a
//! small crate that is Deadwax with one more kind.

use super::library;
use super::name::{NameError, NodeName};
use deadwax_audio::{Existing, WriteError, write_text};
use deadwax_node::Family;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

const NODE: &str = include_str!("lift.rs.txt");
const MAIN: &str = include_str!("main.rs.txt");

/// Where a crate finds Deadwax.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In a clone, at this path.
    Path(PathBuf),
    /// In a git repository.
    Git(String),
    /// In the registry of crates, from this version on.
    Version(String),
}

/// Where a new node lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeHome {
    /// In the library of the clone whose top this is.
    Library(PathBuf),
    /// In a crate of its own, a new folder below this one.
    Crate(PathBuf, Origin),
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeMade {
    /// The file of the node.
    pub node: PathBuf,
    /// Other files that are new or have a line more.
    pub others: Vec<PathBuf>,
    /// What is left to be done by hand: a file, and the line that it needs.
    pub by_hand: Vec<(PathBuf, String)>,
}

/// A new node cannot be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NewNodeError {
    /// It cannot have its name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A file of the library cannot be read.
    #[error("{}: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl Origin {
    /// What a person writes: a folder that is a clone, the address of a repository, or a version.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let path = Path::new(text);
        if path.is_dir() {
            Self::Path(path.canonicalize().unwrap_or_else(|_| path.to_owned()))
        } else if text.contains("://") || text.starts_with("git@") {
            Self::Git(text.to_owned())
        } else {
            Self::Version(text.to_owned())
        }
    }

    /// The dependency `name`, which lies at `below` in a clone, as a manifest has it.
    fn dependency(&self, name: &str, below: &str) -> String {
        let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        match self {
            Self::Path(clone) => {
                format!("{name} = {{ path = {} }}", quoted(&clone.join(below).display().to_string()))
            }
            Self::Git(address) => format!("{name} = {{ git = {} }}", quoted(address)),
            Self::Version(version) => format!("{name} = {}", quoted(version)),
        }
    }
}

impl Default for Origin {
    /// The repository that this program is made from.
    fn default() -> Self {
        Self::Git(env!("CARGO_PKG_REPOSITORY").to_owned())
    }
}

impl NodeHome {
    /// The home of nodes that are made in `folder`: the library, in a clone of Deadwax, unless a crate is asked for by where
    /// it finds Deadwax.
    #[must_use]
    pub fn of(folder: &Path, origin: Option<Origin>) -> Self {
        let clone = || folder.canonicalize().ok().and_then(|folder| library::clone_around(&folder));
        match (origin, clone()) {
            (None, Some(clone)) => Self::Library(clone),
            (origin, _) => Self::Crate(folder.to_owned(), origin.unwrap_or_default()),
        }
    }
}

/// The text of a node's file, or of what goes with it.
fn named(text: &str, name: &NodeName, family: Family) -> String {
    let since = env!("CARGO_PKG_VERSION").rsplit_once('.').map_or("0.1", |(since, _)| since);
    text.replace("Lift", &name.kind)
        .replace("mod lift", &format!("mod {}", name.file))
        .replace("lift::", &format!("{}::", name.file))
        .replace("Family::Gain", &format!("Family::{family:?}"))
        .replace("since: \"0.1\"", &format!("since: \"{since}\""))
}

/// Makes a node that is called `name`.
///
/// # Errors
/// When a file of its name is there, or cannot be written. Then nothing of a crate is there; the library has nothing new but,
/// perhaps, the file.
pub fn new_node(name: &NodeName, family: Family, home: &NodeHome) -> Result<NodeMade, NewNodeError> {
    match home {
        NodeHome::Library(root) => in_library(name, family, root),
        NodeHome::Crate(folder, origin) => as_crate(name, family, folder, origin),
    }
}

fn in_library(name: &NodeName, family: Family, root: &Path) -> Result<NodeMade, NewNodeError> {
    let read = |path: &Path| {
        std::fs::read_to_string(path).map_err(|cause| NewNodeError::Read { path: path.to_owned(), cause })
    };
    let (family_mod, roster) = (library::family_mod(root, family), library::roster(root));
    let folder = library::folder_of(family);
    let lines = [
        (
            library::in_family(&read(&family_mod)?, name),
            family_mod,
            format!("pub use {}::{};", name.file, name.kind),
        ),
        (
            library::in_roster(&read(&roster)?, family, name),
            roster,
            format!(".register::<{folder}::{}>()", name.kind),
        ),
    ];
    let node = library::node_file(root, family, name);
    write_text(&node, &named(NODE, name, family), Existing::Keep, &[])?;
    let (mut others, mut by_hand) = (Vec::new(), Vec::new());
    for (text, path, line) in lines {
        match text {
            Some(text) => {
                write_text(&path, &text, Existing::Replace, &[])?;
                others.push(path);
            }
            None => by_hand.push((path, line)),
        }
    }
    Ok(NodeMade { node, others, by_hand })
}

fn as_crate(
    name: &NodeName,
    family: Family,
    folder: &Path,
    origin: &Origin,
) -> Result<NodeMade, NewNodeError> {
    let home = folder.join(&name.package);
    let io = |cause| WriteError::Io { path: home.clone(), cause };
    if home.symlink_metadata().is_ok() {
        return Err(WriteError::Exists { path: home }.into());
    }
    // The folder appears whole.
    let making = tempfile::Builder::new().prefix(".deadwax-").tempdir_in(folder).map_err(io)?;
    let files = [
        (format!("src/{}.rs", name.file), named(NODE, name, family)),
        ("src/main.rs".to_owned(), named(MAIN, name, family)),
        ("Cargo.toml".to_owned(), manifest(name, origin)),
        ("try.ron".to_owned(), graph(name)),
        (".gitignore".to_owned(), "/target\n".to_owned()),
    ];
    let made = making.path().join(&name.package);
    std::fs::create_dir_all(made.join("src")).map_err(io)?;
    for (path, text) in &files {
        write_text(&made.join(path), text, Existing::Keep, &[])?;
    }
    std::fs::rename(&made, &home).map_err(io)?;
    let mut paths = files.iter().map(|(path, _)| home.join(path));
    let node = paths.next().unwrap_or_default();
    Ok(NodeMade { node, others: paths.collect(), by_hand: Vec::new() })
}

fn manifest(name: &NodeName, origin: &Origin) -> String {
    format!(
        "[package]\nname = \"{}\"\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n\n[dependencies]\n{}\n{}\n\n\
         # Sound is computed: without this a test build takes minutes where it need take seconds.\n[profile.dev]\n\
         opt-level = 2\n\n# Whatever folder this lies in, it stands alone.\n[workspace]\n",
        name.package,
        origin.dependency("deadwax", "crates/deadwax"),
        origin.dependency("deadwax-node", "crates/node"),
    )
}

/// A graph to hear it in.
fn graph(name: &NodeName) -> String {
    let NodeName { kind, file, .. } = name;
    format!(
        "// {kind} between a mix and a safe ceiling.\nGraph(\n    format: 1,\n    about: (name: \"try\", title: \"{kind}, to be \
         heard\", requires: (nodes: [\"{kind}\"])),\n\n    nodes: {{\n        {file}: {kind}(factor: 0.5),\n        peak: Limiter(ceiling_dbtp: -1),\n    }},\n\n    \
         wires: [\"input -> {file} -> peak -> output\"],\n)\n"
    )
}
