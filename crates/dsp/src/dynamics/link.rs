//! How channels share what they hear.

use super::ear::to_db;

/// Which level channels share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LinkLaw {
    /// That of the loudest.
    #[default]
    Max,
    /// The mean of their powers: one loud channel among soft ones counts less.
    Mean,
}

impl LinkLaw {
    /// Writes the level that the channels share, an amplitude, to `shared`.
    pub(super) fn join(self, levels: &[Vec<f64>], shared: &mut [f64]) {
        let Some((first, others)) = levels.split_first() else { return shared.fill(0.0) };
        shared.copy_from_slice(&first[..shared.len()]);
        match self {
            Self::Max => {
                for other in others {
                    for (level, other) in shared.iter_mut().zip(other) {
                        *level = if *other > *level { *other } else { *level };
                    }
                }
            }
            Self::Mean => {
                let scale = 1.0 / levels.len() as f64;
                shared.iter_mut().for_each(|level| *level *= *level);
                for other in others {
                    for (level, other) in shared.iter_mut().zip(other) {
                        *level += other * other;
                    }
                }
                shared.iter_mut().for_each(|level| *level = (*level * scale).sqrt());
            }
        }
    }
}

/// Writes the levels in dB that each follower goes by: one for all, or each its own, so far as `link` (0 to 1) leaves
/// it. `shared` is scratch memory.
pub(super) fn levels_to_db<'a>(
    levels: &[Vec<f64>],
    law: LinkLaw,
    link: f64,
    shared: &mut [f64],
    followers: impl ExactSizeIterator<Item = &'a mut [f64]>,
) {
    spread(levels, law, link, shared, followers, to_db);
}

/// The same for amplitudes, by the loudest.
pub(super) fn share<'a>(
    levels: &[Vec<f64>],
    link: f64,
    shared: &mut [f64],
    followers: impl ExactSizeIterator<Item = &'a mut [f64]>,
) {
    spread(levels, LinkLaw::Max, link, shared, followers, |_| {});
}

fn spread<'a>(
    levels: &[Vec<f64>],
    law: LinkLaw,
    link: f64,
    shared: &mut [f64],
    followers: impl ExactSizeIterator<Item = &'a mut [f64]>,
    scale: impl Fn(&mut [f64]),
) {
    if followers.len() == 1 {
        for work in followers {
            law.join(levels, work);
            scale(work);
        }
        return;
    }
    if link > 0.0 {
        law.join(levels, shared);
        scale(shared);
    }
    for (work, own) in followers.zip(levels) {
        work.copy_from_slice(&own[..work.len()]);
        scale(work);
        if link > 0.0 {
            for (level, shared) in work.iter_mut().zip(shared.iter()) {
                *level += link * (*shared - *level);
            }
        }
    }
}
