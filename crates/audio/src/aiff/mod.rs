//! AIFF and AIFF-C (Apple, 1989 and 1991).

pub(crate) mod read;
pub(crate) mod write;
