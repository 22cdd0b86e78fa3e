//! Gives the signal the sound of a room, a plate, a loudspeaker or any filter whose impulse response is at hand.
//!
//! One reaches for it to put a dry mix into a real space, to hear it through a small speaker, or to use a measured correction.
//! The response is a recording that the graph declares (`assets: { room: "room.wav" }`, `asset: "room"`) or a list of
//! `taps`. A recording of one channel treats every channel alike; one of two treats left and right each with its own; one of
//! four is a true stereo response, in the order left to left, left to right, right to left, right to right. A recording at
//! another sample rate is converted.
//!
//! What sounds on behind the end of the programme is cut off there; put a `Pad` in front to keep it.

use deadwax_dsp::convolver::{self, Matrix};
use deadwax_dsp::fft::Kind;
use deadwax_dsp::resample::{Resampler, Settings};
use deadwax_node::{
    About, Buffer, Family, Format, Io, Layout, Node, NodeError, Prepared, Problem, Recording, Setup, Stream,
    Tail, params,
};

/// Parameters of `Convolver`.
#[params]
pub struct Convolver {
    #[param(default = None, help = "the impulse response, by the name the graph declares it under")]
    pub asset: Option<String>,
    #[param(len = 0..=65_536, range = -1e3..=1e3, help = "the impulse response itself, at the programme's rate")]
    pub taps: Vec<f64>,
    #[param(
        default = false,
        help = "take out the time before the response's highest peak, so that nothing comes later"
    )]
    pub trim_latency: bool,
    #[param(default = false, help = "scale the response so that noise keeps its level")]
    pub normalize: bool,
    #[param(default = 1.0, range = 0.0..=1.0, help = "how much of the result is convolved; the rest is dry")]
    pub mix: f64,
}

/// The longest response, in seconds.
const MOST_S: f64 = 30.0;

/// A response from every input to every output that has one.
struct Kernel {
    /// `[channel]`, or left to left, left to right, right to left, right to right.
    taps: Vec<Vec<f64>>,
    true_stereo: bool,
    /// Frames before the response's own beginning: what a change of rate rings before a sharp attack.
    lead: usize,
}

impl Convolver {
    /// The response at the rate of `format`, for its channels.
    fn kernel(&self, setup: &Setup) -> Result<Kernel, NodeError> {
        let format = setup.main();
        let Some(name) = &self.asset else {
            let taps = if self.taps.is_empty() { vec![1.0] } else { self.taps.clone() };
            return Ok(Kernel { taps: vec![taps], true_stereo: false, lead: 0 });
        };
        let recording = setup.asset("asset", name)?;
        let (has, channels) = (recording.channels.len(), format.channels());
        let true_stereo = has == 4 && format.layout == Layout::Stereo;
        if has != 1 && has != channels && !true_stereo {
            let reason = format!("`{name}` has {has} channels, and the signal is {format}");
            return Err(NodeError::field("asset", reason));
        }
        let seconds = recording.channels[0].len() as f64 / f64::from(recording.rate_hz);
        if seconds > MOST_S {
            let reason = format!("`{name}` is {seconds:.1} s long; a response has at most {MOST_S} s");
            return Err(NodeError::field("asset", reason));
        }
        let (taps, lead) = at_rate(recording, format, setup.portable)?;
        Ok(Kernel { taps, true_stereo, lead })
    }
}

/// The recording at the rate of `format`, and how many frames lie before its own beginning. A response is a density: at
/// twice the rate its samples are half as large.
fn at_rate(
    recording: &Recording,
    format: Format,
    portable: bool,
) -> Result<(Vec<Vec<f64>>, usize), NodeError> {
    if recording.rate_hz == format.rate_hz {
        return Ok((recording.channels.clone(), 0));
    }
    let settings = Settings { portable, bandwidth: 0.995, ..Settings::default() };
    let failed = |error| NodeError::failed("the recording cannot be brought to this sample rate", error);
    let mut resampler = Resampler::new(recording.rate_hz, format.rate_hz, &settings).map_err(failed)?;
    let (frames_in, frames_out) = resampler.chunk();
    let scale = f64::from(recording.rate_hz) / f64::from(format.rate_hz);
    let mut converted = Vec::with_capacity(recording.channels.len());
    for channel in &recording.channels {
        resampler.reset();
        let mut made = Vec::new();
        // One chunk of silence more, for what rings on.
        for begin in (0..channel.len() + frames_in).step_by(frames_in) {
            let end = channel.len();
            let mut chunk = channel[begin.min(end)..(begin + frames_in).min(end)].to_vec();
            chunk.resize(frames_in, 0.0);
            let mut out = vec![0.0; frames_out];
            resampler.process(&chunk, &mut out).map_err(failed)?;
            made.extend(out.iter().map(|x| x * scale));
        }
        converted.push(made);
    }
    Ok((converted, resampler.latency()))
}

impl Kernel {
    /// Where the highest peak of all responses is.
    fn peak(&self) -> usize {
        let highest = |taps: &Vec<f64>| {
            let largest = taps.iter().enumerate().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
            largest.map_or((0, 0.0), |(at, tap)| (at, tap.abs()))
        };
        self.taps.iter().map(highest).max_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(at, _)| at)
    }

    /// Scales so that white noise on all inputs keeps its level on the loudest output.
    fn normalize(&mut self) {
        let power: Vec<f64> = self.taps.iter().map(|taps| taps.iter().map(|tap| tap * tap).sum()).collect();
        let outputs = match (&power[..], self.true_stereo) {
            ([ll, lr, rl, rr], true) => vec![ll + rl, lr + rr],
            _ => power,
        };
        let most = outputs.into_iter().fold(0.0, f64::max);
        if most > 0.0 {
            let scale = 1.0 / most.sqrt();
            self.taps.iter_mut().flatten().for_each(|tap| *tap *= scale);
        }
    }

    /// The convolutions of all channels: one for a pair, or one for each channel.
    fn convolvers(&self, channels: usize, kind: Kind) -> Vec<convolver::Convolver> {
        match &self.taps[..] {
            [ll, lr, rl, rr] if self.true_stereo => {
                let matrix = Matrix { first: ll, second_to_first: rl, first_to_second: lr, second: rr };
                vec![convolver::Convolver::stereo(&matrix, kind)]
            }
            [left, right] if channels == 2 => {
                let matrix =
                    Matrix { first: left, second_to_first: &[], first_to_second: &[], second: right };
                vec![convolver::Convolver::stereo(&matrix, kind)]
            }
            [same] => vec![convolver::Convolver::new(same, channels, kind)],
            each => each.iter().map(|taps| convolver::Convolver::new(taps, 1, kind)).collect(),
        }
    }
}

impl Node for Convolver {
    const ABOUT: About = About {
        kind: "Convolver",
        family: Family::Time,
        summary: "Gives the signal the sound of a recorded room, device or filter.",
        since: "0.2",
        algorithm: 1,
        example: "Convolver(taps: [0.7, 0, 0, 0.2, 0, -0.1], mix: 0.5)",
    };

    fn check(&self, problems: &mut Vec<Problem>) {
        if self.asset.is_some() && !self.taps.is_empty() {
            let reason = "the response is either a recording or a list of taps";
            problems.push(Problem::rule("taps", reason, "leave one of the two out"));
        }
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let channels = setup.main().channels();
        if self.asset.is_none() && self.taps.is_empty() {
            return Ok(Prepared::stream(Through, 0.1));
        }
        let mut kernel = self.kernel(setup)?;
        if self.normalize {
            kernel.normalize();
        }
        let kind = if setup.portable { Kind::Portable } else { Kind::Fast };
        let convolvers = kernel.convolvers(channels, kind);
        let own = convolvers.iter().map(convolver::Convolver::latency).max().unwrap_or(0);
        let tail = convolvers.iter().map(convolver::Convolver::tail).max().unwrap_or(0);
        let latency = own + if self.trim_latency { kernel.peak() } else { kernel.lead };
        let length = kernel.taps.iter().map(Vec::len).max().unwrap_or(1);
        let cost_ns = channels as f64 * (20.0 + 2.0 * length as f64 / own.max(1) as f64);
        let body = Convolution {
            // Responses of different lengths have hops of different lengths.
            slack: convolvers.iter().map(|convolver| own - convolver.latency()).collect(),
            convolvers,
            mix: self.mix,
            dry: vec![vec![0.0; latency]; if self.mix < 1.0 { channels } else { 0 }],
            late: vec![vec![0.0; own]; channels],
            position: 0,
            work: Buffer::new(channels, setup.max_frames),
        };
        let tail = Tail::Frames(tail.saturating_sub(latency - own) as u64 + own as u64);
        Ok(Prepared::stream(body, cost_ns).with_latency(latency as u64).with_tail(tail))
    }

    fn neutral() -> Option<Self> {
        Some(Self { taps: vec![0.0, 0.0, 0.0, 1.0], trim_latency: true, ..Self::default() })
    }
}

/// No response: nothing changes.
struct Through;

impl Stream for Through {
    fn process(&mut self, _: &mut Io<'_>) -> Result<(), NodeError> {
        Ok(())
    }

    fn reset(&mut self) {}
}

/// The convolutions, and delay lines that bring all of them and the dry signal to one latency.
struct Convolution {
    convolvers: Vec<convolver::Convolver>,
    /// By how many frames each is earlier than the latest.
    slack: Vec<usize>,
    mix: f64,
    dry: Vec<Vec<f64>>,
    late: Vec<Vec<f64>>,
    /// The number of the next frame.
    position: u64,
    work: Buffer,
}

/// Sends `samples` through a ring that holds as many as it is late; frame n lies at n modulo its length.
fn delay(line: &mut [f64], position: u64, samples: &mut [f64]) {
    if line.is_empty() {
        return;
    }
    let mut at = (position % line.len() as u64) as usize;
    for sample in samples {
        std::mem::swap(sample, &mut line[at]);
        at = if at + 1 == line.len() { 0 } else { at + 1 };
    }
}

impl Stream for Convolution {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let mut main = io.main();
        let (frames, position) = (main.frames(), self.position);
        if !self.dry.is_empty() {
            let mut dry = self.work.block_mut(frames);
            dry.copy_from(main.as_block());
            for (line, samples) in self.dry.iter_mut().zip(dry.iter_mut()) {
                delay(line, position, samples);
            }
        }
        if let [all] = &mut self.convolvers[..] {
            all.process_all(main.iter_mut());
        } else {
            let each = self.convolvers.iter_mut().zip(&self.slack).zip(&mut self.late);
            for (((convolver, slack), line), samples) in each.zip(main.iter_mut()) {
                convolver.process_all([&mut *samples]);
                delay(&mut line[..*slack], position, samples);
            }
        }
        if !self.dry.is_empty() {
            let dry = self.work.block(frames);
            for (wet, dry) in main.iter_mut().zip(dry.iter()) {
                for (wet, dry) in wet.iter_mut().zip(dry) {
                    *wet = if self.mix == 0.0 { *dry } else { dry + self.mix * (*wet - dry) };
                }
            }
        }
        self.position += frames as u64;
        Ok(())
    }

    fn reset(&mut self) {
        self.convolvers.iter_mut().for_each(convolver::Convolver::reset);
        self.dry.iter_mut().chain(&mut self.late).for_each(|line| line.fill(0.0));
        self.position = 0;
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_dsp::noise::Noise;
    use deadwax_node::{Body, SideInput};
    use std::sync::Arc;

    fn noise(seed: u64, frames: usize) -> Vec<f64> {
        (0..frames as u64).map(|frame| Noise::new(seed, 0).uniform(frame)).collect()
    }

    /// Stereo at 48 kHz through `node`, whose recording `room` is given; the latency is taken off.
    fn run(node: &Convolver, room: Recording, input: &[Vec<f64>]) -> Result<Vec<Vec<f64>>, NodeError> {
        let mut setup = Setup::plain(node, Format::stereo(48_000))?;
        setup.assets.insert("room".into(), Arc::new(room));
        let prepared = node.prepare(&setup)?;
        let latency = prepared.latency as usize;
        let Body::Stream(mut stream) = prepared.body else { unreachable!() };
        let longer: Vec<Vec<f64>> =
            input.iter().map(|x| x.iter().copied().chain(vec![0.0; latency]).collect()).collect();
        let frames = longer[0].len();
        let side: [SideInput; 0] = [];
        let mut outputs = vec![Buffer::from_channels(&longer)];
        stream.process(&mut Io::new(0, frames, &side, &mut outputs))?;
        Ok(outputs[0].block(frames).iter().map(|channel| channel[latency..].to_vec()).collect())
    }

    fn direct(taps: &[f64], x: &[f64], frame: usize) -> f64 {
        taps.iter().take(frame + 1).enumerate().map(|(n, tap)| tap * x[frame - n]).sum()
    }

    fn asset() -> Convolver {
        Convolver { asset: Some("room".into()), ..Convolver::default() }
    }

    #[test]
    fn a_recording_of_one_two_or_four_channels_is_convolved_as_it_says() {
        let taps: Vec<Vec<f64>> = [300, 500, 400, 200]
            .map(|n| noise(n as u64, n))
            .map(|mut taps| {
                taps.resize(500, 0.0);
                taps
            })
            .into();
        let input = [noise(1, 3000), noise(2, 3000)];
        for count in [1, 2, 4] {
            let room = Recording { rate_hz: 48_000, channels: taps[..count].to_vec() };
            let out = run(&asset(), room, &input).unwrap();
            for frame in (0..3000).step_by(91) {
                let [l, r] = &input;
                let d = |k: usize, x: &[f64]| direct(&taps[k], x, frame);
                let expected = match count {
                    1 => [d(0, l), d(0, r)],
                    2 => [d(0, l), d(1, r)],
                    _ => [d(0, l) + d(2, r), d(1, l) + d(3, r)],
                };
                for (out, expected) in out.iter().zip(expected) {
                    assert!((out[frame] - expected).abs() < 1e-11, "{count} channels, frame {frame}");
                }
            }
        }
    }

    #[test]
    fn a_recording_at_another_rate_is_the_same_filter() {
        // A low-pass at 1 kHz, sampled at 96 kHz: exp(−t·2π·1000), whose gain at 500 Hz is summed up below.
        let decay = std::f64::consts::TAU * 1000.0 / 96_000.0;
        let taps: Vec<f64> = (0..4000).map(|n| decay * (-decay * f64::from(n)).exp()).collect();
        let angle = |n: usize| std::f64::consts::TAU * 500.0 / 96_000.0 * n as f64;
        let re: f64 = taps.iter().enumerate().map(|(n, tap)| tap * angle(n).cos()).sum();
        let im: f64 = taps.iter().enumerate().map(|(n, tap)| -tap * angle(n).sin()).sum();
        let room = Recording { rate_hz: 96_000, channels: vec![taps] };
        let tone: Vec<f64> =
            (0..20_000).map(|n| (std::f64::consts::TAU * 500.0 / 48_000.0 * f64::from(n)).sin()).collect();
        let out = run(&asset(), room, &[tone.clone(), tone]).unwrap();
        for (frame, out) in out[0].iter().enumerate().take(18_000).skip(10_000) {
            let at = std::f64::consts::TAU * 500.0 / 48_000.0 * frame as f64;
            let expected = re * at.sin() + im * at.cos();
            assert!((out - expected).abs() < 1e-8, "{frame}: {out} instead of {expected}");
        }
    }

    #[test]
    fn trimmed_normalised_and_half_dry_it_stays_in_time() {
        let node = Convolver {
            taps: vec![0.0, 0.0, 2.0],
            trim_latency: true,
            normalize: true,
            mix: 0.5,
            ..Convolver::default()
        };
        let input = [noise(1, 1000), noise(2, 1000)];
        let out = run(&node, Recording::default(), &input).unwrap();
        for (out, input) in out.iter().zip(&input) {
            assert!(out.iter().zip(input).all(|(y, x)| (y - x).abs() < 1e-14));
        }
        let dry = Convolver { mix: 0.0, ..node };
        assert_eq!(run(&dry, Recording::default(), &input).unwrap(), input);
    }

    #[test]
    fn what_is_not_declared_or_does_not_fit_is_told() {
        let input = [noise(1, 10), noise(2, 10)];
        let error = |node: &Convolver, room| run(node, room, &input).unwrap_err().to_string();
        let three = Recording { rate_hz: 48_000, channels: vec![vec![1.0]; 3] };
        assert_eq!(
            error(&asset(), three),
            "`asset`: `room` has 3 channels, and the signal is stereo, 48 kHz"
        );
        let other = Convolver { asset: Some("hall".into()), ..Convolver::default() };
        assert_eq!(
            error(&other, Recording::default()),
            "`asset`: no recording `hall` is declared; there is room"
        );
        let long = Recording { rate_hz: 1000, channels: vec![vec![0.5; 40_000]] };
        assert!(error(&asset(), long).contains("at most 30 s"));
    }
}
