//! Channels against each other: one upside down, or late.

use crate::{About, Detector, Fault, FaultKind, Remedy, Severity};
use deadwax_dsp::align::Aligner;
use deadwax_dsp::fft::Kind;
use deadwax_dsp::math::exp;
use std::f64::consts::TAU;

/// Below this correlation the channels cancel rather than add.
const AGAINST: f64 = -0.3;
/// Bass is what lies below this, in Hz.
const BASS_HZ: f64 = 150.0;
/// The longest delay that is looked for, in seconds.
const MOST_LATE_S: f64 = 0.001;
/// A delay of the whole programme from this on is told, in microseconds: an eighth of a turn at 10 kHz.
const LATE_US: f64 = 12.0;
/// So alike the channels must be that a delay between them is one of the machine, not of the room.
const ALIKE: f64 = 0.6;

/// Sums of products of two signals.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    left: f64,
    right: f64,
    both: f64,
}

impl Sums {
    fn add(&mut self, left: f64, right: f64) {
        self.left += left * left;
        self.right += right * right;
        self.both += left * right;
    }

    fn correlation(&self) -> f64 {
        let size = (self.left * self.right).sqrt();
        if size > 0.0 { self.both / size } else { 0.0 }
    }
}

pub(crate) struct Phase {
    whole: Sums,
    bass: Sums,
    /// Two low-passes of first order for each channel.
    low: [[f64; 2]; 2],
    pole: f64,
    aligner: Option<Aligner>,
}

impl Phase {
    pub(crate) fn new(rate_hz: u32, channels: usize) -> Self {
        let rate = f64::from(rate_hz);
        let most_late = (MOST_LATE_S * rate) as usize;
        Self {
            whole: Sums::default(),
            bass: Sums::default(),
            low: [[0.0; 2]; 2],
            pole: exp(-TAU * BASS_HZ / rate),
            aligner: (channels == 2).then(|| Aligner::new(most_late, Kind::Fast)),
        }
    }

    fn bass(&mut self, channel: usize, sample: f64) -> f64 {
        let [first, second] = &mut self.low[channel];
        *first = self.pole * *first + (1.0 - self.pole) * sample;
        *second = self.pole * *second + (1.0 - self.pole) * *first;
        *second
    }
}

impl Detector for Phase {
    fn hear(&mut self, block: &[&[f64]]) {
        let &[left, right] = block else { return };
        for (l, r) in left.iter().zip(right) {
            self.whole.add(*l, *r);
            let (l, r) = (self.bass(0, *l), self.bass(1, *r));
            self.bass.add(l, r);
        }
        if let Some(aligner) = &mut self.aligner {
            aligner.hear(left, right);
        }
    }

    fn finish(self: Box<Self>, about: &About) -> Vec<Fault> {
        let Some(aligner) = self.aligner else { return Vec::new() };
        let (whole, bass) = (self.whole.correlation(), self.bass.correlation());
        let fault = |severity, what, remedy| {
            vec![Fault {
                kind: FaultKind::Phase,
                severity,
                what,
                count: 0,
                places: Vec::new(),
                remedy: Some(remedy),
            }]
        };
        if whole < AGAINST {
            let what =
                format!("left and right cancel in mono: correlation {whole:.2}, in the bass {bass:.2}");
            let node = "Polarity(lane: Right)".to_owned();
            let why = "one channel is upside down; listen in mono before and after".to_owned();
            return fault(Severity::of(-whole, 0.5, 0.8), what, Remedy { name: "polarity", node, why });
        }
        let found = aligner.finish(false);
        let late_us = found.late * 1e6 / f64::from(about.rate_hz);
        if found.windows > 0 && whole > ALIKE && late_us.abs() >= LATE_US {
            let side = if late_us > 0.0 { "right" } else { "left" };
            let size = late_us.abs();
            let what = format!("the {side} channel is {size:.0} µs late ({:.2} frames)", found.late.abs());
            let node = "AzimuthAlign".to_owned();
            let why = "a tape head that stood askew; in mono the treble is gone".to_owned();
            return fault(Severity::of(size, 25.0, 100.0), what, Remedy { name: "azimuth", node, why });
        }
        Vec::new()
    }
}
