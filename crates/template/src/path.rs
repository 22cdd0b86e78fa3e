//! Paths in a package: plain ones only, which mean the same file on every system.

use crate::limits::{DEPTH, PATH_BYTES, STEP_BYTES};
use thiserror::Error;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Endings of the files that a package may hold.
pub const ENDINGS: [&str; 7] = ["ron", "md", "txt", "svg", "json", "flac", "wav"];

/// Names without such an ending that it may hold.
pub const PLAIN_NAMES: [&str; 3] = ["LICENSE", "README", "deadwax.lock"];

/// Names of devices on Windows, whatever ending they have.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// A path that a package may not have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PathError {
    /// It is empty, or has an empty step.
    #[error("a step of it is empty")]
    Empty,
    /// It begins at the root of a disk.
    #[error("it is absolute")]
    Absolute,
    /// It has a `.` or `..`.
    #[error("it has a step `.` or `..`")]
    Dots,
    /// It has a character that some system takes for something else.
    #[error("{0:?} may not stand in it")]
    Character(char),
    /// A step ends in a dot or a space, which Windows leaves out.
    #[error("a step of it ends in a dot or a space")]
    Trailing,
    /// A step begins with a dot: hidden.
    #[error("a step of it begins with a dot")]
    Hidden,
    /// The name of a device.
    #[error("`{0}` is the name of a device on Windows")]
    Device(String),
    /// The same letters can be written in other bytes.
    #[error("its letters are not in Unicode's normal form C")]
    NotNormal,
    /// Beyond [`PATH_BYTES`] or [`STEP_BYTES`].
    #[error("it is longer than {PATH_BYTES} bytes, or a step of it is longer than {STEP_BYTES}")]
    TooLong,
    /// Beyond [`DEPTH`].
    #[error("it has more than {DEPTH} steps")]
    TooDeep,
    /// A kind of file that a package may not hold.
    #[error("a package holds files that end in .{} and {}, and no others", ENDINGS.join(", ."), PLAIN_NAMES.join(", "))]
    Kind,
}

/// Whether `path` may be that of a file in a package.
///
/// # Errors
/// Why it may not.
pub fn check(path: &str) -> Result<(), PathError> {
    check_plain(path)?;
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    if PLAIN_NAMES.contains(&name) || ending.is_some_and(|ending| ENDINGS.contains(&ending)) {
        return Ok(());
    }
    Err(PathError::Kind)
}

/// Whether `path` is a plain one, of whatever kind of file or folder.
///
/// # Errors
/// Why it is not.
pub fn check_plain(path: &str) -> Result<(), PathError> {
    if path.len() > PATH_BYTES {
        return Err(PathError::TooLong);
    }
    if path.starts_with('/') {
        return Err(PathError::Absolute);
    }
    if let Some(wrong) = path.chars().find(|letter| is_special(*letter)) {
        return Err(PathError::Character(wrong));
    }
    if !is_nfc(path) {
        return Err(PathError::NotNormal);
    }
    path.split('/').try_for_each(check_step)?;
    if path.split('/').count() > DEPTH { Err(PathError::TooDeep) } else { Ok(()) }
}

fn check_step(step: &str) -> Result<(), PathError> {
    match step {
        "" => return Err(PathError::Empty),
        "." | ".." => return Err(PathError::Dots),
        _ if step.len() > STEP_BYTES => return Err(PathError::TooLong),
        _ if step.starts_with('.') => return Err(PathError::Hidden),
        _ if step.ends_with(['.', ' ']) => return Err(PathError::Trailing),
        _ => {}
    }
    let stem = step.split('.').next().unwrap_or(step).trim_end();
    let small = stem.to_lowercase();
    let port = small.strip_prefix("com").or_else(|| small.strip_prefix("lpt"));
    let numbered = port.is_some_and(|rest| {
        let mut letters = rest.chars();
        matches!((letters.next(), letters.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
    });
    if numbered || DEVICES.contains(&&*small) {
        return Err(PathError::Device(stem.to_owned()));
    }
    Ok(())
}

/// Characters that mean something to a system, cannot be seen, or turn the writing around.
fn is_special(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The path as systems see it that do not tell capitals from small letters.
#[must_use]
pub fn folded(path: &str) -> String {
    // Capitals first: `ß` and `ss`, `ſ` and `s` are then the same, as they are for such systems.
    path.to_uppercase().to_lowercase().nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::{PathError, check, folded};

    #[test]
    fn plain_paths_of_known_kinds_may_be_in_a_package() {
        for path in [
            "graph.ron",
            "parts/tape-stage.ron",
            "LICENSE",
            "assets/Räume/hall 2.flac",
            "deadwax.lock",
            "a.b/c.d.wav",
        ] {
            assert_eq!(check(path), Ok(()), "{path}");
        }
    }

    #[test]
    fn every_other_path_is_refused_and_says_why() {
        let cases = [
            ("", PathError::Empty),
            ("a//b.ron", PathError::Empty),
            ("a.ron/", PathError::Empty),
            ("/etc/x.ron", PathError::Absolute),
            ("../x.ron", PathError::Dots),
            ("a/../x.ron", PathError::Dots),
            ("./x.ron", PathError::Dots),
            ("a\\b.ron", PathError::Character('\\')),
            ("C:x.ron", PathError::Character(':')),
            ("a\nb.ron", PathError::Character('\n')),
            ("a\0.ron", PathError::Character('\0')),
            ("a\u{202e}nor.ron", PathError::Character('\u{202e}')),
            ("parts./a.ron", PathError::Trailing),
            ("parts /a.ron", PathError::Trailing),
            (".git/a.ron", PathError::Hidden),
            ("NUL.ron", PathError::Device("NUL".into())),
            ("a/com1.x.ron", PathError::Device("com1".into())),
            ("e\u{301}.ron", PathError::NotNormal),
            ("x.exe", PathError::Kind),
            ("x.RON", PathError::Kind),
            ("x.zip", PathError::Kind),
            ("x.dwx", PathError::Kind),
            ("Makefile", PathError::Kind),
        ];
        for (path, error) in cases {
            assert_eq!(check(path), Err(error), "{path:?}");
        }
        assert_eq!(check(&format!("{}.ron", "x".repeat(97))), Err(PathError::TooLong));
        assert_eq!(check(&format!("{}a.ron", "longer/".repeat(40))), Err(PathError::TooLong));
        assert_eq!(check(&format!("{}a.ron", "d/".repeat(8))), Err(PathError::TooDeep));
    }

    #[test]
    fn what_differs_in_case_alone_folds_to_the_same() {
        assert_eq!(folded("Parts/TAPE.ron"), folded("parts/tape.ron"));
        assert_eq!(folded("straße.ron"), folded("STRASSE.ron"));
        assert_ne!(folded("a.ron"), folded("b.ron"));
    }
}
