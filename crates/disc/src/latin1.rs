//! ISO 8859-1, the letters of CUE sheets and CD-TEXT.

/// `text` in ISO 8859-1; or the first character that it does not have.
///
/// # Errors
/// That character. Control characters count as such: no reader shows them.
pub fn encode(text: &str) -> Result<Vec<u8>, char> {
    text.chars()
        .map(|letter| match u32::from(letter) {
            code @ (0x20..=0x7e | 0xa0..=0xff) => Ok(code as u8),
            _ => Err(letter),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn what_it_has_is_encoded_and_what_it_has_not_is_named() {
        assert_eq!(encode("Déjà vu"), Ok(b"D\xe9j\xe0 vu".to_vec()));
        assert_eq!(encode("夜明け"), Err('夜'));
        assert_eq!(encode("a – b"), Err('–'));
        assert_eq!(encode("a\nb"), Err('\n'));
    }
}
