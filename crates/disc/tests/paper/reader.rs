//! A reader of DDP filesets, written from the public description alone (`ddp-reverse-eng`, sections 2 to 7).

use crate::packs;
use std::collections::BTreeMap;

/// What a fileset says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Read {
    pub(crate) barcode: String,
    pub(crate) master_id: String,
    /// Sectors of audio by the map.
    pub(crate) sectors: u32,
    /// Sectors of them in front of INDEX 01 of track 1 by the map.
    pub(crate) pause: u32,
    /// The name of the audio's file.
    pub(crate) image: String,
    pub(crate) tracks: BTreeMap<u32, ReadTrack>,
    pub(crate) lead_out: u32,
    /// CD-TEXT by kind and track.
    pub(crate) texts: BTreeMap<(u8, usize), Vec<u8>>,
}

/// What it says of a track.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ReadTrack {
    pub(crate) control: String,
    pub(crate) isrc: String,
    pub(crate) indexes: BTreeMap<u32, u32>,
}

fn text(record: &[u8], at: usize, width: usize) -> String {
    let field = std::str::from_utf8(&record[at..at + width]).unwrap();
    assert!(field.is_ascii() && (!field.starts_with(' ') || field.trim().is_empty()), "{field:?} at {at}");
    field.trim_end().to_owned()
}

/// A number, whatever it is padded with; `None`, if the field is blank.
fn number(record: &[u8], at: usize, width: usize) -> Option<u32> {
    let field = std::str::from_utf8(&record[at..at + width]).unwrap();
    let digits = field.trim_start();
    (!digits.is_empty()).then(|| digits.parse().unwrap_or_else(|_| panic!("{field:?} at {at}")))
}

fn time(record: &[u8], at: usize) -> u32 {
    let time = number(record, at, 8).unwrap();
    let (minutes, seconds, frames) = (time / 10_000, time / 100 % 100, time % 100);
    assert!(seconds < 60 && frames < 75, "{time}");
    (minutes * 60 + seconds) * 75 + frames
}

fn blank(record: &[u8], fields: &[(usize, usize)]) {
    for (at, width) in fields {
        let field = &record[*at..at + width];
        assert!(field.iter().all(|byte| *byte == b' '), "{:?} at {at}", String::from_utf8_lossy(field));
    }
}

/// Reads the files of that name.
pub(crate) fn read(files: &BTreeMap<String, Vec<u8>>) -> Read {
    let id = &files["DDPID"];
    assert_eq!((id.len(), text(id, 0, 8).as_str(), text(id, 87, 2).as_str()), (128, "DDP 2.00", "CD"));
    blank(id, &[(21, 17), (86, 1), (89, 39)]);
    let mut read = Read { barcode: text(id, 8, 13), master_id: text(id, 38, 48), ..Read::default() };
    assert_eq!(files["DDPMS"].len() % 128, 0);
    let mut order = Vec::new();
    for packet in files["DDPMS"].chunks(128) {
        assert_eq!((text(packet, 0, 4).as_str(), number(packet, 71, 3)), ("VVVM", Some(17)));
        blank(packet, &[(6, 8), (42, 4), (50, 5), (57, 14), (91, 37)]);
        let (length, name) = (number(packet, 14, 8).unwrap(), text(packet, 74, 17));
        let kind = format!("{} {}{}", text(packet, 4, 2), text(packet, 30, 8), text(packet, 38, 2));
        match kind.as_str() {
            "D0 DA" => {
                assert_eq!(text(packet, 40, 1), "7");
                assert!(["0", "1"].contains(&text(packet, 41, 1).as_str()));
                assert!(matches!(number(packet, 22, 8), None | Some(0)));
                (read.sectors, read.pause) = (length, number(packet, 46, 4).unwrap());
                read.image = name;
            }
            "S0 PQ DESCR" => {
                assert_eq!(files[&name].len() as u32, length);
                pq(&mut read, &files[&name]);
            }
            "S0 CDTEXT" => {
                assert_eq!(files[&name].len() as u32, length);
                read.texts = packs::read(&files[&name]);
            }
            _ => panic!("a stream of kind {kind:?}"),
        }
        order.push(kind);
    }
    let all = ["S0 CDTEXT", "S0 PQ DESCR", "D0 DA"];
    assert_eq!(order, all[all.len() - order.len()..]);
    read
}

fn pq(read: &mut Read, descriptor: &[u8]) {
    assert_eq!(descriptor.len() % 64, 0);
    let packets: Vec<&[u8]> = descriptor.chunks(64).collect();
    for packet in &packets {
        assert_eq!(text(packet, 0, 4), "VVVS");
        blank(packet, &[(18, 2), (45, 19)]);
    }
    let [lead_in, indexes @ .., once, twice] = &packets[..] else { panic!("too short") };
    let head = |packet: &[u8]| (text(packet, 4, 2), text(packet, 6, 2), text(packet, 16, 2));
    assert_eq!(head(lead_in), ("00".into(), "00".into(), "01".into()));
    assert_eq!((time(lead_in, 8), text(lead_in, 32, 13)), (0, read.barcode.clone()));
    assert_eq!(head(once), ("AA".into(), "01".into(), "01".into()));
    assert_eq!(once, twice);
    read.lead_out = time(once, 8);
    let mut before = None;
    for packet in indexes {
        let (track, index, control) = head(packet);
        let (track, index): (u32, u32) = (track.parse().unwrap(), index.parse().unwrap());
        let at = time(packet, 8);
        assert!(before < Some((track, index)) && before.is_none_or(|_| at > 0));
        before = Some((track, index));
        let isrc = text(packet, 20, 12);
        let entry = read.tracks.entry(track).or_insert_with(|| ReadTrack {
            control: control.clone(),
            isrc: isrc.clone(),
            ..ReadTrack::default()
        });
        assert_eq!(entry.control, control, "the same on all packets of a track");
        assert!(isrc.is_empty() || isrc == entry.isrc, "one code for a track");
        entry.indexes.insert(index, at);
    }
}
