//! The chart itself.

use crate::Axis;
use std::fmt::Write as _;

/// A line through points.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What it is, for the legend.
    pub name: String,
    /// Where it goes through, from left to right.
    pub points: Vec<(f64, f64)>,
    dashed: bool,
}

impl Line {
    /// A line through `points`.
    #[must_use]
    pub fn new(name: impl Into<String>, points: Vec<(f64, f64)>) -> Self {
        Self { name: name.into(), points, dashed: false }
    }

    /// The same, dashed and pale: what the others are compared with.
    #[must_use]
    pub fn dashed(self) -> Self {
        Self { dashed: true, ..self }
    }
}

/// Lines between two axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    title: String,
    x: Axis,
    y: Axis,
    lines: Vec<Line>,
}

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 54.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 42.0;

/// Colours that differ for people who see fewer of them as well (Okabe and Ito, 2008).
const COLOURS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"];

impl Chart {
    /// A chart without lines yet.
    #[must_use]
    pub fn new(title: impl Into<String>, x: Axis, y: Axis) -> Self {
        Self { title: title.into(), x, y, lines: Vec::new() }
    }

    /// The same with one more line.
    #[must_use]
    pub fn with(mut self, line: Line) -> Self {
        self.lines.push(line);
        self
    }

    fn point(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let across = LEFT + self.x.place(x) * (WIDTH - LEFT - RIGHT);
        let down = HEIGHT - BOTTOM - self.y.place(y) * (HEIGHT - TOP - BOTTOM);
        // What lies far outside is cut off by the frame anyway.
        (across, down.clamp(-HEIGHT, 2.0 * HEIGHT))
    }

    /// The picture.
    #[must_use]
    pub fn svg(&self) -> String {
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
             font-family=\"system-ui, sans-serif\" font-size=\"11\">\n<title>{0}</title>\n<rect width=\"{WIDTH}\" \
             height=\"{HEIGHT}\" fill=\"#fff\"/>\n<text x=\"{LEFT}\" y=\"20\" font-size=\"13\" font-weight=\"600\" \
             fill=\"#222\">{0}</text>\n",
            escaped(&self.title)
        );
        self.grid(&mut out);
        self.legend(&mut out);
        let (width, height) = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
        let _ = writeln!(
            out,
            "<clipPath id=\"f\"><rect x=\"{LEFT}\" y=\"{TOP}\" width=\"{width}\" height=\"{height}\"/></clipPath>"
        );
        let mut colours = COLOURS.iter().cycle();
        for line in &self.lines {
            let (colour, dash) = if line.dashed {
                ("#999", " stroke-dasharray=\"4 3\"")
            } else {
                (*colours.next().unwrap_or(&COLOURS[0]), "")
            };
            let _ = writeln!(
                out,
                "<path d=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\"{dash} clip-path=\"url(#f)\"/>",
                self.path(line)
            );
        }
        out.push_str("</svg>\n");
        out
    }

    /// Points that would not be seen, because the line is straight there to a tenth of a pixel, are left out.
    fn path(&self, line: &Line) -> String {
        let mut path = String::new();
        let mut kept: Vec<(i64, i64)> = Vec::new();
        for point in line.points.iter().filter(|point| point.1.is_finite()) {
            let (x, y) = self.point(*point);
            let tenths = ((x * 10.0).round() as i64, (y * 10.0).round() as i64);
            if let [.., before, last] = kept[..] {
                let level = before.1 == last.1 && last.1 == tenths.1;
                if level || last.0 == tenths.0 && last.1 == tenths.1 {
                    kept.pop();
                }
            }
            kept.push(tenths);
        }
        for (index, (x, y)) in kept.iter().enumerate() {
            let step = if index == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{step}{} {}", tenth(*x), tenth(*y));
        }
        path
    }

    fn grid(&self, out: &mut String) {
        let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        for tick in &self.x.ticks {
            let x = tenth((self.point((tick.at, self.y.from)).0 * 10.0).round() as i64);
            let shade = if tick.label.is_empty() { "#f0f0f0" } else { "#ddd" };
            let _ = writeln!(out, "<path d=\"M{x} {TOP}V{bottom}\" stroke=\"{shade}\"/>");
            if !tick.label.is_empty() {
                let y = bottom + 15.0;
                let _ = writeln!(
                    out,
                    "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" fill=\"#555\">{}</text>",
                    tick.label
                );
            }
        }
        for tick in &self.y.ticks {
            let y = tenth((self.point((self.x.from, tick.at)).1 * 10.0).round() as i64);
            let shade = if tick.at == 0.0 { "#aaa" } else { "#ddd" };
            let _ = writeln!(out, "<path d=\"M{LEFT} {y}H{right}\" stroke=\"{shade}\"/>");
            let x = LEFT - 6.0;
            let _ = writeln!(
                out,
                "<text x=\"{x}\" y=\"{y}\" dy=\"4\" text-anchor=\"end\" fill=\"#555\">{}</text>",
                tick.label
            );
        }
        let middle = f64::midpoint(LEFT, right);
        let _ = writeln!(
            out,
            "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\" fill=\"#555\">{}</text>",
            HEIGHT - 8.0,
            escaped(&self.x.label)
        );
        let middle = f64::midpoint(TOP, bottom);
        let _ = writeln!(
            out,
            "<text x=\"14\" y=\"{middle}\" text-anchor=\"middle\" fill=\"#555\" transform=\"rotate(-90 14 {middle})\">\
             {}</text>",
            escaped(&self.y.label)
        );
    }

    /// Names in the upper right corner, where there is more than one line to tell apart.
    fn legend(&self, out: &mut String) {
        if self.lines.len() < 2 {
            return;
        }
        let mut x = WIDTH - RIGHT;
        let mut colours: Vec<&str> = Vec::new();
        let mut next = COLOURS.iter().cycle();
        for line in &self.lines {
            colours.push(if line.dashed { "#999" } else { next.next().unwrap_or(&COLOURS[0]) });
        }
        for (line, colour) in self.lines.iter().zip(colours).rev() {
            let _ = writeln!(
                out,
                "<text x=\"{x}\" y=\"20\" text-anchor=\"end\" fill=\"{colour}\">{}</text>",
                escaped(&line.name)
            );
            x -= 6.2 * line.name.chars().count() as f64 + 14.0;
            x = (x * 10.0).round() / 10.0;
        }
    }
}

/// A number of tenths, as a decimal.
fn tenth(tenths: i64) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    let size = tenths.abs();
    if size % 10 == 0 { format!("{sign}{}", size / 10) } else { format!("{sign}{}.{}", size / 10, size % 10) }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: Vec<(f64, f64)>) -> Chart {
        let (x, y) = (Axis::linear("x", 0.0, 10.0, 5.0), Axis::linear("y", 0.0, 1.0, 1.0));
        Chart::new("A & B", x, y).with(Line::new("one", points))
    }

    #[test]
    fn points_fall_where_the_axes_say_and_straight_stretches_are_short() {
        let svg = chart(vec![(0.0, 0.0), (5.0, 0.0), (10.0, 0.0), (10.0, 1.0)]).svg();
        assert!(svg.contains("d=\"M54 258L626 258L626 34\""), "{svg}");
        assert!(svg.contains("A &amp; B"));
    }

    #[test]
    fn what_is_no_number_is_left_out_and_a_rounding_changes_nothing() {
        let one = chart(vec![(0.0, 0.5), (1.0, f64::NAN), (2.0, 0.5 + 1e-9)]).svg();
        let other = chart(vec![(0.0, 0.5), (2.0, 0.5)]).svg();
        assert_eq!(one, other);
    }

    #[test]
    fn numbers_are_written_in_tenths() {
        assert_eq!((tenth(-5), tenth(120), tenth(123)), ("-0.5".into(), "12".into(), "12.3".into()));
    }
}
