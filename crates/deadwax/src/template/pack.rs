//! Packing templates.

use super::error::TemplateError;
use super::opened::Opened;
use super::preview::previewed;
use deadwax_audio::{Existing, WriteError, write_bytes};
use deadwax_measure::signals::demos;
use deadwax_node::Registry;
use deadwax_template::Package;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// The ending of an archive.
const ENDING: &str = "dwx";

/// An archive that was written.
#[derive(Debug)]
pub struct Packed {
    /// The template.
    pub package: Package,
    /// The archive's place.
    pub path: PathBuf,
    /// Its bytes.
    pub archive: Vec<u8>,
}

impl Packed {
    /// SHA-256 of the archive's bytes, in small hexadecimal digits.
    #[must_use]
    pub fn sha256(&self) -> String {
        Sha256::digest(&self.archive).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Where the archive of `package` goes when nobody says otherwise: beside the graph or folder `template`, under its name
/// and version.
#[must_use]
pub fn default_archive(template: &Path, package: &Package) -> PathBuf {
    template.with_file_name(archive_name(package))
}

pub(super) fn archive_name(package: &Package) -> String {
    format!("{}-{}.{ENDING}", package.about().name, package.version())
}

/// Packs the template at `template`, a graph file or a folder, as an archive at `output`, in the folder `output`, or beside
/// it. The archive has a drawing of the graph in it, and what it does to the demo signals.
///
/// # Errors
/// When it is no template, its graph does not compile, or the archive cannot be written.
pub fn pack(
    template: &Path,
    output: Option<&Path>,
    existing: Existing,
    registry: &Registry,
) -> Result<Packed, TemplateError> {
    let opened = Opened::read(template, registry)?;
    let package = previewed(&opened, template, &demos())?.package;
    let path = match output {
        None => default_archive(template, &package),
        Some(folder) if folder.is_dir() => folder.join(archive_name(&package)),
        Some(path) => path.to_owned(),
    };
    if path.extension().is_none_or(|ending| ending != ENDING) {
        let (reason, help) = ("an archive of a template ends in .dwx".into(), "give it that ending".into());
        return Err(WriteError::Format { path, reason, help }.into());
    }
    let archive = package.archive();
    write_bytes(&path, &archive, existing, &inputs(template, &package))?;
    Ok(Packed { package, path, archive })
}

/// The files that the template was read from.
fn inputs(template: &Path, package: &Package) -> Vec<PathBuf> {
    let folder = if template.is_dir() { template } else { template.parent().unwrap_or(template) };
    package.paths().map(|path| folder.join(path)).chain([template.to_owned()]).collect()
}
