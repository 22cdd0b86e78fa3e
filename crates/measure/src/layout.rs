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
