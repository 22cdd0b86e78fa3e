//! Several programmes as one: an album.

use crate::gate::{integrated_lufs, range_lu};
use crate::{Measured, Meter};
use serde::Serialize;

/// Gathers what several meters heard. Loudness is gated over the blocks of all programmes together, as if they were
/// one; no block reaches over from one programme into the next.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    blocks: Vec<f64>,
    windows: Vec<f64>,
    pooled: Pooled,
}

/// Numbers about several programmes together. `None` stands where there is nothing to say.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Pooled {
    /// How many programmes there are.
    pub programmes: usize,
    /// How long they last together, in seconds.
    pub seconds: f64,
    /// Integrated loudness of all (BS.1770-5), in LUFS.
    pub integrated_lufs: Option<f64>,
    /// Integrated loudness of the loudest one, in LUFS.
    pub loudest_programme_lufs: Option<f64>,
    /// The loudest 400 ms, in LUFS.
    pub max_momentary_lufs: Option<f64>,
    /// The loudest 3 s, in LUFS.
    pub max_short_term_lufs: Option<f64>,
    /// Loudness range of all (EBU Tech 3342), in LU.
    pub loudness_range_lu: Option<f64>,
    /// The largest sample, in dBFS.
    pub sample_peak_dbfs: Option<f64>,
    /// The largest true peak, in dBTP.
    pub true_peak_dbtp: Option<f64>,
}

impl Pool {
    /// Nothing heard.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what `meter` heard, and gives back its own figures. Meters of different rates and channels go together.
    pub fn take(&mut self, meter: Meter) -> Measured {
        self.blocks.extend_from_slice(meter.blocks());
        self.windows.extend_from_slice(meter.windows());
        let one = meter.finish();
        let all = &mut self.pooled;
        all.programmes += 1;
        all.seconds += one.frames as f64 / f64::from(one.rate_hz);
        raise(&mut all.loudest_programme_lufs, one.integrated_lufs);
        raise(&mut all.max_momentary_lufs, one.max_momentary_lufs);
        raise(&mut all.max_short_term_lufs, one.max_short_term_lufs);
        raise(&mut all.sample_peak_dbfs, one.sample_peak_dbfs);
        raise(&mut all.true_peak_dbtp, one.true_peak_dbtp);
        one
    }

    /// The figures of all programmes together.
    #[must_use]
    pub fn measured(&self) -> Pooled {
        Pooled {
            integrated_lufs: integrated_lufs(&self.blocks),
            loudness_range_lu: range_lu(&self.windows),
            ..self.pooled.clone()
        }
    }
}

/// The larger of both, if there is any.
fn raise(most: &mut Option<f64>, value: Option<f64>) {
    *most = most.map_or(value, |most| Some(value.map_or(most, |value| most.max(value))));
}
