//! The graph as an SVG picture: one file, no script, readable on white and on black.

use super::layout::{Layout, Place, lay_out};
use super::{Item, Link, Picture};
use crate::levels::Levels;
use deadwax_graph::Graph;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const BOX_HEIGHT: f64 = 52.0;
const END_HEIGHT: f64 = 34.0;
const ROW: f64 = 84.0;
const GAP: f64 = 78.0;
const MARGIN: f64 = 28.0;
/// Mean width of a letter at 15 px, bold, and at 12 px.
const TITLE_LETTER: f64 = 8.8;
const KIND_LETTER: f64 = 6.9;

const STYLE: &str = "
    text { font-family: system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; }
    .page { fill: #ffffff; }
    .box { fill: #f6f4ef; stroke: #3d3a36; stroke-width: 1.4; }
    .end { fill: #3d3a36; stroke: #3d3a36; }
    .off { stroke-dasharray: 5 4; fill: #ffffff; }
    .title { font-size: 15px; font-weight: 650; fill: #1f1d1b; }
    .on-dark { fill: #ffffff; }
    .kind { font-size: 12px; fill: #6b655d; }
    .said { paint-order: stroke; stroke: #ffffff; stroke-width: 3px; }
    .port { font-size: 11px; fill: #8a4b12; }
    .level { font-size: 10.5px; fill: #6b655d; }
    .wire { fill: none; stroke: #b0752f; stroke-width: 2.2; }
    .side { stroke-dasharray: 6 5; stroke-width: 1.8; }
    .dot { fill: #b0752f; }
    @media (prefers-color-scheme: dark) {
        .page { fill: #191816; }
        .box { fill: #262421; stroke: #b9b2a6; }
        .off { fill: #191816; }
        .end { fill: #b9b2a6; stroke: #b9b2a6; }
        .title { fill: #f2eee6; }
        .on-dark { fill: #191816; }
        .kind, .level { fill: #a79f92; }
        .said { stroke: #191816; }
        .port, .dot { fill: #e0a864; }
        .port { fill: #e0a864; }
        .wire { stroke: #cf9149; }
    }
";

/// A point in the picture.
#[derive(Clone, Copy)]
struct Point {
    x: f64,
    y: f64,
}

struct Drawing<'a> {
    picture: &'a Picture,
    layout: Layout,
    /// Left edge and width of every layer.
    columns: Vec<(f64, f64)>,
    /// Middle of every place, from the top.
    rows: Vec<Vec<f64>>,
    height: f64,
}

/// Draws the graph, with the level of every wire that was heard where it leaves.
#[must_use]
pub fn svg(graph: &Graph, levels: &Levels) -> String {
    let picture = Picture::of(graph, levels);
    let layout = lay_out(&picture);
    let drawing = Drawing::new(&picture, layout);
    let width = drawing.columns.last().map_or(0.0, |(x, width)| x + width) + MARGIN;
    let height = drawing.height;
    let title = if graph.about.title.is_empty() { &graph.name } else { &graph.about.title };
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" role=\"img\">\n<title>{}</title>\n<style>{STYLE}</style>\n\
         <rect class=\"page\" width=\"100%\" height=\"100%\"/>\n",
        escape(title)
    );
    for (number, link) in picture.links.iter().enumerate() {
        drawing.wire(&mut text, number, link);
    }
    for (number, item) in picture.items.iter().enumerate() {
        drawing.item(&mut text, number, item);
    }
    for (number, link) in picture.links.iter().enumerate() {
        drawing.labels(&mut text, number, link);
    }
    text.push_str("</svg>\n");
    text
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn width_of(item: &Item) -> f64 {
    let title = item.title.chars().count() as f64 * TITLE_LETTER;
    let kind = item.kind.chars().count() as f64 * KIND_LETTER;
    (title.max(kind) + 30.0).max(72.0)
}

fn height_of(item: &Item) -> f64 {
    if item.kind.is_empty() { END_HEIGHT } else { BOX_HEIGHT }
}

impl<'a> Drawing<'a> {
    fn new(picture: &'a Picture, layout: Layout) -> Self {
        let tallest = layout.layers.iter().map(Vec::len).max().unwrap_or(1) as f64;
        let (mut columns, mut x) = (Vec::new(), MARGIN);
        for layer in &layout.layers {
            let widths = layer.iter().map(|place| match place {
                Place::Item(item) => width_of(&picture.items[*item]),
                Place::Pass(_) => 0.0,
            });
            let width = widths.fold(40.0, f64::max);
            columns.push((x, width));
            x += width + GAP;
        }
        let row = |layer: &Vec<Place>| {
            let top = (tallest - layer.len() as f64) * ROW / 2.0;
            (0..layer.len()).map(|at| MARGIN + top + at as f64 * ROW + ROW / 2.0).collect()
        };
        let rows = layout.layers.iter().map(row).collect();
        Self { picture, layout, columns, rows, height: tallest * ROW + 2.0 * MARGIN }
    }

    fn middle(&self, place: Place, layer: usize) -> f64 {
        let at = self.layout.layers[layer].iter().position(|other| *other == place);
        at.map_or(self.height / 2.0, |at| self.rows[layer][at])
    }

    /// Left edge, middle and width of a box.
    fn frame(&self, item: usize) -> (f64, f64, f64) {
        let layer = self.layout.layer_of[item];
        let width = width_of(&self.picture.items[item]);
        let (x, column) = self.columns[layer];
        (x + (column - width) / 2.0, self.middle(Place::Item(item), layer), width)
    }

    /// How far from the middle of a box its line number `at` of `count` leaves or arrives.
    fn offset(at: usize, count: usize) -> f64 {
        let step = (BOX_HEIGHT - 16.0) / count.max(1) as f64;
        (at as f64 - (count as f64 - 1.0) / 2.0) * step.min(17.0)
    }

    /// Where a line leaves and arrives.
    fn ends(&self, number: usize, link: &Link) -> (Point, Point) {
        // Lines from one port leave together; lines that arrive are ordered by port, then from top to bottom.
        let ports: BTreeMap<usize, &str> = self
            .picture
            .links
            .iter()
            .enumerate()
            .filter(|(_, other)| other.from == link.from)
            .map(|(number, other)| (number, other.from_port.as_str()))
            .collect();
        let mut names: Vec<&str> = ports.values().copied().collect();
        names.dedup();
        let leave = names.iter().position(|name| *name == link.from_port).unwrap_or(0);
        let mut arriving: Vec<usize> =
            (0..self.picture.links.len()).filter(|other| self.picture.links[*other].to == link.to).collect();
        arriving.sort_by(|a, b| {
            let key = |number: usize| {
                let other = &self.picture.links[number];
                (other.to_port.clone(), self.last_height(number, other))
            };
            key(*a).0.cmp(&key(*b).0).then(key(*a).1.total_cmp(&key(*b).1))
        });
        let arrive = arriving.iter().position(|other| *other == number).unwrap_or(0);
        let (from_x, from_y, from_width) = self.frame(link.from);
        let (to_x, to_y, _) = self.frame(link.to);
        (
            Point { x: from_x + from_width, y: from_y + Self::offset(leave, names.len()) },
            Point { x: to_x, y: to_y + Self::offset(arrive, arriving.len()) },
        )
    }

    /// How high a line runs just before it arrives.
    fn last_height(&self, number: usize, link: &Link) -> f64 {
        let before = self.layout.layer_of[link.to].saturating_sub(1);
        if before > self.layout.layer_of[link.from] {
            return self.middle(Place::Pass(number), before);
        }
        self.frame(link.from).1
    }

    fn wire(&self, text: &mut String, number: usize, link: &Link) {
        let (start, end) = self.ends(number, link);
        let mut path = format!("M{:.1} {:.1}", start.x, start.y);
        let mut at = start;
        for layer in self.layout.layer_of[link.from] + 1..self.layout.layer_of[link.to] {
            let (x, width) = self.columns[layer];
            let y = self.middle(Place::Pass(number), layer);
            curve(&mut path, at, Point { x, y });
            at = Point { x: x + width, y };
            let _ = write!(path, " L{:.1} {:.1}", at.x, at.y);
        }
        curve(&mut path, at, end);
        let class = if link.side { "wire side" } else { "wire" };
        let _ = writeln!(text, "<path class=\"{class}\" d=\"{path}\"/>");
        let _ = writeln!(text, "<circle class=\"dot\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3.4\"/>", end.x, end.y);
    }

    fn item(&self, text: &mut String, number: usize, item: &Item) {
        let (x, middle, width) = self.frame(number);
        let is_end = item.kind.is_empty();
        let height = height_of(item);
        let class = match (is_end, item.on) {
            (true, _) => "end",
            (false, true) => "box",
            (false, false) => "box off",
        };
        let round = if is_end { 17.0 } else { 9.0 };
        let top = middle - height / 2.0;
        let _ = writeln!(
            text,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height}\" rx=\"{round}\"/>"
        );
        let centre = x + width / 2.0;
        let title_class = if is_end { "title on-dark" } else { "title" };
        let baseline = if is_end { middle + 5.0 } else { middle - 3.0 };
        let _ = writeln!(
            text,
            "<text class=\"{title_class}\" x=\"{centre:.1}\" y=\"{baseline:.1}\" text-anchor=\"middle\">{}</text>",
            escape(&item.title)
        );
        if !is_end {
            let _ = writeln!(
                text,
                "<text class=\"kind\" x=\"{centre:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                middle + 15.0,
                escape(&item.kind)
            );
        }
    }

    /// How high a line runs just behind where it leaves.
    fn first_height(&self, number: usize, link: &Link) -> f64 {
        let behind = self.layout.layer_of[link.from] + 1;
        if behind < self.layout.layer_of[link.to] {
            return self.middle(Place::Pass(number), behind);
        }
        self.ends(number, link).1.y
    }

    /// Where the level of a line from the only port of a box stands, and how it is anchored: at the line, on the side to
    /// which it does not bend; below the box, where lines leave to several places.
    fn beside(&self, number: usize, link: &Link, start: Point) -> (Point, &'static str) {
        if self.picture.links.iter().filter(|other| other.from == link.from).count() > 1 {
            let (x, middle, width) = self.frame(link.from);
            let below = middle + height_of(&self.picture.items[link.from]) / 2.0 + 14.0;
            return (Point { x: x + width / 2.0, y: below }, "middle");
        }
        let falls = self.first_height(number, link) > start.y + 4.0;
        (Point { x: start.x + 6.0, y: if falls { start.y - 6.0 } else { start.y + 14.0 } }, "start")
    }

    /// What is written at a line: the names of ports, and how loud it is.
    fn labels(&self, text: &mut String, number: usize, link: &Link) {
        let (start, end) = self.ends(number, link);
        // Where lines leave they are close together; where they arrive there is room, on the side they do not come from.
        let above = (end.y - 6.0, self.last_height(number, link) < end.y - 4.0);
        let arrives = Point { x: end.x - 9.0, y: if above.1 { end.y + 15.0 } else { above.0 } };
        let level = link.level.as_deref().unwrap_or_default();
        match (link.from_port.as_str(), link.to_port.as_str()) {
            ("", to) => {
                let (leaves, anchor) = self.beside(number, link, start);
                label(text, leaves, anchor, "", level);
                label(text, arrives, "end", to, "");
            }
            (from, "") => label(text, arrives, "end", from, level),
            (from, to) => {
                label(text, Point { x: start.x + 6.0, y: start.y - 5.0 }, "start", from, level);
                label(text, arrives, "end", to, "");
            }
        }
    }
}

/// A port's name and a level beside each other; nothing where there is neither.
fn label(text: &mut String, at: Point, anchor: &str, port: &str, level: &str) {
    let parts = [("port", port), ("level", level)].into_iter().filter(|(_, said)| !said.is_empty());
    let parts: Vec<String> =
        parts.map(|(class, said)| format!("<tspan class=\"{class}\">{}</tspan>", escape(said))).collect();
    if !parts.is_empty() {
        let Point { x, y } = at;
        let said = parts.join(" ");
        let _ = writeln!(
            text,
            "<text class=\"said\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{said}</text>"
        );
    }
}

fn curve(path: &mut String, from: Point, to: Point) {
    let bend = ((to.x - from.x) / 2.0).max(24.0);
    let _ = write!(
        path,
        " C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}",
        from.x + bend,
        from.y,
        to.x - bend,
        to.y,
        to.x,
        to.y
    );
}
