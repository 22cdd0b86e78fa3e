//! From amplitudes to a track, or to the finding that there is none.

use super::bands::Bands;
use super::follow::{Grid, Turns, follow, lock};
use super::level::{BLOCK, Moment, Steady, blocks, steady};
use super::path::{Steps, best_path};
use super::track::{Clock, Harmonic, OFF_DB, Track, frequencies, gain};
use super::{Finding, Source};
use rustfft::num_complex::Complex;
use std::ops::Range;

/// The least length that hum can be told apart from music in, in blocks: eight seconds. Alone, two are enough, of which three
/// blocks are whole.
const LEAST: usize = 16;
const LEAST_ALONE: usize = 3;
/// A stretch of ten seconds: within it, the phase is known well enough to begin with.
const ANCHOR: usize = 20;
/// Nepers that a harmonic has to gain to be the hum's, and the variance it may have in parts of its power, where others are
/// known to be …
const TOLD_APART: f64 = 0.05;
const CERTAIN: f64 = 0.35;
/// … and to speak for there being hum at all. Alone, a line has to stand out of the noise.
const SPEAKS: f64 = 0.1;
const STANDS_OUT: f64 = 0.5;

/// The moments of everything: `[channel][harmonic][block]`.
type Moments = Vec<Vec<Vec<Moment>>>;

fn moments(bands: &Bands, turns: &[f64]) -> Moments {
    (0..bands.z.len()).map(|channel| blocks(bands, turns, channel)).collect()
}

/// Which blocks have a sound at all, by channel.
fn alive(bands: &Bands) -> Vec<Vec<bool>> {
    const SILENCE: f32 = 1e-10;
    let lives = |power: &[f32]| power.iter().all(|power| *power > SILENCE);
    bands.power.iter().map(|power| power.chunks(BLOCK).map(lives).collect()).collect()
}

/// Those of a stretch that have a sound.
fn living(moments: &[Moment], alive: &[bool], stretch: &Range<usize>) -> Vec<Moment> {
    let both = moments[stretch.clone()].iter().zip(&alive[stretch.clone()]);
    both.filter(|(_, alive)| **alive).map(|(moment, _)| *moment).collect()
}

/// The hum in `bands`.
pub(super) fn find(bands: &Bands, seconds: f64, source: &Source) -> Finding {
    let count = bands.hops().div_ceil(BLOCK);
    if count < LEAST_ALONE || bands.harmonics == 0 || bands.whole.is_empty() {
        return Finding::default();
    }
    let (alive, block_s) = (alive(bands), BLOCK as f64 * bands.hop_s);
    let coarse = Grid { step_hz: 0.01, reach: bands.base.hz() as usize, sigma: 1.5 };
    let fine = Grid { step_hz: 0.002, reach: 20, sigma: 2.0 };
    let turns = follow(bands, &follow(bands, &vec![0.0; bands.hops()], &coarse), &fine);
    let alone = match source {
        Source::Blind => None,
        Source::Seek => alone(bands, &turns),
        Source::Given(range) => {
            let begin = ((range.start / block_s).ceil().max(0.0) as usize).min(count - 1);
            let end = ((range.end / block_s) as usize).clamp(begin + 1, count);
            Some(begin..end)
        }
    };
    let anchor = alone.clone().unwrap_or_else(|| loudest(&moments(bands, &turns), &alive, count));
    let whole = alone.clone().unwrap_or(0..count);
    let turns = locked(bands, turns, &alive, &anchor, &whole);
    let finding = judged(bands, &turns, &alive, seconds, alone.as_ref(), source);
    // A stretch that only seemed to be hum alone.
    if finding.track.is_none() && *source == Source::Seek && alone.is_some() {
        return find(bands, seconds, &Source::Blind);
    }
    finding
}

/// Where most can be told of the hum, in a stretch of ten seconds.
fn loudest(moments: &Moments, alive: &[Vec<bool>], count: usize) -> Range<usize> {
    let length = ANCHOR.min(count);
    let mut best = (f64::NEG_INFINITY, 0);
    for begin in (0..=count - length).step_by(4) {
        let stretch = begin..begin + length;
        let gain = |(moments, alive): (&Vec<Vec<Moment>>, &Vec<bool>)| -> f64 {
            moments.iter().map(|moments| steady(&living(moments, alive, &stretch)).1).sum()
        };
        let gain = moments.iter().zip(alive).map(gain).sum();
        if gain > best.0 {
            best = (gain, begin);
        }
    }
    best.1..best.1 + length
}

/// The longest stretch of two seconds or more where nearly all there is are the harmonics, steady.
fn alone(bands: &Bands, turns: &[f64]) -> Option<Range<usize>> {
    /// What may be left besides, in power.
    const REST: f64 = 0.3;
    let count = bands.hops().div_ceil(BLOCK);
    let moments = moments(bands, turns);
    let power = |block: usize| -> f64 {
        let own = bands.power.iter().map(|power| {
            let part = &power[block * BLOCK..((block + 1) * BLOCK).min(power.len())];
            part.iter().map(|power| f64::from(*power)).sum::<f64>() / part.len() as f64
        });
        own.sum()
    };
    let explained = |block: usize| -> f64 {
        moments.iter().flatten().map(|moments| moments[block].mean.norm_sqr() / 2.0).sum()
    };
    let is_alone = |block: usize| {
        let power = power(block);
        power > 1e-10 && explained(block) > (1.0 - REST) * power
    };
    let mut best: Range<usize> = 0..0;
    let mut begin = 0;
    for block in 0..=count {
        if block < count && is_alone(block) {
            continue;
        }
        // The blocks at the ends may hold the beginning of something else.
        let stretch = begin..block;
        if stretch.len() > best.len() {
            best = stretch;
        }
        begin = block + 1;
    }
    let left = |moments: &Vec<Moment>| -> f64 {
        let part = &moments[best.clone()];
        let (a, _) = steady(part);
        part.iter().map(|moment| (moment.mean.norm_sqr() - (moment.mean - a).norm_sqr()) / 2.0).sum()
    };
    let all: f64 = best.clone().map(power).sum();
    let steady: f64 = moments.iter().flatten().map(left).sum();
    (best.len() >= LEAST_ALONE && steady > (1.0 - REST) * all).then_some(best)
}

/// Follows the phase by the amplitudes and finds the amplitudes by the phase, in turns: in the anchor first, the low
/// harmonics first, since their phase is known best.
fn locked(
    bands: &Bands,
    mut turns: Turns,
    alive: &[Vec<bool>],
    anchor: &Range<usize>,
    whole: &Range<usize>,
) -> Turns {
    for (most, stretch) in [(4, anchor), (8, anchor), (16, anchor), (40, anchor), (40, whole), (40, whole)] {
        let trusted = |moments: &Vec<Moment>, alive: &Vec<bool>| {
            let own = living(moments, alive, stretch);
            let (a, gain) = steady(&own);
            if gain > 0.2 * own.len() as f64 { a } else { Complex::default() }
        };
        let moments = moments(bands, &turns);
        let each = moments.iter().zip(alive);
        let a: Vec<Vec<Complex<f64>>> =
            each.map(|(all, alive)| all.iter().map(|one| trusted(one, alive)).collect()).collect();
        turns = lock(bands, &turns, &a, most);
    }
    turns
}

/// What the harmonics say to there being hum.
struct Verdict {
    evidence: f64,
    found: bool,
}

impl Verdict {
    /// Of the whole programme: `all[channel][harmonic]`.
    fn blind(all: &[Vec<Steady>], alive: &[Vec<bool>]) -> Self {
        let (numbers, evidence) = speaking(all, |one| one.proven, SPEAKS);
        let length = alive.iter().map(|own| own.iter().filter(|alive| **alive).count()).max().unwrap_or(0);
        // A single line may be a long note, unless it is there for long and through everything.
        let family = numbers.len() >= 3 && evidence >= (30.0 / length as f64).max(0.5);
        let line = length >= 4 * LEAST && evidence >= 1.0;
        Self { evidence, found: length >= LEAST && (family || line) && !one_note(&numbers) }
    }

    /// Of a stretch where it may be alone. That somebody gave is believed; if it was found, the `rest` of the programme must
    /// not speak against it.
    fn alone(all: &[Vec<Steady>], rest: f64, given: bool) -> Self {
        let (numbers, evidence) = speaking(all, |one| one.gain, STANDS_OUT);
        let several = numbers.len() >= 2 && !one_note(&numbers);
        Self { evidence, found: evidence > 0.0 && (given || several && rest > -0.05) }
    }
}

/// The numbers of the harmonics whose gain on one channel is above `least`, and the sum of the gains.
fn speaking(all: &[Vec<Steady>], gain: impl Fn(&Steady) -> f64, least: f64) -> (Vec<usize>, f64) {
    let harmonics = all.first().map_or(0, Vec::len);
    let most = |k: usize| all.iter().map(|own| gain(&own[k])).fold(0.0, f64::max);
    let speaking: Vec<(usize, f64)> =
        (0..harmonics).map(|k| (k + 1, most(k))).filter(|(_, gain)| *gain > least).collect();
    (speaking.iter().map(|(number, _)| *number).collect(), speaking.iter().map(|(_, gain)| gain).sum())
}

/// Whether all are multiples of 3 or more: the harmonics of a note that lies on one of the hum's. A rectifier has but the even
/// ones.
fn one_note(numbers: &[usize]) -> bool {
    let common = numbers.iter().fold(0, |common, number| {
        let (mut a, mut b) = (common, *number);
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    });
    common > 2
}

fn judged(
    bands: &Bands,
    turns: &Turns,
    alive: &[Vec<bool>],
    seconds: f64,
    alone: Option<&Range<usize>>,
    source: &Source,
) -> Finding {
    let freq_hz = frequencies(bands.base, turns, bands.hop_s, seconds, bands.harmonics);
    let clock = Clock::new(&freq_hz);
    let beyond = |hop: usize| {
        let at_s = hop as f64 * bands.hop_s;
        clock.turns(at_s) - bands.base.hz() * at_s
    };
    // From here on by the rounded frequencies: phases take up what they are off.
    let turns: Turns = (0..bands.hops()).map(beyond).collect();
    let moments = moments(bands, &turns);
    let count = bands.hops().div_ceil(BLOCK);
    let stretch = alone.cloned().unwrap_or(0..count);
    let heard = |moments: &Vec<Moment>, alive: &Vec<bool>| Steady::new(&living(moments, alive, &stretch));
    let all: Vec<Vec<Steady>> = moments
        .iter()
        .zip(alive)
        .map(|(own, alive)| own.iter().map(|one| heard(one, alive)).collect())
        .collect();
    let verdict = match alone {
        None => Verdict::blind(&all, alive),
        Some(stretch) => {
            Verdict::alone(&all, gain_outside(&moments, &all, alive, stretch), *source != Source::Seek)
        }
    };
    if !verdict.found {
        return Finding { evidence: 0.0, ..Finding::default() };
    }
    let mut track = Track { base: bands.base, freq_hz, level_db: Vec::new(), harmonics: Vec::new() };
    for (channel, own) in all.iter().enumerate() {
        for (number, one) in (1..).zip(own) {
            let told_apart = if alone.is_some() {
                one.gain > STANDS_OUT
            } else {
                one.proven > TOLD_APART && one.variance < CERTAIN * one.a.norm_sqr()
            };
            let a = if alone.is_some() { one.a } else { one.shrunk() };
            if told_apart && a.norm_sqr() > 1e-11 {
                track.harmonics.push(Harmonic::new(channel, number, a));
            }
        }
    }
    track.level_db = course(&track, &moments, bands);
    let block_s = BLOCK as f64 * bands.hop_s;
    let alone_s = alone.map(|stretch| stretch.start as f64 * block_s..stretch.end as f64 * block_s);
    Finding { track: Some(track), alone_s, evidence: verdict.evidence }
}

/// What the amplitudes of a stretch gain in all the rest, on average over blocks, all harmonics together.
fn gain_outside(moments: &Moments, all: &[Vec<Steady>], alive: &[Vec<bool>], stretch: &Range<usize>) -> f64 {
    let (mut sum, mut count) = (0.0, 0_usize);
    for ((moments, own), alive) in moments.iter().zip(all).zip(alive) {
        for block in (0..alive.len()).filter(|block| alive[*block] && !stretch.contains(block)) {
            let gains = moments.iter().zip(own).filter(|(_, one)| one.gain > STANDS_OUT);
            sum += gains.map(|(moments, one)| moments[block].gain(one.a)).sum::<f64>();
            count += 1;
        }
    }
    sum / count.max(1) as f64
}

/// How loud all of the hum is over time, in steps of 3 dB, or off: points where it changes; none if it does not.
fn course(track: &Track, moments: &Moments, bands: &Bands) -> Vec<(f64, f64)> {
    const LEVELS: [f64; 10] = [OFF_DB, -21.0, -18.0, -15.0, -12.0, -9.0, -6.0, -3.0, 0.0, 3.0];
    /// Nepers that it costs to go one further, and to go anywhere.
    const COST: f64 = 12.0;
    const MOST: f64 = 20.0;
    /// Nepers that each harmonic has to gain in a block, on average: where the music covers them so far that the phase may be
    /// lost, nothing is better than what may be wrong.
    const LEAST: f64 = 0.05;
    let blocks = bands.hops().div_ceil(BLOCK);
    let mut scores = vec![-(LEAST * track.harmonics.len() as f64) as f32; blocks * LEVELS.len()];
    scores.iter_mut().step_by(LEVELS.len()).for_each(|off| *off = 0.0);
    for harmonic in &track.harmonics {
        let amplitudes = LEVELS.map(|level_db| harmonic.amplitude() * gain(level_db));
        let own = &moments[harmonic.channel][harmonic.number as usize - 1];
        for (moment, row) in own.iter().zip(scores.chunks_mut(LEVELS.len())) {
            for (a, score) in amplitudes.iter().zip(row) {
                *score += moment.gain(*a) as f32;
            }
        }
    }
    let costs = (0..LEVELS.len()).map(|by| (COST * by as f64).min(MOST)).collect();
    let path = best_path(&scores, LEVELS.len(), &Steps { costs, round: false });
    let level = |state: &f64| LEVELS[(state.round().max(0.0) as usize).min(LEVELS.len() - 1)];
    let levels: Vec<f64> = path.iter().map(level).collect();
    if levels.iter().all(|level| *level == 0.0) {
        return Vec::new();
    }
    let block_s = BLOCK as f64 * bands.hop_s;
    let at_s =
        |block: usize| (((block as f64 + 0.5) * block_s - 0.5 * bands.hop_s) * 1000.0).round() / 1000.0;
    let changes = |block: &usize| {
        let same = |other: Option<&f64>| other.is_none_or(|other| *other == levels[*block]);
        *block == 0 || !same(levels.get(block + 1)) || !same(levels.get(block - 1))
    };
    (0..levels.len()).filter(changes).map(|block| (at_s(block), levels[block])).collect()
}
