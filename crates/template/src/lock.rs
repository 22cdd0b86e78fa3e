//! `deadwax.lock`: which template every name stands for, to the byte.

use crate::content::ContentHash;
use crate::name::{NameError, TemplateName};
use crate::source::{Origin, OriginError};
use semver::{Version, VersionReq};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;
use thiserror::Error;

/// What the file is called.
pub const LOCK: &str = "deadwax.lock";
/// Bytes of a lock.
pub(crate) const MOST_BYTES: usize = 1 << 20;
/// Templates of a lock.
pub(crate) const MOST: usize = 256;
/// The newest format this program reads.
const FORMAT: u32 = 1;
/// What stands above it.
const HEAD: &str =
    "// What the templates are that the graphs here use. Written by `deadwax template`; keep it with them.\n";

/// A template of a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The version.
    pub version: Version,
    /// What a person asked for; `None` where only other templates use it.
    pub asked: Option<VersionReq>,
    /// Where it came from.
    pub origin: Origin,
    /// What it holds.
    pub content: ContentHash,
}

/// Which template every name stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// The templates, by name.
    pub pins: BTreeMap<TemplateName, Pin>,
}

/// A lock that cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LockError {
    /// It is longer than any.
    #[error("it has more than {MOST_BYTES} bytes, or more than {MOST} templates")]
    TooLarge,
    /// The text is no lock.
    #[error("it cannot be read: {0}")]
    Unreadable(#[source] Box<ron::error::SpannedError>),
    /// A newer program wrote it.
    #[error("it is of format {0}; this program reads format {FORMAT}")]
    Newer(u32),
    /// A name that is none.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The templates are not in the order of their names, or one stands twice.
    #[error("its templates are not in order, or one stands twice: {0}")]
    Order(TemplateName),
    /// A requirement or version that is none, or a hash.
    #[error("{name}: `{text}` is no {what}")]
    Value {
        /// The template.
        name: TemplateName,
        /// What stands there.
        text: String,
        /// What it should be.
        what: &'static str,
    },
    /// An address that leads to no source.
    #[error("{name}: {cause}")]
    Origin {
        /// The template.
        name: TemplateName,
        /// Why.
        #[source]
        cause: OriginError,
    },
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(rename = "Lock", deny_unknown_fields)]
struct File {
    format: u32,
    templates: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "Pin", deny_unknown_fields)]
struct Entry {
    name: String,
    version: String,
    #[serde(default)]
    asked: Option<String>,
    origin: Origin,
    content: String,
}

/// Only the format, to tell a newer file from a wrong one.
#[derive(Deserialize)]
#[serde(rename = "Lock")]
struct Header {
    format: u32,
}

impl Lock {
    /// Reads the text of a lock.
    ///
    /// # Errors
    /// What is wrong with it; nothing of that is a panic, whatever it holds.
    pub fn read(text: &str) -> Result<Self, LockError> {
        if text.len() > MOST_BYTES {
            return Err(LockError::TooLarge);
        }
        let options = ron::Options::default()
            .with_default_extension(ron::extensions::Extensions::IMPLICIT_SOME)
            .with_recursion_limit(16);
        let unreadable = |error| LockError::Unreadable(Box::new(error));
        let Header { format } = options.from_str(text).map_err(unreadable)?;
        if format != FORMAT {
            return Err(LockError::Newer(format));
        }
        let file: File = options.from_str(text).map_err(unreadable)?;
        debug_assert_eq!(file.format, FORMAT);
        if file.templates.len() > MOST {
            return Err(LockError::TooLarge);
        }
        let mut pins: BTreeMap<TemplateName, Pin> = BTreeMap::new();
        for entry in file.templates {
            let name: TemplateName = entry.name.parse()?;
            if pins.last_key_value().is_some_and(|(last, _)| *last >= name) {
                return Err(LockError::Order(name));
            }
            let pin = entry.pin(&name)?;
            pins.insert(name, pin);
        }
        Ok(Self { pins })
    }

    /// The text of the lock: the same for the same templates.
    #[must_use]
    pub fn write(&self) -> String {
        let mut text = format!("{HEAD}Lock(\n    format: {FORMAT},\n    templates: [\n");
        for (name, pin) in &self.pins {
            let (kind, address) = match &pin.origin {
                Origin::Folder(address) => ("Folder", address),
                Origin::Git(address) => ("Git", address),
                Origin::Web(address) => ("Web", address),
            };
            let address = ron::to_string(address).unwrap_or_default();
            let _ = write!(
                text,
                "        (\n            name: \"{name}\",\n            version: \"{}\",\n",
                pin.version
            );
            if let Some(asked) = &pin.asked {
                let _ = writeln!(text, "            asked: \"{asked}\",");
            }
            let _ = write!(
                text,
                "            origin: {kind}({address}),\n            content: \"{}\",\n",
                pin.content
            );
            text.push_str("        ),\n");
        }
        text.push_str("    ],\n)\n");
        text
    }

    /// The same, without the folders of this machine: what is given away names none, and is the same from every machine.
    #[must_use]
    pub fn without_folders(mut self) -> Self {
        for pin in self.pins.values_mut() {
            if matches!(pin.origin, Origin::Folder(_)) {
                pin.origin = Origin::Folder("a folder of its author".into());
            }
        }
        self
    }

    /// What differs in `after`, in words.
    #[must_use]
    pub fn changes(&self, after: &Self) -> Vec<String> {
        let mut all = Vec::new();
        for (name, pin) in &after.pins {
            match self.pins.get(name) {
                None => all.push(format!("{name} {} is not in it", pin.version)),
                Some(before) if before.version != pin.version => {
                    all.push(format!("{name} {} -> {}", before.version, pin.version));
                }
                Some(before) if before != pin => {
                    all.push(format!("{name} {} is pinned otherwise", pin.version))
                }
                Some(_) => {}
            }
        }
        let gone = self.pins.iter().filter(|(name, _)| !after.pins.contains_key(name));
        all.extend(gone.map(|(name, pin)| format!("{name} {} is not used any more", pin.version)));
        all
    }
}

impl Entry {
    fn pin(self, name: &TemplateName) -> Result<Pin, LockError> {
        let wrong = |text: &str, what| LockError::Value {
            name: name.clone(),
            text: text.chars().take(80).collect(),
            what,
        };
        let version = self.version.parse().map_err(|_| wrong(&self.version, "version"))?;
        let asked = self.asked.as_deref().map(|asked| asked.parse().map_err(|_| wrong(asked, "requirement")));
        let content = self.content.parse().map_err(|_| wrong(&self.content, "hash"))?;
        self.origin.check().map_err(|cause| LockError::Origin { name: name.clone(), cause })?;
        Ok(Pin { version, asked: asked.transpose()?, origin: self.origin, content })
    }
}
