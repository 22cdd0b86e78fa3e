//! Butterworth's low- and high-passes (1930), of any even order, by the bilinear transform.

use deadwax_dsp::math::{cos, tan};
use deadwax_dsp::svf::{Section, Unstable};
use std::f64::consts::PI;

/// Sections that pass what is below `freq_hz`, at a sample rate of `rate_hz`.
pub(crate) fn low_pass(order: u32, freq_hz: f64, rate_hz: u32) -> Result<Vec<Section>, Unstable> {
    sections(order, freq_hz, rate_hz, |corner| [0.0, 0.0, corner * corner])
}

/// Sections that pass what is above `freq_hz`.
pub(crate) fn high_pass(order: u32, freq_hz: f64, rate_hz: u32) -> Result<Vec<Section>, Unstable> {
    sections(order, freq_hz, rate_hz, |_| [1.0, 0.0, 0.0])
}

fn sections(
    order: u32,
    freq_hz: f64,
    rate_hz: u32,
    numerator: impl Fn(f64) -> [f64; 3],
) -> Result<Vec<Section>, Unstable> {
    let corner = tan(PI * freq_hz / f64::from(rate_hz));
    (0..order / 2)
        .map(|pair| {
            let damping = 2.0 * cos(PI * f64::from(2 * pair + 1) / f64::from(2 * order));
            // The pairs nearest the real axis have the largest part of it.
            Section::new(numerator(corner), [1.0, damping * corner, corner * corner])
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_dsp::svf::response;

    #[test]
    fn the_corner_is_3_db_down_and_the_slope_is_that_of_the_order() {
        let db = |sections: &[Section], hz: f64| 20.0 * response(sections, hz, 96e3).norm().log10();
        for order in [2, 4, 8] {
            let slope = 6.0206 * f64::from(order);
            let low = low_pass(order, 150.0, 96_000).unwrap();
            assert!((db(&low, 150.0) + 3.0103).abs() < 1e-3 && (db(&low, 600.0) + 2.0 * slope).abs() < 0.1);
            let high = high_pass(order, 5000.0, 96_000).unwrap();
            assert!(
                (db(&high, 5000.0) + 3.0103).abs() < 1e-3 && (db(&high, 625.0) + 3.0 * slope).abs() < 1.0
            );
        }
    }
}
