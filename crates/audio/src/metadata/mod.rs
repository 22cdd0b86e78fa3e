//! What files say about the programme beside its samples.
//!
//! The keys of [`Metadata::tags`] are those of Vorbis comments, in capitals. Where a container has fields of its own
//! ([`keys`]), they are translated; every other key is kept as it is.

mod foreign;
pub(crate) mod id3;
pub(crate) mod keys;
mod read;

pub use read::read_metadata;

/// A picture, as a cover.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// What it shows, by the numbers of ID3v2 and FLAC: 3 is the front cover.
    pub kind: u8,
    /// As in `image/jpeg`.
    pub media_type: String,
    /// In words.
    pub description: String,
    /// The file.
    pub data: Vec<u8>,
}

/// A point or a stretch of the programme that has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// The first frame.
    pub at: u64,
    /// Frames; 0 for a point.
    pub length: u64,
    /// Its name.
    pub label: String,
}

/// What the Broadcast Wave format has beyond tags (EBU Tech 3285).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Broadcast {
    /// What it is, in up to 256 characters.
    pub description: String,
    /// Who made it, in up to 32 characters.
    pub originator: String,
    /// The maker's own number for it, in up to 32 characters.
    pub reference: String,
    /// `yyyy-mm-dd`.
    pub date: String,
    /// `hh:mm:ss`.
    pub time: String,
    /// Frames from midnight to the first.
    pub time_reference: u64,
    /// What was done to it, a line for each step.
    pub coding_history: String,
}

/// What a file measures.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Loudness {
    /// Integrated loudness, in LUFS.
    pub integrated_lufs: Option<f64>,
    /// Loudness range, in LU.
    pub range_lu: Option<f64>,
    /// True peak, in dBTP.
    pub true_peak_dbtp: Option<f64>,
    /// The loudest 400 ms, in LUFS.
    pub max_momentary_lufs: Option<f64>,
    /// The loudest 3 s, in LUFS.
    pub max_short_term_lufs: Option<f64>,
}

/// Bytes that some program keeps in a file: an APPLICATION block of FLAC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// Whose they are.
    pub id: [u8; 4],
    /// The bytes.
    pub data: Vec<u8>,
}

/// What a file says about the programme beside its samples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    /// Keys and values, in the file's order. A key may stand more than once.
    pub tags: Vec<(String, String)>,
    /// Pictures.
    pub pictures: Vec<Picture>,
    /// Points and stretches.
    pub markers: Vec<Marker>,
    /// Broadcast Wave.
    pub broadcast: Option<Broadcast>,
    /// The iXML text.
    pub ixml: Option<String>,
    /// Other programs' bytes.
    pub blobs: Vec<Blob>,
    /// What the file measures; written where a format has fields for it.
    pub loudness: Option<Loudness>,
    /// What was in the file and is not understood here, in words.
    pub dropped: Vec<String>,
}

/// The level that ReplayGain 2.0 plays everything at, in LUFS.
const REPLAY_GAIN_LUFS: f64 = -18.0;

impl Metadata {
    /// What of this only the WAV family has a place for, in words.
    pub(crate) fn of_wav_only(&self) -> Vec<String> {
        let has = [(self.broadcast.is_some(), "bext"), (self.ixml.is_some(), "iXML")];
        has.into_iter().filter(|(has, _)| *has).map(|(_, name)| name.to_owned()).collect()
    }

    /// The first value of `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.tags.iter().find(|(have, _)| have == key).map(|(_, value)| value.as_str())
    }

    /// Every value of `key`.
    pub fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.tags.iter().filter(move |(have, _)| have == key).map(|(_, value)| value.as_str())
    }

    /// Adds a value. Other names of a key are translated (`YEAR` is `DATE`), `3/12` is taken apart; nothing is said twice.
    pub fn add(&mut self, key: &str, value: &str) {
        let key = keys::canonical(key);
        let value = value.trim_matches(['\0', ' ', '\r', '\n', '\t']);
        if key.is_empty() || value.is_empty() {
            return;
        }
        let total = match key.as_str() {
            "TRACKNUMBER" => Some("TRACKTOTAL"),
            "DISCNUMBER" => Some("DISCTOTAL"),
            _ => None,
        };
        if let (Some(total), Some((number, of))) = (total, value.split_once('/')) {
            self.add(&key, number);
            return self.add(total, of);
        }
        if !self.all(&key).any(|have| have == value) {
            self.tags.push((key, value.to_owned()));
        }
    }

    /// Puts `value` in the place of every value of `key`; nothing in it takes the key away.
    pub fn set(&mut self, key: &str, value: &str) {
        self.remove(key);
        self.add(key, value);
    }

    /// Takes `key` away.
    pub fn remove(&mut self, key: &str) {
        let key = keys::canonical(key);
        self.tags.retain(|(have, _)| *have != key);
    }

    /// Whether there is nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self { dropped: self.dropped.clone(), ..Self::default() }
    }

    /// Makes of a mix's metadata those of its master, at `ratio` times the rate: what told of the mix's own samples and
    /// file goes, points move with the rate. `cut` says that the programme was cut, so that no point is where it was.
    pub fn pass_on(&mut self, ratio: f64, cut: bool) {
        self.loudness = None;
        self.tags.retain(|(key, _)| !keys::is_of_the_file(key));
        self.blobs.retain(|blob| blob.id != *b"dwxr");
        if cut {
            if !self.markers.is_empty() {
                self.markers.clear();
                self.dropped.push("markers (the programme was cut)".into());
            }
            if self.get("CUESHEET").is_some() {
                self.remove("CUESHEET");
                self.dropped.push("cue sheet (the programme was cut)".into());
            }
        }
        let moved = |frames: u64| (frames as f64 * ratio).round() as u64;
        for marker in &mut self.markers {
            (marker.at, marker.length) = (moved(marker.at), moved(marker.length));
        }
        if let Some(broadcast) = &mut self.broadcast {
            broadcast.time_reference = moved(broadcast.time_reference);
        }
    }

    /// Notes what the finished file measures: in the fields of Broadcast Wave, and as ReplayGain 2.0.
    #[allow(clippy::disallowed_methods, reason = "a number on a label, no sample")]
    pub fn measured(&mut self, loudness: Loudness) {
        self.loudness = Some(loudness);
        if let Some(lufs) = loudness.integrated_lufs {
            self.set("REPLAYGAIN_TRACK_GAIN", &format!("{:.2} dB", REPLAY_GAIN_LUFS - lufs));
            self.set("REPLAYGAIN_REFERENCE_LOUDNESS", &format!("{REPLAY_GAIN_LUFS:.2} LUFS"));
        }
        if let Some(dbtp) = loudness.true_peak_dbtp {
            let peak = 10_f64.powf(dbtp / 20.0);
            self.set("REPLAYGAIN_TRACK_PEAK", &format!("{peak:.6}"));
        }
    }

    /// A value with its total behind it, as ID3 has `3/12`.
    pub(crate) fn with_total(&self, key: &str, total: &str) -> Option<String> {
        let number = self.get(key)?;
        Some(self.get(total).map_or_else(|| number.to_owned(), |total| format!("{number}/{total}")))
    }
}
