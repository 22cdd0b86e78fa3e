//! A wave that is off its middle.

use crate::fault::channel_name;
use crate::{About, Detector, Fault, FaultKind, Remedy, Severity};
use deadwax_dsp::math::gain_to_db;

/// An offset below this is that of any converter, in dBFS.
const LEAST_DBFS: f64 = -50.0;
const CLEAR_DBFS: f64 = -40.0;
const SEVERE_DBFS: f64 = -30.0;

pub(crate) struct Offset {
    sums: Vec<f64>,
}

impl Offset {
    pub(crate) fn new(channels: usize) -> Self {
        Self { sums: vec![0.0; channels] }
    }
}

impl Detector for Offset {
    fn hear(&mut self, block: &[&[f64]]) {
        for (sum, samples) in self.sums.iter_mut().zip(block) {
            *sum += samples.iter().sum::<f64>();
        }
    }

    fn finish(self: Box<Self>, about: &About) -> Vec<Fault> {
        let means = self.sums.iter().map(|sum| sum / about.frames.max(1) as f64);
        let largest = means.enumerate().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
        let Some((channel, mean)) = largest.filter(|(_, mean)| *mean != 0.0) else { return Vec::new() };
        let dbfs = gain_to_db(mean.abs());
        // A few cycles of a low note have a mean, too.
        if dbfs < LEAST_DBFS || about.seconds() < 1.0 {
            return Vec::new();
        }
        let side = channel_name(channel, about.channels);
        vec![Fault {
            kind: FaultKind::Offset,
            severity: Severity::of(dbfs, CLEAR_DBFS, SEVERE_DBFS),
            what: format!("the wave lies {mean:+.4} of full scale off its middle ({dbfs:.0} dBFS, {side})"),
            count: 0,
            places: Vec::new(),
            remedy: Some(Remedy {
                name: "middle",
                node: "DcRemove".to_owned(),
                why: "an offset costs headroom and clicks at every cut; its mean is taken off".to_owned(),
            }),
        }]
    }
}
