//! Steady noise: hiss, and the tones in it.

use crate::fault::clock;
use crate::{About, Detector, Fault, FaultKind, Place, Remedy, Severity};
use deadwax_dsp::denoise::{Floor, Listener, Wanted, frame_size};
use deadwax_dsp::fft::Kind;
use deadwax_dsp::math::power_to_db;

/// Points of a frame at 44.1 kHz.
const POINTS: u32 = 2048;
/// Hiss softer than this is no matter, in dBFS …
const LEAST_DBFS: f64 = -78.0;
/// … and so is what lies so far below the music, in dB.
const LEAST_BELOW_DB: f64 = -62.0;
/// Where it is clear, and severe, against the music.
const BELOW_DB: [f64; 2] = [-50.0, -35.0];
/// A tone in the noise that is as loud as all of its hiss is told beside it.
const TONE_DB: f64 = 0.0;
/// Below this a tone is the mains', which is told by itself, in Hz.
const LOWEST_TONE_HZ: f64 = 400.0;

pub(crate) struct Hiss {
    listener: Listener,
    power: f64,
    rate_hz: f64,
}

impl Hiss {
    pub(crate) fn new(rate_hz: u32, channels: usize) -> Self {
        let rate = f64::from(rate_hz);
        let size = frame_size(POINTS, rate);
        let listener = Listener::new(Wanted::Quietest, size, rate, channels, Kind::Fast);
        Self { listener, power: 0.0, rate_hz: rate }
    }
}

impl Detector for Hiss {
    fn hear(&mut self, block: &[&[f64]]) {
        self.listener.push(block);
        self.power +=
            block.iter().map(|samples| samples.iter().map(|x| x * x).sum::<f64>()).fold(0.0, f64::max);
    }

    fn finish(self: Box<Self>, about: &About) -> Vec<Fault> {
        let programme = power_to_db((self.power / about.frames.max(1) as f64).max(1e-20));
        let Some(heard) = self.listener.finish() else { return Vec::new() };
        let floor = Floor::of(&heard.profile, self.rate_hz);
        let below = floor.hiss_dbfs - programme;
        if floor.hiss_dbfs < LEAST_DBFS || below < LEAST_BELOW_DB {
            return Vec::new();
        }
        let (from, to) = (about.at_s(heard.range.start), about.at_s(heard.range.end));
        let tone =
            floor.tones.iter().find(|(hz, dbfs)| *hz > LOWEST_TONE_HZ && dbfs - floor.hiss_dbfs > TONE_DB);
        let tone = tone
            .map_or_else(String::new, |(hz, dbfs)| format!(", with a tone of {dbfs:.0} dBFS at {hz:.0} Hz"));
        // As much as the ear asks for, and no more: what is left masks what was done.
        let reduction = ((below - LEAST_BELOW_DB).clamp(6.0, 18.0) / 3.0).round() * 3.0;
        vec![Fault {
            kind: FaultKind::Hiss,
            severity: Severity::of(below, BELOW_DB[0], BELOW_DB[1]),
            what: format!(
                "steady noise of {:.0} dBFS, {:.0} above 3 kHz, {:.0} dB below the music{tone}",
                floor.level_dbfs, floor.hiss_dbfs, -below
            ),
            count: 1,
            places: vec![Place { channel: None, at_s: from, s: to - from }],
            remedy: Some(Remedy {
                name: "hiss",
                node: format!(
                    "DeNoise(reduction_db: {reduction}, noise_from_s: {from:.2}, noise_to_s: {to:.2})"
                ),
                why: format!("it sounds alone from {} to {}", clock(from), clock(to)),
            }),
        }]
    }
}
