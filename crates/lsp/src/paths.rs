//! Addresses of files, as in `file:///music/my%20graph.ron`.

use lsp_types::Uri;
use std::path::{Path, PathBuf};

/// The file at an address; `None` where it is no file of this machine (a text that was never saved).
#[must_use]
pub fn path_of(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.0.strip_prefix("file://")?;
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    if !rest.starts_with('/') {
        return None;
    }
    let decoded = decode(rest)?;
    // `/c:/music` is `c:/music`.
    let drive = decoded.as_bytes().get(2) == Some(&b':') && decoded.as_bytes()[1].is_ascii_alphabetic();
    Some(PathBuf::from(if drive && cfg!(windows) { &decoded[1..] } else { &decoded }))
}

/// The address of a file, of which the whole path is known.
#[must_use]
pub fn uri_of(path: &Path) -> Uri {
    let plain = path.to_string_lossy();
    let plain = if cfg!(windows) { plain.replace('\\', "/") } else { plain.into_owned() };
    let mut uri = String::from(if plain.starts_with('/') { "file://" } else { "file:///" });
    for byte in plain.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    Uri(uri)
}

/// The text with every `%20` and its like written out; `None` where that is no text.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_again_whatever_its_letters() {
        for path in ["/music/a b/ü#1%.ron", "/x/𝄞?.ron", "/plain.ron"] {
            let uri = uri_of(Path::new(path));
            assert!(uri.0.is_ascii());
            assert_eq!(path_of(&uri), Some(PathBuf::from(path)));
        }
    }

    #[test]
    fn what_is_no_file_is_none() {
        for uri in [
            "untitled:Untitled-1",
            "file://server/share",
            "file:///a%2",
            "file:///a%zz",
            "file:///%FF",
            "file:///a%00",
        ] {
            assert_eq!(path_of(&Uri(uri.to_owned())), None, "{uri}");
        }
    }
}
