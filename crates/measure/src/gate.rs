//! From power to loudness: the formula, the gates, the range.

use deadwax_dsp::math::power_to_db;

/// BS.1770-5, equation 2: brings a 997 Hz sine of 0 dBFS in one channel to −3.01 LUFS.
const OFFSET_LU: f64 = -0.691;
/// Blocks below are silence, in LUFS.
const ABSOLUTE_GATE_LUFS: f64 = -70.0;
/// How far below the mean a block no longer counts: in integrated loudness, and in loudness range.
const RELATIVE_GATE_LU: f64 = -10.0;
const RANGE_GATE_LU: f64 = -20.0;

/// The loudness in LUFS of a K-weighted, channel-weighted mean square. −∞ for 0.
pub(crate) fn lufs(power: f64) -> f64 {
    OFFSET_LU + power_to_db(power)
}

/// The mean square that has a loudness of `lufs`.
fn power(lufs: f64) -> f64 {
    deadwax_dsp::math::exp((lufs - OFFSET_LU) / 10.0 * std::f64::consts::LN_10)
}

/// The mean in a fixed order of those of `blocks` that are above `gate`. `None` when none is.
fn mean_above(blocks: &[f64], gate: f64) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0_u64);
    for block in blocks.iter().filter(|block| **block > gate) {
        sum += block;
        count += 1;
    }
    (count > 0).then(|| sum / count as f64)
}

/// Integrated loudness, in LUFS, of the powers of 400 ms blocks (BS.1770-5, equations 5 to 7). `None` when all are
/// silent.
pub(crate) fn integrated_lufs(blocks: &[f64]) -> Option<f64> {
    let absolute = power(ABSOLUTE_GATE_LUFS);
    let mean = mean_above(blocks, absolute)?;
    let relative = mean * power(OFFSET_LU + RELATIVE_GATE_LU);
    mean_above(blocks, relative.max(absolute)).map(lufs)
}

/// The power from which on 3 s windows count for their loudness range. `None` when all are silent.
pub(crate) fn range_gate(windows: &[f64]) -> Option<f64> {
    let absolute = power(ABSOLUTE_GATE_LUFS);
    let mean = mean_above(windows, absolute)?;
    Some((mean * power(OFFSET_LU + RANGE_GATE_LU)).max(absolute))
}

/// Loudness range, in LU, of the powers of 3 s windows that overlap by 2.9 s (EBU Tech 3342): from the 10th to the 95th percentile of those
/// above the gates. `None` when all are silent.
pub(crate) fn range_lu(windows: &[f64]) -> Option<f64> {
    let gate = range_gate(windows)?;
    let mut kept: Vec<f64> = windows.iter().copied().filter(|window| *window >= gate).collect();
    kept.sort_by(f64::total_cmp);
    let last = kept.len().checked_sub(1)? as f64;
    let at = |part: f64| lufs(kept[(last * part).round() as usize]);
    Some(at(0.95) - at(0.10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_and_loudness_are_inverse() {
        for level in [-70.0, -23.0, 0.0] {
            assert!((lufs(power(level)) - level).abs() < 1e-12);
        }
    }

    #[test]
    fn the_gates_leave_out_silence_and_what_is_10_lu_below_the_mean() {
        assert_eq!(integrated_lufs(&[0.0, power(-70.1)]), None);
        assert_eq!(range_lu(&[]), None);
        let blocks = [power(-20.0), power(-20.0), power(-35.0), power(-80.0)];
        assert!((integrated_lufs(&blocks).unwrap() + 20.0).abs() < 1e-9);
    }
}
