//! A clone of Deadwax itself, and what a new node is written into there: the `mod` line of its family, the line of the
//! roster.

use super::name::NodeName;
use deadwax_node::Family;
use std::path::{Path, PathBuf};

/// Where the roster of the library stands.
const ROSTER: &str = "nodes/src/lib.rs";

/// The top of the clone that `folder` lies in, if it does.
pub(super) fn clone_around(folder: &Path) -> Option<PathBuf> {
    let is_clone = |folder: &&Path| {
        let roster = std::fs::read_to_string(folder.join(ROSTER)).unwrap_or_default();
        roster.contains("pub fn roster(registry: &mut Registry)") && folder.join("crates/node").is_dir()
    };
    folder.ancestors().find(is_clone).map(Path::to_owned)
}

/// `tone`, as the family's folder is called.
pub(super) fn folder_of(family: Family) -> String {
    format!("{family:?}").to_lowercase()
}

pub(super) fn roster(root: &Path) -> PathBuf {
    root.join(ROSTER)
}

pub(super) fn family_mod(root: &Path, family: Family) -> PathBuf {
    root.join("nodes/src").join(folder_of(family)).join("mod.rs")
}

pub(super) fn node_file(root: &Path, family: Family, name: &NodeName) -> PathBuf {
    root.join("nodes/src").join(folder_of(family)).join(format!("{}.rs", name.file))
}

/// The roster with the kind behind the others of its family; `None` where it has none.
pub(super) fn in_roster(text: &str, family: Family, name: &NodeName) -> Option<String> {
    let folder = folder_of(family);
    let lines: Vec<&str> = text.lines().collect();
    let last =
        lines.iter().rposition(|line| line.trim_start().starts_with(&format!(".register::<{folder}::")))?;
    let indent = lines[last].len() - lines[last].trim_start().len();
    let new = format!("{}.register::<{folder}::{}>()", " ".repeat(indent), name.kind);
    // The very last ends the sentence.
    let at = if lines[last].trim_end().ends_with(';') { last } else { last + 1 };
    Some(with_line(&lines, at, &new))
}

/// The family's `mod.rs` with the file and the kind in their places by name; `None` where it has another form.
pub(super) fn in_family(text: &str, name: &NodeName) -> Option<String> {
    let with_mod = sorted_in(text, "mod ", &format!("mod {};", name.file))?;
    sorted_in(&with_mod, "pub use ", &format!("pub use {}::{};", name.file, name.kind))
}

/// The text with a line among those that begin alike, in their order.
fn sorted_in(text: &str, begin: &str, new: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let alike = || lines.iter().enumerate().filter(|(_, line)| line.starts_with(begin));
    let (last, _) = alike().next_back()?;
    let mut at = alike().find(|(_, line)| **line > new).map_or(last + 1, |(at, _)| at);
    // What stands above a line may belong to it.
    while at > 0 && at <= last && lines[at - 1].starts_with("#[") {
        at -= 1;
    }
    Some(with_line(&lines, at, new))
}

fn with_line(lines: &[&str], at: usize, new: &str) -> String {
    let mut all = lines.to_vec();
    all.insert(at, new);
    all.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::{in_family, in_roster};
    use crate::new::NodeName;
    use deadwax_node::Family;

    #[test]
    fn lines_come_to_the_places_of_their_names() {
        let name = |text: &str| text.parse::<NodeName>().unwrap();
        let family =
            "//! Level.\n\n#[allow(x)]\nmod gain;\nmod mix;\n\npub use gain::Gain;\npub use mix::Mix;\n";
        let lift = in_family(family, &name("lift")).unwrap();
        assert_eq!(
            lift,
            family
                .replace("mod mix", "mod lift;\nmod mix")
                .replace("pub use mix", "pub use lift::Lift;\npub use mix")
        );
        let first = in_family(family, &name("above")).unwrap();
        assert!(first.contains("\nmod above;\n#[allow(x)]\nmod gain;"), "{first}");
        assert!(in_family(family, &name("zero")).unwrap().ends_with("pub use zero::Zero;\n"));
        let roster =
            "    registry\n        .register::<gain::Gain>()\n        .register::<probe::Probe>();\n}\n";
        let lines = |family| in_roster(roster, family, &name("lift"));
        assert!(
            lines(Family::Gain)
                .unwrap()
                .contains("Gain>()\n        .register::<gain::Lift>()\n        .register::<probe")
        );
        assert!(
            lines(Family::Probe)
                .unwrap()
                .contains(".register::<probe::Lift>()\n        .register::<probe::Probe>();")
        );
        assert_eq!(lines(Family::Tone), None);
    }
}
