//! What may be wrong with sources.

use super::git::GitError;
use super::origin::{Origin, OriginError};
use super::web::WebError;
use crate::index::IndexError;
use crate::name::{Release, TemplateName};
use crate::store::StoreError;
use deadwax_graph::Code;
use std::path::PathBuf;
use thiserror::Error;

/// A source cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SourceError {
    /// No source has that name on this machine.
    #[error("there is no source `{name}`")]
    Unknown {
        /// The name.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A name that no source may have.
    #[error("`{0}` is no name of a source: small letters, digits, and hyphens between them")]
    Name(String),
    /// Another source has the name.
    #[error("`{name}` is {origin} already")]
    Taken {
        /// The name.
        name: String,
        /// Where that source lies.
        origin: Origin,
    },
    /// The names of sources cannot be read.
    #[error("{}: {reason}", place.display())]
    List {
        /// The file.
        place: PathBuf,
        /// Why.
        reason: String,
    },
    /// An address that leads to no source.
    #[error(transparent)]
    Origin(#[from] OriginError),
    /// It would have to be asked over the network.
    #[error("{0} has not been asked before, and --offline forbids to ask it now")]
    Offline(Origin),
    /// The folder, or a file of it, cannot be read.
    #[error("{}: {cause}", place.display())]
    Folder {
        /// Where.
        place: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// A link leads out of the source.
    #[error("{} lies outside the folder of the source", place.display())]
    Outside {
        /// The file.
        place: PathBuf,
    },
    /// The repository cannot be read.
    #[error("{origin}: {cause}")]
    Git {
        /// The source.
        origin: Origin,
        /// Why.
        #[source]
        cause: GitError,
    },
    /// The web folder cannot be read.
    #[error("{address}: {cause}")]
    Web {
        /// What was asked for.
        address: String,
        /// Why.
        #[source]
        cause: WebError,
    },
    /// The list of what it offers is none.
    #[error("source `{name}`: {cause}")]
    Index {
        /// The source's name.
        name: String,
        /// Why.
        #[source]
        cause: Box<IndexError>,
    },
    /// It has no such template.
    #[error("source `{}` has no template `{}`", name.source(), name.name())]
    NoTemplate {
        /// The template.
        name: TemplateName,
        /// One with a name much like it.
        near: Option<String>,
    },
    /// It has no such version of a template.
    #[error("{release} is locked, and its source does not offer it any more")]
    NoVersion {
        /// Which.
        release: Box<Release>,
    },
    /// What it gives is not what its index says.
    #[error("{release} from {origin} is not what its source says: {reason}")]
    Wrong {
        /// Which.
        release: Box<Release>,
        /// Where it came from.
        origin: Origin,
        /// What is different.
        reason: String,
    },
    /// What is kept on this machine cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SourceError {
    /// What kind of error it is.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Wrong { .. } | Self::Store(StoreError::Changed { .. }) => Code::TemplateChanged,
            Self::NoTemplate { .. } => Code::NoVersionFits,
            Self::Index { .. } => Code::IndexNotRead,
            _ => Code::SourceNotRead,
        }
    }

    /// What to do about it, where there is something.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::Unknown { name, known } => {
                let add = format!("`deadwax template source add {name} ADDRESS` tells where it lies");
                if known.is_empty() { add } else { format!("there are {}; {add}", known.join(", ")) }
            }
            Self::Taken { name, .. } => {
                format!("`deadwax template source remove {name}` first, or take another name")
            }
            Self::Offline(_) => {
                "leave --offline out once, or use what `deadwax template vendor` has copied".into()
            }
            Self::Web { .. } | Self::Git { .. } => "with --offline, what was fetched before is used".into(),
            Self::NoTemplate { near: Some(near), .. } => format!("did you mean `{near}`?"),
            Self::NoTemplate { name, .. } => {
                format!(
                    "`deadwax template list` shows what it has; was `{}` changed lately? then `deadwax template update`",
                    name.source()
                )
            }
            Self::Wrong { .. } => "nothing of it was kept; tell whoever keeps the source".into(),
            Self::Store(StoreError::Changed { .. }) => {
                "remove that folder, and fetch the template again".into()
            }
            Self::Folder { .. } | Self::Index { .. } => {
                "a source has an index.json, which `deadwax template index` makes".into()
            }
            _ => return None,
        })
    }
}
