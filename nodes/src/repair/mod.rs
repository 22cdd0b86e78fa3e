//! Clicks, crackle, an offset: what a microphone, a record or a cable left behind.

mod dc_remove;
mod de_click;
mod de_clip;
mod de_crackle;
mod patching;

pub use dc_remove::{DcRemove, DcRemoveMode, DcRemoveReport};
pub use de_click::DeClick;
pub use de_clip::{ChannelLevels, ClipLevels, DeClip, DeClipReport, RestoredChannel};
pub use de_crackle::DeCrackle;
pub use patching::{Click, ClickMap, RepairReport};
