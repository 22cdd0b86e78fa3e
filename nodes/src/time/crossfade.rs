//! Goes over from one signal to another within the programme.
//!
//! One reaches for it where a verse is to be mastered one way and the chorus another: wire both ways, and cross from `in` to
//! `to` at the right moment. Before the crossing `in` passes untouched, behind it `to` does. How the level behaves between
//! depends on how alike the two are: the same mix treated twice wants `EqualGain`, two different pieces `EqualPower`.
//! `Adaptive` listens to how alike they are over the crossing and keeps the level in every case; for that it looks ahead by
//! the length of the crossing.

use deadwax_dsp::math::{cos, sin};
use deadwax_node::{
    About, Block, BlockMut, Channels, Family, Io, Node, NodeError, Port, Ports, Prepared, Report, Setup,
    Stream, params,
};
use serde::Serialize;
use std::f64::consts::PI;

/// Parameters of `Crossfade`.
#[params]
pub struct Crossfade {
    #[param(default = 0.0, range = 0.0..=36000.0, help = "where the crossing begins")]
    pub at_s: f64,
    #[param(default = 1.0, range = 0.0..=60.0, help = "how long it takes")]
    pub length_s: f64,
    #[param(help = "what is kept even while both sound")]
    pub law: CrossfadeLaw,
}

/// What a crossing keeps even.
#[params]
pub enum CrossfadeLaw {
    /// the amplitude: for two versions of the same music
    EqualGain,
    /// the power: for two pieces that have nothing in common
    EqualPower,
    /// the level, by how alike the two are
    #[default]
    Adaptive,
}

/// What a crossing heard.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CrossfadeReport {
    /// How alike the two were over the crossing: 1 the same, 0 nothing in common. `None` before it was heard.
    pub correlation: Option<f64>,
}

/// The number of the port that is crossed to.
const TO: usize = 1;

impl Node for Crossfade {
    const ABOUT: About = About {
        kind: "Crossfade",
        family: Family::Time,
        summary: "Goes over from one signal to another within the programme.",
        since: "0.2",
        algorithm: 1,
        example: "Crossfade(at_s: 0.02, length_s: 0.05)",
    };

    fn ports(&self) -> Ports {
        Ports {
            inputs: vec![
                Port::new("in", Channels::Any, "what sounds before"),
                Port::new("to", Channels::AsMain, "what sounds behind"),
            ],
            outputs: vec![Port::new("out", Channels::AsMain, "first the one, then the other")],
        }
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let frames = |seconds: f64| (seconds * f64::from(setup.main().rate_hz)).round() as u64;
        let (begin, length) = (frames(self.at_s), frames(self.length_s));
        let latency = if self.law == CrossfadeLaw::Adaptive { length } else { 0 };
        let line = vec![vec![0.0; latency as usize]; 2 * setup.main().channels()];
        let crossing = Crossing { law: self.law, begin, length, latency, line, sums: [0.0; 3], alike: None };
        Ok(Prepared::stream(crossing, 1.5).with_latency(latency))
    }

    fn neutral() -> Option<Self> {
        // The crossing is far behind everything the conformance function plays.
        Some(Self { at_s: 3600.0, length_s: 0.01, ..Self::default() })
    }
}

/// Both signals as long ago as the crossing is long, and what was heard of them.
struct Crossing {
    law: CrossfadeLaw,
    begin: u64,
    length: u64,
    latency: u64,
    /// A ring per channel, of `in` first, then of `to`; frame n lies at n modulo the length.
    line: Vec<Vec<f64>>,
    /// The power of either signal, and of both together, over the crossing so far.
    sums: [f64; 3],
    alike: Option<f64>,
}

impl Crossing {
    /// The gains of both signals at `frame`.
    fn gains(&self, frame: u64) -> (f64, f64) {
        if frame < self.begin {
            return (1.0, 0.0);
        }
        if frame >= self.begin + self.length {
            return (0.0, 1.0);
        }
        let part = (frame - self.begin) as f64 / self.length as f64;
        match self.law {
            CrossfadeLaw::EqualGain => (1.0 - part, part),
            CrossfadeLaw::EqualPower => (cos(PI / 2.0 * part), sin(PI / 2.0 * part)),
            CrossfadeLaw::Adaptive => {
                // The power of a·x + b·y is a² + b² + 2·a·b·correlation, for x and y of power 1.
                let (a, b) = (1.0 - part, part);
                let power = a * a + b * b + 2.0 * a * b * self.alike.unwrap_or(1.0);
                let scale = 1.0 / power.sqrt();
                (a * scale, b * scale)
            }
        }
    }

    /// Hears one frame of the crossing.
    fn hear(&mut self, from: Block<'_>, to: Block<'_>, at: usize) {
        for (x, y) in from.iter().zip(to.iter()) {
            self.sums[0] += x[at] * x[at];
            self.sums[1] += y[at] * y[at];
            self.sums[2] += x[at] * y[at];
        }
    }

    /// How alike the two are. Signals that cancel each other count as having nothing in common: more gain would only
    /// make what is left of them louder.
    fn correlation(&self) -> f64 {
        let [x, y, both] = self.sums;
        let power = (x * y).sqrt();
        if power > 0.0 { (both / power).clamp(0.0, 1.0) } else { 0.0 }
    }

    /// Puts a frame into the rings and takes the one out that is as late as the node.
    fn delay(&mut self, number: u64, main: &mut BlockMut<'_>, to: Block<'_>, at: usize, late: &mut [f64]) {
        let place = (number % self.latency) as usize;
        for (channel, (line, late)) in self.line.iter_mut().zip(late.iter_mut()).enumerate() {
            let channels = main.channels();
            let now = if channel < channels {
                main.channel(channel)[at]
            } else {
                to.channel(channel - channels)[at]
            };
            *late = std::mem::replace(&mut line[place], now);
        }
    }
}

impl Stream for Crossing {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let (start, frames) = (io.start(), io.frames());
        let Some(to) = io.input(TO) else {
            return Err(NodeError::field("to", "the signal to cross to must be connected"));
        };
        let mut main = io.main();
        let channels = main.channels();
        let mut late = [0.0; 2 * deadwax_node::MAX_CHANNELS];
        for at in 0..frames {
            let number = start + at as u64;
            if self.latency > 0 {
                if number >= self.begin && number < self.begin + self.length {
                    self.hear(main.as_block(), to, at);
                }
                if number == self.begin + self.length {
                    self.alike = Some(self.correlation());
                }
                self.delay(number, &mut main, to, at, &mut late);
            }
            // Frames before the programme are silent at any gain.
            let (from_gain, to_gain) = self.gains(number.saturating_sub(self.latency));
            for channel in 0..channels {
                let (x, y) = if self.latency > 0 {
                    (late[channel], late[channels + channel])
                } else {
                    (main.channel(channel)[at], to.channel(channel)[at])
                };
                main.channel_mut(channel)[at] = if to_gain == 0.0 {
                    x
                } else if from_gain == 0.0 {
                    y
                } else {
                    from_gain * x + to_gain * y
                };
            }
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.line.iter_mut().for_each(|line| line.fill(0.0));
        (self.sums, self.alike) = ([0.0; 3], None);
    }

    fn report(&self) -> Option<Report> {
        Some(Report::new(CrossfadeReport { correlation: self.alike }))
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_dsp::noise::Noise;
    use deadwax_node::Format;
    use deadwax_node::conformance::Rig;

    const RATE: usize = 48_000;

    fn noise(seed: u64) -> Vec<f64> {
        (0..3 * RATE as u64).map(|frame| Noise::new(seed, 0).uniform(frame)).collect()
    }

    /// Mono noise through a crossing from 1 s to 2 s; `second` is what it crosses to. The latency is taken off.
    fn crossed(law: CrossfadeLaw, first: &[f64], second: &[f64]) -> Vec<f64> {
        let node = Crossfade { at_s: 1.0, length_s: 1.0, law };
        let mut rig = Rig::new(&node, Format::new(RATE as u32, deadwax_node::Layout::Mono), false).unwrap();
        let latency = rig.prepared().latency as usize;
        let longer = |x: &[f64]| vec![x.iter().copied().chain(vec![0.0; latency]).collect::<Vec<_>>()];
        let frames = first.len() + latency;
        rig.run(&[longer(first), longer(second)], &[frames]).unwrap()[0][0].split_off(latency)
    }

    /// The lowest and highest level, in dB against the noise's own, in windows of 100 ms across the crossing.
    fn dip_db(out: &[f64], first: &[f64], second: &[f64]) -> f64 {
        let power = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>() / x.len() as f64;
        let window = RATE / 10;
        let steps = (RATE..2 * RATE - window).step_by(window / 4);
        let level = |at: usize| {
            let range = at..at + window;
            // The level between the two is what the crossing should have: both are equally loud.
            let own = 0.5 * (power(&first[range.clone()]) + power(&second[range.clone()]));
            10.0 * (power(&out[range]) / own).log10()
        };
        steps.map(level).fold(0.0, |worst: f64, db| if db.abs() > worst.abs() { db } else { worst })
    }

    /// DSP specification, 3.11: the level dips by at most 0.1 dB, correlated or not. Noise itself wavers by some tenths in
    /// a window, so the uncorrelated case is the mean over many.
    #[test]
    fn the_level_stays_whether_the_two_are_alike_or_not() {
        let first = noise(1);
        let same = crossed(CrossfadeLaw::Adaptive, &first, &first);
        assert!(dip_db(&same, &first, &first).abs() <= 0.1);
        let equal = crossed(CrossfadeLaw::EqualGain, &first, &first);
        assert!(dip_db(&equal, &first, &first).abs() <= 1e-9);
        let mut mean = [0.0; 2];
        let rounds = 12;
        for round in 0..rounds {
            let (a, b) = (noise(10 + round), noise(100 + round));
            for (mean, law) in mean.iter_mut().zip([CrossfadeLaw::Adaptive, CrossfadeLaw::EqualPower]) {
                let out = crossed(law, &a, &b);
                let power = |x: &[f64]| x[RATE..2 * RATE].iter().map(|x| x * x).sum::<f64>();
                *mean += power(&out) / (0.5 * (power(&a) + power(&b))) / rounds as f64;
            }
        }
        for power in mean {
            assert!((10.0 * power.log10()).abs() <= 0.1, "{} dB", 10.0 * power.log10());
        }
        let wrong = crossed(CrossfadeLaw::EqualPower, &first, &first);
        assert!(dip_db(&wrong, &first, &first) > 2.0, "equal power makes what is alike louder");
    }

    #[test]
    fn before_and_behind_every_sample_passes_untouched() {
        let (first, second) = (noise(1), noise(2));
        for law in [CrossfadeLaw::EqualGain, CrossfadeLaw::EqualPower, CrossfadeLaw::Adaptive] {
            let out = crossed(law, &first, &second);
            assert_eq!(out[..RATE], first[..RATE]);
            assert_eq!(out[2 * RATE..], second[2 * RATE..]);
        }
    }
}
