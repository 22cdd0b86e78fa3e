//! The sheet for people.

use super::{Row, Sheet, spoken};
use crate::paper::{Shown, files, head};
use std::fmt::Write as _;

/// How the columns are called, and the class of each.
const COLUMNS: [(&str, &str); 10] = [
    ("track", "n"),
    ("index", "n"),
    ("start", "n"),
    ("length", "n"),
    ("gap", "n"),
    ("ISRC", "code"),
    ("flags", "code"),
    ("title", "words"),
    ("LUFS", "n"),
    ("dBTP", "n"),
];

pub(super) fn write(sheet: &Sheet<'_>) -> String {
    let mut out = String::new();
    let title = sheet.disc.texts.title.trim();
    let title = if title.is_empty() { "Untitled disc" } else { title };
    head(&mut out, "PQ sheet", title, &sheet.disc.texts.performer);
    for (name, value) in sheet.facts().iter().filter(|(name, _)| !matches!(*name, "title" | "artist")) {
        let _ = writeln!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", Shown(value));
    }
    out.push_str("</dl>\n");
    list(&mut out, sheet);
    files(&mut out, &sheet.files);
    out.push_str(
        "<div class=\"sign\"><span>approved by</span><span>date</span></div>\n\
         <footer>Times are minutes, seconds and 75ths from the beginning of the disc, its pause of two seconds \
         counted. A length goes to where the next gap begins, or the next track; gaps and lengths add up to the total.\
         </footer>\n</body>\n</html>\n",
    );
    out
}

fn list(out: &mut String, sheet: &Sheet<'_>) {
    out.push_str("<section><h2>Tracks</h2><div class=\"scroll\"><table><thead><tr>");
    for (name, class) in COLUMNS {
        let _ = write!(out, "<th class=\"{class}\">{name}</th>");
    }
    out.push_str("</tr></thead><tbody>\n");
    for row in sheet.rows() {
        let class = if row.begins { "track" } else { "index" };
        let title = titled(sheet, &row);
        let (lufs, dbtp) = (row.lufs.replace('-', "\u{2212}"), row.dbtp.replace('-', "\u{2212}"));
        let cells = [
            &row.track,
            &row.index,
            &row.start,
            &row.length,
            &row.gap,
            &row.isrc,
            &row.flags,
            &title,
            &lufs,
            &dbtp,
        ];
        let _ = write!(out, "<tr class=\"{class}\">");
        for (cell, (_, class)) in cells.into_iter().zip(COLUMNS) {
            let _ = write!(out, "<td class=\"{class}\">{}</td>", Shown(cell));
        }
        out.push_str("</tr>\n");
    }
    let length = spoken(sheet.disc.lead_out);
    let _ = writeln!(
        out,
        "</tbody></table></div><p class=\"sub\">{length} of playing time, without the pause that the disc begins with.</p></section>"
    );
}

/// The title of a track, and who plays, where it is not who plays the disc; what an index is, where it has no title.
fn titled(sheet: &Sheet<'_>, row: &Row) -> String {
    match (row.begins, row.track.as_str(), row.index.as_str()) {
        (true, _, _) if row.performer.is_empty() || row.performer == sheet.disc.texts.performer => {
            row.title.clone()
        }
        (true, _, _) => format!("{} · {}", row.title, row.performer),
        (false, "AA", _) => "lead-out".to_owned(),
        (false, "1", "00") if sheet.disc.marks().first().is_some_and(|mark| mark.index == 0) => {
            "pause, and what is hidden in front of track 1".to_owned()
        }
        (false, "1", "00") => "pause".to_owned(),
        (false, _, "00") => "gap".to_owned(),
        _ => String::new(),
    }
}
