//! Filters one after the other, each on a lane of the signal: what an equaliser of minimum phase runs.

use deadwax_dsp::equalizer::{Moving, Path, Plan};
use deadwax_dsp::svf::{Cascade, Section};
use deadwax_node::{BlockMut, Lane};

/// How a stage filters. One for a single lane has one channel.
enum Filter {
    Fixed(Cascade),
    Moving(Moving),
}

struct Stage {
    lane: Lane,
    filter: Filter,
}

/// What a stage is made of.
pub(super) enum Part {
    /// Sections that stay as they are.
    Fixed(Vec<Section>),
    /// A band that moves.
    Moving(Path),
}

/// All stages in their order, and a gain behind them.
pub(super) struct Chain {
    stages: Vec<Stage>,
    gain: f64,
}

impl Chain {
    /// `plan` holds the filters of all paths.
    pub(super) fn new(parts: Vec<(Lane, Part)>, plan: &Plan, channels: usize, gain: f64) -> Self {
        // Neighbours on the same lane share a cascade: it is faster than two.
        let mut joined: Vec<(Lane, Part)> = Vec::new();
        for (lane, part) in parts {
            match (joined.last_mut(), part) {
                (Some((last, Part::Fixed(sections))), Part::Fixed(more)) if *last == lane => {
                    sections.extend(more);
                }
                (_, part) => joined.push((lane, part)),
            }
        }
        let stages = joined.into_iter().map(|(lane, part)| {
            let channels = if lane == Lane::Both { channels } else { 1 };
            let filter = match part {
                Part::Fixed(sections) => Filter::Fixed(Cascade::new(&sections, channels)),
                Part::Moving(path) => Filter::Moving(Moving::new(&path, plan, channels)),
            };
            Stage { lane, filter }
        });
        Self { stages: stages.collect(), gain }
    }

    /// Back to silence.
    pub(super) fn reset(&mut self) {
        for stage in &mut self.stages {
            match &mut stage.filter {
                Filter::Fixed(cascade) => cascade.reset(),
                Filter::Moving(moving) => moving.reset(),
            }
        }
    }

    /// Filters the frames from `start` on.
    pub(super) fn process(&mut self, start: u64, mut block: BlockMut<'_>) {
        let mut in_mid_side = false;
        for Stage { lane, filter } in &mut self.stages {
            let wants = match lane {
                Lane::Both => in_mid_side,
                Lane::Left | Lane::Right => false,
                Lane::Mid | Lane::Side => true,
            };
            if wants != in_mid_side {
                turn(&mut block, wants);
                in_mid_side = wants;
            }
            match lane {
                Lane::Both => filter.all(start, block.iter_mut()),
                Lane::Left | Lane::Mid => filter.one(start, block.channel_mut(0)),
                Lane::Right | Lane::Side => filter.one(start, block.channel_mut(1)),
            }
        }
        if in_mid_side {
            turn(&mut block, false);
        }
        if self.gain != 1.0 {
            block.iter_mut().flatten().for_each(|sample| *sample *= self.gain);
        }
    }
}

/// Left and right to mid and side, or back.
fn turn(block: &mut BlockMut<'_>, to_mid_side: bool) {
    let Some((left, right)) = block.stereo_mut() else { return };
    if to_mid_side {
        for (l, r) in left.iter_mut().zip(right) {
            (*l, *r) = ((*l + *r) / 2.0, (*l - *r) / 2.0);
        }
    } else {
        for (m, s) in left.iter_mut().zip(right) {
            (*m, *s) = (*m + *s, *m - *s);
        }
    }
}

impl Filter {
    fn one(&mut self, start: u64, block: &mut [f64]) {
        match self {
            Self::Fixed(cascade) => cascade.process(0, block),
            Self::Moving(moving) => moving.process(start, 0, block),
        }
    }

    fn all<'a>(&mut self, start: u64, blocks: impl Iterator<Item = &'a mut [f64]>) {
        match self {
            Self::Fixed(cascade) => cascade.process_all(blocks),
            Self::Moving(moving) => moving.process_all(start, blocks),
        }
    }
}
