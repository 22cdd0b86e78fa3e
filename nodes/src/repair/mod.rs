//! Clicks, crackle, noise, hum, pops, an offset: what a microphone, a record, the mains or a cable left behind.

mod dc_remove;
mod de_click;
mod de_clip;
mod de_crackle;
mod de_hum;
mod de_noise;
mod de_plosive;
mod noise_print;
mod patching;

pub use dc_remove::{DcRemove, DcRemoveMode, DcRemoveReport};
pub use de_click::DeClick;
pub use de_clip::{ChannelLevels, ClipLevels, DeClip, DeClipReport, RestoredChannel};
pub use de_crackle::DeCrackle;
pub use de_hum::{DeHum, DeHumBase, DeHumMode, DeHumReport, HumHarmonic, HumTrack, Mains};
pub use de_noise::{DeNoise, DeNoiseProfile, DeNoiseReport, NoiseFigures};
pub use de_plosive::{DePlosive, DePlosiveReport, Plosive, PlosiveMap};
pub use noise_print::{NoisePrint, Raise};
pub use patching::{Click, ClickMap, RepairReport};
