//! The list of templates that a source offers: `index.json`.

use crate::content::{ContentHash, is_sha256};
use crate::limits::{ARCHIVE_BYTES, INDEX_BYTES, TEMPLATES, TEXT_BYTES, VERSIONS, WORDS};
use crate::package::is_kebab;
use crate::path::{PathError, check_plain, folded};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use thiserror::Error;

/// The format this program reads.
const FORMAT: u32 = 1;

/// What a source offers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// The version of the file's format.
    pub format: u32,
    /// The templates, in the order of their names.
    pub templates: Vec<Listed>,
}

/// A template in an index. What it says of itself is that of its newest version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Its name, in `kebab-case`.
    pub name: String,
    /// A title for people.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// Under which licence.
    pub license: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Its versions, the oldest first.
    pub versions: Vec<Version>,
}

/// One version of a template.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// The version.
    pub version: semver::Version,
    /// Where its archive lies, as a path below the index.
    pub archive: String,
    /// What it holds.
    pub content: ContentHash,
    /// SHA-256 of the archive's bytes, in small hexadecimal digits.
    pub archive_sha256: String,
    /// Bytes of the archive.
    pub bytes: u64,
    /// Names of its params.
    pub params: Vec<String>,
    /// Names of its presets.
    pub presets: Vec<String>,
    /// Kinds of the nodes it is made of.
    pub kinds: Vec<String>,
    /// What it does to the demo signals, where somebody has measured that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<serde_json::Value>,
}

/// Only the format, to tell a newer file from a wrong one.
#[derive(Deserialize)]
struct Header {
    format: u32,
}

/// An index that cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum IndexError {
    /// Beyond [`INDEX_BYTES`].
    #[error("the index has {bytes} bytes; {INDEX_BYTES} are allowed")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// It is no JSON, or has another shape.
    #[error("the index cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// A newer program wrote it.
    #[error("the index is of format {0}; this program reads format {FORMAT}")]
    Format(u32),
    /// Too many of something.
    #[error("the index has {count} {what}{}; {allowed} are allowed", of(name))]
    TooMany {
        /// Of what.
        what: &'static str,
        /// In which template; empty for the index itself.
        name: String,
        /// How many there are.
        count: usize,
        /// How many are allowed.
        allowed: usize,
    },
    /// A text beyond [`TEXT_BYTES`].
    #[error("a text of `{name}` is longer than {TEXT_BYTES} bytes")]
    LongText {
        /// The template.
        name: String,
    },
    /// A name that is not in kebab-case.
    #[error("`{0}` is no name of a template: small letters, digits, and hyphens between them")]
    Name(String),
    /// Something stands twice, or not in its order.
    #[error("{what} of the index are not in order, or one stands twice: `{after}` follows `{before}`")]
    Order {
        /// Of what.
        what: &'static str,
        /// What stands before.
        before: String,
        /// What stands behind it.
        after: String,
    },
    /// A template without versions.
    #[error("`{0}` has no version")]
    NoVersion(String),
    /// A version with something behind a `+`, by which no version is newer than another.
    #[error("`{name}` {version}: what stands behind a `+` makes no other version")]
    BuildMetadata {
        /// The template.
        name: String,
        /// The version.
        version: semver::Version,
    },
    /// An archive lies where it may not.
    #[error("`{name}` {version}: `{archive}` is no path below the index: {cause}")]
    Path {
        /// The template.
        name: String,
        /// The version.
        version: semver::Version,
        /// Where it says that the archive lies.
        archive: String,
        /// Why not.
        #[source]
        cause: PathError,
    },
    /// An archive that is none by its name, its size or its hash, or that is another version's.
    #[error("`{name}` {version}: {reason}")]
    Archive {
        /// The template.
        name: String,
        /// The version.
        version: semver::Version,
        /// What is wrong with it.
        reason: &'static str,
    },
}

fn of(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!(" of `{name}`") }
}

impl Index {
    /// An index of `templates`, put in order.
    ///
    /// # Errors
    /// What [`read`](Self::read) would refuse.
    pub fn new(mut templates: Vec<Listed>) -> Result<Self, IndexError> {
        for listed in &mut templates {
            listed.versions.sort_by(|a, b| a.version.cmp(&b.version));
        }
        templates.sort_by(|a, b| a.name.cmp(&b.name));
        let index = Self { format: FORMAT, templates };
        index.check()?;
        let bytes = index.write().len();
        if bytes > INDEX_BYTES { Err(IndexError::TooLarge { bytes }) } else { Ok(index) }
    }

    /// Reads the text of an index, as strictly as it is written.
    ///
    /// # Errors
    /// What is wrong with it; nothing of that is a panic, whatever it holds.
    pub fn read(text: &[u8]) -> Result<Self, IndexError> {
        if text.len() > INDEX_BYTES {
            return Err(IndexError::TooLarge { bytes: text.len() });
        }
        let header: Header = serde_json::from_slice(text)?;
        if header.format != FORMAT {
            return Err(IndexError::Format(header.format));
        }
        let index: Self = serde_json::from_slice(text)?;
        index.check()?;
        Ok(index)
    }

    /// The text of the index: the same for the same templates, and a line for each value, so that changes can be read.
    #[must_use]
    pub fn write(&self) -> String {
        // Nothing in it can fail to be written: every key is a text.
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }

    /// The template called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Listed> {
        self.templates.iter().find(|listed| listed.name == name)
    }

    fn check(&self) -> Result<(), IndexError> {
        most("templates", "", self.templates.len(), TEMPLATES)?;
        for pair in self.templates.windows(2) {
            in_order("templates", &pair[0].name, &pair[1].name, pair[0].name < pair[1].name)?;
        }
        let mut archives = BTreeSet::new();
        self.templates.iter().try_for_each(|listed| listed.check(&mut archives))
    }
}

impl Listed {
    fn check(&self, archives: &mut BTreeSet<String>) -> Result<(), IndexError> {
        let name = &self.name;
        if !is_kebab(name) {
            return Err(IndexError::Name(name.clone()));
        }
        let texts = [&self.title, &self.description, &self.license];
        if texts.iter().any(|text| text.len() > TEXT_BYTES) {
            return Err(IndexError::LongText { name: name.clone() });
        }
        self.words("tags", &self.tags)?;
        most("versions", name, self.versions.len(), VERSIONS)?;
        if self.versions.is_empty() {
            return Err(IndexError::NoVersion(name.clone()));
        }
        for pair in self.versions.windows(2) {
            let (before, after) = (&pair[0].version, &pair[1].version);
            in_order("versions", &before.to_string(), &after.to_string(), before < after)?;
        }
        self.versions.iter().try_for_each(|version| self.version(version, archives))
    }

    fn version(&self, one: &Version, archives: &mut BTreeSet<String>) -> Result<(), IndexError> {
        let (name, version) = (self.name.clone(), one.version.clone());
        if !version.build.is_empty() {
            return Err(IndexError::BuildMetadata { name, version });
        }
        self.words("params", &one.params)?;
        self.words("presets", &one.presets)?;
        self.words("kinds", &one.kinds)?;
        if let Err(cause) = check_plain(&one.archive) {
            return Err(IndexError::Path { name, version, archive: one.archive.clone(), cause });
        }
        let reason = if !one.archive.ends_with(".dwx") {
            "its archive does not end in .dwx"
        } else if !is_sha256(&one.archive_sha256) {
            "`archive_sha256` is not 64 digits of 0-9 and a-f"
        } else if one.bytes > ARCHIVE_BYTES as u64 {
            "its archive is larger than one may be"
        } else if !archives.insert(folded(&one.archive)) {
            "its archive is that of another version, too"
        } else {
            return Ok(());
        };
        Err(IndexError::Archive { name, version, reason })
    }

    fn words(&self, what: &'static str, words: &[String]) -> Result<(), IndexError> {
        most(what, &self.name, words.len(), WORDS)?;
        match words.iter().any(|word| word.len() > TEXT_BYTES) {
            true => Err(IndexError::LongText { name: self.name.clone() }),
            false => Ok(()),
        }
    }
}

fn most(what: &'static str, name: &str, count: usize, allowed: usize) -> Result<(), IndexError> {
    match count > allowed {
        true => Err(IndexError::TooMany { what, name: name.to_owned(), count, allowed }),
        false => Ok(()),
    }
}

fn in_order(what: &'static str, before: &str, after: &str, ordered: bool) -> Result<(), IndexError> {
    match ordered {
        true => Ok(()),
        false => Err(IndexError::Order { what, before: before.to_owned(), after: after.to_owned() }),
    }
}
