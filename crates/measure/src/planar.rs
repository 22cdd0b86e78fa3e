//! What a block must be.

/// One slice per channel, all of the same length.
pub(crate) fn assert_planar(block: &[&[f64]], channels: usize) {
    assert_eq!(block.len(), channels, "a meter for {channels} channels got {}", block.len());
    assert!(block.iter().all(|channel| channel.len() == block[0].len()), "channels of different lengths");
}
