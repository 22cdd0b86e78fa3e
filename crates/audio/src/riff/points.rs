//! Points and stretches with names: `cue ` and LIST `adtl`.

use super::{chunk, u32_at};
use crate::metadata::{Marker, Metadata, id3::latin};
use std::collections::BTreeMap;

/// The body of a `cue ` chunk. What lies beyond 32 bits has no place in it.
pub(super) fn cue(markers: &[Marker]) -> Vec<u8> {
    let mut body = (markers.len() as u32).to_le_bytes().to_vec();
    for (number, marker) in markers.iter().enumerate() {
        let at = u32::try_from(marker.at).unwrap_or(u32::MAX).to_le_bytes();
        body.extend_from_slice(&(number as u32 + 1).to_le_bytes());
        body.extend_from_slice(&at);
        body.extend_from_slice(b"data\0\0\0\0\0\0\0\0");
        body.extend_from_slice(&at);
    }
    body
}

/// The body of a LIST of kind `adtl`, with the names and lengths.
pub(super) fn adtl(markers: &[Marker]) -> Vec<u8> {
    let mut body = b"adtl".to_vec();
    for (number, marker) in markers.iter().enumerate() {
        let id = (number as u32 + 1).to_le_bytes();
        let mut label = id.to_vec();
        label.extend_from_slice(marker.label.replace('\0', " ").as_bytes());
        label.push(0);
        body.extend_from_slice(&chunk(b"labl", label));
        if marker.length > 0 {
            let mut text = id.to_vec();
            text.extend_from_slice(&u32::try_from(marker.length).unwrap_or(u32::MAX).to_le_bytes());
            text.extend_from_slice(b"rgn \0\0\0\0\0\0\0\0");
            body.extend_from_slice(&chunk(b"ltxt", text));
        }
    }
    body
}

/// Points by their number, as they are found.
#[derive(Debug, Default)]
pub(crate) struct Points {
    found: BTreeMap<u32, Marker>,
}

impl Points {
    fn marker(&mut self, id: u32) -> &mut Marker {
        self.found.entry(id).or_insert(Marker { at: u64::MAX, length: 0, label: String::new() })
    }

    /// Reads a `cue ` chunk.
    pub(crate) fn read_cue(&mut self, body: &[u8]) {
        for point in body.get(4..).unwrap_or(&[]).chunks_exact(24) {
            if let (Some(id), Some(at)) = (u32_at(point, 0), u32_at(point, 20)) {
                self.marker(id).at = u64::from(at);
            }
        }
    }

    /// Reads a LIST of kind `adtl`.
    pub(crate) fn read_adtl(&mut self, body: &[u8], metadata: &mut Metadata) {
        super::read::sub_chunks(body.get(4..).unwrap_or(&[]), |id, body| {
            let Some(number) = u32_at(body, 0) else { return };
            match id {
                b"labl" => self.marker(number).label = latin(&body[4..]),
                b"ltxt" => self.marker(number).length = u64::from(u32_at(body, 4).unwrap_or(0)),
                other => metadata.dropped.push(format!("adtl `{}`", String::from_utf8_lossy(other))),
            }
        });
    }

    /// The markers, in the programme's order. Names without a point are no markers.
    pub(crate) fn finish(self) -> Vec<Marker> {
        let mut markers: Vec<_> = self.found.into_values().filter(|marker| marker.at != u64::MAX).collect();
        markers.sort_by_key(|marker| marker.at);
        markers
    }
}
