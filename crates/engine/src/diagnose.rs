//! Errors of compiling and running, for people: with the lines of the graph they are about.

use crate::compile::{CompileError, Place, lesson_place};
use crate::run::RunError;
use deadwax_graph::diagnostic::{At, Code, Diagnostic};
use deadwax_graph::model::Graph;
use deadwax_node::NodeError;
use deadwax_node::learn::LessonError;

fn at(place: &Place) -> At {
    (place.origin.file, place.origin.span.clone())
}

impl CompileError {
    /// The error with its places and what to do about it.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        let message = self.to_string();
        match self {
            Self::Loop { wires, .. } => looped(message, wires),
            Self::Channels { wire, node, got, .. } => {
                let diagnostic =
                    placed(Code::WrongChannels, message, wire).related(at(node), node.label.clone());
                match got.channels() {
                    2 => diagnostic.help("take it apart with `MidSideEncode`, or leave it stereo"),
                    _ => diagnostic.help("change what is before this port, or take another port"),
                }
            }
            Self::LayoutsMeet { first, second, .. } => placed(Code::ChannelsMeet, message, &second.0)
                .related(at(&first.0), first.0.label.clone())
                .help("bring both to the same number of channels before they meet"),
            Self::RatesMeet { first, second, .. } => placed(Code::RatesMeet, message, &second.0)
                .related(at(&first.0), first.0.label.clone())
                .note("nothing is resampled behind your back; every rate change is a node you can see")
                .help("put the `Resample` before the split, or behind the node where the wires meet"),
            Self::LengthsMeet { first, second, .. } => placed(Code::LengthsMeet, message, second)
                .related(at(first), first.label.clone())
                .note("behind a node that cuts, frame 0 is another moment of the programme")
                .help("cut before the signal splits, or behind the node where the wires meet"),
            Self::Node { node, lesson, error: NodeError::Lesson(error), .. } => {
                not_learnt(message, error, lesson.as_ref().unwrap_or(node), Some(node))
            }
            Self::Node { node, error, .. } => unprepared(message, node, error),
            Self::Bypass { node, .. } => placed(Code::NoBypass, message, node)
                .help("take the node and its partner out of the wires instead"),
            Self::Goals { nodes: [first, second], .. } => placed(Code::TwoGoals, message, second)
                .related(at(first), first.label.clone())
                .help("give one of them `aim: Here`, or remove it"),
            Self::TwoWires { wires: [first, second], .. } => placed(Code::TwoWires, message, second)
                .related(at(first), first.label.clone())
                .help("wires are only added where you say so: put a `Mix` in front"),
            Self::Unconnected { node, .. } => {
                placed(Code::Unconnected, message, node).help("connect a wire, or remove the node")
            }
            Self::ExtraInput { wire, .. } => placed(Code::ExtraInput, message, wire)
                .help("use this graph as a node of another, or take `input`"),
            Self::SilentOutput { .. } => {
                Diagnostic::general(Code::NoWay, message).help("let a wire end there")
            }
        }
    }
}

fn placed(code: Code, message: String, place: &Place) -> Diagnostic {
    Diagnostic::new(code, message, at(place), place.label.clone())
}

fn looped(message: String, wires: &[Place]) -> Diagnostic {
    let Some((closing, others)) = wires.split_last() else { return Diagnostic::general(Code::Loop, message) };
    let diagnostic = Diagnostic::new(Code::Loop, message, at(closing), "feeds the graph back into itself");
    let numbered = others.iter().enumerate();
    numbered.fold(diagnostic, |diagnostic, (number, wire)| {
        diagnostic.related(at(wire), format!("{}: {}", number + 1, wire.label))
    })
}

/// What a node has learnt before cannot be used: shown in its own file, with the node beside it.
fn not_learnt(message: String, error: &LessonError, place: &Place, node: Option<&Place>) -> Diagnostic {
    let (code, help) = match error {
        LessonError::Foreign { part: "programme", .. } => (
            Code::LessonForeign,
            "learn again with `--learn -f`; or, if it is meant for any file like this, write `sha256: \"any\"`",
        ),
        LessonError::Foreign { .. } => (Code::LessonForeign, "learn again with `--learn -f`"),
        _ => (Code::LessonWrong, "mend this line, or learn again with `--learn -f`"),
    };
    let diagnostic = placed(code, message, place).help(help);
    match node {
        Some(node) if node != place => diagnostic.related(at(node), node.label.clone()),
        _ => diagnostic,
    }
}

fn unprepared(message: String, node: &Place, error: &NodeError) -> Diagnostic {
    let help = match error {
        NodeError::Field { field, .. } => format!("change `{field}` of this node"),
        NodeError::SampleRate { .. } => "change the rate before this node, or its own".to_owned(),
        _ => "look at this node's fields".to_owned(),
    };
    placed(Code::NotAtThisFormat, message, node).help(help)
}

impl RunError {
    /// The error with the node's place in `graph`, and what to do about it.
    #[must_use]
    pub fn diagnostic(&self, graph: &Graph) -> Diagnostic {
        let message = self.to_string();
        match self {
            Self::Node { node, error: NodeError::Lesson(error), .. } => {
                match lesson_place(graph, node, error) {
                    Some(place) => not_learnt(message, error, &place, None),
                    None => in_node(Code::LessonForeign, message, node, graph),
                }
            }
            Self::Node { node, .. } => in_node(Code::NodeFailed, message, node, graph),
            Self::Endless { node } => in_node(Code::NodeFailed, message, node, graph),
            Self::Panic { node, .. } => in_node(Code::NodePanicked, message, node, graph)
                .help("this is a fault in the node's code: please report it, with the graph"),
            Self::NotFinite { node, .. } if node == "input" => {
                Diagnostic::general(Code::NonFiniteSample, message)
                    .help("the file itself has a sample that is no number; export it again")
            }
            Self::NotFinite { node, .. } => in_node(Code::NonFiniteSample, message, node, graph)
                .help("this is a fault of the node, or its input is beyond all measure"),
            Self::Source { .. } => Diagnostic::general(Code::AudioDamaged, message),
            Self::Sink { .. } => {
                Diagnostic::general(Code::NotWritten, message).help("is there room on the disk?")
            }
            Self::Spool { .. } => Diagnostic::general(Code::NotWritten, message)
                .help("is there room in the folder for temporary files?"),
            Self::SpoolLimit { .. } => {
                Diagnostic::general(Code::SpoolLimit, message).help("allow more, or render a shorter part")
            }
            Self::Interrupted => Diagnostic::general(Code::Interrupted, message),
            Self::Sinks { .. } | Self::Stalled { .. } | Self::Threads(_) => {
                Diagnostic::general(Code::Stalled, message)
                    .help("this is a fault of deadwax: please report it, with the graph")
            }
        }
    }
}

fn in_node(code: Code, message: String, name: &str, graph: &Graph) -> Diagnostic {
    match graph.nodes.iter().find(|node| node.name == name) {
        Some(node) => {
            Diagnostic::new(code, message, (node.origin.file, node.origin.span.clone()), "this node")
        }
        None => Diagnostic::general(code, message),
    }
}
