//! What an author implements, and the same without its type.

use crate::{Field, FieldPath, Format, NodeError, Params, Ports, Prepared, Problem};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

/// Which shelf of the library a kind stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// What is broken is mended, first of all.
    Repair,
    /// Level and summing.
    Gain,
    /// Equalisation.
    Tone,
    /// Splitting into bands.
    Split,
    /// Compression, limiting.
    Dynamics,
    /// Clipping, saturation, tape: harmonics on purpose.
    Colour,
    /// Left and right, mid and side.
    Stereo,
    /// Fades, delays, cutting and joining.
    Time,
    /// Loudness of the whole programme.
    Level,
    /// Sample rate and word length.
    Convert,
    /// Measures, and leaves the sound alone.
    Probe,
}

impl Family {
    /// All families, in the order of a chain.
    pub const ALL: [Self; 11] = [
        Self::Repair,
        Self::Gain,
        Self::Tone,
        Self::Split,
        Self::Dynamics,
        Self::Colour,
        Self::Stereo,
        Self::Time,
        Self::Level,
        Self::Convert,
        Self::Probe,
    ];
}

/// What everyone is told about a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct About {
    /// The kind's name, in `PascalCase`.
    pub kind: &'static str,
    /// The shelf it stands on.
    pub family: Family,
    /// What it does to the sound, in one sentence a producer understands.
    pub summary: &'static str,
    /// The version it first came with.
    pub since: &'static str,
    /// Counts up when the same parameters begin to sound different.
    pub algorithm: u32,
    /// A node as one would write it in a graph: `Gain(gain_db: -3)`.
    pub example: &'static str,
}

/// What a node learns when it is prepared.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The format at each input port; `None` where nothing is connected.
    pub inputs: Vec<Option<Format>>,
    /// How many wires end at each input port.
    pub wires: Vec<usize>,
    /// The format at each output port.
    pub outputs: Vec<Format>,
    /// What random numbers are drawn from, together with channel and frame number: differs for every node of a graph.
    pub seed: u64,
    /// The most frames that one call hands over: how large scratch memory must be. Says nothing about the sound.
    pub max_frames: usize,
    /// Whether FFTs must give the same bits on every CPU.
    pub portable: bool,
    /// The recordings that the node's graph declares, by name.
    pub assets: BTreeMap<String, Arc<Recording>>,
    /// What the graph says the node has learnt before: the text of the file. See [`learn`](crate::learn).
    pub lesson: Option<Arc<str>>,
    /// How many workers there are. A heavy node may split its work over the thread pool it runs in when there are more
    /// than one, and gives the same bits either way.
    pub workers: usize,
}

/// A recording that a graph declares for its nodes: an impulse response, a reference.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// Sample rate, in Hz.
    pub rate_hz: u32,
    /// `[channel][frame]`, all channels of the same length.
    pub channels: Vec<Vec<f64>>,
}

impl Setup {
    /// The setup of a node with one connected main input and outputs as its ports say: for tests, and for nodes that
    /// wrap others.
    ///
    /// # Errors
    /// When the node refuses the input's rate.
    pub fn plain(node: &dyn AnyNode, input: Format) -> Result<Self, NodeError> {
        let ports = node.ports();
        let mut inputs = vec![None; ports.inputs.len()];
        let mut wires = vec![0; ports.inputs.len()];
        (inputs[0], wires[0]) = (Some(input), 1);
        for (index, port) in ports.inputs.iter().enumerate().skip(1).filter(|(_, port)| port.required) {
            let channels = match port.channels {
                crate::Channels::Exactly(count) => count,
                _ => input.channels(),
            };
            let layout = crate::Layout::of_channels(channels).unwrap_or(input.layout);
            (inputs[index], wires[index]) = (Some(Format::new(input.rate_hz, layout)), 1);
        }
        let rate_hz = node.output_rate(input.rate_hz)?;
        let outputs =
            ports.outputs.iter().map(|port| Format::new(rate_hz, port.layout(input.layout))).collect();
        Ok(Self {
            inputs,
            wires,
            outputs,
            seed: 1,
            max_frames: 65_536,
            portable: false,
            assets: BTreeMap::new(),
            lesson: None,
            workers: 1,
        })
    }

    /// The recording called `name`.
    ///
    /// # Errors
    /// When the graph declares none of that name; the error is about the node's field `field`.
    pub fn asset(&self, field: &str, name: &str) -> Result<&Recording, NodeError> {
        self.assets.get(name).map(|recording| &**recording).ok_or_else(|| {
            let known: Vec<&str> = self.assets.keys().map(String::as_str).collect();
            let reason = if known.is_empty() {
                format!("no recording is declared; add `assets: {{ {name}: \"file.wav\" }}` to the graph")
            } else {
                format!("no recording `{name}` is declared; there is {}", known.join(", "))
            };
            NodeError::field(field, reason)
        })
    }

    /// The format at the main input.
    ///
    /// # Panics
    /// When nothing is connected there, which the compiler of graphs rules out.
    #[must_use]
    pub fn main(&self) -> Format {
        self.inputs[0].expect("the compiler leaves no main input unconnected")
    }
}

/// A kind of node. The type itself is the struct of its parameters.
pub trait Node: Params + Clone + Debug + PartialEq + Send + Sync + 'static {
    /// What everyone is told about the kind.
    const ABOUT: About;

    /// Whether the node makes sound out of silence (dither, noise). All others give silence for silence.
    const ADDS_NOISE: bool = false;

    /// Whether the node makes the programme shorter or longer; see [`Stream::cut`](crate::Stream::cut). What runs behind
    /// it may not meet what runs beside it, since their frames stand for different times.
    const CUTS: bool = false;

    /// Whether the node learns from the whole programme what can be kept, edited and used again; see
    /// [`learn`](crate::learn).
    const LEARNS: bool = false;

    /// Whether the output is whole steps of a word length: whatever changes samples behind it undoes that.
    const QUANTIZES: bool = false;

    /// The ports, which may depend on parameters.
    fn ports(&self) -> Ports {
        Ports::through()
    }

    /// Rules between fields, beyond each field's own range: pushes what is broken.
    fn check(&self, problems: &mut Vec<Problem>) {
        let _ = problems;
    }

    /// The sample rate at the outputs, for a rate in Hz at the inputs.
    ///
    /// # Errors
    /// [`NodeError::SampleRate`] when the node cannot work at `input_hz`.
    fn output_rate(&self, input_hz: u32) -> Result<u32, NodeError> {
        Ok(input_hz)
    }

    /// Takes memory, designs filters, and says latency, tail and cost.
    ///
    /// # Errors
    /// When the parameters do not work at these formats.
    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError>;

    /// Parameters at which the node only delays (by its latency), if there are any: the conformance function then
    /// measures the latency. The default parameters do, for many nodes.
    fn neutral() -> Option<Self> {
        None
    }
}

/// RON writes a choice that is called `None` as `r#None`, so that nobody takes it for a value that is not there; in a graph the
/// field says which is meant. Texts stay as they are.
fn plain_words(ron: &str) -> String {
    let (mut plain, mut rest, mut in_text) = (String::with_capacity(ron.len()), ron, false);
    while let Some(next) = rest.chars().next() {
        if !in_text && let Some(behind) = rest.strip_prefix("r#") {
            rest = behind;
            continue;
        }
        // What is escaped in a text does not end it.
        let taken = if in_text && next == '\\' {
            1 + rest[1..].chars().next().map_or(0, char::len_utf8)
        } else {
            next.len_utf8()
        };
        in_text ^= next == '"';
        plain.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    plain
}

/// A node of any kind.
pub trait AnyNode: Debug + Send + Sync {
    /// What everyone is told about the kind.
    fn about(&self) -> &'static About;
    /// See [`Node::ports`].
    fn ports(&self) -> Ports;
    /// Everything that is wrong with the parameters: ranges, lengths, rules.
    fn problems(&self) -> Vec<Problem>;
    /// See [`Node::output_rate`].
    ///
    /// # Errors
    /// As there.
    fn output_rate(&self, input_hz: u32) -> Result<u32, NodeError>;
    /// See [`Node::prepare`].
    ///
    /// # Errors
    /// As there.
    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError>;
    /// See [`Node::CUTS`].
    fn cuts(&self) -> bool;
    /// See [`Node::QUANTIZES`].
    fn quantizes(&self) -> bool;
    /// See [`Node::LEARNS`].
    fn learns(&self) -> bool;
    /// The parameters as plain data.
    fn to_json(&self) -> serde_json::Value;
    /// The node as one would write it in a graph, every field said.
    fn to_ron(&self) -> String;
    /// The fields of the kind.
    fn fields(&self) -> Vec<Field>;
    /// A copy.
    fn boxed(&self) -> Box<dyn AnyNode>;
}

impl<N: Node> AnyNode for N {
    fn about(&self) -> &'static About {
        const { &N::ABOUT }
    }

    fn ports(&self) -> Ports {
        Node::ports(self)
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        self.check_fields(&mut FieldPath::default(), &mut problems);
        if problems.is_empty() {
            self.check(&mut problems);
        }
        problems
    }

    fn output_rate(&self, input_hz: u32) -> Result<u32, NodeError> {
        Node::output_rate(self, input_hz)
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        Node::prepare(self, setup)
    }

    fn cuts(&self) -> bool {
        N::CUTS
    }

    fn quantizes(&self) -> bool {
        N::QUANTIZES
    }

    fn learns(&self) -> bool {
        N::LEARNS
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or(serde_json::Value::Null)
    }

    fn to_ron(&self) -> String {
        let fields = crate::registry::ron_options().to_string(self).unwrap_or_else(|_| "()".to_owned());
        format!("{}{}", N::ABOUT.kind, plain_words(&fields))
    }

    fn fields(&self) -> Vec<Field> {
        N::fields()
    }

    fn boxed(&self) -> Box<dyn AnyNode> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::plain_words;

    #[test]
    fn words_are_plain_and_texts_stay_as_they_are() {
        for (ron, plain) in [
            ("(shape:r#None,bits:16)", "(shape:None,bits:16)"),
            (r##"(note:"r#None",shape:r#None)"##, r##"(note:"r#None",shape:None)"##),
            (r##"(note:"a \" r#x \\",shape:r#None)"##, r##"(note:"a \" r#x \\",shape:None)"##),
            ("(note:\"für\")", "(note:\"für\")"),
        ] {
            assert_eq!(plain_words(ron), plain);
        }
    }
}
