//! What a node of level hears before it works.

use deadwax_measure::{IntegratedMeter, MeasureError, Meter};
use deadwax_node::{Analyze, Block, Format, MAX_CHANNELS, NodeError, Report};
use serde::Serialize;

/// What was heard of a programme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct Heard {
    /// Integrated loudness.
    pub(super) lufs: Option<f64>,
    /// True peak, where it was wanted.
    pub(super) dbtp: Option<f64>,
    /// The mean power of all channels, against a full-scale sine, where it was wanted.
    pub(super) rms_dbfs: Option<f64>,
}

/// A meter of integrated loudness for `format`.
pub(super) fn meter(format: Format) -> Result<IntegratedMeter, NodeError> {
    IntegratedMeter::new(format.rate_hz, format.channels()).map_err(refused)
}

pub(super) fn refused(error: MeasureError) -> NodeError {
    match error {
        MeasureError::SampleRate { rate_hz } => {
            NodeError::SampleRate { rate_hz, reason: "loudness is measured from 8 to 768 kHz".into() }
        }
        other => NodeError::failed("loudness cannot be measured here", other),
    }
}

/// Measures a programme's loudness. Holds the error instead where the output's format has none.
pub(super) struct Listener(pub(super) Result<IntegratedMeter, NodeError>);

impl Analyze for Listener {
    fn hear(&mut self, _: u64, block: Block<'_>) -> Result<(), NodeError> {
        if let Ok(meter) = &mut self.0 {
            on_planes(block, |planes| meter.push(planes));
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Report, NodeError> {
        Ok(Report::new(Heard { lufs: self.0?.lufs(), ..Heard::default() }))
    }
}

/// Measures peaks and power as well.
pub(super) struct FullListener(pub(super) Meter);

impl Analyze for FullListener {
    fn hear(&mut self, _: u64, block: Block<'_>) -> Result<(), NodeError> {
        on_planes(block, |planes| self.0.push(planes));
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Report, NodeError> {
        let measured = self.0.finish();
        let powers = measured.channels.iter().map(|channel| channel.rms_dbfs.map_or(0.0, power));
        let mean = powers.sum::<f64>() / measured.channels.len().max(1) as f64;
        let rms_dbfs = Some(deadwax_dsp::math::power_to_db(mean)).filter(|db| db.is_finite());
        Ok(Report::new(Heard { lufs: measured.integrated_lufs, dbtp: measured.true_peak_dbtp, rms_dbfs }))
    }
}

fn power(db: f64) -> f64 {
    let gain = deadwax_dsp::math::db_to_gain(db);
    gain * gain
}

/// Hands a block on as a slice per channel.
pub(super) fn on_planes(block: Block<'_>, hear: impl FnOnce(&[&[f64]])) {
    let mut planes: [&[f64]; MAX_CHANNELS] = [&[]; _];
    for (plane, channel) in planes.iter_mut().zip(block.iter()) {
        *plane = channel;
    }
    hear(&planes[..block.channels().min(MAX_CHANNELS)]);
}
