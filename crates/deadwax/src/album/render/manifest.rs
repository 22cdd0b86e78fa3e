//! What is in a deliverable, and what it was made of.

use super::error::AlbumError;
use crate::recipe::hex;
use deadwax_disc::checksum::{Checksums, Summing};
use deadwax_measure::Measured;
use deadwax_preflight::Finding;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::Path;

/// The file that tells it.
pub const MANIFEST: &str = "MANIFEST.json";

/// A deliverable.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// The program that made it.
    pub(super) made_by: String,
    /// What it was made of, as a hash: masters, places, gains, graphs and formats.
    pub(super) made_of: String,
    /// The integrated loudness of all of it, in LUFS.
    pub(super) integrated_lufs: Option<f64>,
    /// Its highest true peak, in dBTP.
    pub(super) true_peak_dbtp: Option<f64>,
    /// Its files.
    pub(super) files: Vec<ManifestFile>,
    /// What somebody should know before it is sent off.
    #[serde(default)]
    pub(super) findings: Vec<Finding>,
}

/// A file of a deliverable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// Its path in the deliverable.
    pub path: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// Their MD5.
    pub md5: String,
    /// Their SHA-256.
    pub sha256: String,
    /// Its integrated loudness, in LUFS.
    pub integrated_lufs: Option<f64>,
    /// Its loudness range, in LU.
    pub range_lu: Option<f64>,
    /// Its true peak, in dBTP.
    pub true_peak_dbtp: Option<f64>,
    /// How far its true peak is above its loudness, in LU.
    #[serde(default)]
    pub plr_lu: Option<f64>,
}

/// The file at `folder/path`, looked through.
pub(super) fn file(
    folder: &Path,
    path: &str,
    measured: Option<&Measured>,
) -> Result<(ManifestFile, Checksums), AlbumError> {
    let whole = folder.join(path);
    let mut file = std::fs::File::open(&whole).map_err(AlbumError::io(&whole))?;
    let (mut sums, mut sha, mut bytes) = (Summing::new(), Sha256::new(), vec![0; 1 << 18]);
    loop {
        let read = file.read(&mut bytes).map_err(AlbumError::io(&whole))?;
        if read == 0 {
            break;
        }
        sums.update(&bytes[..read]);
        sha.update(&bytes[..read]);
    }
    let sums = sums.finish();
    let manifest = ManifestFile {
        path: path.to_owned(),
        bytes: sums.bytes,
        md5: sums.md5_hex(),
        sha256: hex(&sha.finalize()),
        integrated_lufs: measured.and_then(|measured| measured.integrated_lufs),
        range_lu: measured.and_then(|measured| measured.loudness_range_lu),
        true_peak_dbtp: measured.and_then(|measured| measured.true_peak_dbtp),
        plr_lu: measured.and_then(|measured| measured.plr_lu),
    };
    Ok((manifest, sums))
}

/// The deliverable in `folder`, if it was made of `made_of` and every file is there in its length.
pub(super) fn known(folder: &Path, made_of: &str) -> Option<Manifest> {
    there(folder).filter(|manifest| manifest.made_of == made_of)
}

/// The deliverable in `folder`, if every file is there in its length.
pub(super) fn there(folder: &Path) -> Option<Manifest> {
    let text = std::fs::read_to_string(folder.join(MANIFEST)).ok()?;
    let manifest: Manifest = serde_json::from_str(&text).ok()?;
    let whole = |file: &ManifestFile| {
        let plain = deadwax_graph::below(MANIFEST, &file.path).is_some();
        plain && std::fs::metadata(folder.join(&file.path)).is_ok_and(|about| about.len() == file.bytes)
    };
    manifest.files.iter().all(whole).then_some(manifest)
}

/// Whether all that is in `folder` is what its manifest lists: nothing there is anybody else's.
pub(super) fn is_ours(folder: &Path) -> bool {
    let manifest = std::fs::read_to_string(folder.join(MANIFEST)).ok();
    let manifest = manifest.and_then(|text| serde_json::from_str::<Manifest>(&text).ok());
    let Some(manifest) = manifest else { return false };
    let mut open = vec![(folder.to_owned(), String::new())];
    while let Some((place, prefix)) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&place) else { return false };
        for entry in entries {
            let Ok(entry) = entry else { return false };
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push((entry.path(), path + "/")),
                Ok(_) if path == MANIFEST || manifest.files.iter().any(|file| file.path == path) => {}
                _ => return false,
            }
        }
    }
    true
}
