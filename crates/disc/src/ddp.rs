//! The texts of a fileset that plants take: DDP 2.00.
//!
//! Built from the public description of the format in the repository `ddp-reverse-eng/ddp-reverse-eng` (`spec/ddp2.md`, at
//! 187db55), and from nothing else; section numbers are its own. Where writers differ, this one does what Sonoris and HOFA do
//! (numbers padded with zeros, `7` and `0` for storage mode and scrambling), and says twice what some say once (the ISRC at
//! INDEX 00 and 01, the bar code in DDPID and in the lead-in).

use crate::address::{PAUSE, Sectors};
use crate::cd_text::{self, CdText, Kind};
use crate::check::{DDP_HIDDEN, Problem};
use crate::disc::{Disc, Flags};
use crate::refused::{Refused, can_be_made};

/// The file that says what the fileset is.
pub const ID: &str = "DDPID";
/// The file that names all others.
pub const MAP: &str = "DDPMS";
/// The file with the packs of CD-TEXT.
pub const CD_TEXT: &str = "CDTEXT.BIN";
/// The file with the places of tracks and indexes.
pub const PQ: &str = "PQDESCR";
/// The file with the audio.
pub const IMAGE: &str = "IMAGE.DAT";

/// A fileset, but for its audio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fileset {
    /// The bytes of [`ID`]: 128.
    pub id: Vec<u8>,
    /// The bytes of [`MAP`]: 128 for each of the other files.
    pub map: Vec<u8>,
    /// The bytes of [`CD_TEXT`]; empty, if there is no such file.
    pub cd_text: Vec<u8>,
    /// What is not in the CD-TEXT for want of room.
    pub left_out: Vec<Kind>,
    /// The bytes of [`PQ`]: 64 for each index, for the lead-in, and twice for the lead-out.
    pub pq: Vec<u8>,
    /// The sectors of [`IMAGE`]: the pause, which is silence, and the music behind it, as 16 bits, left and right, low byte
    /// first.
    pub sectors: Sectors,
}

impl Fileset {
    /// The files with their names, in the order of checksum lists. Behind them comes [`IMAGE`].
    #[must_use]
    pub fn files(&self) -> Vec<(&'static str, &[u8])> {
        let all = [(ID, &self.id), (MAP, &self.map), (CD_TEXT, &self.cd_text), (PQ, &self.pq)];
        all.into_iter()
            .filter(|(_, bytes)| !bytes.is_empty())
            .map(|(name, bytes)| (name, &bytes[..]))
            .collect()
    }
}

/// Makes the texts of the fileset.
///
/// # Errors
/// The disc cannot be made, or hides more in front of its first track than there are digits for.
pub fn fileset(disc: &Disc) -> Result<Fileset, Refused> {
    can_be_made(disc)?;
    let start = disc.tracks.first().map_or(Sectors(0), |first| first.start);
    if start > DDP_HIDDEN {
        return Err(Problem::Hidden(start).into());
    }
    let CdText { bytes: cd_text, left_out } = cd_text::packs(disc)?;
    let pq = pq(disc);
    let sectors = disc.lead_out + PAUSE;
    let mut map = Vec::new();
    if !cd_text.is_empty() {
        map.extend(subcode("CDTEXT", cd_text.len(), CD_TEXT).text(55, 2, "00").0);
    }
    map.extend(subcode("PQ DESCR", pq.len(), PQ).0);
    map.extend(audio(sectors, start + PAUSE).0);
    Ok(Fileset { id: id(disc).0.to_vec(), map, cd_text, left_out, pq, sectors })
}

/// A record of fixed width, its fields blank until they are set.
struct Record<const BYTES: usize>([u8; BYTES]);

impl<const BYTES: usize> Record<BYTES> {
    fn new(marker: &str) -> Self {
        Self([b' '; BYTES]).text(0, marker.len(), marker)
    }

    /// Sets a field to a text, left-aligned.
    fn text(mut self, at: usize, width: usize, text: &str) -> Self {
        self.0[at..at + width].iter_mut().zip(text.bytes()).for_each(|(to, byte)| *to = byte);
        self
    }

    /// Sets a field to a number, with zeros in front of it.
    fn number(self, at: usize, width: usize, number: usize) -> Self {
        self.text(at, width, &format!("{number:0width$}"))
    }
}

/// Section 3. User text is left blank: writers do not agree on where it stands.
fn id(disc: &Disc) -> Record<128> {
    let barcode = disc.barcode.map(|barcode| barcode.digits()).unwrap_or_default();
    Record::new("DDP 2.00").text(8, 13, &barcode).text(38, 48, disc.master_id.trim()).text(87, 2, "CD")
}

/// Section 4: a packet of the map stream, for a file of `bytes` bytes.
fn subcode(kind: &str, bytes: usize, file: &str) -> Record<128> {
    let packet = Record::new("VVVM").text(4, 2, "S0").number(14, 8, bytes).text(30, 8, kind);
    packet.number(71, 3, 17).text(74, 17, file)
}

/// Section 4: the packet of the audio, which begins with `pause` sectors in front of INDEX 01 of the first track.
fn audio(sectors: Sectors, pause: Sectors) -> Record<128> {
    let packet = Record::new("VVVM").text(4, 2, "D0").number(14, 8, sectors.0 as usize).number(22, 8, 0);
    let packet = packet.text(38, 2, "DA").text(40, 1, "7").text(41, 1, "0").number(46, 4, pause.0 as usize);
    packet.number(71, 3, 17).text(74, 17, IMAGE)
}

/// Section 5: the lead-in, every index, and the lead-out twice.
fn pq(disc: &Disc) -> Vec<u8> {
    let barcode = disc.barcode.map(|barcode| barcode.digits()).unwrap_or_default();
    let mut out = packet("00", 0, Sectors(0), "01").text(32, 13, &barcode).0.to_vec();
    for mark in disc.marks_on_disc() {
        let track = &disc.tracks[mark.track - 1];
        let mut packet = packet(&format!("{:02}", mark.track), mark.index, mark.at, &control(track.flags));
        if let Some(isrc) = track.isrc.filter(|_| mark.index <= 1) {
            packet = packet.text(20, 12, &isrc.to_string());
        }
        out.extend(packet.0);
    }
    let end = packet("AA", 1, disc.lead_out + PAUSE, "01").0;
    out.extend(end);
    out.extend(end);
    out
}

fn packet(track: &str, index: usize, at: Sectors, control: &str) -> Record<64> {
    let (minutes, seconds, frames) = at.parts();
    let time = format!("  {minutes:02}{seconds:02}{frames:02}");
    Record::new("VVVS").text(4, 2, track).number(6, 2, index).text(8, 8, &time).text(16, 2, control)
}

/// The control nibble in hexadecimal, and the mode: `1`, or `S` under SCMS.
fn control(flags: Flags) -> String {
    let bits = [(flags.pre_emphasis, 1), (flags.copy_permitted, 2), (flags.four_channels, 8)];
    let nibble: u8 = bits.into_iter().filter(|(set, _)| *set).map(|(_, bit)| bit).sum();
    format!("{nibble:X}{}", if flags.serial_copy { 'S' } else { '1' })
}
