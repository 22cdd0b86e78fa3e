//! A band of an equaliser whose gain follows the level: a compressor or expander of one region of the spectrum.
//!
//! Level in decibels, static law, smoothing behind it: the order of Giannoulis, Massberg and Reiss, as in
//! [`dynamics`](crate::dynamics). The level is the [`Envelope`] of what is heard, so that a steady tone has a steady gain
//! and is not distorted, however fast the band. The filters for all gains are designed beforehand, each with the analog
//! magnitude up to half the rate; between two of them the numbers that run the filter are interpolated, frame by frame.
//!
//! There is no oversampling: the filter is linear, its gain is smoothed by the attack, and what such a gain adds to a tone
//! lies within a few times 1 / attack of it. Nothing that could fold back is made.

use crate::dynamics::{Ballistics, GainTrace, Smoothing};
use crate::equalizer::{
    Band, DesignError, GainTable, Gained, Prototype, State, apart, run_pair, side_by_side,
};
use crate::math::{fast_exp2, fast_log2};
use crate::quadrature::Envelope;
use crate::svf::{Cascade, Section, TICK_FRAMES, flush};

/// The most frames between [`DynamicBand::hear`] and [`DynamicBand::apply`].
pub const CHUNK: usize = 256;

/// 20·log10(2): decibels per octave of amplitude.
const DB_PER_OCTAVE: f64 = 6.020_599_913_279_624;
/// Amplitudes below this count as this (−600 dB).
const LEAST_LEVEL: f64 = 1e-30;
/// The Q of the filter through which a shelf hears its side.
const SHELF_EAR_Q: f64 = std::f64::consts::FRAC_1_SQRT_2;

/// On which side of the threshold the band works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// While it is louder.
    Above,
    /// While it is quieter.
    Below,
}

/// How a band is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Bell, low or high shelf.
    pub kind: Gained,
    /// Its frequency in Hz.
    pub freq_hz: f64,
    /// Its Q.
    pub q: f64,
    /// The level at which it begins to work, in dB: that of the peaks of a sine.
    pub threshold_db: f64,
    /// The furthest its gain goes, in dB, up or down.
    pub range_db: f64,
    /// The gain goes by 1 − 1/ratio dB for every dB past the threshold.
    pub ratio: f64,
    /// The time in which the gain does 63 % of a step away from 0 dB.
    pub attack_s: f64,
    /// The time in which it does as much on its way back.
    pub release_s: f64,
    /// Whether it hears its own region only.
    pub own_region: bool,
    /// On which side of the threshold it works.
    pub when: When,
    /// How far channels share the level of the loudest, from 0 to 1.
    pub link: f64,
}

/// What hears one channel.
#[derive(Clone, Debug)]
struct Ear {
    region: Cascade,
    envelope: Envelope,
    level: Vec<f64>,
}

/// From levels to gains.
#[derive(Clone, Debug)]
struct Follower {
    ballistics: Ballistics,
    gains_db: Vec<f64>,
}

/// One band on some channels.
#[derive(Clone, Debug)]
pub struct DynamicBand {
    table: GainTable,
    threshold_db: f64,
    /// How the gain goes with the level past the threshold; the furthest it goes, as a positive number; its sign.
    slope: f64,
    range_db: f64,
    sign: f64,
    when: When,
    link: f64,
    ears: Vec<Ear>,
    followers: Vec<Follower>,
    states: Vec<State<1>>,
    /// Frames since the last look for small states: of the ears, and of each channel's filter.
    heard: usize,
    phases: Vec<usize>,
    furthest_db: Vec<f64>,
    trace: GainTrace,
    deepest_db: f64,
}

impl DynamicBand {
    /// At rest, at a sample rate of `rate_hz`, on `channels` channels; `keys` channels are heard. Where the numbers differ,
    /// all share the loudest.
    ///
    /// # Errors
    /// When there is no such band at this rate.
    pub fn new(settings: &Settings, rate_hz: f64, channels: usize, keys: usize) -> Result<Self, DesignError> {
        let band = settings.kind.band(settings.freq_hz, settings.range_db, settings.q);
        band.check(rate_hz)?;
        let region: Vec<Section> =
            if settings.own_region { vec![region(&band).bilinear(rate_hz)?] } else { Vec::new() };
        let ear = Ear {
            region: Cascade::new(&region, 1),
            envelope: Envelope::new(rate_hz),
            level: vec![0.0; CHUNK],
        };
        let (attack_s, release_s) = (settings.attack_s, settings.release_s);
        let follower = Follower {
            ballistics: Ballistics::new(Smoothing::Decoupled, attack_s, release_s, false, rate_hz),
            gains_db: vec![0.0; CHUNK],
        };
        let shared = settings.link >= 1.0 || keys != channels;
        Ok(Self {
            table: GainTable::new(&band, rate_hz, 200.0)?,
            threshold_db: settings.threshold_db,
            slope: 1.0 - 1.0 / settings.ratio.max(1.0),
            range_db: settings.range_db.abs(),
            sign: if settings.range_db < 0.0 { 1.0 } else { -1.0 },
            when: settings.when,
            link: settings.link.clamp(0.0, 1.0),
            ears: vec![ear; keys],
            followers: vec![follower; if shared { 1 } else { channels }],
            states: vec![[[[0.0]; 2]; 2]; channels],
            heard: 0,
            phases: vec![0; channels],
            furthest_db: vec![0.0; CHUNK],
            trace: GainTrace::new(rate_hz, 0),
            deepest_db: 0.0,
        })
    }

    /// How many frames the filter rings on, at any gain, until it has fallen by 200 dB.
    #[must_use]
    pub fn decay_frames(&self) -> u64 {
        self.table.decay_frames
    }

    /// The gain furthest from 0 dB so far.
    #[must_use]
    pub fn deepest_db(&self) -> f64 {
        self.deepest_db
    }

    /// The gain over time: of all channels the one furthest from 0 dB.
    #[must_use]
    pub fn trace(&self) -> &GainTrace {
        &self.trace
    }

    /// The gains of the frames last followed: of all channels the one furthest from 0 dB.
    #[must_use]
    pub fn furthest_db(&self) -> &[f64] {
        &self.furthest_db
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        for ear in &mut self.ears {
            ear.region.reset();
            ear.envelope.reset();
        }
        self.followers.iter_mut().for_each(|follower| follower.ballistics.reset());
        self.states.fill([[[0.0]; 2]; 2]);
        self.phases.fill(0);
        (self.heard, self.deepest_db) = (0, 0.0);
        self.trace.reset();
    }

    /// Hears the next frames, at most [`CHUNK`], of key channel `key`.
    ///
    /// # Panics
    /// When there is no such channel, or the block is too long.
    pub fn hear(&mut self, key: usize, block: &[f64]) {
        let ear = &mut self.ears[key];
        let level = &mut ear.level[..block.len()];
        level.copy_from_slice(block);
        ear.region.process(0, level);
        // Small states are looked for on the frames' own grid, wherever blocks begin.
        let mut rest = level;
        let mut phase = self.heard;
        while !rest.is_empty() {
            let count = rest.len().min(TICK_FRAMES - phase);
            let (now, later) = rest.split_at_mut(count);
            ear.envelope.run(now);
            phase = (phase + count) % TICK_FRAMES;
            if phase == 0 {
                ear.envelope.flush();
            }
            rest = later;
        }
    }

    /// Works out the gains of the `frames` frames that all ears have heard.
    ///
    /// # Panics
    /// When there are more than [`CHUNK`].
    pub fn follow(&mut self, frames: usize) {
        self.heard = (self.heard + frames) % TICK_FRAMES;
        self.levels_to_followers(frames);
        let (threshold_db, slope, range_db, sign) = (self.threshold_db, self.slope, self.range_db, self.sign);
        let turn = if self.when == When::Above { 1.0 } else { -1.0 };
        let furthest = &mut self.furthest_db[..frames];
        furthest.fill(0.0);
        for follower in &mut self.followers {
            let gains = &mut follower.gains_db[..frames];
            for value in gains.iter_mut() {
                let audible = if *value > LEAST_LEVEL { *value } else { LEAST_LEVEL };
                let past = turn * (DB_PER_OCTAVE * fast_log2(audible) - threshold_db);
                *value = -(slope * past.max(0.0)).min(range_db);
            }
            follower.ballistics.run(gains);
            for (gain, most) in gains.iter_mut().zip(furthest.iter_mut()) {
                *gain *= sign;
                *most = if gain.abs() > most.abs() { *gain } else { *most };
            }
        }
        self.trace.push_db(furthest);
        for gain in furthest.iter() {
            self.deepest_db = if gain.abs() > self.deepest_db.abs() { *gain } else { self.deepest_db };
        }
    }

    /// The amplitude that each follower goes by. Levels are shared in decibels: amplitudes by powers.
    fn levels_to_followers(&mut self, frames: usize) {
        let loudest = &mut self.furthest_db[..frames];
        loudest.fill(0.0);
        for ear in &self.ears {
            for (most, level) in loudest.iter_mut().zip(&ear.level) {
                *most = if *level > *most { *level } else { *most };
            }
        }
        if let [only] = &mut self.followers[..] {
            only.gains_db[..frames].copy_from_slice(loudest);
            return;
        }
        for (follower, ear) in self.followers.iter_mut().zip(&self.ears) {
            let own = follower.gains_db[..frames].iter_mut().zip(&ear.level);
            for ((value, level), most) in own.zip(loudest.iter()) {
                *value = *level;
                if self.link > 0.0 && *most > LEAST_LEVEL {
                    let below = fast_log2(level.max(LEAST_LEVEL) / most);
                    *value = most * fast_exp2((1.0 - self.link) * below);
                }
            }
        }
    }

    /// Filters the frames of `channel` by the gains just worked out.
    ///
    /// # Panics
    /// When there is no such channel, or the block is too long.
    pub fn apply(&mut self, channel: usize, block: &mut [f64]) {
        let own = if self.followers.len() == 1 { 0 } else { channel };
        let gains = &self.followers[own].gains_db[..block.len()];
        let mut state = self.states[channel];
        run(&self.table, gains, self.phases[channel], &mut state, [block]);
        self.states[channel] = state;
        self.phases[channel] = (self.phases[channel] + gains.len()) % TICK_FRAMES;
    }

    /// The same for `channel` and the one behind it, to the same bits; faster where both have the same gain.
    ///
    /// # Panics
    /// As there.
    pub fn apply_pair(&mut self, channel: usize, left: &mut [f64], right: &mut [f64]) {
        if self.followers.len() > 1 || self.phases[channel] != self.phases[channel + 1] {
            self.apply(channel, left);
            self.apply(channel + 1, right);
            return;
        }
        let gains = &self.followers[0].gains_db[..left.len()];
        let mut state = side_by_side([self.states[channel], self.states[channel + 1]]);
        run(&self.table, gains, self.phases[channel], &mut state, [left, right]);
        [self.states[channel], self.states[channel + 1]] = apart(state);
        let phase = (self.phases[channel] + gains.len()) % TICK_FRAMES;
        (self.phases[channel], self.phases[channel + 1]) = (phase, phase);
    }
}

/// What a band hears of the signal: of a bell its region, of a shelf its side.
fn region(band: &Band) -> Prototype {
    match *band {
        Band::LowShelf { freq_hz, .. } => Prototype::low_pass(freq_hz, SHELF_EAR_Q),
        Band::HighShelf { freq_hz, .. } => Prototype::high_pass(freq_hz, SHELF_EAR_Q),
        Band::Bell { freq_hz, q, .. } => Prototype::band_pass(freq_hz, q),
        _ => Prototype::band_pass(band.freq_hz(), SHELF_EAR_Q),
    }
}

fn run<const L: usize>(
    table: &GainTable,
    gains_db: &[f64],
    mut phase: usize,
    state: &mut State<L>,
    mut blocks: [&mut [f64]; L],
) {
    let mut last_db = 0.0;
    let mut steps = table.at(last_db);
    for (frame, gain_db) in gains_db.iter().enumerate() {
        if *gain_db != last_db {
            last_db = *gain_db;
            steps = table.at(last_db);
        }
        let x = blocks.each_ref().map(|block| block[frame]);
        let y = run_pair(&steps, state, x);
        for (block, y) in blocks.iter_mut().zip(y) {
            block[frame] = y;
        }
        phase += 1;
        if phase == TICK_FRAMES {
            phase = 0;
            state.iter_mut().for_each(flush);
        }
    }
}

#[cfg(test)]
mod tests;
