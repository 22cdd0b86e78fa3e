//! How much each channel counts.

/// Weight of a channel that stands 60 to 120° to the side (BS.1770-5, table 3), about 1.5 dB.
const SIDE: f64 = 1.41;

/// The weights by which BS.1770-5 adds up the power of `channels` channels in WAV order. Four: left, right, left and
/// right surround; five and six: with a centre, and with a centre and an LFE; eight: back channels (which count 1)
/// before side channels. The LFE does not count. All channels of other numbers count 1.
#[must_use]
pub fn channel_weights(channels: usize) -> Vec<f64> {
    match channels {
        4 => vec![1.0, 1.0, SIDE, SIDE],
        5 => vec![1.0, 1.0, 1.0, SIDE, SIDE],
        6 => vec![1.0, 1.0, 1.0, 0.0, SIDE, SIDE],
        8 => vec![1.0, 1.0, 1.0, 0.0, 1.0, 1.0, SIDE, SIDE],
        _ => vec![1.0; channels],
    }
}

/// The weight of a loudspeaker at `azimuth_deg` to either side (0 is the front) and `elevation_deg` (BS.1770-5, table 3).
#[must_use]
pub fn position_weight(azimuth_deg: f64, elevation_deg: f64) -> f64 {
    let (azimuth, elevation) = (azimuth_deg.abs(), elevation_deg.abs());
    if elevation < 30.0 && (60.0..=120.0).contains(&azimuth) { SIDE } else { 1.0 }
}

/// The weights of the channels of a WAV file whose channel mask is `mask`, for `channels` channels: channels that the
/// mask does not place count 1. The back pair counts as surrounds at 110° where there is no side pair, as in 5.1.
#[must_use]
pub fn mask_weights(mask: u32, channels: usize) -> Vec<f64> {
    const LFE: u32 = 3;
    const BACK: [u32; 2] = [4, 5];
    const SIDES: [u32; 2] = [9, 10];
    let has_sides = SIDES.iter().any(|bit| mask >> bit & 1 == 1);
    let weight = |bit: u32| match bit {
        LFE => 0.0,
        _ if SIDES.contains(&bit) => position_weight(90.0, 0.0),
        _ if BACK.contains(&bit) && !has_sides => position_weight(110.0, 0.0),
        _ => 1.0,
    };
    let placed = (0..u32::BITS).filter(|bit| mask >> bit & 1 == 1).map(weight);
    placed.chain(std::iter::repeat(1.0)).take(channels).collect()
}
