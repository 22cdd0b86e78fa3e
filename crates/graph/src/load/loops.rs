//! Loops of wires, each named as a whole.

use super::connect::{Link, Onward, Source};
use super::document::Document;
use crate::diagnostic::{Code, Diagnostic};

/// Loops that are said; more help nobody.
const LOOPS: usize = 16;
/// Wires of a loop that are shown; the rest of a long one is left out.
const SHOWN: usize = 10;

#[derive(Clone, Copy, PartialEq)]
enum Mark {
    New,
    Open,
    Done,
}

/// A step of the search: an element, the wire that leads on next, and the wire that led here.
struct Step {
    element: usize,
    next: usize,
    by: Option<usize>,
}

/// Finds loops, each once.
pub(super) fn loops(document: &Document, links: &[Link], onward: &Onward, errors: &mut Vec<Diagnostic>) {
    let mut marks = vec![Mark::New; onward.len()];
    let mut found = Vec::new();
    for start in 0..onward.len() {
        if marks[start] == Mark::New {
            search(start, onward, &mut marks, &mut found);
        }
    }
    errors.extend(found.iter().filter_map(|wires| describe(document, links, wires)));
}

/// Depth first without recursion: a graph may have thousands of nodes in a row.
fn search(start: usize, onward: &Onward, marks: &mut [Mark], found: &mut Vec<Vec<usize>>) {
    let mut path = vec![Step { element: start, next: 0, by: None }];
    marks[start] = Mark::Open;
    while let Some(step) = path.last_mut() {
        let Some(&(wire, target)) = onward[step.element].get(step.next) else {
            marks[step.element] = Mark::Done;
            path.pop();
            continue;
        };
        step.next += 1;
        match marks[target] {
            Mark::New => {
                marks[target] = Mark::Open;
                path.push(Step { element: target, next: 0, by: Some(wire) });
            }
            Mark::Open if found.len() < LOOPS => {
                let begin = path.iter().position(|step| step.element == target).unwrap_or(0);
                found.push(path[begin + 1..].iter().filter_map(|step| step.by).chain([wire]).collect());
            }
            Mark::Open | Mark::Done => {}
        }
    }
}

fn describe(document: &Document, links: &[Link], wires: &[usize]) -> Option<Diagnostic> {
    let name = |wire: &usize| match links[*wire].from {
        Some(Source::Element(element, _)) => document.nodes[element].name.as_str(),
        _ => "input",
    };
    let mut names: Vec<&str> = wires.iter().map(name).collect();
    names.extend(names.first().copied());
    let (closing, others) = wires.split_last()?;
    let at = |wire: usize| (document.file, links[wire].origin.span.clone());
    let shown = if names.len() <= SHOWN + 1 {
        names.join(" -> ")
    } else {
        let (first, last) = (&names[..SHOWN / 2], &names[names.len() - SHOWN / 2..]);
        format!("{} -> … -> {}", first.join(" -> "), last.join(" -> "))
    };
    let message = format!("these wires close a loop: {shown}");
    let label = "feeds the graph back into itself";
    let mut diagnostic = Diagnostic::new(Code::Loop, message, at(*closing), label);
    for (number, wire) in others.iter().enumerate().take(SHOWN) {
        let label = format!("{}: {} to {}", number + 1, names[number], names[number + 1]);
        diagnostic = diagnostic.related(at(*wire), label);
    }
    let note = "audio runs from input to output once; feedback belongs inside a node";
    Some(diagnostic.note(note).help("take one of these wires away"))
}
