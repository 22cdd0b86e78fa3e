//! Chunks that hold text: `bext` (EBU Tech 3285), iXML, `axml` (EBU Tech 3352) and INFO lists.

use super::{u16_at, u64_at};
use crate::metadata::keys::KEYS;
use crate::metadata::{Broadcast, Metadata, id3::latin};
use crate::write::Spec;

/// Bytes of a `bext` chunk in front of the coding history.
const BEXT: usize = 602;

/// In the place of a loudness figure that is not known.
const UNSET: i16 = 0x7fff;

/// The body of a `bext` chunk, version 2; `None` where there is nothing for it to say.
pub(super) fn bext(spec: &Spec, metadata: &Metadata) -> Option<Vec<u8>> {
    if metadata.broadcast.is_none() && metadata.loudness.is_none() {
        return None;
    }
    let own = Broadcast {
        description: metadata.get("TITLE").unwrap_or_default().to_owned(),
        originator: "deadwax".into(),
        ..Broadcast::default()
    };
    let said = metadata.broadcast.as_ref().unwrap_or(&own);
    let mut body = vec![0; BEXT];
    let mut put = |at: usize, room: usize, text: &str| {
        let text = ascii(text);
        let length = text.len().min(room);
        body[at..at + length].copy_from_slice(&text[..length]);
    };
    put(0, 256, &said.description);
    put(256, 32, &said.originator);
    put(288, 32, &said.reference);
    put(320, 10, &said.date);
    put(330, 8, &said.time);
    body[338..346].copy_from_slice(&said.time_reference.to_le_bytes());
    body[346..348].copy_from_slice(&2_u16.to_le_bytes());
    let loudness = metadata.loudness.unwrap_or_default();
    for (number, value) in [
        loudness.integrated_lufs,
        loudness.range_lu,
        loudness.true_peak_dbtp,
        loudness.max_momentary_lufs,
        loudness.max_short_term_lufs,
    ]
    .into_iter()
    .enumerate()
    {
        let figure = value.map(|value| (value * 100.0).round()).filter(|figure| figure.abs() < 32_000.0);
        let at = 412 + 2 * number;
        body[at..at + 2].copy_from_slice(&figure.map_or(UNSET, |figure| figure as i16).to_le_bytes());
    }
    let mut history = said.coding_history.trim_end().to_owned();
    if !history.is_empty() {
        history.push_str("\r\n");
    }
    let mode = match spec.channels {
        1 => "mono".to_owned(),
        2 => "stereo".to_owned(),
        more => format!("multi-{more}"),
    };
    let (rate_hz, bits) = (spec.rate_hz, spec.encoding.bits());
    history.push_str(&format!("A=PCM,F={rate_hz},W={bits},M={mode},T=deadwax\r\n"));
    body.extend_from_slice(&ascii(&history));
    Some(body)
}

/// The format allows ASCII only.
fn ascii(text: &str) -> Vec<u8> {
    text.chars().map(|c| if c.is_ascii() && c != '\0' { c as u8 } else { b'?' }).collect()
}

/// Reads a `bext` chunk of any version.
pub(crate) fn read_bext(body: &[u8], metadata: &mut Metadata) {
    let field = |from: usize, to: usize| body.get(from..to.min(body.len())).map(latin).unwrap_or_default();
    let broadcast = Broadcast {
        description: field(0, 256),
        originator: field(256, 288),
        reference: field(288, 320),
        date: field(320, 330),
        time: field(330, 338),
        time_reference: u64_at(body, 338).unwrap_or(0),
        coding_history: field(BEXT, body.len()),
    };
    if body.get(348..412).is_some_and(|umid| umid.iter().any(|byte| *byte != 0))
        && u16_at(body, 346).is_some_and(|version| version > 0)
    {
        metadata.dropped.push("bext UMID (it names the mix's own recording)".into());
    }
    metadata.broadcast = Some(broadcast);
}

/// The body of a LIST of kind INFO; `None` where there is nothing to say.
pub(super) fn info(metadata: &Metadata) -> Option<Vec<u8>> {
    let mut body = b"INFO".to_vec();
    for key in KEYS.iter().filter(|key| !key.info.is_empty()) {
        let value = match key.name {
            "TRACKNUMBER" => metadata.with_total("TRACKNUMBER", "TRACKTOTAL"),
            name => Some(metadata.all(name).collect::<Vec<_>>().join("; ")).filter(|text| !text.is_empty()),
        };
        if let Some(value) = value {
            let mut text = value.replace('\0', " ").into_bytes();
            text.push(0);
            body.extend_from_slice(&super::chunk(
                key.info.as_bytes().first_chunk::<4>().unwrap_or(b"ICMT"),
                text,
            ));
        }
    }
    (body.len() > 4).then_some(body)
}

/// Reads the chunks of a LIST of kind INFO.
pub(crate) fn read_info(body: &[u8], metadata: &mut Metadata) {
    super::read::sub_chunks(body.get(4..).unwrap_or(&[]), |id, text| {
        let id = String::from_utf8_lossy(id).to_ascii_uppercase();
        let text = latin(text);
        match KEYS.iter().find(|key| key.info == id) {
            // A tag in the file that says the same at full length is better.
            Some(key) => {
                if metadata.get(key.name).is_none() {
                    text.split("; ").for_each(|value| metadata.add(key.name, value));
                }
            }
            None if id == "ITRK" || id == "IPRT" => metadata.add("TRACKNUMBER", &text),
            None if text.is_empty() => {}
            None => metadata.dropped.push(format!("INFO {id}: {text}")),
        }
    });
}

/// EBU Core with a recording code, by EBU Tech 3352.
pub(super) fn axml(isrc: &str, title: Option<&str>) -> String {
    let title = title.map_or_else(String::new, |title| format!("<dc:title>{}</dc:title>", escaped(title)));
    let isrc: String = isrc.chars().filter(char::is_ascii_alphanumeric).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <ebuCoreMain xmlns=\"urn:ebu:metadata-schema:ebuCore\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\
         <coreMetadata>{title}<identifier typeLabel=\"GUID\" \
         typeDefinition=\"Globally Unique Identifier\" formatLabel=\"ISRC\" \
         formatLink=\"http://www.ebu.ch/metadata/cs/ebu_IdentifierTypeCodeCS.xml#3.7\">\
         <dc:identifier>ISRC:{isrc}</dc:identifier></identifier></coreMetadata></ebuCoreMain>\n"
    )
}

/// Takes the recording code out of an `axml` chunk; anything else in there is not understood.
pub(crate) fn read_axml(body: &[u8], metadata: &mut Metadata) {
    let text = latin(body);
    let code = text
        .split_once("ISRC:")
        .map(|(_, rest)| rest.chars().take_while(char::is_ascii_alphanumeric).take(12).collect::<String>());
    match code.filter(|code| code.len() == 12) {
        Some(code) => metadata.add("ISRC", &code),
        None => metadata.dropped.push("axml chunk".into()),
    }
}

/// The iXML text, with what it says of the file itself put right.
pub(super) fn ixml(text: &str, spec: &Spec, metadata: &Metadata) -> String {
    let reference = metadata.broadcast.as_ref().map_or(0, |broadcast| broadcast.time_reference);
    let mut text = text.to_owned();
    for (name, value) in [
        ("FILE_SAMPLE_RATE", u64::from(spec.rate_hz)),
        ("DIGITIZER_SAMPLE_RATE", u64::from(spec.rate_hz)),
        ("TIMESTAMP_SAMPLE_RATE", u64::from(spec.rate_hz)),
        ("AUDIO_BIT_DEPTH", u64::from(spec.encoding.bits())),
        ("TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI", reference >> 32),
        ("TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO", reference & 0xffff_ffff),
    ] {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        if let Some(from) = text.find(&open).map(|at| at + open.len())
            && let Some(length) = text[from..].find(&close)
        {
            text.replace_range(from..from + length, &value.to_string());
        }
    }
    text
}

/// Text that may stand in XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
