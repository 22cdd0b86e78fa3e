//! Figures: shapes as SVG that stretches to any width, numbers as HTML beside it, so that they stay readable on a phone.
//!
//! Colours come from the page's style by class; no figure knows of light or dark.

use crate::text::Text;
use deadwax_plot::Axis;
use std::fmt::Write as _;

/// Shapes are drawn on a grid of so many units to each side.
const UNITS: f64 = 2000.0;

/// What is drawn.
pub(crate) enum Shape {
    /// A line, with gaps where there is nothing.
    Line { class: &'static str, points: Vec<(f64, Option<f64>)> },
    /// What lies between two lines.
    Area { class: &'static str, points: Vec<(f64, f64, f64)> },
    /// A level from side to side, with a word on it.
    Level { class: &'static str, at: f64, word: String },
    /// Short strokes at the upper edge.
    Marks { class: &'static str, at: Vec<f64> },
    /// Bars that stand on the lower edge: from, to, height. What has no height above zero is none.
    Bars { class: &'static str, bars: Vec<(f64, f64, f64)> },
    /// Bars from the lower edge up to a level, whatever its sign: from, to, level.
    Standing { class: &'static str, bars: Vec<(f64, f64, f64)> },
}

/// Shapes between two axes.
pub(crate) struct Figure {
    title: &'static str,
    about: String,
    x: Axis,
    y: Axis,
    height: u32,
    legend: Vec<(&'static str, String)>,
    shapes: Vec<Shape>,
}

impl Figure {
    /// A figure without shapes yet, `height` pixels high.
    pub(crate) fn new(title: &'static str, x: Axis, y: Axis, height: u32) -> Self {
        Self { title, about: String::new(), x, y, height, legend: Vec::new(), shapes: Vec::new() }
    }

    /// The same with a sentence about it.
    pub(crate) fn about(self, about: impl Into<String>) -> Self {
        Self { about: about.into(), ..self }
    }

    pub(crate) fn with(mut self, shape: Shape) -> Self {
        self.shapes.push(shape);
        self
    }

    /// Names what a class shows.
    pub(crate) fn legend(mut self, class: &'static str, name: impl Into<String>) -> Self {
        self.legend.push((class, name.into()));
        self
    }

    pub(crate) fn html(&self) -> String {
        let mut out = format!("<figure class=\"fig\"><figcaption><b>{}</b>", self.title);
        if !self.y.label.is_empty() {
            let _ = write!(out, "<small>{}</small>", Text::new(self.y.label.as_str()));
        }
        for (class, name) in &self.legend {
            let _ = write!(out, "<span class=\"key {class}\">{}</span>", Text::new(name.as_str()));
        }
        if !self.about.is_empty() {
            let _ = write!(out, "<i>{}</i>", Text::new(self.about.as_str()));
        }
        let height = self.height;
        let _ = write!(
            out,
            "</figcaption><div class=\"area\" style=\"--h:{height}px\"><svg viewBox=\"0 0 2000 2000\" \
             preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">",
            self.title
        );
        self.grid(&mut out);
        self.shapes.iter().for_each(|shape| self.shape(&mut out, shape));
        out.push_str("</svg>");
        self.numbers(&mut out);
        out.push_str("</div></figure>\n");
        out
    }

    fn across(&self, x: f64) -> i64 {
        (self.x.place(x).clamp(-0.1, 1.1) * UNITS).round() as i64
    }

    fn down(&self, y: f64) -> i64 {
        ((1.0 - self.y.place(y).clamp(-0.1, 1.1)) * UNITS).round() as i64
    }

    fn grid(&self, out: &mut String) {
        let mut path = |class: &str, lines: String| {
            if !lines.is_empty() {
                let _ = write!(out, "<path class=\"{class}\" d=\"{lines}\"/>");
            }
        };
        let x = self.x.ticks().iter().map(|tick| format!("M{} 0V2000", self.across(tick.at)));
        let y = |zero: bool| {
            let ticks = self.y.ticks().iter().filter(move |tick| (tick.at == 0.0) == zero);
            ticks.map(|tick| format!("M0 {}H2000", self.down(tick.at))).collect::<String>()
        };
        path("grid", x.chain([y(false)]).collect());
        path("zero", y(true));
    }

    fn numbers(&self, out: &mut String) {
        // Where there is little room every second one goes; the style hides those.
        for (axis, class, side) in [(&self.y, "y", "bottom"), (&self.x, "x", "left")] {
            let ticks = axis.ticks().iter().filter(|tick| !tick.label.is_empty());
            for (n, tick) in ticks.enumerate() {
                let odd = if n % 2 == 1 { " odd" } else { "" };
                let place = (axis.place(tick.at) * 1000.0).round() / 10.0;
                let _ = write!(
                    out,
                    "<span class=\"{class}{odd}\" style=\"{side}:{place}%\">{}</span>",
                    tick.label
                );
            }
        }
        for shape in &self.shapes {
            if let Shape::Level { class, at, word } = shape
                && (-0.001..=1.001).contains(&self.y.place(*at))
            {
                let place = (self.y.place(*at) * 1000.0).round() / 10.0;
                let word = Text::new(word.as_str());
                let _ = write!(out, "<span class=\"word {class}\" style=\"bottom:{place}%\">{word}</span>");
            }
        }
    }

    fn shape(&self, out: &mut String, shape: &Shape) {
        let (kind, class, path) = match shape {
            Shape::Line { class, points } => ("line", class, self.line(points)),
            Shape::Area { class, points } => ("fill", class, self.area(points)),
            Shape::Level { class, at, .. } => ("level", class, format!("M0 {}H2000", self.down(*at))),
            Shape::Marks { class, at } => {
                let mut places: Vec<i64> = at.iter().map(|x| self.across(*x)).collect();
                places.dedup();
                ("mark", class, places.iter().map(|x| format!("M{x} 0v140")).collect())
            }
            Shape::Bars { class, bars } => {
                ("fill", class, bars.iter().filter(|bar| bar.2 > 0.0).map(|bar| self.bar(*bar)).collect())
            }
            Shape::Standing { class, bars } => {
                ("fill", class, bars.iter().map(|bar| self.bar(*bar)).collect())
            }
        };
        if !path.is_empty() {
            let _ = write!(out, "<path class=\"{kind} {class}\" d=\"{path}\"/>");
        }
    }

    fn bar(&self, (from, to, height): (f64, f64, f64)) -> String {
        let (left, right, top) = (self.across(from), self.across(to), self.down(height).min(2000));
        format!("M{left} 2000V{top}H{right}V2000z")
    }

    /// Steps from point to point: numbers stay short.
    fn line(&self, points: &[(f64, Option<f64>)]) -> String {
        let (mut path, mut last) = (String::new(), None);
        for (x, y) in points {
            let Some(y) = y.filter(|y| y.is_finite()) else {
                last = None;
                continue;
            };
            let at = (self.across(*x), self.down(y));
            match last {
                None => path.push_str(&format!("M{} {}l", at.0, at.1)),
                Some((x, y)) => step(&mut path, at.0 - x, at.1 - y),
            }
            last = Some(at);
        }
        path
    }

    fn area(&self, points: &[(f64, f64, f64)]) -> String {
        let upper = points.iter().map(|(x, _, high)| (self.across(*x), self.down(*high)));
        let lower = points.iter().rev().map(|(x, low, _)| (self.across(*x), self.down(*low)));
        let (mut path, mut last) = (String::new(), None);
        for at in upper.chain(lower) {
            match last {
                None => path.push_str(&format!("M{} {}l", at.0, at.1)),
                Some((x, y)) => step(&mut path, at.0 - x, at.1 - y),
            }
            last = Some(at);
        }
        if last.is_some() {
            path.push('z');
        }
        path
    }
}

/// `3 -4`: a minus needs no space before it.
fn step(path: &mut String, dx: i64, dy: i64) {
    if !path.ends_with('l') && dx >= 0 {
        path.push(' ');
    }
    let between = if dy < 0 { "" } else { " " };
    let _ = write!(path, "{dx}{between}{dy}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure() -> Figure {
        Figure::new("T", Axis::linear("x", 0.0, 10.0, 5.0), Axis::linear("y", 0.0, 1.0, 1.0), 100)
    }

    #[test]
    fn lines_go_in_steps_and_have_gaps() {
        let points =
            vec![(0.0, Some(0.0)), (5.0, Some(0.5)), (6.0, None), (10.0, Some(f64::NAN)), (10.0, Some(1.0))];
        assert_eq!(figure().line(&points), "M0 2000l1000-1000M2000 0l");
        assert_eq!(figure().area(&[(0.0, 0.0, 1.0), (10.0, 0.0, 1.0)]), "M0 0l2000 0 0 2000-2000 0z");
    }

    #[test]
    fn words_on_levels_are_escaped_and_only_there_where_the_level_is() {
        let level = |at| Shape::Level { class: "target", at, word: "<b>".into() };
        let html = figure().with(level(0.5)).with(level(3.0)).html();
        assert_eq!(html.matches("&lt;b&gt;").count(), 1);
        assert!(!html.contains("<b>&"));
    }
}
