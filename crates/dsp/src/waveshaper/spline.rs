//! Exact means of piecewise polynomials.
//!
//! By Hermite and Genocchi a divided difference of an antiderivative is the mean of the function over the simplex of its
//! points. Of a truncated power that mean has a closed form without differences of nearly equal numbers: a power of the
//! part that lies above the corner, over the lengths of the sides that lead there, and, where most of it lies above, a
//! complete homogeneous polynomial less the part that lies below.

/// coefficient · max(v − corner, 0)^power, and the same turned around for negative v.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Term {
    corner: f64,
    power: i32,
    coefficient: f64,
}

impl Term {
    pub(super) fn new(corner: f64, power: i32, coefficient: f64) -> Self {
        Self { corner, power, coefficient }
    }
}

/// The mean of the sum of `terms` between two points.
pub(super) fn first(terms: &[Term], [x, y]: [f64; 2]) -> f64 {
    let (low, high) = if x <= y { (x, y) } else { (y, x) };
    let mean = |term: &Term| {
        let t = term.corner;
        let above = if high > t { segment(low - t, high - t, term.power) } else { 0.0 };
        let below = if low < -t { segment(-high - t, -low - t, term.power) } else { 0.0 };
        term.coefficient * (above - below)
    };
    terms.iter().map(mean).sum()
}

/// The mean of max(v, 0)^power for v from `a` to `b`, where b ≥ a and b > 0.
fn segment(a: f64, b: f64, power: i32) -> f64 {
    let scale = 1.0 / f64::from(power + 1);
    if a >= 0.0 {
        // (b^(p+1) − a^(p+1)) / (b − a), divided out.
        let (mut sum, mut of_a) = (1.0, 1.0);
        for _ in 0..power {
            of_a *= a;
            sum = sum * b + of_a;
        }
        scale * sum
    } else {
        scale * raised(b, power) * (b / (b - a))
    }
}

/// The mean of the sum of `terms` over the triangle of three points.
pub(super) fn second(terms: &[Term], mut points: [f64; 3]) -> f64 {
    for (a, b) in [(0, 1), (1, 2), (0, 1)] {
        if points[a] > points[b] {
            points.swap(a, b);
        }
    }
    let [low, middle, high] = points;
    let mean = |term: &Term| {
        let t = term.corner;
        let above = if high > t { triangle([low - t, middle - t, high - t], term.power) } else { 0.0 };
        let below = if low < -t { triangle([-high - t, -middle - t, -low - t], term.power) } else { 0.0 };
        term.coefficient * (above - below)
    };
    terms.iter().map(mean).sum()
}

/// The mean of max(v, 0)^power over the triangle of the ascending `a`, `b`, `c`, where c > 0.
fn triangle([a, b, c]: [f64; 3], power: i32) -> f64 {
    let scale = 2.0 / f64::from((power + 1) * (power + 2));
    if b <= 0.0 {
        return scale * raised(c, power) * (c / (c - a)) * (c / (c - b));
    }
    // The complete homogeneous polynomials of a, of a and b, and of all three, by their recurrence.
    let (mut one, mut two, mut three) = (1.0, 1.0, 1.0);
    for _ in 0..power {
        one *= a;
        two = two * b + one;
        three = three * c + two;
    }
    if a >= 0.0 {
        return scale * three;
    }
    let below = raised(a, power) * (a / (b - a)) * (a / (c - a));
    scale * (three - below)
}

fn raised(x: f64, power: i32) -> f64 {
    match power {
        1 => x,
        2 => x * x,
        _ => x * x * x,
    }
}
