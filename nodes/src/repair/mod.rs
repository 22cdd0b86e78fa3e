//! Clicks, crackle, an offset: what a microphone, a record or a cable left behind.

mod dc_remove;
mod de_click;
mod de_crackle;
mod de_hum;
mod de_plosive;
mod patching;

pub use dc_remove::{DcRemove, DcRemoveMode, DcRemoveReport};
pub use de_click::DeClick;
pub use de_crackle::DeCrackle;
pub use de_hum::{DeHum, DeHumBase, DeHumMode, DeHumReport, HumHarmonic, HumTrack, Mains};
pub use de_plosive::{DePlosive, DePlosiveReport, Plosive, PlosiveMap};
pub use patching::{Click, ClickMap, RepairReport};
