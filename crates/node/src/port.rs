//! Where wires plug in.

use serde::Serialize;
use std::borrow::Cow;

/// How many channels a port takes or gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Channels {
    /// Any number.
    Any,
    /// As many as the main input.
    AsMain,
    /// Exactly so many.
    Exactly(usize),
}

/// A named place where a wire plugs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Port {
    /// The name, as written behind the dot in a wire.
    pub name: Cow<'static, str>,
    /// How many channels.
    pub channels: Channels,
    /// Whether it must be connected (the main input must always be).
    pub required: bool,
    /// Whether several wires may end here; they are handed to the node in the order of the file.
    pub many: bool,
    /// What it is for, in a few words.
    pub help: Cow<'static, str>,
}

impl Port {
    /// A required port for a single wire.
    pub fn new(
        name: impl Into<Cow<'static, str>>,
        channels: Channels,
        help: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { name: name.into(), channels, required: true, many: false, help: help.into() }
    }

    /// The same, but it may stay unconnected.
    #[must_use]
    pub fn optional(self) -> Self {
        Self { required: false, ..self }
    }

    /// The layout at this port when the main input has the layout `main`.
    #[must_use]
    pub fn layout(&self, main: crate::Layout) -> crate::Layout {
        match self.channels {
            Channels::Any | Channels::AsMain => main,
            Channels::Exactly(count) => crate::Layout::of_channels(count).unwrap_or(main),
        }
    }

    /// The same, but several wires may end here.
    #[must_use]
    pub fn many(self) -> Self {
        Self { many: true, ..self }
    }
}

/// All ports of a node. The first input and the first output are the **main** ones: they need no name in a wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ports {
    /// Inputs, main first. At least one.
    pub inputs: Vec<Port>,
    /// Outputs, main first. At least one.
    pub outputs: Vec<Port>,
}

impl Ports {
    /// One input `in` of any number of channels, one output `out` of as many.
    #[must_use]
    pub fn through() -> Self {
        Self {
            inputs: vec![Port::new("in", Channels::Any, "what is processed")],
            outputs: vec![Port::new("out", Channels::AsMain, "the result")],
        }
    }

    /// The same ports with one more input.
    #[must_use]
    pub fn with_input(mut self, port: Port) -> Self {
        self.inputs.push(port);
        self
    }

    /// The number of the input called `name`.
    #[must_use]
    pub fn input(&self, name: &str) -> Option<usize> {
        self.inputs.iter().position(|port| port.name == name)
    }

    /// The number of the output called `name`.
    #[must_use]
    pub fn output(&self, name: &str) -> Option<usize> {
        self.outputs.iter().position(|port| port.name == name)
    }

    /// Whether the main output takes the main input's place: then the engine hands over the main output buffer with
    /// the main input already in it. So it is whenever the main output has as many channels as the main input.
    #[must_use]
    pub fn in_place(&self) -> bool {
        self.outputs.first().is_some_and(|port| port.channels == Channels::AsMain)
    }
}
