//! The conformance function itself: a sound node passes, and each kind of fault is found.

use deadwax_node::conformance::check;
use deadwax_node::{About, Family, Io, Kind, Node, NodeError, Prepared, Setup, Stream, Tail, params};
use std::collections::VecDeque;

/// What is wrong with the node under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    Block,
    Reset,
    Latency,
    Silence,
    NotFinite,
    Unwritten,
    Tail,
    Panic,
}

/// One kind per fault: a delay of five frames, but for the fault; and what the function must say of it.
macro_rules! kinds {
    ($($name:ident $fault:ident $expected:literal),+ $(,)?) => {
        $(
            #[params]
            struct $name {
                #[param(default = 1.0, range = 0.0..=2.0, help = "a factor")]
                factor: f64,
            }

            impl Node for $name {
                const ABOUT: About = About {
                    kind: stringify!($name),
                    family: Family::Gain,
                    summary: "A delay for tests.",
                    since: "0",
                    algorithm: 1,
                    example: concat!(stringify!($name), "(factor: 1)"),
                };

                fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
                    let lines = vec![VecDeque::from([0.0; 5]); setup.main().channels()];
                    let stream = Late { fault: Fault::$fault, factor: self.factor, lines, calls: 0 };
                    let latency = if Fault::$fault == Fault::Latency { 4 } else { 5 };
                    Ok(Prepared::stream(stream, 1.0).with_latency(latency).with_tail(Tail::NONE))
                }

                fn neutral() -> Option<Self> {
                    Some(Self::default())
                }
            }
        )+

        #[test]
        fn every_fault_is_found_and_a_sound_node_passes() {
            // The panic of the node that panics is part of the test, and need not be seen.
            std::panic::set_hook(Box::new(|_| {}));
            let mut missed = Vec::new();
            $(
                let (found, expected) = (check(&Kind::of::<$name>()).join("\n"), $expected);
                let right = if expected.is_empty() { found.is_empty() } else { found.contains(expected) };
                if !right {
                    missed.push(format!("{}: {found:?} does not say {expected:?}", stringify!($name)));
                }
            )+
            let _ = std::panic::take_hook();
            assert!(missed.is_empty(), "{}", missed.join("\n"));
        }
    };
}

kinds! {
    Sound None "",
    Blocky Block "other bits than one block",
    Sticky Reset "is not like new",
    Hasty Latency "neutral: ",
    Noisy Silence "makes sound out of silence",
    Wild NotFinite "non-finite",
    Lazy Unwritten "unwritten",
    Ringing Tail "after its tail",
    Nervous Panic "panicked",
}

struct Late {
    fault: Fault,
    factor: f64,
    lines: Vec<VecDeque<f64>>,
    calls: u64,
}

impl Late {
    fn spoil(&self, sample: f64, line: &mut VecDeque<f64>) -> f64 {
        match self.fault {
            Fault::Block => sample * (1.0 + self.calls as f64 * 1e-9),
            Fault::Silence => sample + 1e-12,
            Fault::NotFinite if sample.abs() > 1e5 => f64::INFINITY,
            Fault::Tail => {
                line[4] += sample * 0.5;
                sample
            }
            _ => sample,
        }
    }
}

impl Stream for Late {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        self.calls += 1;
        assert!(self.fault != Fault::Panic || io.start() < 6_000, "nervous");
        let mut lines = std::mem::take(&mut self.lines);
        for (channel, line) in io.main().iter_mut().zip(&mut lines) {
            for sample in channel.iter_mut() {
                line.push_back(*sample * self.factor);
                let late = line.pop_front().unwrap_or(0.0);
                *sample = self.spoil(late, line);
            }
            if self.fault == Fault::Unwritten {
                channel[0] = f64::NAN;
            }
        }
        self.lines = lines;
        Ok(())
    }

    fn reset(&mut self) {
        self.calls = 0;
        if self.fault != Fault::Reset {
            self.lines.iter_mut().flatten().for_each(|sample| *sample = 0.0);
        }
    }
}
