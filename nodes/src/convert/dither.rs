//! Shortens words to those of the delivery, without distortion.
//!
//! The last node before a 16-bit output (24 bits hold more than any room, but the same holds there). Rounding alone
//! follows the music: fades turn to grit, reverb tails to gating. Triangular dither of ±1 LSB makes of that a steady hiss
//! at −93.3 dBFS (at 16 bits); noise shaping moves the hiss to where the ear hears it least, at the price of more of
//! it altogether. What comes out are whole steps of the word length, so a file of as many bits holds them exactly.
//!
//! Use it once, and last: a gain behind it, or a second one, undoes it, and the graph says so (DW0212). The noise depends
//! on the graph's seed, the channel and the frame alone, and is the same in every run.
//!
//! What already is words of that length needs no dither. With `if_exact: Pass` the whole programme is looked at first; if
//! it fits as it is, from the first sample to the last, it passes untouched. That costs a pass over everything before.

use deadwax_dsp::dither::{self as kernel, Quantizer, Settings, Shape, are_words};
use deadwax_node::{
    About, Analyze, Block, Body, Family, Io, Node, NodeError, Prepared, Report, Setup, Stream, Tail, Whole,
    params,
};
use serde::Serialize;

/// Parameters of `Dither`.
#[params]
pub struct Dither {
    #[param(default = 16, range = 8..=24, help = "the length of a word")]
    pub bits: u32,
    #[param(help = "where the noise goes")]
    pub shape: DitherShape,
    #[param(help = "what is added before rounding")]
    pub dither: DitherNoise,
    #[param(default = None, range = 1..=10_000_000, help = "after so many silent frames a channel becomes exactly silent")]
    pub auto_blank_frames: Option<u32>,
    #[param(help = "what to do with a programme that fits as it is")]
    pub if_exact: DitherIfExact,
}

/// What to do with a programme whose samples all fit the word.
#[params]
pub enum DitherIfExact {
    /// the same as with any other
    #[default]
    Dither,
    /// let it pass untouched; looks at the whole programme first
    Pass,
}

/// Where the noise goes.
#[params]
pub enum DitherShape {
    /// nowhere: even hiss, the safe choice when others will work on the file
    #[default]
    None,
    /// a little out of the middle: 6 dB less to hear
    Mild,
    /// 9 dB less to hear by ITU-R 468
    Balanced,
    /// as little as can be heard at the threshold of hearing; much more above 16 kHz
    Deep,
}

/// What is added before rounding.
#[params]
pub enum DitherNoise {
    /// triangular noise of one step up and down: no distortion, steady hiss
    #[default]
    Tpdf,
    /// uniform noise of half a step up and down: less hiss, which comes and goes with the sound
    Rpdf,
    /// triangular noise, less of it below and more above
    HpTpdf,
    /// the noise of an analog source: a little more of it
    Gaussian,
    /// nothing: exact for words that already fit, distortion for all else
    None,
}

/// What a dither did.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct DitherReport {
    /// How many samples were beyond full scale and came out as the largest word.
    pub clipped_samples: u64,
    /// Whether the programme fitted as it was, and passed untouched.
    pub passed: bool,
}

impl Node for Dither {
    const ABOUT: About = About {
        kind: "Dither",
        family: Family::Convert,
        summary: "Shortens words to 16 bits or so, with a steady hiss instead of distortion.",
        since: "0.1",
        algorithm: 1,
        example: "Dither(bits: 16)",
    };
    const ADDS_NOISE: bool = true;
    const QUANTIZES: bool = true;

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let format = setup.main();
        let settings = Settings {
            bits: self.bits,
            dither: match self.dither {
                DitherNoise::Rpdf => kernel::Dither::Rectangular,
                DitherNoise::Tpdf => kernel::Dither::Triangular,
                DitherNoise::HpTpdf => kernel::Dither::HighPassTriangular,
                DitherNoise::Gaussian => kernel::Dither::Gaussian,
                DitherNoise::None => kernel::Dither::None,
            },
            shape: match self.shape {
                DitherShape::None => Shape::None,
                DitherShape::Mild => Shape::Mild,
                DitherShape::Balanced => Shape::Balanced,
                DitherShape::Deep => Shape::Deep,
            },
            rate_hz: f64::from(format.rate_hz),
            seed: setup.seed,
        };
        let quantizer = Quantizer::new(settings, format.channels());
        let quantizer = match self.auto_blank_frames {
            Some(frames) => quantizer.blanking_after(u64::from(frames)),
            None => quantizer,
        };
        let cost_ns = if self.shape == DitherShape::None { 4.0 } else { 15.0 };
        let channels = format.channels() as f64;
        let words = Words { quantizer, clipped_samples: 0 };
        if self.if_exact == DitherIfExact::Pass {
            let body = Body::Whole(Box::new(Decision { words, bits: self.bits }));
            return Ok(Prepared { body, latency: 0, tail: Tail::NONE, cost_ns: cost_ns * channels });
        }
        Ok(Prepared::stream(words, cost_ns * channels))
    }
}

/// Looks at the whole programme, then dithers it or lets it pass.
struct Decision {
    words: Words,
    bits: u32,
}

/// Whether all samples fit.
#[derive(Clone, Copy, Debug, Serialize)]
struct Exact(bool);

struct Listener {
    exact: bool,
    bits: u32,
}

impl Analyze for Listener {
    fn hear(&mut self, _: u64, block: Block<'_>) -> Result<(), NodeError> {
        self.exact = self.exact && block.iter().all(|channel| are_words(channel, self.bits));
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Report, NodeError> {
        Ok(Report::new(Exact(self.exact)))
    }
}

impl Whole for Decision {
    fn listener(&self) -> Box<dyn Analyze> {
        Box::new(Listener { exact: true, bits: self.bits })
    }

    fn stream(&mut self, heard: &Report) -> Result<Box<dyn Stream>, NodeError> {
        let Exact(exact) = *heard.get::<Exact>().ok_or(NodeError::ForeignReport)?;
        Ok(if exact { Box::new(Through) } else { Box::new(self.words.clone()) })
    }
}

/// The programme fits as it is.
struct Through;

impl Stream for Through {
    fn process(&mut self, _: &mut Io<'_>) -> Result<(), NodeError> {
        Ok(())
    }

    fn reset(&mut self) {}

    fn report(&self) -> Option<Report> {
        Some(Report::new(DitherReport { clipped_samples: 0, passed: true }))
    }
}

#[derive(Clone, Debug)]
struct Words {
    quantizer: Quantizer,
    clipped_samples: u64,
}

impl Stream for Words {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let start = io.start();
        for (index, channel) in io.main().iter_mut().enumerate() {
            self.clipped_samples += channel.iter().filter(|sample| sample.abs() > 1.0).count() as u64;
            self.quantizer.process(index, start, channel);
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.quantizer.reset();
        self.clipped_samples = 0;
    }

    fn report(&self) -> Option<Report> {
        Some(Report::new(DitherReport { clipped_samples: self.clipped_samples, passed: false }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deadwax_node::{Format, conformance::Rig};

    fn run(node: &Dither, input: &[f64]) -> Vec<Vec<f64>> {
        let programme = vec![vec![input.to_vec(), input.to_vec()]];
        let mut rig = Rig::new(node, Format::stereo(44_100), false).unwrap();
        rig.run(&programme, &[input.len()]).unwrap().remove(0)
    }

    #[test]
    fn what_comes_out_fits_the_word() {
        let input: Vec<f64> = (0..5_000).map(|n| 1.2 * (f64::from(n % 977) / 488.0 - 1.0)).collect();
        for bits in [8, 16, 20, 24] {
            for shape in [DitherShape::None, DitherShape::Balanced] {
                let output = run(&Dither { bits, shape, ..Dither::default() }, &input);
                let scale = f64::from(1_u32 << (bits - 1));
                assert!(
                    output.iter().flatten().all(|y| (y * scale).fract() == 0.0 && *y < 1.0 && *y >= -1.0)
                );
            }
        }
    }

    #[test]
    fn silence_becomes_a_hiss_at_minus_93_32_dbfs_that_channels_do_not_share() {
        let output = run(&Dither::default(), &vec![0.0; 1 << 18]);
        let power = output[0].iter().map(|y| y * y).sum::<f64>() / output[0].len() as f64;
        let level = deadwax_dsp::math::power_to_db(2.0 * power);
        assert!((level + 93.32).abs() < 0.05, "{level} dBFS");
        assert_ne!(output[0], output[1]);
    }

    #[test]
    fn words_that_fit_pass_untouched_without_dither() {
        let node = Dither { dither: DitherNoise::None, ..Dither::default() };
        let input: Vec<f64> = (-32_768..32_768).step_by(13).map(|n| f64::from(n) / 32_768.0).collect();
        assert_eq!(run(&node, &input)[1], input);
    }

    #[test]
    fn a_16_bit_programme_passes_16_bits_untouched_and_any_other_does_not() {
        let node = Dither { if_exact: DitherIfExact::Pass, ..Dither::default() };
        let input: Vec<f64> = (-32_768..32_768).step_by(13).map(|n| f64::from(n) / 32_768.0).collect();
        assert_eq!(run(&node, &input), vec![input.clone(); 2]);
        // One sample that does not fit, at the very end: the whole is dithered as it always is.
        let mut other = input;
        other.push(1.0 / 65_536.0);
        assert_eq!(run(&node, &other), run(&Dither::default(), &other));
    }
}
