//! What a chart is measured along.

/// A value that is marked on an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Where.
    pub at: f64,
    /// What is written there; nothing for a line without a number.
    pub label: String,
}

/// From where to where, in what steps, and what it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// What it shows, with its unit.
    pub label: String,
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) log: bool,
    pub(crate) ticks: Vec<Tick>,
}

impl Axis {
    /// Equal steps for equal differences, a line every `step`.
    #[must_use]
    pub fn linear(label: impl Into<String>, from: f64, to: f64, step: f64) -> Self {
        let first = (from / step - 1e-9).ceil() as i64;
        let last = (to / step + 1e-9).floor() as i64;
        let ticks = (first..=last).map(|n| {
            // Rounded, so that a tenth is written as one.
            let at = (n as f64 * step * 1e9).round() / 1e9;
            Tick { at, label: format!("{at}").replace('-', "\u{2212}") }
        });
        Self { label: label.into(), from, to, log: false, ticks: ticks.collect() }
    }

    /// The time of a programme of so many seconds, in minutes and seconds, with about eight numbers.
    #[must_use]
    pub fn time(seconds: f64) -> Self {
        let seconds = seconds.max(0.01);
        let steps = [
            0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0,
        ];
        let step = steps.into_iter().find(|step| seconds / step <= 9.0).unwrap_or(7200.0);
        let ticks = (0..=(seconds / step + 1e-9) as i64).map(|n| {
            let at = n as f64 * step;
            let (minutes, rest) = ((at / 60.0 + 1e-9) as i64, at % 60.0);
            let label =
                if step < 1.0 { format!("{minutes}:{rest:04.1}") } else { format!("{minutes}:{rest:02.0}") };
            Tick { at, label }
        });
        Self { label: "time".into(), from: 0.0, to: seconds, log: false, ticks: ticks.collect() }
    }

    /// What is marked.
    #[must_use]
    pub fn ticks(&self) -> &[Tick] {
        &self.ticks
    }

    /// Where it begins and ends.
    #[must_use]
    pub fn ends(&self) -> (f64, f64) {
        (self.from, self.to)
    }

    /// Equal steps for equal ratios: frequencies, in Hz, with a line at every 1, 2 … 9 times a power of ten and numbers at 1,
    /// 2 and 5.
    #[must_use]
    pub fn frequency(from: f64, to: f64) -> Self {
        let mut ticks = Vec::new();
        let mut decade = 1.0;
        while decade <= to {
            for digit in 1..=9_u32 {
                let at = decade * f64::from(digit);
                if (from..=to).contains(&at) {
                    let number = if at >= 1000.0 { format!("{}k", at / 1000.0) } else { format!("{at}") };
                    let label = if [1, 2, 5].contains(&digit) { number } else { String::new() };
                    ticks.push(Tick { at, label });
                }
            }
            decade *= 10.0;
        }
        Self { label: "Hz".into(), from, to, log: true, ticks }
    }

    /// Where on the axis `value` is: 0 at the beginning, 1 at the end.
    #[must_use]
    pub fn place(&self, value: f64) -> f64 {
        if self.log {
            log2(value.max(1e-12) / self.from) / log2(self.to / self.from)
        } else {
            (value - self.from) / (self.to - self.from)
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "rounded to a tenth of a pixel afterwards")]
fn log2(x: f64) -> f64 {
    x.log2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_go_from_0_to_1_and_ticks_are_round_numbers() {
        let axis = Axis::frequency(20.0, 20_000.0);
        assert_eq!((axis.place(20.0), axis.place(20_000.0)), (0.0, 1.0));
        assert!((axis.place(632.455_532) - 0.5).abs() < 1e-6);
        let labels: Vec<&str> =
            axis.ticks.iter().map(|t| t.label.as_str()).filter(|l| !l.is_empty()).collect();
        assert_eq!(labels, ["20", "50", "100", "200", "500", "1k", "2k", "5k", "10k", "20k"]);
        let labels = |seconds: f64| {
            Axis::time(seconds).ticks().iter().map(|tick| tick.label.clone()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(labels(200.0), "0:00 0:30 1:00 1:30 2:00 2:30 3:00");
        assert_eq!(labels(0.9), "0:00.0 0:00.1 0:00.2 0:00.3 0:00.4 0:00.5 0:00.6 0:00.7 0:00.8 0:00.9");
        assert_eq!(Axis::time(3600.0 * 60.0).ticks().len(), 31);
        let axis = Axis::linear("dB", -0.6, 0.6, 0.2);
        let labels: Vec<&str> = axis.ticks.iter().map(|tick| tick.label.as_str()).collect();
        assert_eq!(labels, ["−0.6", "−0.4", "−0.2", "0", "0.2", "0.4", "0.6"]);
    }
}
