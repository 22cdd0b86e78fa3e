//! Equalisers, emphasis, crossovers.

use crate::{Table, ffmpeg, impulse, magnitude_db, node, sox};
use deadwax_dsp::equalizer::Band;
use deadwax_tests::Channels;

const RATE: u32 = 44_100;

fn frequencies(from: f64, to: f64, count: usize) -> impl Iterator<Item = f64> {
    (0..=count).map(move |n| from * (to / from).powf_like(n as f64 / count as f64))
}

/// `powf` of the independent side of a comparison.
trait Power {
    fn powf_like(self, exponent: f64) -> f64;
}

impl Power for f64 {
    #[allow(clippy::disallowed_methods, reason = "an independent reference")]
    fn powf_like(self, exponent: f64) -> f64 {
        self.powf(exponent)
    }
}

fn mono(signal: Vec<f64>) -> Channels {
    vec![signal]
}

/// The largest distance from `target` in dB, up to 20 kHz and up to half the rate.
fn errors(response: &[f64], target: &dyn Fn(f64) -> f64) -> Vec<f64> {
    let worst = |to: f64| {
        frequencies(20.0, to, 300)
            .map(|hz| (magnitude_db(response, hz, RATE) - target(hz)).abs())
            .fold(0.0, f64::max)
    };
    vec![worst(20_000.0), worst(22_000.0)]
}

#[test]
#[ignore = "opt-in: compares with ffmpeg and sox"]
fn a_bell_at_16_khz() {
    let band = Band::Bell { freq_hz: 16_000.0, gain_db: 6.0, q: 1.0 };
    let target = |hz: f64| 10.0 * deadwax_dsp::math::log10(band.response(hz).norm_sqr());
    let input = mono(impulse(1 << 14));
    let figures = |out: Option<Channels>| out.map(|out| errors(&out[0], &target));
    let mut table = Table::new("Bell 16 kHz, +6 dB, Q 1, 44.1 kHz: error in dB", &["to 20 kHz", "to 22 kHz"]);
    let text = "Equalizer(bands: { a: Bell(freq_hz: 16000, gain_db: 6, q: 1) })";
    let ours = errors(&node(text, RATE, &input)[0][0], &target);
    assert!(ours[0] <= 0.005 && ours[1] <= 0.05, "{ours:?}");
    table.row("ours, minimum phase", Some(ours));
    let linear = "Equalizer(phase: Linear, bands: { a: Bell(freq_hz: 16000, gain_db: 6, q: 1) })";
    // What rings before the impulse needs room: it stands half a second into the signal.
    let mut late = vec![0.0; 1 << 15];
    late[1 << 14] = 0.25;
    let ours = errors(&node(linear, RATE, &mono(late))[0][0], &target);
    assert!(ours[0] <= 0.001 && ours[1] <= 0.001, "{ours:?}");
    table.row("ours, linear phase", Some(ours));
    table.row("ffmpeg equalizer", figures(ffmpeg("equalizer=f=16000:t=q:w=1:g=6:r=f64", RATE, &input)));
    table.row("SoX equalizer", figures(sox("equalizer 16000 1q 6", RATE, &input)));
    table.print();
}

#[test]
#[ignore = "opt-in: compares with ffmpeg and sox"]
fn the_curve_of_a_record() {
    // 3180, 318 and 75 µs, against 1 kHz.
    let curve = |hz: f64| {
        let w = std::f64::consts::TAU * hz;
        let zero = 1.0 + (w * 318e-6) * (w * 318e-6);
        let poles = (1.0 + (w * 3180e-6) * (w * 3180e-6)) * (1.0 + (w * 75e-6) * (w * 75e-6));
        10.0 * deadwax_dsp::math::log10(zero / poles)
    };
    let target = |hz: f64| curve(hz) - curve(1000.0);
    let input = mono(impulse(1 << 16));
    let errors = |response: &[f64]| {
        let at_1k = magnitude_db(response, 1000.0, RATE);
        let worst = |to: f64| {
            frequencies(20.0, to, 200)
                .map(|hz| (magnitude_db(response, hz, RATE) - at_1k - target(hz)).abs())
                .fold(0.0, f64::max)
        };
        vec![worst(10_000.0), worst(20_000.0)]
    };
    let figures = |out: Option<Channels>| out.map(|out| errors(&out[0]));
    let mut table = Table::new("RIAA playback, 44.1 kHz: error in dB", &["to 10 kHz", "to 20 kHz"]);
    let ours = errors(&node("Emphasis(curve: Riaa, mode: Decode)", RATE, &input)[0][0]);
    assert!(ours[1] <= 0.01, "{ours:?}");
    table.row("ours", Some(ours));
    table.row("ffmpeg aemphasis", figures(ffmpeg("aemphasis=mode=reproduction:type=riaa", RATE, &input)));
    table.row("SoX riaa", figures(sox("riaa", RATE, &input)));
    table.print();
}

#[test]
#[ignore = "opt-in: compares with ffmpeg"]
fn bands_that_add_up() {
    let input = mono(impulse(1 << 15));
    let flatness = |sum: &[f64]| {
        frequencies(10.0, 21_000.0, 400).map(|hz| magnitude_db(sum, hz, RATE).abs()).fold(0.0, f64::max)
    };
    let mut table = Table::new(
        "Four bands added up: distance from flat in dB",
        &["120, 1k, 6k Hz", "5.3k, 11.6k, 15.2k Hz"],
    );
    let cases = [("120, 1000, 6000", "120 1000 6000"), ("5300, 11600, 15200", "5300 11600 15200")];
    for (slope, order) in [("LR2", "2nd"), ("LR4", "4th"), ("LR8", "8th")] {
        let ours = cases.map(|(list, _)| {
            let bands = node(&format!("Crossover(freqs_hz: [{list}], slope: {slope})"), RATE, &input);
            let sum =
                (0..input[0].len()).map(|n| bands.iter().map(|band| band[0][n]).sum()).collect::<Vec<f64>>();
            flatness(&sum)
        });
        assert!(ours.iter().all(|error| *error <= 1e-9), "{slope}: {ours:?}");
        table.row(&format!("ours {slope}"), Some(ours.to_vec()));
        let theirs = cases.map(|(_, list)| {
            let split = format!("acrossover=split={list}:order={order}:precision=double[a][b][c][d];[a][b][c][d]amix=inputs=4:normalize=0");
            ffmpeg(&split, RATE, &input).map(|out| flatness(&out[0]))
        });
        table.row(&format!("ffmpeg acrossover {order}"), theirs.into_iter().collect());
    }
    table.print();
}
