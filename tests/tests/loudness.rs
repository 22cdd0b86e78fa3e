//! Loudness that is aimed at the output, behind a limiter, on synthetic mixes: delivered within 0.05 LU in at most four
//! rounds, or reported as unreachable with the best there was; the true peak holds its ceiling by both meters.

use deadwax_dsp::math::tanh;
use deadwax_engine::Options;
use deadwax_graph::{Memory, Overrides, load};
use deadwax_measure::signals::Music;
use deadwax_measure::{Measured, Meter, Wanted};
use deadwax_nodes::level::LoudnessReport;
use deadwax_tests::{Channels, run_graph};

/// The mix at a rate, its peaks rounded off the more the larger `drive` is: 12 s, or less at high rates.
fn music(rate_hz: u32, seconds: f64, seed: u64, drive: f64) -> Channels {
    let mix = Music { rate_hz: f64::from(rate_hz), seconds, seed }.render();
    mix.into_iter().map(|c| c.into_iter().map(|x| 0.5 * tanh(drive * x) / drive.max(0.5)).collect()).collect()
}

fn delivered(rate_hz: u32, channels: &Channels, target: f64) -> (LoudnessReport, Measured) {
    let text = format!(
        "Graph(format: 1, nodes: {{ level: Loudness(target_lufs: {target}), peak: Limiter(ceiling_dbtp: -1) }}, \
         wires: [\"input -> level -> peak -> output\"])"
    );
    let memory = Memory::new().with("main.ron", text);
    let graph = load(&deadwax_nodes::registry(), &memory, "main.ron", &Overrides::none()).unwrap();
    let (sinks, outcome) = run_graph(&graph, rate_hz, channels, &Options::default()).unwrap();
    let (_, report) = &outcome.goals[0];
    let wanted = Wanted { windows: false, history: false, psr: false, ..Wanted::ALL };
    let mut meter = Meter::new(rate_hz, 2, wanted).unwrap();
    let heard: Vec<&[f64]> = sinks[0].channels.iter().map(Vec::as_slice).collect();
    meter.push(&heard);
    (report.get::<LoudnessReport>().unwrap().clone(), meter.finish())
}

fn check(rate_hz: u32, channels: &Channels, target: f64, what: &str) -> bool {
    let (report, measured) = delivered(rate_hz, channels, target);
    let lufs = measured.integrated_lufs.unwrap();
    assert!((report.delivered_lufs.unwrap() - lufs).abs() < 1e-9, "{what}: {report:?}, and it is {lufs}");
    for peak in [measured.true_peak_reference_dbtp, measured.true_peak_annex_2_dbtp] {
        assert!(peak.unwrap() <= -1.0 + 0.01, "{what}: {peak:?} dBTP");
    }
    if report.reached {
        assert!((lufs - target).abs() <= 0.05 && report.rounds <= 4, "{what}: {lufs}, {report:?}");
    } else {
        // The best there was: above it only more crushing, and the report says what would help.
        assert!(lufs < target && report.rounds <= 5, "{what}: {report:?}");
        assert!(report.help.unwrap().contains("Compress or clip before the limiter"), "{what}");
    }
    report.reached
}

#[test]
fn mixes_reach_minus_14_and_minus_10_within_0_05_lu_in_four_rounds_or_say_why_not() {
    let mut reached = [0, 0];
    for seed in 1..=4 {
        for drive in [0.5, 1.5, 4.0] {
            let channels = music(44_100, 8.0, seed, drive);
            for (index, target) in [-14.0, -10.0].into_iter().enumerate() {
                let what = format!("seed {seed}, drive {drive}, {target} LUFS");
                reached[index] += usize::from(check(44_100, &channels, target, &what));
            }
        }
    }
    assert!(reached[0] == 12 && reached[1] > 4, "{reached:?}");
}

#[test]
fn what_cannot_be_reached_is_said_at_once() {
    let channels = music(44_100, 6.0, 1, 0.5);
    assert!(!check(44_100, &channels, -5.0, "−5 LUFS"));
}

#[test]
fn rates_make_no_difference() {
    for rate_hz in [48_000, 88_200, 96_000, 192_000] {
        let channels = music(rate_hz, 3.0, 2, 1.5);
        assert!(check(rate_hz, &channels, -14.0, &format!("{rate_hz} Hz")));
    }
}
