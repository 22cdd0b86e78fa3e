//! New files.

mod graph;
mod library;
mod name;
mod node;

pub use graph::{NewError, new_graph};
pub use name::{NameError, NodeName};
pub use node::{NewNodeError, NodeHome, NodeMade, Origin, new_node};
