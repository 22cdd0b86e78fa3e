//! An editor's help with graphs and albums: what is wrong and how to mend it, what may be written, what it means, where it is
//! declared.
//!
//! The language server ([`serve`]) speaks the Language Server Protocol over any [`Connection`](lsp_server::Connection).
//! Behind it are plain functions from a text and a place in it to an answer, which know nothing of the protocol:
//! [`check`], [`completion`], [`hover`], [`names`], [`edits`], [`symbols`], and their siblings in [`album`]. All of them work while the text is broken, because that is
//! when they are asked.

#![allow(clippy::mutable_key_type, reason = "the protocol's own map of edits is keyed by its address type")]

pub mod album;
mod answers;
pub mod check;
pub mod completion;
pub mod documents;
pub mod edits;
mod fixed;
pub mod hover;
pub mod names;
pub mod outline;
pub mod paths;
mod place;
pub mod position;
mod protocol;
mod server;
pub mod symbols;
mod words;

pub use server::{ServeError, serve};
