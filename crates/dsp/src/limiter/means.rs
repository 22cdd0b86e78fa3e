//! Three running means, one after the other, exact.

/// Bits of the largest sum.
const BITS: u32 = 62;
/// Bits of a gain's fraction, where sums leave so many.
const MOST_FRACTION_BITS: u32 = 50;

/// The lengths of the three means as parts of the whole: they put a zero of one mean's spectrum on a side lobe of
/// another's.
const PARTS: [f64; 2] = [0.41, 0.33];

/// One running sum of integers.
#[derive(Clone, Debug)]
struct Sum {
    ring: Vec<i64>,
    at: usize,
    sum: i64,
}

impl Sum {
    fn push(&mut self, value: i64) -> i64 {
        self.sum += value - self.ring[self.at];
        self.ring[self.at] = value;
        self.at += 1;
        if self.at == self.ring.len() {
            self.at = 0;
        }
        self.sum
    }

    fn fill(&mut self, value: i64) -> i64 {
        self.ring.fill(value);
        self.sum = value * self.ring.len() as i64;
        self.sum
    }
}

/// Three running means of gains from 0 to 1. Gains are whole multiples of a power of two, rounded down, and the sums
/// are integers: they do not drift, and a mean of ones is one.
#[derive(Clone, Debug)]
pub(super) struct Means {
    sums: [Sum; 3],
    /// A gain of 1.
    one: i64,
    /// The last sum, when all gains are 1.
    full: i64,
}

impl Means {
    /// Means that reach over `length` values together, filled with ones.
    pub(super) fn new(length: usize) -> Self {
        // Each mean after the first adds its length less one.
        let total = length + 2;
        let part = |share: f64| ((total as f64 * share).round() as usize).max(1);
        let (a, b) = (part(PARTS[0]), part(PARTS[1]));
        let lengths = [a, b, total.saturating_sub(a + b).max(1)];
        let product = lengths.iter().fold(1_u64, |product, length| product * *length as u64);
        let bits = (BITS - (64 - product.leading_zeros())).min(MOST_FRACTION_BITS);
        let sum = |length: usize| Sum { ring: vec![0; length], at: 0, sum: 0 };
        let mut means = Self { sums: lengths.map(sum), one: 1 << bits, full: 0 };
        means.reset();
        means
    }

    /// Filled with ones again.
    pub(super) fn reset(&mut self) {
        self.full = self.sums.iter_mut().fold(self.one, |value, sum| sum.fill(value));
    }

    /// Replaces each gain by the mean that ends with it.
    pub(super) fn run(&mut self, gains: &mut [f64]) {
        let (scale, back) = (self.one as f64, 1.0 / self.full as f64);
        let [a, b, c] = &mut self.sums;
        for gain in gains {
            let sum = c.push(b.push(a.push((*gain * scale) as i64)));
            *gain = if sum == self.full { 1.0 } else { sum as f64 * back };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_means_reach_over_what_they_should_and_are_exact() {
        for length in [1, 2, 5, 89, 193, 3840] {
            let mut means = Means::new(length);
            let mut gains = vec![1.0; 4 * length];
            gains[length..2 * length].fill(0.25);
            means.run(&mut gains);
            assert!(gains[..length].iter().all(|gain| *gain == 1.0), "{length}");
            assert_eq!(gains[2 * length - 1], 0.25, "{length}");
            let back = 3 * length - 1;
            assert!(gains[back..].iter().all(|gain| *gain == 1.0), "{length}");
            assert!(gains[2 * length..back].windows(2).all(|pair| pair[0] <= pair[1]), "{length}");
        }
    }

    #[test]
    fn a_mean_is_a_mean() {
        let mut means = Means::new(30);
        let mut gains: Vec<f64> = (0..300).map(|n| f64::from(n * 7919 % 300) / 300.0).collect();
        let input = gains.clone();
        means.run(&mut gains);
        let box_of = |x: &[f64], length: usize| -> Vec<f64> {
            (0..x.len())
                .map(|n| {
                    (0..length).map(|k| n.checked_sub(k).map_or(1.0, |i| x[i])).sum::<f64>() / length as f64
                })
                .collect()
        };
        let lengths = means.sums.each_ref().map(|sum| sum.ring.len());
        assert_eq!(lengths.iter().sum::<usize>(), 32);
        let expected = lengths.iter().fold(input, |x, length| box_of(&x, *length));
        assert!(gains.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-12));
    }
}
