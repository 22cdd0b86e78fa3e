//! Wires through graphs that stand in the place of nodes, to the nodes themselves.

use super::connect::{Element, Ending, Feeds, Link, Source, Target, Wired};
use crate::model::{From, To, Wire};

/// Follows every link to the nodes at its ends. Wires between nodes go to `wires`; those at the file's own ends are
/// given back.
pub(super) fn see_through(
    elements: &[Element],
    links: &[Link],
    feeds: &Feeds,
    (inputs, outputs): (usize, usize),
    wires: &mut Vec<Wire>,
) -> Wired {
    let mut wired = Wired { uses: vec![Vec::new(); inputs], sources: vec![None; outputs] };
    for link in links {
        let (Some(from), Some(to)) = (link.from, link.to) else { continue };
        let endings = match to {
            Target::Output(output) => {
                let from = origin_of(elements, links, feeds, from);
                wired.sources[output] = from.map(|from| (from, link.origin.clone()));
                continue;
            }
            Target::Element(element, port) => endings(&elements[element], port, link),
        };
        if endings.is_empty() {
            continue;
        }
        match origin_of(elements, links, feeds, from) {
            Some(From::Input(input)) => wired.uses[input].extend(endings),
            Some(from) => wires.extend(endings.into_iter().map(|end| Wire {
                from,
                to: To::Node(end.node, end.port),
                origin: end.origin,
            })),
            None => {}
        }
    }
    wired
}

/// Where a link that ends at a port of an element really ends.
fn endings(element: &Element, port: usize, link: &Link) -> Vec<Ending> {
    let origin = &link.origin;
    match element {
        Element::Node(node, ports) => {
            let required = ports.inputs.get(port).is_some_and(|port| port.required);
            vec![Ending { node: *node, port, required, origin: origin.clone() }]
        }
        Element::Graph(used) => {
            let inner = used.wired.uses.get(port).into_iter().flatten();
            inner.map(|ending| Ending { origin: origin.clone(), ..ending.clone() }).collect()
        }
        _ => Vec::new(),
    }
}

/// Where a wire really begins. `None` where something on the way is unknown or goes in a circle.
fn origin_of(elements: &[Element], links: &[Link], feeds: &Feeds, source: Source) -> Option<From> {
    let mut source = source;
    // Every step leads through another element, unless it is a circle.
    for _ in 0..=elements.len() {
        let (element, port) = match source {
            Source::Input(input) => return Some(From::Input(input)),
            Source::Element(element, port) => (element, port),
        };
        let input = match &elements[element] {
            Element::Node(node, _) => return Some(From::Node(*node, port)),
            Element::Bypassed { .. } => 0,
            Element::Graph(used) => match used.wired.sources.get(port)?.as_ref()?.0 {
                From::Input(input) => input,
                inner => return Some(inner),
            },
            Element::Mistyped | Element::Unknown => return None,
        };
        source = links[*feeds.get(&Target::Element(element, input))?].from?;
    }
    None
}
