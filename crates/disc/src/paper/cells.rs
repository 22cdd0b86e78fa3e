//! Cells of sheets for spreadsheets.

/// A line of cells, which are safe already.
pub(crate) fn line(out: &mut String, cells: &[String]) {
    out.push_str(&cells.join(","));
    out.push_str("\r\n");
}

/// A text from outside. Quotes alone keep no spreadsheet from computing it: what begins like a formula, in the letters of any
/// keyboard, gets an apostrophe in front (OWASP, "CSV injection").
pub(crate) fn cell(text: &str) -> String {
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
