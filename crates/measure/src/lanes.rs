//! Long sums in eight lanes, whose order of additions depends on nothing but frame numbers.

const LANES: usize = 8;

/// The tree in which the lanes are added.
fn reduce(l: &[f64; LANES]) -> f64 {
    ((l[0] + l[4]) + (l[1] + l[5])) + ((l[2] + l[6]) + (l[3] + l[7]))
}

/// The sum of squares.
pub(crate) fn energy(samples: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let (chunks, rest) = samples.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, sample) in lanes.iter_mut().zip(chunk) {
            *lane += sample * sample;
        }
    }
    for (lane, sample) in lanes.iter_mut().zip(rest) {
        *lane += sample * sample;
    }
    reduce(&lanes)
}

/// A sum over frames that come in blocks of any size: frame n always goes to lane n mod 8.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum {
    lanes: [f64; LANES],
    next: usize,
}

impl Sum {
    /// Adds samples.
    pub(crate) fn add(&mut self, samples: &[f64]) {
        let head = self.head(samples.len());
        for (lane, sample) in self.lanes[self.next..].iter_mut().zip(&samples[..head]) {
            *lane += sample;
        }
        let (chunks, rest) = samples[head..].as_chunks::<LANES>();
        for chunk in chunks {
            for (lane, sample) in self.lanes.iter_mut().zip(chunk) {
                *lane += sample;
            }
        }
        for (lane, sample) in self.lanes.iter_mut().zip(rest) {
            *lane += sample;
        }
        self.next = (self.next + samples.len()) % LANES;
    }

    /// Adds products of two channels, or squares of one.
    pub(crate) fn add_products(&mut self, a: &[f64], b: &[f64]) {
        let head = self.head(a.len());
        for ((lane, a), b) in self.lanes[self.next..].iter_mut().zip(&a[..head]).zip(b) {
            *lane += a * b;
        }
        let ((a_chunks, a_rest), (b_chunks, b_rest)) =
            (a[head..].as_chunks::<LANES>(), b[head..].as_chunks::<LANES>());
        for (a, b) in a_chunks.iter().zip(b_chunks) {
            for ((lane, a), b) in self.lanes.iter_mut().zip(a).zip(b) {
                *lane += a * b;
            }
        }
        for ((lane, a), b) in self.lanes.iter_mut().zip(a_rest).zip(b_rest) {
            *lane += a * b;
        }
        self.next = (self.next + a.len()) % LANES;
    }

    pub(crate) fn total(&self) -> f64 {
        reduce(&self.lanes)
    }

    /// How many of `count` frames fill the lanes up to the last one.
    fn head(&self, count: usize) -> usize {
        ((LANES - self.next) % LANES).min(count)
    }
}
