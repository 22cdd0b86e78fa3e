//! A tape machine: it rounds peaks, thickens the lows, softens the highs, and wavers if asked to.
//!
//! One reaches for it to glue a mix and to take the edge off digital highs without an equaliser's sound. The magnetisation
//! follows the field through a loop (Jiles and Atherton's model): odd harmonics that come early and grow slowly. Highs
//! are emphasised before and taken back behind, so they saturate first. Little `bias` makes a wide loop, which bends quiet
//! sounds too, as an underbiased machine does; much of it is clean until loud.
//!
//! A sine of −18 dBFS at 1 kHz keeps its level at any drive. `speed_ips` moves the head bump (about 60 Hz at 15 inches per
//! second) and what gap and distance of the head lose. `wow_pct` and `flutter_pct` are drawn from the graph's seed: the same
//! at every render.

use super::Oversampling;
use deadwax_dsp::delay::Varying;
use deadwax_dsp::equalizer::{Band, DesignError, Prototype};
use deadwax_dsp::hysteresis::{Magnet, Material};
use deadwax_dsp::math::db_to_gain;
use deadwax_dsp::svf::{Cascade, Section, decay_frames};
use deadwax_dsp::tape::{Head, Transport};
use deadwax_node::{About, BlockMut, Family, Io, Node, NodeError, Prepared, Setup, Stream, Tail, params};

/// Parameters of `Tape`.
#[params]
pub struct Tape {
    #[param(default = 15.0, range = 3.75..=30.0, unit = "in/s", help = "how fast the tape runs")]
    pub speed_ips: f64,
    #[param(default = 6.0, range = 0.0..=24.0, help = "how hard the tape is driven")]
    pub drive_db: f64,
    #[param(default = 0.7, range = 0.0..=1.0, help = "how straight the tape is kept; little bends quiet sounds too")]
    pub bias: f64,
    #[param(default = 2.0, range = 0.0..=6.0, help = "the bump in the lows")]
    pub head_bump_db: f64,
    #[param(default = 3.0, range = 0.0..=20.0, unit = "µm", help = "the gap of the head; a wide one loses highs")]
    pub gap_um: f64,
    #[param(default = 0.2, range = 0.0..=10.0, unit = "µm", help = "how far the head is off; loses highs too")]
    pub spacing_um: f64,
    #[param(default = 0.0, range = 0.0..=2.0, help = "slow wavering of the speed")]
    pub wow_pct: f64,
    #[param(default = 0.0, range = 0.0..=1.0, help = "fast wavering of the speed")]
    pub flutter_pct: f64,
    #[param(help = "the rate at which the tape is magnetised")]
    pub oversampling: Oversampling,
}

/// How firmly the tape holds its magnetisation.
const PINNING: f64 = 0.3;
/// The part of the magnetisation that follows at once, without bias and with all of it.
const REVERSIBLE: [f64; 2] = [0.2, 0.95];
/// The head bump lies at so many Hz for each inch per second.
const BUMP_HZ_PER_IPS: f64 = 4.0;
const BUMP_Q: f64 = 1.0;
/// The emphasis bends at so many Hz for each inch per second: 50 µs at 15.
const EMPHASIS_HZ_PER_IPS: f64 = 212.0;
const EMPHASIS_DB: f64 = 6.0;
/// What lies below this is no sound of a tape; it holds what is left of the magnetisation.
const LOW_CUT_HZ: f64 = 5.0;
/// How far a tail has fallen when it counts as over.
const TAIL_DBFS: f64 = -200.0;
/// What a tail falls from at the most.
const LOUDEST_DB: f64 = 40.0;

impl Tape {
    fn material(&self) -> Material {
        let [without, with] = REVERSIBLE;
        Material { pinning: PINNING, reversible: without + self.bias * (with - without) }
    }

    /// The filters before the tape, and behind it.
    fn filters(&self, rate_hz: f64) -> Result<[Vec<Section>; 2], DesignError> {
        let emphasis = |gain_db| Band::HighShelf {
            freq_hz: EMPHASIS_HZ_PER_IPS * self.speed_ips,
            gain_db,
            q: std::f64::consts::FRAC_1_SQRT_2,
        };
        let mut behind = emphasis(-EMPHASIS_DB).design(rate_hz)?;
        behind.extend(self.bump().design(rate_hz)?);
        behind.push(Prototype::high_pass_1(LOW_CUT_HZ).bilinear(rate_hz)?);
        Ok([emphasis(EMPHASIS_DB).design(rate_hz)?, behind])
    }

    fn bump(&self) -> Band {
        Band::Bell { freq_hz: BUMP_HZ_PER_IPS * self.speed_ips, gain_db: self.head_bump_db, q: BUMP_Q }
    }
}

impl Node for Tape {
    const ABOUT: About = About {
        kind: "Tape",
        family: Family::Colour,
        summary: "Sounds like a tape machine: round peaks, full lows, soft highs.",
        since: "0.2",
        algorithm: 1,
        example: "Tape(drive_db: 9, speed_ips: 7.5)",
    };

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let (rate_hz, channels) = (f64::from(setup.main().rate_hz), setup.main().channels());
        let made = self.filters(rate_hz);
        let [before, behind] =
            made.map_err(|error| NodeError::failed("the filters cannot be made at this rate", error))?;
        let factor = self.oversampling.factor();
        let magnet = Magnet::new(self.material(), db_to_gain(self.drive_db), factor, channels);
        let head = Head::new(self.speed_ips, self.gap_um, self.spacing_um, rate_hz);
        let transport = Transport::new(self.wow_pct / 100.0, self.flutter_pct / 100.0, setup.seed, rate_hz);
        let loses = self.gap_um > 0.0 || self.spacing_um > 0.0;
        let mut latency = magnet.latency();
        let mut frames = magnet.tail() + decay_frames(&behind, LOUDEST_DB - TAIL_DBFS) as usize;
        if loses {
            (latency, frames) = (latency + head.latency(), frames + 2 * head.latency());
        }
        if !transport.is_steady() {
            (latency, frames) = (latency + transport.latency(), frames + 2 * transport.latency());
        }
        let wavering = if transport.is_steady() { 0 } else { channels };
        let machine = Machine {
            before: Cascade::new(&before, channels),
            magnet,
            behind: Cascade::new(&behind, channels),
            heads: vec![head; if loses { channels } else { 0 }],
            varying: vec![transport.delay(); wavering],
            transport,
            delays: [0.0; CHUNK],
        };
        let cost_ns = channels as f64 * (60.0 + 35.0 * factor.times() as f64);
        Ok(Prepared::stream(machine, cost_ns)
            .with_latency(latency as u64)
            .with_tail(Tail::UntilBelow { dbfs: TAIL_DBFS, max_frames: frames as u64 }))
    }
}

/// How many frames are worked on at once.
const CHUNK: usize = 64;

/// Emphasis, tape, de-emphasis and bump, head, transport.
struct Machine {
    before: Cascade,
    magnet: Magnet,
    behind: Cascade,
    /// One per channel, or none where it loses nothing.
    heads: Vec<Head>,
    transport: Transport,
    /// One per channel, or none where the speed is steady.
    varying: Vec<Varying>,
    delays: [f64; CHUNK],
}

impl Machine {
    fn chunk(&mut self, start: u64, mut part: BlockMut<'_>) {
        self.before.process_all(part.iter_mut());
        self.magnet.process_all(part.iter_mut());
        self.behind.process_all(part.iter_mut());
        for (channel, head) in part.iter_mut().zip(&mut self.heads) {
            head.process(channel);
        }
        if !self.varying.is_empty() {
            let delays = &mut self.delays[..part.frames()];
            self.transport.fill(start, delays);
            for (channel, varying) in part.iter_mut().zip(&mut self.varying) {
                varying.process(channel, delays);
            }
        }
    }
}

impl Stream for Machine {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let start = io.start();
        let mut main = io.main();
        main.each_part(CHUNK, |begin, part| self.chunk(start + begin as u64, part));
        Ok(())
    }

    fn reset(&mut self) {
        self.before.reset();
        self.magnet.reset();
        self.behind.reset();
        self.heads.iter_mut().for_each(Head::reset);
        self.varying.iter_mut().for_each(Varying::reset);
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::super::measure::{amplitude, db, run, sine};
    use super::*;
    use deadwax_dsp::tape::head_gain;

    #[test]
    fn bump_and_head_are_what_their_formulae_say() {
        for rate in [44_100, 96_000] {
            for node in [
                Tape { head_bump_db: 4.0, spacing_um: 1.0, bias: 1.0, drive_db: 0.0, ..Tape::default() },
                Tape { speed_ips: 7.5, gap_um: 6.0, bias: 1.0, drive_db: 0.0, ..Tape::default() },
            ] {
                let level = |hz: f64| {
                    let output = run(&node, rate, &sine(rate, hz, 1e-4));
                    db(amplitude(&output, f64::from(rate), hz))
                };
                let expected = |hz: f64| {
                    let low_cut = hz / hz.hypot(LOW_CUT_HZ);
                    let head = head_gain(hz, node.speed_ips, node.gap_um, node.spacing_um);
                    db(node.bump().response(hz).norm() * low_cut * head)
                };
                let reference = level(1_000.0) - expected(1_000.0);
                for hz in [30.0, 60.0, 120.0, 400.0, 3_000.0, 9_000.0, 15_000.0] {
                    let error = level(hz) - expected(hz) - reference;
                    assert!(error.abs() < 0.1, "{error} dB off at {hz} Hz, {rate} Hz");
                }
            }
        }
    }

    #[test]
    fn the_nominal_level_stays_at_any_drive_and_harmonics_rise() {
        for rate in [44_100, 96_000] {
            let mut before = f64::NEG_INFINITY;
            for drive_db in [0.0, 6.0, 12.0, 24.0] {
                let node = Tape { drive_db, gap_um: 0.0, spacing_um: 0.0, ..Tape::default() };
                let output = run(&node, rate, &sine(rate, 1_000.0, 0.1259));
                let first = amplitude(&output, f64::from(rate), 1_000.0);
                assert!(db(first / 0.1259).abs() < 0.3, "{drive_db} dB: {} dB", db(first / 0.1259));
                let third = db(amplitude(&output, f64::from(rate), 3_000.0) / first);
                assert!(third > before && third < -8.0, "{drive_db} dB: {third} dBc after {before}");
                before = third;
            }
        }
    }

    #[test]
    fn nothing_creeps_and_nothing_explodes() {
        // A burst leaves the tape magnetised; what comes out goes back to zero.
        let mut input = sine(44_100, 50.0, 4.0);
        input.truncate(20_000);
        input.extend(vec![0.0; 60_000]);
        let output = run(&Tape { drive_db: 24.0, bias: 0.0, ..Tape::default() }, 44_100, &input);
        assert!(output[75_000..].iter().all(|x| x.abs() < 1e-7));
        let wild: Vec<f64> = (0..5_000).map(|n| if n % 7 < 3 { 1e150 } else { -1e150 }).collect();
        assert!(run(&Tape::default(), 44_100, &wild).iter().all(|x| x.is_finite()));
    }

    #[test]
    fn wow_moves_the_pitch_by_its_depth() {
        let node = Tape { wow_pct: 1.0, drive_db: 0.0, bias: 1.0, ..Tape::default() };
        let output = run(&node, 48_000, &[sine(48_000, 1_000.0, 0.1), sine(48_000, 1_000.0, 0.1)].concat());
        // The times between upward crossings of zero, averaged over ten periods.
        let crossings: Vec<f64> = (10_000..output.len())
            .filter(|n| output[n - 1] < 0.0 && output[*n] >= 0.0)
            .map(|n| n as f64 - output[n] / (output[n] - output[n - 1]))
            .collect();
        let periods = crossings.windows(11).map(|w| (w[10] - w[0]) / 480.0 - 1.0);
        let (low, high) = periods.fold((0.0_f64, 0.0_f64), |(low, high), x| (low.min(x), high.max(x)));
        assert!(low < -0.003 && high > 0.003 && high - low < 0.021, "{low} {high}");
    }
}
