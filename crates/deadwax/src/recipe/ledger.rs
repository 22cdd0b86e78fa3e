//! A folder of recipes, to be found again by matrix number or by the hash of a file's samples: what remains when a file has
//! lost everything else.

use super::{MOST_BYTES, Recipe};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A folder of recipes. One file a recipe, `NUMBER.HASH.json`, so that several people and programs may share one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    folder: PathBuf,
}

/// A recipe cannot be put into a ledger.
#[derive(Debug, Error)]
#[error("the ledger {}: {cause}", folder.display())]
pub struct LedgerError {
    /// The folder.
    pub folder: PathBuf,
    /// Why.
    #[source]
    pub cause: std::io::Error,
}

impl Ledger {
    /// The ledger in `folder`, which is made when it is needed.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The ledger of whoever runs the program: the folder that `DEADWAX_LEDGER` names (a team may share one), else one in
    /// the system's place for such. `None` where the system has none.
    #[must_use]
    pub fn of_user() -> Option<Self> {
        let named = std::env::var_os("DEADWAX_LEDGER").filter(|named| !named.is_empty());
        let folder = named.map(PathBuf::from);
        Some(Self::new(folder.or_else(|| Some(dirs::data_dir()?.join("deadwax").join("ledger")))?))
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Puts a recipe in.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn add(&self, recipe: &Recipe) -> Result<(), LedgerError> {
        let name = format!("{}.{}.json", recipe.matrix, recipe.file.samples.sha256);
        let write = || {
            std::fs::create_dir_all(&self.folder)?;
            let file = tempfile::NamedTempFile::new_in(&self.folder)?;
            std::io::Write::write_all(&mut file.as_file(), recipe.to_text().as_bytes())?;
            file.persist(self.folder.join(name)).map(drop).map_err(|error| error.error)
        };
        write().map_err(|cause| LedgerError { folder: self.folder.clone(), cause })
    }

    /// The recipe with this matrix number.
    #[must_use]
    pub fn by_number(&self, matrix: &str) -> Option<Recipe> {
        self.first(|number, _| number == matrix)
    }

    /// The recipe of the file with these samples.
    #[must_use]
    pub fn by_samples(&self, sha256: &str) -> Option<Recipe> {
        self.first(|_, hash| hash == sha256)
    }

    /// The first recipe, by name, that is what is wanted and can be read.
    fn first(&self, wanted: impl Fn(&str, &str) -> bool) -> Option<Recipe> {
        let entries = std::fs::read_dir(&self.folder).ok()?.flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names.iter().find_map(|name| {
            let (number, hash) = name.strip_suffix(".json")?.split_once('.')?;
            if !wanted(number, hash) {
                return None;
            }
            let mut text = String::new();
            let file = File::open(self.folder.join(name)).ok()?;
            file.take(MOST_BYTES as u64 + 1).read_to_string(&mut text).ok()?;
            // A name may be anything: what stands in the file counts.
            let recipe = Recipe::from_text(&text).ok()?;
            wanted(&recipe.matrix, &recipe.file.samples.sha256).then_some(recipe)
        })
    }
}
