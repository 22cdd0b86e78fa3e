//! The graphs that come with the program, and how a graph is named.

use crate::template::{Allowed, Named, TemplateError, loader_of, package_at};
use deadwax_graph::{
    Errors, Folder, Ghosts, Graph, Loader, Memory, Overrides, load_with_ghosts, names_template,
};
use deadwax_node::Registry;
use deadwax_template::{Locked, Pinned, ROOT, Store};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The graph that is used when nobody names one.
pub const DEFAULT: &str = "streaming";

/// One that comes with the program, by the name of its file.
macro_rules! built_in {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../../graphs/", $name, ".ron")))),+]
    };
}

/// Names and texts of the graphs that come with the program.
pub const BUILT_IN: &[(&str, &str)] = built_in![
    "streaming",
    "three-band-glue",
    "mid-side-eq",
    "multiband-compression",
    "multiband-width",
    "multiband-saturation",
    "parallel-compression",
    "new-york-compression",
    "de-ess",
    "dynamic-tame",
    "wide-mono-safe",
    "phone",
    "tape-warmth",
    "club",
    "cd",
    "vinyl-premaster",
    "cassette-premaster",
    "restore-vinyl",
    "restore-tape",
    "restore-live",
    "clean-mix",
];

/// The text of a graph that comes with the program.
fn built_in(name: &str) -> &'static str {
    BUILT_IN.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text)
}

/// Which graph is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GraphRef {
    /// One that comes with the program.
    BuiltIn(&'static str),
    /// A file.
    File(PathBuf),
    /// An archive of a template, and the preset that is meant when nobody names another.
    Package {
        /// The archive.
        path: PathBuf,
        /// The preset.
        preset: Option<String>,
    },
    /// A template of a source.
    Named(Named),
}

impl GraphRef {
    /// Reads a name: an archive when it ends in `.dwx` or has `.dwx#` and a preset in it, a template when it
    /// looks like `source/name@^1` and no file is called so, a path when it has a `/` or ends in `.ron`, otherwise a graph
    /// that comes with the program.
    ///
    /// # Errors
    /// When no such graph comes with the program.
    pub fn parse(name: &str) -> Result<Self, UnknownGraph> {
        if let Some(package) = package(name) {
            return Ok(package);
        }
        if names_template(name) && !Path::new(name).exists() {
            return Ok(Self::Named(Named::new(name, Allowed::default())));
        }
        if name.ends_with(".ron") || name.contains(['/', '\\']) {
            return Ok(Self::File(PathBuf::from(name)));
        }
        let found = BUILT_IN.iter().find(|(known, _)| *known == name);
        found.map(|(known, _)| Self::BuiltIn(known)).ok_or_else(|| UnknownGraph { name: name.to_owned() })
    }

    /// The same, with what may be done to have it.
    #[must_use]
    pub fn allowed(self, allowed: Allowed) -> Self {
        match self {
            Self::Named(named) => Self::Named(Named::new(named.text(), allowed)),
            other => other,
        }
    }

    /// Loads the graph.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn load(&self, registry: &Registry, overrides: &Overrides) -> Result<Graph, Errors> {
        self.load_with_ghosts(registry, overrides, Ghosts::Refuse)
    }

    /// The same, and says what is done with nodes of a kind that `registry` does not know.
    ///
    /// # Errors
    /// As there.
    pub fn load_with_ghosts(
        &self,
        registry: &Registry,
        overrides: &Overrides,
        ghosts: Ghosts,
    ) -> Result<Graph, Errors> {
        let Opening { loader, entry, preset } = self.loader()?;
        match preset.filter(|_| overrides.preset.is_none()) {
            None => load_with_ghosts(registry, &*loader, &entry, overrides, ghosts),
            preset => {
                let overrides = Overrides { preset, ..overrides.clone() };
                load_with_ghosts(registry, &*loader, &entry, &overrides, ghosts)
            }
        }
    }

    fn loader(&self) -> Result<Opening, Errors> {
        let (loader, entry, preset): (Rc<dyn Loader>, _, _) = match self {
            Self::BuiltIn(name) => {
                let file = format!("{name}.ron");
                (Rc::new(Memory::new().with(&*file, built_in(name))), file, None)
            }
            Self::File(path) => {
                let (folder, entry) = Folder::of(path);
                (Rc::new(Locked::new(folder, beside(path))), entry, None)
            }
            Self::Package { path, preset } => {
                let loader = package_at(path).and_then(|package| loader_of(&package, path, None, None));
                (loader.map_err(TemplateError::told)?, ROOT.to_owned(), preset.clone())
            }
            Self::Named(named) => {
                let template = named.template().map_err(TemplateError::told)?;
                (template.files, template.entry, template.preset)
            }
        };
        Ok(Opening { loader, entry, preset })
    }

    /// What stands in it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn text(&self) -> std::io::Result<String> {
        match self {
            Self::BuiltIn(name) => Ok(built_in(name).to_owned()),
            Self::File(path) => {
                let most = deadwax_graph::limits::FILE_BYTES as u64;
                if std::fs::metadata(path)?.len() > most {
                    return Err(std::io::Error::other(format!("it has more than {most} bytes")));
                }
                std::fs::read_to_string(path)
            }
            Self::Package { path, .. } => {
                let package = package_at(path).map_err(std::io::Error::other)?;
                let root = package.file(ROOT).unwrap_or_default();
                String::from_utf8(root.to_vec()).map_err(std::io::Error::other)
            }
            Self::Named(named) => {
                let package = named.package().map_err(std::io::Error::other)?;
                let root = package.file(ROOT).unwrap_or_default();
                String::from_utf8(root.to_vec()).map_err(std::io::Error::other)
            }
        }
    }

    /// What it is called: the name of one that comes with the program, or of the file without its ending.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::BuiltIn(name) => (*name).to_owned(),
            Self::File(path) | Self::Package { path, .. } => {
                path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
            }
            Self::Named(named) => named.name(),
        }
    }

    /// Where it comes from, for people.
    #[must_use]
    pub fn origin(&self) -> String {
        match self {
            Self::BuiltIn(_) => "built in".to_owned(),
            Self::File(path) | Self::Package { path, .. } => path.display().to_string(),
            Self::Named(named) => named.origin(),
        }
    }

    /// The graph file, if it is one: something to write to.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::BuiltIn(_) | Self::Package { .. } | Self::Named(_) => None,
            Self::File(path) => Some(path),
        }
    }
}

/// A graph that is about to be loaded.
struct Opening {
    loader: Rc<dyn Loader>,
    entry: String,
    /// The preset that is meant when nobody names another.
    preset: Option<String>,
}

/// The templates that are pinned beside a graph file.
pub(crate) fn beside(file: &Path) -> Pinned {
    Pinned::beside(file.parent().unwrap_or(file), Store::of_user())
}

/// An archive, with its preset.
fn package(name: &str) -> Option<GraphRef> {
    let (path, preset) = match name.rsplit_once(".dwx#") {
        Some((path, preset)) => (format!("{path}.dwx"), Some(preset.to_owned())),
        None => (name.to_owned(), None),
    };
    path.ends_with(".dwx").then(|| GraphRef::Package { path: path.into(), preset })
}

/// No graph of that name comes with the program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no graph `{name}` comes with deadwax")]
pub struct UnknownGraph {
    /// The name.
    pub name: String,
}

impl UnknownGraph {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        let names: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
        let near = names.iter().map(|name| (name, strsim::jaro_winkler(name, &self.name)));
        match near.filter(|(_, score)| *score > 0.8).max_by(|a, b| a.1.total_cmp(&b.1)) {
            Some((near, _)) => format!("did you mean `{near}`?"),
            None => format!("there are {}; a file is named by a path that ends in .ron", names.join(", ")),
        }
    }
}
