//! What a Deadwax node is.
//!
//! A **node** is one mastering stage. Its author writes one file: a struct of parameters (marked with [`params`]), and
//! an implementation of [`Node`] that says which ports the node has and how it turns frames into frames. All that
//! people see of a node — its reference page, its JSON schema, its command-line sheet, the text of range errors, its
//! conformance test — is made from that one file.
//!
//! The contract, in short:
//!
//! - Samples are `f64`, planar. A block is any number of frames, from one to many; **any cutting of the programme into
//!   blocks must give the same bits**. What a node computes in frames of its own (FFTs, control ticks) sits on absolute
//!   frame numbers ([`Io::start`]), never on block edges.
//! - A node takes memory in [`Node::prepare`] and allocates nothing while it processes.
//! - **Latency and tail are two numbers**: a node that looks `latency` frames ahead simply answers that much late; the
//!   engine feeds it further ahead and drops the first `latency` frames. The tail is how long it rings after silence.
//! - A node sees no file, no clock, no thread and no reason for the size of a block.
//! - What a node learns from the whole programme is plain data that people may keep and edit; see [`learn`].
//! - Non-finite samples never reach a node; a node that makes one is named and the run stops.
//!
//! [`conformance::check`] holds every kind to this.

extern crate self as deadwax_node;

pub mod auto;
mod block;
pub mod by_name;
pub mod conformance;
mod error;
mod field;
mod format;
mod lane;
pub mod learn;
mod node;
mod port;
mod processor;
mod registry;
mod report;
mod schema;
mod sheet;

pub use auto::{Auto, Breakpoint, Shape};
pub use block::{Block, BlockMut, Buffer, Io, SideInput};
pub use deadwax_node_derive::params;
pub use error::NodeError;
pub use field::{
    Choice, Field, FieldKind, FieldPath, Limits, ParamValue, Params, Problem, ProblemKind, Unit, Variant,
};
pub use format::{Format, Layout, MAX_CHANNELS};
pub use lane::{Lane, on_lane};
pub use node::{About, AnyNode, Family, Node, Recording, Setup};
pub use port::{Channels, Port, Ports};
pub use processor::{Analyze, Body, Cut, Goal, Prepared, Rate, Step, Stream, Tail, Whole};
pub use registry::{Kind, Registry, ron_options};
pub use report::{GainCurve, Report, ReportValue};
pub use schema::{graph_schema, kind_schema};

/// Re-exported for the code that [`params`] writes.
pub use serde;
