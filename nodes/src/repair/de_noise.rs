//! Takes steady noise away: tape hiss, a noisy preamplifier, the rush of a groove, a whistle.
//!
//! One reaches for it on transfers and live recordings, and on the one quiet passage of a mix that hisses. `Learn` hears what the
//! noise sounds like where nothing else sounds: in the range you name, or else in the quietest steady stretch of the programme,
//! which the report tells; where there is none, nothing is taken away. `Adaptive` follows the noise through the music and needs no
//! such stretch. What is left of the noise is the same noise, softer. All channels get the same gain, so that the image stands
//! still. `audition: true` puts out what is taken away: if there is music in it, lower the sensitivity or the reduction.

use super::noise_print::{Hearing, NoisePrint};
use deadwax_dsp::denoise::{Denoiser, Floor, Settings, Wanted, frame_size};
use deadwax_dsp::fft::Kind;
use deadwax_dsp::math::power_to_db;
use deadwax_node::learn::{Hear, Known, Learn, LessonProblem, learning};
use deadwax_node::{
    About, Family, Io, Node, NodeError, Prepared, Problem, Report, Setup, Stream, Tail, params,
};
use serde::Serialize;

/// Parameters of `DeNoise`.
#[params]
pub struct DeNoise {
    #[param(help = "how the noise is known")]
    pub profile: DeNoiseProfile,
    #[param(default = None, range = 0.0..=36000.0, help = "Learn: only noise sounds from here on; without both, it is found")]
    pub noise_from_s: Option<f64>,
    #[param(default = None, range = 0.0..=36000.0, help = "Learn: only noise sounds up to here")]
    pub noise_to_s: Option<f64>,
    #[param(default = 12.0, range = 0.0..=40.0, help = "by how much noise becomes softer")]
    pub reduction_db: f64,
    #[param(default = 5.0, range = 0.0..=10.0, help = "how much is taken for noise; high takes soft music, too")]
    pub sensitivity: f64,
    #[param(default = 12.0, range = 0.0..=40.0, help = "by how much steady tones in the noise become softer")]
    pub tonal_db: f64,
    #[param(default = 75.0, range = 0.0..=100.0, help = "how much of an onset passes with the noise under it")]
    pub transient_protect_pct: f64,
    #[param(default = 2048, range = 1024..=8192, help = "length of a frame at 44.1 and 48 kHz: longer tells notes apart, shorter keeps attacks crisp")]
    pub fft_frames: u32,
    #[param(
        default = true,
        help = "one gain for all channels, which keeps the image; else each has its own"
    )]
    pub channel_link: bool,
    #[param(default = false, help = "put out what is taken away")]
    pub audition: bool,
}

/// How the noise is known.
#[params]
pub enum DeNoiseProfile {
    /// it is heard where nothing else sounds
    #[default]
    Learn,
    /// it is followed through the music
    Adaptive,
}

/// What was taken away.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeNoiseReport {
    /// Where the noise was heard, in seconds: from and to. Nothing, if it was followed, or if there was no stretch of noise alone.
    pub heard_s: Option<(f64, f64)>,
    /// What it is like. Nothing, if no noise was found.
    pub noise: Option<NoiseFigures>,
    /// The level of what was taken away, over the whole programme, in dBFS.
    pub taken_dbfs: f64,
}

/// What a noise is like.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NoiseFigures {
    /// The level of the loudest channel, in dBFS.
    pub level_dbfs: f64,
    /// Of what lies above 3 kHz.
    pub hiss_dbfs: f64,
    /// Of what lies below 120 Hz.
    pub rumble_dbfs: f64,
    /// How its density rises towards the top: 0 is white, −3 pink; tape rises.
    pub tilt_db_per_octave: f64,
    /// Tones that stand out, the loudest first: frequency in Hz, level in dBFS.
    pub tones: Vec<(f64, f64)>,
}

impl From<Floor> for NoiseFigures {
    fn from(floor: Floor) -> Self {
        let Floor { level_dbfs, hiss_dbfs, rumble_dbfs, tilt_db_per_octave, tones } = floor;
        Self { level_dbfs, hiss_dbfs, rumble_dbfs, tilt_db_per_octave, tones }
    }
}

/// A step of sensitivity, in dB by which noise is taken to be louder than it was measured.
const STEP_DB: f64 = 1.0;
/// In the middle of the range it is taken for as loud as it is.
const MIDDLE: f64 = 5.0;

impl DeNoise {
    fn settings(&self, rate_hz: f64) -> Settings {
        Settings {
            size: frame_size(self.fft_frames, rate_hz),
            reduction_db: self.reduction_db,
            tonal_db: self.tonal_db,
            over_db: STEP_DB * (self.sensitivity - MIDDLE),
            protect: self.transient_protect_pct / 100.0,
            linked: self.channel_link,
            audition: self.audition,
        }
    }

    fn wanted(&self, rate_hz: f64) -> Wanted {
        let frame = |seconds: f64| (seconds * rate_hz).round() as u64;
        match (self.noise_from_s, self.noise_to_s) {
            (None, None) => Wanted::Quietest,
            (from, to) => Wanted::Range(frame(from.unwrap_or(0.0))..to.map_or(u64::MAX, frame)),
        }
    }
}

impl Node for DeNoise {
    const ABOUT: About = About {
        kind: "DeNoise",
        family: Family::Repair,
        summary: "Takes steady noise away: hiss, rumble, whistles.",
        since: "0.2",
        algorithm: 2,
        example: "DeNoise(profile: Adaptive, reduction_db: 18)",
    };

    const LEARNS: bool = true;

    fn check(&self, problems: &mut Vec<Problem>) {
        if !self.fft_frames.is_power_of_two() {
            let near = 1 << self.fft_frames.ilog2();
            let reason = "a frame has a power of two of points";
            problems.push(Problem::rule("fft_frames", reason, format!("take {near} or {}", 2 * near)));
        }
        let (from, to) = (self.noise_from_s, self.noise_to_s);
        if let Some(to) = to.filter(|to| *to <= from.unwrap_or(0.0)) {
            let reason = format!("nothing is heard between {} s and {to} s", from.unwrap_or(0.0));
            problems.push(Problem::rule("noise_to_s", reason, "let the end be behind the beginning"));
        }
        if self.profile == DeNoiseProfile::Adaptive && (from.is_some() || to.is_some()) {
            let reason = "`Adaptive` follows the noise everywhere, and listens to no range";
            problems.push(Problem::rule("profile", reason, "take `Learn`, or leave the range out"));
        }
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let format = setup.main();
        let (rate_hz, channels) = (f64::from(format.rate_hz), format.channels());
        let kind = if setup.portable { Kind::Portable } else { Kind::Fast };
        let settings = self.settings(rate_hz);
        let prepared = match self.profile {
            DeNoiseProfile::Adaptive if setup.lesson.is_some() => {
                let reason =
                    "`Adaptive` follows the noise and takes no print; take `Learn`, or remove the print";
                return Err(NodeError::field("profile", reason));
            }
            DeNoiseProfile::Adaptive => {
                let denoiser = Denoiser::following(settings, channels, kind);
                Prepared::stream(Denoising { denoiser, print: None, rate_hz }, 0.0)
            }
            DeNoiseProfile::Learn => {
                let wanted = self.wanted(rate_hz);
                learning(Self::ABOUT.kind, Learning { settings, wanted, rate_hz, channels, kind }, setup)?
            }
        };
        let late = settings.size as u64;
        let cost_ns = 100.0 * channels as f64;
        Ok(Prepared { cost_ns, ..prepared }.with_latency(late).with_tail(Tail::Frames(late)))
    }

    fn neutral() -> Option<Self> {
        Some(Self { reduction_db: 0.0, tonal_db: 0.0, ..Self::default() })
    }
}

/// Learns a print.
struct Learning {
    settings: Settings,
    wanted: Wanted,
    rate_hz: f64,
    channels: usize,
    kind: Kind,
}

impl Learn for Learning {
    type Lesson = NoisePrint;
    type Found = NoisePrint;

    fn check(&self, print: &NoisePrint) -> Result<(), LessonProblem> {
        print.check(self.settings.size, self.channels)
    }

    fn listener(&self, known: Option<&NoisePrint>) -> Box<dyn Hear<NoisePrint>> {
        match known {
            Some(print) => Box::new(Known(print.clone())),
            None => {
                let Self { settings, wanted, rate_hz, channels, kind } = self;
                Box::new(Hearing::new(wanted.clone(), settings.size, *rate_hz, *channels, *kind))
            }
        }
    }

    fn lesson(&self, found: &NoisePrint) -> NoisePrint {
        found.clone()
    }

    fn stream(&self, print: &NoisePrint) -> Result<Box<dyn Stream>, NodeError> {
        let profile = print.profile(self.rate_hz);
        if profile.is_none() && self.wanted != Wanted::Quietest {
            let reason = "nothing is to be heard there: the programme ends before, or is silent";
            return Err(NodeError::field("noise_from_s", reason));
        }
        let denoiser = match profile {
            Some(profile) => Denoiser::with_profile(self.settings, &profile, self.channels, self.kind),
            None => Denoiser::idle(self.settings, self.channels, self.kind),
        };
        let print = Some(print.clone());
        Ok(Box::new(Denoising { denoiser, print, rate_hz: self.rate_hz }))
    }
}

/// A denoiser, and the print it works by.
struct Denoising {
    denoiser: Denoiser,
    print: Option<NoisePrint>,
    rate_hz: f64,
}

impl Stream for Denoising {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        if io.frames() == 0 {
            return Ok(());
        }
        let mut main = io.main();
        let mut planes: [&mut [f64]; deadwax_node::MAX_CHANNELS] = std::array::from_fn(|_| &mut [][..]);
        let mut channels = 0;
        for (plane, channel) in planes.iter_mut().zip(main.iter_mut()) {
            *plane = channel;
            channels += 1;
        }
        self.denoiser.process(&mut planes[..channels]);
        Ok(())
    }

    fn reset(&mut self) {
        self.denoiser.reset();
    }

    fn report(&self) -> Option<Report> {
        let found = self.print.as_ref().filter(|print| !print.bins_db.is_empty());
        let noise = self.denoiser.noise().map(|profile| Floor::of(&profile, self.rate_hz).into());
        Some(Report::new(DeNoiseReport {
            heard_s: found.map(|print| (print.from_s, print.to_s)),
            noise,
            taken_dbfs: power_to_db(self.denoiser.taken()),
        }))
    }
}

#[cfg(test)]
mod tests;
