//! Makes some pitches louder and others quieter: named bands, one after the other.
//!
//! One reaches for it to take the rumble off (`HighPass`), to open the top (`HighShelf`), to thin out a muddy region
//! (`Bell`). Each band has the magnitude of its analog model up to half the sample rate: the same settings sound the same
//! at every rate, and a bell at 16 kHz is a bell. It adds no latency; it shifts phase as its analog model does (above a
//! quarter of the rate, not quite). A bell or shelf of 0 dB passes every sample untouched, and a cut exactly undoes the
//! boost of the same size.

use deadwax_dsp::equalizer::{Band, DesignError, Shape};
use deadwax_dsp::svf::{Cascade, Section, decay_frames};
use deadwax_node::{About, Family, Io, Node, NodeError, Prepared, Problem, Setup, Stream, Tail, params};
use indexmap::IndexMap;

/// Parameters of `Equalizer`.
#[params]
pub struct Equalizer {
    #[param(len = 0..=64, help = "the bands, by any name; the signal passes them in this order")]
    #[serde(with = "deadwax_node::by_name")]
    pub bands: IndexMap<String, EqualizerBand>,
}

/// One band of an [`Equalizer`].
#[params]
pub enum EqualizerBand {
    /// raises or lowers a region around a frequency
    Bell(BellBand),
    /// raises or lowers all below a frequency
    LowShelf(ShelfBand),
    /// raises or lowers all above a frequency
    HighShelf(ShelfBand),
    /// removes all below a frequency
    HighPass(PassBand),
    /// removes all above a frequency
    LowPass(PassBand),
    /// removes one frequency
    Notch(QBand),
    /// removes all but a region around a frequency
    BandPass(QBand),
    /// turns the phase around a frequency and leaves the level
    AllPass(QBand),
}

/// A region around a frequency.
#[params]
pub struct BellBand {
    #[param(default = 1000.0, range = 10.0..=90000.0, help = "the middle of the region")]
    pub freq_hz: f64,
    #[param(default = 0.0, range = -30.0..=30.0, help = "how much louder it gets there")]
    pub gain_db: f64,
    #[param(default = 0.707, range = 0.1..=40.0, help = "how narrow; 1 is about 1.4 octaves (the cookbook's Q)")]
    pub q: f64,
}

/// All on one side of a frequency.
#[params]
pub struct ShelfBand {
    #[param(default = 1000.0, range = 10.0..=90000.0, help = "where half of the gain is reached")]
    pub freq_hz: f64,
    #[param(default = 0.0, range = -30.0..=30.0, help = "how much louder it gets on that side")]
    pub gain_db: f64,
    #[param(default = 0.707, range = 0.1..=4.0, help = "how steep; above 0.707 it overshoots")]
    pub q: f64,
}

/// One side of a frequency only.
#[params]
pub struct PassBand {
    #[param(default = 30.0, range = 10.0..=90000.0, help = "the corner")]
    pub freq_hz: f64,
    #[param(default = 12, range = 6..=96, help = "how steep, in steps of 6 (LinkwitzRiley: of 12)")]
    pub slope_db_oct: u32,
    #[param(help = "what happens at the corner")]
    pub shape: PassShape,
}

/// What a pass does at its corner.
#[params]
pub enum PassShape {
    /// flat, −3 dB at the corner
    #[default]
    Butterworth,
    /// −6 dB at the corner, as in a crossover
    LinkwitzRiley,
}

/// A frequency and how close around it.
#[params]
pub struct QBand {
    #[param(default = 1000.0, range = 10.0..=90000.0, help = "the middle")]
    pub freq_hz: f64,
    #[param(default = 0.707, range = 0.1..=40.0, help = "how narrow (the cookbook's Q)")]
    pub q: f64,
}

impl PassBand {
    fn shape(&self) -> Shape {
        match self.shape {
            PassShape::Butterworth => Shape::Butterworth,
            PassShape::LinkwitzRiley => Shape::LinkwitzRiley,
        }
    }
}

impl EqualizerBand {
    /// The band as the designer takes it.
    fn band(&self) -> Band {
        match self {
            Self::Bell(BellBand { freq_hz, gain_db, q }) => {
                Band::Bell { freq_hz: *freq_hz, gain_db: *gain_db, q: *q }
            }
            Self::LowShelf(ShelfBand { freq_hz, gain_db, q }) => {
                Band::LowShelf { freq_hz: *freq_hz, gain_db: *gain_db, q: *q }
            }
            Self::HighShelf(ShelfBand { freq_hz, gain_db, q }) => {
                Band::HighShelf { freq_hz: *freq_hz, gain_db: *gain_db, q: *q }
            }
            Self::HighPass(pass) => {
                Band::HighPass { freq_hz: pass.freq_hz, slope_db_oct: pass.slope_db_oct, shape: pass.shape() }
            }
            Self::LowPass(pass) => {
                Band::LowPass { freq_hz: pass.freq_hz, slope_db_oct: pass.slope_db_oct, shape: pass.shape() }
            }
            Self::Notch(QBand { freq_hz, q }) => Band::Notch { freq_hz: *freq_hz, q: *q },
            Self::BandPass(QBand { freq_hz, q }) => Band::BandPass { freq_hz: *freq_hz, q: *q },
            Self::AllPass(QBand { freq_hz, q }) => Band::AllPass { freq_hz: *freq_hz, q: *q },
        }
    }
}

impl Equalizer {
    /// The sections of all bands at a sample rate of `rate_hz`.
    ///
    /// # Errors
    /// When a band does not work at this rate; the error names its field.
    pub fn sections(&self, rate_hz: f64) -> Result<Vec<Section>, NodeError> {
        let mut sections = Vec::new();
        for (name, band) in &self.bands {
            sections.extend(band.band().design(rate_hz).map_err(|error| of_band(name, &error))?);
        }
        Ok(sections)
    }
}

/// The designer's complaint, at the field it is about.
fn of_band(name: &str, error: &DesignError) -> NodeError {
    match error {
        DesignError::Frequency { max_hz, .. } => NodeError::field(
            format!("bands.{name}.freq_hz"),
            format!("at this sample rate a band may lie between 10 and {} Hz", max_hz.floor()),
        ),
        DesignError::Slope { .. } => {
            NodeError::field(format!("bands.{name}.slope_db_oct"), error.to_string())
        }
        DesignError::Value { .. } | DesignError::Unstable(_) => {
            NodeError::field(format!("bands.{name}"), error.to_string())
        }
    }
}

/// What rings has fallen by this much when the tail is over (the signal may have been boosted by 60 dB).
const DECAY_DB: f64 = 210.0;
/// Below this a tail is over, in dBFS.
const TAIL_DBFS: f64 = -150.0;
/// No tail lasts longer, in seconds.
const MOST_TAIL_S: f64 = 60.0;

impl Node for Equalizer {
    const ABOUT: About = About {
        kind: "Equalizer",
        family: Family::Tone,
        summary: "Raises, lowers or removes parts of the spectrum, in as many bands as needed.",
        since: "0.1",
        algorithm: 1,
        example: "Equalizer(bands: { rumble: HighPass(freq_hz: 24, slope_db_oct: 24), air: HighShelf(freq_hz: 9000, \
                  gain_db: 1.5) })",
    };

    fn check(&self, problems: &mut Vec<Problem>) {
        for (name, band) in &self.bands {
            let (EqualizerBand::HighPass(pass) | EqualizerBand::LowPass(pass)) = band else { continue };
            let step = pass.shape().step();
            if !pass.slope_db_oct.is_multiple_of(step) {
                let nearest = ((pass.slope_db_oct + step / 2) / step * step).max(step);
                problems.push(Problem::rule(
                    format!("bands.{name}.slope_db_oct"),
                    format!("{} dB/oct: a slope is a multiple of {step} dB/oct here", pass.slope_db_oct),
                    format!("write {nearest}"),
                ));
            }
        }
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let format = setup.main();
        let rate_hz = f64::from(format.rate_hz);
        let sections = self.sections(rate_hz)?;
        let max_frames = decay_frames(&sections, DECAY_DB).min((MOST_TAIL_S * rate_hz) as u64);
        let cost_ns = 1.3 * (sections.len() * format.channels()) as f64;
        let filters = Filters { cascade: Cascade::new(&sections, format.channels()) };
        let prepared = Prepared::stream(filters, cost_ns);
        Ok(if sections.is_empty() {
            prepared
        } else {
            prepared.with_tail(Tail::UntilBelow { dbfs: TAIL_DBFS, max_frames })
        })
    }

    fn neutral() -> Option<Self> {
        Some(Self::default())
    }
}

/// Two integrators for each section and channel.
struct Filters {
    cascade: Cascade,
}

impl Stream for Filters {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        self.cascade.process_all(io.main().iter_mut());
        Ok(())
    }

    fn reset(&mut self) {
        self.cascade.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deadwax_node::conformance::Rig;
    use deadwax_node::{AnyNode, Format};

    fn with(band: EqualizerBand) -> Equalizer {
        Equalizer { bands: [("one".to_owned(), band)].into_iter().collect() }
    }

    #[test]
    fn bands_of_0_db_touch_no_bit() {
        let mut node = with(EqualizerBand::Bell(BellBand::default()));
        node.bands.insert("two".into(), EqualizerBand::HighShelf(ShelfBand::default()));
        let mut rig = Rig::new(&node, Format::stereo(44_100), false).unwrap();
        let noise: Vec<f64> = (0..500).map(|n| f64::from(n * 7919 % 1009) / 1009.0 - 0.5).collect();
        let wires = [vec![noise.clone(), noise]];
        assert_eq!(rig.run(&wires, &[500]).unwrap()[0], wires[0]);
    }

    #[test]
    fn a_band_above_half_the_rate_is_named() {
        let node = with(EqualizerBand::Bell(BellBand { freq_hz: 22_000.0, gain_db: 1.0, q: 1.0 }));
        let error = Rig::new(&node, Format::stereo(44_100), false).err().unwrap();
        assert_eq!(
            error.to_string(),
            "`bands.one.freq_hz`: at this sample rate a band may lie between 10 and 21609 Hz"
        );
        assert!(Rig::new(&node, Format::stereo(48_000), false).is_ok());
    }

    #[test]
    fn a_slope_that_does_not_exist_is_told_with_the_nearest_one() {
        let pass = PassBand { freq_hz: 30.0, slope_db_oct: 18, shape: PassShape::LinkwitzRiley };
        let problems = with(EqualizerBand::HighPass(pass)).problems();
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].path, "bands.one.slope_db_oct");
    }
}
