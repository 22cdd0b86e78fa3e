//! Convolution with long impulse responses, by Fourier transform.
//!
//! Uniformly partitioned overlap-save (Stockham 1966; Kulp, *Digital equalization using Fourier transform techniques*,
//! AES 1988): the response is cut into parts of one hop, each hop of input is transformed once, and the spectra of the
//! last hops are weighed by those of the parts. Hops lie on a grid that begins with the first frame, so the output does
//! not depend on how the input is cut. Two channels travel through one complex transform, as its real and imaginary
//! part, which also makes a response from every input to every output ("true stereo") no dearer.

use crate::fft::{Kind, Transform};
use rustfft::num_complex::Complex;

/// A hop is no shorter, so that transforms do not rule the cost of short responses …
const LEAST_HOP: usize = 256;
/// … and no longer, so that long responses do not rule memory and latency.
const MOST_HOP: usize = 8192;
/// Responses that take turns do so over this many frames, which is their hop.
pub const FADE: usize = 2048;

type Bin = Complex<f64>;

/// Responses of a pair of channels: from each input to each output. All may have different lengths.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    /// From the first channel to itself.
    pub first: &'a [f64],
    /// From the second channel to the first.
    pub second_to_first: &'a [f64],
    /// From the first channel to the second.
    pub first_to_second: &'a [f64],
    /// From the second channel to itself.
    pub second: &'a [f64],
}

/// The spectra of the parts of a response.
#[derive(Clone, Debug)]
struct Response {
    /// What weighs the spectrum of (first + i·second), part after part.
    straight: Vec<Bin>,
    /// What weighs its mirror image; empty where both channels have the same response and nothing crosses.
    mirrored: Vec<Bin>,
}

/// The state of a pair of channels (or of a single one, with silence as its partner).
#[derive(Clone, Debug)]
struct Pair {
    /// The last whole hop and the one that is being filled.
    input: Vec<Bin>,
    /// The spectra of the last hops; `newest` is the number of the last one.
    spectra: Vec<Bin>,
    newest: usize,
    /// What comes out during the next hop.
    output: Vec<Bin>,
    /// How many frames of the hop have come.
    fill: usize,
    /// How many hops have come.
    hops: usize,
}

/// A convolution of some channels. The output is [`latency`](Self::latency) frames late.
#[derive(Clone, Debug)]
pub struct Convolver {
    hop: usize,
    transform: Transform,
    responses: Vec<Response>,
    /// The number of the response at the beginning of each hop of output; the last one stays. Empty: always the first.
    schedule: Vec<u32>,
    parts: usize,
    channels: usize,
    pairs: Vec<Pair>,
    sum: Vec<Bin>,
    /// The output by the next response, where it changes.
    other: Vec<Bin>,
}

impl Convolver {
    /// Every channel with the same `response`. An empty one is silence.
    #[must_use]
    pub fn new(response: &[f64], channels: usize, kind: Kind) -> Self {
        let matrix = Matrix { first: response, second_to_first: &[], first_to_second: &[], second: response };
        Self::build(&[matrix], channels, kind, None)
    }

    /// Two channels, each into each.
    #[must_use]
    pub fn stereo(matrix: &Matrix<'_>, kind: Kind) -> Self {
        Self::build(&[*matrix], 2, kind, None)
    }

    /// Responses that take turns: number `schedule[n]` is heard at frame `n` · [`FADE`] of the output, the last one from
    /// there on, and between two that differ the output goes over in a straight line. For more or fewer than two channels
    /// nothing may cross, and both channels of a matrix have the same response.
    ///
    /// # Panics
    /// When the schedule names a response that there is not.
    #[must_use]
    pub fn taking_turns(matrices: &[Matrix<'_>], schedule: Vec<u32>, channels: usize, kind: Kind) -> Self {
        assert!(!matrices.is_empty() && schedule.iter().all(|number| (*number as usize) < matrices.len()));
        Self::build(matrices, channels, kind, Some(schedule))
    }

    fn build(matrices: &[Matrix<'_>], channels: usize, kind: Kind, schedule: Option<Vec<u32>>) -> Self {
        let all = |matrix: &Matrix<'_>| {
            [matrix.first, matrix.second_to_first, matrix.first_to_second, matrix.second].map(<[f64]>::len)
        };
        let length = matrices.iter().flat_map(all).max().unwrap_or(0).max(1);
        let hop = match schedule {
            Some(_) => FADE,
            None => (length / 4).next_power_of_two().clamp(LEAST_HOP, MOST_HOP),
        };
        let parts = length.div_ceil(hop);
        let mut transform = Transform::new(2 * hop, kind);
        let responses = matrices.iter().map(|matrix| Response::new(matrix, hop, parts, &mut transform));
        let responses = responses.collect();
        let pair = Pair {
            input: vec![Bin::default(); 2 * hop],
            spectra: vec![Bin::default(); 2 * hop * parts],
            newest: 0,
            output: vec![Bin::default(); hop],
            fill: 0,
            hops: 0,
        };
        let pairs = vec![pair; channels.div_ceil(2)];
        let schedule = schedule.unwrap_or_default();
        let other = vec![Bin::default(); if schedule.is_empty() { 0 } else { 2 * hop }];
        let sum = vec![Bin::default(); 2 * hop];
        Self { hop, transform, responses, schedule, parts, channels, pairs, sum, other }
    }

    /// By how many frames the output is late, beyond what the response itself delays.
    #[must_use]
    pub fn latency(&self) -> usize {
        self.hop
    }

    /// How many frames after the last one heard the output, its latency not counted, is exactly silent.
    #[must_use]
    pub fn tail(&self) -> usize {
        (self.parts + 1) * self.hop
    }

    /// Back to silence.
    pub fn reset(&mut self) {
        for pair in &mut self.pairs {
            for memory in [&mut pair.input, &mut pair.spectra, &mut pair.output] {
                memory.fill(Bin::default());
            }
            (pair.newest, pair.fill, pair.hops) = (0, 0, 0);
        }
    }

    /// Convolves the next frames of all channels in place.
    ///
    /// # Panics
    /// When there are more blocks than channels, or they differ in length.
    pub fn process_all<'a>(&mut self, blocks: impl IntoIterator<Item = &'a mut [f64]>) {
        let mut blocks = blocks.into_iter();
        let mut pair = 0;
        while let Some(first) = blocks.next() {
            self.process_pair(pair, first, blocks.next());
            pair += 1;
        }
    }

    fn process_pair(&mut self, index: usize, first: &mut [f64], mut second: Option<&mut [f64]>) {
        assert!(2 * index + usize::from(second.is_some()) < self.channels);
        assert!(second.as_ref().is_none_or(|second| second.len() == first.len()));
        let mut begin = 0;
        while begin < first.len() {
            let pair = &mut self.pairs[index];
            let frames = (self.hop - pair.fill).min(first.len() - begin);
            let filling = &mut pair.input[self.hop + pair.fill..][..frames];
            let ready = &pair.output[pair.fill..][..frames];
            let range = begin..begin + frames;
            match &mut second {
                Some(second) => {
                    let samples = first[range.clone()].iter_mut().zip(&mut second[range]);
                    for ((a, b), (into, out)) in samples.zip(filling.iter_mut().zip(ready)) {
                        *into = Bin::new(*a, *b);
                        (*a, *b) = (out.re, out.im);
                    }
                }
                None => {
                    for (a, (into, out)) in first[range].iter_mut().zip(filling.iter_mut().zip(ready)) {
                        *into = Bin::new(*a, 0.0);
                        *a = out.re;
                    }
                }
            }
            pair.fill += frames;
            begin += frames;
            if pair.fill == self.hop {
                self.turn(index);
            }
        }
    }

    /// A hop is full: works out the next hop of output.
    fn turn(&mut self, index: usize) {
        let (hop, size) = (self.hop, 2 * self.hop);
        let pair = &mut self.pairs[index];
        pair.fill = 0;
        pair.newest = if pair.newest + 1 == self.parts { 0 } else { pair.newest + 1 };
        let spectrum = &mut pair.spectra[pair.newest * size..][..size];
        spectrum.copy_from_slice(&pair.input);
        pair.input.copy_within(hop.., 0);
        if spectrum.iter().any(|x| *x != Bin::default()) {
            self.transform.forward(spectrum);
        }
        // What is worked out now is heard from the next hop on.
        pair.hops += 1;
        let at = |hop: usize| {
            let last = self.schedule.len().saturating_sub(1);
            self.schedule.get(hop.min(last)).map_or(0, |number| *number as usize)
        };
        let (from, to) = (at(pair.hops), at(pair.hops + 1));
        pair.weigh(&self.responses[from], self.parts, &mut self.sum, &mut self.transform);
        pair.output.copy_from_slice(&self.sum[hop..]);
        if from != to {
            pair.weigh(&self.responses[to], self.parts, &mut self.other, &mut self.transform);
            let scale = 1.0 / hop as f64;
            for (n, (out, next)) in pair.output.iter_mut().zip(&self.other[hop..]).enumerate() {
                *out += n as f64 * scale * (next - *out);
            }
        }
    }
}

impl Pair {
    /// The last hops by `response`: the second half of `sum` is a hop of output.
    fn weigh(&self, response: &Response, parts: usize, sum: &mut [Bin], transform: &mut Transform) {
        let size = sum.len();
        sum.fill(Bin::default());
        for part in 0..parts {
            let age = (self.newest + parts - part) % parts;
            let heard = &self.spectra[age * size..][..size];
            let straight = &response.straight[part * size..][..size];
            for (sum, (x, h)) in sum.iter_mut().zip(heard.iter().zip(straight)) {
                *sum += x * h;
            }
            if let Some(mirrored) = response.mirrored.get(part * size..(part + 1) * size) {
                let backwards = heard[..1].iter().chain(heard[1..].iter().rev());
                for (sum, (x, h)) in sum.iter_mut().zip(backwards.zip(mirrored)) {
                    *sum += x.conj() * h;
                }
            }
        }
        if sum.iter().any(|x| *x != Bin::default()) {
            transform.inverse(sum);
        }
    }
}

impl Response {
    /// With z = a + i·b, of spectra A and B: A(k) = (Z(k) + Z*(−k)) / 2 and B(k) = (Z(k) − Z*(−k)) / 2i, so what comes
    /// out, (Haa A + Hba B) + i (Hab A + Hbb B), is a weight of Z(k) plus one of Z*(−k).
    fn new(matrix: &Matrix<'_>, hop: usize, parts: usize, transform: &mut Transform) -> Self {
        let size = 2 * hop;
        let straight_only = matrix.first == matrix.second
            && [matrix.second_to_first, matrix.first_to_second].iter().all(|cross| cross.is_empty());
        let mut response = Self { straight: Vec::with_capacity(size * parts), mirrored: Vec::new() };
        let i = Bin::new(0.0, 1.0);
        for part in 0..parts {
            let mut spectrum = |taps: &[f64]| {
                let mut points = vec![Bin::default(); size];
                let own = taps.iter().skip(part * hop).take(hop);
                points.iter_mut().zip(own).for_each(|(point, tap)| point.re = *tap);
                transform.forward(&mut points);
                points
            };
            let aa = spectrum(matrix.first);
            if straight_only {
                response.straight.extend(aa);
                continue;
            }
            let (ba, ab) = (spectrum(matrix.second_to_first), spectrum(matrix.first_to_second));
            let bb = spectrum(matrix.second);
            for k in 0..size {
                response.straight.push(0.5 * (aa[k] + bb[k] + i * (ab[k] - ba[k])));
                response.mirrored.push(0.5 * (aa[k] - bb[k] + i * (ab[k] + ba[k])));
            }
        }
        response
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use crate::noise::Noise;

    fn noise(seed: u64, frames: usize) -> Vec<f64> {
        (0..frames as u64).map(|frame| Noise::new(seed, 0).uniform(frame)).collect()
    }

    /// The sum, in as many parts as keep its own rounding small.
    fn direct(taps: &[f64], x: &[f64], frame: usize) -> f64 {
        let products: Vec<f64> =
            taps.iter().take(frame + 1).enumerate().map(|(n, tap)| tap * x[frame - n]).collect();
        pairwise(&products)
    }

    fn pairwise(values: &[f64]) -> f64 {
        match values.len() {
            0..=8 => values.iter().sum(),
            length => pairwise(&values[..length / 2]) + pairwise(&values[length / 2..]),
        }
    }

    fn worst_db(found: &[f64], expected: impl Fn(usize) -> f64, late: usize) -> f64 {
        let frames = (late..found.len()).step_by(37);
        20.0 * frames.map(|n| (found[n] - expected(n - late)).abs()).fold(0.0, f64::max).log10()
    }

    /// The responses are scaled to a gain near one, as an impulse response is.
    #[test]
    fn is_the_sum_that_defines_it_to_290_db_at_any_length() {
        for length in [1, 255, 256, 257, 1500, 40_000] {
            let scale = 1.0 / (length as f64).sqrt();
            let taps: Vec<f64> = noise(1, length).iter().map(|tap| tap * scale).collect();
            let (left, right) = (noise(2, 60_000), noise(3, 60_000));
            for kind in [Kind::Fast, Kind::Portable] {
                let mut convolver = Convolver::new(&taps, 2, kind);
                let (mut l, mut r) = (left.clone(), right.clone());
                convolver.process_all([&mut l[..], &mut r[..]]);
                let late = convolver.latency();
                let worst = worst_db(&l, |n| direct(&taps, &left, n), late).max(worst_db(
                    &r,
                    |n| direct(&taps, &right, n),
                    late,
                ));
                assert!(worst <= -290.0, "{length} taps, {kind:?}: {worst}");
            }
        }
    }

    #[test]
    fn every_channel_goes_to_every_channel_of_a_matrix() {
        let taps: Vec<Vec<f64>> = [700, 1100, 300, 900]
            .iter()
            .map(|n| noise(*n as u64, *n).iter().map(|t| t / 30.0).collect())
            .collect();
        let matrix = Matrix {
            first: &taps[0],
            second_to_first: &taps[1],
            first_to_second: &taps[2],
            second: &taps[3],
        };
        let (left, right) = (noise(2, 9000), noise(3, 9000));
        let mut convolver = Convolver::stereo(&matrix, Kind::Portable);
        let (mut l, mut r) = (left.clone(), right.clone());
        convolver.process_all([&mut l[..], &mut r[..]]);
        let late = convolver.latency();
        let sum = |a: usize, b: usize| {
            let (taps, left, right) = (&taps, &left, &right);
            move |n: usize| direct(&taps[a], left, n) + direct(&taps[b], right, n)
        };
        let worst = worst_db(&l, sum(0, 1), late).max(worst_db(&r, sum(2, 3), late));
        assert!(worst <= -290.0, "{worst}");
    }

    /// Three responses that only scale: what is heard is the gain itself.
    #[test]
    fn responses_that_take_turns_fade_over_a_hop() {
        let gains = [[1.0], [3.0], [-2.0]];
        let matrices = gains.each_ref().map(|gain| Matrix {
            first: gain,
            second_to_first: &[],
            first_to_second: &[],
            second: gain,
        });
        let schedule = vec![0, 0, 1, 1, 2];
        for channels in [1, 2] {
            let mut convolver = Convolver::taking_turns(&matrices, schedule.clone(), channels, Kind::Fast);
            let mut blocks = vec![vec![1.0; 6 * FADE]; channels];
            convolver.process_all(blocks.iter_mut().map(|block| &mut block[..]));
            assert_eq!(convolver.latency(), FADE);
            for (hop, part, gain) in [
                (1, 0.0, 1.0),
                (1, 0.25, 1.5),
                (2, 0.0, 3.0),
                (2, 0.9, 3.0),
                (3, 0.5, 0.5),
                (4, 0.0, -2.0),
                (5, 0.5, -2.0),
            ] {
                let frame = hop * FADE + (part * FADE as f64) as usize;
                assert!((blocks[channels - 1][frame] - gain).abs() < 2e-3, "{frame}: {}", blocks[0][frame]);
            }
            let once = blocks.clone();
            convolver.reset();
            blocks.iter_mut().for_each(|block| block.fill(1.0));
            for begin in (0..6 * FADE).step_by(333) {
                let end = (6 * FADE).min(begin + 333);
                convolver.process_all(blocks.iter_mut().map(|block| &mut block[begin..end]));
            }
            assert_eq!(once, blocks);
        }
    }

    #[test]
    fn the_same_bits_however_the_input_is_cut_and_silence_after_the_tail() {
        let taps = noise(1, 3000);
        let mut input = noise(2, 20_000);
        input[6000..].fill(0.0);
        let mut whole = Convolver::new(&taps, 1, Kind::Fast);
        let mut once = input.clone();
        whole.process_all([&mut once[..]]);
        let silent = 6000 + whole.latency() + whole.tail();
        assert!(once[silent..].iter().all(|x| *x == 0.0));
        whole.reset();
        let mut again = input.clone();
        for block in again.chunks_mut(333) {
            whole.process_all([block]);
        }
        assert_eq!(once, again);
    }
}
