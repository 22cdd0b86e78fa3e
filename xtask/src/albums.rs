//! What is generated about albums: the tables of everything that may stand in one, behind the page that a person has written, and
//! the schema.

use crate::{TaskError, read, root};
use deadwax_album::parts::{ALBUM, Absent, Form, Inside, Part, Shape};
use std::fmt::Write as _;
use std::path::PathBuf;

/// From here on the page is generated.
const MARK: &str = "<!-- made by `cargo xtask codegen` from here on -->\n";

/// Every generated file about albums, with what belongs in it.
pub(crate) fn files() -> Result<Vec<(PathBuf, String)>, TaskError> {
    let path = root().join("docs/albums.md");
    let page = read(&path)?;
    let said = page.split(MARK).next().unwrap_or_default().trim_end();
    let page = format!("{said}\n\n{MARK}{}", tables());
    let schema = serde_json::to_string_pretty(&deadwax_album::schema()).unwrap_or_default();
    Ok(vec![(path, page), (root().join("docs/schema/album.json"), schema + "\n")])
}

/// A table for every form that has parts, in the order in which one comes across them.
fn tables() -> String {
    let mut text = String::from(
        "\n## Every part\n\n\"–\" is what the document cannot be without. Where a part is one of several forms, each form that has parts \
         of its own has a table below.\n",
    );
    let mut forms: Vec<(String, &'static Form)> = Vec::new();
    collect(ALBUM.name.to_owned(), &ALBUM, &mut forms);
    for (title, form) in forms {
        let _ = write!(
            text,
            "\n### {title}\n\n{}.\n\n| part | what may stand there | default | what it is |\n|---|---|---|---|\n",
            capital(form.help)
        );
        form.parts().for_each(|part| row(&mut text, part));
    }
    text
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Notes a form, and those in it, each once.
fn collect(title: String, form: &'static Form, found: &mut Vec<(String, &'static Form)>) {
    let known = |other: &(String, &'static Form)| other.1.what == form.what && other.1.help == form.help;
    if form.parts().next().is_none() || found.iter().any(known) {
        return;
    }
    found.push((title, form));
    form.parts().for_each(|part| inside(part.name, &part.shape, found));
}

fn inside(name: &str, shape: &'static Shape, found: &mut Vec<(String, &'static Form)>) {
    match shape {
        Shape::Record(form) if form.name.is_empty() => collect(format!("`{name}: (…)`"), form, found),
        Shape::Record(form) => collect(format!("`{}(…)`", form.name), form, found),
        Shape::Forms(forms) => {
            for form in *forms {
                collect(format!("`{}(…)`", form.name), form, found);
                if let Inside::One(shape) = form.inside {
                    inside(name, shape, found);
                }
            }
        }
        Shape::Either(shapes) => shapes.iter().for_each(|shape| inside(name, shape, found)),
        Shape::List { of, .. } | Shape::Map { of, .. } => inside(name, of, found),
        _ => {}
    }
}

fn row(text: &mut String, part: &'static Part) {
    let default = match part.absent {
        Absent::Refused => "–".to_owned(),
        Absent::Is("\"\"") => "nothing".to_owned(),
        Absent::Is(value) => format!("`{value}`"),
        Absent::Means(words) => words.to_owned(),
    };
    let choices = choices(&part.shape);
    let _ =
        writeln!(text, "| `{}` | {} | {default} | {}{choices} |", part.name, part.shape.words(), part.help);
}

/// What each of the bare words and forms means that may stand in a part.
fn choices(shape: &'static Shape) -> String {
    let forms = match shape {
        Shape::List { of, .. } | Shape::Map { of, .. } => of.forms(),
        other => other.forms(),
    };
    // The page explains lengths once for all.
    let is_length = |form: &&Form| matches!(form.name, "Seconds" | "Samples" | "CdFrames");
    let each = forms.iter().filter(|form| !is_length(form));
    let each: Vec<String> = each.map(|form| format!("`{}` {}", form.written(), form.help)).collect();
    if each.is_empty() { String::new() } else { format!(": {}", each.join("; ")) }
}
