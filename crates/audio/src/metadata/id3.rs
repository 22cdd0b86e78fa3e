//! ID3v2 (2.2, 2.3 and 2.4 are read, 2.4 is written) and ID3v1.

use super::keys::KEYS;
use super::{Metadata, Picture};

/// How long the tag at the front of `bytes` is, header included.
pub(crate) fn length(bytes: &[u8]) -> Option<usize> {
    let header = bytes.get(..10)?;
    (header.starts_with(b"ID3") && (2..=4).contains(&header[3]))
        .then(|| 10 + syncsafe(&header[6..10]) + if header[5] & 0x10 != 0 { 10 } else { 0 })
}

/// Four bytes of seven bits.
fn syncsafe(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number, byte| number << 7 | usize::from(byte & 0x7f))
}

/// Four bytes of eight bits, or fewer.
fn big(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

/// Takes the zeros away that keep bytes from looking like the start of an MPEG frame.
fn synchronised(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut last = 0;
    for byte in bytes {
        if !(last == 0xff && *byte == 0) {
            out.push(*byte);
        }
        last = *byte;
    }
    out
}

/// Reads the tag at the front of `bytes` into `metadata`; what of it makes no sense is left out.
pub(crate) fn read(bytes: &[u8], metadata: &mut Metadata) {
    let Some(length) = length(bytes) else { return };
    let (version, flags) = (bytes[3], bytes[5]);
    let body = &bytes[10..length.min(bytes.len())];
    let whole;
    let mut rest = if flags & 0x80 != 0 && version < 4 {
        whole = synchronised(body);
        &whole[..]
    } else {
        body
    };
    if flags & 0x40 != 0 && version > 2 {
        let size = rest.get(..4).map_or(0, |size| if version == 3 { 4 + big(size) } else { syncsafe(size) });
        rest = rest.get(size..).unwrap_or(&[]);
    }
    let (name_size, head) = if version == 2 { (3, 6) } else { (4, 10) };
    while rest.len() > head && rest[0] != 0 {
        let (name, size) = (&rest[..name_size], &rest[name_size..2 * name_size]);
        let mut size = if version == 4 { syncsafe(size) } else { big(size) };
        // Some programs write plain numbers in 2.4, too.
        if version == 4 && big(&rest[4..8]) != size && !frame_follows(rest, head + size) {
            size = big(&rest[4..8]);
        }
        let Some(content) = rest.get(head..head.saturating_add(size)) else { break };
        let name = String::from_utf8_lossy(name).into_owned();
        let flags = if version == 2 { 0 } else { rest[9] };
        frame(&name, content, (version, flags), metadata);
        rest = &rest[head + size..];
    }
}

/// Whether a frame, padding or the end is at `at`.
fn frame_follows(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at..) {
        None => false,
        Some([]) => true,
        Some([0, ..]) => true,
        Some(name) => name.iter().take(4).all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()),
    }
}

fn frame(name: &str, content: &[u8], (version, flags): (u8, u8), metadata: &mut Metadata) {
    let packed = match version {
        3 => flags & 0xc0 != 0,
        4 => flags & 0x0c != 0,
        _ => false,
    };
    if packed {
        metadata.dropped.push(format!("ID3 frame {name} (compressed or encrypted)"));
        return;
    }
    let whole;
    let mut content = content;
    if version == 4 && flags & 0x01 != 0 {
        content = content.get(4..).unwrap_or(&[]);
    }
    if version == 4 && flags & 0x02 != 0 {
        whole = synchronised(content);
        content = &whole;
    }
    let Some((encoding, text)) = content.split_first() else { return };
    match name {
        "TXXX" | "TXX" => {
            let (key, value) = split(text, *encoding);
            strings(value, *encoding).iter().for_each(|value| metadata.add(&decode(key, *encoding), value));
        }
        "COMM" | "COM" | "USLT" | "ULT" => {
            let (about, value) = split(text.get(3..).unwrap_or(&[]), *encoding);
            let about = decode(about, *encoding);
            let key = if name.starts_with('C') { "COMMENT" } else { "LYRICS" };
            // iTunes keeps numbers in comments that have a name.
            let key = if about.starts_with("iTun") || about.starts_with("ID3v1") { &about } else { key };
            if !key.starts_with("ID3v1") {
                metadata.add(key, &decode(value, *encoding));
            }
        }
        "APIC" | "PIC" => picture(name, *encoding, text, metadata),
        "TYER" => metadata.add("DATE", &decode(text, *encoding)),
        "TDAT" | "TIME" | "TLEN" | "TSIZ" | "TDTG" => {}
        _ => match KEYS.iter().find(|key| key.id3 == name || key.id3_2 == name) {
            Some(key) => {
                strings(text, *encoding)
                    .iter()
                    .for_each(|value| metadata.add(key.name, &genre(key.name, value)));
            }
            None if name.starts_with('T') => {
                strings(text, *encoding).iter().for_each(|value| metadata.add(name, value));
            }
            None => metadata.dropped.push(format!("ID3 frame {name}")),
        },
    }
}

/// Genres that ID3 counts, as far as programs still write the numbers: `(17)Rock` and `17` mean `Rock`.
fn genre(key: &str, value: &str) -> String {
    const FIRST: [&str; 20] = [
        "Blues",
        "Classic Rock",
        "Country",
        "Dance",
        "Disco",
        "Funk",
        "Grunge",
        "Hip-Hop",
        "Jazz",
        "Metal",
        "New Age",
        "Oldies",
        "Other",
        "Pop",
        "R&B",
        "Rap",
        "Reggae",
        "Rock",
        "Techno",
        "Industrial",
    ];
    if key != "GENRE" {
        return value.to_owned();
    }
    let inner = value.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    let (number, name) = inner.unwrap_or((value, ""));
    match number.parse::<usize>() {
        Ok(_) if !name.is_empty() => name.to_owned(),
        Ok(number) => FIRST.get(number).map_or_else(|| value.to_owned(), |name| (*name).to_owned()),
        Err(_) => value.to_owned(),
    }
}

fn picture(name: &str, encoding: u8, text: &[u8], metadata: &mut Metadata) {
    let (media_type, rest) = if name == "PIC" {
        let Some((kind, rest)) = text.split_at_checked(3) else { return };
        (if kind == b"PNG" { "image/png" } else { "image/jpeg" }.to_owned(), rest)
    } else {
        let (media_type, rest) = split(text, 0);
        (decode(media_type, 0), rest)
    };
    let Some((kind, rest)) = rest.split_first() else { return };
    let (description, data) = split(rest, encoding);
    if !data.is_empty() {
        let description = decode(description, encoding);
        metadata.pictures.push(Picture { kind: *kind, media_type, description, data: data.to_vec() });
    }
}

/// What stands in front of the first end of a string, and what behind.
fn split(bytes: &[u8], encoding: u8) -> (&[u8], &[u8]) {
    let wide = matches!(encoding, 1 | 2);
    let step = if wide { 2 } else { 1 };
    let end = bytes.chunks_exact(step).position(|unit| unit.iter().all(|byte| *byte == 0));
    match end {
        Some(end) => (&bytes[..end * step], &bytes[(end + 1) * step..]),
        None => (bytes, &[]),
    }
}

/// Each of several strings with an end between them.
fn strings(mut bytes: &[u8], encoding: u8) -> Vec<String> {
    let mut all = Vec::new();
    while !bytes.is_empty() && all.len() < 256 {
        let (first, rest) = split(bytes, encoding);
        all.push(decode(first, encoding));
        bytes = rest;
    }
    all
}

fn decode(bytes: &[u8], encoding: u8) -> String {
    let wide = |big: bool, bytes: &[u8]| {
        let unit = |pair: &[u8]| {
            if big { u16::from_be_bytes([pair[0], pair[1]]) } else { u16::from_le_bytes([pair[0], pair[1]]) }
        };
        String::from_utf16_lossy(&bytes.chunks_exact(2).map(unit).collect::<Vec<_>>())
    };
    let text = match (encoding, bytes) {
        (1, [0xfe, 0xff, rest @ ..]) => wide(true, rest),
        (1, [0xff, 0xfe, rest @ ..]) => wide(false, rest),
        (1, _) => wide(false, bytes),
        (2, _) => wide(true, bytes),
        (3, _) => String::from_utf8_lossy(bytes).into_owned(),
        _ => latin(bytes),
    };
    text.trim_end_matches('\0').to_owned()
}

/// Text of old formats: UTF-8 where it is that, Latin-1 where not.
pub(crate) fn latin(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let bytes = &bytes[..end];
    std::str::from_utf8(bytes)
        .map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), str::to_owned)
}

/// The 128 bytes at the end of an old MP3 file.
pub(crate) fn read_v1(bytes: &[u8], metadata: &mut Metadata) {
    let Some(tag) = bytes.len().checked_sub(128).map(|at| &bytes[at..]) else { return };
    if !tag.starts_with(b"TAG") {
        return;
    }
    for (key, from, to) in
        [("TITLE", 3, 33), ("ARTIST", 33, 63), ("ALBUM", 63, 93), ("DATE", 93, 97), ("COMMENT", 97, 125)]
    {
        metadata.add(key, &latin(&tag[from..to]));
    }
    if tag[125] == 0 && tag[126] != 0 {
        metadata.add("TRACKNUMBER", &tag[126].to_string());
    }
}

/// The tag of version 2.4 that says what `metadata` says; empty where that is nothing.
pub(crate) fn write(metadata: &Metadata) -> Vec<u8> {
    let mut frames = Vec::new();
    let mut push = |name: &str, content: &[u8]| {
        frames.extend_from_slice(name.as_bytes());
        frames.extend_from_slice(&to_syncsafe(content.len()));
        frames.extend_from_slice(&[0, 0]);
        frames.extend_from_slice(content);
    };
    let mut done: Vec<&str> = vec!["TRACKTOTAL", "DISCTOTAL"];
    for (name, _) in &metadata.tags {
        if done.contains(&name.as_str()) {
            continue;
        }
        done.push(name);
        let values = match name.as_str() {
            "TRACKNUMBER" => metadata.with_total(name, "TRACKTOTAL").into_iter().collect(),
            "DISCNUMBER" => metadata.with_total(name, "DISCTOTAL").into_iter().collect(),
            _ => metadata.all(name).map(str::to_owned).collect::<Vec<_>>(),
        }
        .join("\0");
        let key = KEYS.iter().find(|key| key.name == name).map_or("", |key| key.id3);
        let frame_of_its_own = name.len() == 4 && name.starts_with('T') && name != "TEXT";
        let mut content = vec![3];
        match key {
            "COMM" | "USLT" => content.extend_from_slice(b"eng\0"),
            "" if !frame_of_its_own => {
                content.extend_from_slice(name.as_bytes());
                content.push(0);
            }
            _ => {}
        }
        content.extend_from_slice(values.as_bytes());
        match key {
            "" if frame_of_its_own => push(name, &content),
            "" => push("TXXX", &content),
            key => push(key, &content),
        }
    }
    for picture in &metadata.pictures {
        let mut content = vec![3];
        content.extend_from_slice(picture.media_type.as_bytes());
        content.extend_from_slice(&[0, picture.kind]);
        content.extend_from_slice(picture.description.replace('\0', " ").as_bytes());
        content.push(0);
        content.extend_from_slice(&picture.data);
        push("APIC", &content);
    }
    if frames.is_empty() {
        return frames;
    }
    // Even, so that no container has to pad it.
    frames.resize(frames.len().next_multiple_of(2), 0);
    let mut tag = b"ID3\x04\0\0".to_vec();
    tag.extend_from_slice(&to_syncsafe(frames.len()));
    tag.extend_from_slice(&frames);
    tag
}

fn to_syncsafe(number: usize) -> [u8; 4] {
    [21, 14, 7, 0].map(|shift| (number >> shift & 0x7f) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let mut metadata = Metadata::default();
        for (key, value) in [
            ("TITLE", "Dämmerung"),
            ("ARTIST", "One"),
            ("ARTIST", "Two"),
            ("TRACKNUMBER", "3/12"),
            ("ISRC", "DEA012300001"),
            ("COMMENT", "made\nhere"),
            ("BARCODE", "4006381333931"),
            ("REPLAYGAIN_TRACK_GAIN", "-3.20 dB"),
            ("MY OWN", "kept"),
        ] {
            metadata.add(key, value);
        }
        let data = vec![7; 301];
        let picture = Picture { kind: 3, media_type: "image/png".into(), description: "é".into(), data };
        metadata.pictures.push(picture);
        let mut back = Metadata::default();
        read(&write(&metadata), &mut back);
        assert_eq!(back, metadata);
    }

    #[test]
    fn version_2_3_with_its_odd_ways_is_read() {
        // Unsynchronised, UTF-16 with a byte order mark, an old year, a genre by number.
        let mut frames = Vec::new();
        for (name, content) in [
            ("TIT2", &b"\x01\xff\x00\xfeA\0\xe4\0"[..]),
            ("TYER", b"\x001999"),
            ("TCON", b"\x00(17)"),
            ("PRIV", b"x\0y"),
        ] {
            frames.extend_from_slice(name.as_bytes());
            let size = content.len() - usize::from(name == "TIT2");
            frames.extend_from_slice(&(size as u32).to_be_bytes());
            frames.extend_from_slice(&[0, 0]);
            frames.extend_from_slice(content);
        }
        let mut tag = b"ID3\x03\0\x80".to_vec();
        tag.extend_from_slice(&to_syncsafe(frames.len()));
        tag.extend_from_slice(&frames);
        let mut metadata = Metadata::default();
        read(&tag, &mut metadata);
        assert_eq!(metadata.get("TITLE"), Some("Aä"));
        assert_eq!(metadata.get("DATE"), Some("1999"));
        assert_eq!(metadata.get("GENRE"), Some("Rock"));
        assert_eq!(metadata.dropped, ["ID3 frame PRIV"]);
    }
}
