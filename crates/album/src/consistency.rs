//! Whether the tracks of an album sound as if they belonged together.
//!
//! Every track is held against the middle of all: the median, which one odd track does not move. A track stands out where it is
//! farther from the middle than anybody would call taste, and twice as far as tracks of this album usually are (by the median of their
//! distances, scaled to a standard deviation): an album of contrasts is no album of mistakes. Interludes are quieter on purpose
//! and count nowhere. Limits are ours, set from what listeners notice between songs: half a step of a volume control (2 LU) and the
//! tone knob of an amplifier (3 dB).

use serde::Serialize;

/// A loudness that is farther from the middle than this is looked at, in LU.
const LOUDNESS_LU: f64 = 2.0;
/// A region that is farther from the middle than this is looked at, in dB.
const TONE_DB: f64 = 3.0;
/// A width that is farther from the middle than this is looked at, in dB.
const WIDTH_DB: f64 = 4.0;
/// What stands out is so many times as far away as usual.
const TIMES: f64 = 2.0;
/// From the median of distances to the standard deviation of a normal distribution.
const TO_DEVIATION: f64 = 1.4826;
/// What has no more width than this has none, in dB.
pub const NO_WIDTH_DB: f64 = -40.0;
/// With fewer tracks there is no middle.
pub const FEWEST: usize = 3;

/// A region of the spectrum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Region {
    /// 45 to 140 Hz.
    Bass,
    /// 140 to 450 Hz.
    LowMid,
    /// 450 Hz to 1.8 kHz.
    Mid,
    /// 1.8 to 5.6 kHz.
    HighMid,
    /// 5.6 to 14 kHz.
    Treble,
}

impl Region {
    /// All of them, from low to high.
    pub const ALL: [Self; 5] = [Self::Bass, Self::LowMid, Self::Mid, Self::HighMid, Self::Treble];

    /// Where it begins and ends, in Hz.
    #[must_use]
    pub fn hz(self) -> (f64, f64) {
        match self {
            Self::Bass => (45.0, 140.0),
            Self::LowMid => (140.0, 450.0),
            Self::Mid => (450.0, 1800.0),
            Self::HighMid => (1800.0, 5600.0),
            Self::Treble => (5600.0, 14_000.0),
        }
    }

    /// What people call it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Bass => "bass",
            Self::LowMid => "low mids",
            Self::Mid => "mids",
            Self::HighMid => "high mids",
            Self::Treble => "treble",
        }
    }
}

/// Bands of a spectrum, and how far each is from the mean of all, in dB: tone, whatever the loudness.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tone(Vec<(f64, f64)>);

impl Tone {
    /// From the levels of bands that are equally wide for the ear: middle in Hz, level in dB. What lies outside the regions
    /// does not count.
    #[must_use]
    pub fn new(bands: &[(f64, f64)]) -> Self {
        let (low, high) = (Region::Bass.hz().0, Region::Treble.hz().1);
        let bands: Vec<(f64, f64)> =
            bands.iter().copied().filter(|(hz, _)| (low..high).contains(hz)).collect();
        let mean = bands.iter().map(|(_, db)| db).sum::<f64>() / bands.len().max(1) as f64;
        Self(bands.into_iter().map(|(hz, db)| (hz, db - mean)).collect())
    }

    /// The bands: middle in Hz, distance from the mean in dB.
    #[must_use]
    pub fn bands(&self) -> &[(f64, f64)] {
        &self.0
    }

    /// The same behind a filter whose gain in dB at a frequency is `gain_db`.
    #[must_use]
    pub fn filtered(&self, gain_db: impl Fn(f64) -> f64) -> Self {
        let bands: Vec<(f64, f64)> = self.0.iter().map(|(hz, db)| (*hz, db + gain_db(*hz))).collect();
        Self::new(&bands)
    }

    /// How far a region is from the mean, in dB. `None` where nothing of it was heard.
    #[must_use]
    pub fn region_db(&self, region: Region) -> Option<f64> {
        let (low, high) = region.hz();
        let inside: Vec<f64> =
            self.0.iter().filter(|(hz, _)| (low..high).contains(hz)).map(|(_, db)| *db).collect();
        (!inside.is_empty()).then(|| inside.iter().sum::<f64>() / inside.len() as f64)
    }
}

/// What a track sounds like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sound {
    /// Its integrated loudness, in LUFS.
    pub integrated_lufs: Option<f64>,
    /// Its tone.
    pub tone: Tone,
    /// How much power the difference of its channels has beside their sum, in dB.
    pub width_db: Option<f64>,
    /// Whether it is quieter on purpose.
    pub interlude: bool,
}

/// In what a track stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    /// How loud it is.
    Loudness,
    /// How loud a region of it is beside the others.
    Tone(Region),
    /// How wide it is.
    Width,
}

impl Aspect {
    /// All of them.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let tones = Region::ALL.map(Self::Tone);
        [Self::Loudness].into_iter().chain(tones).chain([Self::Width]).collect()
    }

    /// What it is of a track, in LUFS or dB.
    #[must_use]
    pub fn of(self, sound: &Sound) -> Option<f64> {
        match self {
            Self::Loudness => sound.integrated_lufs,
            Self::Tone(region) => sound.tone.region_db(region),
            Self::Width => sound.width_db,
        }
    }

    fn limit(self) -> f64 {
        match self {
            Self::Loudness => LOUDNESS_LU,
            Self::Tone(_) => TONE_DB,
            Self::Width => WIDTH_DB,
        }
    }

    /// What a track is that has more of it, and one that has less.
    #[must_use]
    pub fn more_and_less(self) -> (&'static str, &'static str) {
        match self {
            Self::Loudness => ("louder", "softer"),
            Self::Width => ("wider", "narrower"),
            Self::Tone(Region::Treble | Region::HighMid) => ("brighter", "duller"),
            Self::Tone(Region::Mid) => ("more forward", "more distant"),
            Self::Tone(Region::Bass | Region::LowMid) => ("fuller", "thinner"),
        }
    }

    /// The unit of a distance.
    #[must_use]
    pub fn unit(self) -> &'static str {
        if self == Self::Loudness { "LU" } else { "dB" }
    }
}

/// The middle of an album in one aspect.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Middle {
    /// In what.
    pub aspect: Aspect,
    /// The median of its tracks, in LUFS or dB.
    pub median: f64,
    /// What is farther from it than this stands out, in LU or dB.
    pub reach: f64,
}

/// A track that stands out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Outlier {
    /// The number of the track among those that were given.
    pub track: usize,
    /// In what.
    pub aspect: Aspect,
    /// What it is, in LUFS or dB.
    pub value: f64,
    /// How much more that is than the middle, in LU or dB.
    pub beyond: f64,
}

/// How well tracks go together.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Consistency {
    /// The middle of all aspects that could be measured; none with fewer tracks than [`FEWEST`].
    pub middles: Vec<Middle>,
    /// Tracks that stand out, in their order.
    pub outliers: Vec<Outlier>,
}

/// Holds tracks against the middle of all.
#[must_use]
pub fn consistency(sounds: &[Sound]) -> Consistency {
    let mut found = Consistency::default();
    for aspect in Aspect::all() {
        let counted = sounds.iter().enumerate().filter(|(_, sound)| !sound.interlude);
        let values: Vec<(usize, f64)> =
            counted.filter_map(|(track, sound)| Some((track, aspect.of(sound)?))).collect();
        if values.len() < FEWEST {
            continue;
        }
        let middle = median(values.iter().map(|(_, value)| *value));
        let usual = TO_DEVIATION * median(values.iter().map(|(_, value)| (value - middle).abs()));
        let reach = aspect.limit().max(TIMES * usual);
        found.middles.push(Middle { aspect, median: middle, reach });
        let out = values.iter().filter(|(_, value)| (value - middle).abs() > reach);
        found.outliers.extend(out.map(|(track, value)| Outlier {
            track: *track,
            aspect,
            value: *value,
            beyond: value - middle,
        }));
    }
    found.outliers.sort_by_key(|one| (one.track, one.aspect));
    found
}

/// The value in the middle; the mean of both where there are two, and 0 where there is none.
#[must_use]
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match values.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => values[half],
        _ => 0.5 * (values[half - 1] + values[half]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Third octaves of pink noise: level, but for a shelf.
    fn tone(treble_db: f64) -> Tone {
        let thirds = std::iter::successors(Some(39.8), |hz| Some(hz * 1.258_925_4));
        let bands: Vec<(f64, f64)> =
            thirds.take(28).map(|hz| (hz, if hz > 5600.0 { treble_db } else { 0.0 })).collect();
        Tone::new(&bands)
    }

    fn sound(lufs: f64, treble_db: f64, width_db: f64) -> Sound {
        Sound {
            integrated_lufs: Some(lufs),
            tone: tone(treble_db),
            width_db: Some(width_db),
            interlude: false,
        }
    }

    #[test]
    fn a_track_that_stands_out_is_named_with_what_is_odd_about_it() {
        let mut sounds: Vec<Sound> = (0..9).map(|n| sound(-14.0 + 0.1 * f64::from(n), 0.0, -8.0)).collect();
        assert_eq!(consistency(&sounds).outliers, []);
        sounds[3] = sound(-18.5, 0.0, -8.0);
        sounds[5] = sound(-13.6, 6.0, -8.0);
        sounds[7] = sound(-13.6, 0.0, -20.0);
        let found = consistency(&sounds);
        let named: Vec<_> = found.outliers.iter().map(|one| (one.track, one.aspect)).collect();
        assert_eq!(
            named,
            [(3, Aspect::Loudness), (5, Aspect::Tone(Region::Treble)), (7, Aspect::Width)],
            "{found:?}"
        );
        assert!((found.outliers[2].beyond + 12.0).abs() < 1e-9);
        // It is soft on purpose.
        sounds[3].interlude = true;
        assert!(consistency(&sounds).outliers.iter().all(|one| one.track != 3));
    }

    #[test]
    fn an_album_of_contrasts_has_no_outliers_and_two_tracks_have_no_middle() {
        let contrasts: Vec<Sound> = (0..8).map(|n| sound(-22.0 + 1.5 * f64::from(n), 0.0, -8.0)).collect();
        assert_eq!(consistency(&contrasts).outliers, []);
        let two = [sound(-10.0, 0.0, -8.0), sound(-20.0, 0.0, -8.0)];
        assert_eq!(consistency(&two), Consistency::default());
    }

    proptest! {
        /// Loudness does not change tone, and a filter changes it by what it is.
        #[test]
        fn tone_has_no_loudness(gain in -40.0..40.0, treble in -9.0..9.0_f64) {
            let loud = tone(0.0).filtered(|_| gain);
            for region in Region::ALL {
                let (a, b) = (loud.region_db(region).unwrap(), tone(0.0).region_db(region).unwrap());
                prop_assert!((a - b).abs() < 1e-9);
            }
            let shelved = tone(0.0).filtered(|hz| if hz > 5600.0 { treble } else { 0.0 });
            for (a, b) in shelved.bands().iter().zip(tone(treble).bands()) {
                prop_assert!((a.1 - b.1).abs() < 1e-9);
            }
        }
    }
}
