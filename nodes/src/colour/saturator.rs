//! Adds harmonics: warmth, density, or grit.
//!
//! One reaches for it to make a bass audible on small speakers, to thicken a vocal or a whole mix by a touch of `Tanh`, or
//! to give a band of a multiband graph an edge. `drive_db` says how far the signal goes into the curve. `bias` moves it
//! off the curve's middle, which makes even harmonics. With `pre_tilt_db_oct` below 0 and `post_tilt_db_oct` as far above
//! it is the lows that saturate; the other way round the highs, as on tape.
//!
//! `match_loudness` turns down what the drive turns up: by one figure that follows from the curve alone, so that dense
//! music of −18 dBFS keeps its level, whatever is actually played. The curve works at eight times the rate; the dry part
//! of a `mix` goes through the same filters, so that nothing cancels.

use super::Oversampling;
use crate::automation::{CHUNK, Factor, curve};
use deadwax_dsp::automation::Curve as Automation;
use deadwax_dsp::delay::Line;
use deadwax_dsp::equalizer::Prototype;
use deadwax_dsp::math::{db_to_gain, gain_to_db};
use deadwax_dsp::oversampler::Oversampler;
use deadwax_dsp::saturator::{Curve, tilt};
use deadwax_dsp::svf::{Cascade, Section, Unstable, decay_frames};
use deadwax_node::{About, Auto, Buffer, Family, Io, Node, NodeError, Prepared, Setup, Stream, Tail, params};

/// Parameters of `Saturator`.
#[params]
pub struct Saturator {
    #[param(help = "how it bends")]
    pub curve: SaturatorCurve,
    #[param(default = Auto::Fixed(6.0), range = 0.0..=36.0, help = "how far the signal goes into the curve")]
    pub drive_db: Auto,
    #[param(default = 0.0, range = -1.0..=1.0, help = "how far off the middle of the curve: even harmonics")]
    pub bias: f64,
    #[param(default = 1.0, range = 0.0..=1.0, help = "how much of the result is saturated; 0 leaves it dry")]
    pub mix: f64,
    #[param(default = 0.0, range = -6.0..=6.0, help = "a tilt about 1 kHz before the curve")]
    pub pre_tilt_db_oct: f64,
    #[param(default = 0.0, range = -6.0..=6.0, help = "a tilt about 1 kHz behind the curve")]
    pub post_tilt_db_oct: f64,
    #[param(default = true, help = "whether the level of dense music is kept")]
    pub match_loudness: bool,
    #[param(help = "the rate at which it is done")]
    pub oversampling: Oversampling,
    #[param(default = true, help = "whether what lies below hearing is taken out behind the curve")]
    pub dc_block: bool,
}

/// How it bends.
#[params]
pub enum SaturatorCurve {
    /// the hyperbolic tangent: odd harmonics
    #[default]
    Tanh,
    /// one side bends before the other: even and odd harmonics
    Tube,
    /// a logarithm on both sides: bends early, is never flat
    Diode,
    /// third and fifth harmonic alone, until driven beyond
    Poly,
}

/// Where the high-pass against direct current lies.
const DC_BLOCK_HZ: f64 = 2.0;
/// How far a tail has fallen when it counts as over.
const TAIL_DBFS: f64 = -200.0;
/// What a tail falls from at the most.
const LOUDEST_DB: f64 = 80.0;

impl Saturator {
    fn curve(&self) -> Curve {
        match self.curve {
            SaturatorCurve::Tanh => Curve::Tanh,
            SaturatorCurve::Tube => Curve::Tube,
            SaturatorCurve::Diode => Curve::Diode,
            SaturatorCurve::Poly => Curve::Poly,
        }
    }

    /// The filters behind the curve.
    fn behind(&self, rate_hz: f64) -> Result<Vec<Section>, Unstable> {
        let mut sections = tilt(self.post_tilt_db_oct, rate_hz)?;
        if self.dc_block {
            sections.push(Prototype::high_pass_1(DC_BLOCK_HZ).bilinear(rate_hz)?);
        }
        Ok(sections)
    }

    /// The gain behind the curve for every drive there may be.
    fn makeup(&self) -> Makeup {
        if !self.match_loudness {
            return Makeup { step_db: 1.0, from_db: 0.0, levels_db: vec![0.0] };
        }
        let level_db = |drive_db: f64| gain_to_db(self.curve().makeup(db_to_gain(drive_db), self.bias));
        match self.drive_db.fixed() {
            Some(drive_db) => Makeup { step_db: 1.0, from_db: 0.0, levels_db: vec![level_db(drive_db)] },
            None => {
                let levels_db = (0..=72).map(|step| level_db(0.5 * f64::from(step))).collect();
                Makeup { step_db: 0.5, from_db: 0.0, levels_db }
            }
        }
    }
}

impl Node for Saturator {
    const ABOUT: About = About {
        kind: "Saturator",
        family: Family::Colour,
        summary: "Adds harmonics: warmth, density, or grit.",
        since: "0.2",
        algorithm: 1,
        example: "Saturator(curve: Tube, drive_db: 9, mix: 0.6)",
    };

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let (rate_hz, channels) = (f64::from(setup.main().rate_hz), setup.main().channels());
        let unstable = |error| NodeError::failed("the filters cannot be made at this rate", error);
        let before = tilt(self.pre_tilt_db_oct, rate_hz).map_err(unstable)?;
        let behind = self.behind(rate_hz).map_err(unstable)?;
        let oversampler = Oversampler::new(self.oversampling.factor(), 0, channels);
        let latency = oversampler.latency();
        let ringing = [&before[..], &behind[..]].concat();
        let frames = decay_frames(&ringing, LOUDEST_DB - TAIL_DBFS) + oversampler.tail() as u64;
        let tail = if ringing.is_empty() || self.mix == 0.0 {
            Tail::Frames(oversampler.tail() as u64)
        } else {
            Tail::UntilBelow { dbfs: TAIL_DBFS, max_frames: frames }
        };
        let blended = self.mix > 0.0 && self.mix < 1.0;
        let saturate = Saturate {
            curve: self.curve(),
            bias: self.bias,
            mix: self.mix,
            drive: Factor::new(&self.drive_db, rate_hz),
            drive_db: curve(&self.drive_db, rate_hz),
            makeup: self.makeup(),
            before: Cascade::new(&before, channels),
            behind: Cascade::new(&behind, channels),
            dry: blended.then(|| (oversampler.clone(), Buffer::new(channels, CHUNK))),
            lines: vec![Line::new(latency); if self.mix == 0.0 { channels } else { 0 }],
            oversampler,
            latency: latency as u64,
        };
        let each = 20.0 + 18.0 * self.oversampling.factor().times() as f64;
        let cost_ns = channels as f64 * if blended { 1.4 * each } else { each };
        Ok(Prepared::stream(saturate, cost_ns).with_latency(latency as u64).with_tail(tail))
    }

    fn neutral() -> Option<Self> {
        Some(Self { mix: 0.0, ..Self::default() })
    }
}

/// The gain behind the curve, in dB, by the drive.
struct Makeup {
    from_db: f64,
    step_db: f64,
    levels_db: Vec<f64>,
}

impl Makeup {
    fn gain(&self, drive_db: f64) -> f64 {
        let last = self.levels_db.len() - 1;
        let at = ((drive_db - self.from_db) / self.step_db).clamp(0.0, last as f64);
        let index = (at as usize).min(last.saturating_sub(1));
        let part = at - index as f64;
        let (low, high) = (self.levels_db[index], self.levels_db[last.min(index + 1)]);
        db_to_gain(low + part * (high - low))
    }
}

/// Filters, drive, curve, makeup, filters, mix.
struct Saturate {
    curve: Curve,
    bias: f64,
    mix: f64,
    drive: Factor,
    drive_db: Automation,
    makeup: Makeup,
    before: Cascade,
    behind: Cascade,
    oversampler: Oversampler,
    /// The dry signal's own way up and down, where there is a mix.
    dry: Option<(Oversampler, Buffer)>,
    /// The delay, where there is nothing but dry signal.
    lines: Vec<Line>,
    latency: u64,
}

impl Saturate {
    /// Up to [`CHUNK`] frames from `start` on.
    fn chunk(&mut self, start: u64, mut part: deadwax_node::BlockMut<'_>) {
        if let Some((oversampler, memory)) = &mut self.dry {
            let mut dry = memory.block_mut(part.frames());
            dry.copy_from(part.as_block());
            for (index, channel) in dry.iter_mut().enumerate() {
                oversampler.process(index, channel, |_| {});
            }
        }
        self.before.process_all(part.iter_mut());
        self.drive.scale(start, part.reborrow());
        let (curve, bias) = (self.curve, self.bias);
        for (index, channel) in part.iter_mut().enumerate() {
            self.oversampler.process(index, channel, |high| curve.apply(bias, high));
        }
        self.make_up(start, part.reborrow());
        self.behind.process_all(part.iter_mut());
        if let Some((_, memory)) = &self.dry {
            let dry = memory.block(part.frames());
            for (wet, dry) in part.iter_mut().zip(dry.iter()) {
                for (wet, dry) in wet.iter_mut().zip(dry) {
                    *wet = self.mix * *wet + (1.0 - self.mix) * dry;
                }
            }
        }
    }

    /// The gain that belongs to the drive that the frames behind the curve had.
    fn make_up(&self, start: u64, mut part: deadwax_node::BlockMut<'_>) {
        let mut gains = [0.0; CHUNK];
        let gains = &mut gains[..part.frames()];
        if let Some(drive_db) = self.drive_db.as_fixed() {
            gains.fill(self.makeup.gain(drive_db));
        } else {
            for (frame, gain) in gains.iter_mut().enumerate() {
                let at = (start + frame as u64).saturating_sub(self.latency);
                *gain = self.makeup.gain(self.drive_db.at(at as f64));
            }
        }
        for channel in part.iter_mut() {
            channel.iter_mut().zip(gains.iter()).for_each(|(x, gain)| *x *= gain);
        }
    }
}

impl Stream for Saturate {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let start = io.start();
        let mut main = io.main();
        if !self.lines.is_empty() {
            main.iter_mut().zip(&mut self.lines).for_each(|(channel, line)| line.process(channel));
            return Ok(());
        }
        main.each_part(CHUNK, |begin, part| self.chunk(start + begin as u64, part));
        Ok(())
    }

    fn reset(&mut self) {
        self.before.reset();
        self.behind.reset();
        self.oversampler.reset();
        self.lines.iter_mut().for_each(Line::reset);
        if let Some((oversampler, _)) = &mut self.dry {
            oversampler.reset();
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests;
