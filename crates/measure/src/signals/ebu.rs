//! The minimum-requirement signals of EBU Tech 3341:2023 and 3342:2023 that can be made from a description, at any sample
//! rate. (Cases 7 and 8 of 3341, and 5 and 6 of 3342, are programmes of the EBU's own.)

use super::passed;
use deadwax_dsp::math::{db_to_gain, log10, sin};
use std::f64::consts::{PI, TAU};
use std::ops::ControlFlow;

/// A figure that a case asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Integrated loudness, in LUFS.
    Integrated,
    /// The largest short-term loudness, in LUFS.
    ShortTerm,
    /// The largest momentary loudness, in LUFS.
    Momentary,
    /// Loudness range, in LU.
    Range,
}

/// A programme of 1 kHz sines and what a meter has to read on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its number, as in `3341-3`, with the number of the file or tone where there are several.
    pub name: String,
    /// Seconds, and the level in dBFS; the phase goes on from one to the next.
    pub parts: Vec<(f64, f64)>,
    /// What to add to that in each channel, in dB.
    pub offsets_db: Vec<f64>,
    /// The figures that the description gives when it is worked out to the third digit.
    pub expected: Vec<(Figure, f64)>,
}

impl Case {
    fn new(name: impl Into<String>, parts: &[(f64, f64)], expected: &[(Figure, f64)]) -> Self {
        let (name, parts) = (name.into(), parts.to_vec());
        Self { name, parts, offsets_db: vec![0.0; 2], expected: expected.to_vec() }
    }

    /// Plays the programme at `rate_hz`, block by block, until `hear` breaks off.
    pub fn play(&self, rate_hz: u32, hear: &mut dyn FnMut(&[&[f64]]) -> ControlFlow<()>) {
        const BLOCK: usize = 4096;
        let period = (rate_hz / greatest_common_divisor(rate_hz, 1000)) as usize;
        let cycle: Vec<f64> =
            (0..period).map(|n| sin(TAU * (1000.0 * n as f64 / f64::from(rate_hz)).fract())).collect();
        let gains: Vec<f64> = self.offsets_db.iter().map(|db| db_to_gain(*db)).collect();
        let mut channels = vec![vec![0.0; BLOCK]; gains.len()];
        let (mut frame, mut end_s) = (0_usize, 0.0);
        for (seconds, dbfs) in &self.parts {
            end_s += seconds;
            let (end, level) = ((end_s * f64::from(rate_hz)).round() as usize, db_to_gain(*dbfs));
            while frame < end {
                let frames = BLOCK.min(end - frame);
                for (channel, gain) in channels.iter_mut().zip(&gains) {
                    for (n, sample) in channel[..frames].iter_mut().enumerate() {
                        *sample = gain * level * cycle[(frame + n) % period];
                    }
                }
                frame += frames;
                let block: Vec<&[f64]> = channels.iter().map(|channel| &channel[..frames]).collect();
                if hear(&block).is_break() {
                    return;
                }
            }
        }
    }

    /// The whole programme at `rate_hz`.
    #[must_use]
    pub fn channels(&self, rate_hz: u32) -> Vec<Vec<f64>> {
        let mut channels = vec![Vec::new(); self.offsets_db.len()];
        self.play(rate_hz, &mut |block| {
            for (channel, samples) in channels.iter_mut().zip(block) {
                channel.extend_from_slice(samples);
            }
            ControlFlow::Continue(())
        });
        channels
    }
}

/// The same tones in two channels.
#[must_use]
pub fn stereo(parts: &[(f64, f64)]) -> Case {
    Case::new("tones", parts, &[])
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// The level of silence, in dBFS: low enough.
const SILENCE: f64 = -300.0;

/// All programmes of tones: 3341-1 to 6 and 9 to 14, 3342-1 to 4.
#[must_use]
pub fn cases() -> Vec<Case> {
    use Figure::{Integrated, Momentary, Range, ShortTerm};
    let all = |level| [(Integrated, level), (ShortTerm, level), (Momentary, level)];
    let three = [(10.0, -36.0), (60.0, -23.0), (10.0, -36.0)];
    let four = [(10.0, -72.0), three[0], three[1], three[2], (10.0, -72.0)];
    // The mean power of a programme of such parts, in dB.
    let mean = |parts: &[(f64, f64)]| {
        let power: f64 = parts.iter().map(|(s, db)| s * db_to_gain(*db) * db_to_gain(*db)).sum();
        10.0 * log10(power / parts.iter().map(|(s, _)| s).sum::<f64>())
    };
    let five = [(20.0, -26.0), (20.1, -20.0), (20.0, -26.0)];
    let nine = [(1.34, -20.0), (1.66, -30.0)];
    let twelve = [(0.18, -20.0), (0.22, -30.0)];
    let mut cases = vec![
        Case::new("3341-1", &[(20.0, -23.0)], &all(-23.0)),
        Case::new("3341-2", &[(20.0, -33.0)], &all(-33.0)),
        Case::new("3341-3", &three, &[(Integrated, -23.0)]),
        Case::new("3341-4", &four, &[(Integrated, -23.0)]),
        Case::new("3341-5", &five, &[(Integrated, mean(&five))]),
        Case {
            offsets_db: vec![-28.0, -28.0, -24.0, -30.0, -30.0],
            ..Case::new("3341-6", &[(20.0, 0.0)], &[(Integrated, -23.0)])
        },
        Case::new("3341-9", &nine.repeat(5), &[(ShortTerm, mean(&nine))]),
        Case::new("3341-12", &twelve.repeat(25), &[(Momentary, mean(&twelve))]),
    ];
    for (file, rising, figure, length_s, step_s) in
        [(10, 11, ShortTerm, 3.0, 0.15), (13, 14, Momentary, 0.4, 0.02)]
    {
        let mut parts = Vec::new();
        for i in 0..20 {
            let offset_s = step_s * f64::from(i);
            let one = [(offset_s, SILENCE), (length_s, -23.0), (1.0, SILENCE)];
            cases.push(Case::new(format!("3341-{file}, file {i}"), &one, &[(figure, -23.0)]));
            let level = -38.0 + f64::from(i);
            parts.extend([(offset_s, SILENCE), (length_s, level), (length_s - offset_s, SILENCE)]);
            // The largest so far is the last one: so the programme ends with it.
            if i % 6 == 1 {
                cases.push(Case::new(format!("3341-{rising}, tone {i}"), &parts, &[(figure, level)]));
            }
        }
    }
    let ranges: [(&[f64], f64); 4] = [
        (&[-20.0, -30.0], 10.0),
        (&[-20.0, -15.0], 5.0),
        (&[-40.0, -20.0], 20.0),
        (&[-50.0, -35.0, -20.0, -35.0, -50.0], 15.0),
    ];
    for (number, (levels, range)) in ranges.into_iter().enumerate() {
        let parts: Vec<_> = levels.iter().map(|level| (20.0, *level)).collect();
        cases.push(Case::new(format!("3342-{}", number + 1), &parts, &[(Range, range)]));
    }
    cases
}

/// One channel whose true peak is known to within +0.2 and −0.4 dB.
#[derive(Clone, Debug, PartialEq)]
pub struct PeakCase {
    /// Its number in Tech 3341.
    pub number: u32,
    /// One second, or less.
    pub channel: Vec<f64>,
    /// Its true peak, in dBTP.
    pub expected_dbtp: f64,
}

/// Cases 15 to 23 of Tech 3341.
#[must_use]
pub fn peak_cases(rate_hz: u32) -> Vec<PeakCase> {
    // Frames of a period, phase in degrees, size, true peak.
    let tones = [
        (4_usize, 0.0, 0.5, -6.0),
        (4, 45.0, 0.5, -6.0),
        (6, 60.0, 0.5, -6.0),
        (8, 67.5, 0.5, -6.0),
        (4, 45.0, 1.41, 3.0),
    ];
    let mut cases = Vec::new();
    for (number, (period, degrees, size, expected_dbtp)) in (15..).zip(tones) {
        let (frames, taper) = (rate_hz as usize, f64::from(rate_hz) / 100.0);
        let sample = |n: usize| {
            let edge = (n.min(frames - 1 - n) as f64 / taper).min(1.0);
            edge * size * sin(TAU * ((n % period) as f64 / period as f64 + degrees / 360.0))
        };
        cases.push(PeakCase { number, channel: (0..frames).map(sample).collect(), expected_dbtp });
    }
    let fine = burst();
    for (number, offset) in (20..).zip(0..4) {
        let channel = fine[offset..].iter().step_by(4).copied().collect();
        cases.push(PeakCase { number, channel, expected_dbtp: 0.0 });
    }
    cases
}

/// Cases 20 to 23 before every fourth sample of it is taken: a sine of 24 samples a period with one period of 16 samples,
/// twice the size, put in at a rising zero; low-passed at 0.475 of the final rate (511 taps, Kaiser window β = 10).
fn burst() -> Vec<f64> {
    let tone = |n: usize, period: usize| sin(TAU * (n % period) as f64 / period as f64);
    let carrier = (0..24 * 40).map(|n| 0.5 * tone(n, 24));
    let fine: Vec<f64> = carrier.clone().chain((0..16).map(|n| tone(n, 16))).chain(carrier).collect();
    let cut = 0.475 / 4.0 * 2.0;
    let tap = |n: i32| {
        let x = PI * cut * f64::from(n);
        let sinc = if n == 0 { 1.0 } else { sin(x) / x };
        cut * sinc * deadwax_dsp::window::kaiser(f64::from(n) / 255.0, 10.0)
    };
    let taps: Vec<f64> = (-255..=255).map(tap).collect();
    passed(&fine, &taps)
}
