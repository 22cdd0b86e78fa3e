//! The first page: is it ready, what does it measure, how will it be played.

use crate::page::{Page, Track, Version};
use crate::text::{Text, number, sentence, signed, time};
use deadwax_platforms::{Held, Kind, Playback, Rule, State, Verdict};
use std::fmt::Write as _;

/// All files in a table, and all together.
pub(crate) fn overview(out: &mut String, page: &Page) {
    out.push_str(
        "<section><h2>All files</h2><div class=\"scroll\"><table class=\"figures\"><thead><tr><th></th><th>length</th>\
         <th>LUFS-I</th><th>max S</th><th>LRA</th><th>dBTP</th><th>PLR</th><th>verdict</th></tr></thead><tbody>\n",
    );
    for (n, track) in page.tracks.iter().enumerate() {
        let measured = &track.after.portrait.measured;
        let outside: Vec<String> = track
            .verdicts(&page.rules)
            .iter()
            .filter(|(_, _, verdict)| verdict.state == State::Outside)
            .map(|(_, rule, _)| Text::new(rule.name.as_str()).to_string())
            .collect();
        let verdict =
            if outside.is_empty() { "ready".to_owned() } else { format!("not for {}", outside.join(", ")) };
        let _ = writeln!(
            out,
            "<tr><th><a href=\"#track-{0}\">{0}. {1}</a></th><td>{2}</td><td>{3}</td><td>{4}</td><td>{5}</td><td>{6}</td>\
             <td>{7}</td><td class=\"words\">{verdict}</td></tr>",
            n + 1,
            track.after.name,
            time(track.after.portrait.seconds()),
            number(measured.integrated_lufs, 1),
            number(measured.max_short_term_lufs, 1),
            number(measured.loudness_range_lu, 1),
            number(measured.true_peak_dbtp, 1),
            number(measured.plr_lu, 1),
        );
    }
    if let Some(album) = &page.album {
        let _ = writeln!(
            out,
            "<tr class=\"sum\"><th>together</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td></td><td></td></tr>",
            time(album.seconds),
            number(album.integrated_lufs, 1),
            number(album.max_short_term_lufs, 1),
            number(album.loudness_range_lu, 1),
            number(album.true_peak_dbtp, 1),
        );
    }
    out.push_str("</tbody></table></div></section>\n");
}

/// The answer about one file.
pub(crate) fn section(out: &mut String, track: &Track, rules: &[(String, Rule)]) {
    let verdicts = track.verdicts(rules);
    out.push_str("<section class=\"answer\">\n");
    verdict_line(out, &verdicts);
    out.push_str("<div class=\"two\">");
    table(out, track);
    blocks(out, track);
    out.push_str("</div></section>\n");
    playback(out, &verdicts);
}

type Judged<'a> = (&'a str, &'a Rule, Verdict);

/// `Ready for Spotify and CD. Not for EBU R 128 (too loud, 9.1 LU).`
fn verdict_line(out: &mut String, verdicts: &[Judged<'_>]) {
    let of = |state: State| verdicts.iter().filter(move |(_, _, verdict)| verdict.state == state);
    let name = |rule: &Rule| Text::new(rule.name.as_str()).to_string();
    out.push_str("<p class=\"verdict\">");
    let ready: Vec<String> = of(State::Within).map(|(_, rule, _)| name(rule)).collect();
    if !ready.is_empty() {
        let _ = write!(out, "<span class=\"ok\">Ready for {}.</span> ", listed(&ready));
    }
    let not: Vec<String> = of(State::Outside)
        .map(|(_, rule, verdict)| format!("{} ({})", name(rule), sentence(&verdict.brief)))
        .collect();
    if !not.is_empty() {
        let _ = write!(out, "<span class=\"no\">Not for {}.</span> ", listed(&not));
    }
    let unknown: Vec<String> = of(State::Unknown).map(|(_, rule, _)| name(rule)).collect();
    if !unknown.is_empty() {
        let _ = write!(out, "<span class=\"unknown\">Not known for {}.</span>", listed(&unknown));
    }
    out.push_str("</p>\n");
}

/// `a, b and c`.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A row of the table: name, digits, unit, the value of a version.
type RowOf = (&'static str, usize, &'static str, fn(&Version) -> Option<f64>);

const ROWS: [RowOf; 13] = [
    ("integrated loudness", 1, "LUFS", |v| v.portrait.measured.integrated_lufs),
    ("loudest 3 s", 1, "LUFS", |v| v.portrait.measured.max_short_term_lufs),
    ("loudest 400 ms", 1, "LUFS", |v| v.portrait.measured.max_momentary_lufs),
    ("loudness range", 1, "LU", |v| v.portrait.measured.loudness_range_lu),
    ("true peak", 1, "dBTP", |v| v.portrait.measured.true_peak_dbtp),
    ("sample peak", 1, "dBFS", |v| v.portrait.measured.sample_peak_dbfs),
    ("peak to loudness", 1, "LU", |v| v.portrait.measured.plr_lu),
    ("densest 3 s", 1, "LU", |v| v.portrait.measured.min_psr_lu),
    ("noise floor", 1, "dBFS", |v| v.portrait.floor_dbfs),
    ("DC, largest", 1, "dBFS", |v| {
        v.portrait.measured.channels.iter().filter_map(|channel| channel.dc_dbfs).reduce(f64::max)
    }),
    ("correlation", 2, "", |v| v.portrait.measured.correlation),
    ("right over left", 1, "dB", |v| v.portrait.measured.balance_db),
    ("clipped runs", 0, "", |v| Some(v.portrait.clipped.runs as f64)),
];

fn table(out: &mut String, track: &Track) {
    let after = &track.after;
    out.push_str("<table class=\"figures\"><thead><tr><th></th>");
    if track.before.is_some() {
        out.push_str("<th>before</th><th>after</th><th>change</th><th></th></tr></thead><tbody>\n");
    } else {
        out.push_str("<th></th><th></th></tr></thead><tbody>\n");
    }
    for (name, digits, unit, value) in ROWS {
        let now = value(after);
        let _ = write!(out, "<tr><th>{name}</th>");
        if let Some(before) = &track.before {
            let then = value(before);
            let change = then.zip(now).map(|(then, now)| now - then);
            let change = if change.is_some() { signed(change, digits) } else { String::new() };
            let _ = write!(
                out,
                "<td>{}</td><td class=\"now\">{}</td><td>{change}</td>",
                number(then, digits),
                number(now, digits)
            );
        } else {
            let _ = write!(out, "<td class=\"now\">{}</td>", number(now, digits));
        }
        let _ = writeln!(out, "<td class=\"of\">{unit}</td></tr>");
    }
    for (name, value) in [("bits used", bits as fn(&Version) -> String), ("silence, head and tail", silence)]
    {
        let _ = write!(out, "<tr><th>{name}</th>");
        if let Some(before) = &track.before {
            let _ = write!(
                out,
                "<td class=\"nowrap\">{}</td><td class=\"now nowrap\">{}</td><td></td>",
                value(before),
                value(after)
            );
        } else {
            let _ = write!(out, "<td class=\"now\">{}</td>", value(after));
        }
        out.push_str("<td></td></tr>\n");
    }
    out.push_str("</tbody></table>\n");
}

fn bits(version: &Version) -> String {
    let used = version.portrait.used_bits.map_or_else(|| "float".to_owned(), |bits| bits.to_string());
    version.bits.map_or_else(|| used.clone(), |bits| format!("{used} of {bits}"))
}

fn silence(version: &Version) -> String {
    let (head, tail) = version.portrait.silence_s;
    format!("{head:.2}, {tail:.2} s")
}

/// How far up the block drawing reaches, in dB.
const TOP_DB: f64 = 3.0;

/// A block for each version: peaks on top, a box for the range, a line for loudness.
fn blocks(out: &mut String, track: &Track) {
    out.push_str(
        "<figure class=\"blocks\"><figcaption><b>Loudness and peaks</b><i>box: loudness range; line: integrated; \
         whisker: up to the true peak</i></figcaption><div class=\"area\" style=\"--h:290px\">",
    );
    let lowest = track.versions().filter_map(|version| version.portrait.range()).map(|range| range.0);
    let bottom = lowest.fold(-20.0, f64::min).clamp(-56.0, -20.0);
    let steps = (-bottom / 6.0).ceil() as i32;
    let bottom = -6.0 * f64::from(steps);
    let place = |db: f64| ((db - bottom) / (TOP_DB - bottom)).clamp(0.0, 1.0) * 100.0;
    for db in (0..=steps).map(|n| -6 * n) {
        let at = place(f64::from(db));
        let _ = write!(
            out,
            "<span class=\"rule\" style=\"bottom:{at:.1}%\"></span><span class=\"y\" style=\"bottom:{at:.1}%\">{}</span>",
            number(Some(f64::from(db)), 0)
        );
    }
    let versions = track.before.iter().map(|version| ("before", version)).chain([("after", &track.after)]);
    let versions: Vec<_> = versions.collect();
    let width = 100.0 / versions.len() as f64;
    for (n, (class, version)) in versions.iter().enumerate() {
        block(out, (n as f64 + 0.5) * width, class, version, &place);
    }
    out.push_str("</div></figure>\n");
}

/// One block, its middle `middle` per cent from the left.
fn block(out: &mut String, middle: f64, class: &str, version: &Version, place: &dyn Fn(f64) -> f64) {
    let measured = &version.portrait.measured;
    let _ = write!(out, "<span class=\"x\" style=\"left:{middle:.1}%\">{class}</span>");
    let (Some(loudness), Some(peak)) = (measured.integrated_lufs, measured.true_peak_dbtp) else {
        return;
    };
    let span = |from: f64, to: f64| (place(from), (place(to) - place(from)).max(0.4));
    let (bottom, height) = span(loudness, peak);
    let _ = write!(
        out,
        "<span class=\"whisker {class}\" style=\"left:{middle:.1}%;bottom:{bottom:.1}%;height:{height:.1}%\"></span>\
             <span class=\"tip {class}\" style=\"left:{middle:.1}%;bottom:{:.1}%\">{}</span>",
        place(peak),
        signed(Some(peak), 1)
    );
    if let Some((low, high)) = version.portrait.range() {
        let (bottom, height) = span(low, high);
        let _ = write!(
            out,
            "<span class=\"box-range {class}\" style=\"left:{middle:.1}%;bottom:{bottom:.1}%;height:{height:.1}%\"></span>"
        );
    }
    let _ = write!(
        out,
        "<span class=\"bar {class}\" style=\"left:{middle:.1}%;bottom:{:.1}%\"><b>{}</b></span>",
        place(loudness),
        number(Some(loudness), 1)
    );
}

/// What every service does with it, and every standard says.
fn playback(out: &mut String, verdicts: &[Judged<'_>]) {
    out.push_str(
        "<section class=\"keep\"><h2>Playback and delivery</h2><div class=\"scroll\"><table class=\"playback\"><thead><tr>\
         <th></th><th>reference</th><th>plays it</th><th>at</th><th>peaks</th><th>what to know</th><th>source</th></tr>\
         </thead><tbody>\n",
    );
    for (_, rule, verdict) in verdicts {
        let class = match verdict.state {
            State::Within => "ok",
            State::Outside => "no",
            State::Unknown => "unknown",
        };
        let reference = match (rule.target_lufs, rule.range_lufs) {
            (Some(target), _) => format!("{} LUFS", number(Some(target), 0)),
            (None, Some((low, high))) => {
                format!("{} to {} LUFS", number(Some(low), 0), number(Some(high), 0))
            }
            _ => "–".to_owned(),
        };
        let [plays, at, peaks] = played(rule, verdict.playback);
        let told = verdict.findings.iter().map(|finding| finding.text.clone());
        let told: Vec<String> = held(verdict.playback).into_iter().chain(told).collect();
        let told = match (told.is_empty(), verdict.state) {
            (false, _) => told.join("; "),
            (true, State::Unknown) => "see the sources below".to_owned(),
            (true, _) if rule.kind == Kind::Standard => "in spec".to_owned(),
            _ => String::new(),
        };
        let _ = writeln!(
            out,
            "<tr class=\"{class}\"><th>{}</th><td>{reference}</td><td>{plays}</td><td>{at}</td><td>{peaks}</td>\
             <td class=\"words\">{}</td><td class=\"of\">{}</td></tr>",
            Text::new(rule.name.as_str()),
            sentence(&told),
            rule.grade.words()
        );
    }
    out.push_str("</tbody></table></div></section>\n");
}

/// How it is played, how loud that is, and where its peaks are then.
fn played(rule: &Rule, playback: Option<Playback>) -> [String; 3] {
    let Some(playback) = playback else {
        let plays = if rule.kind == Kind::Service { "unknown" } else { "" };
        return [plays.to_owned(), String::new(), String::new()];
    };
    let gain = match playback.gain_db {
        gain if gain > 0.05 => format!("{} dB louder", number(Some(gain), 1)),
        gain if gain < -0.05 => format!("{} dB softer", number(Some(-gain), 1)),
        _ => "as it is".to_owned(),
    };
    let at = format!("{} LUFS", number(Some(playback.loudness_lufs), 1));
    [gain, at, format!("{} dBTP", number(playback.true_peak_dbtp, 1))]
}

/// What keeps a service from turning it up as far as its target says.
fn held(playback: Option<Playback>) -> Option<String> {
    match playback?.held? {
        Held::Headroom { missing_db } => {
            Some(format!("{missing_db:.1} dB short of its target, for peaks leave no more room"))
        }
        Held::Limiter { down_db } => Some(format!("its limiter takes up to {down_db:.1} dB off")),
    }
}
