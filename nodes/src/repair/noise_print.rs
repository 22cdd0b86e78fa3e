//! What `DeNoise` learns: a noise print, heard where nothing but noise sounds.

use deadwax_dsp::denoise::{Heard, Listener, Profile, Wanted};
use deadwax_dsp::fft::Kind;
use deadwax_node::learn::{Hear, Lesson, LessonProblem};
use deadwax_node::{Block, NodeError};
use serde::{Deserialize, Serialize};

/// What noise sounds like.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoisePrint {
    /// Points of the frames it was heard in, at the programme's own rate.
    pub fft_frames: usize,
    /// Where it was heard, in seconds from the start.
    pub from_s: f64,
    /// Up to where.
    pub to_s: f64,
    /// Bands that a person wants to be taken for louder, or softer, than was heard: learnt, there are none.
    #[serde(default)]
    pub raise: Vec<Raise>,
    /// By channel, the level of each bin in dBFS, from 0 to half the rate. No channels: no noise was found, and nothing is
    /// taken away.
    pub bins_db: Vec<Vec<f64>>,
}

/// A band of a [`NoisePrint`] that is taken for louder.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raise {
    /// Where it begins.
    pub from_hz: f64,
    /// Where it ends.
    pub to_hz: f64,
    /// By how much.
    pub by_db: f64,
}

impl Lesson for NoisePrint {
    const NAME: &'static str = "noise print";
}

/// The softest that a bin may be said to be, and the most that a band may be raised or lowered by.
const SOFTEST_DB: f64 = -400.0;
const MOST_RAISE_DB: f64 = 60.0;

impl NoisePrint {
    fn of(heard: Option<Heard>, fft_frames: usize, rate_hz: f64) -> Self {
        let Some(heard) = heard else { return Self { fft_frames, ..Self::default() } };
        let seconds = |frame: u64| (frame as f64 / rate_hz * 1000.0).round() / 1000.0;
        let (from_s, to_s) = (seconds(heard.range.start), seconds(heard.range.end));
        Self { fft_frames, from_s, to_s, raise: Vec::new(), bins_db: heard.profile.to_db() }
    }

    /// The powers it stands for; `None` where no noise was found.
    pub(super) fn profile(&self, rate_hz: f64) -> Option<Profile> {
        let bin_hz = rate_hz / self.fft_frames as f64;
        let raised = |(bin, db): (usize, &f64)| {
            let hz = bin as f64 * bin_hz;
            let own = self.raise.iter().filter(|raise| (raise.from_hz..=raise.to_hz).contains(&hz));
            db + own.map(|raise| raise.by_db).sum::<f64>()
        };
        let bins: Vec<Vec<f64>> =
            self.bins_db.iter().map(|bins| bins.iter().enumerate().map(raised).collect()).collect();
        (!bins.is_empty()).then(|| Profile::from_db(&bins))
    }

    /// Whether it can be used for `channels` channels in frames of `fft_frames` points.
    pub(super) fn check(&self, fft_frames: usize, channels: usize) -> Result<(), LessonProblem> {
        if self.fft_frames != fft_frames {
            let reason = format!(
                "it was learnt in frames of {} points, and the node works in frames of {fft_frames}",
                self.fft_frames
            );
            return Err(LessonProblem::at("fft_frames", reason));
        }
        if !self.bins_db.is_empty() && self.bins_db.len() != channels {
            let reason = format!("there are {} channels, and here {}", channels, self.bins_db.len());
            return Err(LessonProblem::at("bins_db", reason));
        }
        for (channel, bins) in self.bins_db.iter().enumerate() {
            let wanted = fft_frames / 2 + 1;
            if bins.len() != wanted {
                let reason = format!("there must be {wanted} bins, and there are {}", bins.len());
                return Err(LessonProblem::at(format!("bins_db.{channel}"), reason));
            }
            if let Some(bin) = bins.iter().position(|db| !(SOFTEST_DB..=0.0).contains(db)) {
                let reason = format!("a level is from {SOFTEST_DB} to 0 dBFS, and this is {}", bins[bin]);
                return Err(LessonProblem::at(format!("bins_db.{channel}.{bin}"), reason));
            }
        }
        self.check_raise()
    }

    fn check_raise(&self) -> Result<(), LessonProblem> {
        for (number, raise) in self.raise.iter().enumerate() {
            let wrong = |field: &str, reason: String| {
                Err(LessonProblem::at(format!("raise.{number}.{field}"), reason))
            };
            if !(raise.from_hz >= 0.0 && raise.from_hz.is_finite()) {
                return wrong("from_hz", "a frequency in Hz from 0 on".to_owned());
            }
            if !(raise.to_hz >= raise.from_hz && raise.to_hz.is_finite()) {
                return wrong("to_hz", "the end lies above the beginning".to_owned());
            }
            if !(-MOST_RAISE_DB..=MOST_RAISE_DB).contains(&raise.by_db) {
                return wrong("by_db", format!("from -{MOST_RAISE_DB} to {MOST_RAISE_DB} dB"));
            }
        }
        Ok(())
    }
}

/// Hears a print.
pub(super) struct Hearing {
    listener: Listener,
    fft_frames: usize,
    rate_hz: f64,
}

impl Hearing {
    pub(super) fn new(wanted: Wanted, fft_frames: usize, rate_hz: f64, channels: usize, kind: Kind) -> Self {
        Self { listener: Listener::new(wanted, fft_frames, rate_hz, channels, kind), fft_frames, rate_hz }
    }
}

impl Hear<NoisePrint> for Hearing {
    fn hear(&mut self, _: u64, block: Block<'_>) -> Result<(), NodeError> {
        let planes: Vec<&[f64]> = block.iter().collect();
        self.listener.push(&planes);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<NoisePrint, NodeError> {
        Ok(NoisePrint::of(self.listener.finish(), self.fft_frames, self.rate_hz))
    }
}
