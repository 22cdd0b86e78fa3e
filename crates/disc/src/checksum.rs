//! Lists of checksums, which plants hold a fileset against.
//!
//! Source: the public description of DDP 2.00 (`ddp-reverse-eng`, section 9). MD5 and CRC-32 find damage and protect from nobody:
//! they are what plants ask for.

use std::fmt::Write as _;
use std::io;
use thiserror::Error;

/// The list that `md5sum -c` reads.
pub const MD5_LIST: &str = "CHECKSUM.MD5";
/// The list of CRCs.
pub const CRC32_LIST: &str = "CHECKSUM.TXT";

/// The checksums of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checksums {
    /// Its MD5.
    pub md5: [u8; 16],
    /// Its CRC-32, as in zlib.
    pub crc32: u32,
    /// How many bytes it has.
    pub bytes: u64,
}

/// A file whose name cannot stand in a list.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{0}` cannot stand in a list of checksums: plain letters, without `\\`, `/`, `=` and spaces at the ends"
)]
pub struct BadName(pub String);

impl Checksums {
    /// Those of bytes that are all there.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut summing = Summing::new();
        summing.update(bytes);
        summing.finish()
    }

    /// The MD5 in 32 small hexadecimal digits.
    #[must_use]
    pub fn md5_hex(&self) -> String {
        let mut text = String::new();
        self.md5.iter().for_each(|byte| {
            let _ = write!(text, "{byte:02x}");
        });
        text
    }
}

/// Sums up bytes as they come.
#[derive(Clone)]
pub struct Summing {
    md5: md5::Context,
    crc32: crc32fast::Hasher,
    bytes: u64,
}

impl Summing {
    /// Of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self { md5: md5::Context::new(), crc32: crc32fast::Hasher::new(), bytes: 0 }
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.md5.consume(bytes);
        self.crc32.update(bytes);
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
    }

    /// What all of them add up to.
    #[must_use]
    pub fn finish(self) -> Checksums {
        Checksums { md5: self.md5.finalize().0, crc32: self.crc32.finalize(), bytes: self.bytes }
    }
}

impl Default for Summing {
    fn default() -> Self {
        Self::new()
    }
}

impl io::Write for Summing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The text of [`MD5_LIST`].
///
/// # Errors
/// A name that readers would take for something else.
pub fn md5_list(files: &[(&str, Checksums)]) -> Result<String, BadName> {
    list("", files, |name, sums| format!("{} *{name}\n", sums.md5_hex()))
}

/// The text of [`CRC32_LIST`].
///
/// # Errors
/// A name that readers would take for something else.
pub fn crc32_list(files: &[(&str, Checksums)]) -> Result<String, BadName> {
    list("[CRC32 Checksum]\n", files, |name, sums| format!("{name}={:08X}\n", sums.crc32))
}

fn list(
    head: &str,
    files: &[(&str, Checksums)],
    line: impl Fn(&str, &Checksums) -> String,
) -> Result<String, BadName> {
    let mut text = head.to_owned();
    for (name, sums) in files {
        let plain = |byte: u8| (0x20..0x7f).contains(&byte) && !matches!(byte, b'\\' | b'/' | b'=' | b'[');
        if name.is_empty() || name.trim() != *name || !name.bytes().all(plain) {
            return Err(BadName((*name).to_owned()));
        }
        text.push_str(&line(name, sums));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write as _;

    #[test]
    fn the_sums_are_those_of_the_standards() {
        // RFC 1321, A.5, and the check value of CRC-32/ISO-HDLC.
        assert_eq!(Checksums::of(b"message digest").md5_hex(), "f96b697d7cb7938d525a2f31aaf161d0");
        assert_eq!(Checksums::of(b"123456789").crc32, 0xcbf4_3926);
        assert_eq!(Checksums::of(b"").md5_hex(), "d41d8cd98f00b204e9800998ecf8427e");
    }

    #[test]
    fn lists_have_a_line_for_each_file() {
        let files = [("DDPID", Checksums::of(b"123456789")), ("IMAGE.DAT", Checksums::of(b""))];
        assert_eq!(
            md5_list(&files).unwrap(),
            "25f9e794323b453885f5181f1b624d0b *DDPID\nd41d8cd98f00b204e9800998ecf8427e *IMAGE.DAT\n"
        );
        assert_eq!(crc32_list(&files).unwrap(), "[CRC32 Checksum]\nDDPID=CBF43926\nIMAGE.DAT=00000000\n");
    }

    #[test]
    fn a_name_that_would_be_read_as_another_is_refused() {
        for name in ["", "a\nb", "../DDPID", "a\\b", "a=b", " a", "Übung", "[x"] {
            assert_eq!(md5_list(&[(name, Checksums::of(b""))]), Err(BadName(name.into())));
            assert_eq!(crc32_list(&[(name, Checksums::of(b""))]), Err(BadName(name.into())));
        }
    }

    proptest! {
        #[test]
        fn however_the_bytes_come_they_add_up_to_the_same(bytes: Vec<u8>, cut: usize) {
            let (first, second) = bytes.split_at(cut % (bytes.len() + 1));
            let mut summing = Summing::new();
            summing.write_all(first).unwrap();
            summing.write_all(second).unwrap();
            prop_assert_eq!(summing.finish(), Checksums::of(&bytes));
        }
    }
}
