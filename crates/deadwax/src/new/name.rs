//! What a new kind of node is called, in graphs, as a file, and as a crate.

use deadwax_node::Registry;
use std::str::FromStr;
use thiserror::Error;

/// The longest name, in bytes.
const LONGEST: usize = 48;

/// Words that cannot name a file of Rust, or that the new files use for something else.
const TAKEN: &str = "as async await break const continue crate dyn else enum extern false fn for gen if impl in let loop match \
                     mod move mut pub ref return self static struct super trait true type unsafe use where while abstract \
                     become box do final macro override priv try typeof unsized virtual yield union std core alloc main lib \
                     test tests build deadwax deadwax_node about family io node node_error prepared setup stream params scale \
                     registry exit_code option some none result ok err default string vec send sync sized drop copy clone \
                     graph param curve ask input output";

/// The name of a new kind of node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeName {
    /// As a kind: `HouseExciter`.
    pub kind: String,
    /// As a file of Rust, without its ending: `house_exciter`.
    pub file: String,
    /// As a crate: `house-exciter`.
    pub package: String,
}

/// A name that no kind of node can have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NameError {
    /// It has other letters, or too many.
    #[error("`{0}` is no name for a kind of node")]
    Letters(String),
    /// It is a word that is used for something else.
    #[error("`{0}` means something else already")]
    Word(String),
    /// There is such a kind.
    #[error("there is a kind of node `{0}` already")]
    Kind(String),
}

impl FromStr for NodeName {
    type Err = NameError;

    /// Reads `HouseExciter`, `house_exciter` or `house-exciter`.
    fn from_str(text: &str) -> Result<Self, NameError> {
        let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let first = text.bytes().next().is_some_and(|first| first.is_ascii_alphabetic());
        if !first || text.len() > LONGEST || !text.bytes().all(good) {
            return Err(NameError::Letters(text.to_owned()));
        }
        let mut words: Vec<String> = Vec::new();
        let mut new = true;
        for letter in text.chars() {
            if matches!(letter, '_' | '-') {
                new = true;
                continue;
            }
            if new || letter.is_ascii_uppercase() {
                words.push(String::new());
            }
            new = false;
            if let Some(word) = words.last_mut() {
                word.push(letter.to_ascii_lowercase());
            }
        }
        let (file, package) = (words.join("_"), words.join("-"));
        if TAKEN.split_whitespace().any(|taken| taken == file) {
            return Err(NameError::Word(file));
        }
        let capital = |word: &String| word[..1].to_ascii_uppercase() + &word[1..];
        Ok(Self { kind: words.iter().map(capital).collect(), file, package })
    }
}

impl NodeName {
    /// The name, unless a kind of `registry` has it.
    ///
    /// # Errors
    /// When one has.
    pub fn free_in(self, registry: &Registry) -> Result<Self, NameError> {
        if registry.get(&self.kind).is_some() { Err(NameError::Kind(self.kind)) } else { Ok(self) }
    }
}

#[cfg(test)]
mod tests {
    use super::{NameError, NodeName};

    #[test]
    fn a_name_has_three_forms_however_it_is_written() {
        for text in ["HouseExciter", "house_exciter", "house-exciter", "House-Exciter"] {
            let name: NodeName = text.parse().unwrap();
            assert_eq!(
                (&*name.kind, &*name.file, &*name.package),
                ("HouseExciter", "house_exciter", "house-exciter"),
                "{text}"
            );
        }
        assert_eq!("Eq7".parse::<NodeName>().unwrap().file, "eq7");
        for text in ["", "7eq", "a b", "a/b", "../x", "ä", "_x", &"x".repeat(49)] {
            assert_eq!(text.parse::<NodeName>(), Err(NameError::Letters(text.to_owned())));
        }
        for text in ["Loop", "main", "Deadwax", "stream", "Self"] {
            assert!(matches!(text.parse::<NodeName>(), Err(NameError::Word(_))), "{text}");
        }
    }

    #[test]
    fn a_kind_that_is_there_keeps_its_name() {
        let registry = deadwax_nodes::registry();
        let taken = "mid-side-encode".parse::<NodeName>().unwrap().free_in(&registry);
        assert_eq!(taken, Err(NameError::Kind("MidSideEncode".to_owned())));
        assert!("lift".parse::<NodeName>().unwrap().free_in(&registry).is_ok());
    }
}
