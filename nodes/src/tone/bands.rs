//! The bands of an [`Equalizer`](super::Equalizer), as they are written in a file.

use crate::automation::curve;
use deadwax_dsp::equalizer::{Band, DesignError, Drawn, Gained, PathError, Shape};
use deadwax_node::{Auto, Lane, NodeError, Problem, params};

/// One band of an [`Equalizer`](super::Equalizer).
#[params]
pub enum EqualizerBand {
    /// raises or lowers a region around a frequency
    Bell(BellBand),
    /// raises or lowers all below a frequency
    LowShelf(ShelfBand),
    /// raises or lowers all above a frequency
    HighShelf(ShelfBand),
    /// raises all above a frequency and lowers all below, or the other way round
    Tilt(TiltBand),
    /// removes all below a frequency
    HighPass(PassBand),
    /// removes all above a frequency
    LowPass(PassBand),
    /// removes one frequency
    Notch(QBand),
    /// removes all but a region around a frequency
    BandPass(QBand),
    /// turns the phase around a frequency and leaves the level (with linear phase it does nothing)
    AllPass(QBand),
}

/// A region around a frequency.
#[params]
pub struct BellBand {
    #[param(default = Auto::Fixed(1000.0), range = 10.0..=90000.0, help = "the middle of the region")]
    pub freq_hz: Auto,
    #[param(default = Auto::Fixed(0.0), range = -30.0..=30.0, help = "how much louder it gets there")]
    pub gain_db: Auto,
    #[param(default = Auto::Fixed(0.707), range = 0.1..=40.0, help = "how narrow; 1 is about 1.4 octaves (the cookbook's Q)")]
    pub q: Auto,
    #[param(help = "which part of a stereo signal it works on")]
    pub lane: BandLane,
}

/// All on one side of a frequency.
#[params]
pub struct ShelfBand {
    #[param(default = Auto::Fixed(1000.0), range = 10.0..=90000.0, help = "where half of the gain is reached")]
    pub freq_hz: Auto,
    #[param(default = Auto::Fixed(0.0), range = -30.0..=30.0, help = "how much louder it gets on that side")]
    pub gain_db: Auto,
    #[param(default = Auto::Fixed(0.707), range = 0.1..=4.0, help = "how steep; above 0.707 it overshoots")]
    pub q: Auto,
    #[param(help = "which part of a stereo signal it works on")]
    pub lane: BandLane,
}

/// A balance between below and above a frequency.
#[params]
pub struct TiltBand {
    #[param(default = Auto::Fixed(1000.0), range = 10.0..=90000.0, help = "the pivot, which keeps its level")]
    pub freq_hz: Auto,
    #[param(default = Auto::Fixed(0.0), range = -30.0..=30.0, help = "from below to above: half up there, half down here")]
    pub gain_db: Auto,
    #[param(help = "which part of a stereo signal it works on")]
    pub lane: BandLane,
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
    #[param(help = "which part of a stereo signal it works on")]
    pub lane: BandLane,
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
    #[param(help = "which part of a stereo signal it works on")]
    pub lane: BandLane,
}

/// Which part of a stereo signal a band works on.
#[params]
pub enum BandLane {
    /// all channels
    #[default]
    Both,
    /// the left channel alone
    Left,
    /// the right channel alone
    Right,
    /// what both channels have in common
    Mid,
    /// what tells them apart
    Side,
}

impl BandLane {
    pub(super) fn lane(self) -> Lane {
        match self {
            Self::Both => Lane::Both,
            Self::Left => Lane::Left,
            Self::Right => Lane::Right,
            Self::Mid => Lane::Mid,
            Self::Side => Lane::Side,
        }
    }
}

impl PassBand {
    fn shape(&self) -> Shape {
        match self.shape {
            PassShape::Butterworth => Shape::Butterworth,
            PassShape::LinkwitzRiley => Shape::LinkwitzRiley,
        }
    }

    /// The slope must be one that there is; `name` is that of the band.
    fn check(&self, name: &str, problems: &mut Vec<Problem>) {
        let step = self.shape().step();
        if !self.slope_db_oct.is_multiple_of(step) {
            let nearest = ((self.slope_db_oct + step / 2) / step * step).max(step);
            problems.push(Problem::rule(
                format!("bands.{name}.slope_db_oct"),
                format!("{} dB/oct: a slope is a multiple of {step} dB/oct here", self.slope_db_oct),
                format!("write {nearest}"),
            ));
        }
    }
}

/// A band as the designer takes it.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// The same at all times.
    Fixed(Band),
    /// Moving at some time.
    Drawn(Drawn),
}

impl Source {
    fn of(kind: Gained, freq_hz: &Auto, gain_db: &Auto, q: &Auto, rate_hz: f64) -> Self {
        let [freq_hz, gain_db, q] = [freq_hz, gain_db, q].map(|field| curve(field, rate_hz));
        let drawn = Drawn { kind, freq_hz, gain_db, q };
        drawn.as_fixed().map_or(Self::Drawn(drawn), Self::Fixed)
    }

    /// Whether it does nothing at any time.
    pub(super) fn is_flat(&self) -> bool {
        match self {
            Self::Fixed(band) => band.is_flat(),
            Self::Drawn(drawn) => drawn.gain_db.as_fixed() == Some(0.0),
        }
    }

    /// Whether the band can be built at this rate, wherever it goes.
    pub(super) fn check(&self, rate_hz: f64) -> Result<(), DesignError> {
        match self {
            Self::Fixed(band) => band.check(rate_hz),
            Self::Drawn(drawn) => {
                let (low_hz, high_hz) = drawn.freq_hz.range();
                drawn.kind.band(low_hz, 0.0, 1.0).check(rate_hz)?;
                drawn.kind.band(high_hz, 0.0, 1.0).check(rate_hz)
            }
        }
    }
}

impl EqualizerBand {
    /// The band at a sample rate of `rate_hz`.
    pub(super) fn source(&self, rate_hz: f64) -> Source {
        let shelf =
            |kind: Gained, band: &ShelfBand| Source::of(kind, &band.freq_hz, &band.gain_db, &band.q, rate_hz);
        match self {
            Self::Bell(band) => Source::of(Gained::Bell, &band.freq_hz, &band.gain_db, &band.q, rate_hz),
            Self::LowShelf(band) => shelf(Gained::LowShelf, band),
            Self::HighShelf(band) => shelf(Gained::HighShelf, band),
            Self::Tilt(band) => {
                Source::of(Gained::Tilt, &band.freq_hz, &band.gain_db, &Auto::Fixed(1.0), rate_hz)
            }
            Self::HighPass(pass) => Source::Fixed(Band::HighPass {
                freq_hz: pass.freq_hz,
                slope_db_oct: pass.slope_db_oct,
                shape: pass.shape(),
            }),
            Self::LowPass(pass) => Source::Fixed(Band::LowPass {
                freq_hz: pass.freq_hz,
                slope_db_oct: pass.slope_db_oct,
                shape: pass.shape(),
            }),
            Self::Notch(QBand { freq_hz, q, .. }) => Source::Fixed(Band::Notch { freq_hz: *freq_hz, q: *q }),
            Self::BandPass(QBand { freq_hz, q, .. }) => {
                Source::Fixed(Band::BandPass { freq_hz: *freq_hz, q: *q })
            }
            Self::AllPass(QBand { freq_hz, q, .. }) => {
                Source::Fixed(Band::AllPass { freq_hz: *freq_hz, q: *q })
            }
        }
    }

    /// Which part of a stereo signal it works on.
    pub(super) fn lane(&self) -> Lane {
        match self {
            Self::Bell(band) => band.lane,
            Self::LowShelf(band) | Self::HighShelf(band) => band.lane,
            Self::Tilt(band) => band.lane,
            Self::HighPass(pass) | Self::LowPass(pass) => pass.lane,
            Self::Notch(band) | Self::BandPass(band) | Self::AllPass(band) => band.lane,
        }
        .lane()
    }

    /// Rules between the band's fields; `name` is its own.
    pub(super) fn check(&self, name: &str, problems: &mut Vec<Problem>) {
        if let Self::HighPass(pass) | Self::LowPass(pass) = self {
            pass.check(name, problems);
        }
    }

    /// Whether a curve stands in one of its fields.
    pub(super) fn moves(&self) -> bool {
        let moves = |fields: &[&Auto]| fields.iter().any(|field| field.fixed().is_none());
        match self {
            Self::Bell(band) => moves(&[&band.freq_hz, &band.gain_db, &band.q]),
            Self::LowShelf(band) | Self::HighShelf(band) => moves(&[&band.freq_hz, &band.gain_db, &band.q]),
            Self::Tilt(band) => moves(&[&band.freq_hz, &band.gain_db]),
            _ => false,
        }
    }
}

/// The designer's complaint, at the field of the band it is about.
pub(super) fn of_band(name: &str, error: &DesignError) -> NodeError {
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

/// The complaint about a band that moves.
pub(super) fn of_path(name: &str, error: &PathError) -> NodeError {
    match error {
        PathError::Design(error) => of_band(name, error),
        PathError::TooMany => NodeError::field(
            format!("bands.{name}"),
            format!("{error}: draw fewer points, or move fewer fields at the same time"),
        ),
    }
}

/// A lane other than `Both` is one of a stereo signal.
pub(super) fn check_lane(name: &str, lane: Lane, format: deadwax_node::Format) -> Result<(), NodeError> {
    if lane == Lane::Both || format.layout == deadwax_node::Layout::Stereo {
        return Ok(());
    }
    let reason = format!("lanes are those of a stereo signal; here it is {format}");
    Err(NodeError::field(format!("bands.{name}.lane"), reason))
}
