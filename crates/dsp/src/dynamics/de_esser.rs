//! A de-esser: turns sibilants down, by how far they stick out of everything else.
//!
//! The level that rules is the share of a band in the whole, both as mean powers over some milliseconds: an ess is one
//! because it is nearly all treble, however loud the voice. What is turned down is the band (split off by a linear-phase
//! filter whose complement is the delayed signal itself), all from the band up (a shelf made of the signal and a
//! high-pass of it), or everything. In each way a gain of one leaves the delayed signal, to the bit.

use super::{CHUNK, Curve, Delay, Detector, Dynamics, Law, Settings, Sliding, Sum, Tally};
use crate::convolver::Convolver;
use crate::equalizer::{Band, DesignError, Prototype, Shape};
use crate::fft::Kind;
use crate::math::{bessel_i0, pow, sin};
use crate::svf::{Cascade, Section};
use std::f64::consts::{PI, SQRT_2};

/// What is turned down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeEsserMode {
    /// The band.
    Split,
    /// Everything.
    Wide,
    /// Everything above the band's lower edge, more so the higher.
    Shelf,
}

/// How a de-esser is set. Times in seconds, levels in dB.
#[derive(Clone, Debug, PartialEq)]
pub struct DeEss {
    /// The middle of the band, in Hz.
    pub freq_hz: f64,
    /// Its width, in octaves.
    pub width_oct: f64,
    /// What is turned down.
    pub mode: DeEsserMode,
    /// The share of the band in the whole above which the gain goes down, dB for dB.
    pub threshold_db: f64,
    /// The most it goes down.
    pub range_db: f64,
    /// A band softer than this is left alone.
    pub floor_db: f64,
    /// Attack, release, look-ahead, link and mix; the rest is the de-esser's own.
    pub times: Settings,
}

/// The powers are means over so long.
const WINDOW_S: f64 = 0.004;
/// The bend at the threshold, in dB.
const KNEE_DB: f64 = 4.0;
/// What lies below stays as it is when the band is split off …
const UNTOUCHED_HZ: f64 = 2000.0;
/// … because the filter goes from nothing to all within this, around each edge, …
const TRANSITION_HZ: f64 = 500.0;
/// … and leaves so little of the rest.
const STOP_DB: f64 = 80.0;
/// An upper edge beyond this part of the rate is none.
const TOP_OF_RATE: f64 = 0.45;

/// What rings this far below full scale, filters set to zero.
const GONE_DB: f64 = 1400.0;

/// What one key channel is heard with.
#[derive(Clone, Debug)]
struct Share {
    band_power: Sliding<Sum>,
    power: Sliding<Sum>,
    /// The band's power, summed over the window, below which there is nothing to hear.
    floor: f64,
    late: Delay,
    /// What was heard of the chunk.
    heard: Vec<f64>,
}

impl Share {
    /// Replaces the band's samples by the share of the band's level in all that was heard, from 0 to about 1.
    fn run(&mut self, band: &mut [f64]) {
        let heard = &mut self.heard[..band.len()];
        for x in band.iter_mut().chain(heard.iter_mut()) {
            *x *= *x;
        }
        self.band_power.run(band);
        self.power.run(heard);
        for (band, power) in band.iter_mut().zip(heard) {
            *band = if *band > self.floor { (*band / *power).sqrt() } else { 0.0 };
        }
    }

    fn reset(&mut self) {
        self.band_power.reset();
        self.power.reset();
        self.late.reset();
    }
}

/// Where what is turned down comes from.
#[derive(Clone, Debug)]
enum Part {
    Band(Convolver),
    /// A high-pass and a band-pass with the same poles.
    Shelf([Cascade; 2]),
    All,
}

/// A de-esser for some channels, keyed by as many or by others; used as [`Dynamics`] are.
#[derive(Clone, Debug)]
pub struct DeEsser {
    latency: usize,
    tail: usize,
    /// What is left of each key in the band.
    band: Cascade,
    bands: Vec<Vec<f64>>,
    shares: Vec<Share>,
    gain: Dynamics,
    part: Part,
    /// What the part has to wait for beyond its own delay, and what the signal has to wait.
    ahead: Vec<Delay>,
    delays: Vec<Delay>,
    parts: Vec<Vec<f64>>,
    /// What the band-pass of a shelf leaves.
    middles: Vec<Vec<f64>>,
}

impl DeEsser {
    /// At rest.
    ///
    /// # Errors
    /// When the band does not work at this rate.
    pub fn new(
        set: &DeEss,
        rate_hz: f64,
        channels: usize,
        keys: usize,
        kind: Kind,
    ) -> Result<Self, DesignError> {
        let [low_hz, high_hz] = [-0.5, 0.5].map(|side| set.freq_hz * pow(2.0, side * set.width_oct));
        let high_hz = (high_hz < TOP_OF_RATE * rate_hz).then_some(high_hz);
        let law = Law::Compress(Curve::compressor(set.threshold_db, f64::INFINITY, KNEE_DB, set.range_db));
        let settings = Settings { law, detector: Detector::Given, ..set.times.clone() };
        let gain = Dynamics::new(&settings, rate_hz, channels, keys);
        let lookahead = gain.latency();
        let (part, delay, tail) = match set.mode {
            DeEsserMode::Split => {
                let taps = band_kernel(low_hz, high_hz, rate_hz);
                let convolver = Convolver::new(&taps, channels, kind);
                let (delay, tail) = (convolver.latency() + taps.len() / 2, convolver.tail());
                (Part::Band(convolver), delay, tail)
            }
            DeEsserMode::Shelf => {
                let [high, band] = [Prototype::high_pass, Prototype::band_pass]
                    .map(|make| make(low_hz, 1.0 / SQRT_2).bilinear(rate_hz));
                let (high, band) = (high?, band?);
                let tail = high.decay_frames(GONE_DB) as usize;
                (Part::Shelf([high, band].map(|section| Cascade::new(&[section], channels))), 0, tail)
            }
            DeEsserMode::Wide => (Part::All, 0, 0),
        };
        let latency = lookahead.max(delay);
        let window = ((WINDOW_S * rate_hz) as usize).max(1);
        let share = Share {
            band_power: Sliding::new(window),
            power: Sliding::new(window),
            floor: window as f64 * pow(10.0, set.floor_db / 10.0),
            late: Delay::new(latency - lookahead),
            heard: vec![0.0; CHUNK],
        };
        Ok(Self {
            band: Cascade::new(&band_sections(low_hz, high_hz, rate_hz)?, keys),
            bands: vec![vec![0.0; CHUNK]; keys],
            latency,
            tail,
            shares: vec![share; keys],
            gain: gain.heard_late(latency - lookahead, rate_hz),
            part,
            ahead: vec![Delay::new(latency - delay); channels],
            delays: vec![Delay::new(latency); channels],
            parts: vec![vec![0.0; CHUNK]; channels],
            middles: vec![vec![0.0; CHUNK]; channels],
        })
    }

    /// By how many frames the output is late.
    #[must_use]
    pub fn latency(&self) -> usize {
        self.latency
    }

    /// For how many frames after silence, the latency not counted, the output is not exactly zero yet.
    #[must_use]
    pub fn tail(&self) -> usize {
        self.tail
    }

    /// What the gain did.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        self.gain.tally()
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        self.band.reset();
        self.shares.iter_mut().for_each(Share::reset);
        self.gain.reset();
        match &mut self.part {
            Part::Band(convolver) => convolver.reset(),
            Part::Shelf(passes) => passes.iter_mut().for_each(Cascade::reset),
            Part::All => {}
        }
        self.ahead.iter_mut().chain(&mut self.delays).for_each(Delay::reset);
    }

    /// Hears the next frames, at most [`CHUNK`], of key channel `key`.
    ///
    /// # Panics
    /// When there is no such channel, or the block is too long.
    pub fn hear(&mut self, key: usize, block: &[f64]) {
        let share = &mut self.shares[key];
        let heard = &mut share.heard[..block.len()];
        heard.copy_from_slice(block);
        share.late.run(heard);
    }

    /// Works out the gains of the `frames` frames that were heard.
    ///
    /// # Panics
    /// When there are more than [`CHUNK`].
    pub fn follow(&mut self, frames: usize) {
        for (band, share) in self.bands.iter_mut().zip(&self.shares) {
            band[..frames].copy_from_slice(&share.heard[..frames]);
        }
        self.band.process_all(self.bands.iter_mut().map(|band| &mut band[..frames]));
        for (key, (share, band)) in self.shares.iter_mut().zip(&mut self.bands).enumerate() {
            share.run(&mut band[..frames]);
            self.gain.hear(key, &band[..frames]);
        }
        self.gain.follow(frames);
    }

    /// Takes the next frames of `channel`, and delays them.
    ///
    /// # Panics
    /// When there is no such channel, or the block is too long.
    pub fn take(&mut self, channel: usize, block: &mut [f64]) {
        let part = &mut self.parts[channel][..block.len()];
        part.copy_from_slice(block);
        self.ahead[channel].run(part);
        self.delays[channel].run(block);
    }

    /// Works out what is to be turned down, of the `frames` frames that every channel has given.
    ///
    /// # Panics
    /// When there are more than [`CHUNK`].
    pub fn split(&mut self, frames: usize) {
        match &mut self.part {
            Part::Band(convolver) => {
                convolver.process_all(self.parts.iter_mut().map(|part| &mut part[..frames]));
            }
            Part::Shelf([high, band]) => {
                for (middle, part) in self.middles.iter_mut().zip(&self.parts) {
                    middle[..frames].copy_from_slice(&part[..frames]);
                }
                high.process_all(self.parts.iter_mut().map(|part| &mut part[..frames]));
                band.process_all(self.middles.iter_mut().map(|middle| &mut middle[..frames]));
            }
            Part::All => {}
        }
    }

    /// Turns it down in the delayed frames of `channel`.
    ///
    /// # Panics
    /// When there is no such channel, or the block is too long.
    pub fn apply(&mut self, channel: usize, block: &mut [f64]) {
        let part = &self.parts[channel][..block.len()];
        let gains = self.gain.gains(channel);
        for ((x, part), gain) in block.iter_mut().zip(part).zip(gains) {
            *x += (gain - 1.0) * part;
        }
        if let Part::Shelf(_) = self.part {
            // (g s² + k √g s + 1) / (s² + k s + 1): a shelf with fixed poles, half of its gain about the corner.
            for ((x, middle), gain) in block.iter_mut().zip(&self.middles[channel]).zip(gains) {
                *x += (gain.sqrt() - 1.0) * middle;
            }
        }
    }

    /// All steps for channels that key themselves, of any length.
    ///
    /// # Panics
    /// When there are not as many channels as keys, or they differ in length.
    pub fn process(&mut self, channels: &mut [&mut [f64]]) {
        let frames = channels.first().map_or(0, |channel| channel.len());
        for begin in (0..frames).step_by(CHUNK) {
            let range = begin..frames.min(begin + CHUNK);
            for (index, channel) in channels.iter_mut().enumerate() {
                self.hear(index, &channel[range.clone()]);
                self.take(index, &mut channel[range.clone()]);
            }
            self.follow(range.len());
            self.split(range.len());
            for (index, channel) in channels.iter_mut().enumerate() {
                self.apply(index, &mut channel[range.clone()]);
            }
        }
    }
}

/// What the detector takes for the band: steep passes, 24 dB per octave.
fn band_sections(low_hz: f64, high_hz: Option<f64>, rate_hz: f64) -> Result<Vec<Section>, DesignError> {
    let (slope_db_oct, shape) = (24, Shape::Butterworth);
    let mut sections = Band::HighPass { freq_hz: low_hz, slope_db_oct, shape }.design(rate_hz)?;
    if let Some(freq_hz) = high_hz {
        sections.extend(Band::LowPass { freq_hz, slope_db_oct, shape }.design(rate_hz)?);
    }
    Ok(sections)
}

/// A linear-phase band-pass (without an upper edge a high-pass) that leaves nothing below [`UNTOUCHED_HZ`]: a sinc under
/// a window of Kaiser's (1974), an odd number of taps.
fn band_kernel(low_hz: f64, high_hz: Option<f64>, rate_hz: f64) -> Vec<f64> {
    let low_hz = low_hz.max(UNTOUCHED_HZ + 0.5 * TRANSITION_HZ);
    let high_hz = high_hz.map(|hz| hz.max(low_hz + TRANSITION_HZ));
    let half = ((STOP_DB - 7.95) / (2.285 * 2.0 * PI * TRANSITION_HZ) * rate_hz / 2.0 + 1.0) as i32;
    let beta = 0.1102 * (STOP_DB - 8.7);
    let low_pass = |hz: f64, at: f64| {
        let turns = 2.0 * hz / rate_hz;
        if at == 0.0 { turns } else { sin(PI * turns * at) / (PI * at) }
    };
    let tap = |n: i32| {
        let at = f64::from(n);
        let all = high_hz.map_or(f64::from(u8::from(n == 0)), |hz| low_pass(hz, at));
        let inside = 1.0 - (at / (f64::from(half) + 1.0)) * (at / (f64::from(half) + 1.0));
        (all - low_pass(low_hz, at)) * bessel_i0(beta * inside.sqrt()) / bessel_i0(beta)
    };
    (-half..=half).map(tap).collect()
}
