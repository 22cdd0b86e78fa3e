//! Measures what passes through, and changes nothing.
//!
//! One reaches for it to see what happens inside a graph: how loud it is behind the equaliser, what the side chain hears,
//! how a band is balanced. It stands in a wire, every sample passes untouched, and its figures are told with the render. `show`
//! picks what is measured. `Reduction` compares what passes with what is wired to `before`: the gain of everything between.
//!
//! Figures are rounded to a hundredth, so that they can be kept and compared.

use deadwax_dsp::dynamics::GainTrace;
use deadwax_dsp::fft::Kind;
use deadwax_dsp::math::power_to_db;
use deadwax_measure::{
    Band, ClipRuns, FloorMeter, Meter, SampleMeter, SpectrumMeter, Translation, TranslationMeter, Wanted,
};
use deadwax_node::{
    About, Block, Channels, Family, Format, GainCurve, Io, Node, NodeError, Port, Ports, Prepared, Report,
    Setup, Stream, params,
};
use serde::Serialize;

/// Parameters of `Probe`.
#[params]
pub struct Probe {
    #[param(help = "what is measured")]
    pub show: ProbeShow,
}

/// What a probe measures.
#[params]
pub enum ProbeShow {
    /// peaks, level, DC, clipped runs, bits that are used
    #[default]
    Levels,
    /// loudness: whole, loudest moments, range, true peak
    Loudness,
    /// the average spectrum in third octaves
    Spectrum,
    /// correlation, balance, width, sides in the bass
    Stereo,
    /// how loud the quietest moments are
    Noise,
    /// how much quieter it is than what is wired to `before`
    Reduction,
    /// what is left of it in mono, on a phone, in a club
    Translation,
    /// all of these
    Everything,
}

impl ProbeShow {
    fn wants(self, one: Self) -> bool {
        self == one || self == Self::Everything
    }
}

/// What a probe measured; what was not asked for is left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ProbeReport {
    /// Peaks, level, DC, clipped runs, used bits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub levels: Option<LevelsReport>,
    /// Loudness.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loudness: Option<LoudnessFigures>,
    /// Third octaves, all channels together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spectrum: Option<Vec<Band>>,
    /// Left and right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stereo: Option<StereoReport>,
    /// The quietest moments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise: Option<NoiseReport>,
    /// Against `before`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reduction: Option<ReductionReport>,
    /// Elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translation: Option<Translation>,
}

/// Levels of all channels together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LevelsReport {
    /// The largest sample, in dBFS.
    pub sample_peak_dbfs: Option<f64>,
    /// The largest value between samples as well, in dBTP.
    pub true_peak_dbtp: Option<f64>,
    /// The level of each channel, in dB below that of a full-scale sine.
    pub rms_dbfs: Vec<Option<f64>>,
    /// The mean of each channel, in dBFS.
    pub dc_dbfs: Vec<Option<f64>>,
    /// Runs that were cut off at one height, of each channel.
    pub clipped: Vec<ClipRuns>,
    /// How many bits the samples use; `None` for more than 32.
    pub used_bits: Option<u32>,
}

/// Loudness and its course.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LoudnessFigures {
    /// In LUFS.
    pub integrated_lufs: Option<f64>,
    /// The loudest 400 ms, in LUFS.
    pub max_momentary_lufs: Option<f64>,
    /// The loudest 3 s, in LUFS.
    pub max_short_term_lufs: Option<f64>,
    /// In LU.
    pub loudness_range_lu: Option<f64>,
    /// In dBTP.
    pub true_peak_dbtp: Option<f64>,
    /// Peak to loudness, in LU.
    pub plr_lu: Option<f64>,
}

/// How left and right stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct StereoReport {
    /// −1 to 1.
    pub correlation: Option<f64>,
    /// How much stronger the right side is, in dB.
    pub balance_db: Option<f64>,
    /// How strong the sides are against the middle, in dB.
    pub side_to_mid_db: Option<f64>,
    /// The same below 120 Hz: what a record cannot hold.
    pub low_side_to_mid_db: Option<f64>,
}

/// How loud the quietest moments are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct NoiseReport {
    /// The level that the quietest twentieth of all moments stays below, in dBFS.
    pub floor_dbfs: Option<f64>,
    /// How much of the programme is digital silence, 0 to 1.
    pub silent_share: f64,
}

/// The gain between `before` and here.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReductionReport {
    /// The lowest gain of any 10 ms, in dB.
    pub lowest_db: Option<f64>,
    /// The highest, in dB.
    pub highest_db: Option<f64>,
    /// Its course.
    pub gain_curve: GainCurve,
}

/// The number of the `before` port.
const BEFORE: usize = 1;
/// Below this the sides of a record need not be minded.
const LOW_HZ: f64 = 120.0;

impl Node for Probe {
    const ABOUT: About = About {
        kind: "Probe",
        family: Family::Probe,
        summary: "Measures what passes through, and changes nothing.",
        since: "0.2",
        algorithm: 1,
        example: "Probe(show: Everything)",
    };

    fn ports(&self) -> Ports {
        let before = Port::new("before", Channels::AsMain, "what Reduction compares with");
        Ports::through().with_input(before.optional())
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let kind = if setup.portable { Kind::Portable } else { Kind::Fast };
        let compared = setup.inputs.get(BEFORE).copied().flatten().is_some();
        if self.show == ProbeShow::Reduction && !compared {
            return Err(NodeError::field("show", "`Reduction` needs a wire to the port `before`"));
        }
        let meters = Meters::new(self.show, setup.main(), kind, compared)?;
        let cost_ns = if self.show.wants(ProbeShow::Loudness) { 40.0 } else { 10.0 };
        Ok(Prepared::stream(Listening { fresh: meters.clone(), meters }, cost_ns))
    }

    fn neutral() -> Option<Self> {
        Some(Self::default())
    }
}

/// A meter for each thing that is asked for.
#[derive(Clone)]
struct Meters {
    show: ProbeShow,
    meter: Option<Meter>,
    samples: Vec<SampleMeter>,
    spectra: Vec<SpectrumMeter>,
    /// Of mid and side.
    lanes: Option<[SpectrumMeter; 2]>,
    lane: Vec<f64>,
    floor: Option<FloorMeter>,
    translation: Option<TranslationMeter>,
    reduction: Option<Reduction>,
}

/// So many frames of mid or side are made at once.
const CHUNK: usize = 1024;

impl Meters {
    fn new(show: ProbeShow, format: Format, kind: Kind, compared: bool) -> Result<Self, NodeError> {
        let (rate_hz, channels) = (format.rate_hz, format.channels());
        let cannot = |error| NodeError::failed("this cannot be measured", error);
        let wanted = Wanted {
            windows: show.wants(ProbeShow::Loudness),
            true_peak: show.wants(ProbeShow::Loudness) || show.wants(ProbeShow::Levels),
            history: false,
            psr: false,
            overs_above_dbtp: None,
        };
        let meters = [ProbeShow::Loudness, ProbeShow::Levels, ProbeShow::Stereo];
        let spectrum = SpectrumMeter::new(rate_hz, kind);
        let when = |one: ProbeShow, count: usize| if show.wants(one) { count } else { 0 };
        let stereo = show.wants(ProbeShow::Stereo) && channels == 2;
        Ok(Self {
            show,
            meter: meters
                .iter()
                .any(|one| show.wants(*one))
                .then(|| Meter::new(rate_hz, channels, wanted))
                .transpose()
                .map_err(cannot)?,
            samples: vec![SampleMeter::new(); when(ProbeShow::Levels, channels)],
            spectra: vec![spectrum.clone(); when(ProbeShow::Spectrum, channels)],
            lanes: stereo.then(|| [spectrum.clone(), spectrum]),
            lane: vec![0.0; CHUNK],
            floor: show.wants(ProbeShow::Noise).then(|| FloorMeter::new(rate_hz, channels)),
            translation: show
                .wants(ProbeShow::Translation)
                .then(|| TranslationMeter::new(rate_hz, channels, kind))
                .transpose()
                .map_err(cannot)?,
            reduction: (show.wants(ProbeShow::Reduction) && compared)
                .then(|| Reduction::new(f64::from(rate_hz))),
        })
    }

    fn hear(&mut self, block: Block<'_>, before: Option<Block<'_>>) {
        let mut planes = [&[][..]; deadwax_node::MAX_CHANNELS];
        for (plane, channel) in planes.iter_mut().zip(block.iter()) {
            *plane = channel;
        }
        let planes = &planes[..block.channels().min(deadwax_node::MAX_CHANNELS)];
        if let Some(meter) = &mut self.meter {
            meter.push(planes);
        }
        for (meter, channel) in self.samples.iter_mut().zip(planes) {
            meter.push(channel);
        }
        for (meter, channel) in self.spectra.iter_mut().zip(planes) {
            meter.push(channel);
        }
        if let (Some([mid, side]), Some((left, right))) = (&mut self.lanes, block.stereo()) {
            for (left, right) in left.chunks(CHUNK).zip(right.chunks(CHUNK)) {
                for (meter, sign) in [(&mut *mid, 0.5), (&mut *side, -0.5)] {
                    let lane = &mut self.lane[..left.len()];
                    for (lane, (l, r)) in lane.iter_mut().zip(left.iter().zip(right)) {
                        *lane = 0.5 * l + sign * r;
                    }
                    meter.push(lane);
                }
            }
        }
        if let Some(meter) = &mut self.floor {
            meter.push(planes);
        }
        if let Some(meter) = &mut self.translation {
            meter.push(planes);
        }
        if let (Some(reduction), Some(before)) = (&mut self.reduction, before) {
            reduction.hear(block, before);
        }
    }

    fn report(&self) -> ProbeReport {
        let measured = self.meter.clone().map(Meter::finish);
        let loudness =
            measured.as_ref().filter(|_| self.show.wants(ProbeShow::Loudness)).map(|m| LoudnessFigures {
                integrated_lufs: rounded(m.integrated_lufs),
                max_momentary_lufs: rounded(m.max_momentary_lufs),
                max_short_term_lufs: rounded(m.max_short_term_lufs),
                loudness_range_lu: rounded(m.loudness_range_lu),
                true_peak_dbtp: rounded(m.true_peak_dbtp),
                plr_lu: rounded(m.plr_lu),
            });
        let levels = measured.as_ref().filter(|_| self.show.wants(ProbeShow::Levels)).map(|m| LevelsReport {
            sample_peak_dbfs: rounded(m.sample_peak_dbfs),
            true_peak_dbtp: rounded(m.true_peak_dbtp),
            rms_dbfs: m.channels.iter().map(|channel| rounded(channel.rms_dbfs)).collect(),
            dc_dbfs: m.channels.iter().map(|channel| rounded(channel.dc_dbfs)).collect(),
            clipped: self.samples.iter().map(SampleMeter::clipped).collect(),
            used_bits: self
                .samples
                .iter()
                .map(SampleMeter::used_bits)
                .max_by_key(|bits| bits.unwrap_or(33))
                .flatten(),
        });
        let stereo = measured.as_ref().zip(self.lanes.as_ref()).map(|(m, [mid, side])| StereoReport {
            correlation: rounded(m.correlation),
            balance_db: rounded(m.balance_db),
            side_to_mid_db: ratio_db(side, mid, f64::INFINITY),
            low_side_to_mid_db: ratio_db(side, mid, LOW_HZ),
        });
        let translation = self.translation.as_ref().map(TranslationMeter::translation).map(|t| Translation {
            lost_in_mono_lu: rounded(t.lost_in_mono_lu),
            lost_on_phone_lu: rounded(t.lost_on_phone_lu),
            deep_bass_db: rounded(t.deep_bass_db),
        });
        ProbeReport {
            levels,
            loudness,
            spectrum: (!self.spectra.is_empty()).then(|| together(&self.spectra)),
            stereo,
            noise: self.floor.as_ref().map(|floor| NoiseReport {
                floor_dbfs: rounded(floor.floor_dbfs()),
                silent_share: hundredth(floor.silent_share()),
            }),
            reduction: self.reduction.as_ref().map(Reduction::report),
            translation,
        }
    }
}

fn hundredth(value: f64) -> f64 {
    // Adding zero turns a negative zero into a plain one.
    (value * 100.0).round() / 100.0 + 0.0
}

fn rounded(value: Option<f64>) -> Option<f64> {
    value.map(hundredth)
}

/// How strong `a` is against `b` up to a frequency, in dB.
fn ratio_db(a: &SpectrumMeter, b: &SpectrumMeter, to_hz: f64) -> Option<f64> {
    let (a, b) = (a.power(20.0, to_hz), b.power(20.0, to_hz));
    (a > 0.0 && b > 0.0).then(|| hundredth(power_to_db(a / b)))
}

/// The mean power of all channels in each band.
fn together(spectra: &[SpectrumMeter]) -> Vec<Band> {
    let all: Vec<Vec<Band>> = spectra.iter().map(SpectrumMeter::bands).collect();
    let power = |band: &Band| band.level_db.map_or(0.0, |db| deadwax_dsp::math::pow(10.0, db / 10.0));
    let mean = |index: usize| all.iter().map(|bands| power(&bands[index])).sum::<f64>() / all.len() as f64;
    let band = |(index, band): (usize, &Band)| {
        let power = mean(index);
        Band { hz: band.hz, level_db: (power > 0.0).then(|| hundredth(power_to_db(power))) }
    };
    all[0].iter().enumerate().map(band).collect()
}

/// Compares the energy of hops of 10 ms.
#[derive(Clone)]
struct Reduction {
    hop: usize,
    filled: usize,
    energies: [f64; 2],
    lowest_db: f64,
    highest_db: f64,
    trace: GainTrace,
}

/// Hops that are quieter than this, per sample, have no gain worth telling.
const LEAST_POWER: f64 = 1e-12;

impl Reduction {
    fn new(rate_hz: f64) -> Self {
        let hop = ((0.01 * rate_hz) as usize).max(1);
        let trace = GainTrace::new(rate_hz, 0);
        let (lowest_db, highest_db) = (f64::INFINITY, f64::NEG_INFINITY);
        Self { hop, filled: 0, energies: [0.0; 2], lowest_db, highest_db, trace }
    }

    fn hear(&mut self, now: Block<'_>, before: Block<'_>) {
        for at in 0..now.frames() {
            for (energy, block) in self.energies.iter_mut().zip([now, before]) {
                *energy += block.iter().map(|channel| channel[at] * channel[at]).sum::<f64>();
            }
            self.filled += 1;
            if self.filled == self.hop {
                self.look();
            }
        }
    }

    fn look(&mut self) {
        let [now, before] = self.energies;
        let least = LEAST_POWER * self.hop as f64;
        if before > least && now > least {
            let gain_db = power_to_db(now / before);
            self.lowest_db = self.lowest_db.min(gain_db);
            self.highest_db = self.highest_db.max(gain_db);
            self.trace.push_db(&[hundredth(gain_db)]);
            self.trace.rest(self.hop - 1);
        } else {
            self.trace.rest(self.hop);
        }
        (self.filled, self.energies) = (0, [0.0; 2]);
    }

    fn report(&self) -> ReductionReport {
        let found = |db: f64| db.is_finite().then(|| hundredth(db));
        ReductionReport {
            lowest_db: found(self.lowest_db),
            highest_db: found(self.highest_db),
            gain_curve: GainCurve { hop_s: self.trace.hop_s(), gain_db: self.trace.points_db() },
        }
    }
}

/// The meters, and how they were before the first frame.
struct Listening {
    meters: Meters,
    fresh: Meters,
}

impl Stream for Listening {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        if io.frames() > 0 {
            let before = io.input(BEFORE);
            self.meters.hear(io.main().as_block(), before);
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.meters = self.fresh.clone();
    }

    fn report(&self) -> Option<Report> {
        Some(Report::new(self.meters.report()))
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_node::Body;
    use deadwax_node::conformance::Rig;

    fn sine(peak: f64, seconds: u32) -> Vec<f64> {
        (0..48_000 * seconds)
            .map(|n| peak * (std::f64::consts::TAU * 997.0 / 48_000.0 * f64::from(n)).sin())
            .collect()
    }

    fn probe(show: ProbeShow, main: &[Vec<f64>], before: Option<&[Vec<f64>]>) -> ProbeReport {
        let mut rig = Rig::new(&Probe { show }, Format::stereo(48_000), before.is_some()).unwrap();
        let wires: Vec<Vec<Vec<f64>>> =
            std::iter::once(main).chain(before).map(<[Vec<f64>]>::to_vec).collect();
        let out = rig.run(&wires, &[main[0].len()]).unwrap();
        assert_eq!(out[0], main, "a probe changes nothing");
        let Body::Stream(stream) = &rig.prepared().body else { unreachable!() };
        stream.report().unwrap().get::<ProbeReport>().unwrap().clone()
    }

    /// EBU Tech 3341: a 997 Hz sine at −23 dBFS on both channels reads −23.0 LUFS.
    #[test]
    fn a_tone_reads_what_it_is() {
        let tone = sine(10_f64.powf(-23.0 / 20.0), 4);
        let report = probe(ProbeShow::Everything, &[tone.clone(), tone], None);
        let loudness = report.loudness.unwrap();
        assert_eq!(loudness.integrated_lufs.map(|lufs| (lufs * 10.0).round() / 10.0), Some(-23.0));
        let levels = report.levels.unwrap();
        assert_eq!(levels.rms_dbfs, [Some(-23.0), Some(-23.0)]);
        assert_eq!((levels.used_bits, levels.clipped[0].runs), (None, 0));
        let stereo = report.stereo.unwrap();
        assert_eq!((stereo.correlation, stereo.balance_db), (Some(1.0), Some(0.0)));
        assert_eq!(stereo.side_to_mid_db, None);
        let band = report.spectrum.unwrap().into_iter().find(|band| band.hz == 1000.0).unwrap();
        assert!((band.level_db.unwrap() + 23.0).abs() <= 0.011, "{band:?}");
        assert_eq!(report.translation.unwrap().lost_in_mono_lu, Some(0.0));
        assert_eq!(report.reduction, None);
    }

    #[test]
    fn reduction_is_the_gain_of_what_lies_between() {
        let before = sine(0.5, 1);
        let now: Vec<f64> =
            before.iter().enumerate().map(|(n, x)| x * if n < 24_000 { 0.5 } else { 1.0 }).collect();
        let report = probe(ProbeShow::Reduction, &[now.clone(), now], Some(&[before.clone(), before]));
        let reduction = report.reduction.unwrap();
        assert_eq!((reduction.lowest_db, reduction.highest_db), (Some(-6.02), Some(0.0)));
        assert_eq!((reduction.gain_curve.gain_db[10], reduction.gain_curve.gain_db[80]), (-6.02, 0.0));
        assert!(Rig::new(&Probe { show: ProbeShow::Reduction }, Format::stereo(48_000), false).is_err());
    }
}
