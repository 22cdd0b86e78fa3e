//! The plain normaliser: one gain, worked out from what was heard, and a ceiling.

use super::heard::{FullListener, Heard, Listener, meter, on_planes, refused};
use super::loudness::{
    Loudness, LoudnessExceed, LoudnessMetric, LoudnessReport, MOST_DOWN_DB, SILENCE, most_gain_help,
};
use crate::dynamics::limiter::limit;
use deadwax_dsp::limiter::{Limiter, Settings};
use deadwax_dsp::math::db_to_gain;
use deadwax_measure::{IntegratedMeter, Meter, Wanted};
use deadwax_node::{Analyze, Format, Io, NodeError, Report, Stream};

/// What is ready before the programme is heard.
pub(super) struct Plan {
    integrated: IntegratedMeter,
    /// Where loudness alone does not do.
    full: Option<Meter>,
    limiter: Option<Limiter>,
}

impl Plan {
    pub(super) fn new(params: &Loudness, format: Format) -> Result<Self, NodeError> {
        let peaks = params.metric == LoudnessMetric::TruePeak || params.on_exceed != LoudnessExceed::Allow;
        let wanted = Wanted { windows: false, history: false, psr: false, true_peak: peaks, ..Wanted::ALL };
        let full = peaks || params.metric == LoudnessMetric::Rms;
        let full = full.then(|| Meter::new(format.rate_hz, format.channels(), wanted)).transpose();
        let limits = params.on_exceed == LoudnessExceed::Limit;
        let settings = Settings { ceiling_dbtp: params.ceiling_dbtp, ..Settings::default() };
        Ok(Self {
            integrated: meter(format)?,
            full: full.map_err(refused)?,
            limiter: limits.then(|| Limiter::new(&settings, f64::from(format.rate_hz), format.channels())),
        })
    }

    pub(super) fn latency(&self) -> u64 {
        self.limiter.as_ref().map_or(0, |limiter| limiter.latency() as u64)
    }

    pub(super) fn listener(&self) -> Box<dyn Analyze> {
        match &self.full {
            Some(meter) => Box::new(FullListener(meter.clone())),
            None => Box::new(Listener(Ok(self.integrated.clone()))),
        }
    }
}

/// The gain, and the limiter behind it where there is one.
pub(super) struct Here {
    factor: f64,
    limiter: Option<Limiter>,
    /// What comes out of the limiter; as new, and as it has heard.
    meter: IntegratedMeter,
    delivered: IntegratedMeter,
    tolerance_lu: f64,
    report: LoudnessReport,
}

impl Here {
    pub(super) fn new(params: &Loudness, plan: &Plan, heard: Heard) -> Result<Self, NodeError> {
        let (target, level) = match params.metric {
            LoudnessMetric::Integrated => (params.wanted_lufs(), heard.lufs),
            LoudnessMetric::TruePeak => (params.target_dbtp, heard.dbtp),
            LoudnessMetric::Rms => (params.target_rms_dbfs, heard.rms_dbfs),
        };
        let most = params.max_gain_db;
        let wanted_db = level.map_or(0.0, |level| (target - level).clamp(MOST_DOWN_DB, most));
        let mut gain_db = wanted_db;
        let peak = heard.dbtp.filter(|_| params.metric != LoudnessMetric::TruePeak);
        let over = peak.map_or(0.0, |peak| (peak + gain_db - params.ceiling_dbtp).max(0.0));
        if over > 0.0 {
            match params.on_exceed {
                LoudnessExceed::Reduce => gain_db -= over,
                LoudnessExceed::Error => return Err(exceeded(params, over)),
                LoudnessExceed::Limit | LoudnessExceed::Allow => {}
            }
        }
        let delivered = level.map(|level| level + gain_db);
        let reached = delivered.is_some_and(|level| (level - target).abs() <= params.tolerance_lu);
        let help = match delivered {
            _ if reached => None,
            None => Some(SILENCE.to_owned()),
            Some(_) if gain_db < wanted_db => Some(format!(
                "{over:.2} dB less gain than asked, so that the true peak stays at {} dBTP: limit it \
                 (`on_exceed: Limit`), put a limiter behind and write `on_exceed: Allow`, or ask for less",
                params.ceiling_dbtp
            )),
            Some(level) => Some(most_gain_help(&shown(params.metric, level), most)),
        };
        let report = report_of(params, target, heard, gain_db);
        Ok(Self::with(params, plan, LoudnessReport { reached, help, ..report }))
    }

    /// A gain that is known before anything is heard, and reaches what it reaches.
    pub(super) fn known(params: &Loudness, plan: &Plan, gain_db: f64) -> Self {
        let report = LoudnessReport { gain_db, rounds: 1, reached: true, ..LoudnessReport::default() };
        Self::with(params, plan, report)
    }

    fn with(params: &Loudness, plan: &Plan, report: LoudnessReport) -> Self {
        Self {
            factor: db_to_gain(report.gain_db),
            limiter: plan.limiter.clone(),
            meter: plan.integrated.clone(),
            delivered: plan.integrated.clone(),
            tolerance_lu: params.tolerance_lu,
            report,
        }
    }
}

/// The figures that a plain gain delivers.
fn report_of(params: &Loudness, target: f64, heard: Heard, gain_db: f64) -> LoudnessReport {
    let only = |metric: LoudnessMetric| (params.metric == metric).then_some(target);
    LoudnessReport {
        target_lufs: only(LoudnessMetric::Integrated),
        target_dbtp: only(LoudnessMetric::TruePeak),
        target_rms_dbfs: only(LoudnessMetric::Rms),
        heard_lufs: heard.lufs,
        heard_dbtp: heard.dbtp,
        delivered_lufs: heard.lufs.map(|lufs| lufs + gain_db),
        delivered_dbtp: heard.dbtp.map(|dbtp| dbtp + gain_db),
        delivered_rms_dbfs: heard.rms_dbfs.map(|rms| rms + gain_db),
        gain_db,
        rounds: 1,
        ..LoudnessReport::default()
    }
}

fn shown(metric: LoudnessMetric, level: f64) -> String {
    match metric {
        LoudnessMetric::Integrated => format!("{level:.2} LUFS"),
        LoudnessMetric::TruePeak => format!("{level:.2} dBTP"),
        LoudnessMetric::Rms => format!("{level:.2} dBFS RMS"),
    }
}

fn exceeded(params: &Loudness, over: f64) -> NodeError {
    let reason = format!(
        "the target would bring the true peak {over:.2} dB over {} dBTP; allow it, reduce, or limit",
        params.ceiling_dbtp
    );
    NodeError::field("on_exceed", reason)
}

impl Stream for Here {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let mut main = io.main();
        for sample in main.iter_mut().flatten() {
            *sample *= self.factor;
        }
        let Some(limiter) = &mut self.limiter else { return Ok(()) };
        limit(limiter, main.reborrow());
        on_planes(main.as_block(), |planes| self.delivered.push(planes));
        Ok(())
    }

    fn reset(&mut self) {
        if let Some(limiter) = &mut self.limiter {
            limiter.reset();
        }
        self.delivered = self.meter.clone();
    }

    fn report(&self) -> Option<Report> {
        let mut report = self.report.clone();
        if let Some(limiter) = &self.limiter {
            let down_db = limiter.reduction().deepest_db;
            report.gain_curve = Some(crate::dynamics::keyed::gain_curve(limiter.trace()));
            if down_db < 0.0 {
                report.delivered_lufs = self.delivered.lufs();
                (report.delivered_dbtp, report.delivered_rms_dbfs) = (None, None);
                let missing = report.target_lufs.zip(report.delivered_lufs).map(|(target, is)| target - is);
                report.reached = missing.is_none_or(|missing| missing.abs() <= self.tolerance_lu);
                report.help = missing.filter(|_| !report.reached).map(|missing| {
                    format!(
                        "the limiter took {missing:.2} LU away: `aim: Output` before a `Limiter` makes it good, or ask \
                         for less"
                    )
                });
            }
        }
        Some(Report::new(report))
    }
}
