//! The node library: a folder per family, a file per node.
//!
//! To add a node, write its file and one line in [`roster`]. Everything else — reference page, schema, command-line
//! sheet, conformance test, bench — follows from the roster.

#![forbid(unsafe_code)]

pub mod automation;
pub mod colour;
pub mod convert;
pub mod dynamics;
pub mod gain;
pub mod level;
pub mod probe;
pub mod repair;
pub mod split;
pub mod stereo;
pub mod time;
pub mod tone;

use deadwax_node::Registry;

/// Registers every kind of the library.
pub fn roster(registry: &mut Registry) {
    registry
        // Repair
        .register::<repair::DeClick>()
        .register::<repair::DeCrackle>()
        .register::<repair::DeClip>()
        .register::<repair::DeNoise>()
        .register::<repair::DeHum>()
        .register::<repair::DePlosive>()
        .register::<repair::DcRemove>()
        // Gain
        .register::<gain::Gain>()
        .register::<gain::Mix>()
        // Tone
        .register::<tone::Equalizer>()
        .register::<tone::GraphicEqualizer>()
        .register::<tone::DynamicEqualizer>()
        .register::<tone::Baxandall>()
        .register::<tone::Emphasis>()
        .register::<tone::MatchEqualizer>()
        // Split
        .register::<split::Crossover>()
        // Dynamics
        .register::<dynamics::Compressor>()
        .register::<dynamics::UpwardCompressor>()
        .register::<dynamics::Expander>()
        .register::<dynamics::Gate>()
        .register::<dynamics::DeEsser>()
        .register::<dynamics::TransientShaper>()
        .register::<dynamics::Limiter>()
        // Colour
        .register::<colour::Clipper>()
        .register::<colour::Saturator>()
        .register::<colour::Tape>()
        .register::<colour::Transformer>()
        // Stereo
        .register::<stereo::MidSideEncode>()
        .register::<stereo::MidSideDecode>()
        .register::<stereo::Width>()
        .register::<stereo::Balance>()
        .register::<stereo::Pan>()
        .register::<stereo::Polarity>()
        .register::<stereo::Widener>()
        .register::<stereo::BassMono>()
        .register::<stereo::PhaseRotate>()
        .register::<stereo::AzimuthAlign>()
        // Time
        .register::<time::Fade>()
        .register::<time::Crossfade>()
        .register::<time::Trim>()
        .register::<time::Pad>()
        .register::<time::Delay>()
        .register::<time::Convolver>()
        // Level
        .register::<level::Loudness>()
        .register::<level::Leveler>()
        .register::<level::MatchLoudness>()
        // Convert
        .register::<convert::Resample>()
        .register::<convert::Dither>()
        // Probe
        .register::<probe::Probe>();
}

/// A registry of every kind of the library.
#[must_use]
pub fn registry() -> Registry {
    let mut registry = Registry::new();
    roster(&mut registry);
    registry
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_kind_keeps_the_contract() {
        for kind in super::registry().kinds() {
            let failures = deadwax_node::conformance::check(kind);
            assert!(failures.is_empty(), "{}:\n{}", kind.name(), failures.join("\n"));
        }
    }
}
