//! Whether recordings are the files that the document says.

use crate::recipe::hex;
use deadwax_album::Album;
use deadwax_album::document::{Element, Source};
use deadwax_graph::diagnostic::{Code, Diagnostic};
use deadwax_graph::tree::Span;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Bytes that are read at once.
const AT_ONCE: usize = 1 << 18;

/// The SHA-256 of a file, in hexadecimal digits.
pub(super) fn hash_of(path: &Path) -> std::io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let (mut hash, mut bytes) = (Sha256::new(), vec![0; AT_ONCE]);
    loop {
        match file.read(&mut bytes)? {
            0 => return Ok(hex(&hash.finalize())),
            count => hash.update(&bytes[..count]),
        }
    }
}

/// Every recording of `album` whose hash the document says, and which is another file; each file is read once, several side by
/// side. `locate` finds a recording; of one that is not there others tell.
pub(super) fn other_recordings(
    album: &Album,
    locate: impl Fn(&Source) -> Option<PathBuf>,
) -> Vec<Diagnostic> {
    let named: Vec<(&Source, &Span, PathBuf)> = sources(album)
        .into_iter()
        .filter(|(source, _)| source.sha256.is_some())
        .filter_map(|(source, span)| Some((source, span, locate(source)?)))
        .collect();
    let files: BTreeSet<&PathBuf> = named.iter().map(|(.., path)| path).collect();
    let hashes: BTreeMap<&PathBuf, std::io::Result<String>> =
        files.into_par_iter().map(|path| (path, hash_of(path))).collect();
    let differs = |(source, span, path): &(&Source, &Span, PathBuf)| {
        let at = (0, (*span).clone());
        match hashes.get(path)? {
            Err(cause) => {
                let message = format!("{} cannot be read: {cause}", source.path);
                Some(Diagnostic::new(Code::AudioNotRead, message, at, "named here"))
            }
            Ok(hash) if source.sha256.as_ref() == Some(hash) => None,
            Ok(hash) => {
                let message = format!("{} is not the file that the album was made with", source.path);
                let diagnostic = Diagnostic::new(Code::OtherFile, message, at, "another file");
                Some(diagnostic.help(format!(
                    "find the file, or, where the new one is meant, write `sha256: \"{hash}\"`"
                )))
            }
        }
    };
    named.iter().filter_map(differs).collect()
}

/// Every recording that the document names, and where.
fn sources(album: &Album) -> Vec<(&Source, &Span)> {
    let mut all = Vec::new();
    for track in &album.tracks {
        let versions = track.versions.iter().map(|(_, source)| source);
        all.extend([&track.source].into_iter().chain(versions).map(|source| (&source.value, &source.span)));
    }
    all.extend(album.layout.iter().filter_map(|step| match &step.value {
        Element::Hidden(source) => Some((source, &step.span)),
        _ => None,
    }));
    all
}
