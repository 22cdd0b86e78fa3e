//! How large a graph may be. A stranger's file can hurt nobody beyond these numbers; each has an error of its own.

/// Bytes of one graph file.
pub const FILE_BYTES: usize = 1 << 20;
/// Brackets inside brackets.
pub const DEPTH: usize = 64;
/// Bytes of one text.
pub const TEXT_BYTES: usize = 64 << 10;
/// Bytes of one name.
pub const NAME_BYTES: usize = 256;
/// Bytes of all graph files that are read for one graph. A file with other values set in it counts again.
pub const TOTAL_BYTES: usize = 32 << 20;
/// Params of one graph file; presets and used graphs as well.
pub const ENTRIES: usize = 1024;
/// Recordings that a graph file may declare.
pub const ASSETS: usize = 64;
/// Bytes of one file with what a node has learnt.
pub const LESSON_BYTES: usize = 16 << 20;
/// Nodes of a graph, with all graphs it uses in place.
pub const NODES: usize = 4096;
/// Wires of a graph, with all graphs it uses in place.
pub const WIRES: usize = 16_384;
/// Graphs used by graphs used by graphs.
pub const NESTING: usize = 8;
/// Templates that a graph may use by name, those inside others counted.
pub const TEMPLATES: usize = 64;
/// Errors that are noted in one file; more help nobody.
pub const ERRORS: usize = 200;
