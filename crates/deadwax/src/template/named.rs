//! A template of a source in the place of a graph: `house/tape@^1#dense`.

use super::error::TemplateError;
use deadwax_graph::Template;
use deadwax_template::{Access, Lock, LockedError, Package, Pinned, Shelf, Store, Wanted};
use std::path::Path;
use std::sync::OnceLock;

/// What may be done to have a template.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Nothing over the network.
    pub offline: bool,
    /// Nothing but what a lock pins.
    pub locked: bool,
}

/// A template by its name. What the lock in the current folder pins is meant; where that does not have it, the newest
/// version that its source offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    text: String,
    allowed: Allowed,
    settled: OnceLock<Settled>,
}

/// Which version is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Settled {
    wanted: Wanted,
    /// The lock, and whether it lies in the current folder.
    lock: Lock,
    here: bool,
}

impl Named {
    /// The template that `text` names.
    #[must_use]
    pub fn new(text: &str, allowed: Allowed) -> Self {
        Self { text: text.to_owned(), allowed, settled: OnceLock::new() }
    }

    /// What was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the template's own name is.
    #[must_use]
    pub fn name(&self) -> String {
        let whole = self.text.split(['@', '#']).next().unwrap_or_default();
        whole.rsplit('/').next().unwrap_or_default().to_owned()
    }

    /// Where it comes from, for people.
    #[must_use]
    pub fn origin(&self) -> String {
        match self.settled.get() {
            Some(Settled { here: true, wanted, .. }) => format!("{}, as deadwax.lock pins it", wanted.name),
            Some(Settled { wanted, .. }) => format!("{wanted}, the newest that fits"),
            None => self.text.clone(),
        }
    }

    /// What to say about a version that nothing pins.
    #[must_use]
    pub fn unpinned(&self) -> Option<String> {
        let Settled { wanted, lock, .. } = self.settled.get().filter(|settled| !settled.here)?;
        let version = &lock.pins.get(&wanted.name)?.version;
        Some(format!(
            "{wanted} is {version} today, the newest that fits; `deadwax template add {}` pins it",
            wanted.name
        ))
    }

    /// Its files and its graph.
    ///
    /// # Errors
    /// When it cannot be had, or is not what it should be.
    pub fn template(&self) -> Result<Template, TemplateError> {
        self.pinned()?.template(&self.text).map_err(TemplateError::Named)
    }

    /// The templates that it uses, and itself.
    ///
    /// # Errors
    /// When it cannot be had.
    pub(crate) fn pinned(&self) -> Result<Pinned, TemplateError> {
        let shelf = shelf(Path::new("."), self.allowed)?;
        let settled = match self.settled.get() {
            Some(settled) => settled,
            None => {
                let settled = self.settle(&shelf)?;
                self.settled.get_or_init(|| settled)
            }
        };
        Ok(shelf.pinned_by(settled.lock.clone()))
    }

    /// Its files alone.
    ///
    /// # Errors
    /// When it cannot be had, or is not what it should be.
    pub fn package(&self) -> Result<Package, TemplateError> {
        self.template()?;
        Ok(self.pinned()?.kept(&self.wanted()?.name).map_err(named)?.package)
    }

    /// What was written, taken apart.
    pub(crate) fn wanted(&self) -> Result<Wanted, TemplateError> {
        self.text.parse().map_err(TemplateError::name)
    }

    fn settle(&self, shelf: &Shelf) -> Result<Settled, TemplateError> {
        let wanted = self.wanted()?;
        let lock = shelf.lock().map_err(named)?;
        if lock.pins.contains_key(&wanted.name) {
            return Ok(Settled { wanted, lock, here: true });
        }
        if self.allowed.locked {
            return Err(TemplateError::NotLocked { name: wanted.name });
        }
        let lock = shelf.alone(&wanted).map_err(TemplateError::shelf)?;
        Ok(Settled { wanted, lock, here: false })
    }
}

fn named(error: LockedError) -> TemplateError {
    TemplateError::Named(error.told())
}

/// The folder of graphs `folder`, with the sources of whoever runs the program, which are asked anew where they may be.
///
/// # Errors
/// When this system has no place for templates, or the sources cannot be read.
pub fn shelf(folder: &Path, allowed: Allowed) -> Result<Shelf, TemplateError> {
    let store = Store::of_user().ok_or(TemplateError::NoStore)?;
    let access = Access { offline: allowed.offline, anew: !allowed.offline };
    Shelf::new(folder, store, access).map_err(|error| TemplateError::shelf(error.into()))
}
