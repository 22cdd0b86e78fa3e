//! The code of a recording (ISO 3901).

use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// Twelve characters: country, who registered it, year, number. Shown without hyphens, as it stands on a disc.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Isrc([u8; 12]);

/// A text that is no ISRC.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{0}` is no ISRC: two capitals, three capitals or digits, and seven digits, as in `GBAAA2600001` or `GB-AAA-26-00001`"
)]
pub struct BadIsrc(pub String);

impl Isrc {
    /// With hyphens, for people: `GB-AAA-26-00001`.
    #[must_use]
    pub fn hyphenated(&self) -> String {
        let text = self.to_string();
        format!("{}-{}-{}-{}", &text[..2], &text[2..5], &text[5..7], &text[7..])
    }
}

impl FromStr for Isrc {
    type Err = BadIsrc;

    fn from_str(text: &str) -> Result<Self, BadIsrc> {
        let wrong = || BadIsrc(text.to_owned());
        let parts: Vec<&str> = text.split('-').collect();
        // Hyphens stand where they belong, or not at all.
        if !(parts.len() == 1 || parts.iter().map(|part| part.len()).eq([2, 3, 2, 5])) {
            return Err(wrong());
        }
        let code: [u8; 12] = parts.concat().into_bytes().try_into().map_err(|_| wrong())?;
        let country = code[..2].iter().all(u8::is_ascii_uppercase);
        let registrant = code[2..5].iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        let number = code[5..].iter().all(u8::is_ascii_digit);
        if country && registrant && number { Ok(Self(code)) } else { Err(wrong()) }
    }
}

impl fmt::Display for Isrc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{}", char::from(*byte)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn codes_are_read_with_hyphens_and_without(code in "[A-Z]{2}[A-Z0-9]{3}[0-9]{7}") {
            let read: Isrc = code.parse().unwrap();
            prop_assert_eq!(read.to_string(), code);
            prop_assert_eq!(read.hyphenated().parse(), Ok(read));
        }

        #[test]
        fn any_text_is_a_code_or_an_error(text in ".{0,20}") {
            let _ = text.parse::<Isrc>();
        }
    }

    #[test]
    fn what_is_mistyped_is_refused() {
        for text in [
            "",
            "gbaaa2600001",
            "GBAAA260001",
            "GBAAA26000011",
            "G1AAA2600001",
            "GBAAA26O0001",
            "GBA-AA-26-00001",
            "GB-AAA-2600001",
        ] {
            assert_eq!(text.parse::<Isrc>(), Err(BadIsrc(text.into())));
        }
    }
}
