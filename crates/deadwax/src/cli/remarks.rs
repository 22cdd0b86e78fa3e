//! What nodes tell about a render, in a line each, for people. A program reads the whole reports by `--json`.

use super::show;
use serde_json::Value;
use std::fmt::Write as _;

/// A line for every node that has something worth telling.
pub(crate) fn remarks(reports: &[(String, deadwax_node::Report)]) -> String {
    let mut text = String::new();
    for (name, report) in reports {
        let told = report.to_json();
        let lines = [gains(&told), bands(&told), aligned(&told), mended(&told), probed(&told)];
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

/// What was mended; what was listened for and not found is told, too.
fn mended(told: &Value) -> Option<String> {
    if let (Some(filled), Some(rate)) = (told["repaired"].as_u64(), told["per_minute"].as_f64()) {
        let places = if filled == 1 { "1 place".to_owned() } else { format!("{filled} places") };
        return Some(format!("{places} filled, {rate:.1} a minute"));
    }
    if let Some(pops) = told["reduced"].as_u64() {
        return Some(if pops == 1 {
            "1 pop made softer".to_owned()
        } else {
            format!("{pops} pops made softer")
        });
    }
    if let Some(taken) = told["taken_dbfs"].as_f64() {
        let level = told["noise"]["level_dbfs"].as_f64();
        let level = level.map_or_else(String::new, |level| format!("noise of {level:.0} dBFS, "));
        return Some(format!("{level}{taken:.0} dBFS taken away"));
    }
    if told["taken_dbfs"].is_null() && told.get("heard_s").is_some() {
        return Some("no noise found, nothing touched".to_owned());
    }
    if let Some(harmonics) = told["harmonics"].as_array().filter(|_| told.get("alone_s").is_some()) {
        return Some(match told["freq_hz"].as_f64() {
            Some(hz) => format!("hum at {hz:.2} Hz, {} harmonics", harmonics.len()),
            None => "no hum found, nothing touched".to_owned(),
        });
    }
    let sum = |key: &str| -> Option<u64> {
        told["channels"].as_array()?.iter().map(|channel| channel[key].as_u64()).sum()
    };
    Some(match sum("runs").filter(|_| sum("samples").is_some())? {
        0 => "no clipped peaks, nothing touched".to_owned(),
        1 => "1 clipped peak restored".to_owned(),
        runs => format!("{runs} clipped peaks restored"),
    })
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
        let clicks = json!({"repaired": 14, "per_minute": 42.0, "filled_share": 0.0001, "places": []});
        assert_eq!(mended(&clicks).as_deref(), Some("14 places filled, 42.0 a minute"));
        let hum = json!({"found": false, "freq_hz": null, "harmonics": [], "alone_s": null});
        assert_eq!(mended(&hum).as_deref(), Some("no hum found, nothing touched"));
        assert_eq!(mended(&json!({"channels": [{"sample_peak_dbfs": -1.0}]})), None);
        let probe = json!({"translation": {"lost_in_mono_lu": 0.31, "deep_bass_db": null}});
        assert_eq!(probed(&probe).as_deref(), Some("lost in mono 0.3 LU"));
    }
}
