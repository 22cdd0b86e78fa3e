//! What the tests of this family measure with.
#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use deadwax_node::conformance::Rig;
use deadwax_node::{AnyNode, Format, Layout};
use std::f64::consts::TAU;

/// One channel through a node.
pub(super) fn run(node: &dyn AnyNode, rate: u32, input: &[f64]) -> Vec<f64> {
    let mut rig = Rig::new(node, Format::new(rate, Layout::Mono), false).unwrap();
    rig.run(&[vec![input.to_vec()]], &[input.len()]).unwrap().remove(0).remove(0)
}

/// A second of a sine.
pub(super) fn sine(rate: u32, hz: f64, level: f64) -> Vec<f64> {
    (0..rate).map(|n| level * (TAU * hz / f64::from(rate) * f64::from(n)).sin()).collect()
}

/// The amplitude of the component at `hz`, a multiple of 2 Hz, in the second half of a second.
pub(super) fn amplitude(signal: &[f64], rate: f64, hz: f64) -> f64 {
    let half = &signal[signal.len() / 2..];
    let (mut re, mut im) = (0.0, 0.0);
    for (n, x) in half.iter().enumerate() {
        let angle = TAU * hz / rate * n as f64;
        re += x * angle.cos();
        im += x * angle.sin();
    }
    2.0 * re.hypot(im) / half.len() as f64
}

pub(super) fn db(x: f64) -> f64 {
    20.0 * x.log10()
}
