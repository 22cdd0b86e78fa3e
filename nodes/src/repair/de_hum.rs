//! Takes out the hum of the mains and its harmonics, and leaves the music that lies at the same frequencies.
//!
//! One reaches for it where 50 or 60 Hz and their harmonics got into a recording through a cable, a pick-up or a lamp. No notch:
//! the hum is measured as it runs on under the music (its frequency as it drifts with the mains, the level and phase of each
//! harmonic), and a copy of it is subtracted. A harmonic that cannot be told from the music is left alone, and where there is no
//! hum nothing is touched, to the bit. `Learn` takes the hum's harmonics from where it stands alone, best in the two seconds
//! before the music begins, and tells them apart under the music if there is no such place; `Blind` does that always. The whole
//! programme is heard first. `audition: true` puts out what is taken away.

use deadwax_dsp::dehum::{Base, Finding, Harmonic, Listener, Settings, Source, Subtractor, Track};
use deadwax_dsp::math::db_to_gain;
use deadwax_node::learn::{Hear, Known, Learn, Lesson, LessonProblem, learning};
use deadwax_node::{
    About, Block, Family, Io, Node, NodeError, Prepared, Problem, Report, Setup, Stream, params,
};
use serde::{Deserialize, Serialize};

/// Parameters of `DeHum`.
#[params]
pub struct DeHum {
    #[param(help = "the frequency of the mains")]
    pub base: DeHumBase,
    #[param(default = 20, range = 1..=40, help = "how many harmonics are looked for, the first included")]
    pub harmonics: u32,
    #[param(help = "where the hum is learnt from")]
    pub mode: DeHumMode,
    #[param(range = 0.0..=1000000.0, help = "Learn: where a stretch of hum alone begins; found if left out")]
    pub hum_from_s: Option<f64>,
    #[param(range = 0.0..=1000000.0, help = "Learn: where that stretch ends, two seconds later or more")]
    pub hum_to_s: Option<f64>,
    #[param(default = 60.0, range = 0.0..=80.0, help = "how much lower the hum is made at most")]
    pub reduction_db: f64,
    #[param(default = false, help = "put out what is taken away")]
    pub audition: bool,
}

/// The frequency of the mains.
#[params]
pub enum DeHumBase {
    /// whichever is heard
    #[default]
    Auto,
    /// Europe, most of Asia and Africa, Australia
    Hz50,
    /// North America, parts of South America and Japan
    Hz60,
}

/// Where the hum is learnt from.
#[params]
pub enum DeHumMode {
    /// where it stands alone, if it does so for two seconds
    #[default]
    Learn,
    /// from the whole programme, under the music
    Blind,
}

/// The hum of a programme: what `DeHum` learns, and what a person may edit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HumTrack {
    /// Which mains.
    pub base: Mains,
    /// The frequency of the first harmonic over time: seconds, Hz.
    pub freq_hz: Vec<(f64, f64)>,
    /// How much louder or softer all of it is over time: seconds, dB (−120 is off). Nothing: 0 dB throughout.
    pub level_db: Vec<(f64, f64)>,
    /// The harmonics.
    pub harmonics: Vec<HumHarmonic>,
}

/// 50 or 60 Hz.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mains {
    /// 50 Hz.
    Hz50,
    /// 60 Hz.
    Hz60,
}

/// One harmonic of a [`HumTrack`] on one channel.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HumHarmonic {
    /// The channel, from 0.
    pub channel: usize,
    /// Which: 1 is the mains frequency itself.
    pub number: u32,
    /// The amplitude: 0 dB for a sine that reaches full scale.
    pub level_db: f64,
    /// Against a cosine that has its crest at the programme's first frame.
    pub phase_deg: f64,
}

impl Lesson for HumTrack {
    const NAME: &'static str = "hum track";
}

impl HumTrack {
    fn of(track: Option<&Track>) -> Self {
        let Some(track) = track else {
            return Self {
                base: Mains::Hz50,
                freq_hz: Vec::new(),
                level_db: Vec::new(),
                harmonics: Vec::new(),
            };
        };
        let harmonic = |harmonic: &Harmonic| {
            let Harmonic { channel, number, level_db, phase_deg } = *harmonic;
            HumHarmonic { channel, number, level_db, phase_deg }
        };
        Self {
            base: if track.base == Base::Hz50 { Mains::Hz50 } else { Mains::Hz60 },
            freq_hz: track.freq_hz.clone(),
            level_db: track.level_db.clone(),
            harmonics: track.harmonics.iter().map(harmonic).collect(),
        }
    }

    fn track(&self) -> Track {
        let harmonic = |harmonic: &HumHarmonic| {
            let HumHarmonic { channel, number, level_db, phase_deg } = *harmonic;
            Harmonic { channel, number, level_db, phase_deg }
        };
        Track {
            base: if self.base == Mains::Hz50 { Base::Hz50 } else { Base::Hz60 },
            freq_hz: self.freq_hz.clone(),
            level_db: self.level_db.clone(),
            harmonics: self.harmonics.iter().map(harmonic).collect(),
        }
    }
}

/// What was taken out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeHumReport {
    /// Whether there is hum at all; if not, nothing was touched.
    pub found: bool,
    /// The hum's mean frequency, in Hz.
    pub freq_hz: Option<f64>,
    /// Its level on each channel before anything was taken away, where it is loudest: a mean square in dB re 1; nothing for a
    /// channel without hum.
    pub level_dbfs: Vec<Option<f64>>,
    /// The numbers of the harmonics.
    pub harmonics: Vec<u32>,
    /// Where it was heard alone, from and to, in seconds; nothing if it was told apart under the music.
    pub alone_s: Option<(f64, f64)>,
}

impl Node for DeHum {
    const ABOUT: About = About {
        kind: "DeHum",
        family: Family::Repair,
        summary: "Takes out the hum of the mains, and leaves the music at the same frequencies.",
        since: "0.2",
        algorithm: 1,
        example: "DeHum(base: Hz50, harmonics: 30)",
    };

    const LEARNS: bool = true;

    fn check(&self, problems: &mut Vec<Problem>) {
        match (self.hum_from_s, self.hum_to_s) {
            (Some(from), Some(to)) if to - from < LEAST_S => {
                problems.push(Problem::rule(
                    "hum_to_s",
                    "it is less than two seconds behind `hum_from_s`",
                    "name a longer stretch, or leave both out",
                ));
            }
            (Some(_), None) => {
                problems.push(Problem::rule(
                    "hum_to_s",
                    "the stretch of hum has no end",
                    "say where it ends",
                ));
            }
            (None, Some(_)) => {
                problems.push(Problem::rule(
                    "hum_from_s",
                    "the stretch of hum has no beginning",
                    "say where it begins",
                ));
            }
            _ => {}
        }
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let format = setup.main();
        let bases = match self.base {
            DeHumBase::Auto => vec![Base::Hz50, Base::Hz60],
            DeHumBase::Hz50 => vec![Base::Hz50],
            DeHumBase::Hz60 => vec![Base::Hz60],
        };
        let source = match (self.mode, self.hum_from_s, self.hum_to_s) {
            (DeHumMode::Blind, ..) => Source::Blind,
            (DeHumMode::Learn, Some(from), Some(to)) => Source::Given(from..to),
            (DeHumMode::Learn, ..) => Source::Seek,
        };
        let humming = Humming {
            settings: Settings { bases, harmonics: self.harmonics as usize, source },
            rate_hz: format.rate_hz,
            channels: format.channels(),
            part: 1.0 - db_to_gain(-self.reduction_db),
            audition: self.audition,
        };
        learning(Self::ABOUT.kind, humming, setup)
    }

    fn neutral() -> Option<Self> {
        Some(Self { reduction_db: 0.0, ..Self::default() })
    }
}

/// The shortest stretch of hum alone.
const LEAST_S: f64 = 2.0;

struct Humming {
    settings: Settings,
    rate_hz: u32,
    channels: usize,
    part: f64,
    audition: bool,
}

impl Learn for Humming {
    type Lesson = HumTrack;
    type Found = Finding;

    fn check(&self, lesson: &HumTrack) -> Result<(), LessonProblem> {
        let checked = lesson.track().check(self.channels, f64::from(self.rate_hz));
        checked.map_err(|fault| LessonProblem::at(fault.path, fault.reason))
    }

    fn listener(&self, known: Option<&HumTrack>) -> Box<dyn Hear<Finding>> {
        match known {
            Some(lesson) => {
                let track = (!lesson.harmonics.is_empty()).then(|| lesson.track());
                Box::new(Known(Finding { track, ..Finding::default() }))
            }
            None => Box::new(Hearing(Listener::new(self.settings.clone(), self.rate_hz, self.channels))),
        }
    }

    fn lesson(&self, found: &Finding) -> HumTrack {
        HumTrack::of(found.track.as_ref())
    }

    fn stream(&self, found: &Finding) -> Result<Box<dyn Stream>, NodeError> {
        let level =
            |track: &Track, channel: usize| Some(track.level_dbfs(channel)).filter(|db| db.is_finite());
        let track = found.track.as_ref();
        let report = DeHumReport {
            found: track.is_some(),
            freq_hz: track.map(Track::mean_hz),
            level_dbfs: (0..self.channels).map(|channel| level(track?, channel)).collect(),
            harmonics: track.map(Track::numbers).unwrap_or_default(),
            alone_s: found.alone_s.as_ref().map(|alone| (alone.start, alone.end)),
        };
        let idle = self.part == 0.0;
        let subtractor = track.filter(|_| !idle).map(|track| {
            Subtractor::new(track, f64::from(self.rate_hz), self.channels, self.part, self.audition)
        });
        Ok(Box::new(Subtracting { subtractor, audition: self.audition, report }))
    }
}

struct Hearing(Listener);

impl Hear<Finding> for Hearing {
    fn hear(&mut self, _: u64, block: Block<'_>) -> Result<(), NodeError> {
        let planes: Vec<&[f64]> = block.iter().collect();
        self.0.push(&planes);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Finding, NodeError> {
        Ok(self.0.finish())
    }
}

/// The hum is made from the number of the frame: what is kept in between changes nothing.
struct Subtracting {
    subtractor: Option<Subtractor>,
    audition: bool,
    report: DeHumReport,
}

impl Stream for Subtracting {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let start = io.start();
        for (index, channel) in io.main().iter_mut().enumerate() {
            match &mut self.subtractor {
                Some(subtractor) => subtractor.process(index, start, channel),
                None if self.audition => channel.fill(0.0),
                None => {}
            }
        }
        Ok(())
    }

    fn reset(&mut self) {}

    fn report(&self) -> Option<Report> {
        Some(Report::new(self.report.clone()))
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_measure::signals::{Hum, Music};
    use deadwax_node::Format;
    use deadwax_node::conformance::Rig;

    const RATE: f64 = 44_100.0;

    /// Two seconds of hum, then music over it.
    fn humming() -> (Vec<Vec<f64>>, Vec<f64>) {
        let hum = Hum::new(-35.0, 4).render(RATE, 6.0);
        let music = Music { rate_hz: RATE, seconds: 4.0, seed: 4 }.render();
        let lead = 2 * RATE as usize;
        let over = |(n, hum): (usize, &f64), side: usize, part: f64| {
            part * hum + n.checked_sub(lead).map_or(0.0, |n| music[side][n])
        };
        let side =
            |side: usize, part: f64| hum.iter().enumerate().map(|each| over(each, side, part)).collect();
        (vec![side(0, 1.0), side(1, 0.25)], hum)
    }

    fn run(node: &DeHum, input: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let mut rig = Rig::new(node, Format::stereo(RATE as u32), false).unwrap();
        rig.run(&[input.to_vec()], &[input[0].len()]).unwrap().remove(0)
    }

    #[test]
    fn each_channel_loses_its_own_hum_and_audition_is_the_rest() {
        let (broken, hum) = humming();
        let mended = run(&DeHum::default(), &broken);
        let away = run(&DeHum { audition: true, ..DeHum::default() }, &broken);
        for (channel, part) in [1.0, 0.25].into_iter().enumerate() {
            let power = |x: &mut dyn Iterator<Item = f64>| x.map(|x| x * x).sum::<f64>();
            let rest = power(&mut away[channel].iter().zip(&hum).map(|(away, hum)| away - part * hum));
            let before = power(&mut hum.iter().map(|hum| part * hum));
            assert!(10.0 * (before / rest).log10() > 20.0, "channel {channel}");
            for n in 0..hum.len() {
                assert!((mended[channel][n] + away[channel][n] - broken[channel][n]).abs() < 1e-15);
            }
        }
    }

    #[test]
    fn music_without_hum_passes_to_the_bit() {
        let clean = Music { rate_hz: RATE, seconds: 10.0, seed: 9 }.render().to_vec();
        assert_eq!(run(&DeHum::default(), &clean), clean);
        assert!(
            run(&DeHum { audition: true, ..DeHum::default() }, &clean).iter().flatten().all(|x| *x == 0.0)
        );
    }

    #[test]
    fn a_reduction_of_6_db_halves_the_hum() {
        let (broken, _) = humming();
        let whole = run(&DeHum { audition: true, reduction_db: 80.0, ..DeHum::default() }, &broken);
        let half = run(&DeHum { audition: true, reduction_db: 6.0, ..DeHum::default() }, &broken);
        let share = (1.0 - 10f64.powf(-6.0 / 20.0)) / (1.0 - 10f64.powf(-80.0 / 20.0));
        for (whole, half) in whole[0].iter().zip(&half[0]) {
            assert!((share * whole - half).abs() < 1e-12);
        }
    }

    /// What is written beside a graph gives the same bytes as what was just learnt.
    #[test]
    fn a_track_read_again_is_the_same_and_a_harmonic_can_be_struck() {
        let (broken, _) = humming();
        let mut listener = Listener::new(Settings::default(), RATE as u32, 2);
        listener.push(&[&broken[0], &broken[1]]);
        let found = listener.finish().track.unwrap();
        let lesson = HumTrack::of(Some(&found));
        let text = serde_json::to_string(&lesson).unwrap();
        let mut read: HumTrack = serde_json::from_str(&text).unwrap();
        assert_eq!(read.track(), found);
        read.harmonics.retain(|harmonic| harmonic.number != 3);
        assert!(read.track().check(2, RATE).is_ok() && !read.track().numbers().contains(&3));
    }

    #[test]
    fn a_stretch_of_hum_has_two_ends_and_two_seconds() {
        let broken = |from, to| {
            let mut problems = Vec::new();
            DeHum { hum_from_s: from, hum_to_s: to, ..DeHum::default() }.check(&mut problems);
            problems.len()
        };
        assert_eq!([broken(Some(1.0), None), broken(None, Some(1.0)), broken(Some(1.0), Some(2.0))], [1; 3]);
        assert_eq!([broken(None, None), broken(Some(1.0), Some(3.5))], [0; 2]);
    }
}
