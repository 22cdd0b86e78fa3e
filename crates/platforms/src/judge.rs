//! What a rule means for a programme.

use crate::{Ceiling, Hears, Kind, Moves, Rule};
use serde::Serialize;
use std::fmt::Write as _;

/// Differences below this are those of meters, in dB.
const SLACK_DB: f64 = 0.01;
/// A gain below this is none, in dB.
const LITTLE_DB: f64 = 0.05;

/// What is known of a programme. `None` is what nobody measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Integrated loudness, in LUFS.
    pub integrated_lufs: Option<f64>,
    /// The loudest 3 s, in LUFS.
    pub max_short_term_lufs: Option<f64>,
    /// The loudest 400 ms, in LUFS.
    pub max_momentary_lufs: Option<f64>,
    /// Loudness range, in LU.
    pub loudness_range_lu: Option<f64>,
    /// True peak, in dBTP.
    pub true_peak_dbtp: Option<f64>,
    /// The largest sample, in dBFS.
    pub sample_peak_dbfs: Option<f64>,
    /// Peaks above loudness, in LU.
    pub plr_lu: Option<f64>,
    /// Plain root mean square, in dBFS: a full-scale sine has −3.01.
    pub rms_dbfs: Option<f64>,
    /// Noise floor, in dBFS.
    pub floor_dbfs: Option<f64>,
    /// Sample rate, in Hz.
    pub rate_hz: Option<u32>,
    /// Bits in a sample of the file.
    pub bits: Option<u32>,
    /// The number of channels.
    pub channels: Option<usize>,
}

/// Whether a programme meets a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It does.
    Within,
    /// It does not.
    Outside,
    /// Nobody can tell: the rule is not known, or asks for what is not measured here.
    Unknown,
}

/// Who keeps a service from turning up as far as its target says.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// It stops before the peak goes too high: so much is missing, in dB.
    Headroom {
        /// In dB.
        missing_db: f64,
    },
    /// Its limiter takes off so much, in dB.
    Limiter {
        /// In dB.
        down_db: f64,
    },
}

/// What a service does.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Playback {
    /// By how much it plays louder (above 0) or softer, in dB.
    pub gain_db: f64,
    /// How loud that is, in LUFS.
    pub loudness_lufs: f64,
    /// The true peak then, in dBTP; with a limiter at its ceiling.
    pub true_peak_dbtp: Option<f64>,
    /// What keeps it from going further.
    pub held: Option<Held>,
}

/// One thing to say about a programme.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// Whether the rule is broken by it. Otherwise it is advice.
    pub breaks: bool,
    /// In a few words.
    pub text: String,
}

/// What a rule means for a programme.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// Whether it is met.
    pub state: State,
    /// What a service does.
    pub playback: Option<Playback>,
    /// What there is to say.
    pub findings: Vec<Finding>,
    /// In a few words, for a table.
    pub brief: String,
    /// In a sentence.
    pub sentence: String,
}

impl Rule {
    /// Judges a programme.
    #[must_use]
    pub fn judge(&self, facts: &Facts) -> Verdict {
        let mut findings = Vec::new();
        let mut unknown = self.loudness(facts, &mut findings);
        unknown |= self.peaks(facts, &mut findings);
        unknown |= self.more(facts, &mut findings);
        unknown |= self.file(facts, &mut findings);
        let state = match findings.iter().any(|finding| finding.breaks) {
            true => State::Outside,
            false if unknown => State::Unknown,
            false => State::Within,
        };
        let playback = self.playback(facts);
        let brief = self.brief(state, playback, &findings);
        let sentence = self.sentence(state, playback, &findings);
        Verdict { state, playback, findings, brief, sentence }
    }

    /// What the service does to the level. `None` where that is not known.
    #[must_use]
    pub fn playback(&self, facts: &Facts) -> Option<Playback> {
        let loudness = facts.integrated_lufs.filter(|_| self.kind == Kind::Service)?;
        let peak = facts.true_peak_dbtp;
        let wanted = match self.moves {
            Moves::Unknown => return None,
            Moves::Never => 0.0,
            Moves::Both => self.target_lufs? - loudness,
            Moves::Down => (self.target_lufs? - loudness).min(0.0),
            Moves::Up => (self.target_lufs? - loudness).max(0.0),
        };
        let (mut gain_db, mut held) = (wanted, None);
        if let (true, Some(most), Some(peak)) = (wanted > 0.0, self.up_to_dbtp, peak) {
            gain_db = wanted.min((most - peak).max(0.0));
            if wanted - gain_db > LITTLE_DB {
                held = Some(Held::Headroom { missing_db: wanted - gain_db });
            }
        }
        let mut after = peak.map(|peak| peak + gain_db);
        if let (true, Some(most), Some(reached)) = (wanted > 0.0, self.limiter_dbfs, after)
            && reached > most
        {
            held = Some(Held::Limiter { down_db: reached - most });
            after = Some(most);
        }
        Some(Playback { gain_db, loudness_lufs: loudness + gain_db, true_peak_dbtp: after, held })
    }

    /// Whether a delivery is as loud as it must be. `true`: nobody can tell.
    fn loudness(&self, facts: &Facts, findings: &mut Vec<Finding>) -> bool {
        match (self.kind, self.hears) {
            (Kind::Service, _) => return self.moves == Moves::Unknown,
            (_, Hears::Dialogue) => {
                findings.push(Finding::told("loudness of the dialogue is not measured here"));
                return true;
            }
            (_, Hears::LeqM) => {
                findings.push(Finding::told("Leq(m) is not measured here"));
                return true;
            }
            (_, Hears::Programme) => {}
        }
        let Some((low, high)) = self.loudness_range() else { return false };
        let Some(loudness) = facts.integrated_lufs else { return true };
        let aim = self.target_lufs;
        if loudness > high + SLACK_DB {
            findings.push(Finding::broken(format!("too loud, {:.1} LU", loudness - aim.unwrap_or(high))));
        } else if loudness < low - SLACK_DB {
            findings.push(Finding::broken(format!("too soft, {:.1} LU", aim.unwrap_or(low) - loudness)));
        }
        false
    }

    fn peaks(&self, facts: &Facts, findings: &mut Vec<Finding>) -> bool {
        let (Some(most), peak) = (self.true_peak_dbtp, facts.true_peak_dbtp) else { return false };
        // Silence has no peak, and is below any ceiling.
        let Some(peak) = peak else { return false };
        if peak > most + SLACK_DB {
            let breaks = self.true_peak_is == Ceiling::Asked;
            let more = if breaks { "" } else { " (advice)" };
            findings.push(Finding {
                breaks,
                text: format!("peak {} over {} dBTP{more}", signed(peak), signed(most)),
            });
        } else if let (Some(from), Some(lower)) = (self.louder_than_lufs, self.louder_true_peak_dbtp)
            && facts.integrated_lufs.is_some_and(|loudness| loudness > from + SLACK_DB)
            && peak > lower + SLACK_DB
        {
            findings.push(Finding::told(format!("louder than {from} LUFS: {lower} dBTP advised")));
        }
        false
    }

    fn more(&self, facts: &Facts, findings: &mut Vec<Finding>) -> bool {
        let most = [
            ("sample peak", "dBFS", facts.sample_peak_dbfs, self.sample_peak_dbfs),
            ("loudest 3 s", "LUFS", facts.max_short_term_lufs, self.max_short_term_lufs),
            ("loudest 400 ms", "LUFS", facts.max_momentary_lufs, self.max_momentary_lufs),
            ("range", "LU", facts.loudness_range_lu, self.max_loudness_range_lu),
            ("peak to loudness", "LU", facts.plr_lu, self.max_plr_lu),
            ("noise floor", "dBFS", facts.floor_dbfs, self.max_floor_dbfs),
            ("RMS", "dBFS", facts.rms_dbfs, self.rms_dbfs.map(|range| range.1)),
        ];
        for (what, unit, value, most) in most {
            if let (Some(value), Some(most)) = (value, most)
                && value > most + SLACK_DB
            {
                findings.push(Finding::broken(format!("{what} {value:.1} over {most:.1} {unit}")));
            }
        }
        match (facts.rms_dbfs, self.rms_dbfs) {
            (Some(rms), Some((low, _))) if rms < low - SLACK_DB => {
                findings.push(Finding::broken(format!("RMS {rms:.1} under {low:.1} dBFS")));
                false
            }
            (None, Some(_)) => true,
            _ => false,
        }
    }

    /// Whether the file is of the right kind. `true`: it has no word length that could be looked at.
    fn file(&self, facts: &Facts, findings: &mut Vec<Finding>) -> bool {
        if let Some(rate) = facts.rate_hz
            && !self.rates_hz.is_empty()
            && !self.rates_hz.contains(&rate)
        {
            let khz = |hz: u32| format!("{} kHz", f64::from(hz) / 1000.0);
            let wanted: Vec<String> = self.rates_hz.iter().map(|hz| khz(*hz)).collect();
            findings.push(Finding::broken(format!("{}, not {}", khz(rate), wanted.join(" or "))));
        }
        if let (Some(bits), Some(wanted)) = (facts.bits, self.bits)
            && bits != wanted
        {
            findings.push(Finding::broken(format!("{bits} bit, not {wanted}")));
        }
        if let Some(channels) = facts.channels
            && !self.channels.is_empty()
            && !self.channels.contains(&channels)
        {
            let wanted: Vec<String> = self.channels.iter().map(usize::to_string).collect();
            findings.push(Finding::broken(format!("{channels} channels, not {}", wanted.join(" or "))));
        }
        self.bits.is_some() && facts.bits.is_none()
    }

    fn brief(&self, state: State, playback: Option<Playback>, findings: &[Finding]) -> String {
        match (state, findings.iter().find(|finding| finding.breaks)) {
            (_, Some(first)) => first.text.clone(),
            (State::Unknown, _) => "unknown".to_owned(),
            _ => match playback.map(|playback| playback.gain_db) {
                Some(gain) if gain > LITTLE_DB => format!("ok, {gain:.1} dB up"),
                Some(gain) if gain < -LITTLE_DB => format!("ok, {:.1} dB down", -gain),
                _ => "ok".to_owned(),
            },
        }
    }

    fn sentence(&self, state: State, playback: Option<Playback>, findings: &[Finding]) -> String {
        let name = &self.name;
        let broken: Vec<&str> = findings.iter().filter(|f| f.breaks).map(|f| f.text.as_str()).collect();
        let mut text = match (self.kind, playback) {
            (Kind::Service, Some(playback)) => format!("{name} will play this {}", playback.words()),
            (Kind::Service, None) if self.moves == Moves::Unknown => format!("what {name} does is not known"),
            (Kind::Service, None) => format!("{name} has nothing to turn up or down"),
            (Kind::Standard, _) => match state {
                State::Within => format!("{name}: in spec"),
                State::Outside => format!("{name}: {}", broken.join("; ")),
                State::Unknown => format!("{name}: cannot be told"),
            },
        };
        if self.kind == Kind::Service && !broken.is_empty() {
            let _ = write!(text, "; {}", broken.join("; "));
        }
        for finding in findings.iter().filter(|finding| !finding.breaks) {
            let _ = write!(text, "; {}", finding.text);
        }
        text
    }
}

/// `+0.3`, and `0.0` without a sign.
fn signed(db: f64) -> String {
    if db.abs() < 0.05 { "0.0".to_owned() } else { format!("{db:+.1}") }
}

impl Playback {
    /// `3.6 dB softer`, `as it is`, with what keeps it.
    #[must_use]
    pub fn words(&self) -> String {
        let gain = match self.gain_db {
            gain if gain > LITTLE_DB => format!("{gain:.1} dB louder"),
            gain if gain < -LITTLE_DB => format!("{:.1} dB softer", -gain),
            _ => "as it is".to_owned(),
        };
        match self.held {
            Some(Held::Headroom { missing_db }) => {
                format!("{gain}, {missing_db:.1} dB less than it would: its peaks leave no more room")
            }
            Some(Held::Limiter { down_db }) => {
                format!("{gain}, and limit its peaks by up to {down_db:.1} dB")
            }
            None => gain,
        }
    }
}

impl Finding {
    fn broken(text: String) -> Self {
        Self { breaks: true, text }
    }

    fn told(text: impl Into<String>) -> Self {
        Self { breaks: false, text: text.into() }
    }
}
