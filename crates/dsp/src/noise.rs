//! Random numbers that depend on nothing but where they are used.
//!
//! A generator with a state would give other numbers after a seek, in another block size or on another thread. Here
//! each number is a hash of (seed, channel, frame), so any part of a programme can be rendered alone and is the same.
//!
//! The hash is the output function of SplitMix64 (Steele, Lea and Flood, *Fast splittable pseudorandom number
//! generators*, 2014; constants by Stafford's variant 13), whose state is a counter anyway.

/// 2⁶⁴ divided by the golden ratio: the step of the counter.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Random numbers of one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noise {
    key: u64,
}

impl Noise {
    /// The numbers that belong to `seed` and `channel`.
    #[must_use]
    pub fn new(seed: u64, channel: usize) -> Self {
        // Hashed twice, so that neighbouring seeds and channels are not neighbouring stretches of one sequence.
        Self { key: mix(mix(seed.wrapping_add(GOLDEN)) ^ (channel as u64).wrapping_mul(GOLDEN)) }
    }

    /// 64 random bits for `frame`.
    #[inline]
    #[must_use]
    pub fn bits(&self, frame: u64) -> u64 {
        mix(self.key.wrapping_add(frame.wrapping_add(1).wrapping_mul(GOLDEN)))
    }

    /// A number from −1 to 1, all equally likely; the mean is exactly 0.
    #[inline]
    #[must_use]
    pub fn uniform(&self, frame: u64) -> f64 {
        // 52 bits and a half: symmetric about 0, and exact in an f64.
        let steps = (self.bits(frame) >> 12) as i64 - (1 << 51);
        (steps as f64 + 0.5) / (1_u64 << 51) as f64
    }

    /// A number from −1 to 1 with triangular density, the sum of two uniform ones from −½ to ½; the mean is exactly 0,
    /// the variance 1/6.
    #[inline]
    #[must_use]
    pub fn triangular(&self, frame: u64) -> f64 {
        let bits = self.bits(frame);
        let sum = (bits >> 32) as i64 + (bits & 0xffff_ffff) as i64;
        (sum - 0xffff_ffff) as f64 / (1_u64 << 32) as f64
    }
}

#[inline]
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_splitmix64() {
        // The first outputs of the reference program for the state 1234567.
        let noise = Noise { key: 1_234_567 };
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!([0, 1, 2].map(|frame| noise.bits(frame)), expected);
    }

    #[test]
    fn mean_and_variance_are_those_of_the_densities() {
        const COUNT: u64 = 1 << 20;
        let noise = Noise::new(1, 0);
        for (name, draw, variance) in [
            ("uniform", Noise::uniform as fn(&Noise, u64) -> f64, 1.0 / 3.0),
            ("triangular", Noise::triangular, 1.0 / 6.0),
        ] {
            let (mut sum, mut squares, mut most) = (0.0, 0.0, 0.0_f64);
            for frame in 0..COUNT {
                let x = draw(&noise, frame);
                sum += x;
                squares += x * x;
                most = most.max(x.abs());
            }
            assert!((sum / COUNT as f64).abs() < 0.003, "{name}: mean {}", sum / COUNT as f64);
            assert!((squares / COUNT as f64 / variance - 1.0).abs() < 0.005, "{name}: variance");
            assert!(most < 1.0 && most > 0.99, "{name}: reaches {most}");
        }
    }

    #[test]
    fn frames_channels_and_seeds_have_nothing_to_do_with_each_other() {
        const COUNT: u64 = 1 << 18;
        let correlation = |a: Noise, b: Noise, shift: u64| {
            let product = |frame: u64| a.uniform(frame) * b.uniform(frame + shift);
            3.0 * (0..COUNT).map(product).sum::<f64>() / COUNT as f64
        };
        let one = Noise::new(1, 0);
        for (name, other, shift) in [
            ("next frame", one, 1),
            ("eight frames on", one, 8),
            ("next channel", Noise::new(1, 1), 0),
            ("next seed", Noise::new(2, 0), 0),
            ("next channel, next frame", Noise::new(1, 1), 1),
        ] {
            let found = correlation(one, other, shift);
            assert!(found.abs() < 0.01, "{name}: {found}");
        }
    }
}
