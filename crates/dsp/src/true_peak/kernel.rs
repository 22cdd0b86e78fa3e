//! The two interpolators, as pairs of mirrored phases.

use crate::math::{bessel_i0, sin};
use std::f64::consts::PI;
use std::sync::OnceLock;

/// Frames that are worked on side by side.
pub(crate) const LANES: usize = 8;
/// The value of one phase at [`LANES`] frames.
pub(crate) type Lanes = [f64; LANES];

/// Taps of one phase of the reference interpolator.
pub(crate) const TAPS: usize = 96;
/// Half of them: the reach of the interpolator to either side, in frames.
pub(crate) const HALF: usize = TAPS / 2;
/// Phases of the reference interpolator: points per frame.
pub(crate) const PHASES: usize = 32;
/// Shape of its Kaiser window.
const BETA: f64 = 12.0;

/// Half the taps of one phase of the Annex 2 interpolator.
pub(crate) const ANNEX_2_HALF: usize = 6;
/// ITU-R BS.1770-5, Annex 2: the order-48, four-phase interpolator. Its last two phases are the first two in reverse.
/// The first weight belongs to the newest sample.
const ANNEX_2: [[f64; 2 * ANNEX_2_HALF]; 2] = [
    [
        0.001_708_984_375_0,
        0.010_986_328_125_0,
        -0.019_653_320_312_5,
        0.033_203_125_000_0,
        -0.059_448_242_187_5,
        0.137_329_101_562_5,
        0.972_167_968_750_0,
        -0.102_294_921_875_0,
        0.047_607_421_875_0,
        -0.026_611_328_125_0,
        0.014_892_578_125_0,
        -0.008_300_781_250_0,
    ],
    [
        -0.029_174_804_687_5,
        0.029_296_875_000_0,
        -0.051_757_812_500_0,
        0.089_111_328_125_0,
        -0.166_503_906_250_0,
        0.465_087_890_625_0,
        0.779_785_156_250_0,
        -0.200_317_382_812_5,
        0.101_562_500_000_0,
        -0.058_227_539_062_5,
        0.033_081_054_687_5,
        -0.018_920_898_437_5,
    ],
];

/// A phase and its mirror image. Both are a sum over the same sums and differences of samples, one with the other sign.
#[derive(Clone, Debug)]
pub(crate) struct Mirrored<const N: usize> {
    even: [f64; N],
    odd: [f64; N],
}

impl<const N: usize> Mirrored<N> {
    /// Of the weights of one phase, the oldest sample's first.
    fn of(weight: impl Fn(usize) -> f64) -> Self {
        let mut pair = Self { even: [0.0; N], odd: [0.0; N] };
        for tap in 0..N {
            let (a, b) = (weight(tap), weight(2 * N - 1 - tap));
            (pair.even[tap], pair.odd[tap]) = (0.5 * (a + b), 0.5 * (a - b));
        }
        pair
    }

    /// The even and the odd part of one value, summed in the order of [`Folded::both`].
    pub(crate) fn one(&self, samples: &[f64]) -> (f64, f64) {
        let (mut even, mut odd) = (0.0, 0.0);
        for tap in 0..N {
            let (old, new) = (samples[tap], samples[2 * N - 1 - tap]);
            even += self.even[tap] * (old + new);
            odd += self.odd[tap] * (old - new);
        }
        (even, odd)
    }

    /// The weight of a sample in the phase, or in its mirror image; the oldest sample is number 0.
    pub(crate) fn weight(&self, tap: usize, mirror: bool) -> f64 {
        let (index, sign) = if tap < N { (tap, 1.0) } else { (2 * N - 1 - tap, -1.0) };
        self.even[index] + if mirror { -sign } else { sign } * self.odd[index]
    }
}

/// Sums and differences of samples at the same distance to either side, for [`LANES`] frames.
#[derive(Clone, Debug)]
pub(crate) struct Folded<const N: usize> {
    sum: [Lanes; N],
    difference: [Lanes; N],
}

impl<const N: usize> Folded<N> {
    pub(crate) const EMPTY: Self = Self { sum: [[0.0; LANES]; N], difference: [[0.0; LANES]; N] };

    /// Takes the samples around each of [`LANES`] frames; the first frame is `samples[N - 1]`.
    #[inline]
    pub(crate) fn load(&mut self, samples: &[f64]) {
        let samples = &samples[..2 * N - 1 + LANES];
        for tap in 0..N {
            let old = &samples[tap..tap + LANES];
            let new = &samples[2 * N - 1 - tap..2 * N - 1 - tap + LANES];
            for lane in 0..LANES {
                self.sum[tap][lane] = old[lane] + new[lane];
                self.difference[tap][lane] = old[lane] - new[lane];
            }
        }
    }

    /// A phase and its mirror image.
    #[inline]
    pub(crate) fn both(&self, pair: &Mirrored<N>) -> [Lanes; 2] {
        let (mut even, mut odd) = ([0.0; LANES], [0.0; LANES]);
        for tap in 0..N {
            for lane in 0..LANES {
                even[lane] += pair.even[tap] * self.sum[tap][lane];
                odd[lane] += pair.odd[tap] * self.difference[tap][lane];
            }
        }
        [
            std::array::from_fn(|lane| even[lane] + odd[lane]),
            std::array::from_fn(|lane| even[lane] - odd[lane]),
        ]
    }

    /// The phase that is its own mirror image.
    #[inline]
    pub(crate) fn middle(&self, pair: &Mirrored<N>) -> Lanes {
        let mut even = [0.0; LANES];
        for (weight, sum) in pair.even.iter().zip(&self.sum) {
            for (even, sum) in even.iter_mut().zip(sum) {
                *even += weight * sum;
            }
        }
        even
    }
}

/// The interpolators' weights.
#[derive(Debug)]
pub(crate) struct Kernel {
    /// Phases 1 to 16 of 32 of the reference interpolator; number 0 is phase 1. Phase 16 is its own mirror image.
    pub(crate) reference: Vec<Mirrored<HALF>>,
    /// The first two phases of the Annex 2 interpolator: 1/8 and 3/8 of a frame behind the frame.
    pub(crate) annex_2: [Mirrored<ANNEX_2_HALF>; 2],
}

impl Kernel {
    /// The one table all meters and limiters share.
    pub(crate) fn shared() -> &'static Self {
        static KERNEL: OnceLock<Kernel> = OnceLock::new();
        KERNEL.get_or_init(|| Self {
            reference: (1..=PHASES / 2).map(|phase| Mirrored::of(|tap| reference(phase, tap))).collect(),
            annex_2: ANNEX_2.map(|phase| Mirrored::of(|tap| phase[2 * ANNEX_2_HALF - 1 - tap])),
        })
    }

    /// Phase `phase` of 32 and its mirror image, of the reference interpolator.
    pub(crate) fn phase(&self, phase: usize) -> &Mirrored<HALF> {
        &self.reference[phase - 1]
    }
}

/// The weight of sample `tap` in phase `phase`: a sinc under a Kaiser window.
pub(crate) fn reference(phase: usize, tap: usize) -> f64 {
    let at = phase as f64 / PHASES as f64 + (HALF - 1) as f64 - tap as f64;
    if at == 0.0 {
        return 1.0;
    }
    let inside = 1.0 - (at / HALF as f64) * (at / HALF as f64);
    sin(PI * at) / (PI * at) * bessel_i0(BETA * inside.max(0.0).sqrt()) / bessel_i0(BETA)
}
