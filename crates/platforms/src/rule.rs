//! A rule, as it stands in the file.

use serde::{Deserialize, Serialize};

/// Rules by name, in the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Platforms {
    pub(crate) rules: Vec<(String, Rule)>,
}

/// Whether it plays or takes a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A service that plays what it is given, perhaps at another level. Loudness is no reason to refuse.
    Service,
    /// A standard that a delivery meets or not.
    Standard,
}

/// What the target speaks of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hears {
    /// The whole programme, by BS.1770.
    #[default]
    Programme,
    /// Dialogue alone. Not measured here.
    Dialogue,
    /// Leq(m), as cinemas measure. Not measured here.
    LeqM,
}

/// Which way a service turns what is not at its target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Moves {
    /// Louder and softer.
    Both,
    /// Only softer.
    Down,
    /// Only louder.
    Up,
    /// Neither.
    Never,
    /// Nobody knows.
    #[default]
    Unknown,
}

/// What the gain is taken from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// Every track by itself.
    #[default]
    Track,
    /// The album as a whole.
    Album,
    /// The album when it is played in order, otherwise the track.
    AlbumInOrder,
    /// The loudest track of the album.
    LoudestTrack,
    /// Nobody knows.
    Unknown,
}

/// How binding a ceiling is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ceiling {
    /// The platform itself asks for it.
    #[default]
    Asked,
    /// Others advise it: worth saying, never a failure.
    Advised,
}

/// How good the source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grade {
    /// Published by the body itself.
    P,
    /// Secondary: measured or told by others.
    S,
    /// Sources disagree, or there is none.
    Unsettled,
}

impl Grade {
    /// In a word or two.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::P => "published",
            Self::S => "secondary",
            Self::Unsettled => "unsettled",
        }
    }
}

/// What one platform does or asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// For people.
    pub name: String,
    /// Whether it plays or takes a delivery.
    pub kind: Kind,
    /// The loudness it plays at, or asks for, in LUFS.
    #[serde(default)]
    pub target_lufs: Option<f64>,
    /// How far a delivery may be from the target.
    #[serde(default)]
    pub tolerance_lu: Option<f64>,
    /// The lowest and highest loudness, in place of target and tolerance.
    #[serde(default)]
    pub range_lufs: Option<(f64, f64)>,
    /// What the target speaks of.
    #[serde(default)]
    pub hears: Hears,
    /// Which way a service turns.
    #[serde(default)]
    pub moves: Moves,
    /// It turns up only until the true peak is here, in dBTP.
    #[serde(default)]
    pub up_to_dbtp: Option<f64>,
    /// What goes beyond when it turns up is limited to this, in dBFS.
    #[serde(default)]
    pub limiter_dbfs: Option<f64>,
    /// What the gain is taken from.
    #[serde(default)]
    pub scope: Scope,
    /// The highest true peak, in dBTP.
    #[serde(default)]
    pub true_peak_dbtp: Option<f64>,
    /// How binding that is.
    #[serde(default)]
    pub true_peak_is: Ceiling,
    /// What is louder than this, in LUFS, has a ceiling of its own.
    #[serde(default)]
    pub louder_than_lufs: Option<f64>,
    /// That ceiling, in dBTP. Advised: it is never a failure.
    #[serde(default)]
    pub louder_true_peak_dbtp: Option<f64>,
    /// The highest sample, in dBFS.
    #[serde(default)]
    pub sample_peak_dbfs: Option<f64>,
    /// The loudest 3 s, in LUFS.
    #[serde(default)]
    pub max_short_term_lufs: Option<f64>,
    /// The loudest 400 ms, in LUFS.
    #[serde(default)]
    pub max_momentary_lufs: Option<f64>,
    /// The widest loudness range, in LU.
    #[serde(default)]
    pub max_loudness_range_lu: Option<f64>,
    /// The most that peaks may be above the loudness, in LU.
    #[serde(default)]
    pub max_plr_lu: Option<f64>,
    /// The lowest and highest plain root mean square, in dBFS: a full-scale sine has −3.01.
    #[serde(default)]
    pub rms_dbfs: Option<(f64, f64)>,
    /// The highest noise floor, in dBFS.
    #[serde(default)]
    pub max_floor_dbfs: Option<f64>,
    /// Rates that are taken, in Hz.
    #[serde(default)]
    pub rates_hz: Vec<u32>,
    /// The word length that is taken.
    #[serde(default)]
    pub bits: Option<u32>,
    /// Numbers of channels that are taken.
    #[serde(default)]
    pub channels: Vec<usize>,
    /// What else to know.
    #[serde(default)]
    pub note: String,
    /// Where it comes from.
    pub source: String,
    /// How good that is.
    pub grade: Grade,
    /// When somebody last looked, as `2026-11-22`.
    pub checked_on: String,
}

impl Rule {
    /// The lowest and highest loudness of a delivery, in LUFS.
    #[must_use]
    pub fn loudness_range(&self) -> Option<(f64, f64)> {
        let by_target =
            || Some((self.target_lufs? - self.tolerance_lu?, self.target_lufs? + self.tolerance_lu?));
        self.range_lufs.or_else(by_target)
    }

    /// The true-peak ceiling that the platform itself asks for, in dBTP.
    #[must_use]
    pub fn asked_ceiling(&self) -> Option<f64> {
        self.true_peak_dbtp.filter(|_| self.true_peak_is == Ceiling::Asked)
    }

    /// The rule in a line: what it does or asks for, where that is from.
    #[must_use]
    pub fn line(&self) -> String {
        let mut parts = self.asks();
        if self.grade == Grade::Unsettled || parts.is_empty() {
            parts.push(self.note.clone());
        }
        format!("{} ({}, {}, checked {})", parts.join(", "), self.source, self.grade.words(), self.checked_on)
    }

    /// What it does or asks for, a few words each.
    #[must_use]
    pub fn asks(&self) -> Vec<String> {
        let mut parts = Vec::new();
        match (self.loudness_range(), self.target_lufs) {
            (Some((low, high)), None) if low <= -70.0 => parts.push(format!("at most {high} LUFS")),
            (Some((low, high)), None) => parts.push(format!("{low} to {high} LUFS")),
            (_, Some(target)) => {
                let within = self.tolerance_lu.map_or_else(String::new, |lu| format!(" within {lu} LU"));
                parts.push(format!("{target} LUFS{within}"));
            }
            _ => {}
        }
        if self.kind == Kind::Service {
            parts.push(self.does().to_owned());
        }
        parts.extend(self.rms_dbfs.map(|(low, high)| format!("RMS {low} to {high} dBFS")));
        parts.extend(self.up_to_dbtp.map(|peak| format!("up only as far as peaks of {peak} dBTP")));
        parts.extend(self.limiter_dbfs.map(|peak| format!("limited to {peak} dBFS when turned up")));
        let ceiling = if self.true_peak_is == Ceiling::Asked { "at most" } else { "advised at most" };
        parts.extend(self.true_peak_dbtp.map(|peak| format!("{ceiling} {peak} dBTP")));
        let most = [
            ("sample peak", "dBFS", self.sample_peak_dbfs),
            ("loudest 3 s", "LUFS", self.max_short_term_lufs),
            ("loudest 400 ms", "LUFS", self.max_momentary_lufs),
            ("range", "LU", self.max_loudness_range_lu),
            ("peak to loudness", "LU", self.max_plr_lu),
            ("noise floor", "dBFS", self.max_floor_dbfs),
        ];
        let most = most
            .into_iter()
            .filter_map(|(what, unit, most)| Some(format!("{what} at most {} {unit}", most?)));
        parts.extend(most);
        let rates: Vec<String> =
            self.rates_hz.iter().map(|hz| format!("{} kHz", f64::from(*hz) / 1000.0)).collect();
        parts.extend((!rates.is_empty()).then(|| rates.join(" or ")));
        parts.extend(self.bits.map(|bits| format!("{bits} bit")));
        parts
    }

    fn does(&self) -> &'static str {
        match (self.moves, self.scope) {
            (Moves::Unknown, _) => "what it does is not known",
            (Moves::Never, _) => "plays it as it is",
            (_, Scope::Album) => "albums kept together",
            (_, Scope::AlbumInOrder) => "albums kept together when played in order",
            (_, Scope::LoudestTrack) => "an album's loudest track sets the gain",
            (Moves::Down, _) => "only ever turns down",
            (Moves::Up, _) => "only ever turns up",
            (Moves::Both, _) => "turns up and down",
        }
    }
}
