//! Takes down the pops of breath on a microphone.
//!
//! One reaches for it on voices and live recordings, where a P or a B is a thump below 150 Hz. It looks for bursts of low end that
//! last no longer than a breath, stand out against what is before and behind them, and have no stroke above them as a drum has;
//! while one lasts, the low end goes down to what is around it. Everything else passes to the bit. The whole programme is heard
//! first. `audition: true` puts out what is taken away: if there are drums in it, lower the sensitivity.

use deadwax_dsp::crossover::LinearCrossover;
use deadwax_dsp::deplosive::{Course, LONGEST_MS, Listener, SLOPE, Settings};
use deadwax_dsp::dynamics::GainTrace;
use deadwax_dsp::fft::Kind;
use deadwax_node::learn::{Hear, Known, Learn, Lesson, LessonProblem, learning};
use deadwax_node::{
    About, Block, BlockMut, Family, GainCurve, Io, Node, NodeError, Prepared, Report, Setup, Stream, Tail,
    params,
};
use serde::{Deserialize, Serialize};

/// Parameters of `DePlosive`.
#[params]
pub struct DePlosive {
    #[param(default = 5.0, range = 0.0..=10.0, help = "how little it takes to be a pop; high finds soft drums, too")]
    pub sensitivity: f64,
    #[param(default = 150.0, range = 60.0..=300.0, help = "below this the low end goes down")]
    pub freq_hz: f64,
    #[param(default = 18.0, range = 0.0..=40.0, help = "the most it goes down")]
    pub reduction_db: f64,
    #[param(default = 60.0, range = 5.0..=500.0, help = "how long it takes to come back up behind a pop")]
    pub release_ms: f64,
    #[param(default = false, help = "put out what is taken away")]
    pub audition: bool,
}

/// Where plosives are: what a node learns, and what a person may edit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlosiveMap {
    /// The plosives, by time.
    pub plosives: Vec<Plosive>,
}

/// One plosive of a [`PlosiveMap`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plosive {
    /// Where it begins, in seconds.
    pub at_s: f64,
    /// How long it lasts, in milliseconds.
    pub ms: f64,
    /// By how much its low end stands out, in dB: so far it goes down, if it may.
    pub over_db: f64,
}

impl Lesson for PlosiveMap {
    const NAME: &'static str = "plosive map";
}

/// What was taken down.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DePlosiveReport {
    /// How many plosives.
    pub reduced: usize,
    /// The first thousand of them.
    pub places: Vec<Plosive>,
    /// The gain of the low end over the programme.
    pub gain_curve: GainCurve,
}

/// So many frames are worked on at a time.
const PART: usize = 1024;
/// The most places that a report lists.
const MOST_PLACES: usize = 1000;
/// By how much a pop stands out at a sensitivity of 5, in dB, and how much less or more a step makes that.
const THRESHOLD_DB: f64 = 10.0;
const STEP_DB: f64 = 1.0;

impl Node for DePlosive {
    const ABOUT: About = About {
        kind: "DePlosive",
        family: Family::Repair,
        summary: "Takes down the pops of breath on a microphone, and touches nothing else.",
        since: "0.2",
        algorithm: 1,
        example: "DePlosive(sensitivity: 5, reduction_db: 18)",
    };

    const LEARNS: bool = true;

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let format = setup.main();
        let (rate_hz, channels) = (f64::from(format.rate_hz), format.channels());
        let kind = if setup.portable { Kind::Portable } else { Kind::Fast };
        let crossover = LinearCrossover::new(&[self.freq_hz], SLOPE, None, rate_hz, channels, kind)
            .map_err(|error| NodeError::field("freq_hz", error.to_string()))?;
        let (latency, tail) = (crossover.latency(), crossover.tail());
        let popping = Popping { node: self.clone(), crossover, rate_hz, channels };
        let prepared = learning(Self::ABOUT.kind, popping, setup)?;
        Ok(prepared.with_latency(latency as u64).with_tail(Tail::Frames(tail as u64)))
    }

    fn neutral() -> Option<Self> {
        Some(Self { reduction_db: 0.0, ..Self::default() })
    }
}

struct Popping {
    node: DePlosive,
    crossover: LinearCrossover,
    rate_hz: f64,
    channels: usize,
}

impl Learn for Popping {
    type Lesson = PlosiveMap;
    type Found = PlosiveMap;

    fn check(&self, map: &PlosiveMap) -> Result<(), LessonProblem> {
        let mut end_s = 0.0;
        for (number, plosive) in map.plosives.iter().enumerate() {
            let wrong = |field: &str, reason: &str| {
                Err(LessonProblem::at(format!("plosives.{number}.{field}"), reason))
            };
            if !(plosive.at_s >= end_s && plosive.at_s.is_finite()) {
                return wrong("at_s", "a time in seconds, behind the end of the one before");
            }
            if !(plosive.ms > 0.0 && plosive.ms <= LONGEST_MS) {
                return wrong("ms", &format!("a plosive is longer than 0 and at most {LONGEST_MS} ms"));
            }
            if !(0.0..=150.0).contains(&plosive.over_db) {
                return wrong("over_db", "from 0 to 150 dB");
            }
            end_s = plosive.at_s + plosive.ms / 1000.0;
        }
        Ok(())
    }

    fn listener(&self, known: Option<&PlosiveMap>) -> Box<dyn Hear<PlosiveMap>> {
        if let Some(map) = known {
            return Box::new(Known(map.clone()));
        }
        let threshold_db = THRESHOLD_DB + STEP_DB * (5.0 - self.node.sensitivity);
        let settings = Settings { threshold_db, freq_hz: self.node.freq_hz };
        Box::new(Hearing(Listener::new(settings, self.rate_hz, self.channels)))
    }

    fn lesson(&self, found: &PlosiveMap) -> PlosiveMap {
        found.clone()
    }

    fn stream(&self, found: &PlosiveMap) -> Result<Box<dyn Stream>, NodeError> {
        let plosive = |plosive: &Plosive| {
            let Plosive { at_s, ms, over_db } = *plosive;
            deadwax_dsp::deplosive::Plosive { at_s, ms, over_db }
        };
        let plosives: Vec<_> = found.plosives.iter().map(plosive).collect();
        let node = &self.node;
        Ok(Box::new(Pushing {
            course: Course::new(&plosives, node.reduction_db, node.release_ms / 1000.0, self.rate_hz),
            latency: self.crossover.latency(),
            trace: GainTrace::new(self.rate_hz, self.crossover.latency()),
            crossover: self.crossover.clone(),
            audition: node.audition,
            gains: vec![1.0; PART],
            low: vec![vec![0.0; PART]; self.channels],
            map: found.clone(),
        }))
    }
}

struct Hearing(Listener);

impl Hear<PlosiveMap> for Hearing {
    fn hear(&mut self, _: u64, block: Block<'_>) -> Result<(), NodeError> {
        let planes: Vec<&[f64]> = block.iter().collect();
        self.0.push(&planes);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<PlosiveMap, NodeError> {
        let plosive = |plosive: deadwax_dsp::deplosive::Plosive| {
            let deadwax_dsp::deplosive::Plosive { at_s, ms, over_db } = plosive;
            Plosive { at_s, ms, over_db }
        };
        Ok(PlosiveMap { plosives: self.0.finish().into_iter().map(plosive).collect() })
    }
}

/// Pushes the low end down while a plosive lasts.
struct Pushing {
    course: Course,
    latency: usize,
    crossover: LinearCrossover,
    audition: bool,
    trace: GainTrace,
    /// Scratch: gains, and what is below the corner.
    gains: Vec<f64>,
    low: Vec<Vec<f64>>,
    map: PlosiveMap,
}

impl Pushing {
    /// Works on a part of a block, whose first frame comes out as `frame` of the programme.
    fn push(&mut self, frame: i64, mut part: BlockMut<'_>) {
        let frames = part.frames();
        let gains = &mut self.gains[..frames];
        if self.course.gains(frame, gains) {
            self.trace.push_reduction(gains);
        } else {
            self.trace.rest(frames);
        }
        for (low, channel) in self.low.iter_mut().zip(part.iter_mut()) {
            low[..frames].copy_from_slice(channel);
        }
        self.crossover.take_below(0, self.low.iter_mut().map(|low| &mut low[..frames]));
        for (index, channel) in part.iter_mut().enumerate() {
            self.crossover.delay(index, channel);
            for ((sample, low), gain) in channel.iter_mut().zip(&self.low[index]).zip(&*gains) {
                let taken = (1.0 - gain) * low;
                *sample = if self.audition { taken } else { *sample - taken };
            }
        }
    }
}

impl Stream for Pushing {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let first = io.start() as i64 - self.latency as i64;
        io.main().each_part(PART, |begin, part| self.push(first + begin as i64, part));
        Ok(())
    }

    fn reset(&mut self) {
        self.crossover.reset();
        self.trace.reset();
    }

    fn report(&self) -> Option<Report> {
        let (hop_s, gain_db) = (self.trace.hop_s(), self.trace.points_db());
        Some(Report::new(DePlosiveReport {
            reduced: self.map.plosives.len(),
            places: self.map.plosives.iter().take(MOST_PLACES).copied().collect(),
            gain_curve: GainCurve { hop_s, gain_db },
        }))
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_dsp::equalizer::{Band, Shape};
    use deadwax_dsp::svf::Cascade;
    use deadwax_measure::signals::{Music, Plosives};
    use deadwax_node::conformance::Rig;
    use deadwax_node::{Format, Layout};

    /// The node over `input`, its latency taken off.
    fn run(node: &DePlosive, rate: u32, input: &[f64]) -> Vec<f64> {
        let mut rig = Rig::new(node, Format::new(rate, Layout::Mono), false).unwrap();
        let late = rig.prepared().latency as usize;
        let longer: Vec<f64> = input.iter().copied().chain(vec![0.0; late]).collect();
        let frames = longer.len();
        rig.run(&[vec![longer]], &[frames]).unwrap().remove(0).remove(0).split_off(late)
    }

    fn music(rate: u32, seconds: f64, seed: u64) -> Vec<f64> {
        let mut music = Music { rate_hz: f64::from(rate), seconds, seed }.render()[0].clone();
        let pass = Band::HighPass { freq_hz: 180.0, slope_db_oct: 48, shape: Shape::Butterworth };
        Cascade::new(&pass.design(f64::from(rate)).unwrap(), 1).process(0, &mut music);
        music
    }

    fn power(x: impl Iterator<Item = f64>) -> f64 {
        x.map(|x| x * x).sum()
    }

    #[test]
    fn pops_fall_by_10_db_and_what_is_far_from_them_passes_to_the_bit() {
        for rate in [44_100, 48_000, 96_000] {
            let clean = music(rate, 9.0, 2);
            let pops = Plosives::new(f64::from(rate), 9.0, 2);
            let broken: Vec<f64> = clean.iter().zip(&pops.samples).map(|(a, b)| a + b).collect();
            let out = run(&DePlosive::default(), rate, &broken);
            let rest = power(out.iter().zip(&clean).map(|(out, clean)| out - clean));
            let fallen = 10.0 * (power(pops.samples.iter().copied()) / rest).log10();
            assert!(fallen >= 10.0, "{fallen:.1} dB at {rate} Hz");
            let far = (0.2 * f64::from(rate)) as usize;
            let near =
                |n: usize| pops.bursts.iter().any(|burst| n + far > burst.start && n < burst.end + far);
            let mut untouched = (0..clean.len()).filter(|n| !near(*n)).peekable();
            assert!(untouched.peek().is_some());
            assert!(untouched.all(|n| out[n] == broken[n]));
        }
    }

    #[test]
    fn music_without_pops_passes_to_the_bit() {
        let music = Music { rate_hz: 44_100.0, seconds: 6.0, seed: 3 }.render()[0].clone();
        assert_eq!(run(&DePlosive::default(), 44_100, &music), music);
    }

    #[test]
    fn audition_is_the_rest() {
        let broken: Vec<f64> = music(44_100, 6.0, 5)
            .iter()
            .zip(&Plosives::new(44_100.0, 6.0, 5).samples)
            .map(|(a, b)| a + b)
            .collect();
        let out = run(&DePlosive::default(), 44_100, &broken);
        let away = run(&DePlosive { audition: true, ..DePlosive::default() }, 44_100, &broken);
        assert!(power(away.iter().copied()) > 0.0);
        for n in 0..broken.len() {
            assert!((out[n] + away[n] - broken[n]).abs() < 1e-15);
        }
    }
}
