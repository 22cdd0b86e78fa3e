//! The sheet for people.

use super::{SheetSide, SideSheet, between, clock, tenths};
use crate::paper::{Shown, files, head};
use std::fmt::Write as _;

/// How the columns are called, and the class of each.
const COLUMNS: [(&str, &str); 6] =
    [("track", "n"), ("start", "n"), ("length", "n"), ("gap", "n"), ("ISRC", "code"), ("title", "words")];

pub(super) fn write(sheet: &SideSheet) -> String {
    let mut out = String::new();
    let title = sheet.title.trim();
    let title = if title.is_empty() { "Untitled" } else { title };
    head(&mut out, "PQ sheet of sides", title, &sheet.performer);
    for (name, value) in sheet.facts().iter().filter(|(name, _)| !matches!(*name, "title" | "artist")) {
        let _ = writeln!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", Shown(value));
    }
    out.push_str("</dl>\n");
    notes(&mut out, &sheet.notes);
    sheet.sides.iter().for_each(|side| write_side(&mut out, sheet, side));
    let all: Vec<_> = sheet.sides.iter().map(|side| side.file.clone()).collect();
    files(&mut out, &all);
    out.push_str(
        "<div class=\"sign\"><span>approved by</span><span>date</span></div>\n\
         <footer>Times are minutes and seconds from the beginning of the file of the side. A length goes to where the next \
         gap begins, or the next track. What is estimated of a cut or a copy is for the one who makes it to judge.\
         </footer>\n</body>\n</html>\n",
    );
    out
}

fn write_side(out: &mut String, sheet: &SideSheet, side: &SheetSide) {
    let _ =
        write!(out, "<section><h2>Side {}</h2><div class=\"scroll\"><table><thead><tr>", Shown(&side.name));
    for (name, class) in COLUMNS {
        let _ = write!(out, "<th class=\"{class}\">{name}</th>");
    }
    out.push_str("</tr></thead><tbody>\n");
    for track in &side.tracks {
        let title = if track.performer.is_empty() || track.performer == sheet.performer {
            track.title.clone()
        } else {
            format!("{} · {}", track.title, track.performer)
        };
        let (start, length) = (clock(track.start_s), clock(track.length_s));
        let cells = [&track.number, &start, &length, &between(track), &track.isrc, &title];
        out.push_str("<tr class=\"track\">");
        for (cell, (_, class)) in cells.into_iter().zip(COLUMNS) {
            let _ = write!(out, "<td class=\"{class}\">{}</td>", Shown(cell));
        }
        out.push_str("</tr>\n");
    }
    let minus = |text: String| text.replace('-', "\u{2212}");
    let _ = writeln!(
        out,
        "</tbody></table></div><p class=\"sub\">{} · {} LUFS · {} dBTP · {}</p>",
        clock(side.length_s),
        minus(tenths(side.loudness.integrated_lufs)),
        minus(tenths(side.loudness.true_peak_dbtp)),
        Shown(&side.file.name)
    );
    if !side.figures.is_empty() {
        out.push_str("<dl class=\"figures\">\n");
        for figure in &side.figures {
            let number = minus(figure.number());
            let place = figure.at_s.map_or_else(String::new, |at| format!(", at {}", clock(at)));
            let value = match number.as_str() {
                "" => "none".to_owned(),
                number => format!("{number} {}{place}", figure.unit),
            };
            let _ = writeln!(out, "<div><dt>{}</dt><dd>{}</dd></div>", Shown(&figure.name), Shown(&value));
        }
        out.push_str("</dl>\n");
    }
    out.push_str(&side.drawing);
    notes(out, &side.notes);
    out.push_str("</section>\n");
}

/// What should be known.
fn notes(out: &mut String, notes: &[String]) {
    if notes.is_empty() {
        return;
    }
    out.push_str("<ul>\n");
    for note in notes {
        let _ = writeln!(out, "<li>{}</li>", Shown(note));
    }
    out.push_str("</ul>\n");
}
