//! The pages of `docs/errors`, taken apart: their titles, and the graphs that fail and work.

use std::path::Path;

/// A graph on a page.
#[derive(Clone, Debug)]
pub struct Block {
    /// `fail`, `fix`, `engine-fail` or `engine-fix`.
    pub kind: String,
    /// The file it stands for; `main.ron` where the page does not say.
    pub file: String,
    /// Its text.
    pub text: String,
}

/// The page of a code.
#[derive(Clone, Debug)]
pub struct Page {
    /// The code, as in `DW0102`.
    pub code: String,
    /// What stands behind the code in the first line.
    pub title: String,
    /// Its graphs.
    pub blocks: Vec<Block>,
    /// Whether it shows a command.
    pub console: bool,
}

/// All pages in `folder`, in the order of their codes.
pub fn pages(folder: &Path) -> Vec<Page> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("DW"))
        .collect();
    names.sort();
    names.iter().map(|name| page(name, &std::fs::read_to_string(folder.join(name)).unwrap())).collect()
}

fn page(name: &str, text: &str) -> Page {
    let code = name.trim_end_matches(".md").to_owned();
    let first = text.lines().next().unwrap_or_default();
    let title = first.strip_prefix(&format!("# {code}: ")).unwrap_or_default().to_owned();
    let (mut blocks, mut open): (Vec<Block>, Option<Block>) = (Vec::new(), None);
    for line in text.lines() {
        if let Some(block) = &mut open {
            if line == "```" {
                blocks.extend(open.take());
            } else {
                block.text.push_str(line);
                block.text.push('\n');
            }
        } else if let Some(words) = line.strip_prefix("```ron ") {
            let mut words = words.split(' ');
            let kind = words.next().unwrap_or_default().to_owned();
            let file =
                words.next().and_then(|word| word.strip_prefix("file=")).unwrap_or("main.ron").to_owned();
            open = Some(Block { kind, file, text: String::new() });
        }
    }
    Page { code, title, blocks, console: text.contains("```console") }
}

impl Page {
    /// The files of the graph of that kind; empty when the page has none.
    pub fn graph(&self, kind: &str) -> Vec<&Block> {
        self.blocks.iter().filter(|block| block.kind == kind).collect()
    }
}
