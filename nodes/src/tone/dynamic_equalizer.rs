//! An equalizer whose bands work only when they are called for.
//!
//! One reaches for it where a fixed cut would take too much: a vocal that is harsh on its loud notes only, a bass note that
//! jumps out, a cymbal that hurts; or to let a kick drum push the bass aside (the `key` port), or to lift what is quiet
//! (`when: Below`, a positive range). A band hears its own region of the input (`detect: Band`), the whole of it (`Full`) or
//! the whole key (`Key`), and moves its gain by 1 − 1/ratio dB for every dB beyond the threshold, up to its range. Levels
//! are those of the peaks of a sine: a sine that fills the scale has 0 dB.
//!
//! All bands hear the input as it comes in, whatever the bands before them do. At rest a band touches no bit, on any lane.
//! Every gain has the response of the analog band, up to half the sample rate, without latency: the filters of all gains
//! are designed beforehand. There is no oversampling, because there is nothing to fold back: a filter is linear, and its
//! gain moves no faster than the attack lets it.

use super::bands::{BandLane, check_lane, of_band};
use crate::dynamics::keyed::gain_curve;
use deadwax_dsp::dynamic_equalizer::{CHUNK, DynamicBand as Kernel, Settings, When};
use deadwax_dsp::dynamics::GainTrace;
use deadwax_dsp::equalizer::Gained;
use deadwax_node::{
    About, Block, BlockMut, Buffer, Channels, Family, GainCurve, Io, Lane, Node, NodeError, Port, Ports,
    Prepared, Report, Setup, Stream, Tail, params,
};
use indexmap::IndexMap;
use serde::Serialize;

/// Parameters of `DynamicEqualizer`.
#[params]
pub struct DynamicEqualizer {
    #[param(len = 0..=16, help = "the bands, by any name; the signal passes them in this order")]
    #[serde(with = "deadwax_node::by_name")]
    pub bands: IndexMap<String, DynamicEqualizerBand>,
}

/// One band of a [`DynamicEqualizer`].
#[params]
pub enum DynamicEqualizerBand {
    /// raises or lowers a region around a frequency
    Bell(DynamicBand),
    /// raises or lowers all below a frequency
    LowShelf(DynamicBand),
    /// raises or lowers all above a frequency
    HighShelf(DynamicBand),
}

/// Where a band works, and when.
#[params]
pub struct DynamicBand {
    #[param(default = 1000.0, range = 10.0..=90000.0, help = "the middle of the region, or the corner")]
    pub freq_hz: f64,
    #[param(default = 0.707, range = 0.1..=10.0, help = "how narrow, or how steep (the cookbook's Q)")]
    pub q: f64,
    #[param(default = -24.0, range = -80.0..=0.0, help = "the level at which it begins to work")]
    pub threshold_db: f64,
    #[param(default = -6.0, range = -24.0..=24.0, help = "the furthest its gain goes: down, or up")]
    pub range_db: f64,
    #[param(default = 3.0, range = 1.0..=20.0, help = "how fast the gain goes with the level; 1 does nothing")]
    pub ratio: f64,
    #[param(default = 10.0, range = 0.1..=300.0, help = "how fast it begins to work")]
    pub attack_ms: f64,
    #[param(default = 120.0, range = 5.0..=3000.0, help = "how fast it lets go")]
    pub release_ms: f64,
    #[param(help = "what it listens to")]
    pub detect: DynamicDetect,
    #[param(help = "on which side of the threshold it works")]
    pub when: DynamicWhen,
    #[param(default = 1.0, range = 0.0..=1.0, help = "how far channels share their level; 1: all have the same gain")]
    pub link: f64,
    #[param(help = "which part of a stereo signal it works on")]
    pub lane: BandLane,
}

/// What a band listens to.
#[params]
pub enum DynamicDetect {
    /// its own region of the input
    #[default]
    Band,
    /// the whole input
    Full,
    /// what comes in at the `key` port
    Key,
}

/// On which side of the threshold a band works.
#[params]
pub enum DynamicWhen {
    /// while it is louder
    #[default]
    Above,
    /// while it is quieter
    Below,
}

/// What a dynamic equaliser did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DynamicEqualizerReport {
    /// The gain over time: of all bands the one furthest from 0 dB.
    pub gain_curve: GainCurve,
    /// What each band did.
    pub bands: IndexMap<String, DynamicBandReport>,
}

/// What one band did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DynamicBandReport {
    /// The gain that was furthest from 0 dB, in dB.
    pub deepest_db: f64,
    /// The gain over time.
    pub gain_curve: GainCurve,
}

/// The number of the `key` port.
const KEY: usize = 1;
/// Below this a tail is over, in dBFS.
const TAIL_DBFS: f64 = -150.0;
/// No tail lasts longer, in seconds.
const MOST_TAIL_S: f64 = 60.0;

impl DynamicEqualizerBand {
    fn parts(&self) -> (Gained, &DynamicBand) {
        match self {
            Self::Bell(band) => (Gained::Bell, band),
            Self::LowShelf(band) => (Gained::LowShelf, band),
            Self::HighShelf(band) => (Gained::HighShelf, band),
        }
    }

    fn settings(&self) -> Settings {
        let (kind, band) = self.parts();
        Settings {
            kind,
            freq_hz: band.freq_hz,
            q: band.q,
            threshold_db: band.threshold_db,
            range_db: band.range_db,
            ratio: band.ratio,
            attack_s: band.attack_ms / 1000.0,
            release_s: band.release_ms / 1000.0,
            own_region: band.detect == DynamicDetect::Band,
            when: match band.when {
                DynamicWhen::Above => When::Above,
                DynamicWhen::Below => When::Below,
            },
            link: band.link,
        }
    }
}

impl Node for DynamicEqualizer {
    const ABOUT: About = About {
        kind: "DynamicEqualizer",
        family: Family::Tone,
        summary: "Raises or lowers parts of the spectrum, but only while they are too loud or too quiet.",
        since: "0.2",
        algorithm: 1,
        example: "DynamicEqualizer(bands: { harsh: Bell(freq_hz: 3200, q: 2, threshold_db: -30, range_db: -5) })",
    };

    fn ports(&self) -> Ports {
        let key = Port::new("key", Channels::Any, "what bands with `detect: Key` listen to");
        Ports::through().with_input(key.optional())
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let (format, rate_hz) = (setup.main(), f64::from(setup.main().rate_hz));
        let key = setup.inputs.get(KEY).copied().flatten();
        let (mut bands, mut ringing, mut cost_ns) = (Vec::new(), 0, 0.0);
        for (name, band) in &self.bands {
            let (_, set) = band.parts();
            let lane = set.lane.lane();
            check_lane(name, lane, format)?;
            let channels = if lane == Lane::Both { format.channels() } else { 1 };
            let keyed = set.detect == DynamicDetect::Key;
            let keys = match (keyed, key) {
                (false, _) => channels,
                (true, Some(key)) => key.channels(),
                (true, None) => {
                    return Err(NodeError::field(
                        format!("bands.{name}.detect"),
                        "nothing is connected to the `key` port",
                    ));
                }
            };
            let kernel = Kernel::new(&band.settings(), rate_hz, channels, keys)
                .map_err(|error| of_band(name, &error))?;
            ringing += kernel.decay_frames();
            cost_ns += 15.0 * keys as f64 + 10.0 * channels as f64;
            bands.push(Placed { name: name.clone(), lane, keyed, kernel });
        }
        let none = bands.is_empty();
        let trace = GainTrace::new(rate_hz, 0);
        let input = Buffer::new(format.channels(), CHUNK);
        let stream = Bands { bands, input, furthest_db: vec![0.0; CHUNK], trace };
        let prepared = Prepared::stream(stream, cost_ns);
        let max_frames = ringing.min((MOST_TAIL_S * rate_hz) as u64);
        Ok(if none { prepared } else { prepared.with_tail(Tail::UntilBelow { dbfs: TAIL_DBFS, max_frames }) })
    }

    fn neutral() -> Option<Self> {
        let at_rest = DynamicBand { ratio: 1.0, ..DynamicBand::default() };
        let mid = DynamicBand { lane: BandLane::Mid, ..at_rest.clone() };
        let bands =
            [("both", DynamicEqualizerBand::Bell(at_rest)), ("mid", DynamicEqualizerBand::HighShelf(mid))];
        Some(Self { bands: bands.into_iter().map(|(name, band)| (name.to_owned(), band)).collect() })
    }
}

struct Placed {
    name: String,
    lane: Lane,
    keyed: bool,
    kernel: Kernel,
}

/// Detectors and filters of all bands, and the input of the chunk.
struct Bands {
    bands: Vec<Placed>,
    input: Buffer,
    furthest_db: Vec<f64>,
    trace: GainTrace,
}

/// The lane `lane` of the stereo signal `left`, `right`, one sample.
#[inline(always)]
fn on_lane(lane: Lane, left: f64, right: f64) -> f64 {
    match lane {
        Lane::Mid => (left + right) / 2.0,
        Lane::Side => (left - right) / 2.0,
        Lane::Right => right,
        Lane::Left | Lane::Both => left,
    }
}

impl Placed {
    fn hear(&mut self, heard: Block<'_>) {
        match heard.stereo().filter(|_| !self.keyed && self.lane != Lane::Both) {
            Some((left, right)) => {
                let mut work = [0.0; CHUNK];
                let work = &mut work[..heard.frames()];
                for (x, (l, r)) in work.iter_mut().zip(left.iter().zip(right)) {
                    *x = on_lane(self.lane, *l, *r);
                }
                self.kernel.hear(0, work);
            }
            None => heard.iter().enumerate().for_each(|(key, channel)| self.kernel.hear(key, channel)),
        }
    }

    fn apply(&mut self, block: &mut BlockMut<'_>) {
        if self.lane == Lane::Both {
            if let Some((left, right)) = block.stereo_mut() {
                self.kernel.apply_pair(0, left, right);
                return;
            }
            block.iter_mut().enumerate().for_each(|(index, channel)| self.kernel.apply(index, channel));
            return;
        }
        let Some((left, right)) = block.stereo_mut() else { return };
        match self.lane {
            Lane::Left => return self.kernel.apply(0, left),
            Lane::Right => return self.kernel.apply(0, right),
            _ => {}
        }
        // Only what the band changes is added: at rest that is nothing, to the bit.
        let mut work = [0.0; CHUNK];
        let work = &mut work[..left.len()];
        for (x, (l, r)) in work.iter_mut().zip(left.iter().zip(&*right)) {
            *x = on_lane(self.lane, *l, *r);
        }
        self.kernel.apply(0, work);
        let sign = if self.lane == Lane::Mid { 1.0 } else { -1.0 };
        for (x, (l, r)) in work.iter().zip(left.iter_mut().zip(right)) {
            let change = x - on_lane(self.lane, *l, *r);
            *l += change;
            *r += sign * change;
        }
    }
}

impl Stream for Bands {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let key = io.input(KEY);
        io.main().each_part(CHUNK, |begin, mut part| {
            let count = part.frames();
            self.input.block_mut(count).copy_from(part.as_block());
            let furthest = &mut self.furthest_db[..count];
            furthest.fill(0.0);
            for band in &mut self.bands {
                match key.filter(|_| band.keyed) {
                    Some(key) => band.hear(key.part(begin, count)),
                    None => band.hear(self.input.block(count)),
                }
                band.kernel.follow(count);
                band.apply(&mut part);
                for (most, gain) in furthest.iter_mut().zip(band.kernel.furthest_db()) {
                    *most = if gain.abs() > most.abs() { *gain } else { *most };
                }
            }
            self.trace.push_db(furthest);
        });
        Ok(())
    }

    fn reset(&mut self) {
        self.bands.iter_mut().for_each(|band| band.kernel.reset());
        self.trace.reset();
    }

    fn report(&self) -> Option<Report> {
        let bands = self.bands.iter().map(|band| {
            let report = DynamicBandReport {
                deepest_db: band.kernel.deepest_db(),
                gain_curve: gain_curve(band.kernel.trace()),
            };
            (band.name.clone(), report)
        });
        Some(Report::new(DynamicEqualizerReport {
            gain_curve: gain_curve(&self.trace),
            bands: bands.collect(),
        }))
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_node::conformance::Rig;
    use deadwax_node::{Body, Format, Layout};

    fn with(bands: &[(&str, DynamicBand)]) -> DynamicEqualizer {
        let bell = |(name, band): &(&str, DynamicBand)| {
            ((*name).to_owned(), DynamicEqualizerBand::Bell(band.clone()))
        };
        DynamicEqualizer { bands: bands.iter().map(bell).collect() }
    }

    fn tone(hz: f64, amplitude: f64) -> Vec<f64> {
        (0..48_000)
            .map(|n| amplitude * (std::f64::consts::TAU * hz * f64::from(n) / 48_000.0).sin())
            .collect()
    }

    fn peak_db(x: &[f64], against: f64) -> f64 {
        20.0 * (x.iter().fold(0.0, |most: f64, x| most.max(x.abs())) / against).log10()
    }

    /// Spec 3.1: idle is bit-exact, on every lane.
    #[test]
    fn at_rest_no_bit_is_touched_on_any_lane() {
        let noise = |seed: u32| -> Vec<f64> {
            (0..9000).map(|n| f64::from((n * 7919 + seed) % 1009) / 4000.0 - 0.12).collect()
        };
        for lane in [BandLane::Both, BandLane::Left, BandLane::Right, BandLane::Mid, BandLane::Side] {
            let band = DynamicBand { lane, threshold_db: 0.0, ..DynamicBand::default() };
            let node = with(&[("one", band.clone()), ("two", DynamicBand { freq_hz: 8000.0, ..band })]);
            let mut rig = Rig::new(&node, Format::stereo(48_000), false).unwrap();
            let wires = [vec![noise(1), noise(500)]];
            assert_eq!(rig.run(&wires, &[9000]).unwrap()[0], wires[0], "{lane:?}");
        }
    }

    #[test]
    fn a_band_on_the_mid_leaves_the_side_alone() {
        let band =
            DynamicBand { range_db: -12.0, ratio: 20.0, lane: BandLane::Mid, ..DynamicBand::default() };
        let mut rig = Rig::new(&with(&[("one", band)]), Format::stereo(48_000), false).unwrap();
        let (mid, side) = (tone(1000.0, 0.5), tone(1500.0, 0.25));
        let left: Vec<f64> = mid.iter().zip(&side).map(|(m, s)| m + s).collect();
        let right: Vec<f64> = mid.iter().zip(&side).map(|(m, s)| m - s).collect();
        let out = rig.run(&[vec![left, right]], &[48_000]).unwrap().remove(0);
        let sum: Vec<f64> = out[0].iter().zip(&out[1]).map(|(l, r)| (l + r) / 2.0).collect();
        let worst = out[0].iter().zip(&out[1]).zip(&side).map(|((l, r), s)| ((l - r) / 2.0 - s).abs());
        assert!(worst.fold(0.0, f64::max) < 1e-15);
        let found = peak_db(&sum[40_000..], 0.5);
        assert!((found + 12.0).abs() < 0.05, "{found} dB");
    }

    #[test]
    fn a_key_makes_room_in_one_region_and_must_be_there() {
        let band =
            DynamicBand { range_db: -9.0, ratio: 20.0, detect: DynamicDetect::Key, ..DynamicBand::default() };
        let node = with(&[("room", band)]);
        let error = Rig::new(&node, Format::stereo(48_000), false).err().unwrap();
        assert!(error.to_string().starts_with("`bands.room.detect`"), "{error}");
        for (key, wanted_db) in [(0.0, 0.0), (0.9, -9.0)] {
            let mut rig = Rig::new(&node, Format::stereo(48_000), true).unwrap();
            let wires = [vec![tone(1000.0, 0.1); 2], vec![tone(60.0, key); 2]];
            let out = rig.run(&wires, &[48_000]).unwrap().remove(0);
            let found = peak_db(&out[1][40_000..], 0.1);
            assert!((found - wanted_db).abs() < 0.05, "{found} dB");
        }
    }

    #[test]
    fn the_report_tells_each_band_and_the_deepest_of_all() {
        let low =
            DynamicBand { freq_hz: 100.0, q: 2.0, range_db: -4.0, ratio: 20.0, ..DynamicBand::default() };
        let high = DynamicBand { freq_hz: 5000.0, range_db: 8.0, ..low.clone() };
        let node = with(&[("low", low), ("high", high)]);
        let mut rig = Rig::new(&node, Format::new(48_000, Layout::Mono), false).unwrap();
        let (a, b) = (tone(100.0, 0.5), tone(5000.0, 0.3));
        let both = (0..48_000).map(|n| if n < 24_000 { a[n] } else { b[n] }).collect();
        rig.run(&[vec![both]], &[48_000]).unwrap();
        let Body::Stream(stream) = &rig.prepared().body else { unreachable!() };
        let report = stream.report().unwrap();
        let report = report.get::<DynamicEqualizerReport>().unwrap();
        assert!((report.bands["low"].deepest_db + 4.0).abs() < 0.01);
        assert!((report.bands["high"].deepest_db - 8.0).abs() < 0.01);
        let curve = &report.gain_curve;
        assert_eq!((curve.hop_s, curve.gain_db.len()), (0.01, 100));
        assert!((curve.gain_db[45] + 4.0).abs() < 0.01 && (curve.gain_db[95] - 8.0).abs() < 0.01);
        assert!(report.bands["low"].gain_curve.gain_db[95].abs() < 0.3);
    }
}
