//! What a node does, measured and drawn: the pictures of its reference page.
//!
//! Every kind is run as its example says. What is drawn follows from what it does to a signal: a response that is not flat, an
//! in/out curve that is not straight, a gain that moves, a spectrum with lines that were not there. So a new node has its
//! pictures without a line about it here, and a picture that changes is a sound that has changed.

use deadwax_dsp::fft::{Kind as Fft, Transform};
use deadwax_dsp::math::{cos, db_to_gain, gain_to_db, power_to_db, sin};
use deadwax_node::conformance::Rig;
use deadwax_node::{AnyNode, Family, Format, Kind, Layout};
use deadwax_plot::{Axis, Chart, Line};
use rustfft::num_complex::Complex;
use std::f64::consts::TAU;

const RATE_HZ: u32 = 44_100;

/// A picture and its place on the page.
pub(crate) struct Picture {
    /// What the file is called, behind the kind's name.
    pub(crate) name: &'static str,
    /// What stands under it.
    pub(crate) caption: &'static str,
    /// The picture itself.
    pub(crate) svg: String,
}

/// All pictures of a kind.
pub(crate) fn pictures(kind: &Kind) -> Vec<Picture> {
    let body = kind.about.example.strip_prefix(kind.name()).map_or("", str::trim);
    let Ok(node) = kind.from_ron(if body.is_empty() { "()" } else { body }) else { return Vec::new() };
    let subject = Subject { kind, node };
    let drawn: &[fn(&Subject<'_>) -> Option<Picture>] = match kind.about.family {
        Family::Tone => &[response, tones],
        Family::Split => &[response],
        Family::Stereo => &[lanes],
        Family::Dynamics => &[curve, gain, tones],
        Family::Colour => &[curve, spectrum, response],
        Family::Time => &[envelope],
        Family::Repair | Family::Gain | Family::Level | Family::Convert | Family::Probe => &[],
    };
    drawn.iter().filter_map(|draw| draw(&subject)).collect()
}

struct Subject<'a> {
    kind: &'a Kind,
    node: Box<dyn AnyNode>,
}

impl Subject<'_> {
    /// The node's outputs, `[port][channel]`, its latency taken off. Further inputs get silence.
    fn run(&self, main: &[Vec<f64>]) -> Option<Vec<Vec<Vec<f64>>>> {
        let format = Format::new(RATE_HZ, Layout::of_channels(main.len())?);
        let mut rig = Rig::new(&*self.node, format, false).ok()?;
        let late = usize::try_from(rig.prepared().latency).ok()?;
        let longer = |x: &Vec<f64>| x.iter().copied().chain(std::iter::repeat_n(0.0, late)).collect();
        let frames = main[0].len() + late;
        let mut wires: Vec<Vec<Vec<f64>>> =
            rig.wires().iter().map(|channels| vec![vec![0.0; frames]; *channels]).collect();
        wires[0] = main.iter().map(longer).collect();
        let mut out = rig.run(&wires, &[frames]).ok()?;
        out.iter_mut().flatten().for_each(|channel| {
            channel.drain(..late);
        });
        Some(out)
    }

    /// The same for a signal on both channels, or on one where the node takes no more.
    fn run_both(&self, signal: &[f64]) -> Option<Vec<Vec<Vec<f64>>>> {
        self.run(&[signal.to_vec(), signal.to_vec()]).or_else(|| self.run(&[signal.to_vec()]))
    }

    /// An empty chart; the example itself stands on the page.
    fn chart(&self, x: Axis, y: Axis) -> Chart {
        Chart::new(self.kind.name(), x, y)
    }
}

/// Frames of an impulse response that is looked at.
const SIZE: usize = 1 << 16;
/// Where the impulse is, so that what rings before it is seen as well.
const BEFORE: usize = SIZE / 4;
/// A quiet impulse: nothing is driven by it.
const IMPULSE: f64 = 1e-3;

fn impulse() -> Vec<f64> {
    (0..SIZE).map(|n| if n == BEFORE { IMPULSE } else { 0.0 }).collect()
}

/// The magnitude, in dB against the impulse, at 400 frequencies from 20 Hz to 20 kHz.
fn magnitude(response: &[f64]) -> Vec<(f64, f64)> {
    let mut points: Vec<_> = response.iter().take(SIZE).map(|x| Complex::new(*x, 0.0)).collect();
    Transform::new(SIZE, Fft::Portable).forward(&mut points);
    let at = |step: i32| {
        let hz = 20.0 * deadwax_dsp::math::pow(1000.0, f64::from(step) / 400.0);
        let bin = hz * SIZE as f64 / f64::from(RATE_HZ);
        let (low, part) = (bin as usize, bin.fract());
        let power = (1.0 - part) * points[low].norm_sqr() + part * points[low + 1].norm_sqr();
        (hz, power_to_db(power.max(1e-40)) - gain_to_db(IMPULSE))
    };
    (0..=400).map(at).collect()
}

/// From the lowest to the highest value that is above −70 dB, in steps that read well.
fn level_axis(lines: &[Line]) -> Option<Axis> {
    let values = || lines.iter().flat_map(|line| line.points.iter().map(|point| point.1));
    let high = values().fold(f64::NEG_INFINITY, f64::max);
    let low = values().filter(|db| *db > -70.0).fold(f64::INFINITY, f64::min);
    if high - low < 0.05 && high.abs() < 0.05 {
        return None;
    }
    let span = (high.max(0.0) - low.min(0.0)).max(1.0);
    let step = [0.5, 1.0, 2.0, 3.0, 6.0, 12.0].into_iter().find(|step| span / step <= 8.0).unwrap_or(12.0);
    let from = ((low.min(0.0) - 0.1 * step) / step).floor() * step;
    let to = ((high.max(0.0) + 0.1 * step) / step).ceil() * step;
    Some(Axis::linear("dB", from, to, step))
}

/// Whether no line rises or falls.
fn flat(lines: &[Line]) -> bool {
    lines.iter().all(|line| {
        let (low, high) = line
            .points
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), p| (low.min(p.1), high.max(p.1)));
        high - low < 0.05
    })
}

fn response(subject: &Subject<'_>) -> Option<Picture> {
    let out = subject.run_both(&impulse())?;
    let ports = subject.node.ports().outputs;
    let lines: Vec<Line> = out
        .iter()
        .zip(&ports)
        .map(|(channels, port)| Line::new(port.name.to_string(), magnitude(&channels[0])))
        .collect();
    if flat(&lines) {
        return None;
    }
    let chart = subject.chart(Axis::frequency(20.0, 20_000.0), level_axis(&lines)?);
    let svg = lines.into_iter().fold(chart, Chart::with).svg();
    Some(Picture { name: "response", caption: "The level at every frequency, of a quiet impulse.", svg })
}

/// What becomes of mid and of side, each alone.
fn lanes(subject: &Subject<'_>) -> Option<Picture> {
    let (up, down) = (impulse(), impulse().iter().map(|x| -x).collect());
    let mid = subject.run(&[up.clone(), up.clone()])?.remove(0);
    let side = subject.run(&[up, down])?.remove(0);
    let lane = |channels: &[Vec<f64>], sign: f64| -> Option<Vec<f64>> {
        let [left, right] = channels else { return None };
        Some(left.iter().zip(right).map(|(l, r)| 0.5 * (l + sign * r)).collect())
    };
    let lines = [
        Line::new("mid to mid", magnitude(&lane(&mid, 1.0)?)),
        Line::new("mid to side", magnitude(&lane(&mid, -1.0)?)),
        Line::new("side to side", magnitude(&lane(&side, -1.0)?)),
    ];
    // What is 70 dB down everywhere is not there.
    let heard = |line: &Line| line.points.iter().any(|point| point.1 > -70.0);
    let lines: Vec<Line> = lines.into_iter().filter(heard).collect();
    let chart = subject.chart(Axis::frequency(20.0, 20_000.0), level_axis(&lines)?);
    let svg = lines.into_iter().fold(chart, Chart::with).svg();
    Some(Picture { name: "lanes", caption: "What becomes of mid and of side, each alone.", svg })
}

fn sine(hz: f64, peak: impl Fn(usize) -> f64, frames: usize) -> Vec<f64> {
    (0..frames).map(|n| peak(n) * sin(TAU * (hz * n as f64 / f64::from(RATE_HZ)).fract())).collect()
}

fn rms(samples: &[f64]) -> f64 {
    (samples.iter().map(|x| x * x).sum::<f64>() / samples.len().max(1) as f64).sqrt()
}

/// Steady tones of 1 kHz from −60 dB up, what comes out against what goes in.
fn curve(subject: &Subject<'_>) -> Option<Picture> {
    let second = RATE_HZ as usize;
    let mut points = Vec::new();
    for level_db in (-60..=6).step_by(3).map(f64::from) {
        let peak = db_to_gain(level_db);
        let input = sine(1000.0, |_| peak, second);
        let out = subject.run_both(&input)?;
        let steady = 6 * second / 10..9 * second / 10;
        let out_db = gain_to_db(rms(&out[0][0][steady.clone()]) / rms(&input[steady])) + level_db;
        points.push((level_db, out_db));
    }
    if points.iter().all(|(x, y)| (x - y).abs() < 0.05) {
        return None;
    }
    let axis = |label: &str| Axis::linear(label, -60.0, 6.0, 6.0);
    let chart = subject.chart(axis("in, dB"), axis("out, dB"));
    let straight = Line::new("untouched", vec![(-60.0, -60.0), (6.0, 6.0)]).dashed();
    let svg = chart.with(straight).with(Line::new("1 kHz", points)).svg();
    Some(Picture { name: "curve", caption: "What comes out against what goes in, for steady tones.", svg })
}

/// The gain that steady tones get, by pitch, when they are soft, middling and loud: for what works on a part of the
/// spectrum.
fn tones(subject: &Subject<'_>) -> Option<Picture> {
    let frames = RATE_HZ as usize / 2;
    let line = |level_db: f64| -> Option<Line> {
        let points = (0..=60).map(|step| {
            let hz = 40.0 * deadwax_dsp::math::pow(400.0, f64::from(step) / 60.0);
            let input = sine(hz, |_| db_to_gain(level_db), frames);
            let steady = frames / 2..frames;
            let out = subject.run_both(&input)?;
            let gain_db = gain_to_db((rms(&out[0][0][steady.clone()]) / rms(&input[steady])).max(1e-6));
            Some((hz, gain_db))
        });
        Some(Line::new(format!("{level_db} dB").replace('-', "\u{2212}"), points.collect::<Option<_>>()?))
    };
    let lines = [line(-50.0)?, line(-25.0)?, line(-6.0)?];
    let alike = |a: &Line, b: &Line| a.points.iter().zip(&b.points).all(|(a, b)| (a.1 - b.1).abs() < 0.05);
    // A static equaliser does the same at every level, which its response shows already.
    let fixed = alike(&lines[0], &lines[1]) && alike(&lines[1], &lines[2]);
    if flat(&lines) || fixed && subject.kind.about.family == Family::Tone {
        return None;
    }
    let chart = subject.chart(Axis::frequency(20.0, 20_000.0), level_axis(&lines)?);
    let svg = lines.into_iter().fold(chart, Chart::with).svg();
    Some(Picture { name: "tones", caption: "The gain that steady tones get, by pitch and level.", svg })
}

/// The gain while a tone goes from −30 to −6 dB and back.
fn gain(subject: &Subject<'_>) -> Option<Picture> {
    let rate = f64::from(RATE_HZ);
    let loud = |n: usize| (0.2..0.5).contains(&(n as f64 / rate));
    let input = sine(1000.0, |n| db_to_gain(if loud(n) { -6.0 } else { -30.0 }), RATE_HZ as usize);
    let out = subject.run_both(&input)?;
    let hop = RATE_HZ as usize / 500;
    let points: Vec<(f64, f64)> = (0..input.len() - hop)
        .step_by(hop / 2)
        .map(|at| {
            let (now, before) = (rms(&out[0][0][at..at + hop]), rms(&input[at..at + hop]));
            ((at + hop / 2) as f64 / rate * 1000.0, gain_to_db((now / before).max(1e-6)))
        })
        .collect();
    let lines = [Line::new("gain", points)];
    if flat(&lines) {
        return None;
    }
    let chart = subject.chart(Axis::linear("ms", 0.0, 1000.0, 100.0), level_axis(&lines)?);
    let [line] = lines;
    let svg = chart.with(line).svg();
    let caption = "The gain while a tone of 1 kHz goes from −30 to −6 dB (from 200 to 500 ms) and back.";
    Some(Picture { name: "gain", caption, svg })
}

/// Harmonics, and what is folded back: a tone of 4999 Hz at full scale.
fn spectrum(subject: &Subject<'_>) -> Option<Picture> {
    const WINDOW: usize = 1 << 15;
    let input = sine(4999.0, |_| 1.0, 3 * WINDOW);
    let out = subject.run_both(&input)?;
    // Blackman and Harris's window of four terms: its side lobes are 92 dB down and fall.
    let window = |n: usize| {
        let turn = TAU * n as f64 / WINDOW as f64;
        0.35875 - 0.48829 * cos(turn) + 0.14128 * cos(2.0 * turn) - 0.01168 * cos(3.0 * turn)
    };
    let steady = &out[0][0][WINDOW..2 * WINDOW];
    let mut points: Vec<_> =
        steady.iter().enumerate().map(|(n, x)| Complex::new(x * window(n), 0.0)).collect();
    Transform::new(WINDOW, Fft::Portable).forward(&mut points);
    let powers: Vec<f64> = points[..WINDOW / 2].iter().map(|point| point.norm_sqr()).collect();
    let most = powers.iter().fold(1e-30, |most: f64, power| most.max(*power));
    // The strongest of every few bins, so that no line is lost.
    let bins = 16;
    let line = powers.chunks(bins).enumerate().map(|(index, chunk)| {
        let power = chunk.iter().fold(1e-40, |most: f64, power| most.max(*power));
        let hz = (index * bins + bins / 2) as f64 * f64::from(RATE_HZ) / WINDOW as f64;
        // Below −160 dB lie window and rounding, which differ by machine.
        (hz / 1000.0, power_to_db(power / most).max(-160.0))
    });
    let chart = subject.chart(Axis::linear("kHz", 0.0, 22.0, 2.0), Axis::linear("dB", -160.0, 0.0, 20.0));
    let svg = chart.with(Line::new("spectrum", line.collect())).svg();
    let caption =
        "The spectrum of a tone of 4999 Hz at full scale: harmonics, and what folds back between them.";
    Some(Picture { name: "spectrum", caption, svg })
}

/// What becomes of a steady level over the first 200 ms.
fn envelope(subject: &Subject<'_>) -> Option<Picture> {
    let frames = RATE_HZ as usize / 5;
    let out = subject.run_both(&vec![1.0; frames])?;
    let step = 20;
    let points: Vec<(f64, f64)> = (0..frames)
        .step_by(step)
        .chain([frames - 1])
        .map(|n| (n as f64 / f64::from(RATE_HZ) * 1000.0, out[0][0][n]))
        .collect();
    if points.iter().all(|point| (point.1 - 1.0).abs() < 1e-3) {
        return None;
    }
    let chart = subject.chart(Axis::linear("ms", 0.0, 200.0, 20.0), Axis::linear("level", -0.2, 1.2, 0.2));
    let svg = chart.with(Line::new("level", points)).svg();
    Some(Picture { name: "envelope", caption: "What becomes of a steady level.", svg })
}
