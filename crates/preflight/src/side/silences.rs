//! Silence in front of a side, and around the marks in it.

use deadwax_dsp::math::db_to_gain;

/// What stays below this is silent, in dBFS: no record and no cassette is quieter than that by itself.
pub const FLOOR_DBFS: f64 = -60.0;

/// Finds the silence that begins the side, and the one around every mark. A mark in the music has none.
#[derive(Clone, Debug)]
pub(crate) struct Silences {
    marks: Vec<u64>,
    /// Of the marks that have been passed, how long it is silent around them.
    lengths: Vec<u64>,
    at: u64,
    first_loud: Option<u64>,
    /// The first frame behind the last loud one.
    since: u64,
    floor: f64,
}

impl Silences {
    /// For `marks`, in frames, in their order.
    pub(crate) fn new(marks: Vec<u64>) -> Self {
        let lengths = Vec::with_capacity(marks.len());
        Self { marks, lengths, at: 0, first_loud: None, since: 0, floor: db_to_gain(FLOOR_DBFS) }
    }

    pub(crate) fn hear(&mut self, left: &[f64], right: &[f64]) {
        for (left, right) in left.iter().zip(right) {
            if left.abs() > self.floor || right.abs() > self.floor {
                self.pass(self.at);
                self.first_loud.get_or_insert(self.at);
                self.since = self.at + 1;
            }
            self.at += 1;
        }
    }

    /// It has been silent up to the frame `until`.
    fn pass(&mut self, until: u64) {
        while self.marks.get(self.lengths.len()).is_some_and(|mark| *mark <= until) {
            self.lengths.push(until - self.since);
        }
    }

    /// How many frames it is silent in front, and around every mark.
    pub(crate) fn finish(mut self) -> (u64, Vec<u64>) {
        self.pass(self.at);
        self.lengths.resize(self.marks.len(), 0);
        (self.first_loud.unwrap_or(self.at), self.lengths)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_as_long_as_it_is_around_a_mark_and_none_within_music() {
        let mut side = vec![0.0; 1000];
        side[100..400].fill(0.5);
        side[500..900].fill(-0.1);
        side[700] = 0.0;
        // In the silence, at its end, in the music, on one quiet frame, and behind everything.
        let mut silences = Silences::new(vec![430, 500, 600, 700, 950]);
        silences.hear(&side, &vec![0.000_9; 1000]);
        assert_eq!(silences.finish(), (100, vec![100, 100, 0, 1, 100]));
    }
}
