//! The graph document: RON with a place for every value, templates and their params, edits, diagnostics.
//!
//! [`load`] reads a graph file, sets what a caller wants set, takes in the graphs it uses, types every node through the
//! [registry](deadwax_node::Registry), connects the wires, and gives a flat [`Graph`] — or everything that is wrong, in
//! reading order, each with a stable [code](Code).

mod brackets;
mod code;
pub mod diagnostic;
pub mod diff;
pub mod edit;
pub mod format;
mod ghost;
pub mod limits;
mod lint;
mod load;
pub mod model;
mod requires;
mod schema;
mod splices;
pub mod tree;
pub mod wire;

pub use diagnostic::{Code, Diagnostic, Fix, Severity, SourceMap};
pub use ghost::{Ghost, Ghosts};
pub use load::{
    Errors, Folder, LoadError, Loader, Memory, NoTemplate, Outline, Overrides, Template, below, load,
    load_with_ghosts, names_template, outline,
};
pub use model::Graph;
pub use requires::Requires;
pub use schema::schema;
