//! How large a package and an index may be. A stranger's file can hurt nobody beyond these numbers.

/// Bytes of all files of a package together, unpacked.
pub const BYTES: usize = 20 << 20;
/// Files of a package.
pub const FILES: usize = 200;
/// Bytes of an archive: its files as they are, and what names them.
pub const ARCHIVE_BYTES: usize = BYTES + (1 << 20);
/// Bytes of a path in a package.
pub const PATH_BYTES: usize = 240;
/// Bytes of one step of a path.
pub const STEP_BYTES: usize = 100;
/// Steps of a path.
pub const DEPTH: usize = 8;
/// Bytes of the name of a template.
pub const NAME_BYTES: usize = 64;

/// Bytes of an index.
pub const INDEX_BYTES: usize = 8 << 20;
/// Templates of an index.
pub const TEMPLATES: usize = 4096;
/// Versions of one template.
pub const VERSIONS: usize = 512;
/// Tags of a template; params, presets and kinds of nodes of a version as well.
pub const WORDS: usize = 1024;
/// Bytes of a title, a description, a licence or a word.
pub const TEXT_BYTES: usize = 4096;
