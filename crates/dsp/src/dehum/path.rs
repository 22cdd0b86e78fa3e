//! The most likely course of something that changes slowly (Viterbi, 1967), and a smooth curve through uncertain points
//! (Whittaker, 1923).

/// How far the course may go from one step to the next.
pub(super) struct Steps {
    /// What it costs to go on by 0, 1, 2 … states, either way, in nepers of likelihood; further it may not go.
    pub(super) costs: Vec<f64>,
    /// Whether the last state lies beside the first.
    pub(super) round: bool,
}

impl Steps {
    /// Up to `reach` states, `sigma` of them as the usual change.
    pub(super) fn usual(reach: usize, sigma: f64) -> Self {
        let cost = |by: usize| 0.5 * (by as f64 / sigma) * (by as f64 / sigma);
        Self { costs: (0..=reach).map(cost).collect(), round: false }
    }
}

/// The states, with their fractions, of the course with the highest sum of `scores[step · states + state]`.
pub(super) fn best_path(scores: &[f32], states: usize, steps: &Steps) -> Vec<f64> {
    let count = scores.len() / states;
    let reach = steps.costs.len() as i32 - 1;
    let mut best: Vec<f64> = vec![0.0; states];
    let mut next = best.clone();
    // How far each state's best ancestor is away.
    let mut from: Vec<i8> = vec![0; scores.len()];
    for step in 0..count {
        for state in 0..states {
            let mut found = (f64::NEG_INFINITY, 0_i8);
            for by in -reach..=reach {
                let at = state as i32 + by;
                let at = if steps.round { at.rem_euclid(states as i32) } else { at };
                if let Some(sum) = usize::try_from(at).ok().and_then(|at| best.get(at)) {
                    let sum = sum - steps.costs[by.unsigned_abs() as usize];
                    if sum > found.0 {
                        found = (sum, by as i8);
                    }
                }
            }
            next[state] = found.0 + f64::from(scores[step * states + state]);
            from[step * states + state] = found.1;
        }
        std::mem::swap(&mut best, &mut next);
    }
    let mut state = (0..states).fold(0, |top, state| if best[state] > best[top] { state } else { top });
    // Counted on, past the ends of a round scale.
    let mut counted = state as i64;
    let mut path = vec![0.0; count];
    for step in (0..count).rev() {
        let row = &scores[step * states..(step + 1) * states];
        path[step] = counted as f64 + summit(row, state, steps.round);
        let by = i64::from(from[step * states + state]);
        counted += by;
        state = (state as i64 + by).rem_euclid(states as i64) as usize;
    }
    path
}

/// How far from `state` the top of the parabola through it and its neighbours is.
fn summit(row: &[f32], state: usize, round: bool) -> f64 {
    let states = row.len();
    if states < 3 || !round && (state == 0 || state + 1 == states) {
        return 0.0;
    }
    let at = |by: usize| f64::from(row[(state + by) % states]);
    let (before, here, behind) = (at(states - 1), at(0), at(1));
    let bend = before + behind - 2.0 * here;
    if bend < 0.0 { (0.5 * (before - behind) / bend).clamp(-0.5, 0.5) } else { 0.0 }
}

/// The curve that is near the `points` as far as their `weights` go, and bends as little as `stiffness` wants.
pub(super) fn smooth(points: &[f64], weights: &[f64], stiffness: f64) -> Vec<f64> {
    let n = points.len();
    if n < 3 {
        return points.to_vec();
    }
    // The matrix W + λ D'D, D the second differences: three of its five diagonals, and then their factors L D L'.
    let mut rows: Vec<[f64; 3]> =
        weights.iter().map(|weight| [weight + 1e-12 * stiffness, 0.0, 0.0]).collect();
    for i in 0..n - 2 {
        for (a, x) in [1.0, -2.0, 1.0].iter().enumerate() {
            for (b, y) in [1.0, -2.0, 1.0].iter().enumerate().skip(a) {
                rows[i + a][b - a] += stiffness * x * y;
            }
        }
    }
    let mut out: Vec<f64> = points.iter().zip(weights).map(|(point, weight)| point * weight).collect();
    for i in 0..n {
        let [pivot, one, two] = rows[i];
        for (by, side) in [(1, one), (2, two)] {
            if i + by < n {
                let factor = side / pivot;
                rows[i + by][0] -= factor * side;
                if by == 1 {
                    rows[i + 1][1] -= factor * two;
                }
                out[i + by] -= factor * out[i];
            }
        }
    }
    for i in (0..n).rev() {
        let [pivot, one, two] = rows[i];
        let mut x = out[i];
        x -= if i + 1 < n { one * out[i + 1] } else { 0.0 };
        x -= if i + 2 < n { two * out[i + 2] } else { 0.0 };
        out[i] = x / pivot;
    }
    out
}
