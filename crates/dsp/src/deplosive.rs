//! Finding the pops of breath on a microphone, and pushing down the low end while they last.
//!
//! A plosive is a burst of air below some 150 Hz, 20 to 200 ms long. It stands out against the low end before it and behind it
//! (a bass note lasts); nothing rises as much above it (a drum has its stroke); for its moment it is louder than all that is
//! above; and it is rare (a bass drum is not). All of that is told from two levels every 10 ms, of what is below a corner and of
//! what is well above.
//!
//! What is taken away is the low end itself, through a filter that turns no phase, by a gain that is exactly 1 outside of the
//! bursts: there, not a bit changes.

use crate::crossover::Slope;
use crate::equalizer::{Band, Shape};
use crate::math::{cos, db_to_gain, power_to_db};
use crate::svf::{Cascade, Section};
use std::f64::consts::PI;
use std::ops::Range;

/// What counts as a plosive, and how much of it is taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// By how much the low end must stand out, in dB.
    pub threshold_db: f64,
    /// The corner below which it lies, in Hz.
    pub freq_hz: f64,
}

/// One plosive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plosive {
    /// Where it begins, in seconds.
    pub at_s: f64,
    /// How long it lasts, in milliseconds.
    pub ms: f64,
    /// By how much its low end stands out against what is around it, in dB.
    pub over_db: f64,
}

/// The slope of the corner.
pub const SLOPE: Slope = Slope::Lr4;
/// The longest there is, in milliseconds.
pub const LONGEST_MS: f64 = 250.0;

/// From one level to the next, in seconds.
const HOP_S: f64 = 0.01;
/// What is below this is no plosive, in dB.
const QUIET_DB: f64 = -55.0;
/// By how much its low end is at least louder than what is well above, in dB.
const ABOVE_DB: f64 = 0.0;
/// So far around it, in hops, there is hardly anything like it …
const RARE_HOPS: usize = 300;
/// … within so many dB of its level, in this part of the time.
const ALIKE_DB: f64 = 8.0;
const RARE: f64 = 0.1;

/// Hears the whole programme, and finds its plosives, the same for all channels.
#[derive(Clone, Debug)]
pub struct Listener {
    settings: Settings,
    hop: usize,
    low: Cascade,
    high: Cascade,
    /// The current hop: frames, and the squares of both parts.
    filled: usize,
    squares: [f64; 2],
    /// Mean squares below the corner and above, by hop.
    levels: Vec<[f32; 2]>,
    /// Scratch: both parts of each channel.
    parts: [Vec<Vec<f64>>; 2],
}

fn sections(band: Band, rate_hz: f64) -> Vec<Section> {
    // The corner is far below half of any rate.
    band.design(rate_hz).unwrap_or_default()
}

impl Listener {
    /// Listens to `channels` channels at `rate_hz`.
    #[must_use]
    pub fn new(settings: Settings, rate_hz: f64, channels: usize) -> Self {
        let (slope_db_oct, shape) = (24, Shape::LinkwitzRiley);
        let low = Band::LowPass { freq_hz: settings.freq_hz, slope_db_oct, shape };
        let high = Band::HighPass { freq_hz: 2.0 * settings.freq_hz, slope_db_oct, shape };
        Self {
            settings,
            hop: ((HOP_S * rate_hz).round() as usize).max(1),
            low: Cascade::new(&sections(low, rate_hz), channels),
            high: Cascade::new(&sections(high, rate_hz), channels),
            filled: 0,
            squares: [0.0; 2],
            levels: Vec::new(),
            parts: [vec![Vec::new(); channels], vec![Vec::new(); channels]],
        }
    }

    /// Hears the next frames: a slice per channel, all of the same length.
    pub fn push(&mut self, block: &[&[f64]]) {
        let [low, high] = &mut self.parts;
        for parts in [&mut *low, &mut *high] {
            for (part, samples) in parts.iter_mut().zip(block) {
                part.clear();
                part.extend_from_slice(samples);
            }
        }
        self.low.process_all(low.iter_mut().map(Vec::as_mut_slice));
        self.high.process_all(high.iter_mut().map(Vec::as_mut_slice));
        for frame in 0..block.first().map_or(0, |samples| samples.len()) {
            for (square, parts) in self.squares.iter_mut().zip(&self.parts) {
                *square += parts.iter().map(|part| part[frame] * part[frame]).sum::<f64>();
            }
            self.filled += 1;
            if self.filled == self.hop {
                self.levels.push(self.squares.map(|square| (square / self.hop as f64) as f32));
                (self.filled, self.squares) = (0, [0.0; 2]);
            }
        }
    }

    /// The plosives, in order and apart.
    #[must_use]
    pub fn finish(self) -> Vec<Plosive> {
        let db = |part: usize| -> Vec<f64> {
            let level = |hop: usize| {
                let around = hop.saturating_sub(1)..(hop + 2).min(self.levels.len());
                let sum: f64 = self.levels[around.clone()].iter().map(|level| f64::from(level[part])).sum();
                power_to_db(sum / around.len() as f64 + 1e-15)
            };
            (0..self.levels.len()).map(level).collect()
        };
        let scene = Scene { low: db(0), high: db(1), threshold_db: self.settings.threshold_db };
        let mut found: Vec<Plosive> = Vec::new();
        let mut hop = 0;
        while hop < scene.low.len() {
            match scene.plosive(hop) {
                Some((hops, over_db)) => {
                    let round = |x: f64, steps: f64| (x * steps).round() / steps;
                    found.push(Plosive {
                        at_s: round(hops.start as f64 * HOP_S, 1000.0),
                        ms: round(hops.len() as f64 * HOP_S * 1000.0, 1.0),
                        over_db: round(over_db, 10.0),
                    });
                    hop = hops.end + 1;
                }
                None => hop += 1,
            }
        }
        found
    }
}

/// Levels in dB, by hop.
struct Scene {
    low: Vec<f64>,
    high: Vec<f64>,
    threshold_db: f64,
}

impl Scene {
    /// The plosive whose loudest hop is this one, if there is: its hops, and by how much it stands out.
    fn plosive(&self, peak: usize) -> Option<(Range<usize>, f64)> {
        /// A burst ends where it has fallen by this …
        const FALLEN_DB: f64 = 15.0;
        let level = self.low[peak];
        let near = self.range(peak, -8, 8);
        if level < QUIET_DB || level < self.high[peak] + ABOVE_DB || self.low[near].iter().any(|x| *x > level)
        {
            return None;
        }
        // … or to what is around it.
        let before = loudest(&self.low[self.range(peak, -40, -14)]);
        let behind = loudest(&self.low[self.range(peak, 18, 40)]);
        let around = before.max(behind);
        let over = level - around;
        if over < self.threshold_db || self.is_common(peak) || self.is_struck(peak, over) {
            return None;
        }
        let edge = (level - FALLEN_DB).max(around + 3.0);
        let begin = (0..peak).rev().find(|hop| self.low[*hop] < edge).map_or(0, |hop| hop + 1);
        let end = (peak..self.low.len()).find(|hop| self.low[*hop] < edge).unwrap_or(self.low.len());
        let fits = (end - begin) as f64 * HOP_S * 1000.0 <= LONGEST_MS;
        fits.then_some((begin..end, over))
    }

    fn range(&self, middle: usize, from: i64, to: i64) -> Range<usize> {
        let at = |by: i64| (middle as i64 + by).clamp(0, self.low.len() as i64) as usize;
        at(from)..at(to)
    }

    /// Whether there are many like it around.
    fn is_common(&self, peak: usize) -> bool {
        let reach = RARE_HOPS as i64;
        let (before, behind) = (self.range(peak, -reach, -8), self.range(peak, 8, reach));
        let others = self.low[before.clone()].iter().chain(&self.low[behind.clone()]);
        let alike = others.filter(|level| **level > self.low[peak] - ALIKE_DB).count();
        alike as f64 > RARE * (before.len() + behind.len()) as f64
    }

    /// Whether what is above rises with it.
    fn is_struck(&self, peak: usize, over: f64) -> bool {
        let now = loudest(&self.high[self.range(peak, -5, 3)]);
        let before = mean(&self.high[self.range(peak, -40, -8)]);
        now - before > over - self.threshold_db
    }
}

fn loudest(levels: &[f64]) -> f64 {
    levels.iter().fold(-150.0, |most: f64, level| most.max(*level))
}

fn mean(levels: &[f64]) -> f64 {
    if levels.is_empty() { -150.0 } else { levels.iter().sum::<f64>() / levels.len() as f64 }
}

/// The gain of the low end over the programme: 1 outside of the plosives.
#[derive(Clone, Debug)]
pub struct Course {
    rate_hz: f64,
    release_s: f64,
    /// First and last second, and the gain between.
    bursts: Vec<(f64, f64, f64)>,
}

/// So long before a plosive the gain begins to go down, in seconds.
const ATTACK_S: f64 = 0.015;

impl Course {
    /// Each plosive goes down to what is around it, by `reduction_db` at the most.
    #[must_use]
    pub fn new(plosives: &[Plosive], reduction_db: f64, release_s: f64, rate_hz: f64) -> Self {
        let burst = |plosive: &Plosive| {
            let gain = db_to_gain(-plosive.over_db.clamp(0.0, reduction_db));
            (plosive.at_s, plosive.at_s + plosive.ms / 1000.0, gain)
        };
        Self { rate_hz, release_s, bursts: plosives.iter().map(burst).collect() }
    }

    /// Writes the gains of the frames from `start` on, and says whether any is not 1.
    pub fn gains(&self, start: i64, gains: &mut [f64]) -> bool {
        gains.fill(1.0);
        let time = |frame: i64| frame as f64 / self.rate_hz;
        let (from_s, to_s) = (time(start), time(start + gains.len() as i64));
        let first = self.bursts.partition_point(|burst| burst.1 + self.release_s <= from_s);
        let mut any = false;
        for (begin, end, low) in &self.bursts[first..] {
            if begin - ATTACK_S >= to_s {
                break;
            }
            any = true;
            for (n, gain) in gains.iter_mut().enumerate() {
                let at = time(start + n as i64);
                // From 0 outside over half a cosine to 1 inside.
                let depth = if at < *begin {
                    1.0 - (begin - at) / ATTACK_S
                } else if at > *end {
                    1.0 - (at - end) / self.release_s
                } else {
                    1.0
                };
                if depth > 0.0 {
                    *gain = gain.min(1.0 - (1.0 - low) * (0.5 - 0.5 * cos(PI * depth)));
                }
            }
        }
        any
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_measure::signals::{Music, Plosives};

    const SETTINGS: Settings = Settings { threshold_db: 10.0, freq_hz: 150.0 };

    fn found(rate_hz: f64, samples: &[f64]) -> Vec<Plosive> {
        let mut listener = Listener::new(SETTINGS, rate_hz, 1);
        listener.push(&[samples]);
        listener.finish()
    }

    /// What a microphone without a bass in front of it hears.
    fn without_bass(rate_hz: f64, seconds: f64, seed: u64) -> Vec<f64> {
        let mut music = Music { rate_hz, seconds, seed }.render()[0].clone();
        let pass = Band::HighPass { freq_hz: 180.0, slope_db_oct: 48, shape: Shape::Butterworth };
        Cascade::new(&pass.design(rate_hz).unwrap(), 1).process(0, &mut music);
        music
    }

    #[test]
    fn pops_over_music_are_found_and_little_else() {
        for (seed, rate_hz) in (1..).zip([44_100.0, 48_000.0, 88_200.0, 96_000.0, 192_000.0]) {
            let pops = Plosives::new(rate_hz, 12.0, seed);
            let mixed: Vec<f64> =
                without_bass(rate_hz, 12.0, seed).iter().zip(&pops.samples).map(|(a, b)| a + b).collect();
            let found = found(rate_hz, &mixed);
            let hit = |burst: &Range<usize>| {
                let (begin, end) = (burst.start as f64 / rate_hz, burst.end as f64 / rate_hz);
                found.iter().any(|one| one.at_s < end && one.at_s + one.ms / 1000.0 > begin)
            };
            let hits = pops.bursts.iter().filter(|burst| hit(burst)).count();
            assert!(10 * hits >= 7 * pops.bursts.len(), "{hits} of {} at {rate_hz} Hz", pops.bursts.len());
            assert!(found.len() <= hits, "{found:?}");
        }
    }

    #[test]
    fn drums_and_bass_are_no_plosives() {
        for seed in 1..=4 {
            let music = Music { rate_hz: 44_100.0, seconds: 12.0, seed }.render();
            assert_eq!(found(44_100.0, &music[0]), [], "seed {seed}");
            assert_eq!(found(44_100.0, &without_bass(44_100.0, 12.0, seed)), [], "seed {seed}");
        }
    }

    #[test]
    fn any_cutting_finds_the_same() {
        let pops = Plosives::new(44_100.0, 6.0, 3).samples;
        let whole = found(44_100.0, &pops);
        assert!(!whole.is_empty());
        let mut listener = Listener::new(SETTINGS, 44_100.0, 1);
        pops.chunks(333).for_each(|part| listener.push(&[part]));
        assert_eq!(listener.finish(), whole);
    }

    #[test]
    fn the_gain_is_exactly_1_outside_and_as_low_as_it_may_be_inside() {
        let plosives = [Plosive { at_s: 1.0, ms: 100.0, over_db: 30.0 }];
        let course = Course::new(&plosives, 20.0, 0.05, 1000.0);
        let mut gains = vec![0.0; 2000];
        assert!(course.gains(0, &mut gains));
        assert!(gains[..985].iter().chain(&gains[1151..]).all(|gain| *gain == 1.0));
        assert!(gains[1000..=1100].iter().all(|gain| (gain - 0.1).abs() < 1e-12));
        let mut part = vec![0.0; 500];
        course.gains(800, &mut part);
        assert_eq!(part, gains[800..1300]);
        assert!(!course.gains(-500, &mut part));
    }
}
