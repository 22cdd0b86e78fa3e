//! What the samples themselves tell: runs that were clipped, how many bits are used, how loud the quietest moments are.

use crate::lanes::energy;
use deadwax_dsp::math::power_to_db;
use serde::Serialize;

/// A run of so many samples at the same height, above [`LOUD`], was clipped.
const LEAST_RUN: u64 = 3;
/// Below −6 dB of full scale nothing counts as clipped: low tones are that flat by themselves.
const LOUD: f64 = 0.5;
/// Samples of one height differ by no more than this: a quarter of a step of 16 bit.
const SAME: f64 = 1.0 / 131_072.0;

/// Runs of samples that were cut off at one height.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ClipRuns {
    /// How many there are.
    pub runs: u64,
    /// The longest, in samples.
    pub longest: u64,
    /// The samples in all of them.
    pub samples: u64,
}

/// Looks at the samples of one channel. Any cutting into blocks gives the same result.
#[derive(Clone, Debug, Default)]
pub struct SampleMeter {
    clipped: ClipRuns,
    last: f64,
    run: u64,
    /// Which of the lowest 32 bits of any sample were set, as integers of 32 bit; and whether one was no such integer.
    bits: u32,
    fine: bool,
}

/// Full scale, as an integer of 32 bit.
const FULL: f64 = 2_147_483_648.0;

impl SampleMeter {
    /// Nothing seen.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sees the next samples.
    pub fn push(&mut self, samples: &[f64]) {
        for &sample in samples {
            let flat = sample.abs() > LOUD && (sample - self.last).abs() <= SAME;
            if flat {
                self.run += 1;
            } else {
                self.end_run();
                self.run = 1;
            }
            self.last = sample;
        }
        for &sample in samples {
            let scaled = sample * FULL;
            let whole = scaled as i64;
            self.fine |= whole as f64 != scaled;
            self.bits |= whole as u32;
        }
    }

    fn end_run(&mut self) {
        if self.run >= LEAST_RUN {
            self.clipped.runs += 1;
            self.clipped.longest = self.clipped.longest.max(self.run);
            self.clipped.samples += self.run;
        }
    }

    /// The clipped runs so far.
    #[must_use]
    pub fn clipped(&self) -> ClipRuns {
        let mut whole = self.clone();
        whole.end_run();
        whole.clipped
    }

    /// How many bits the samples use: 16 for a 16 bit file, 0 for silence. `None` when they are finer than 32 bit.
    #[must_use]
    pub fn used_bits(&self) -> Option<u32> {
        (!self.fine).then(|| if self.bits == 0 { 0 } else { 32 - self.bits.trailing_zeros() })
    }
}

/// Windows for the noise floor are this long, in seconds.
const WINDOW_S: f64 = 0.1;
/// The floor is the level that so many of all windows do not exceed.
const QUIETEST: f64 = 0.05;
/// Levels are counted in steps of this, in dB, from −200 dB up.
const STEP_DB: f64 = 0.1;
const LOWEST_DB: f64 = -200.0;
const STEPS: usize = 2200;

/// How loud the quietest moments are: the hiss and hum that lie below the music.
#[derive(Clone, Debug)]
pub struct FloorMeter {
    window: usize,
    channels: usize,
    held: Vec<f64>,
    /// How many windows had which level.
    counts: Vec<u32>,
    silent: u64,
    windows: u64,
}

impl FloorMeter {
    /// Nothing heard, of `channels` channels at `rate_hz`.
    #[must_use]
    pub fn new(rate_hz: u32, channels: usize) -> Self {
        let window = ((f64::from(rate_hz) * WINDOW_S) as usize).max(1);
        let held = Vec::with_capacity(window * channels);
        Self { window, channels, held, counts: vec![0; STEPS], silent: 0, windows: 0 }
    }

    /// Hears the next frames: a slice per channel, all of the same length.
    pub fn push(&mut self, block: &[&[f64]]) {
        let frames = block.first().map_or(0, |channel| channel.len());
        for at in 0..frames {
            self.held.extend(block.iter().map(|channel| channel[at]));
            if self.held.len() == self.window * self.channels {
                self.look();
                self.held.clear();
            }
        }
    }

    fn look(&mut self) {
        self.windows += 1;
        let power = 2.0 * energy(&self.held) / self.held.len() as f64;
        if power == 0.0 {
            self.silent += 1;
            return;
        }
        let step = ((power_to_db(power) - LOWEST_DB) / STEP_DB).clamp(0.0, (STEPS - 1) as f64);
        self.counts[step as usize] += 1;
    }

    /// The level, in dB below that of a full-scale sine, that the quietest twentieth of all 100 ms stays below. Digital
    /// silence does not count. `None` when there is nothing else.
    #[must_use]
    pub fn floor_dbfs(&self) -> Option<f64> {
        let heard = self.windows - self.silent;
        let wanted = ((heard as f64 * QUIETEST) as u64).max(1);
        let mut seen = 0;
        let step = self.counts.iter().position(|count| {
            seen += u64::from(*count);
            seen >= wanted
        });
        step.map(|step| LOWEST_DB + (step + 1) as f64 * STEP_DB)
    }

    /// How much of the programme is digital silence, 0 to 1.
    #[must_use]
    pub fn silent_share(&self) -> f64 {
        if self.windows == 0 { 0.0 } else { self.silent as f64 / self.windows as f64 }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_dsp::noise::Noise;

    #[test]
    fn clipped_runs_are_counted_across_blocks_and_a_sine_has_none() {
        let sine: Vec<f64> =
            (0..48_000).map(|n| (std::f64::consts::TAU * 997.0 / 48_000.0 * f64::from(n)).sin()).collect();
        let mut clean = SampleMeter::new();
        clean.push(&sine);
        assert_eq!(clean.clipped(), ClipRuns::default());
        let clipped: Vec<f64> = sine.iter().map(|x| (2.0 * x).clamp(-0.9, 0.9)).collect();
        let (mut whole, mut cut) = (SampleMeter::new(), SampleMeter::new());
        whole.push(&clipped);
        clipped.chunks(7).for_each(|chunk| cut.push(chunk));
        // Two in each of the 997 periods; one may be cut in two by nothing.
        assert_eq!(whole.clipped(), cut.clipped());
        assert_eq!(whole.clipped().runs, 1994);
        assert!(whole.clipped().longest <= 18 && whole.clipped().longest >= 16);
    }

    #[test]
    fn bits_are_those_of_the_file() {
        for bits in [1, 8, 16, 20, 24, 32] {
            let full = f64::from(2_u32.pow(bits - 1));
            let mut meter = SampleMeter::new();
            let samples: Vec<f64> =
                (0..5000).map(|n| (Noise::new(1, 0).uniform(n) * full).floor() / full).collect();
            meter.push(&samples);
            assert_eq!(meter.used_bits(), Some(bits), "{bits}");
        }
        let mut float = SampleMeter::new();
        float.push(&[0.1, 1e-12]);
        assert_eq!(float.used_bits(), None);
        assert_eq!(SampleMeter::new().used_bits(), Some(0));
    }

    #[test]
    fn the_floor_is_the_noise_below_the_music() {
        let rate = 48_000;
        let noise = Noise::new(3, 0);
        // One second of four is only noise, at −60 dB of a sine's power; the rest has a tone over it, and some is silent.
        let signal: Vec<f64> = (0..rate * 20)
            .map(|n| {
                let hiss = noise.uniform(n as u64) * 1e-3 * 1.5_f64.sqrt();
                let tone = 0.3 * (std::f64::consts::TAU * 440.0 / f64::from(rate) * f64::from(n)).sin();
                match n / rate % 4 {
                    0 => hiss,
                    3 => 0.0,
                    _ => hiss + tone,
                }
            })
            .collect();
        let mut meter = FloorMeter::new(rate as u32, 2);
        for chunk in signal.chunks(1000) {
            meter.push(&[chunk, chunk]);
        }
        let floor = meter.floor_dbfs().unwrap();
        assert!((floor + 60.0).abs() < 0.4, "{floor}");
        assert_eq!(meter.silent_share(), 0.25);
    }
}
