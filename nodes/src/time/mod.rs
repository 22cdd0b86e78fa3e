//! Fades, delays, cutting and joining.

mod delay;

pub use delay::Delay;
