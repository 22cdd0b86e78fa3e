//! How loud a harmonic of the hum is, told apart from the music: hum stays, music comes and goes.

use super::bands::Bands;
use super::follow::turned_back;
use crate::math::ln;
use rustfft::num_complex::Complex;

/// Hops in a block of half a second.
pub(super) const BLOCK: usize = 8;
/// The music is never taken to be lower than this below the hum, in power.
const FLOOR: f64 = 0.01;
/// What is lower than this is nothing (a square: −130 dB).
const QUIET: f64 = 1e-13;

/// Mean and mean square of an amplitude over a block.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moment {
    pub(super) mean: Complex<f64>,
    pub(super) square: f64,
}

impl Moment {
    /// The mean square of what is left without `a`.
    fn rest(&self, a: Complex<f64>) -> f64 {
        let cross = (a.conj() * self.mean).re;
        (self.square - 2.0 * cross + a.norm_sqr()).max(0.0) + FLOOR * a.norm_sqr() + QUIET
    }

    /// By how much less is left with `a` than without, in nepers of power.
    pub(super) fn gain(&self, a: Complex<f64>) -> f64 {
        let without = self.square + FLOOR * a.norm_sqr() + QUIET;
        ln(without / self.rest(a))
    }
}

/// The moments of each harmonic on a channel, turned back: `[harmonic][block]`.
pub(super) fn blocks(bands: &Bands, turns: &[f64], channel: usize) -> Vec<Vec<Moment>> {
    let count = bands.hops().div_ceil(BLOCK);
    let mut all = vec![vec![Moment::default(); count]; bands.harmonics];
    let mut hops = vec![0_usize; count];
    for hop in bands.whole.clone() {
        let (before, behind) = (hop - 1, hop + 1);
        let off_hz = (turns[behind] - turns[before]) / (2.0 * bands.hop_s);
        hops[hop / BLOCK] += 1;
        let line = turned_back(bands.at(channel, hop), turns[hop]);
        for ((number, z), moments) in (1..).zip(line).zip(&mut all) {
            // What the window makes of a frequency beside the nominal one.
            let z = z / bands.response(off_hz * f64::from(number)).max(0.2);
            let moment = &mut moments[hop / BLOCK];
            moment.mean += z;
            moment.square += z.norm_sqr();
        }
    }
    for moments in &mut all {
        for (moment, hops) in moments.iter_mut().zip(&hops) {
            let hops = (*hops).max(1) as f64;
            (moment.mean, moment.square) = (moment.mean / hops, moment.square / hops);
        }
        // A last block with hardly a hop is like the one before.
        if count > 1 && hops[count - 1] < BLOCK / 2 {
            moments[count - 1] = moments[count - 2];
        }
    }
    all
}

/// The amplitude that leaves least, in the geometric mean over blocks, and by how much less it leaves (nepers of power).
pub(super) fn steady(moments: &[Moment]) -> (Complex<f64>, f64) {
    let mut best = (Complex::default(), 0.0);
    for start in starts(moments) {
        let mut a = start;
        for _ in 0..30 {
            let (mut sum, mut weights) = (Complex::default(), 0.0);
            for moment in moments {
                let weight = 1.0 / moment.rest(a);
                sum += moment.mean * weight;
                weights += weight;
            }
            let next = sum / weights;
            let moved = (next - a).norm_sqr();
            a = next;
            if moved < 1e-10 * a.norm_sqr() {
                break;
            }
        }
        let gain: f64 = moments.iter().map(|moment| moment.gain(a)).sum();
        if gain > best.1 {
            best = (a, gain);
        }
    }
    best
}

/// Where to begin: the middle one, the quiet ones, the steadiest ones.
fn starts(moments: &[Moment]) -> Vec<Complex<f64>> {
    if moments.is_empty() {
        return Vec::new();
    }
    let middle = |part: &dyn Fn(&Moment) -> f64| {
        let mut values: Vec<f64> = moments.iter().map(part).collect();
        let at = values.len() / 2;
        *values.select_nth_unstable_by(at, f64::total_cmp).1
    };
    let mut starts = vec![Complex::new(middle(&|moment| moment.mean.re), middle(&|moment| moment.mean.im))];
    let mut best_of = |part: &dyn Fn(&Moment) -> f64, share: usize| {
        let mut sorted: Vec<&Moment> = moments.iter().collect();
        sorted.sort_by(|a, b| part(a).total_cmp(&part(b)));
        let count = (sorted.len() / share).max(1);
        let sum: Complex<f64> = sorted[..count].iter().map(|moment| moment.mean).sum();
        starts.push(sum / count as f64);
    };
    best_of(&|moment| moment.square, 4);
    best_of(&|moment| moment.square, 16);
    best_of(&|moment| (moment.square - moment.mean.norm_sqr()) / (moment.square + QUIET), 8);
    best_of(&|moment| (moment.square - moment.mean.norm_sqr()) / (moment.square + QUIET), 32);
    starts
}

/// A harmonic on one channel, as it is over a stretch.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Steady {
    /// What is taken for the hum's amplitude.
    pub(super) a: Complex<f64>,
    /// By how much less is left, on average over the blocks (nepers of power).
    pub(super) gain: f64,
    /// The same of each of four parts with what is steady in the other three: what is there by chance, or in one part
    /// alone, counts against it.
    pub(super) proven: f64,
    /// The variance of `a`, by how much those four differ (the jackknife: Tukey, 1958).
    pub(super) variance: f64,
}

impl Steady {
    pub(super) fn new(moments: &[Moment]) -> Self {
        const PARTS: usize = 4;
        let count = moments.len();
        let (a, gain) = steady(moments);
        let (mut proven, mut found) = (0.0, [Complex::default(); PARTS]);
        for (part, found) in found.iter_mut().enumerate() {
            let own = part * count / PARTS..(part + 1) * count / PARTS;
            let others: Vec<Moment> =
                moments[..own.start].iter().chain(&moments[own.end..]).copied().collect();
            *found = steady(&others).0;
            proven += moments[own].iter().map(|moment| moment.gain(*found)).sum::<f64>();
        }
        let mean = found.iter().sum::<Complex<f64>>() / PARTS as f64;
        let spread: f64 = found.iter().map(|a| (a - mean).norm_sqr()).sum();
        let (blocks, parts) = (count.max(1) as f64, PARTS as f64);
        Self { a, gain: gain / blocks, proven: proven / blocks, variance: spread * (parts - 1.0) / parts }
    }

    /// The amplitude that is nearest to the true one on average, its uncertainty considered.
    pub(super) fn shrunk(&self) -> Complex<f64> {
        let power = self.a.norm_sqr();
        if power > self.variance { self.a * (1.0 - self.variance / power) } else { Complex::default() }
    }
}
