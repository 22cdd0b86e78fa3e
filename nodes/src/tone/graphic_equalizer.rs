//! A row of sliders, each for a frequency that stays.
//!
//! One reaches for it to shape a sound by ear across the whole range, or to write down a curve that was measured. A slider
//! says how loud its own frequency gets, whatever its neighbours do: the bells behind the sliders overlap, and their gains
//! are worked out so that the sum is right. The sliders in the middle, every sample passes untouched.

use super::bands::Source;
use super::phase::{self, EqualizerPhase, Placed};
use deadwax_dsp::equalizer::GraphicLayout;
use deadwax_node::{About, Family, Lane, Node, NodeError, Prepared, Problem, Setup, params};

/// Parameters of `GraphicEqualizer`.
#[params]
pub struct GraphicEqualizer {
    #[param(help = "how many sliders there are")]
    pub layout: GraphicEqualizerLayout,
    #[param(
        range = -12.0..=12.0,
        len = 0..=31,
        help = "how loud each frequency gets, from the lowest up; an empty list leaves all alone"
    )]
    pub gains_db: Vec<f64>,
    #[param(help = "whether phase turns as in an analog equalizer, or not at all")]
    pub phase: EqualizerPhase,
}

/// How many sliders there are.
#[params]
pub enum GraphicEqualizerLayout {
    /// an octave apart, from 31.5 Hz to 16 kHz
    #[default]
    Ten,
    /// two thirds of an octave apart, from 25 Hz to 16 kHz
    Fifteen,
    /// a third of an octave apart, from 20 Hz to 20 kHz
    ThirtyOne,
}

impl GraphicEqualizerLayout {
    fn layout(self) -> GraphicLayout {
        match self {
            Self::Ten => GraphicLayout::Ten,
            Self::Fifteen => GraphicLayout::Fifteen,
            Self::ThirtyOne => GraphicLayout::ThirtyOne,
        }
    }
}

impl Node for GraphicEqualizer {
    const ABOUT: About = About {
        kind: "GraphicEqualizer",
        family: Family::Tone,
        summary: "Shapes the spectrum with a row of sliders at fixed frequencies.",
        since: "0.2",
        algorithm: 1,
        example: "GraphicEqualizer(layout: Ten, gains_db: [2, 3, 1, 0, -1.5, -2, 0, 1, 2, 1.5])",
    };

    fn check(&self, problems: &mut Vec<Problem>) {
        let (given, sliders) = (self.gains_db.len(), self.layout.layout().freqs_hz().len());
        if given != 0 && given != sliders {
            problems.push(Problem::rule(
                "gains_db",
                format!("{given} gains for {sliders} sliders"),
                format!("write {sliders} gains, 0 for a slider in the middle"),
            ));
        }
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let rate_hz = f64::from(setup.main().rate_hz);
        let mut placed = Vec::new();
        for (index, band) in self.layout.layout().bands(&self.gains_db).into_iter().enumerate() {
            if band.is_flat() {
                continue;
            }
            if band.check(rate_hz).is_err() {
                // The highest sliders have no effect that such a rate could carry, but those below count on it.
                let reason = format!("the slider at {} Hz is above half the sample rate", band.freq_hz());
                return Err(NodeError::field(format!("gains_db.{index}"), reason));
            }
            placed.push(Placed { name: "", lane: Lane::Both, source: Source::Fixed(band) });
        }
        phase::prepare(placed, self.phase, None, setup)
    }

    fn neutral() -> Option<Self> {
        Some(Self::default())
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_node::conformance::Rig;
    use deadwax_node::{AnyNode, Format};

    /// Spec 3.1: the error at the centres is ≤ 0.5 dB at ±12 dB alternating; measured on sines, with both phases.
    #[test]
    fn sines_at_the_centres_come_out_as_loud_as_the_sliders_say() {
        for phase in [EqualizerPhase::Minimum, EqualizerPhase::Linear] {
            let gains_db: Vec<f64> = (0..10).map(|n| if n % 2 == 0 { 12.0 } else { -12.0 }).collect();
            let node = GraphicEqualizer { gains_db: gains_db.clone(), phase, ..GraphicEqualizer::default() };
            for (hz, wanted) in GraphicLayout::Ten.freqs_hz().into_iter().zip(gains_db) {
                let mut rig = Rig::new(&node, Format::stereo(44_100), false).unwrap();
                let frames = 44_100 + rig.prepared().latency as usize;
                let angle = |n: usize| std::f64::consts::TAU * hz * n as f64 / 44_100.0;
                let tone: Vec<f64> = (0..frames).map(|n| 0.1 * angle(n).sin()).collect();
                let out = rig.run(&[vec![tone; 2]], &[frames]).unwrap();
                let (mut re, mut im) = (0.0, 0.0);
                // Half a second: whole periods of every centre.
                for (n, x) in out[0][0].iter().enumerate().skip(frames - 22_050).take(22_050) {
                    re += x * angle(n).cos();
                    im += x * angle(n).sin();
                }
                let found = 20.0 * ((re * re + im * im).sqrt() / (22_050.0 / 2.0) / 0.1).log10();
                assert!((found - wanted).abs() <= 0.5, "{phase:?}, {hz} Hz: {found} dB, not {wanted}");
            }
        }
    }

    #[test]
    fn too_few_gains_are_told() {
        let node = GraphicEqualizer { gains_db: vec![1.0; 9], ..GraphicEqualizer::default() };
        assert_eq!(node.problems()[0].path, "gains_db");
    }

    #[test]
    fn a_slider_above_half_the_rate_is_named() {
        let mut gains_db = vec![0.0; 31];
        gains_db[30] = 3.0;
        let node = GraphicEqualizer {
            layout: GraphicEqualizerLayout::ThirtyOne,
            gains_db,
            ..GraphicEqualizer::default()
        };
        let error = Rig::new(&node, Format::stereo(32_000), false).err().unwrap();
        assert!(error.to_string().starts_with("`gains_db."), "{error}");
    }
}
