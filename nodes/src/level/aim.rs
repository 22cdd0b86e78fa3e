//! Which gain to try next, and when to stop.
//!
//! What is delivered grows with the gain, dB for dB where nothing holds it down, more slowly into a limiter, and in the
//! end hardly at all. So: a secant through the two runs nearest to the target, bent as a limiter bends it where they look
//! like one, with steps and slopes kept in bounds.

/// The most runs that look for the gain. One more may go back to the best of them.
const MOST_TRIES: usize = 4;
/// The most dB from one run to the next.
const MOST_STEP_DB: f64 = 12.0;
/// Where 1 dB more makes it louder by less than this, more gain only crushes.
const FLAT: f64 = 0.2;
/// What a limiter typically takes away, in dB per dB² above where it begins: a guess, for the first correction alone.
const LIMITER_LOSS: f64 = 0.03;
/// Up to here a loss looks like a limiter's; a larger one like a plain gain further down.
const MOST_LIMITER_LOSS_DB: f64 = 2.5;

/// One run: the gain and the loudness at the output that came of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Run {
    pub(super) gain_db: f64,
    pub(super) lufs: f64,
}

/// What to do after a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Verdict {
    /// Run again with this gain.
    Try(f64),
    /// The last run is within the tolerance.
    Reached,
    /// The last run is the best there is; the loudness gained by the last dB of gain, where that is why.
    Best(Option<f64>),
}

/// The runs so far, and the target.
#[derive(Clone, Debug)]
pub(super) struct Search {
    pub(super) target_lufs: f64,
    /// The loudness before the gain.
    heard_lufs: Option<f64>,
    pub(super) tolerance_lu: f64,
    pub(super) most_gain_db: f64,
    pub(super) runs: Vec<Run>,
    /// Set once the search is over and the best gain runs again.
    going_back: Option<Option<f64>>,
}

impl Search {
    pub(super) fn new(
        target_lufs: f64,
        heard_lufs: Option<f64>,
        tolerance_lu: f64,
        most_gain_db: f64,
    ) -> Self {
        Self { target_lufs, heard_lufs, tolerance_lu, most_gain_db, runs: Vec::new(), going_back: None }
    }

    /// Takes in a run.
    pub(super) fn after(&mut self, run: Run) -> Verdict {
        self.runs.push(run);
        if self.error(run).abs() <= self.tolerance_lu {
            return Verdict::Reached;
        }
        if let Some(slope) = self.going_back {
            return Verdict::Best(slope);
        }
        let slope = self.slope();
        let flat = slope.filter(|slope| *slope < FLAT && self.runs.iter().all(|run| self.error(*run) < 0.0));
        if flat.is_none()
            && self.runs.len() < MOST_TRIES
            && let Some(gain) = self.guess(slope)
        {
            return Verdict::Try(gain);
        }
        self.settle(flat)
    }

    /// Ends with the best run as the last one.
    fn settle(&mut self, flat: Option<f64>) -> Verdict {
        let [before @ .., last] = self.runs.as_slice() else { return Verdict::Best(flat) };
        let best = before.iter().fold(*last, |best, run| {
            if self.error(*run).abs() < self.error(best).abs() { *run } else { best }
        });
        if best.gain_db == last.gain_db {
            return Verdict::Best(flat);
        }
        self.going_back = Some(flat);
        Verdict::Try(best.gain_db)
    }

    fn error(&self, run: Run) -> f64 {
        run.lufs - self.target_lufs
    }

    /// The two runs nearest to the target, nearest first.
    fn nearest(&self) -> Option<(Run, Run)> {
        let mut sorted = self.runs.clone();
        sorted.sort_by(|a, b| self.error(*a).abs().total_cmp(&self.error(*b).abs()));
        match sorted.as_slice() {
            [first, second, ..] => Some((*first, *second)),
            _ => None,
        }
    }

    /// How many dB louder it became for 1 dB more gain.
    fn slope(&self) -> Option<f64> {
        let (a, b) = self.nearest()?;
        let slope = (a.lufs - b.lufs) / (a.gain_db - b.gain_db);
        slope.is_finite().then_some(slope)
    }

    /// The next gain. `None` when the limits leave no other.
    fn guess(&self, slope: Option<f64>) -> Option<f64> {
        let nearest = self.nearest().map_or_else(|| self.runs.last().copied(), |(first, _)| Some(first))?;
        let missing = -self.error(nearest);
        let slope = slope.unwrap_or_else(|| {
            let limiter = (0.0..=MOST_LIMITER_LOSS_DB).contains(&missing);
            if limiter { 1.0 - 2.0 * (LIMITER_LOSS * missing).sqrt() } else { 1.0 }
        });
        let secant = missing / slope.clamp(FLAT, 2.0);
        let bent = self.through_three().or_else(|| self.through_losses()).map(|gain| gain - nearest.gain_db);
        // A curve counts where it asks for a step of a believable size in the right direction.
        let step = bent.filter(|step| (0.5..2.0).contains(&(step / secant))).unwrap_or(secant);
        let step = step.clamp(-MOST_STEP_DB, MOST_STEP_DB);
        let gain = (nearest.gain_db + step).min(self.most_gain_db);
        let tried = self.runs.iter().any(|run| (run.gain_db - gain).abs() < 1e-6);
        (!tried).then_some(gain)
    }
}

impl Search {
    /// The gain at which the parabola through the last three runs, of gain over loudness, has the target. `None` for fewer
    /// runs, and where more gain did not always make it louder.
    fn through_three(&self) -> Option<f64> {
        let mut runs = self.runs.get(self.runs.len().checked_sub(3)?..)?.to_vec();
        runs.sort_by(|a, b| a.gain_db.total_cmp(&b.gain_db));
        let [a, b, c] = runs[..] else { return None };
        let slope = |from: Run, to: Run| (to.gain_db - from.gain_db) / (to.lufs - from.lufs);
        let (first, second) = (slope(a, b), slope(b, c));
        let bend = (second - first) / (c.lufs - a.lufs);
        let gain = c.gain_db + (self.target_lufs - c.lufs) * (second + bend * (self.target_lufs - b.lufs));
        (first > 0.0 && second > 0.0 && gain.is_finite()).then_some(gain)
    }

    /// The gain at which a limiter that went through the two nearest runs gives the target. What it takes away grows
    /// with the square of the gain above where it begins, so the root of that is a straight line. `None` where the
    /// runs do not look so.
    fn through_losses(&self) -> Option<f64> {
        let ((a, b), heard) = (self.nearest()?, self.heard_lufs?);
        let root = |run: Run| {
            let loss = heard + run.gain_db - run.lufs;
            (loss > 0.01).then(|| loss.sqrt())
        };
        let (root_a, root_b) = (root(a)?, root(b)?);
        let slope = (root_a - root_b) / (a.gain_db - b.gain_db);
        let origin = root_a - slope * a.gain_db;
        // gain − root² = target − heard, with root = origin + slope · gain; the solution at which it still rises.
        let half = 0.5 / slope;
        let square = half * half - (origin / slope + self.target_lufs - heard);
        let gain = (half - square.sqrt() - origin) / slope;
        (slope > 0.0 && gain.is_finite()).then_some(gain)
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;

    /// Runs the search on a chain; gives back all runs and how it ended.
    fn search(target: f64, first: f64, chain: impl Fn(f64) -> f64) -> (Vec<Run>, Verdict) {
        let mut search = Search::new(target, Some(-20.0), 0.05, 30.0);
        let mut gain = first;
        loop {
            let verdict = search.after(Run { gain_db: gain, lufs: chain(gain) });
            match verdict {
                Verdict::Try(next) => gain = next,
                _ => return (search.runs, verdict),
            }
            assert!(search.runs.len() <= MOST_TRIES + 1);
        }
    }

    /// A programme of −20 LUFS before a limiter that begins to work at `begin` dB of gain.
    fn limited(begin: f64, loss: f64) -> impl Fn(f64) -> f64 {
        move |gain| {
            let over = (gain - begin).max(0.0);
            // Quadratic at first; in the end nothing gets louder.
            let top = 1.0 / (2.0 * loss);
            -20.0 + gain - if over < top { loss * over * over } else { over - top / 2.0 }
        }
    }

    #[test]
    fn without_a_limiter_the_first_run_is_right() {
        assert_eq!(search(-14.0, 6.0, |gain| -20.0 + gain).0.len(), 1);
    }

    #[test]
    fn a_plain_gain_behind_takes_two_runs() {
        for behind in [-6.0, 3.0, 8.0] {
            let (runs, end) = search(-14.0, 6.0, |gain| -20.0 + gain + behind);
            assert_eq!((runs.len(), end), (2, Verdict::Reached), "{behind} dB");
        }
    }

    #[test]
    fn a_limiter_takes_two_or_three_runs() {
        for loss in [0.02, 0.03, 0.05] {
            for (begin, most) in [(4.0, 2), (2.5, 3), (0.0, 3)] {
                if loss > 0.04 && begin == 0.0 {
                    continue; // −15 LUFS is the most there is.
                }
                let (runs, end) = search(-14.0, 6.0, limited(begin, loss));
                assert_eq!(end, Verdict::Reached, "{loss} {begin}: {runs:?}");
                assert!(runs.len() <= most, "{loss} {begin}: {} runs: {runs:?}", runs.len());
            }
        }
    }

    /// Loudness at five gains, as measured on a long and very dynamic programme behind a compressor and a limiter.
    #[test]
    fn a_programme_that_bends_more_than_a_limiter_takes_four_runs() {
        const MEASURED: [(f64, f64); 5] =
            [(7.878, -11.156), (9.720, -10.491), (11.080, -10.144), (12.147, -9.910), (15.642, -9.367)];
        let chain = |gain: f64| {
            let at = MEASURED.windows(2).find(|pair| gain <= pair[1].0).unwrap_or(&MEASURED[3..]);
            at[0].1 + (at[1].1 - at[0].1) * (gain - at[0].0) / (at[1].0 - at[0].0)
        };
        let (runs, end) = search(-10.0, 7.878, chain);
        assert_eq!((runs.len(), end), (4, Verdict::Reached), "{runs:?}");
    }

    #[test]
    fn what_cannot_be_reached_ends_with_the_best_run() {
        let (runs, end) = search(-9.0, 11.0, limited(0.0, 0.05));
        assert!(matches!(end, Verdict::Best(_)), "{runs:?}");
        let best = runs.iter().map(|run| run.lufs).fold(f64::MIN, f64::max);
        assert_eq!(runs.last().unwrap().lufs, best);
        assert!(best < -9.05);
    }

    #[test]
    fn the_most_gain_is_kept() {
        let (runs, end) = search(-10.0, 30.0, |gain| -60.0 + gain);
        assert_eq!((runs.len(), end), (1, Verdict::Best(None)));
    }

    #[test]
    fn a_response_that_turns_around_still_ends_with_the_best_run() {
        let (runs, _) = search(-10.0, 10.0, |gain| if gain > 10.5 { -30.0 } else { -11.0 });
        assert_eq!(runs.last().unwrap().lufs, -11.0);
    }
}
