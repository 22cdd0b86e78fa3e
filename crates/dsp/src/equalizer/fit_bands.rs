//! Ordinary bands for a drawn curve: shelves for its ends, bells for its bends.
//!
//! Greedy at first: a bell where the curve is furthest off, as wide as the bump is; then frequency, gain and Q of all
//! bands are moved together until the squared error is least (Levenberg–Marquardt, as in `fit`, with differences for
//! derivatives). Plain arithmetic and `libm`: the same result everywhere.

use super::fit::Normal;
use super::{Band, Magnitude};
use crate::math::{exp, gain_to_db, ln};

/// A bump smaller than this is left alone, in dB.
const SMALL_DB: f64 = 0.15;
/// A band of less gain is left out.
const FLAT_DB: f64 = 0.05;
/// Limits of a bell's Q, and of a shelf's.
const BELL_Q: (f64, f64) = (0.3, 8.0);
const SHELF_Q: (f64, f64) = (0.4, 1.0);
/// Steps of the search after every new band.
const STEPS: usize = 25;

/// One band with its unknowns: the logarithm of the frequency, the gain in dB, the logarithm of Q.
#[derive(Clone, Copy, Debug)]
struct Guess {
    form: Form,
    values: [f64; 3],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Bell,
    LowShelf,
    HighShelf,
}

impl Guess {
    fn band(&self) -> Band {
        let [freq, gain_db, q] = self.values;
        let (freq_hz, q) = (exp(freq), exp(q));
        match self.form {
            Form::Bell => Band::Bell { freq_hz, gain_db, q },
            Form::LowShelf => Band::LowShelf { freq_hz, gain_db, q },
            Form::HighShelf => Band::HighShelf { freq_hz, gain_db, q },
        }
    }

    fn gains_db(&self, curve: &[(f64, f64)]) -> Vec<f64> {
        let magnitude = Magnitude::new(self.band().prototypes());
        curve.iter().map(|(hz, _)| gain_to_db(magnitude.at(*hz))).collect()
    }

    /// Keeps the values where a band can be written.
    fn bounded(mut self, lowest_hz: f64, highest_hz: f64, most_db: f64) -> Self {
        let (least, most) = if self.form == Form::Bell { BELL_Q } else { SHELF_Q };
        self.values[0] = self.values[0].clamp(ln(lowest_hz), ln(highest_hz));
        self.values[1] = self.values[1].clamp(-most_db, most_db);
        self.values[2] = self.values[2].clamp(ln(least), ln(most));
        self
    }
}

/// At most `most` bells and shelves whose gains, added up, follow `curve`: points (Hz, dB) in order of frequency.
#[must_use]
pub fn fit_bands(curve: &[(f64, f64)], most: usize) -> Vec<Band> {
    let [(lowest_hz, _), .., (highest_hz, _)] = curve else { return Vec::new() };
    let largest = curve.iter().fold(0.0_f64, |most, (_, db)| most.max(db.abs()));
    let bound = |guess: Guess| guess.bounded(*lowest_hz, *highest_hz, (1.5 * largest).min(24.0));
    let mut guesses: Vec<Guess> = Vec::new();
    for form in [Form::LowShelf, Form::HighShelf] {
        let (end, hz) = match form {
            Form::LowShelf => (&curve[..curve.len() / 8 + 1], lowest_hz * 5.0),
            _ => (&curve[curve.len() - curve.len() / 8 - 1..], highest_hz / 3.0),
        };
        let gain = end.iter().map(|(_, db)| db).sum::<f64>() / end.len() as f64;
        if gain.abs() > SMALL_DB && guesses.len() < most {
            guesses.push(bound(Guess { form, values: [ln(hz), gain, ln(0.7)] }));
        }
    }
    refine(&mut guesses, curve, &bound);
    while guesses.len() < most {
        let Some(bell) = bump(&guesses, curve) else { break };
        guesses.push(bound(bell));
        refine(&mut guesses, curve, &bound);
    }
    guesses.retain(|guess| guess.values[1].abs() >= FLAT_DB);
    guesses.sort_by(|a, b| a.values[0].total_cmp(&b.values[0]));
    guesses.iter().map(Guess::band).collect()
}

/// What is left of the curve when the bands are taken off.
fn errors(guesses: &[Guess], curve: &[(f64, f64)]) -> Vec<f64> {
    let mut errors: Vec<f64> = curve.iter().map(|(_, db)| *db).collect();
    for guess in guesses {
        for (error, gain) in errors.iter_mut().zip(guess.gains_db(curve)) {
            *error -= gain;
        }
    }
    errors
}

/// A bell for the largest bump that is left. `None` when none is worth one.
fn bump(guesses: &[Guess], curve: &[(f64, f64)]) -> Option<Guess> {
    let left = errors(guesses, curve);
    let top = (0..left.len()).max_by(|a, b| left[*a].abs().total_cmp(&left[*b].abs()))?;
    let gain = left[top];
    if gain.abs() < SMALL_DB {
        return None;
    }
    let inside = |error: &f64| error * gain.signum() > 0.5 * gain.abs();
    let begin = left[..top].iter().rposition(|error| !inside(error)).map_or(0, |at| at + 1);
    let end = left[top..].iter().position(|error| !inside(error)).map_or(left.len() - 1, |at| top + at);
    // The width at half the gain, and the Q of the cookbook's bell that is so wide.
    let octaves = (ln(curve[end].0 / curve[begin].0) / std::f64::consts::LN_2).max(0.1);
    let q = 1.0 / (2.0 * crate::math::sinh(0.5 * std::f64::consts::LN_2 * octaves));
    Some(Guess { form: Form::Bell, values: [ln(curve[top].0), gain, ln(q)] })
}

/// Moves all bands until the error is least.
fn refine(guesses: &mut Vec<Guess>, curve: &[(f64, f64)], bound: &dyn Fn(Guess) -> Guess) {
    if guesses.is_empty() {
        return;
    }
    let cost = |guesses: &[Guess]| errors(guesses, curve).iter().map(|error| error * error).sum::<f64>();
    let mut best = cost(guesses);
    let mut damping = 1e-2;
    let mut normal = Normal::new(3 * guesses.len());
    for _ in 0..STEPS {
        let left = errors(guesses, curve);
        let mut columns = Vec::with_capacity(3 * guesses.len());
        for guess in guesses.iter() {
            let here = guess.gains_db(curve);
            for (unknown, step) in [1e-4, 1e-3, 1e-4].into_iter().enumerate() {
                let mut moved = *guess;
                moved.values[unknown] += step;
                let there = moved.gains_db(curve);
                columns.push(here.iter().zip(&there).map(|(a, b)| (b - a) / step).collect::<Vec<f64>>());
            }
        }
        normal.clear();
        let mut row = vec![0.0; columns.len()];
        for (point, error) in left.iter().enumerate() {
            row.iter_mut().zip(&columns).for_each(|(slot, column)| *slot = column[point]);
            normal.add(&row, 1.0, *error);
        }
        let Some(step) = normal.solve(damping) else {
            damping *= 10.0;
            continue;
        };
        let next: Vec<Guess> = guesses
            .iter()
            .zip(step.as_chunks::<3>().0)
            .map(|(guess, step)| {
                let mut moved = *guess;
                let most = [0.5, 3.0, 0.5];
                for ((value, step), most) in moved.values.iter_mut().zip(step).zip(most) {
                    *value += step.clamp(-most, most);
                }
                bound(moved)
            })
            .collect();
        let new = cost(&next);
        if new < best {
            let done = best - new < 1e-4 * best;
            (*guesses, best) = (next, new);
            damping = (damping * 0.3).max(1e-9);
            if done {
                break;
            }
        } else {
            damping *= 5.0;
        }
    }
}
