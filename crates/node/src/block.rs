//! Samples, planar: what a node is handed.

use std::sync::Arc;

/// Some frames of some channels, to read.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    data: &'a [f64],
    stride: usize,
    channels: usize,
    frames: usize,
}

impl<'a> Block<'a> {
    /// `channels` channels of `frames` frames; channel `c` begins at `data[c * stride]`.
    ///
    /// # Panics
    /// When `data` is too short for that.
    #[must_use]
    pub fn new(data: &'a [f64], stride: usize, channels: usize, frames: usize) -> Self {
        assert!(frames <= stride && (channels == 0 || data.len() >= (channels - 1) * stride + frames));
        Self { data, stride, channels, frames }
    }

    /// The number of channels.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The number of frames.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// One channel's samples.
    #[must_use]
    pub fn channel(&self, channel: usize) -> &'a [f64] {
        let begin = channel * self.stride;
        &self.data[begin..begin + self.frames]
    }

    /// Every channel's samples, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a [f64]> + use<'a> {
        let block = *self;
        (0..block.channels).map(move |channel| block.channel(channel))
    }

    /// Left and right, if there are just two channels.
    #[must_use]
    pub fn stereo(&self) -> Option<(&'a [f64], &'a [f64])> {
        (self.channels == 2).then(|| (self.channel(0), self.channel(1)))
    }

    /// The frames from `begin` on, `frames` of them.
    #[must_use]
    pub fn part(&self, begin: usize, frames: usize) -> Self {
        assert!(begin + frames <= self.frames);
        Self { data: &self.data[begin..], stride: self.stride, channels: self.channels, frames }
    }
}

/// Some frames of some channels, to write.
#[derive(Debug)]
pub struct BlockMut<'a> {
    data: &'a mut [f64],
    stride: usize,
    channels: usize,
    frames: usize,
}

impl<'a> BlockMut<'a> {
    /// `channels` channels of `frames` frames; channel `c` begins at `data[c * stride]`.
    ///
    /// # Panics
    /// When `data` is too short for that.
    #[must_use]
    pub fn new(data: &'a mut [f64], stride: usize, channels: usize, frames: usize) -> Self {
        assert!(frames <= stride && (channels == 0 || data.len() >= (channels - 1) * stride + frames));
        Self { data, stride, channels, frames }
    }

    /// The number of channels.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The number of frames.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// The same frames, to read.
    #[must_use]
    pub fn as_block(&self) -> Block<'_> {
        Block { data: self.data, stride: self.stride, channels: self.channels, frames: self.frames }
    }

    /// The same frames, borrowed for a while.
    #[must_use]
    pub fn reborrow(&mut self) -> BlockMut<'_> {
        BlockMut { data: self.data, stride: self.stride, channels: self.channels, frames: self.frames }
    }

    /// The frames from `begin` on, `frames` of them.
    #[must_use]
    pub fn part_mut(&mut self, begin: usize, frames: usize) -> BlockMut<'_> {
        assert!(begin + frames <= self.frames);
        BlockMut { data: &mut self.data[begin..], stride: self.stride, channels: self.channels, frames }
    }

    /// Hands `work` the frames one part after the other, each of `most` frames but for the last, with the number of the
    /// part's first frame: for kernels whose memory holds so many.
    ///
    /// # Panics
    /// When `most` is 0.
    pub fn each_part(&mut self, most: usize, mut work: impl FnMut(usize, BlockMut<'_>)) {
        for begin in (0..self.frames).step_by(most) {
            work(begin, self.part_mut(begin, most.min(self.frames - begin)));
        }
    }

    /// One channel's samples.
    #[must_use]
    pub fn channel(&self, channel: usize) -> &[f64] {
        let begin = channel * self.stride;
        &self.data[begin..begin + self.frames]
    }

    /// One channel's samples, to write.
    #[must_use]
    pub fn channel_mut(&mut self, channel: usize) -> &mut [f64] {
        let begin = channel * self.stride;
        &mut self.data[begin..begin + self.frames]
    }

    /// Every channel's samples, in order, to write.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut [f64]> {
        let frames = self.frames;
        self.data
            .chunks_mut(self.stride.max(1))
            .take(self.channels)
            .map(move |channel| &mut channel[..frames])
    }

    /// Left and right, if there are just two channels.
    #[must_use]
    pub fn stereo_mut(&mut self) -> Option<(&mut [f64], &mut [f64])> {
        if self.channels != 2 {
            return None;
        }
        let (left, right) = self.data.split_at_mut(self.stride);
        Some((&mut left[..self.frames], &mut right[..self.frames]))
    }

    /// Copies `from` here; both have the same size.
    pub fn copy_from(&mut self, from: Block<'_>) {
        for (to, from) in self.iter_mut().zip(from.iter()) {
            to.copy_from_slice(from);
        }
    }

    /// Writes `value` everywhere.
    pub fn fill(&mut self, value: f64) {
        for channel in self.iter_mut() {
            channel.fill(value);
        }
    }
}

/// Memory for up to `capacity` frames of `channels` channels.
#[derive(Clone, Debug, Default)]
pub struct Buffer {
    data: Vec<f64>,
    channels: usize,
    capacity: usize,
}

impl Buffer {
    /// Zeroed memory.
    #[must_use]
    pub fn new(channels: usize, capacity: usize) -> Self {
        Self { data: vec![0.0; channels * capacity], channels, capacity }
    }

    /// A buffer that holds these channels; all have the same length.
    ///
    /// # Panics
    /// When they have not.
    #[must_use]
    pub fn from_channels(channels: &[Vec<f64>]) -> Self {
        let mut buffer = Self::new(channels.len(), channels.first().map_or(0, Vec::len));
        for (index, channel) in channels.iter().enumerate() {
            buffer.block_mut(channel.len()).channel_mut(index).copy_from_slice(channel);
        }
        buffer
    }

    /// The number of channels.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// How many frames fit.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Moves the frames from `count` on, of `frames`, to the front: the first `count` are gone.
    pub fn drop_front(&mut self, count: usize, frames: usize) {
        for channel in self.data.chunks_mut(self.capacity.max(1)) {
            channel.copy_within(count..frames, 0);
        }
    }

    /// The first `frames` frames, to read.
    #[must_use]
    pub fn block(&self, frames: usize) -> Block<'_> {
        Block::new(&self.data, self.capacity, self.channels, frames)
    }

    /// The first `frames` frames, to write.
    #[must_use]
    pub fn block_mut(&mut self, frames: usize) -> BlockMut<'_> {
        BlockMut::new(&mut self.data, self.capacity, self.channels, frames)
    }
}

/// A wire that ends at an input other than the one that is processed in place.
#[derive(Clone, Debug)]
pub struct SideInput {
    /// The number of the input port it ends at.
    pub port: usize,
    /// What it carries, from the buffer's first frame on. Shared: other nodes may read the same wire.
    pub buffer: Arc<Buffer>,
}

/// What a [`Stream`](crate::Stream) works on: the same number of frames at every port.
///
/// Where the main output takes the main input's place ([`Ports::in_place`](crate::Ports::in_place)), the main output
/// holds the (first wire of the) main input on entry, and the inputs are all others. Elsewhere the inputs are all of
/// them, and what the outputs hold on entry means nothing. Every output must be written whole.
#[derive(Debug)]
pub struct Io<'a> {
    start: u64,
    frames: usize,
    inputs: &'a [SideInput],
    outputs: &'a mut [Buffer],
}

impl<'a> Io<'a> {
    /// `frames` frames from frame `start` of the programme on. One buffer per output port, each with room for them.
    ///
    /// # Panics
    /// When there is no output, or a buffer is too small.
    #[must_use]
    pub fn new(start: u64, frames: usize, inputs: &'a [SideInput], outputs: &'a mut [Buffer]) -> Self {
        assert!(!outputs.is_empty() && outputs.iter().all(|buffer| buffer.capacity() >= frames));
        Self { start, frames, inputs, outputs }
    }

    /// The number, from the start of the programme, of the first frame.
    #[must_use]
    pub fn start(&self) -> u64 {
        self.start
    }

    /// How many frames.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// The main output; holds the main input on entry where the node works in place.
    #[must_use]
    pub fn main(&mut self) -> BlockMut<'_> {
        self.outputs[0].block_mut(self.frames)
    }

    /// Output `port`.
    #[must_use]
    pub fn output(&mut self, port: usize) -> BlockMut<'_> {
        self.outputs[port].block_mut(self.frames)
    }

    /// All outputs at once, one buffer a port; the first [`frames`](Self::frames) frames of each are to be written.
    #[must_use]
    pub fn outputs(&mut self) -> &mut [Buffer] {
        self.outputs
    }

    /// All wires but the one that is processed in place: for nodes that hand them on to another.
    #[must_use]
    pub fn side_inputs(&self) -> &'a [SideInput] {
        self.inputs
    }

    /// What the first wire at input `port` carries. `None` when nothing is connected there.
    #[must_use]
    pub fn input(&self, port: usize) -> Option<Block<'a>> {
        self.wires(port).next()
    }

    /// What the wires at input `port` carry, in the order of the file. For a main port that is processed in place the
    /// first wire is not among them: it is in the main output already.
    pub fn wires(&self, port: usize) -> impl Iterator<Item = Block<'a>> + use<'a> {
        let (inputs, frames) = (self.inputs, self.frames);
        inputs.iter().filter(move |input| input.port == port).map(move |input| input.buffer.block(frames))
    }
}
