//! What was measured, as plain data.

use serde::Serialize;

/// Numbers about a programme. `None` stands where there is nothing to say: silence has no loudness, and what was not
/// wanted was not measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// Sample rate, in Hz.
    pub rate_hz: u32,
    /// How many frames were heard.
    pub frames: u64,
    /// Integrated loudness (BS.1770-5), in LUFS.
    pub integrated_lufs: Option<f64>,
    /// The loudest 400 ms, in steps of 10 ms (EBU Tech 3341), in LUFS.
    pub max_momentary_lufs: Option<f64>,
    /// The loudest 3 s, in steps of 10 ms (EBU Tech 3341), in LUFS. `None` for programmes of less than 3 s.
    pub max_short_term_lufs: Option<f64>,
    /// Loudness range (EBU Tech 3342), in LU. Means little for programmes of less than a minute.
    pub loudness_range_lu: Option<f64>,
    /// The largest sample, in dBFS.
    pub sample_peak_dbfs: Option<f64>,
    /// The largest value between the samples as well, in dBTP: the larger of both meters and the sample peak.
    pub true_peak_dbtp: Option<f64>,
    /// What the long interpolator reads, in dBTP: the nearest to the signal itself.
    pub true_peak_reference_dbtp: Option<f64>,
    /// What the interpolator of BS.1770-5, Annex 2, reads, in dBTP: the figure most other meters show.
    pub true_peak_annex_2_dbtp: Option<f64>,
    /// Peak to loudness ratio: true peak (or sample peak, where true peak is not measured) less integrated loudness,
    /// in LU.
    pub plr_lu: Option<f64>,
    /// Peak to short-term loudness ratio: the true peak of 3 s less their short-term loudness, in LU. The median of all
    /// windows in steps of 100 ms that pass the gates of loudness range.
    pub psr_lu: Option<f64>,
    /// The least of them, in LU: how dense the densest 3 s are.
    pub min_psr_lu: Option<f64>,
    /// Correlation of left and right, −1 … 1. `None` for anything but stereo, and when a channel is silent.
    pub correlation: Option<f64>,
    /// How much more power the right channel has than the left, in dB. `None` as above.
    pub balance_db: Option<f64>,
    /// Each channel by itself, in WAV order.
    pub channels: Vec<ChannelMeasured>,
    /// The course of the short-term loudness.
    pub history: Option<ShortTermHistory>,
    /// Where the true peak is above a ceiling. Left out of plain data where nobody asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overs: Option<Overs>,
}

/// Where the true peak is above a ceiling.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Overs {
    /// The ceiling, in dBTP.
    pub ceiling_dbtp: f64,
    /// How many places there are.
    pub count: u64,
    /// The places in order of time; of very many, the first of each channel.
    pub places: Vec<Over>,
}

/// A place where the true peak is above a ceiling. Places of one channel that lie less than 10 ms apart are one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Over {
    /// When it begins, in seconds.
    pub at_s: f64,
    /// The frame it begins with.
    pub frame: u64,
    /// How many frames there are from its first to its last peak above the ceiling.
    pub frames: u64,
    /// The channel, from 0.
    pub channel: usize,
    /// Its highest peak, by the higher of both meters, in dBTP.
    pub peak_dbtp: f64,
}

/// Numbers about one channel.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChannelMeasured {
    /// The largest sample, in dBFS.
    pub sample_peak_dbfs: Option<f64>,
    /// The larger of both true-peak meters and the sample peak, in dBTP.
    pub true_peak_dbtp: Option<f64>,
    /// The mean of all samples: 1 is full scale.
    pub dc: f64,
    /// The level of the mean, in dBFS. `None` when it is exactly zero.
    pub dc_dbfs: Option<f64>,
    /// The root of the mean square, in dB below that of a full-scale sine.
    pub rms_dbfs: Option<f64>,
}

/// Short-term loudness over time, for drawing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShortTermHistory {
    /// When the first 3 s window ends, in seconds.
    pub first_s: f64,
    /// From one value to the next, in seconds.
    pub step_s: f64,
    /// The loudness of the windows, in LUFS; `None` for silence.
    pub lufs: Vec<Option<f64>>,
    /// The peak to short-term loudness ratio of the same windows, in LU; empty where it is not measured.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub psr_lu: Vec<Option<f64>>,
}
