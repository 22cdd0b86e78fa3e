//! The standard curves of records, tapes and early compact discs.
//!
//! One reaches for it when a record or tape was played without the equalizer that belongs to it (`Decode`), when a disc
//! was read with its emphasis still on, or to prepare a signal for such a chain (`Encode`). Encoding and decoding undo each
//! other exactly. The tape curves are those between a play head's signal and a flat one, as a tape preamplifier has them:
//! the head itself already reads highs louder. All curves are 0 dB at 1 kHz, but for that of compact discs, which is 0 dB
//! at the bottom. No latency.

use super::phase;
use deadwax_dsp::emphasis;
use deadwax_node::{About, Family, Node, NodeError, Prepared, Setup, params};

/// Parameters of `Emphasis`.
#[params]
pub struct Emphasis {
    #[param(help = "which standard")]
    pub curve: EmphasisCurve,
    #[param(help = "whether the curve is put on or taken off")]
    pub mode: EmphasisMode,
}

/// Which standard.
#[params]
pub enum EmphasisCurve {
    /// vinyl records (3180, 318 and 75 µs)
    #[default]
    Riaa,
    /// compact discs with emphasis (50 and 15 µs)
    Cd,
    /// open reels at 19 cm/s, 7½ in/s (3180 and 50 µs)
    Nab19,
    /// open reels at 38 cm/s, 15 in/s (3180 and 50 µs)
    Nab38,
    /// ferric cassettes, type I (3180 and 120 µs)
    Cassette120,
    /// chrome and metal cassettes, types II and IV (3180 and 70 µs)
    Cassette70,
}

/// Whether the curve is put on or taken off.
#[params]
pub enum EmphasisMode {
    /// as the player does: what was recorded with the curve becomes flat
    #[default]
    Decode,
    /// as the recorder does
    Encode,
}

impl EmphasisCurve {
    fn emphasis(self) -> emphasis::Emphasis {
        match self {
            Self::Riaa => emphasis::Emphasis::Riaa,
            Self::Cd => emphasis::Emphasis::Cd,
            Self::Nab19 => emphasis::Emphasis::Nab19,
            Self::Nab38 => emphasis::Emphasis::Nab38,
            Self::Cassette120 => emphasis::Emphasis::Cassette120,
            Self::Cassette70 => emphasis::Emphasis::Cassette70,
        }
    }
}

impl Node for Emphasis {
    const ABOUT: About = About {
        kind: "Emphasis",
        family: Family::Tone,
        summary: "Takes the standard curve of a record, tape or compact disc off a signal, or puts it on.",
        since: "0.2",
        algorithm: 1,
        example: "Emphasis(curve: Riaa, mode: Decode)",
    };

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let (rate_hz, curve) = (setup.main().rate_hz, self.curve.emphasis());
        let sections = match self.mode {
            EmphasisMode::Decode => curve.decode(f64::from(rate_hz)),
            EmphasisMode::Encode => curve.encode(f64::from(rate_hz)),
        };
        let sections =
            sections.map_err(|error| NodeError::SampleRate { rate_hz, reason: error.to_string() })?;
        Ok(phase::of_sections(sections, setup))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deadwax_node::conformance::Rig;
    use deadwax_node::{Format, Layout};

    /// Spec 3.1: encode, then decode: ≤ −250 dBFS. 3.2e-13 of full scale.
    #[test]
    fn a_record_cut_and_played_is_the_signal_again() {
        let noise: Vec<f64> = (0..20_000).map(|n| f64::from(n * 7919 % 1009) / 1009.0 - 0.5).collect();
        for rate_hz in [44_100, 48_000, 88_200, 96_000, 192_000] {
            for curve in [EmphasisCurve::Riaa, EmphasisCurve::Cassette70] {
                let mut wire = vec![noise.clone()];
                for mode in [EmphasisMode::Encode, EmphasisMode::Decode] {
                    let node = Emphasis { curve, mode };
                    let mut rig = Rig::new(&node, Format::new(rate_hz, Layout::Mono), false).unwrap();
                    wire = rig.run(&[wire], &[20_000]).unwrap().remove(0);
                }
                let worst = wire[0].iter().zip(&noise).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                assert!(worst <= 3.1e-13, "{curve:?} at {rate_hz} Hz: {worst:e}");
            }
        }
    }
}
