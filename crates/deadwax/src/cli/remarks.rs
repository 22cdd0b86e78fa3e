//! What nodes tell about a render, in a line each, for people. A program reads the whole reports by `--json`.

use super::show;
use serde_json::Value;
use std::fmt::Write as _;

/// A line for every node that has something worth telling.
pub(crate) fn remarks(reports: &[(String, deadwax_node::Report)]) -> String {
    let mut text = String::new();
    for (name, report) in reports {
        let told = report.to_json();
        let lines = [gains(&told), bands(&told), aligned(&told), probed(&told)];
        for line in lines.iter().flatten() {
            let _ = writeln!(text, "{name:>9}  {line}");
        }
    }
    text
}

/// Less than this is not worth a line, in dB.
const LITTLE_DB: f64 = 0.05;

/// How far a gain went.
fn gains(told: &Value) -> Option<String> {
    let size = |key: &str| told[key].as_f64().map(f64::abs).filter(|db| *db > LITTLE_DB);
    let at = told["deepest_at_s"].as_f64().map_or_else(String::new, |at| format!(" at {}", show::time(at)));
    let share = |key: &str, what: &str| {
        let percent = |share: f64| format!(", {what} for {:.0} % of the programme", share * 100.0);
        told[key].as_f64().map_or_else(String::new, percent)
    };
    let over = share("over_1_db_share", "over 1 dB") + &share("clipped_share", "clipping");
    let down = size("deepest_db").map(|db| format!("most {db:.1} dB down{at}{over}"));
    let up = size("highest_db").map(|db| format!("most {db:.1} dB up"));
    match (down, up) {
        (Some(down), Some(up)) => Some(format!("{down}; {up}")),
        (down, up) => down.or(up),
    }
}

/// How far each band of a dynamic equaliser went.
fn bands(told: &Value) -> Option<String> {
    let bands = told["bands"].as_object()?;
    let moved = bands.iter().filter_map(|(name, band)| {
        let db = band["deepest_db"].as_f64().filter(|db| db.abs() > LITTLE_DB)?;
        Some(format!("{name} {db:+.1} dB"))
    });
    let moved: Vec<String> = moved.collect();
    (!moved.is_empty()).then(|| format!("at most {}", moved.join(", ")))
}

/// By how much one channel was late.
fn aligned(told: &Value) -> Option<String> {
    let (frames, us) = (told["delay_frames"].as_f64()?, told["delay_us"].as_f64()?);
    Some(format!("right was {frames:+.3} frames late ({us:+.1} µs)"))
}

/// What a probe measured.
fn probed(told: &Value) -> Option<String> {
    let mut said = Vec::new();
    let mut say = |part: &str, key: &str, words: &str, unit: &str| {
        if let Some(value) = told[part][key].as_f64() {
            said.push(format!("{words} {value:.1} {unit}").trim_end().to_owned());
        }
    };
    say("levels", "sample_peak_dbfs", "peak", "dBFS");
    say("levels", "true_peak_dbtp", "true peak", "dBTP");
    say("levels", "used_bits", "bits used", "");
    say("loudness", "integrated_lufs", "loudness", "LUFS");
    say("loudness", "loudness_range_lu", "range", "LU");
    say("stereo", "correlation", "correlation", "");
    say("stereo", "balance_db", "balance", "dB");
    say("stereo", "side_to_mid_db", "sides against middle", "dB");
    say("stereo", "low_side_to_mid_db", "below 120 Hz", "dB");
    say("noise", "floor_dbfs", "noise floor", "dBFS");
    say("reduction", "lowest_db", "gain between", "dB");
    say("reduction", "highest_db", "and", "dB");
    say("translation", "lost_in_mono_lu", "lost in mono", "LU");
    say("translation", "lost_on_phone_lu", "on a phone", "LU");
    say("translation", "deep_bass_db", "30 to 60 Hz", "dB of all");
    (!said.is_empty()).then(|| said.join(" · "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_worth_telling_is_told_and_nothing_else() {
        let limiter = json!({"deepest_db": -3.21, "deepest_at_s": 61.5, "over_1_db_share": 0.125});
        assert_eq!(
            gains(&limiter).as_deref(),
            Some("most 3.2 dB down at 1:01.500, over 1 dB for 12 % of the programme")
        );
        let upward = json!({"deepest_db": 0.0, "highest_db": 5.0});
        assert_eq!(gains(&upward).as_deref(), Some("most 5.0 dB up"));
        assert_eq!(gains(&json!({"deepest_db": -0.01})), None);
        let bands =
            super::bands(&json!({"bands": {"mud": {"deepest_db": -2.04}, "air": {"deepest_db": 0.0}}}));
        assert_eq!(bands.as_deref(), Some("at most mud -2.0 dB"));
        let probe = json!({"translation": {"lost_in_mono_lu": 0.31, "deep_bass_db": null}});
        assert_eq!(probed(&probe).as_deref(), Some("lost in mono 0.3 LU"));
    }
}
