//! Where a recipe is in a file, and how it is found again.

use super::{Ledger, MOST_BYTES, Recipe, RecipeError};
use crate::measure::programme_of;
use deadwax_audio::Blob;
use deadwax_audio::{Container, Metadata, ReadError, read_metadata};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The chunk of a WAV file with the recipe.
const CHUNK: [u8; 4] = *b"dwxr";

/// The field of FLAC and AIFF files with the recipe.
const FIELD: &str = "DEADWAX_RECIPE";

/// What stands in front of the number in a comment.
const MARK: &str = "deadwax DW-";

/// Puts `recipe` into what a file of kind `container` says: the whole of it where the kind has room, and its number into
/// the comment, which survives most. Gives back whether the whole is in.
pub(crate) fn embed(recipe: &Recipe, container: Container, metadata: &mut Metadata) -> bool {
    let said = format!("deadwax {}", recipe.matrix);
    // Plain letters: not every format says which others it has.
    let comment = match metadata.get("COMMENT") {
        Some(comment) => format!("{comment}; {said}"),
        None => said,
    };
    metadata.set("COMMENT", &comment);
    match container {
        Container::Wav | Container::Rf64 | Container::Bw64 => {
            metadata.blobs.push(Blob { id: CHUNK, data: recipe.to_text().into_bytes() });
            true
        }
        Container::Flac | Container::Aiff => {
            metadata.set(FIELD, &recipe.to_text());
            true
        }
        _ => false,
    }
}

/// Takes out what an earlier render has put in: it is not true of the next.
pub(crate) fn forget(metadata: &mut Metadata) {
    metadata.blobs.retain(|blob| blob.id != CHUNK);
    metadata.remove(FIELD);
    let Some(comment) = metadata.get("COMMENT") else { return };
    if let Some(at) = comment.find(MARK).filter(|at| number_in(&comment[*at..]).is_some()) {
        let end = at + "deadwax DW-0000-0000".len();
        let kept = format!("{}{}", comment[..at].trim_end_matches([' ', ';']), &comment[end..]);
        metadata.set("COMMENT", &kept);
    }
}

/// The matrix number in a comment.
fn number_in(comment: &str) -> Option<String> {
    let at = comment.find(MARK)? + "deadwax ".len();
    let number = comment.get(at..at + "DW-0000-0000".len())?;
    let hex = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (first, second) = number.strip_prefix("DW-")?.split_once('-')?;
    (hex(first) && hex(second)).then(|| number.to_owned())
}

/// Where the recipe of the file `path` is when it lies beside it.
#[must_use]
pub fn sidecar_of(path: &Path) -> PathBuf {
    path.with_extension("dwr.json")
}

/// How a recipe was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// The whole of it is in the file.
    File,
    /// It lies beside the file.
    Sidecar,
    /// By the number in the file's comment, in the ledger.
    Number,
    /// By the hash of the file's samples, in the ledger.
    Samples,
}

/// A recipe that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The recipe.
    pub recipe: Recipe,
    /// How it was found.
    pub route: Route,
    /// Whether the file's samples are those that the recipe made. A file that was only tagged, or moved into another kind of
    /// file without loss, has them still.
    pub same_samples: bool,
    /// Recipes that were there and could not be used, and why.
    pub refused: Vec<String>,
}

/// Looks for the recipe of the file `path`: in it, beside it, and in `ledger`.
///
/// # Errors
/// When the file cannot be read; `Ok(Err(…))` when there is no recipe, with what was there and could not be used.
pub fn find_recipe(path: &Path, ledger: Option<&Ledger>) -> Result<Result<Found, Vec<String>>, ReadError> {
    let metadata = read_metadata(path)?;
    let (_, programme) = programme_of(path)?;
    let mut refused = Vec::new();
    let mut read = |text: &str, place: &str| {
        let recipe = Recipe::from_text(text);
        recipe.map_err(|error: RecipeError| refused.push(format!("the recipe {place}: {error}"))).ok()
    };
    let chunk = metadata.blobs.iter().find(|blob| blob.id == CHUNK);
    let chunk = chunk.map(|blob| String::from_utf8_lossy(&blob.data).into_owned());
    let inside = chunk.or_else(|| metadata.get(FIELD).map(str::to_owned));
    let mut found = inside.and_then(|text| read(&text, "in the file")).map(|recipe| (recipe, Route::File));
    if found.is_none() {
        let beside = beside(path).and_then(|text| read(&text, "beside the file"));
        found = beside.map(|recipe| (recipe, Route::Sidecar));
    }
    if let (None, Some(ledger)) = (&found, ledger) {
        // The samples first: a comment may have been copied from another file.
        found = ledger.by_samples(&programme.sha256).map(|recipe| (recipe, Route::Samples));
        let number = metadata.get("COMMENT").and_then(number_in);
        let by_number = || Some((ledger.by_number(&number?)?, Route::Number));
        found = found.or_else(by_number);
    }
    Ok(match found {
        Some((recipe, route)) => {
            let same_samples = recipe.file.samples.sha256 == programme.sha256;
            Ok(Found { recipe, route, same_samples, refused })
        }
        None => Err(refused),
    })
}

fn beside(path: &Path) -> Option<String> {
    let mut text = String::new();
    let file = File::open(sidecar_of(path)).ok()?;
    file.take(MOST_BYTES as u64 + 1).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::{forget, number_in};
    use deadwax_audio::Metadata;

    #[test]
    fn a_number_is_found_in_a_comment_and_taken_out_again() {
        for (comment, number, left) in [
            ("deadwax DW-7F3A-92C1", Some("DW-7F3A-92C1"), None),
            ("nice; deadwax DW-0000-FFFF", Some("DW-0000-FFFF"), Some("nice")),
            ("nice; deadwax DW-0000-FFFF, really", Some("DW-0000-FFFF"), Some("nice, really")),
            ("deadwax DW-7F3A-92", None, Some("deadwax DW-7F3A-92")),
            ("deadwax DW-ü", None, Some("deadwax DW-ü")),
            ("nothing", None, Some("nothing")),
        ] {
            assert_eq!(number_in(comment).as_deref(), number, "{comment}");
            let mut metadata = Metadata::default();
            metadata.set("COMMENT", comment);
            forget(&mut metadata);
            assert_eq!(metadata.get("COMMENT"), left, "{comment}");
        }
    }
}
