//! What nodes are fed: seeded, so that a failure comes back.

/// Seeded white noise, from −1 to 1.
pub(super) fn noise(frames: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = || {
        // Marsaglia's xorshift64*.
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        let bits = state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11;
        bits as f64 / (1_u64 << 52) as f64 - 1.0
    };
    std::iter::repeat_with(next).take(frames).collect()
}

/// One signal per channel, each `scale` times noise of its own.
pub(super) fn programme(channels: usize, frames: usize, scale: f64, seed: u64) -> Vec<Vec<f64>> {
    (0..channels)
        .map(|channel| noise(frames, seed + 977 * channel as u64).iter().map(|x| x * scale).collect())
        .collect()
}

/// The same value everywhere.
pub(super) fn steady(channels: usize, frames: usize, value: f64) -> Vec<Vec<f64>> {
    vec![vec![value; frames]; channels]
}

/// Sizes of blocks that add up to `frames`, drawn with a seed.
pub(super) fn random_cuts(frames: usize, seed: u64) -> Vec<usize> {
    let mut cuts = Vec::new();
    let mut left = frames;
    for draw in noise(frames + 1, seed) {
        if left == 0 {
            break;
        }
        let size = ((draw.abs() * draw.abs() * 900.0) as usize + 1).min(left);
        cuts.push(size);
        left -= size;
    }
    cuts
}

/// Blocks of `size` that add up to `frames`.
pub(super) fn even_cuts(frames: usize, size: usize) -> Vec<usize> {
    let mut cuts = vec![size; frames / size];
    if !frames.is_multiple_of(size) {
        cuts.push(frames % size);
    }
    cuts
}
