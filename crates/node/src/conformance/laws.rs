//! What must hold of every node.

use super::Rig;
use super::{rig, settings, signals};
use crate::{AnyNode, Body, Format, Kind, Tail};

type Programme = Vec<Vec<Vec<f64>>>;

/// The kind has a summary, help, an example that parses, unique ports; and it survives being written and read again.
pub(super) fn documents_itself(kind: &Kind) -> Vec<String> {
    let mut broken = Vec::new();
    if !kind.about.summary.ends_with('.') {
        broken.push("the summary is not a sentence".to_owned());
    }
    broken.extend(
        kind.fields.iter().filter(|f| f.help.is_empty()).map(|f| format!("`{}` has no help", f.name)),
    );
    match settings::example(kind) {
        None => broken.push(format!("the example is not one: {}", kind.about.example)),
        Some(node) => {
            let written = node.to_ron();
            let read = written.strip_prefix(kind.name()).and_then(|body| kind.from_ron(body).ok());
            if read.is_none_or(|read| read.to_json() != node.to_json()) {
                broken.push(format!("written and read again it is another: {written}"));
            }
        }
    }
    let ports = kind.default_ports();
    for list in [&ports.inputs, &ports.outputs] {
        let repeated = |i: usize| list[..i].iter().any(|port| port.name == list[i].name);
        broken.extend(
            (0..list.len()).filter(|i| repeated(*i)).map(|i| format!("two ports called `{}`", list[i].name)),
        );
    }
    broken
}

/// Every law, at one setting and format. `false` when the node does not work at this format.
pub(super) fn whole(
    kind: &Kind,
    node: &dyn AnyNode,
    format: Format,
    name: &str,
    broken: &mut Vec<String>,
) -> bool {
    let mut worked = false;
    for all_ports in [false, true] {
        let Some(mut used) = rig(node, format, all_ports) else { continue };
        worked = true;
        let mut say = |what: String| broken.push(format!("{name}, {format}: {what}"));
        let fresh = || rig(node, format, all_ports);
        let programme = feed(&used, 9_001, 0.25, 1);
        same_for_any_cut(&mut used, &programme, &mut say);
        learns_once(node, &mut used, &programme, all_ports, &mut say);
        resets(&mut used, fresh, &programme, &mut say);
        stays_finite(fresh, &mut say);
        if !kind.adds_noise {
            stays_silent(fresh, &mut say);
        }
    }
    worked
}

/// The laws that are cheap enough for every end of every range.
pub(super) fn short(node: &dyn AnyNode, format: Format, name: &str, broken: &mut Vec<String>) -> bool {
    let Some(mut used) = rig(node, format, false) else { return true };
    let mut say = |what: String| broken.push(format!("{name}: {what}"));
    let programme = feed(&used, 3_000, 0.9, 5);
    let Ok(once) = used.run(&programme, &[3_000]) else { return true };
    if !finite(&once) {
        say("gives a non-finite sample for finite ones".into());
    }
    used.reset();
    match used.run(&programme, &signals::random_cuts(3_000, 11)) {
        Ok(again) if same(&once, &again) => {}
        _ => say("blocks of random sizes give other bits than one block".into()),
    }
    true
}

/// The declared latency is the one measured: on noise to the sample, on a sine by phase to 1e-6 of a sample.
pub(super) fn latency(node: &dyn AnyNode, format: Format, broken: &mut Vec<String>) -> bool {
    let Some(mut used) = rig(node, format, false) else { return false };
    let rate_out = f64::from(used.outputs()[0].rate_hz);
    let rate_in = f64::from(format.rate_hz);
    let declared = used.prepared().latency as usize;
    let frames = 40_000;
    if !matches!(used.prepared().body, Body::Rate(_)) {
        let programme = feed(&used, frames, 0.05, 3);
        match used.run(&programme, &[frames]) {
            Ok(output) => {
                let late = |c: usize| output[0][c][declared..].iter().zip(&programme[0][c]);
                let worst =
                    (0..output[0].len()).flat_map(late).map(|(y, x)| (y - x).abs()).fold(0.0, f64::max);
                if worst > 1e-9 {
                    broken
                        .push(format!("neutral: differs from the input {declared} frames ago by {worst:e}"));
                }
            }
            Err(error) => broken.push(format!("neutral: {error}")),
        }
        used.reset();
    }
    let tone = |n: usize| 0.1 * libm_free_sine(997.0 * n as f64 / rate_in);
    let wires: Programme =
        used.wires().iter().map(|channels| vec![(0..frames).map(tone).collect(); *channels]).collect();
    let Ok(output) = used.run(&wires, &[frames]) else { return true };
    let measured = phase_delay(&output[0][0], 997.0 / rate_out, declared);
    if (measured - declared as f64).abs() > 1e-6 {
        broken.push(format!(
            "neutral: declares a latency of {declared} frames, and has {measured:.7} by phase"
        ));
    }
    true
}

/// sin(2πx). The conformance test need not be the same to the bit everywhere, so `std` will do.
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
fn libm_free_sine(turns: f64) -> f64 {
    (std::f64::consts::TAU * turns.fract()).sin()
}

/// By how many frames a sine of `turns` per frame is late, near `about` frames, from its phase over whole periods.
fn phase_delay(samples: &[f64], turns: f64, about: usize) -> f64 {
    let begin = (about + samples.len()) / 3;
    let periods = ((samples.len() - begin - samples.len() / 8) as f64 * turns).floor();
    let frames = (periods / turns).round() as usize;
    let (mut re, mut im) = (0.0, 0.0);
    for (n, sample) in samples.iter().enumerate().skip(begin).take(frames) {
        // A Hann window keeps the fraction of a period at the end from leaking in.
        let window = 0.5 - 0.5 * libm_free_sine((n - begin) as f64 / frames as f64 + 0.25);
        let angle = (n as f64 - about as f64) * turns;
        re += window * sample * libm_free_sine(angle);
        im += window * sample * libm_free_sine(angle + 0.25);
    }
    let phase = (-im).atan2(re);
    about as f64 + phase / (std::f64::consts::TAU * turns)
}

fn feed(rig: &Rig, frames: usize, scale: f64, seed: u64) -> Programme {
    let wires = rig.wires();
    wires
        .iter()
        .enumerate()
        .map(|(i, channels)| signals::programme(*channels, frames, scale, seed + 31 * i as u64))
        .collect()
}

fn same(a: &Programme, b: &Programme) -> bool {
    let bits = |p: &Programme| p.iter().flatten().flatten().map(|x| x.to_bits()).collect::<Vec<_>>();
    bits(a) == bits(b)
}

fn finite(programme: &Programme) -> bool {
    programme.iter().flatten().flatten().all(|x| x.is_finite())
}

fn same_for_any_cut(rig: &mut Rig, programme: &Programme, say: &mut dyn FnMut(String)) {
    let frames = programme[0][0].len();
    let Ok(once) = rig.run(programme, &[frames]) else {
        say("fails on noise".into());
        return;
    };
    if !finite(&once) {
        say("gives a non-finite sample for noise (or leaves an output unwritten)".into());
    }
    let mut cuts: Vec<Vec<usize>> =
        [1, 7, 64, 333, 1024, 4096].map(|size| signals::even_cuts(frames, size)).into();
    cuts.push(signals::random_cuts(frames, 5).into_iter().flat_map(|size| [size, 0]).collect());
    for cut in cuts {
        rig.reset();
        match rig.run(programme, &cut) {
            Ok(again) if same(&once, &again) => {}
            Ok(_) => say(format!("blocks of {}, {} … frames give other bits than one block", cut[0], cut[1])),
            Err(error) => say(format!("fails in blocks of {}: {error}", cut[0])),
        }
    }
    rig.reset();
}

/// A node that learns says so, and what it has learnt, written and read again, gives the same bits.
fn learns_once(
    node: &dyn AnyNode,
    used: &mut Rig,
    programme: &Programme,
    all_ports: bool,
    say: &mut dyn FnMut(String),
) {
    let Some(lesson) = used.lesson() else { return };
    if !node.learns() {
        say("it learns, and does not say so in `LEARNS`".to_owned());
    }
    let (format, frames) = (used.input_format(), [programme[0][0].len()]);
    let learnt = used.run(programme, &frames);
    match Rig::taught(node, format, all_ports, Some(&lesson)) {
        Err(error) => say(format!("what it has learnt cannot be read again: {error}")),
        Ok(mut taught) => match (learnt, taught.run(programme, &frames)) {
            (Ok(learnt), Ok(again)) if same(&learnt, &again) && taught.lesson().is_none() => {}
            (Ok(_), Ok(_)) => say("what it has learnt gives something else when it is read again".to_owned()),
            (_, Err(error)) => say(format!("with what it has learnt it fails: {error}")),
            (Err(error), _) => say(format!("it fails: {error}")),
        },
    }
}

fn resets(
    rig: &mut Rig,
    fresh: impl Fn() -> Option<Rig>,
    programme: &Programme,
    say: &mut dyn FnMut(String),
) {
    let frames = programme[0][0].len();
    let Some(expected) = fresh().and_then(|mut rig| rig.run(programme, &[frames]).ok()) else { return };
    for poison in [0.9, f64::NAN] {
        let wires: Programme =
            programme.iter().map(|wire| signals::steady(wire.len(), 500, poison)).collect();
        // What becomes of a NaN is the engine's business; that it leaves nothing behind is the node's.
        let _ = rig.run(&wires, &[500]);
        rig.reset();
        if !rig.run(programme, &[frames]).is_ok_and(|output| same(&output, &expected)) {
            say(format!("a reset after {poison} is not like new"));
        }
        rig.reset();
    }
}

fn stays_finite(fresh: impl Fn() -> Option<Rig>, say: &mut dyn FnMut(String)) {
    let frames = 2_000;
    for (what, level) in [("DC", 1.0), ("1e6", 1e6), ("denormals", 1e-310)] {
        let Some(mut rig) = fresh() else { return };
        let wires: Programme =
            rig.wires().iter().map(|channels| signals::steady(*channels, frames, level)).collect();
        match rig.run(&wires, &[frames]) {
            Ok(output) if finite(&output) => {}
            Ok(_) => say(format!("gives a non-finite sample for {what}")),
            Err(error) => say(format!("fails on {what}: {error}")),
        }
        let Some(mut rig) = fresh() else { return };
        let programme = feed(&rig, frames, level, 7);
        if !rig.run(&programme, &[frames]).is_ok_and(|output| finite(&output)) {
            say(format!("gives a non-finite sample for noise at {what}"));
        }
    }
}

fn stays_silent(fresh: impl Fn() -> Option<Rig>, say: &mut dyn FnMut(String)) {
    let Some(mut rig) = fresh() else { return };
    let silence: Programme =
        rig.wires().iter().map(|channels| signals::steady(*channels, 3_000, 0.0)).collect();
    if !rig.run(&silence, &[3_000]).is_ok_and(|output| output.iter().flatten().flatten().all(|x| *x == 0.0)) {
        say("makes sound out of silence".into());
    }
    let Some(mut rig) = fresh() else { return };
    let (latency, tail) = (rig.prepared().latency, rig.prepared().tail);
    let quiet_from = 1_000 + latency.saturating_add(tail.max_frames());
    let Some(frames) = usize::try_from(quiet_from + 1_000).ok().filter(|frames| *frames < 4_000_000) else {
        say(format!("a tail of {tail:?} is too long to be one"));
        return;
    };
    let ratio = f64::from(rig.outputs()[0].rate_hz) / rig.input_rate();
    let mut programme = feed(&rig, frames, 0.5, 9);
    programme.iter_mut().flatten().for_each(|channel| channel[1_000..].fill(0.0));
    let most = match tail {
        Tail::Frames(_) => 0.0,
        Tail::UntilBelow { dbfs, .. } => db(dbfs),
    };
    let Ok(output) = rig.run(&programme, &signals::even_cuts(frames, 1_000)) else { return };
    let begin = (1_000.0 * ratio).ceil() as usize + latency as usize + tail.max_frames() as usize;
    let rest = output.iter().flatten().flat_map(|channel| channel.iter().skip(begin));
    let loudest = rest.fold(0.0_f64, |most, x| most.max(x.abs()));
    if loudest > most {
        say(format!("still sounds, at {loudest:e}, after its tail of {tail:?}"));
    }
}

#[allow(clippy::disallowed_methods, reason = "an independent reference")]
fn db(db: f64) -> f64 {
    10_f64.powf(db / 20.0)
}
