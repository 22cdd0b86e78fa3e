//! Linear-phase kernels: the analog magnitude of bands, and a delay that is the same at every frequency.
//!
//! The magnitude is sampled, transformed and windowed (frequency sampling; Oppenheim and Schafer, *Discrete-Time Signal
//! Processing*, ch. 7), twice as long each time, until the kernel's own magnitude is the analog one. The window leaves
//! the middle half as it is and lets both ends out along half a cosine, so that smooth responses are not bent.

use super::Prototype;
use crate::fft::{Kind, Transform};
use crate::math::{cos, log10};
use rustfft::num_complex::Complex;
use std::f64::consts::PI;

/// A kernel has one tap less than a power of two, from this one …
const LEAST_LOG2: u32 = 12;
/// … to this.
const MOST_LOG2: u32 = 17;
/// A kernel is long enough when it is this close to its target, in dB.
const CLOSE_DB: f64 = 0.001;
/// Below this frequency, in Hz, no one asks how close.
const LOWEST_HZ: f64 = 10.0;
/// Nor where the target is this small a part of its reference.
const FAINT: f64 = 1e-3;
/// The magnitude is sampled at so many times as many points as the kernel is long.
const OVER: usize = 4;

/// Analog sections, one after the other, by magnitude alone.
#[derive(Clone, Debug, Default)]
pub struct Magnitude(Vec<Prototype>);

impl Magnitude {
    /// Of these sections.
    #[must_use]
    pub fn new(prototypes: Vec<Prototype>) -> Self {
        Self(prototypes)
    }

    /// The gain at `hz`.
    #[must_use]
    pub fn at(&self, hz: f64) -> f64 {
        let square = |[c2, c1, c0]: [f64; 3], x2: f64| {
            let even = c0 - c2 * x2;
            even * even + c1 * c1 * x2
        };
        let one = |p: &Prototype| {
            let x = hz / p.freq_hz;
            square(p.numerator, x * x) / square(p.denominator, x * x)
        };
        self.0.iter().map(one).product::<f64>().sqrt()
    }

    /// The least length, as a power of two, at which a kernel can begin to show these sections' poles and zeros.
    #[must_use]
    pub fn least_log2(&self, rate_hz: f64) -> u32 {
        let slowest = self.0.iter().flat_map(|p| [p.numerator, p.denominator].map(|c| (p.freq_hz, c)));
        let frames = slowest.map(|(hz, polynomial)| rate_hz / (2.0 * PI * hz * damping(polynomial)));
        let longest = frames.fold(0.0, f64::max);
        // Both halves of the kernel hold twice the time in which what rings slowest falls by e.
        let mut log2 = LEAST_LOG2;
        while log2 < MOST_LOG2 && f64::from(1_u32 << log2) < 4.0 * longest {
            log2 += 1;
        }
        log2
    }
}

/// How far the roots of a polynomial that lie off the imaginary axis are from it.
fn damping([c2, c1, c0]: [f64; 3]) -> f64 {
    const NONE: f64 = f64::INFINITY;
    if c1 == 0.0 {
        return NONE;
    }
    if c2 == 0.0 {
        return if c0 == 0.0 { NONE } else { (c0 / c1).abs() };
    }
    let half = (c1 / (2.0 * c2)).abs();
    let under = half * half - c0 / c2;
    if under <= 0.0 {
        return half;
    }
    let large = half + under.sqrt();
    if c0 == 0.0 { large } else { (c0 / c2).abs() / large }
}

/// A gain by frequency in Hz, and the gain against which its error counts (for most, itself).
pub type Target<'a> = &'a dyn Fn(f64) -> [f64; 2];

/// Kernels of the same length.
#[derive(Clone, Debug, PartialEq)]
pub struct Kernels {
    /// The taps, the same forwards and backwards; 2ⁿ − 1 of them where [`Kernels::new`] chose the length.
    pub taps: Vec<Vec<f64>>,
    /// The largest difference of their magnitudes from the targets, in dB, from 10 Hz to half the rate, where the targets
    /// are above −60 dB.
    pub error_db: f64,
}

impl Kernels {
    /// For all `targets` at a sample rate of `rate_hz`: as long as it takes, from 2^`least_log2` to 2^17.
    #[must_use]
    pub fn new(targets: &[Target<'_>], rate_hz: f64, least_log2: u32) -> Self {
        let mut log2 = least_log2.clamp(LEAST_LOG2, MOST_LOG2);
        loop {
            let kernels = Self::of_length(targets, rate_hz, (1 << log2) - 1);
            if kernels.error_db <= CLOSE_DB || log2 == MOST_LOG2 {
                return kernels;
            }
            log2 += 1;
        }
    }

    /// For all `targets`, `length` taps long, which is an odd number.
    #[must_use]
    pub fn of_length(targets: &[Target<'_>], rate_hz: f64, length: usize) -> Self {
        let mut transform = Transform::new((OVER * length).next_power_of_two(), Kind::Portable);
        let mut error_db: f64 = 0.0;
        let mut taps = Vec::with_capacity(targets.len());
        for target in targets {
            let (kernel, error) = one(target, rate_hz, length, &mut transform);
            taps.push(kernel);
            error_db = error_db.max(error);
        }
        Self { taps, error_db }
    }

    /// The number of the tap in the middle: by how many frames the kernels delay.
    #[must_use]
    pub fn delay(&self) -> usize {
        self.taps.first().map_or(0, |taps| taps.len() / 2)
    }

    /// How much of the energy comes more than a millisecond ahead of the middle, in dB below all of it; −∞ where nothing
    /// does. The worst of all kernels that let anything through.
    #[must_use]
    pub fn pre_echo_db(&self, rate_hz: f64) -> f64 {
        let early = self.delay().saturating_sub((rate_hz / 1000.0) as usize);
        let energy = |taps: &[f64]| taps.iter().map(|tap| tap * tap).sum::<f64>();
        let ahead = self.taps.iter().filter(|taps| energy(taps) > 0.0).map(|taps| {
            let part = energy(&taps[..early]) / energy(taps);
            10.0 * log10(part)
        });
        ahead.fold(f64::NEG_INFINITY, f64::max)
    }
}

/// The kernel of one target, and how far it is off.
fn one(target: Target<'_>, rate_hz: f64, length: usize, transform: &mut Transform) -> (Vec<f64>, f64) {
    let (size, middle) = (transform.size(), length / 2);
    let hz = |bin: usize| bin as f64 * rate_hz / size as f64;
    let wanted: Vec<[f64; 2]> = (0..=size / 2).map(|bin| target(hz(bin))).collect();
    let mut points = vec![Complex::new(0.0, 0.0); size];
    for (bin, [gain, _]) in wanted.iter().enumerate() {
        points[bin].re = *gain;
        points[(size - bin) % size].re = *gain;
    }
    transform.inverse(&mut points);
    let mut taps = vec![0.0; length];
    for n in 0..=middle {
        let tap = points[n].re * window(n as f64 / (middle + 1) as f64);
        (taps[middle + n], taps[middle - n]) = (tap, tap);
    }
    points.fill(Complex::new(0.0, 0.0));
    for (n, tap) in taps.iter().enumerate() {
        points[(n + size - middle) % size].re = *tap;
    }
    transform.forward(&mut points);
    let error = |(bin, [gain, reference]): (usize, &[f64; 2])| {
        if hz(bin) < LOWEST_HZ || *reference < FAINT {
            return 0.0;
        }
        (20.0 * log10(1.0 + (points[bin].re - gain).abs() / reference)).abs()
    };
    let worst = wanted.iter().enumerate().map(error).fold(0.0, f64::max);
    (taps, worst)
}

/// One up to half way out, then half a cosine down to zero.
fn window(part: f64) -> f64 {
    if part <= 0.5 { 1.0 } else { 0.5 + 0.5 * cos(PI * (2.0 * part - 1.0)) }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use crate::equalizer::{Band, Shape};

    const RATES: [f64; 5] = [44.1e3, 48e3, 88.2e3, 96e3, 192e3];

    /// The largest difference in dB from the analog band between 20 Hz and half the rate, by the sum over all taps.
    fn off_db(kernels: &Kernels, band: &Band, rate_hz: f64) -> f64 {
        let (taps, middle) = (&kernels.taps[0], kernels.delay());
        let gap = |i: i32| {
            let hz = 20.0 * (0.4999 * rate_hz / 20.0).powf(f64::from(i) / 150.0);
            let (sin, cos) = (2.0 * PI * hz / rate_hz).sin_cos();
            // The cosines of all multiples, by Chebyshev's recurrence from both ends of exact ones every 512.
            let mut sum = taps[middle];
            for (block, part) in taps[middle + 1..].chunks(512).enumerate() {
                let angle = 2.0 * PI * hz / rate_hz * (block * 512 + 1) as f64;
                let (mut s, mut c) = angle.sin_cos();
                for tap in part {
                    sum += 2.0 * tap * c;
                    (s, c) = (s * cos + c * sin, c * cos - s * sin);
                }
            }
            let wanted = band.response(hz).norm();
            if wanted < 1e-3 { 0.0 } else { (20.0 * (sum.abs() / wanted).log10()).abs() }
        };
        (0..=150).map(gap).fold(0.0, f64::max)
    }

    fn kernels(band: &Band, rate_hz: f64) -> Kernels {
        let magnitude = Magnitude::new(band.prototypes());
        let target = |hz: f64| [magnitude.at(hz); 2];
        Kernels::new(&[&target], rate_hz, magnitude.least_log2(rate_hz))
    }

    /// Spec 3.1: linear phase, 16 kHz +6 dB Q 1 at 44.1 kHz: ≤ 0.001 dB to half the rate. At the other rates, too.
    #[test]
    fn a_linear_bell_at_16_khz_is_the_analog_one_to_a_thousandth() {
        for rate in RATES {
            let band = Band::Bell { freq_hz: 16e3, gain_db: 6.0, q: 1.0 };
            let kernels = kernels(&band, rate);
            let off = off_db(&kernels, &band, rate);
            assert!(off <= 0.001 && kernels.error_db <= 0.001, "{off} dB at {rate} Hz");
            assert!(kernels.taps[0].len() < 1 << 16, "{}", kernels.taps[0].len());
        }
    }

    #[test]
    fn linear_bands_are_the_analog_ones_to_a_thousandth() {
        let bands = [
            Band::Bell { freq_hz: 60.0, gain_db: -9.0, q: 2.0 },
            Band::HighShelf { freq_hz: 8e3, gain_db: 12.0, q: 0.7 },
            Band::LowShelf { freq_hz: 100.0, gain_db: 6.0, q: 0.7 },
            Band::Tilt { freq_hz: 1e3, gain_db: 6.0 },
            Band::LowPass { freq_hz: 9e3, slope_db_oct: 48, shape: Shape::LinkwitzRiley },
            Band::HighPass { freq_hz: 40.0, slope_db_oct: 24, shape: Shape::Butterworth },
        ];
        for (band, rate) in bands.iter().zip(RATES.iter().cycle()) {
            let kernels = kernels(band, *rate);
            let off = off_db(&kernels, band, *rate);
            assert!(off <= 0.001, "{band:?} at {rate} Hz, {} taps: {off} dB", kernels.taps[0].len());
        }
    }

    #[test]
    fn a_lower_band_is_heard_longer_ahead() {
        let bell = |freq_hz, q| Band::Bell { freq_hz, gain_db: 12.0, q };
        let high = kernels(&bell(10e3, 0.7), 48e3).pre_echo_db(48e3);
        let low = kernels(&bell(100.0, 4.0), 48e3).pre_echo_db(48e3);
        assert!(high < low && low < 0.0, "{high} dB and {low} dB");
    }
}
