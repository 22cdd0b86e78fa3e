//! Silence in front of a side, and around the marks in it.

use deadwax_dsp::math::db_to_gain;

/// What stays below this is silent, in dBFS: no record and no cassette is quieter than that by itself.
pub const FLOOR_DBFS: f64 = -60.0;

/// Silence belongs to a mark when it reaches as near to it as this, in seconds: filters ring before music begins, and music may
/// begin softly.
const NEAR_S: f64 = 0.25;

/// Finds the silence that begins the side, and the longest one at every mark. A mark in the music has hardly any.
#[derive(Clone, Debug)]
pub(crate) struct Silences {
    marks: Vec<u64>,
    /// How long it is silent at each.
    lengths: Vec<u64>,
    /// The first mark that is not yet too far behind.
    first: usize,
    near: u64,
    at: u64,
    first_loud: Option<u64>,
    /// The first frame behind the last loud one.
    since: u64,
    floor: f64,
}

impl Silences {
    /// For `marks`, in frames, in their order, at `rate_hz`.
    pub(crate) fn new(marks: Vec<u64>, rate_hz: u32) -> Self {
        Self {
            lengths: vec![0; marks.len()],
            marks,
            first: 0,
            near: (NEAR_S * f64::from(rate_hz)) as u64,
            at: 0,
            first_loud: None,
            since: 0,
            floor: db_to_gain(FLOOR_DBFS),
        }
    }

    pub(crate) fn hear(&mut self, left: &[f64], right: &[f64]) {
        for (left, right) in left.iter().zip(right) {
            if left.abs() > self.floor || right.abs() > self.floor {
                self.end(self.at);
                self.first_loud.get_or_insert(self.at);
                self.since = self.at + 1;
            }
            self.at += 1;
        }
    }

    /// It has been silent up to the frame `until`.
    fn end(&mut self, until: u64) {
        let length = until - self.since;
        if length == 0 {
            return;
        }
        while self.marks.get(self.first).is_some_and(|mark| mark + self.near < self.since) {
            self.first += 1;
        }
        let near = self.marks[self.first..].iter().take_while(|mark| **mark <= until + self.near);
        for (longest, _) in self.lengths[self.first..].iter_mut().zip(near) {
            *longest = length.max(*longest);
        }
    }

    /// How many frames it is silent in front, and at every mark.
    pub(crate) fn finish(mut self) -> (u64, Vec<u64>) {
        self.end(self.at);
        (self.first_loud.unwrap_or(self.at), self.lengths)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_as_long_as_it_is_at_a_mark_and_hardly_any_within_music() {
        let mut side = vec![0.0; 1000];
        side[100..400].fill(0.5);
        side[500..900].fill(-0.1);
        side[700] = 0.0;
        // In the silence, at its end, a little behind it, in the music, on one quiet frame, and at the end. Near is 10 frames.
        let mut silences = Silences::new(vec![430, 500, 508, 600, 700, 950], 40);
        silences.hear(&side, &vec![0.000_9; 1000]);
        assert_eq!(silences.finish(), (100, vec![100, 100, 100, 0, 1, 100]));
        assert_eq!(Silences::new(vec![5], 40).finish(), (0, vec![0]));
    }
}
