//! Makes a signal that has nothing to do with another, though every frequency is as loud: all-passes with long delays.
//!
//! Schroeder, *Natural sounding artificial reverberation*, JAES 1962: y(n) = x(n − d) − g·x(n) + g·y(n − d) passes every
//! frequency at the same level and scatters its phase. A few of them, with delays that share no factor, behind a plain
//! delay (so that nothing is left of the signal at its own time).

/// The plain delay, and those of the all-passes, in milliseconds; the first ones are used.
const DELAY_MS: f64 = 1.3;
const DELAYS_MS: [f64; 8] = [3.11, 1.73, 4.67, 2.29, 5.83, 1.19, 3.79, 6.97];
/// How far each one scatters.
const GAIN: f64 = 0.6;
/// A state below this is zero.
const SILENT: f64 = 1e-60;

/// One channel of it.
#[derive(Clone, Debug)]
pub struct Diffuser {
    delay: Ring,
    stages: Vec<Ring>,
}

/// The most all-passes.
pub const MOST_STAGES: usize = DELAYS_MS.len();

/// So many samples back.
#[derive(Clone, Debug)]
struct Ring {
    memory: Vec<f64>,
    at: usize,
}

impl Ring {
    fn new(delay_ms: f64, rate_hz: f64) -> Self {
        // Odd, so that at most rates no two share many factors.
        let frames = (delay_ms * rate_hz / 1000.0) as usize | 1;
        Self { memory: vec![0.0; frames], at: 0 }
    }

    /// Hands over stretches of a block with what was stored as many frames ago.
    fn each(&mut self, mut block: &mut [f64], mut work: impl FnMut(&mut [f64], &mut [f64])) {
        while !block.is_empty() {
            let count = block.len().min(self.memory.len() - self.at);
            let (now, later) = block.split_at_mut(count);
            work(now, &mut self.memory[self.at..self.at + count]);
            self.at = if self.at + count == self.memory.len() { 0 } else { self.at + count };
            block = later;
        }
    }
}

impl Diffuser {
    /// Of up to [`MOST_STAGES`] all-passes.
    #[must_use]
    pub fn new(stages: usize, rate_hz: f64) -> Self {
        let stages = DELAYS_MS.iter().take(stages).map(|ms| Ring::new(*ms, rate_hz)).collect();
        Self { delay: Ring::new(DELAY_MS, rate_hz), stages }
    }

    /// A bound for the number of frames until what rings has fallen by `db`.
    #[must_use]
    pub fn decay_frames(&self, db: f64) -> u64 {
        // −4.4 dB a round.
        let rounds = (db / 4.4).ceil() as u64 + 2;
        let lengths = self.stages.iter().map(|ring| ring.memory.len() as u64);
        self.delay.memory.len() as u64 + rounds * lengths.sum::<u64>()
    }

    /// Back to silence.
    pub fn reset(&mut self) {
        for ring in self.stages.iter_mut().chain([&mut self.delay]) {
            ring.memory.fill(0.0);
            ring.at = 0;
        }
    }

    /// Diffuses the next frames in place.
    pub fn process(&mut self, block: &mut [f64]) {
        self.delay.each(block, |now, old| now.swap_with_slice(old));
        for ring in &mut self.stages {
            ring.each(block, |now, old| {
                for (x, old) in now.iter_mut().zip(old) {
                    let stored = *x + GAIN * *old;
                    *x = *old - GAIN * stored;
                    *old = if stored.abs() < SILENT { 0.0 } else { stored };
                }
            });
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn every_frequency_is_as_loud_as_before_and_nothing_comes_at_its_own_time() {
        for rate in [44_100.0, 96_000.0] {
            for stages in [1, 4, MOST_STAGES] {
                let mut diffuser = Diffuser::new(stages, rate);
                let frames = diffuser.decay_frames(120.0) as usize;
                let mut answer = vec![0.0; frames];
                answer[0] = 1.0;
                diffuser.process(&mut answer);
                assert!(answer[..40].iter().all(|x| *x == 0.0));
                for hz in [50.0, 997.0, 7_321.0, 19_001.0] {
                    let (mut re, mut im) = (0.0, 0.0);
                    for (n, x) in answer.iter().enumerate() {
                        re += x * (TAU * hz / rate * n as f64).cos();
                        im += x * (TAU * hz / rate * n as f64).sin();
                    }
                    let level = 10.0 * (re * re + im * im).log10();
                    assert!(level.abs() < 1e-4, "{stages} at {rate}: {level} dB at {hz} Hz");
                }
            }
        }
    }

    #[test]
    fn blocks_of_any_size_give_the_same_bits_and_silence_follows() {
        let input: Vec<f64> =
            (0..3_000).map(|n| if n < 500 { f64::from(n % 37) - 18.0 } else { 0.0 }).collect();
        let mut diffuser = Diffuser::new(3, 44_100.0);
        let (mut whole, mut cut) = (input.clone(), input);
        diffuser.process(&mut whole);
        diffuser.reset();
        cut.chunks_mut(11).for_each(|part| diffuser.process(part));
        assert!(whole == cut);
        let mut rest = vec![0.0; diffuser.decay_frames(1_400.0) as usize + 10];
        diffuser.process(&mut rest);
        assert_eq!(rest[rest.len() - 1], 0.0);
    }
}
