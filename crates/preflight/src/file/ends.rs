//! How a file begins and ends.

use deadwax_dsp::math::{db_to_gain, gain_to_db, power_to_db};
use serde::Serialize;
use std::ops::Range;

/// What is louder is heard, in dBFS.
pub(super) const HEARD_DBFS: f64 = -60.0;
/// The end of the music, over which its level is taken, in seconds; and what that is held against.
const TAIL_S: f64 = 0.005;
const BEFORE_S: f64 = 0.05;

/// How the music of a file begins and ends. Levels are those of the loudest channel; `None` is exact silence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct EndFigures {
    /// Where the music begins, in seconds: at the beginning of the file, unless a gap was said to be there.
    pub begin_s: f64,
    /// How long that is, in seconds.
    pub length_s: f64,
    /// Its first frame, in dBFS.
    pub first_dbfs: Option<f64>,
    /// Its last frame, in dBFS.
    pub last_dbfs: Option<f64>,
    /// The root of the mean square of its last 5 ms, in dBFS.
    pub tail_dbfs: Option<f64>,
    /// The same of its last 50 ms: a fade that comes to its end is far softer in its last tenth.
    pub before_dbfs: Option<f64>,
    /// Time before the first sample above −60 dBFS, in seconds; all of it, if there is none.
    pub quiet_head_s: f64,
    /// Time behind the last sample above −60 dBFS, in seconds; all of it, if there is none.
    pub quiet_tail_s: f64,
    /// Exact silence before the first word that is not zero, in seconds.
    pub zeros_head_s: f64,
    /// Exact silence behind the last word that is not zero, in seconds.
    pub zeros_tail_s: f64,
}

/// Gathers them.
pub(super) struct Ends {
    rate_hz: f64,
    heard: f64,
    /// Frames of the file that were heard, and those among them that are the music.
    seen: u64,
    music: Range<u64>,
    /// Frames of the music so far.
    frames: u64,
    first: f64,
    last: f64,
    /// The first frame, and the one behind the last, that is heard, and that is not zero.
    heard_from: Option<u64>,
    heard_to: u64,
    sound_from: Option<u64>,
    sound_to: u64,
    /// The squares of the last 50 ms, by frame number.
    squares: Vec<f64>,
}

impl Ends {
    pub(super) fn new(rate_hz: u32) -> Self {
        let rate_hz = f64::from(rate_hz);
        Self {
            rate_hz,
            heard: db_to_gain(HEARD_DBFS),
            seen: 0,
            music: 0..u64::MAX,
            frames: 0,
            first: 0.0,
            last: 0.0,
            heard_from: None,
            heard_to: 0,
            sound_from: None,
            sound_to: 0,
            squares: vec![0.0; ((rate_hz * BEFORE_S) as usize).max(1)],
        }
    }

    /// Only these frames are the music.
    pub(super) fn only(&mut self, music: Range<u64>) {
        self.music = music;
    }

    pub(super) fn push(&mut self, planes: &[&[f64]]) {
        for frame in 0..planes[0].len() {
            let file_frame = self.seen;
            self.seen += 1;
            if !self.music.contains(&file_frame) {
                continue;
            }
            let peak = planes.iter().fold(0.0, |peak: f64, plane| peak.max(plane[frame].abs()));
            let at = self.frames;
            if at == 0 {
                self.first = peak;
            }
            self.last = peak;
            if peak > 0.0 {
                self.sound_from.get_or_insert(at);
                self.sound_to = at + 1;
            }
            if peak > self.heard {
                self.heard_from.get_or_insert(at);
                self.heard_to = at + 1;
            }
            let place = (at % self.squares.len() as u64) as usize;
            self.squares[place] = peak * peak;
            self.frames += 1;
        }
    }

    pub(super) fn finish(self) -> Option<EndFigures> {
        let seconds = |frames: u64| frames as f64 / self.rate_hz;
        let level = |db: f64| db.is_finite().then_some(db);
        let last = |s: f64| {
            let count = ((self.rate_hz * s) as u64).clamp(1, self.squares.len() as u64).min(self.frames);
            let length = self.squares.len() as u64;
            let each =
                (self.frames - count..self.frames).map(|frame| self.squares[(frame % length) as usize]);
            level(power_to_db(each.sum::<f64>() / count.max(1) as f64))
        };
        (self.frames > 0).then(|| EndFigures {
            begin_s: seconds(self.music.start),
            length_s: seconds(self.frames),
            first_dbfs: level(gain_to_db(self.first)),
            last_dbfs: level(gain_to_db(self.last)),
            tail_dbfs: last(TAIL_S),
            before_dbfs: last(BEFORE_S),
            quiet_head_s: seconds(self.heard_from.unwrap_or(self.frames)),
            quiet_tail_s: seconds(self.frames - self.heard_to),
            zeros_head_s: seconds(self.sound_from.unwrap_or(self.frames)),
            zeros_tail_s: seconds(self.frames - self.sound_to),
        })
    }
}
