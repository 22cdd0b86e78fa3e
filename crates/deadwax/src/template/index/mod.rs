//! What a source offers: every template of a folder packed, drawn, measured, and held against what its version promises.

mod failure;

pub use failure::{IndexFailure, Refused};

use super::error::TemplateError;
use super::opened::Opened;
use super::pack::archive_name;
use super::preview::{PREVIEW, Previewed, previewed, with_page};
use crate::promise::{self, Promise, SoundFigures, Step};
use deadwax_audio::{Existing, write_bytes};
use deadwax_measure::signals::{Demo, demos};
use deadwax_node::Registry;
use deadwax_template::{Index, Listed, Package, ROOT, Version};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The folder, below that of the index, in which the archives lie.
pub const PACKS: &str = "packs";

/// The file that a source is known by.
const INDEX: &str = "index.json";

/// What `index` found for one template.
#[derive(Clone, Debug)]
pub struct Indexed {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: semver::Version,
    /// What is new about it.
    pub news: News,
    /// What its main output is on the demo signals.
    pub figures: Vec<SoundFigures>,
}

/// What is new about a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// It was not in the index.
    New,
    /// This version was in the index, the same as it is.
    Known,
    /// There is a version before it.
    After {
        /// That version.
        version: semver::Version,
        /// The step from it that was taken.
        step: Step,
        /// What changed.
        promise: Promise,
    },
}

/// An index, ready to be written.
#[derive(Debug)]
pub struct Listing {
    /// The templates, in the order of their names.
    pub indexed: Vec<Indexed>,
    /// The index.
    pub index: Index,
    folder: PathBuf,
    /// Archives that are not there yet, by their path below the folder.
    archives: BTreeMap<String, Vec<u8>>,
}

/// Packs, draws and measures every template in `folder`: graph files, and folders with a `graph.ron`. Versions that the
/// index lists already stay as they are. Nothing is written yet.
///
/// # Errors
/// When a template is none, a version is out already with other content, or a step is too small for what changed.
pub fn index(folder: &Path, registry: &Registry) -> Result<Listing, IndexFailure> {
    let demos = demos();
    let old = read_index(folder)?;
    let mut listing = Maker { folder, registry, demos: &demos, old: &old, archives: BTreeMap::new() };
    let mut seen: BTreeMap<String, PathBuf> = BTreeMap::new();
    let (mut indexed, mut listed) = (Vec::new(), Vec::new());
    for path in templates(folder)? {
        let opened = Opened::read(&path, registry)?;
        let name = opened.package.about().name.clone();
        if let Some(first) = seen.insert(name.clone(), path.clone()) {
            return Err(IndexFailure::Twice { name, first, second: path });
        }
        let (one, entry) = listing.template(&path, &opened)?;
        indexed.push(one);
        listed.push(entry);
    }
    if indexed.is_empty() {
        return Err(IndexFailure::Nothing(folder.to_owned()));
    }
    // What is not made here any more stays on offer.
    let names: BTreeSet<String> = listed.iter().map(|one| one.name.clone()).collect();
    listed
        .extend(old.iter().flat_map(|old| &old.templates).filter(|one| !names.contains(&one.name)).cloned());
    indexed.sort_by(|a, b| a.name.cmp(&b.name));
    let archives = listing.archives;
    let index = Index::new(listed)
        .map_err(|cause| IndexFailure::Index { path: folder.join(INDEX), cause: Box::new(cause) })?;
    Ok(Listing { indexed, index, folder: folder.to_owned(), archives })
}

impl Listing {
    /// Writes the archives that are new, and then the index: whoever looks in between sees the old one.
    ///
    /// # Errors
    /// When something cannot be written.
    pub fn write(&self) -> Result<Vec<PathBuf>, IndexFailure> {
        // As a person in that folder would call it.
        let folder = self.folder.strip_prefix(".").unwrap_or(&self.folder);
        let packs = folder.join(PACKS);
        std::fs::create_dir_all(&packs).map_err(|cause| IndexFailure::Io { path: packs, cause })?;
        let mut written = Vec::new();
        for (path, bytes) in &self.archives {
            // One that is there and not listed is left from a run that was stopped.
            write_bytes(&folder.join(path), bytes, Existing::Replace, &[])?;
            written.push(folder.join(path));
        }
        let path = folder.join(INDEX);
        write_bytes(&path, self.index.write().as_bytes(), Existing::Replace, &[])?;
        written.push(path);
        Ok(written)
    }
}

fn read_index(folder: &Path) -> Result<Option<Index>, IndexFailure> {
    let path = folder.join(INDEX);
    match std::fs::read(&path) {
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(IndexFailure::Io { path, cause }),
        Ok(text) => {
            Index::read(&text).map(Some).map_err(|cause| IndexFailure::Index { path, cause: Box::new(cause) })
        }
    }
}

/// The graph files of a folder, and the folders in it that hold a template, by name.
fn templates(folder: &Path) -> Result<Vec<PathBuf>, IndexFailure> {
    let failed = |cause| IndexFailure::Io { path: folder.to_owned(), cause };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        // As a person in that folder would call it.
        let path = path.strip_prefix(".").map(Path::to_owned).unwrap_or(path);
        let hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        let is_graph = path.extension().is_some_and(|ending| ending == "ron") && path.is_file();
        if !hidden && (is_graph || path.join(ROOT).is_file()) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

struct Maker<'a> {
    folder: &'a Path,
    registry: &'a Registry,
    demos: &'a [Demo],
    old: &'a Option<Index>,
    archives: BTreeMap<String, Vec<u8>>,
}

impl Maker<'_> {
    fn template(&mut self, path: &Path, opened: &Opened) -> Result<(Indexed, Listed), IndexFailure> {
        let about = opened.package.about().clone();
        let version = opened.package.version().clone();
        let old = self.old.as_ref().and_then(|old| old.get(&about.name));
        let mut versions = old.map(|old| old.versions.clone()).unwrap_or_default();
        let (news, figures) = match versions.iter().find(|one| one.version == version) {
            Some(known) => {
                self.same(path, opened, known)?;
                (News::Known, figures_of(known))
            }
            None => {
                let before = versions
                    .iter()
                    .filter(|one| one.version < version)
                    .max_by(|a, b| a.version.cmp(&b.version));
                let news = before.map_or(Ok(News::New), |before| self.kept(path, opened, before))?;
                let (version, figures) = self.made(path, opened)?;
                versions.push(version);
                (news, figures)
            }
        };
        versions.sort_by(|a, b| a.version.cmp(&b.version));
        let name = about.name.clone();
        let newest = versions.last().is_some_and(|last| last.version == version);
        let listed = match old {
            // What is said of a template is what its newest version says.
            Some(old) if !newest => Listed { versions, ..old.clone() },
            _ => Listed {
                name: about.name,
                title: about.title,
                description: about.description,
                license: about.license,
                tags: about.tags,
                versions,
            },
        };
        Ok((Indexed { name, version, news, figures }, listed))
    }

    /// The archive of a version that is listed.
    fn archive(&self, listed: &Version) -> Result<Package, IndexFailure> {
        let path = self.folder.join(&listed.archive);
        let wrong = |what: String| IndexFailure::Archive { path: path.clone(), what };
        let package = Package::read(&path).map_err(|error| wrong(error.to_string()))?;
        if package.content_hash() != listed.content {
            return Err(wrong(format!(
                "it is not what {INDEX} lists: its content is {}",
                package.content_hash()
            )));
        }
        Ok(package)
    }

    /// Sees that a version that is out is what it was. Previews are made anew by every program, and do not count.
    fn same(&self, path: &Path, opened: &Opened, known: &Version) -> Result<(), IndexFailure> {
        let out = self.archive(known)?;
        let own = |package: &Package| -> BTreeMap<String, Vec<u8>> {
            let paths = package.paths().filter(|path| !path.starts_with(PREVIEW));
            paths.map(|path| (path.to_owned(), package.file(path).unwrap_or_default().to_vec())).collect()
        };
        let packed = with_page(opened.package.clone());
        let packed = packed.map_err(|cause| TemplateError::Package { path: path.to_owned(), cause })?;
        if own(&out) == own(&packed) {
            return Ok(());
        }
        let name = opened.package.about().name.clone();
        let promise = self.promise(&out, &known.archive, opened)?;
        let version = known.version.clone();
        let refused = Refused {
            path: path.to_owned(),
            name,
            before: version.clone(),
            version,
            promise,
            text: text_of(&opened.package),
        };
        Err(IndexFailure::Out(Box::new(refused)))
    }

    /// Holds a new version against the one before it.
    fn kept(&self, path: &Path, opened: &Opened, before: &Version) -> Result<News, IndexFailure> {
        let version = opened.package.version().clone();
        let step = Step::between(&before.version, &version);
        let promise = self.promise(&self.archive(before)?, &before.archive, opened)?;
        if promise.needed() > step {
            let refused = Refused {
                path: path.to_owned(),
                name: opened.package.about().name.clone(),
                before: before.version.clone(),
                version,
                promise,
                text: text_of(&opened.package),
            };
            return Err(IndexFailure::TooSmall(Box::new(refused)));
        }
        Ok(News::After { version: before.version.clone(), step, promise })
    }

    fn promise(&self, out: &Package, archive: &str, opened: &Opened) -> Result<Promise, IndexFailure> {
        let old = Opened::of(out.clone(), &self.folder.join(archive), self.registry)?;
        let heard = promise::promise(
            &|overrides| old.load(self.registry, overrides),
            &|overrides| opened.load(self.registry, overrides),
            self.demos,
        );
        heard.map_err(|cause| {
            let name = opened.package.about().name.clone();
            IndexFailure::Hear { name, cause: Box::new(cause) }
        })
    }

    /// Packs a version that is new, with its drawing and its figures.
    fn made(&mut self, path: &Path, opened: &Opened) -> Result<(Version, Vec<SoundFigures>), IndexFailure> {
        let Previewed { package, measured, figures } = previewed(opened, path, self.demos)?;
        let bytes = package.archive();
        let path = format!("{PACKS}/{}", archive_name(&package));
        let graph = &opened.graph;
        let kinds: BTreeSet<String> =
            graph.nodes.iter().map(|node| node.node.about().kind.to_owned()).collect();
        let version = Version {
            version: package.version().clone(),
            archive: path.clone(),
            content: package.content_hash(),
            archive_sha256: Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
            bytes: bytes.len() as u64,
            params: graph.params.iter().map(|param| param.name.clone()).collect(),
            presets: graph.presets.iter().map(|preset| preset.name.clone()).collect(),
            kinds: kinds.into_iter().collect(),
            measured: Some(measured),
        };
        self.archives.insert(path, bytes);
        Ok((version, figures))
    }
}

fn figures_of(version: &Version) -> Vec<SoundFigures> {
    let signals = version.measured.as_ref().map(|measured| measured["signals"].clone());
    signals.and_then(|signals| serde_json::from_value(signals).ok()).unwrap_or_default()
}

fn text_of(package: &Package) -> String {
    String::from_utf8_lossy(package.file(ROOT).unwrap_or_default()).into_owned()
}
