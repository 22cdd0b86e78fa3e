//! Fades, delays, cutting and joining.

mod convolver;
mod crossfade;
mod delay;
mod fade;
mod pad;
mod trim;

pub use convolver::Convolver;
pub use crossfade::{Crossfade, CrossfadeLaw, CrossfadeReport};
pub use delay::Delay;
pub use fade::{Fade, FadeCurve};
pub use pad::Pad;
pub use trim::{Trim, TrimReport};
