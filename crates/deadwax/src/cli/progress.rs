//! Progress: bars on a terminal, lines or JSON events where asked for, nothing elsewhere.

use super::args::{Global, Show};
use deadwax::Progress;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;
use std::io::{IsTerminal, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// At most so often is a line of JSON written or a bar redrawn.
const OFTEN: Duration = Duration::from_millis(100);

/// How progress is shown in this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Bars,
    Lines,
    Json,
    Nothing,
}

/// The progress of all files.
pub(super) struct Board {
    way: Way,
    bars: MultiProgress,
}

impl Board {
    pub(super) fn new(show: Show, global: &Global) -> Self {
        let way = match show {
            _ if global.quiet => Way::Nothing,
            Show::Auto if std::io::stderr().is_terminal() && !global.json => Way::Bars,
            Show::Auto | Show::None => Way::Nothing,
            Show::Bar => Way::Bars,
            Show::Plain => Way::Lines,
            Show::Json => Way::Json,
        };
        let target = if way == Way::Bars {
            ProgressDrawTarget::stderr_with_hz(10)
        } else {
            ProgressDrawTarget::hidden()
        };
        Self { way, bars: MultiProgress::with_draw_target(target) }
    }

    /// Progress of one file of `seconds`, if its length is known.
    pub(super) fn file(&self, path: &Path) -> Line<'_> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        self.named(&name, path)
    }

    /// The same, for something that has another name.
    pub(super) fn named(&self, name: &str, path: &Path) -> Line<'_> {
        let info = deadwax::FileSource::open(path, false).map(|source| source.info().clone());
        let seconds = info.ok().and_then(|info| Some(info.frames? as f64 / f64::from(info.rate_hz)));
        let name = name.to_owned();
        let bar = match seconds {
            Some(seconds) => ProgressBar::new((seconds * 1000.0) as u64),
            None => ProgressBar::no_length(),
        };
        let bar = self.bars.add(bar);
        let style = ProgressStyle::with_template("{prefix:>22}  {bar:32} {percent:>3} %  {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("█▉▊▋▌▍▎▏ "));
        bar.set_prefix(name.clone());
        let state = State { at: (0, 0), begun: Instant::now(), said: None };
        Line { board: self, bar, name, seconds, state: Mutex::new(state) }
    }

    /// Prints a line of text above the bars.
    pub(super) fn say(&self, text: &str) {
        if self.way == Way::Bars {
            let _ = self.bars.println(text);
        } else {
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    }
}

struct State {
    /// Pass and round.
    at: (usize, usize),
    begun: Instant,
    said: Option<Instant>,
}

/// The progress of one file.
pub(super) struct Line<'a> {
    board: &'a Board,
    bar: ProgressBar,
    name: String,
    seconds: Option<f64>,
    state: Mutex<State>,
}

impl Line<'_> {
    /// Shows where the run stands. Called often, from any worker.
    pub(super) fn update(&self, progress: Progress) {
        if self.board.way == Way::Nothing {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let entered = state.at != (progress.pass, progress.round);
        if entered {
            (state.at, state.begun, state.said) = ((progress.pass, progress.round), Instant::now(), None);
        }
        if !entered && state.said.is_some_and(|said| said.elapsed() < OFTEN) {
            return;
        }
        state.said = Some(Instant::now());
        let speed = progress.seconds / state.begun.elapsed().as_secs_f64().max(1e-3);
        let again = if progress.round > 1 { format!(", round {}", progress.round) } else { String::new() };
        let stage = format!("pass {} of {}{again}", progress.pass, progress.passes);
        match self.board.way {
            Way::Bars => {
                self.bar.set_message(format!("{stage}  {speed:.0}× real time"));
                self.bar.set_position((progress.seconds * 1000.0) as u64);
            }
            Way::Lines if entered => {
                let _ = writeln!(std::io::stderr(), "{}: {stage}", self.name);
            }
            Way::Json => {
                let done = self.seconds.map(|seconds| (progress.seconds / seconds.max(1e-9)).min(1.0));
                let event = json!({
                    "ev": "pass", "file": self.name, "n": progress.pass, "of": progress.passes,
                    "round": progress.round, "done": done, "seconds": progress.seconds, "x_realtime": speed,
                });
                let _ = writeln!(std::io::stderr(), "{event}");
            }
            Way::Lines | Way::Nothing => {}
        }
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
