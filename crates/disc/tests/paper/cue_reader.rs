//! A reader of CUE sheets, as strict as the strictest that is known: one word a line, capitals, two digits.

use std::collections::BTreeMap;

/// What a sheet says.
#[derive(Debug, Default)]
pub(crate) struct Cue {
    pub(crate) catalog: Option<String>,
    pub(crate) file: String,
    pub(crate) kind: String,
    /// The words of the disc's texts, with their texts in ISO 8859-1.
    pub(crate) texts: BTreeMap<String, Vec<u8>>,
    pub(crate) tracks: Vec<CueTrack>,
}

/// What it says of a track.
#[derive(Debug, Default)]
pub(crate) struct CueTrack {
    pub(crate) texts: BTreeMap<String, Vec<u8>>,
    pub(crate) flags: Vec<String>,
    pub(crate) isrc: Option<String>,
    pub(crate) indexes: BTreeMap<u32, u32>,
}

fn ascii(bytes: &[u8]) -> String {
    assert!(bytes.is_ascii());
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn quoted(bytes: &[u8]) -> Vec<u8> {
    let inner = bytes.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).expect("quotes");
    assert!(!inner.contains(&b'"') && !inner.contains(&b'\\') && inner.iter().all(|byte| *byte >= 0x20));
    assert!((1..=80).contains(&inner.len()));
    inner.to_vec()
}

fn two_digits(text: &str) -> u32 {
    assert_eq!(text.len(), 2, "{text}");
    text.parse().unwrap()
}

pub(crate) fn read(sheet: &[u8]) -> Cue {
    let mut cue = Cue::default();
    for line in sheet.strip_suffix(b"\n").expect("a line end at the end").split(|byte| *byte == b'\n') {
        let line = line.trim_ascii_start();
        let space = line.iter().position(|byte| *byte == b' ').expect("a word and what it says");
        let (word, said) = (ascii(&line[..space]), &line[space + 1..]);
        let track = cue.tracks.last_mut();
        match word.as_str() {
            "CATALOG" => {
                assert!(cue.texts.is_empty() && cue.file.is_empty(), "CATALOG first");
                assert_eq!(said.len(), 13);
                cue.catalog = Some(ascii(said));
            }
            "TITLE" | "PERFORMER" | "SONGWRITER" => {
                let texts = track.map_or(&mut cue.texts, |track| &mut track.texts);
                assert!(texts.insert(word, quoted(said)).is_none(), "once");
            }
            "FILE" => {
                assert!(cue.file.is_empty(), "one file");
                let end = said.iter().rposition(|byte| *byte == b' ').unwrap();
                (cue.file, cue.kind) = (ascii(&quoted(&said[..end])), ascii(&said[end + 1..]));
            }
            "TRACK" => {
                assert!(!cue.file.is_empty(), "FILE first");
                let text = ascii(said);
                let number = text.strip_suffix(" AUDIO").unwrap();
                assert_eq!(two_digits(number) as usize, cue.tracks.len() + 1);
                cue.tracks.push(CueTrack::default());
            }
            "FLAGS" | "ISRC" => {
                let track = track.unwrap();
                assert!(track.indexes.is_empty(), "{word} before INDEX");
                match word.as_str() {
                    "FLAGS" => track.flags = ascii(said).split(' ').map(str::to_owned).collect(),
                    _ => track.isrc = Some(ascii(said)),
                }
            }
            "INDEX" => {
                let text = ascii(said);
                let (index, time) = text.split_once(' ').unwrap();
                let parts: Vec<u32> = time.split(':').map(two_digits).collect();
                let [minutes, seconds, frames] = parts[..] else { panic!("{time}") };
                assert!(seconds < 60 && frames < 75, "{time}");
                let indexes = &mut track.unwrap().indexes;
                let index = two_digits(index);
                assert!(
                    indexes.last_key_value().is_none_or(|(last, _)| last + 1 == index),
                    "none is missing"
                );
                indexes.insert(index, (minutes * 60 + seconds) * 75 + frames);
            }
            word => panic!("no reader knows {word}"),
        }
    }
    cue
}
