//! Pre-emphasis of records, tapes and early compact discs, and its undoing.
//!
//! The curves are given by their time constants: IEC 60098 for records, IEC 60908 for compact discs, NAB (1965) for open
//! reels, IEC 60094 for cassettes. The decoder has the analog magnitude up to half the sample rate, as every band of the
//! [`equalizer`](crate::equalizer); the encoder is its exact inverse.

use crate::equalizer::{DesignError, Prototype, fitted};
use crate::svf::Section;
use std::f64::consts::PI;

/// A standard curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emphasis {
    /// Vinyl records since 1954: 3180, 318 and 75 µs.
    Riaa,
    /// Compact discs with the emphasis flag: 50 and 15 µs.
    Cd,
    /// Open reels at 19 cm/s (7½ in/s): 3180 and 50 µs.
    Nab19,
    /// Open reels at 38 cm/s (15 in/s): 3180 and 50 µs.
    Nab38,
    /// Ferric cassettes: 3180 and 120 µs.
    Cassette120,
    /// Chrome and metal cassettes: 3180 and 70 µs.
    Cassette70,
}

/// Where curves that have no flat part are 0 dB, in Hz.
const REFERENCE_HZ: f64 = 1000.0;

impl Emphasis {
    /// The decoder's time constants in seconds: of its zero, and of its poles (0: none).
    fn constants(self) -> (f64, [f64; 2]) {
        match self {
            Self::Riaa => (318e-6, [3180e-6, 75e-6]),
            Self::Cd => (15e-6, [50e-6, 0.0]),
            Self::Nab19 | Self::Nab38 => (50e-6, [3180e-6, 0.0]),
            Self::Cassette120 => (120e-6, [3180e-6, 0.0]),
            Self::Cassette70 => (70e-6, [3180e-6, 0.0]),
        }
    }

    /// The analog decoder: 0 dB at 1 kHz; for compact discs, at 0 Hz.
    #[must_use]
    pub fn decoder(self) -> Prototype {
        let (zero, [first, second]) = self.constants();
        // In s / ω: each time constant times ω.
        let omega = 2.0 * PI * REFERENCE_HZ;
        let (z, p, q) = (zero * omega, first * omega, second * omega);
        let plain = if q > 0.0 {
            Prototype { freq_hz: REFERENCE_HZ, numerator: [0.0, z, 1.0], denominator: [p * q, p + q, 1.0] }
        } else {
            // Widened by the zero's own factor.
            Prototype {
                freq_hz: REFERENCE_HZ,
                numerator: [z * z, 2.0 * z, 1.0],
                denominator: [p * z, p + z, 1.0],
            }
        };
        let level = if self == Self::Cd { 1.0 } else { plain.magnitude(REFERENCE_HZ) };
        Prototype { numerator: plain.numerator.map(|n| n / level), ..plain }
    }

    /// The decoder's sections at a sample rate of `rate_hz`.
    ///
    /// # Errors
    /// When the rate is too low for any such filter.
    pub fn decode(self, rate_hz: f64) -> Result<Vec<Section>, DesignError> {
        if rate_hz < 4.0 * REFERENCE_HZ {
            return Err(DesignError::Frequency { freq_hz: REFERENCE_HZ, max_hz: rate_hz / 4.0 });
        }
        fitted(&[self.decoder()], rate_hz)
    }

    /// The encoder's sections at a sample rate of `rate_hz`: what [`decode`](Self::decode) undoes.
    ///
    /// # Errors
    /// As there.
    pub fn encode(self, rate_hz: f64) -> Result<Vec<Section>, DesignError> {
        Ok(self.decode(rate_hz)?.iter().map(Section::inverse).collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use crate::svf::{Cascade, response, tests::white};

    const ALL: [Emphasis; 6] = [
        Emphasis::Riaa,
        Emphasis::Cd,
        Emphasis::Nab19,
        Emphasis::Nab38,
        Emphasis::Cassette120,
        Emphasis::Cassette70,
    ];
    const RATES: [f64; 5] = [44.1e3, 48e3, 88.2e3, 96e3, 192e3];

    /// What the standards say of the player, in dB, not yet at any reference.
    fn wanted_db(emphasis: Emphasis, hz: f64) -> f64 {
        let part = |micros: f64| 10.0 * (1.0 + (2.0 * PI * hz * micros * 1e-6).powi(2)).log10();
        match emphasis {
            Emphasis::Riaa => part(318.0) - part(3180.0) - part(75.0),
            Emphasis::Cd => part(15.0) - part(50.0),
            Emphasis::Nab19 | Emphasis::Nab38 => part(50.0) - part(3180.0),
            Emphasis::Cassette120 => part(120.0) - part(3180.0),
            Emphasis::Cassette70 => part(70.0) - part(3180.0),
        }
    }

    /// Spec 3.1: ≤ 0.01 dB from 20 Hz to 20 kHz at all rates, both ways.
    #[test]
    fn curves_are_those_of_their_time_constants() {
        for emphasis in ALL {
            let at_hz = if emphasis == Emphasis::Cd { 0.0 } else { 1000.0 };
            for rate in RATES {
                for (sections, sign) in
                    [(emphasis.decode(rate).unwrap(), 1.0), (emphasis.encode(rate).unwrap(), -1.0)]
                {
                    for i in 0..=400 {
                        let hz = 20.0 * 1000_f64.powf(f64::from(i) / 400.0);
                        let wanted = sign * (wanted_db(emphasis, hz) - wanted_db(emphasis, at_hz));
                        let found = 20.0 * response(&sections, hz, rate).norm().log10();
                        assert!(
                            (found - wanted).abs() <= 0.01,
                            "{emphasis:?}, {rate} Hz, at {hz} Hz: {found} dB, not {wanted}"
                        );
                    }
                }
            }
        }
    }

    /// The table that every phono stage is measured by (IEC 60098, to 0.1 dB).
    #[test]
    fn the_record_curve_is_the_printed_one() {
        let sections = Emphasis::Riaa.decode(96e3).unwrap();
        for (hz, wanted) in [
            (20.0, 19.3),
            (50.0, 16.9),
            (100.0, 13.1),
            (500.0, 2.6),
            (1000.0, 0.0),
            (2000.0, -2.6),
            (10e3, -13.7),
            (20e3, -19.6),
        ] {
            let found = 20.0 * response(&sections, hz, 96e3).norm().log10();
            assert!((found - wanted).abs() < 0.06, "{hz} Hz: {found} dB");
        }
    }

    /// Encode, then decode: ≤ −250 dBFS.
    #[test]
    fn what_was_encoded_decodes_to_what_it_was() {
        let signal = white(40_000, 1);
        for emphasis in ALL {
            for rate in RATES {
                let mut block = signal.clone();
                Cascade::new(&emphasis.encode(rate).unwrap(), 1).process(0, &mut block);
                Cascade::new(&emphasis.decode(rate).unwrap(), 1).process(0, &mut block);
                let worst = block.iter().zip(&signal).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                let db = 20.0 * worst.log10();
                assert!(db <= -250.0, "{emphasis:?} at {rate} Hz: {db} dBFS");
            }
        }
    }
}
