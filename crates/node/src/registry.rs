//! The open set of node kinds.

use crate::{About, AnyNode, Field, Node, Ports};
use indexmap::IndexMap;
use ron::extensions::Extensions;

/// How RON is read and written everywhere in Deadwax, so that files need no `#![enable(...)]` line.
#[must_use]
pub fn ron_options() -> ron::Options {
    ron::Options::default().with_default_extension(
        Extensions::IMPLICIT_SOME | Extensions::UNWRAP_NEWTYPES | Extensions::UNWRAP_VARIANT_NEWTYPES,
    )
}

type FromRon = fn(&str) -> Result<Box<dyn AnyNode>, ron::error::SpannedError>;
type FromJson = fn(serde_json::Value) -> Result<Box<dyn AnyNode>, serde_json::Error>;

/// A kind of node: what there is to know of it without having one.
#[derive(Clone)]
pub struct Kind {
    /// What everyone is told about it.
    pub about: &'static About,
    /// Its fields, in order.
    pub fields: Vec<Field>,
    /// Whether it makes sound out of silence; see [`Node::ADDS_NOISE`].
    pub adds_noise: bool,
    from_ron: FromRon,
    from_json: FromJson,
    make: fn() -> Box<dyn AnyNode>,
    neutral: fn() -> Option<Box<dyn AnyNode>>,
}

impl Kind {
    /// The kind `N`.
    #[must_use]
    pub fn of<N: Node>() -> Self {
        Self {
            about: const { &N::ABOUT },
            fields: N::fields(),
            adds_noise: N::ADDS_NOISE,
            from_ron: |body| Ok(Box::new(ron_options().from_str::<N>(body)?)),
            from_json: |value| Ok(Box::new(serde_json::from_value::<N>(value)?)),
            make: || Box::new(N::default()),
            neutral: || N::neutral().map(|node| Box::new(node) as Box<dyn AnyNode>),
        }
    }

    /// The kind's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.about.kind
    }

    /// A node from what stands behind its name, as in `(gain_db: -3)`. Fields left out take their defaults; ranges are
    /// not looked at (see [`AnyNode::problems`]).
    ///
    /// # Errors
    /// When the text is not RON, or not of this kind.
    pub fn from_ron(&self, body: &str) -> Result<Box<dyn AnyNode>, ron::error::SpannedError> {
        (self.from_ron)(body)
    }

    /// A node from plain data.
    ///
    /// # Errors
    /// When the data is not of this kind.
    pub fn from_json(&self, value: serde_json::Value) -> Result<Box<dyn AnyNode>, serde_json::Error> {
        (self.from_json)(value)
    }

    /// A node with all defaults.
    #[must_use]
    pub fn default_node(&self) -> Box<dyn AnyNode> {
        (self.make)()
    }

    /// A node that only delays, if the kind can do that; see [`Node::neutral`].
    #[must_use]
    pub fn neutral_node(&self) -> Option<Box<dyn AnyNode>> {
        (self.neutral)()
    }

    /// The ports with all defaults.
    #[must_use]
    pub fn default_ports(&self) -> Ports {
        self.default_node().ports()
    }
}

/// The kinds that graphs may use.
#[derive(Clone, Default)]
pub struct Registry {
    kinds: IndexMap<&'static str, Kind>,
}

impl Registry {
    /// No kinds yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the kind `N`; one of the same name is replaced.
    pub fn register<N: Node>(&mut self) -> &mut Self {
        self.kinds.insert(N::ABOUT.kind, Kind::of::<N>());
        self
    }

    /// The kind called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Kind> {
        self.kinds.get(name)
    }

    /// All kinds, in the order they were added.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.values()
    }

    /// The kind whose name is nearest to `name`, if any is near.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Option<&'static str> {
        let scored = self.kinds.keys().map(|kind| (*kind, strsim::jaro_winkler(name, kind)));
        scored.filter(|(_, score)| *score > 0.75).max_by(|a, b| a.1.total_cmp(&b.1)).map(|(kind, _)| kind)
    }
}
