//! Compression, expansion, de-essing, transients, limiting.

mod compressor;
mod de_esser;
mod expander;
mod gate;
pub(crate) mod keyed;
pub(crate) mod limiter;
mod transient_shaper;
mod upward_compressor;

pub use compressor::{Compressor, CompressorBallistics, CompressorTopology, INFINITE_RATIO};
pub use de_esser::{DeEsser, DeEsserMode};
pub use expander::Expander;
pub use gate::Gate;
pub use keyed::{DynamicsDetector, GainReport, LinkLaw};
pub use limiter::{Limiter, LimiterDetector, LimiterRelease, LimiterReport};
pub use transient_shaper::TransientShaper;
pub use upward_compressor::UpwardCompressor;

/// What users miss elsewhere, asked of every node of the family.
#[cfg(test)]
mod tests {
    use deadwax_node::conformance::Rig;
    use deadwax_node::{AnyNode, Body, Family, Format, Kind, Registry};
    use serde_json::{Value, json};

    fn every(run: impl Fn(&Kind)) {
        let registry: Registry = crate::registry();
        let mut count = 0;
        for kind in registry.kinds().filter(|kind| kind.about.family == Family::Dynamics) {
            run(kind);
            count += 1;
        }
        assert!(count >= 7);
    }

    /// The kind's example with some fields changed.
    fn with(kind: &Kind, changes: &[(&str, Value)]) -> Box<dyn AnyNode> {
        let body = kind.about.example.strip_prefix(kind.name()).unwrap();
        let mut fields = kind.from_ron(body).unwrap().to_json();
        for (name, value) in changes {
            fields[name] = value.clone();
        }
        kind.from_json(fields).unwrap()
    }

    /// Noise that comes and goes, other in each channel.
    fn programme(frames: usize) -> Vec<Vec<f64>> {
        let level = |n: usize| if (n / 3000).is_multiple_of(2) { 0.9 } else { 0.01 };
        let noise =
            |m: usize| (0..frames).map(|n| level(n) * ((n * m % 10_007) as f64 / 5003.5 - 1.0)).collect();
        [7919, 6733].map(noise).to_vec()
    }

    fn has(kind: &Kind, field: &str) -> bool {
        kind.fields.iter().any(|found| found.name == field)
    }

    #[test]
    fn every_node_can_look_ahead_and_says_by_how_much_it_is_late() {
        every(|kind| {
            let late = |ms: f64| {
                let node = with(kind, &[("lookahead_ms", json!(ms))]);
                let rig = Rig::new(&*node, Format::stereo(48_000), false).unwrap();
                rig.prepared().latency
            };
            // A de-esser that splits is late by more than any look-ahead it needs, up to a point.
            let floor = late(0.5);
            assert_eq!(
                late(20.0),
                floor.max(960 + if kind.name() == "Limiter" { 49 } else { 0 }),
                "{}",
                kind.name()
            );
        });
    }

    /// A limiter that went by another signal could not hold its own peaks.
    #[test]
    fn every_node_but_the_limiter_can_be_ruled_by_another_signal() {
        every(|kind| {
            let ports = kind.default_ports();
            let key = ports.inputs.iter().find(|port| port.name == "key");
            assert_eq!(key.is_none(), kind.name() == "Limiter", "{}", kind.name());
            let Some(key) = key else { return };
            assert!(!key.required && !key.help.is_empty());
            let node = with(kind, &[]);
            let heard = |key: Vec<Vec<f64>>| {
                let mut rig = Rig::new(&*node, Format::stereo(48_000), true).unwrap();
                rig.run(&[programme(24_000), key], &[24_000]).unwrap().remove(0)
            };
            let silent = vec![vec![0.0; 24_000]; 2];
            assert!(heard(silent) != heard(programme(24_000)), "{}: the key rules nothing", kind.name());
        });
    }

    #[test]
    fn every_node_draws_its_gain() {
        every(|kind| {
            let mut rig = Rig::new(&*with(kind, &[]), Format::stereo(48_000), false).unwrap();
            rig.run(&[programme(24_000)], &[24_000]).unwrap();
            let Body::Stream(stream) = &rig.prepared().body else { unreachable!() };
            let report = stream.report().unwrap().to_json();
            assert_eq!(report["gain_curve"]["hop_s"], json!(0.01), "{}", kind.name());
            let points = report["gain_curve"]["gain_db"].as_array().unwrap();
            let moved = points.iter().filter(|gain| gain.as_f64() != Some(0.0)).count();
            assert!(points.len() >= 45 && moved > 0, "{}: {points:?}", kind.name());
            assert!(report["deepest_db"].is_number());
        });
    }

    #[test]
    fn a_mix_of_0_is_the_delayed_input_to_the_bit_in_every_node_that_mixes() {
        every(|kind| {
            if !has(kind, "mix") {
                return assert_eq!(kind.name(), "Limiter");
            }
            let links = [0.0, 0.5, 1.0];
            for link in links {
                let node = with(kind, &[("mix", json!(0.0)), ("link", json!(link))]);
                let mut rig = Rig::new(&*node, Format::stereo(48_000), false).unwrap();
                let (input, late) = (programme(9000), rig.prepared().latency as usize);
                let out = rig.run(std::slice::from_ref(&input), &[9000]).unwrap().remove(0);
                for (out, input) in out.iter().zip(&input) {
                    assert_eq!(out[late..], input[..9000 - late], "{}, link {link}", kind.name());
                }
            }
        });
    }

    #[test]
    fn fully_linked_channels_keep_the_stereo_image_in_every_node() {
        every(|kind| {
            // One channel is half the other: it stays so. (Halves are exact.)
            let node = with(kind, &[("link", json!(1.0))]);
            let mut rig = Rig::new(&*node, Format::stereo(48_000), false).unwrap();
            let loud = programme(9000).remove(0);
            let half: Vec<f64> = loud.iter().map(|x| 0.5 * x).collect();
            let out = rig.run(&[vec![loud, half]], &[9000]).unwrap().remove(0);
            for (left, right) in out[0].iter().zip(&out[1]) {
                assert!((0.5 * left - right).abs() < 1e-15, "{}", kind.name());
            }
        });
    }
}
