//! An album to begin with.

use super::hashes::hash_of;
use deadwax_audio::{ReadError, read_metadata};
use deadwax_graph::format::format as lay_out;
use rayon::prelude::*;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// An album that cannot be begun.
#[derive(Debug, Error)]
pub enum StartError {
    /// A mix cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The hash of a mix cannot be taken.
    #[error("{} cannot be read: {cause}", path.display())]
    Hash {
        /// The mix.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// A mix does not lie below the folder of the album.
    #[error("{} is not below the folder of the album", .0.display())]
    Outside(PathBuf),
}

/// The text of an album of `mixes`, in their order, for a file at `path`: with the titles that they have, or else their names, two
/// seconds between them, a set of files for streaming and a disc. `hashed` is whether it says the SHA-256 of each mix, by which it
/// is known again.
///
/// # Errors
/// When a mix cannot be read, or lies elsewhere than below the folder of `path`.
pub fn new_album(path: &Path, mixes: &[PathBuf], hashed: bool) -> Result<String, StartError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let hash = |mix: &PathBuf| {
        let wrong = |cause| StartError::Hash { path: mix.clone(), cause };
        hashed.then(|| hash_of(mix).map_err(wrong)).transpose()
    };
    let hashes = mixes.par_iter().map(hash).collect::<Result<Vec<_>, _>>()?;
    let mut tracks = String::new();
    let mut layout = Vec::new();
    for (number, (mix, hash)) in mixes.iter().zip(hashes).enumerate() {
        let metadata = read_metadata(mix)?;
        let stem = mix.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let title = metadata.get("TITLE").map_or_else(|| untracked(&stem).to_owned(), str::to_owned);
        let source = below(folder, mix).ok_or_else(|| StartError::Outside(mix.clone()))?;
        let name = format!("t{:02}", number + 1);
        let source = match hash {
            Some(hash) => format!("Source(path: {source:?}, sha256: {hash:?})"),
            None => format!("{source:?}"),
        };
        let _ = writeln!(tracks, "        {name}: Track(title: {title:?}, source: {source}),");
        layout.push(format!("\"{name}\""));
    }
    if mixes.is_empty() {
        tracks.push_str(
            "        // t01: Track(title: \"Opening\", source: \"mixes/01.wav\", isrc: \"GBAAA2600001\"),\n",
        );
    }
    let layout = match layout.join(", Gap(Seconds(2)), ") {
        none if none.is_empty() => "        // \"t01\", Gap(Seconds(2)), \"t02\",\n".to_owned(),
        layout => format!("        {layout},\n"),
    };
    let text = format!(
        "// An album: what its tracks are, what follows what, and what is made of it.\n\
         Album(\n    format: 1,\n    about: (title: \"\", artist: \"\"),\n\n    \
         // How loud the tracks are beside each other: `AsMastered`, `KeepRelative(…)` or `Match(…)`.\n    \
         loudness: AsMastered,\n    graph: \"streaming\",\n\n    tracks: {{\n{tracks}    }},\n\n    \
         // Gaps, crossings (`Cross(length: Seconds(1.5))`), sides (`Side(\"A\")`).\n    layout: [\n{layout}    ],\n\n    \
         deliver: {{\n        stream: Tracks(format: Wav(bits: 24)),\n        cd: Disc(dither: Balanced),\n    }},\n)\n"
    );
    // Titles may be longer than a line.
    Ok(lay_out(&text).unwrap_or(text))
}

/// A name without the number in front of it.
fn untracked(stem: &str) -> &str {
    let rest = stem.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let rest = rest.trim_start_matches([' ', '-', '_', '.']);
    if rest.is_empty() { stem } else { rest }
}

/// The path of `mix` as the album names it.
fn below(folder: &Path, mix: &Path) -> Option<String> {
    let (root, file) = (folder.canonicalize().ok()?, mix.canonicalize().ok()?);
    let path = file.strip_prefix(root).ok()?;
    let steps: Option<Vec<&str>> = path.components().map(|step| step.as_os_str().to_str()).collect();
    Some(steps?.join("/"))
}
