//! The hash of what a package holds: the same for a folder, an archive and whatever else it is kept in.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// What stands in front of the digits.
const PREFIX: &str = "sha256:";

/// SHA-256 of a content list: for every file a line of its own SHA-256 in small hexadecimal digits, two spaces, its path
/// and a line feed; the lines sorted by their bytes. `sha256sum` writes such lines, so anybody can check it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// The hash of files by their paths.
    #[must_use]
    pub fn of(files: &BTreeMap<String, Vec<u8>>) -> Self {
        let mut lines: Vec<String> =
            files.iter().map(|(path, bytes)| format!("{}  {path}\n", hex(&Sha256::digest(bytes)))).collect();
        lines.sort_unstable();
        Self(Sha256::digest(lines.concat()).into())
    }

    /// The 64 digits alone, for the name of a file or folder.
    #[must_use]
    pub fn digits(&self) -> String {
        hex(&self.0)
    }
}

/// Small hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether it is 64 small hexadecimal digits.
pub(crate) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", self.digits())
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ContentHash {
    type Err = BadHash;

    /// Reads `sha256:` and 64 small hexadecimal digits, and nothing else: one hash is written in one way.
    fn from_str(text: &str) -> Result<Self, BadHash> {
        let digits = text.strip_prefix(PREFIX).filter(|digits| is_sha256(digits)).ok_or(BadHash)?;
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| BadHash)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| BadHash)?;
        }
        Ok(Self(bytes))
    }
}

impl serde::Serialize for ContentHash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for ContentHash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A text that is no content hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a content hash is `{PREFIX}` and 64 digits of 0-9 and a-f")]
pub struct BadHash;

#[cfg(test)]
mod tests {
    use super::ContentHash;
    use std::collections::BTreeMap;

    fn files(all: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
        all.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
    }

    // Made with: sha256sum LICENSE graph.ron parts/a.ron | LC_ALL=C sort | sha256sum
    const SUM: &str = "sha256:434a213138bd6bdd8a8c13fb9fb55ec95f7077171c7d3dc0f5852cf812514bb2";

    #[test]
    fn it_is_what_sha256sum_says_of_the_list() {
        let files = files(&[("graph.ron", "Graph()\n"), ("parts/a.ron", ""), ("LICENSE", "free\n")]);
        assert_eq!(ContentHash::of(&files).to_string(), SUM);
    }

    #[test]
    fn a_byte_or_a_name_changes_it() {
        let all = [
            [("a.ron", "x"), ("b.ron", "y")],
            [("a.ron", "y"), ("b.ron", "x")],
            [("a.ron", "x"), ("c.ron", "y")],
        ];
        let hashes: std::collections::BTreeSet<_> =
            all.iter().map(|each| ContentHash::of(&files(each))).collect();
        assert_eq!(hashes.len(), 3);
    }

    #[test]
    fn a_hash_is_read_as_it_is_written_and_no_other_way() {
        assert_eq!(SUM.parse::<ContentHash>().unwrap().to_string(), SUM);
        let digits = &SUM["sha256:".len()..];
        for wrong in [
            digits,
            &SUM[..70],
            &SUM.to_uppercase(),
            &format!("{SUM}0"),
            &format!("sha256:+{}", &digits[1..]),
        ] {
            assert!(wrong.parse::<ContentHash>().is_err(), "{wrong}");
        }
    }
}
