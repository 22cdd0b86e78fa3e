//! Pages for people: one page of HTML, which needs nothing beside it.

use crate::pq_sheet::SheetFile;
use std::fmt;
use std::fmt::Write as _;

const STYLE: &str = include_str!("style.css");

/// How a page of some kind begins, up to the list of its facts.
pub(crate) fn head(out: &mut String, kind: &str, title: &str, performer: &str) {
    let (title, performer) = (Shown(title), Shown(performer));
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width,initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{kind}: {title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <header><p class=\"kind\">{kind}</p><h1>{title}</h1><p class=\"sub\">{performer}</p></header>\n<dl>\n"
    );
}

/// The list of files, if there are any.
pub(crate) fn files(out: &mut String, files: &[SheetFile]) {
    if files.is_empty() {
        return;
    }
    out.push_str(
        "<section><h2>Files</h2><div class=\"scroll\"><table><thead><tr><th class=\"words\">name</th>\
         <th class=\"code\">MD5</th><th class=\"n\">bytes</th></tr></thead><tbody>\n",
    );
    for file in files {
        let _ = writeln!(
            out,
            "<tr><td class=\"words\">{}</td><td class=\"code\">{}</td><td class=\"n\">{}</td></tr>",
            Shown(&file.name),
            Shown(&file.md5),
            file.bytes
        );
    }
    out.push_str("</tbody></table></div></section>\n");
}

/// A text that may come from anywhere. Shown, it is escaped for HTML.
pub(crate) struct Shown<'a>(pub(crate) &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
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
