//! How high values are, so that one can say what one in a thousand exceeds.

/// Binary orders of magnitude of squares: from 2⁻⁴⁸ up.
const LEAST: i32 = -48;
const ORDERS: usize = 96;
/// Steps of each: a tenth of a decibel, or less.
const BITS: u32 = 5;
const STEPS: usize = 1 << BITS;

/// Counts squares by their height.
#[derive(Clone, Debug)]
pub(crate) struct Distribution {
    counts: Vec<u64>,
    total: u64,
}

impl Distribution {
    pub(crate) fn new() -> Self {
        Self { counts: vec![0; ORDERS * STEPS], total: 0 }
    }

    /// Takes the square of a value.
    pub(crate) fn take(&mut self, square: f64) {
        // The first bits of a number are its order and its step, and grow with it.
        let first = (square.to_bits() >> (52 - BITS)) as i64;
        let lowest = i64::from(1023 + LEAST) << BITS;
        let step = (first - lowest).clamp(0, (ORDERS * STEPS - 1) as i64);
        self.counts[step as usize] += 1;
        self.total += 1;
    }

    /// What all values but a part of `beyond` stay below; 0 where there are none.
    pub(crate) fn exceeded_by(&self, beyond: f64) -> f64 {
        let most = (beyond * self.total as f64) as u64;
        let mut seen = 0;
        for (step, count) in self.counts.iter().enumerate().rev() {
            seen += count;
            if seen > most {
                return if step == 0 { 0.0 } else { upper(step).sqrt() };
            }
        }
        0.0
    }
}

/// The square with which a step ends.
fn upper(step: usize) -> f64 {
    let first = (i64::from(1023 + LEAST) << BITS) + step as i64 + 1;
    f64::from_bits((first as u64) << (52 - BITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_a_thousand_is_found_within_a_tenth_of_a_db() {
        let mut heights = Distribution::new();
        for n in 1..=100_000 {
            let value = f64::from(n) / 1000.0;
            heights.take(value * value);
        }
        for (beyond, wanted) in [(0.001, 99.9), (0.5, 50.0), (0.9, 10.0)] {
            let found = heights.exceeded_by(beyond) / wanted;
            assert!((0.999..1.017).contains(&found), "{beyond}: {found}");
        }
        assert_eq!(Distribution::new().exceeded_by(0.001), 0.0);
        let mut silent = Distribution::new();
        silent.take(0.0);
        assert_eq!(silent.exceeded_by(0.001), 0.0);
    }
}
