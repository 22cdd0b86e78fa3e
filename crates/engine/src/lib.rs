//! Compiles a graph into a plan, and runs the plan.
//!
//! In meaning a Kahn network: every node reads and writes its wires in order, so that what it computes depends on
//! nothing but what arrives. In implementation a static plan: rates, channels, latencies, passes and the size of every
//! queue are known before the first sample ([`Plan`]).
//!
//! - [`compile`] turns a resolved graph into a plan; it does no I/O.
//! - [`run`] runs a plan from a [`Source`] to [`Sink`]s; it opens no audio file.
//!
//! The same plan runs serially or on several workers, with the same bits.

mod actor;
mod compile;
mod diagnose;
mod io;
mod plan;
mod rational;
mod ring;
mod run;
mod spool;

pub use compile::{Assets, CompileError, Compiled, MAX_BLOCK, Options, Place, compile};
pub use io::{Cause, MemorySink, MemorySource, Sink, Source};
pub use plan::{Consumer, Edge, Pass, Plan, PlannedNode, PlannedWire, Producer, SpoolPlan};
pub use run::{Outcome, Progress, RunError, RunOptions, Time, run};
