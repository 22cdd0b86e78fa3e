//! Whether a file came out of a transform coder.
//!
//! AAC and Vorbis cut a programme into overlapping frames of 2048, transform each (MDCT), and write most of the small figures of the
//! treble as zero. Who transforms the decoded file again, with the same window and from the same frame on, finds these zeros; from any
//! other frame on there are no more of them than chance has. So all 1024 places that a grid may have are tried, on eight
//! stretches of the file, and one that stands out from all others is no accident. To be sure of it the stretches are taken in two
//! halves, which must tell the same place.
//!
//! It is seen at any rate of bits, through a change of gain and the words of a master; not behind an equaliser, a limiter, another
//! sample rate or a mix with something else. MP3 has another transform and Opus fills what it leaves out: neither has a grid here.
//! The method: J. Herre and M. Schug, *Analysis of decompressed audio: the inverse decoder*, AES 2000.

use deadwax_dsp::fft::{Kind, Transform};
use deadwax_dsp::math::{bessel_i0, cos, sin};
use rustfft::num_complex::Complex;
use serde::Serialize;
use std::f64::consts::PI;

/// Figures of a frame, which is twice as long.
const SIZE: usize = 1024;
const FRAME: usize = 2 * SIZE;
/// A stretch holds a frame at every place of the grid.
const STRETCH: usize = FRAME + SIZE;
/// Stretches that are kept and looked at; fewer say nothing, and those softer than −60 dBFS neither.
const KEPT: usize = 16;
const LOOKED_AT: usize = 8;
const LEAST: usize = 4;
const LEAST_POWER: f64 = 1e-6;
/// From one to the next, in seconds, at first.
const APART_S: f64 = 1.0;
/// Where coders leave out most, in Hz.
const FROM_HZ: f64 = 8000.0;
const TO_HZ: f64 = 16_000.0;
/// A figure is nothing when its power is below this part of what is around it, so many to each side.
const NOTHING: f64 = 0.0025;
const AROUND: usize = 16;
/// The place stands out by so many deviations of all places, and by this part of all figures.
const SIGMAS: f64 = 8.5;
const MORE: f64 = 0.02;
/// Short frames of Vorbis move its grid by this.
const MOVES: usize = 128;

/// Whose grid it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GridCoder {
    /// The windows of AAC.
    Aac,
    /// That of Vorbis.
    Vorbis,
}

/// A grid that was found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Grid {
    /// Whose it seems to be: by the window that finds the most zeros.
    pub coder: GridCoder,
    /// The frame at which it begins, modulo 1024.
    pub place: usize,
    /// The part of all figures of the treble that are zero there, and that are at other places.
    pub zeros: f64,
    /// The same at other places, in the mean.
    pub elsewhere: f64,
    /// How far it stands out, in deviations of all places.
    pub sigmas: f64,
}

/// Keeps stretches of a channel, evenly over all of it.
pub(super) struct Stretches {
    rate_hz: f64,
    kind: Kind,
    frames: u64,
    apart: u64,
    next: u64,
    open: Option<Vec<f64>>,
    kept: Vec<(u64, Vec<f64>)>,
}

impl Stretches {
    pub(super) fn new(rate_hz: u32, kind: Kind) -> Self {
        let rate_hz = f64::from(rate_hz);
        let grids = ((rate_hz * APART_S) as u64 / SIZE as u64).max(4);
        let apart = grids * SIZE as u64;
        Self { rate_hz, kind, frames: 0, apart, next: 0, open: None, kept: Vec::new() }
    }

    pub(super) fn push(&mut self, samples: &[f64]) {
        let (begin, mut at) = (self.frames, 0);
        self.frames += samples.len() as u64;
        while at < samples.len() {
            match &mut self.open {
                Some(open) => {
                    let count = (STRETCH - open.len()).min(samples.len() - at);
                    open.extend_from_slice(&samples[at..at + count]);
                    at += count;
                    if open.len() == STRETCH {
                        self.keep();
                    }
                }
                None if self.next < self.frames => {
                    at = (self.next - begin) as usize;
                    self.open = Some(Vec::with_capacity(STRETCH));
                }
                None => break,
            }
        }
    }

    /// Keeps the stretch that is full; of too many every other one.
    fn keep(&mut self) {
        self.kept.extend(self.open.take().map(|stretch| (self.next, stretch)));
        if self.kept.len() == KEPT {
            let mut number = 0;
            self.kept.retain(|_| {
                number += 1;
                number % 2 == 1
            });
            self.apart *= 2;
        }
        self.next = self.kept.last().map_or(0, |(begin, _)| begin + self.apart);
    }

    pub(super) fn finish(self) -> Option<Grid> {
        let power = |stretch: &[f64]| stretch.iter().map(|x| x * x).sum::<f64>() / stretch.len() as f64;
        let mut loud: Vec<(f64, Vec<f64>)> =
            self.kept.into_iter().map(|(_, stretch)| (power(&stretch), stretch)).collect();
        loud.retain(|(power, _)| *power > LEAST_POWER);
        loud.sort_by(|a, b| b.0.total_cmp(&a.0));
        loud.truncate(LOOKED_AT);
        if loud.len() < LEAST || self.rate_hz < 2.0 * TO_HZ {
            return None;
        }
        let stretches: Vec<Vec<f64>> = loud.into_iter().map(|(_, stretch)| stretch).collect();
        let mut search = Search::new(self.rate_hz, self.kind);
        let found =
            windows().into_iter().filter_map(|(coder, window)| search.grid(coder, &window, &stretches));
        found.max_by(|a, b| (a.zeros - a.elsewhere).total_cmp(&(b.zeros - b.elsewhere)))
    }
}

/// The windows of coders: both of AAC (ISO/IEC 14496-3), and that of Vorbis I.
fn windows() -> Vec<(GridCoder, Vec<f64>)> {
    let sine: Vec<f64> = (0..FRAME).map(|n| sin(PI * (n as f64 + 0.5) / FRAME as f64)).collect();
    let vorbis = sine.iter().map(|x| sin(PI / 2.0 * x * x)).collect();
    // A Kaiser window of α = 4, summed up.
    let kaiser = (0..=SIZE).map(|n| {
        let at = 2.0 * n as f64 / SIZE as f64 - 1.0;
        bessel_i0(PI * 4.0 * (1.0 - at * at).max(0.0).sqrt())
    });
    let sums: Vec<f64> = kaiser
        .scan(0.0, |sum, x| {
            *sum += x;
            Some(*sum)
        })
        .collect();
    let rise: Vec<f64> = sums[..SIZE].iter().map(|sum| (sum / sums[SIZE]).sqrt()).collect();
    let derived = rise.iter().chain(rise.iter().rev()).copied().collect();
    vec![(GridCoder::Aac, sine), (GridCoder::Aac, derived), (GridCoder::Vorbis, vorbis)]
}

/// Tries all places.
struct Search {
    mdct: Mdct,
    first: usize,
    last: usize,
    figures: Vec<f64>,
    sums: Vec<f64>,
}

impl Search {
    fn new(rate_hz: f64, kind: Kind) -> Self {
        let figure = |hz: f64| (hz / rate_hz * FRAME as f64) as usize;
        let last = figure(TO_HZ).min(SIZE - AROUND);
        Self {
            mdct: Mdct::new(kind),
            first: figure(FROM_HZ).max(AROUND),
            last,
            figures: vec![0.0; SIZE],
            sums: vec![0.0; SIZE + 1],
        }
    }

    fn grid(&mut self, coder: GridCoder, window: &[f64], stretches: &[Vec<f64>]) -> Option<Grid> {
        let mut counts = [vec![0_u32; SIZE], vec![0_u32; SIZE]];
        for (number, stretch) in stretches.iter().enumerate() {
            for (place, count) in counts[number % 2].iter_mut().enumerate() {
                *count += self.zeros(&stretch[place..place + FRAME], window);
            }
        }
        let [odd, even] = &counts;
        let both: Vec<f64> = odd.iter().zip(even).map(|(a, b)| f64::from(a + b)).collect();
        let mean = both.iter().sum::<f64>() / SIZE as f64;
        let spread = both.iter().map(|count| (count - mean) * (count - mean)).sum::<f64>() / SIZE as f64;
        let place = (0..SIZE).max_by(|a, b| both[*a].total_cmp(&both[*b]))?;
        let all = (stretches.len() * (self.last - self.first)) as f64;
        let sigmas = (both[place] - mean) / spread.sqrt().max(f64::MIN_POSITIVE);
        let grid = Grid { coder, place, zeros: both[place] / all, elsewhere: mean / all, sigmas };
        let best = |counts: &[u32]| (0..SIZE).max_by_key(|place| counts[*place]).unwrap_or(0) % MOVES;
        let agree = best(odd) == best(even);
        (agree && sigmas >= SIGMAS && grid.zeros - grid.elsewhere >= MORE).then_some(grid)
    }

    /// How many figures of the treble of a frame are nothing beside those around them.
    fn zeros(&mut self, frame: &[f64], window: &[f64]) -> u32 {
        self.mdct.transform(frame, window, &mut self.figures);
        for (n, x) in self.figures.iter().enumerate() {
            self.sums[n + 1] = self.sums[n] + x * x;
        }
        let is_zero = |n: &usize| {
            let around = self.sums[n + AROUND] - self.sums[n - AROUND];
            self.figures[*n] * self.figures[*n] < NOTHING / (2 * AROUND) as f64 * around
        };
        (self.first..self.last).filter(is_zero).count() as u32
    }
}

/// The modified discrete cosine transform of a frame, by a complex transform of a quarter of its length.
struct Mdct {
    transform: Transform,
    folded: Vec<f64>,
    points: Vec<Complex<f64>>,
    turns: Vec<Complex<f64>>,
}

impl Mdct {
    fn new(kind: Kind) -> Self {
        let turn = |n: usize| {
            let angle = PI * (n as f64 + 0.125) / SIZE as f64;
            Complex::new(cos(angle), -sin(angle))
        };
        Self {
            transform: Transform::new(SIZE / 2, kind),
            folded: vec![0.0; SIZE],
            points: vec![Complex::default(); SIZE / 2],
            turns: (0..SIZE / 2).map(turn).collect(),
        }
    }

    /// X(k) = Σ w(n) x(n) cos(2π / 2048 · (n + 512.5) (k + ½)).
    fn transform(&mut self, frame: &[f64], window: &[f64], figures: &mut [f64]) {
        let quarter = SIZE / 2;
        let x = |n: usize| frame[n] * window[n];
        for n in 0..quarter {
            self.folded[n] = -x(3 * quarter - 1 - n) - x(3 * quarter + n);
            self.folded[quarter + n] = x(n) - x(SIZE - 1 - n);
        }
        self.cosines(figures);
    }

    /// The cosine transform of fourth kind of what is folded; but for a factor of 512 it undoes itself.
    fn cosines(&mut self, figures: &mut [f64]) {
        for (n, (point, turn)) in self.points.iter_mut().zip(&self.turns).enumerate() {
            *point = Complex::new(self.folded[2 * n], self.folded[SIZE - 1 - 2 * n]) * turn;
        }
        self.transform.forward(&mut self.points);
        for (n, (point, turn)) in self.points.iter().zip(&self.turns).enumerate() {
            let turned = point * turn;
            figures[2 * n] = turned.re;
            figures[SIZE - 1 - 2 * n] = -turned.im;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deadwax_dsp::noise::Noise;
    use deadwax_measure::signals::{demos, gaussian};

    #[test]
    fn the_transform_is_the_sum_that_defines_it() {
        let (frame, window) = (gaussian(FRAME, 3), windows().remove(1).1);
        let mut figures = vec![0.0; SIZE];
        Mdct::new(Kind::Portable).transform(&frame, &window, &mut figures);
        for k in [0, 1, 300, 777, 1023] {
            let term = |n: usize| {
                let angle = 2.0 * PI / FRAME as f64 * (n as f64 + 512.5) * (k as f64 + 0.5);
                window[n] * frame[n] * cos(angle)
            };
            let sum: f64 = (0..FRAME).map(term).sum();
            assert!((sum - figures[k]).abs() < 1e-9, "{k}: {sum} {}", figures[k]);
        }
    }

    #[test]
    fn the_windows_let_a_programme_through() {
        for (coder, window) in windows() {
            for n in 0..SIZE {
                let sum = window[n] * window[n] + window[n + SIZE] * window[n + SIZE];
                assert!((sum - 1.0).abs() < 1e-12, "{coder:?} {n}: {sum}");
            }
        }
    }

    /// What a coder with this window makes of `signal`, its frames beginning at `place`: `part` of the figures above 8 kHz are zero.
    fn coded(signal: &[f64], window: &[f64], place: usize, part: f64) -> Vec<f64> {
        let (mut mdct, noise) = (Mdct::new(Kind::Portable), Noise::new(4, 0));
        let (mut figures, mut back) = (vec![0.0; SIZE], vec![0.0; SIZE]);
        let mut out = vec![0.0; signal.len()];
        for begin in (place..signal.len() - FRAME).step_by(SIZE) {
            mdct.transform(&signal[begin..begin + FRAME], window, &mut figures);
            for (k, figure) in figures.iter_mut().enumerate().skip(360) {
                if noise.uniform((begin * SIZE + k) as u64) < 2.0 * part - 1.0 {
                    *figure = 0.0;
                }
            }
            mdct.folded.copy_from_slice(&figures);
            mdct.cosines(&mut back);
            let quarter = SIZE / 2;
            for n in 0..quarter {
                let (front, behind) = (back[n] / 512.0, back[quarter + n] / 512.0);
                let mut add = |at: usize, x: f64| out[begin + at] += window[at] * x;
                add(n, behind);
                add(SIZE - 1 - n, -behind);
                add(3 * quarter - 1 - n, -front);
                add(3 * quarter + n, -front);
            }
        }
        out
    }

    fn found(signal: &[f64]) -> Option<Grid> {
        let mut stretches = Stretches::new(44_100, Kind::Portable);
        signal.chunks(5000).for_each(|block| stretches.push(block));
        stretches.finish()
    }

    #[test]
    fn a_coder_is_found_by_its_zeros_with_its_grid_and_window() {
        let signal: Vec<f64> = gaussian(44_100 * 12, 1).iter().map(|x| 0.1 * x).collect();
        for ((coder, window), place) in windows().into_iter().zip([0, 700, 1023]) {
            let grid = found(&coded(&signal, &window, place, 0.2));
            let grid = grid.unwrap_or_else(|| panic!("{coder:?} at {place}"));
            assert_eq!((grid.coder, grid.place), (coder, place), "{grid:?}");
            assert!((grid.zeros - 0.24).abs() < 0.04 && (grid.elsewhere - 0.04).abs() < 0.01, "{grid:?}");
        }
        // The same coder that leaves nothing out is not to be told from what it was given.
        let whole = coded(&signal, &windows()[2].1, 100, 0.0);
        assert!((whole[50_000] - signal[50_000]).abs() < 1e-9, "{} {}", whole[50_000], signal[50_000]);
        assert_eq!(found(&whole), None);
    }

    #[test]
    fn noise_music_and_silence_have_no_grid() {
        assert_eq!(found(&gaussian(44_100 * 10, 6)), None);
        assert_eq!(found(&vec![0.0; 44_100 * 10]), None);
        assert_eq!(found(&gaussian(44_100, 6)), None);
        for demo in demos() {
            for channel in &demo.channels {
                assert_eq!(found(channel), None, "{}", demo.name);
            }
        }
    }
}
