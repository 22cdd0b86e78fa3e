//! Graphic equalisers: bells at fixed frequencies whose skirts overlap.
//!
//! A slider is meant to say how loud its frequency gets, but every bell is heard at its neighbours, too. So the bells get
//! gains of their own, at which the sum of all is what the sliders say at every centre, and as near as can be to a
//! straight line half way between: least squares, as Liski and Välimäki do (*The quest for the best graphic equalizer*,
//! DAFx 2017), repeated until it holds, because a bell's width depends on its gain.

use super::fit::Normal;
use super::{Band, Prototype};
use crate::math::log10;

/// Which frequencies there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GraphicLayout {
    /// Octaves.
    Ten,
    /// Two thirds of an octave.
    Fifteen,
    /// Thirds of an octave.
    ThirtyOne,
}

/// The preferred frequencies of ISO 266, in Hz, in thirds of an octave.
const THIRDS_HZ: [f64; 31] = [
    20.0, 25.0, 31.5, 40.0, 50.0, 63.0, 80.0, 100.0, 125.0, 160.0, 200.0, 250.0, 315.0, 400.0, 500.0, 630.0,
    800.0, 1000.0, 1250.0, 1600.0, 2000.0, 2500.0, 3150.0, 4000.0, 5000.0, 6300.0, 8000.0, 10_000.0,
    12_500.0, 16_000.0, 20_000.0,
];
/// How much the frequencies half way between two centres count.
const MIDDLE_WEIGHT: f64 = 0.1;
/// The most a bell's own gain may be, in dB.
const MOST_DB: f64 = 40.0;
/// So many times the equations are solved at the most.
const ROUNDS: usize = 30;

impl GraphicLayout {
    /// The centres, in Hz.
    #[must_use]
    pub fn freqs_hz(self) -> Vec<f64> {
        let (first, step) = match self {
            Self::Ten => (2, 3),
            Self::Fifteen => (1, 2),
            Self::ThirtyOne => (0, 1),
        };
        THIRDS_HZ.iter().copied().skip(first).step_by(step).collect()
    }

    /// The Q of the bells.
    fn q(self) -> f64 {
        match self {
            Self::Ten => 1.0,
            Self::Fifteen => 1.55,
            Self::ThirtyOne => 3.1,
        }
    }

    /// The bells that make a centre as loud as `gains_db` says, from the lowest up; gains that are missing are 0 dB.
    #[must_use]
    pub fn bands(self, gains_db: &[f64]) -> Vec<Band> {
        let (freqs_hz, q) = (self.freqs_hz(), self.q());
        let mut wanted_db = gains_db.to_vec();
        wanted_db.resize(freqs_hz.len(), 0.0);
        let own_db = solve(&freqs_hz, &wanted_db, q);
        let bells = freqs_hz.into_iter().zip(own_db);
        bells.map(|(freq_hz, gain_db)| Band::Bell { freq_hz, gain_db, q }).collect()
    }
}

/// The gain of one bell at `hz`, in dB.
fn bell_db(hz: f64, freq_hz: f64, gain_db: f64, q: f64) -> f64 {
    20.0 * log10(Prototype::bell(freq_hz, gain_db, q).magnitude(hz))
}

/// Gauss and Newton's way to the bells' own gains.
fn solve(freqs_hz: &[f64], wanted_db: &[f64], q: f64) -> Vec<f64> {
    if wanted_db.iter().all(|gain| *gain == 0.0) {
        return wanted_db.to_vec();
    }
    let mut points: Vec<(f64, f64, f64)> =
        freqs_hz.iter().zip(wanted_db).map(|(f, g)| (*f, *g, 1.0)).collect();
    for (f, g) in freqs_hz.windows(2).zip(wanted_db.windows(2)) {
        points.push(((f[0] * f[1]).sqrt(), (g[0] + g[1]) / 2.0, MIDDLE_WEIGHT));
    }
    let mut own_db = wanted_db.to_vec();
    let mut normal = Normal::new(own_db.len());
    let mut row = vec![0.0; own_db.len()];
    for _ in 0..ROUNDS {
        normal.clear();
        for (hz, wanted, weight) in &points {
            let mut is = 0.0;
            for ((slope, freq_hz), gain) in row.iter_mut().zip(freqs_hz).zip(&own_db) {
                is += bell_db(*hz, *freq_hz, *gain, q);
                *slope =
                    5.0 * (bell_db(*hz, *freq_hz, gain + 0.1, q) - bell_db(*hz, *freq_hz, gain - 0.1, q));
            }
            normal.add(&row, weight * weight, wanted - is);
        }
        let Some(step) = normal.solve(0.0) else { break };
        for (gain, step) in own_db.iter_mut().zip(&step) {
            *gain = (*gain + step.clamp(-6.0, 6.0)).clamp(-MOST_DB, MOST_DB);
        }
        if step.iter().all(|step| step.abs() < 1e-6) {
            break;
        }
    }
    own_db
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;

    /// What the digital filters do at each centre, and at the worst in between.
    fn heard(layout: GraphicLayout, gains_db: &[f64], rate_hz: f64) -> (Vec<f64>, f64) {
        let sections: Vec<_> =
            layout.bands(gains_db).iter().flat_map(|band| band.design(rate_hz).unwrap()).collect();
        let db = |hz: f64| 20.0 * crate::svf::response(&sections, hz, rate_hz).norm().log10();
        let freqs_hz = layout.freqs_hz();
        let (low, high) = (freqs_hz[0], *freqs_hz.last().unwrap());
        let most = (0..=500).map(|i| db(low * (high / low).powf(f64::from(i) / 500.0))).fold(0.0, f64::max);
        (freqs_hz.iter().map(|hz| db(*hz)).collect(), most)
    }

    /// Spec 3.1: the error at the centres is ≤ 0.5 dB at ±12 dB alternating. Here 0.05 dB, with other settings too.
    #[test]
    fn every_slider_says_how_loud_its_frequency_gets() {
        for layout in [GraphicLayout::Ten, GraphicLayout::Fifteen, GraphicLayout::ThirtyOne] {
            let count = layout.freqs_hz().len();
            let settings: [fn(usize) -> f64; 4] = [
                |n| if n % 2 == 0 { 12.0 } else { -12.0 },
                |_| 12.0,
                |n| if n == 4 { -12.0 } else { 0.0 },
                |n| (n * 7 % 25) as f64 - 12.0,
            ];
            for setting in settings {
                let gains_db: Vec<f64> = (0..count).map(setting).collect();
                for rate_hz in [44.1e3, 48e3, 88.2e3, 96e3, 192e3] {
                    let (found, most) = heard(layout, &gains_db, rate_hz);
                    for (found, wanted) in found.iter().zip(&gains_db) {
                        assert!(
                            (found - wanted).abs() <= 0.05,
                            "{layout:?}, {rate_hz} Hz: {found} dB, not {wanted}"
                        );
                    }
                    assert!(most <= 13.0, "{layout:?}: {most} dB between the centres");
                }
            }
        }
    }

    #[test]
    fn sliders_in_the_middle_are_no_bands_at_all() {
        let bands = GraphicLayout::Ten.bands(&[0.0; 10]);
        assert!(bands.len() == 10 && bands.iter().all(Band::is_flat));
    }
}
