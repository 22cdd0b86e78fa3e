//! Taking steady noise away from music: hiss, rumble, whistles.
//!
//! The signal is looked at in overlapping frames (four at any time). In each, every frequency gets a gain: near 1 where there is
//! music, `reduction` where there is only noise. The gain is the one that is best for the logarithm of the amplitude (Ephraim and
//! Malah, *Speech enhancement using a minimum mean-square error log-spectral amplitude estimator*, 1985) and goes to the floor with
//! the probability that there is no music (Cohen and Berdugo, *Speech enhancement for non-stationary noise environments*, 2001): so
//! what remains of the noise is the same noise, softer, and does not twitter.
//!
//! The noise is either known ([`Profile`], heard by [`Listener`] where nothing else sounds) or followed through the music (Cohen,
//! *Noise spectrum estimation in adverse environments: improved minima controlled recursive averaging*, 2003).
//!
//! What is computed is the part to be taken away; the output is the input less that. So a gain of 1 leaves samples as they were, to
//! the bit. All channels of a [linked](Settings::linked) denoiser share one gain, made from the mean of their ratios of signal to
//! noise: what stands in the middle stays in the middle.
//!
//! Any cutting of the programme into blocks gives the same bits.

mod adaptive;
mod frames;
mod gains;
mod lsa;
mod profile;

pub use lsa::exponential_integral;
pub use profile::{Floor, Heard, Listener, Profile, Wanted};

use crate::fft::Kind;
use crate::math::{log2, pow};
use adaptive::Follower;
use frames::{Spectra, powers, scale};
use gains::{Gains, Shape};
use profile::Tones;
use rustfft::num_complex::Complex;

/// How noise is taken away.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Points of a frame: a power of two, 16 at least.
    pub size: usize,
    /// By how much noise becomes softer, in dB.
    pub reduction_db: f64,
    /// By how much steady tones that stand out of the noise become softer, in dB.
    pub tonal_db: f64,
    /// By how much noise is taken to be louder than it was measured, in dB.
    pub over_db: f64,
    /// How much of an onset is let through with the noise under it, 0 to 1.
    pub protect: f64,
    /// Whether all channels share one gain.
    pub linked: bool,
    /// Whether what is taken away comes out, and not what is left.
    pub audition: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            size: 2048,
            reduction_db: 12.0,
            tonal_db: 12.0,
            over_db: 0.0,
            protect: 0.75,
            linked: true,
            audition: false,
        }
    }
}

/// Frames are as long as their number of points says between 44.1 and 48 kHz, and in proportion at other rates.
const REFERENCE_HZ: f64 = 46_000.0;

/// The points of a frame at `rate_hz` that lasts about as long as one of `points` at 44.1 or 48 kHz: a power of two.
#[must_use]
pub fn frame_size(points: u32, rate_hz: f64) -> usize {
    let exponent = log2(f64::from(points) * rate_hz / REFERENCE_HZ).round().clamp(7.0, 20.0);
    1 << exponent as u32
}

/// So many hops make a frame.
const HOPS: usize = 4;
/// No noise is softer, as a power a bin: gains are 1 long before.
const SOFTEST: f64 = 1e-20;
/// With followed noise, the least gains are set anew after so many hops.
const FLOORS_HOPS: usize = 8;

/// Where the power of the noise is known from.
#[derive(Clone, Debug)]
enum Noise {
    None,
    Known(Vec<Vec<f64>>),
    Followed(Vec<Follower>),
}

/// Takes noise away.
#[derive(Clone, Debug)]
pub struct Denoiser {
    settings: Settings,
    spectra: Spectra,
    noise: Noise,
    /// One, or one a channel.
    gains: Vec<Gains>,
    /// By channel: the frame that is heard, with room for the next hop.
    held: Vec<Vec<f64>>,
    /// By channel: what is to be taken away, its first hop complete.
    away: Vec<Vec<f64>>,
    /// By pair of channels.
    points: Vec<Vec<Complex<f64>>>,
    powers: Vec<Vec<f64>>,
    /// Gains turned into parts taken away, for two channels.
    parts: [Vec<f64>; 2],
    /// Which bins are tones, and what looks for them.
    tonal: Vec<bool>,
    tones: Tones,
    /// Frames of the current hop that have been heard.
    fresh: usize,
    hops: usize,
    /// The sum of the squares of what was taken away.
    taken: f64,
}

impl Denoiser {
    /// Takes away noise that is known: a profile of `settings.size`, with a spectrum for each of `channels`.
    ///
    /// # Panics
    /// When the profile is of another size or has another number of channels.
    #[must_use]
    pub fn with_profile(settings: Settings, profile: &Profile, channels: usize, kind: Kind) -> Self {
        assert_eq!(profile.powers.len(), channels);
        assert!(profile.powers.iter().all(|powers| powers.len() == settings.size / 2 + 1));
        let softest = |powers: &Vec<f64>| powers.iter().map(|power| power.max(SOFTEST)).collect();
        let noise = Noise::Known(profile.powers.iter().map(softest).collect());
        let mut made = Self::new(settings, noise, channels, kind);
        made.set_floors();
        made
    }

    /// Takes away noise that it follows through the music.
    #[must_use]
    pub fn following(settings: Settings, channels: usize, kind: Kind) -> Self {
        let noise = Noise::Followed(vec![Follower::new(settings.size / 2 + 1); channels]);
        let mut made = Self::new(settings, noise, channels, kind);
        made.set_floors();
        made
    }

    /// Takes nothing away, and is as late as one that does: for programmes without noise.
    #[must_use]
    pub fn idle(settings: Settings, channels: usize, kind: Kind) -> Self {
        let settings = Settings { reduction_db: 0.0, tonal_db: 0.0, ..settings };
        let mut made = Self::new(settings, Noise::None, channels, kind);
        made.set_floors();
        made
    }

    fn new(settings: Settings, noise: Noise, channels: usize, kind: Kind) -> Self {
        let spectra = Spectra::new(settings.size, kind);
        let (size, bins) = (spectra.size(), spectra.bins());
        let shape = Shape { over: pow(10.0, settings.over_db / 10.0), protect: settings.protect };
        let groups = if settings.linked { 1 } else { channels };
        Self {
            settings,
            spectra,
            noise,
            gains: vec![Gains::new(bins, shape); groups],
            held: vec![vec![0.0; size + size / HOPS]; channels],
            away: vec![vec![0.0; size]; channels],
            points: vec![vec![Complex::default(); size]; channels.div_ceil(2)],
            powers: vec![vec![0.0; bins]; channels],
            parts: [vec![0.0; bins], vec![0.0; bins]],
            tonal: vec![false; bins],
            tones: Tones::new(bins),
            fresh: 0,
            hops: 0,
            taken: 0.0,
        }
    }

    /// The noise that is taken away, as far as is known.
    #[must_use]
    pub fn noise(&self) -> Option<Profile> {
        match &self.noise {
            Noise::None => None,
            Noise::Known(powers) => Some(Profile { powers: powers.clone() }),
            Noise::Followed(followers) => {
                let powers = followers.iter().map(|follower| follower.noise().to_vec()).collect();
                Some(Profile { powers })
            }
        }
    }

    /// The mean square of what has been taken away so far, over all channels.
    #[must_use]
    pub fn taken(&self) -> f64 {
        let frames = self.hops * self.settings.size / HOPS;
        self.taken / (frames * self.held.len()).max(1) as f64
    }

    /// By how many frames the output is late: a frame of [`Settings::size`].
    #[must_use]
    pub fn latency(&self) -> usize {
        self.settings.size
    }

    /// Goes back to how it was made.
    pub fn reset(&mut self) {
        self.held.iter_mut().for_each(|held| held.fill(0.0));
        self.away.iter_mut().for_each(|away| away.fill(0.0));
        self.gains.iter_mut().for_each(Gains::reset);
        if let Noise::Followed(followers) = &mut self.noise {
            followers.iter_mut().for_each(Follower::reset);
        }
        (self.fresh, self.hops, self.taken) = (0, 0, 0.0);
        self.set_floors();
    }

    /// Turns the next frames of all channels into what is left of them, [`latency`](Self::latency) frames late: a slice per
    /// channel, all of the same length.
    ///
    /// # Panics
    /// When there are not as many channels as it was made for.
    pub fn process(&mut self, block: &mut [&mut [f64]]) {
        assert_eq!(block.len(), self.held.len());
        let hop = self.settings.size / HOPS;
        let frames = block.first().map_or(0, |samples| samples.len());
        let mut done = 0;
        while done < frames {
            let count = (frames - done).min(hop - self.fresh);
            for ((held, away), samples) in self.held.iter_mut().zip(&self.away).zip(&mut *block) {
                let (old, new) = held.split_at_mut(self.settings.size);
                let samples = &mut samples[done..done + count];
                new[self.fresh..self.fresh + count].copy_from_slice(samples);
                let late = old[self.fresh..].iter().zip(&away[self.fresh..]);
                for (sample, (dry, away)) in samples.iter_mut().zip(late) {
                    *sample = if self.settings.audition { *away } else { dry - away };
                }
            }
            self.fresh += count;
            done += count;
            if self.fresh == hop {
                self.fresh = 0;
                self.step(hop);
            }
        }
    }

    /// Works on the frame that has become complete.
    fn step(&mut self, hop: usize) {
        for (held, away) in self.held.iter_mut().zip(&mut self.away) {
            held.copy_within(hop.., 0);
            away.copy_within(hop.., 0);
            away[self.settings.size - hop..].fill(0.0);
        }
        if !matches!(self.noise, Noise::None) {
            self.look();
            self.gain();
            self.take_away();
            let ready = self.away.iter().flat_map(|away| &away[..hop]);
            self.taken += ready.map(|x| x * x).sum::<f64>();
        }
        self.hops += 1;
    }

    /// The spectra and powers of all channels.
    fn look(&mut self) {
        let size = self.settings.size;
        let to_power = self.spectra.to_power();
        let pairs = self.held.chunks(2).zip(self.powers.chunks_mut(2)).zip(&mut self.points);
        for ((held, power), points) in pairs {
            let second = held.get(1).map(|held| &held[..size]);
            self.spectra.forward(&held[0][..size], second, points);
            let (first, rest) = power.split_at_mut(1);
            powers(points, to_power, &mut first[0], rest.first_mut().map(|power| &mut power[..]));
        }
        if let Noise::Followed(followers) = &mut self.noise {
            let newest = size - size / HOPS;
            for ((follower, powers), held) in followers.iter_mut().zip(&self.powers).zip(&self.held) {
                follower.hear(powers, is_silent(&held[newest..size]));
            }
            // A tone may come and go: seldom enough for the least gains to be steady.
            if self.hops.is_multiple_of(FLOORS_HOPS) {
                self.set_floors();
            }
        }
    }

    fn gain(&mut self) {
        let channels = self.powers.len();
        let of_group = if self.settings.linked { channels } else { 1 };
        let share = 1.0 / of_group as f64;
        for (group, gains) in self.gains.iter_mut().enumerate() {
            gains.clear();
            for channel in group * of_group..(group + 1) * of_group {
                let noise = match &self.noise {
                    Noise::None => continue,
                    Noise::Known(noise) => &noise[channel],
                    Noise::Followed(followers) => followers[channel].noise(),
                };
                gains.add(&self.powers[channel], noise, share);
            }
            gains.frame();
        }
    }

    /// Adds up what is to go.
    fn take_away(&mut self) {
        let last = self.gains.len() - 1;
        for (pair, (away, points)) in self.away.chunks_mut(2).zip(&mut self.points).enumerate() {
            for (part, channel) in self.parts.iter_mut().zip([2 * pair, 2 * pair + 1]) {
                let gains = self.gains[channel.min(last)].gains();
                part.iter_mut().zip(gains).for_each(|(part, gain)| *part = 1.0 - gain);
            }
            scale(points, &self.parts[0], &self.parts[1]);
            let (first, rest) = away.split_at_mut(1);
            self.spectra.back_onto(points, &mut first[0], rest.first_mut().map(|away| &mut away[..]));
        }
    }

    /// Sets the least gains: that of tones where the noise has tones, in any channel of a group.
    fn set_floors(&mut self) {
        let Settings { reduction_db, tonal_db, .. } = self.settings;
        let channels = self.held.len();
        let of_group = if self.settings.linked { channels } else { 1 };
        for (group, gains) in self.gains.iter_mut().enumerate() {
            self.tonal.fill(false);
            for channel in group * of_group..(group + 1) * of_group {
                let own = match &self.noise {
                    Noise::None => continue,
                    Noise::Known(noise) => {
                        self.tones.look(&noise[channel]);
                        self.tones.tonal()
                    }
                    Noise::Followed(followers) => followers[channel].tonal(),
                };
                self.tonal.iter_mut().zip(own).for_each(|(tonal, own)| *tonal |= own);
            }
            gains.set_floor(&self.tonal, tonal_db, reduction_db);
        }
    }
}

/// So many zeros in a row are digital silence, and no noise.
const ZEROS: usize = 32;
/// What is softer, as a mean square, is silence, too: −98 dBFS, which is below the dither of 16 bits.
const SILENCE: f64 = 1.6e-10;

/// Whether there is digital silence in a stretch of samples.
fn is_silent(samples: &[f64]) -> bool {
    let square = samples.iter().map(|x| x * x).sum::<f64>();
    let mut run = 0;
    let mut longest = 0;
    for sample in samples {
        run = if *sample == 0.0 { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest >= ZEROS || square < SILENCE * samples.len() as f64
}

#[cfg(test)]
mod tests;
