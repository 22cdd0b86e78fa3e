//! The bar code of a release: EAN-13, or UPC-A with a zero in front of it (GS1 General Specifications).

use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// Thirteen digits, the last of them a check digit: the media catalogue number of a disc.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Barcode([u8; 13]);

/// A text that is no bar code.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BadBarcode {
    /// Other characters, or another number of them.
    #[error("`{0}` is no bar code: write the 13 digits of an EAN or the 12 of a UPC")]
    Shape(String),
    /// A digit was mistyped.
    #[error("`{given}` is no bar code: behind {first} comes {expected}, not {found}", first = &given[..given.len() - 1])]
    CheckDigit {
        /// The text.
        given: String,
        /// The check digit that belongs to the digits before it.
        expected: u8,
        /// The one that is there.
        found: u8,
    },
}

impl Barcode {
    /// The thirteen digits as text.
    #[must_use]
    pub fn digits(&self) -> String {
        self.to_string()
    }
}

/// The digit behind the first twelve.
fn check_digit(digits: &[u8]) -> u8 {
    let weighed = digits.iter().zip([1, 3].into_iter().cycle()).map(|(digit, weight)| digit * weight);
    let sum: u32 = weighed.take(12).map(u32::from).sum();
    ((10 - sum % 10) % 10) as u8
}

impl FromStr for Barcode {
    type Err = BadBarcode;

    fn from_str(text: &str) -> Result<Self, BadBarcode> {
        let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b' ').collect();
        if !matches!(digits.len(), 12 | 13) || !digits.iter().all(u8::is_ascii_digit) {
            return Err(BadBarcode::Shape(text.to_owned()));
        }
        let mut code = [0; 13];
        for (to, digit) in code[13 - digits.len()..].iter_mut().zip(digits) {
            *to = digit - b'0';
        }
        let (expected, found) = (check_digit(&code), code[12]);
        if expected != found {
            let given: String = text.chars().filter(|letter| *letter != ' ').collect();
            return Err(BadBarcode::CheckDigit { given, expected, found });
        }
        Ok(Self(code))
    }
}

impl fmt::Display for Barcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|digit| write!(f, "{digit}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn codes_of_real_releases_are_right_and_a_upc_gets_a_zero() {
        assert_eq!("0123456789012".parse::<Barcode>().map(|code| code.digits()), Ok("0123456789012".into()));
        assert_eq!("4006381333931".parse::<Barcode>().map(|code| code.digits()), Ok("4006381333931".into()));
        assert_eq!("036000291452".parse::<Barcode>().map(|code| code.digits()), Ok("0036000291452".into()));
    }

    proptest! {
        #[test]
        fn one_mistyped_digit_is_always_found(digits in proptest::collection::vec(0_u8..10, 12), at in 0_usize..13, by in 1_u8..10) {
            let mut code = digits.clone();
            code.push(check_digit(&digits));
            let text = |code: &[u8]| code.iter().map(|digit| char::from(b'0' + digit)).collect::<String>();
            prop_assert!(text(&code).parse::<Barcode>().is_ok());
            code[at] = (code[at] + by) % 10;
            let refused = matches!(text(&code).parse::<Barcode>(), Err(BadBarcode::CheckDigit { .. }));
            prop_assert!(refused);
        }

        #[test]
        fn any_text_is_a_code_or_an_error(text in ".{0,20}") {
            let _ = text.parse::<Barcode>().map_err(|error| error.to_string());
        }
    }
}
