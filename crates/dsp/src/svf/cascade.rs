//! Sections one after the other, over blocks.

use super::{Section, Step, TICK_FRAMES, flush, tick};

/// The most sections that go over a block in one pass: so many states and temporaries fit the registers.
const PASS: usize = 4;

/// The two integrators of one section on `L` channels.
type State<const L: usize> = [[f64; L]; 2];

/// Several sections, one after the other, for a number of channels. Each channel has states and a frame count of its
/// own, so channels may be processed in any order, alone or in pairs, with the same result.
#[derive(Clone, Debug)]
pub struct Cascade {
    steps: Vec<Step>,
    /// The states of channel c, section i: number c · sections + i.
    states: Vec<State<1>>,
    /// Frames since the last look for small states, by channel.
    phases: Vec<usize>,
}

impl Cascade {
    /// Silent filters for `channels` channels. No sections pass everything.
    #[must_use]
    pub fn new(sections: &[Section], channels: usize) -> Self {
        Self {
            steps: sections.iter().map(Step::of).collect(),
            states: vec![[[0.0]; 2]; sections.len() * channels],
            phases: vec![0; channels],
        }
    }

    /// The number of channels.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.phases.len()
    }

    /// The number of sections.
    #[must_use]
    pub fn sections(&self) -> usize {
        self.steps.len()
    }

    /// Back to silence.
    pub fn reset(&mut self) {
        self.states.fill([[0.0]; 2]);
        self.phases.fill(0);
    }

    /// Filters the next frames of `channel` in place.
    ///
    /// # Panics
    /// When there is no such channel.
    pub fn process(&mut self, channel: usize, block: &mut [f64]) {
        let count = self.steps.len();
        let states = &mut self.states[channel * count..(channel + 1) * count];
        for (steps, states) in self.steps.chunks(PASS).zip(states.chunks_mut(PASS)) {
            let mut work = [[[0.0]; 2]; PASS];
            work[..steps.len()].copy_from_slice(states);
            run_any(steps, &mut work, [block], self.phases[channel]);
            states.copy_from_slice(&work[..steps.len()]);
        }
        self.phases[channel] = (self.phases[channel] + block.len()) % TICK_FRAMES;
    }

    /// Filters the next frames of `channel` and the one behind it, side by side: the same bits as two calls of
    /// [`process`](Self::process), in about half the time.
    ///
    /// # Panics
    /// When there are no such channels, or the blocks differ in length.
    pub fn process_pair(&mut self, channel: usize, left: &mut [f64], right: &mut [f64]) {
        assert_eq!(left.len(), right.len());
        if self.phases[channel] != self.phases[channel + 1] {
            self.process(channel, left);
            self.process(channel + 1, right);
            return;
        }
        let count = self.steps.len();
        let (first, second) = self.states[channel * count..(channel + 2) * count].split_at_mut(count);
        for (index, steps) in self.steps.chunks(PASS).enumerate() {
            let range = index * PASS..index * PASS + steps.len();
            let (first, second) = (&mut first[range.clone()], &mut second[range]);
            let mut work = [[[0.0; 2]; 2]; PASS];
            for (work, (a, b)) in work.iter_mut().zip(first.iter().zip(second.iter())) {
                *work = [[a[0][0], b[0][0]], [a[1][0], b[1][0]]];
            }
            run_any(steps, &mut work, [left, right], self.phases[channel]);
            for (work, (a, b)) in work.iter().zip(first.iter_mut().zip(second.iter_mut())) {
                (*a, *b) = ([[work[0][0]], [work[1][0]]], [[work[0][1]], [work[1][1]]]);
            }
        }
        let phase = (self.phases[channel] + left.len()) % TICK_FRAMES;
        (self.phases[channel], self.phases[channel + 1]) = (phase, phase);
    }

    /// Filters the next frames of all channels in place, in pairs where it can.
    ///
    /// # Panics
    /// When there are more blocks than channels, or they differ in length.
    pub fn process_all<'a>(&mut self, blocks: impl IntoIterator<Item = &'a mut [f64]>) {
        in_pairs(blocks, |channel, left, right| match right {
            Some(right) => self.process_pair(channel, left, right),
            None => self.process(channel, left),
        });
    }
}

/// Hands `run` the number of each even channel, its block and that of the one behind it.
pub(crate) fn in_pairs<'a>(
    blocks: impl IntoIterator<Item = &'a mut [f64]>,
    mut run: impl FnMut(usize, &'a mut [f64], Option<&'a mut [f64]>),
) {
    let mut blocks = blocks.into_iter();
    let mut channel = 0;
    while let Some(left) = blocks.next() {
        run(channel, left, blocks.next());
        channel += 2;
    }
}

/// Picks the pass that has as many sections as `steps` unrolled.
fn run_any<const L: usize>(
    steps: &[Step],
    states: &mut [State<L>; PASS],
    blocks: [&mut [f64]; L],
    phase: usize,
) {
    match *steps {
        [a] => run([a], states, blocks, phase),
        [a, b] => run([a, b], states, blocks, phase),
        [a, b, c] => run([a, b, c], states, blocks, phase),
        [a, b, c, d] => run([a, b, c, d], states, blocks, phase),
        _ => {}
    }
}

/// Runs `N` sections on `L` channels. A section waits for its own last frame only, so the sections of one pass overlap
/// in time although each feeds the next.
#[inline(never)]
fn run<const N: usize, const L: usize>(
    steps: [Step; N],
    states: &mut [State<L>; PASS],
    mut blocks: [&mut [f64]; L],
    phase: usize,
) {
    let frames = blocks.iter().map(|block| block.len()).min().unwrap_or(0);
    let mut work = [[[0.0; L]; 2]; N];
    work.copy_from_slice(&states[..N]);
    let (mut begin, mut phase) = (0, phase);
    while begin < frames {
        let end = frames.min(begin + TICK_FRAMES - phase);
        let mut lanes = blocks.each_mut().map(|block| &mut block[begin..end]);
        for frame in 0..end - begin {
            let mut x = lanes.each_ref().map(|lane| lane[frame]);
            for (step, state) in steps.iter().zip(&mut work) {
                x = tick(step, state, x);
            }
            for (lane, x) in lanes.iter_mut().zip(x) {
                lane[frame] = x;
            }
        }
        phase = (phase + end - begin) % TICK_FRAMES;
        if phase == 0 {
            work.iter_mut().for_each(flush);
        }
        begin = end;
    }
    states[..N].copy_from_slice(&work);
}
