//! Sources by the names they have on this machine.

use super::{Access, Origin, Source, SourceError};
use crate::name::is_source_name;
use crate::store::Store;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// The file of the names, in the store.
const FILE: &str = "sources.ron";
/// Bytes of it.
const MOST_BYTES: usize = 1 << 18;
/// Sources that a machine may know.
const MOST: usize = 256;

/// The sources that this machine knows, by name.
#[derive(Clone, Debug)]
pub struct Sources {
    store: Store,
    origins: BTreeMap<String, Origin>,
}

/// The file as it is written.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Sources", deny_unknown_fields)]
struct File {
    sources: Vec<(String, Origin)>,
}

impl Sources {
    /// Reads the names that are kept in `store`.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn read(store: &Store) -> Result<Self, SourceError> {
        let Some(bytes) = store.read(Path::new(FILE), MOST_BYTES)? else {
            return Ok(Self { store: store.clone(), origins: BTreeMap::new() });
        };
        let wrong = |reason: String| SourceError::List { place: store.folder().join(FILE), reason };
        let text = String::from_utf8(bytes).map_err(|_| wrong("it is no UTF-8 text".into()))?;
        let file: File = ron::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        let origins: BTreeMap<String, Origin> = file.sources.into_iter().collect();
        for (name, origin) in &origins {
            if !is_source_name(name) {
                return Err(wrong(format!("`{name}` is no name of a source")));
            }
            origin.check()?;
        }
        Ok(Self { store: store.clone(), origins })
    }

    /// Names and places, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Origin)> {
        self.origins.iter().map(|(name, origin)| (name.as_str(), origin))
    }

    /// The source of that name.
    ///
    /// # Errors
    /// When there is none.
    pub fn get(&self, name: &str, access: Access) -> Result<Source, SourceError> {
        let known = || self.origins.keys().cloned().collect();
        let unknown = || SourceError::Unknown { name: name.to_owned(), known: known() };
        let origin = self.origins.get(name).ok_or_else(unknown)?;
        Source::new(name, origin.clone(), &self.store, access)
    }

    /// Gives a source a name.
    ///
    /// # Errors
    /// When it is no name, another source has it, or the disk refuses.
    pub fn add(&mut self, name: &str, origin: Origin) -> Result<(), SourceError> {
        if !is_source_name(name) {
            return Err(SourceError::Name(name.to_owned()));
        }
        origin.check()?;
        match self.origins.get(name) {
            Some(known) if *known == origin => return Ok(()),
            Some(known) => {
                return Err(SourceError::Taken { name: name.to_owned(), origin: known.clone() });
            }
            None => {}
        }
        if self.origins.len() >= MOST {
            let reason = format!("more than {MOST} sources");
            return Err(SourceError::List { place: self.store.folder().join(FILE), reason });
        }
        self.origins.insert(name.to_owned(), origin);
        self.write()
    }

    /// Forgets a source. What it gave is kept.
    ///
    /// # Errors
    /// When there is none of that name, or the disk refuses.
    pub fn remove(&mut self, name: &str) -> Result<Origin, SourceError> {
        let known = || self.origins.keys().cloned().collect();
        let unknown = || SourceError::Unknown { name: name.to_owned(), known: known() };
        let origin = self.origins.get(name).cloned().ok_or_else(unknown)?;
        self.origins.remove(name);
        self.write()?;
        Ok(origin)
    }

    fn write(&self) -> Result<(), SourceError> {
        let sources = self.origins.iter().map(|(name, origin)| (name.clone(), origin.clone())).collect();
        let pretty = ron::ser::PrettyConfig::new().struct_names(true).depth_limit(2);
        let wrong = |reason: String| SourceError::List { place: self.store.folder().join(FILE), reason };
        let text = ron::ser::to_string_pretty(&File { sources }, pretty)
            .map_err(|error| wrong(error.to_string()))?;
        Ok(self.store.write(Path::new(FILE), (text + "\n").as_bytes())?)
    }
}
