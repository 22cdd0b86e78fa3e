//! The sheet for spreadsheets.

use super::{COLUMNS, Row, Sheet};

pub(super) fn write(sheet: &Sheet<'_>) -> String {
    let mut out = String::new();
    for (name, value) in sheet.facts() {
        line(&mut out, &[name.to_owned(), cell(&value)]);
    }
    out.push_str("\r\n");
    line(&mut out, &COLUMNS.map(str::to_owned));
    for row in sheet.rows() {
        let Row { track, index, start, length, gap, isrc, flags, .. } = row;
        let texts = [cell(&row.title), cell(&row.performer)];
        let places = [track, index, start, length, gap, isrc, flags];
        // The last two are numbers of ours, whose minus is meant.
        line(&mut out, &places.into_iter().chain(texts).chain([row.lufs, row.dbtp]).collect::<Vec<_>>());
    }
    if !sheet.files.is_empty() {
        out.push_str("\r\n");
        line(&mut out, &["file", "MD5", "bytes"].map(str::to_owned));
        for file in &sheet.files {
            line(&mut out, &[cell(&file.name), cell(&file.md5), file.bytes.to_string()]);
        }
    }
    out
}

fn line(out: &mut String, cells: &[String]) {
    out.push_str(&cells.join(","));
    out.push_str("\r\n");
}

/// A text from outside. Quotes alone keep no spreadsheet from computing it: what begins like a formula, in the letters of any
/// keyboard, gets an apostrophe in front (OWASP, "CSV injection").
fn cell(text: &str) -> String {
    let shown: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let formula = shown
        .trim_start_matches(|letter: char| letter.is_whitespace() || unseen(letter))
        .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '−', '|', '%']);
    let apostrophe = if formula { "'" } else { "" };
    if formula || shown.contains(['"', ',', ';', '\t']) || shown.trim() != shown {
        format!("\"{apostrophe}{}\"", shown.replace('"', "\"\""))
    } else {
        shown
    }
}

/// Letters that take no room, behind which a formula might hide.
fn unseen(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn no_cell_is_a_formula() {
        for (text, is) in [
            ("=1+1", "\"'=1+1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            (" \u{200b}-2", "\"' \u{200b}-2\""),
            ("\t=\"x\"", "\"' =\"\"x\"\"\""),
            ("One, two", "\"One, two\""),
            ("two\nlines", "two lines"),
            ("plain - really", "plain - really"),
        ] {
            assert_eq!(cell(text), is);
        }
    }
}
