//! What may be wrong with packages.

use crate::archive::ArchiveError;
use crate::limits::{BYTES, FILES, NAME_BYTES};
use crate::path::PathError;
use deadwax_graph::{Code, Errors};
use std::path::PathBuf;
use thiserror::Error;

/// A package that cannot be read or made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PackageError {
    /// A file or folder on disk cannot be read or made.
    #[error("{}: {cause}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// It is neither a folder, nor a graph, nor an archive.
    #[error("{} is no template: a folder with a graph.ron, a .ron file or a .dwx file is one", path.display())]
    NoPackage {
        /// Where.
        path: PathBuf,
    },
    /// The archive is no good.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A path that a package may not have.
    #[error("`{}` may not be in a package: {cause}", path.escape_debug())]
    Path {
        /// The path.
        path: String,
        /// Why not.
        #[source]
        cause: PathError,
    },
    /// Two names that some systems take for the same, or a file where another has a folder.
    #[error("`{first}` and `{second}` cannot be in one folder: some systems take their names for the same")]
    Clash {
        /// One of them.
        first: String,
        /// The other.
        second: String,
    },
    /// Beyond [`FILES`].
    #[error("a package has at most {FILES} files; this one has more")]
    TooManyFiles,
    /// Beyond [`BYTES`].
    #[error("a package has at most {BYTES} bytes; this one has more")]
    TooLarge,
    /// A link, in a folder.
    #[error("{} is a link; a package holds files themselves", path.display())]
    Link {
        /// Where.
        path: PathBuf,
    },
    /// Something else than a file or folder, in a folder.
    #[error("{} is neither a file nor a folder", path.display())]
    NotPlain {
        /// Where.
        path: PathBuf,
    },
    /// A file is not what its ending says.
    #[error("`{path}` is not what its name says: {expected} was expected")]
    NotItsKind {
        /// The file.
        path: String,
        /// What it should be.
        expected: &'static str,
    },
    /// There is no root graph.
    #[error("there is no graph.ron in it")]
    NoGraph,
    /// A graph in it has errors.
    #[error("`{path}` is no graph that can be read")]
    Graph {
        /// The graph.
        path: String,
        /// What is wrong.
        errors: Box<Errors>,
    },
    /// A graph names a file outside its folder.
    #[error("`{by}` names `{named}`, which is not below the folder of the graph; copy it there")]
    Outside {
        /// The graph.
        by: String,
        /// What it names.
        named: String,
    },
    /// A graph names a file that is not there.
    #[error("`{by}` names `{named}`, which is not there")]
    Missing {
        /// The graph.
        by: String,
        /// What it names.
        named: String,
    },
    /// A used file has the name that the root graph takes in a package.
    #[error(
        "`{named}` is used as a part, but in a package the graph itself has that name: give the part another"
    )]
    RootTaken {
        /// The part.
        named: String,
    },
    /// The graph has no name.
    #[error("the graph has no name; a template needs one: add `name: \"my-template\"` to `about`")]
    NoName,
    /// Its name is not in kebab-case.
    #[error(
        "`{name}` is no name of a template: small letters and digits, with hyphens between them, at most {NAME_BYTES} bytes"
    )]
    BadName {
        /// The name.
        name: String,
    },
    /// The graph has no version.
    #[error("`{name}` has no version; a template needs one: add `version: \"1.0.0\"` to `about`")]
    NoVersion {
        /// The template.
        name: String,
    },
    /// Its version is none.
    #[error("`{version}` is no version of a template; one looks like 1.0.0 or 2.1.0-rc.1")]
    BadVersion {
        /// What stands there.
        version: String,
    },
    /// A folder to unpack into has something in it.
    #[error("{} is there already, and holds something else", path.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
}

impl PackageError {
    /// What kind of error it is. A graph with errors has codes of its own, for each of them.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Io { .. } | Self::NoPackage { .. } => Code::TemplateNotRead,
            Self::Archive(_) => Code::ArchiveWrong,
            Self::NoName | Self::BadName { .. } | Self::NoVersion { .. } | Self::BadVersion { .. } => {
                Code::TemplateUnnamed
            }
            Self::Occupied { .. } => Code::Exists,
            _ => Code::TemplateUnfit,
        }
    }

    /// What to do about it, where there is something.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        Some(match self {
            Self::Archive(_) => {
                "the file may be damaged; `deadwax template pack` makes archives that are right"
            }
            Self::Path { cause: PathError::Kind, .. } => {
                "take it out, or bring it into a form that is allowed"
            }
            Self::Path { .. } | Self::Clash { .. } => "give it another name",
            Self::TooManyFiles | Self::TooLarge => {
                "leave out what the graph does not need; shorten recordings"
            }
            Self::Link { .. } => "put a copy of the file in its place",
            Self::Graph { .. } => "`deadwax check` tells everything that is wrong with it",
            _ => return None,
        })
    }
}
