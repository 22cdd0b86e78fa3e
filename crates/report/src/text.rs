//! Texts from outside, which never become markup.

use std::fmt;

/// A text that may come from anywhere: a file's name, a title, a rule. Shown, it is escaped for HTML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    /// Takes a text as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text as it was, for JSON.
    #[must_use]
    pub fn plain(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' | '\t' => fmt::Write::write_char(f, c)?,
                // What is not to be seen, or turns the direction of what stands around it.
                c if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {
                    f.write_str("\u{fffd}")?;
                }
                c => fmt::Write::write_char(f, c)?,
            }
        }
        Ok(())
    }
}

/// A sentence with numbers in it, their minus signs real ones.
pub(crate) fn sentence(text: &str) -> Text {
    let mut shown = String::new();
    for (at, c) in text.char_indices() {
        let begins = !text[..at].ends_with(|before: char| before.is_alphanumeric());
        let number = text[at + c.len_utf8()..].starts_with(|next: char| next.is_ascii_digit());
        shown.push(if c == '-' && begins && number { '\u{2212}' } else { c });
    }
    Text::new(shown)
}

/// JSON that may stand inside a `<script>`: nothing in it can end the element.
#[must_use]
pub(crate) fn script_json(value: &serde_json::Value) -> String {
    let mut text = String::new();
    for c in value.to_string().chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => text.push_str(&format!("\\u{:04x}", c as u32)),
            c => text.push(c),
        }
    }
    text
}

/// A number with a real minus sign; a dash for none.
pub(crate) fn number(value: Option<f64>, digits: usize) -> String {
    let Some(value) = value else { return "–".to_owned() };
    let text = format!("{value:.digits$}");
    let zero = text.trim_start_matches('-').chars().all(|c| c == '0' || c == '.');
    if zero { text.trim_start_matches('-').to_owned() } else { text.replace('-', "\u{2212}") }
}

/// The same with a plus where it is one.
pub(crate) fn signed(value: Option<f64>, digits: usize) -> String {
    let text = number(value, digits);
    let positive = value.is_some_and(|value| value > 0.0) && text.chars().any(|c| ('1'..='9').contains(&c));
    if positive { format!("+{text}") } else { text }
}

/// `3:42.2`, `1:02:33`.
pub(crate) fn time(seconds: f64) -> String {
    let tenths = (seconds * 10.0).round() as u64;
    let (hours, minutes) = (tenths / 36_000, tenths / 600 % 60);
    let (rest, tenth) = (tenths / 10 % 60, tenths % 10);
    if hours > 0 { format!("{hours}:{minutes:02}:{rest:02}") } else { format!("{minutes}:{rest:02}.{tenth}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!((number(Some(-14.04), 1), signed(Some(0.04), 1)), ("\u{2212}14.0".into(), "0.0".into()));
        assert_eq!((number(Some(-0.04), 1), signed(Some(2.0), 1)), ("0.0".into(), "+2.0".into()));
        assert_eq!(
            (number(None, 1), time(222.18), time(3753.0)),
            ("–".into(), "3:42.2".into(), "1:02:33".into())
        );
    }

    proptest! {
        #[test]
        fn no_text_becomes_markup(text in ".*") {
            let shown = Text::new(text.clone()).to_string();
            prop_assert!(!shown.contains(['<', '>', '"', '\'']));
            let json = script_json(&serde_json::json!(text));
            prop_assert!(!json.contains(['<', '>', '&']));
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
