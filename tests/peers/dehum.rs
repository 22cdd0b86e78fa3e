//! Hum under music: by how much less of it is left, and what is done to music without any.

use crate::restore::{RATE, excerpts_of, mean, snr_db};
use crate::{Table, ffmpeg, node};
use deadwax_measure::signals::{Hum, Music};
use deadwax_tests::Channels;

/// Long enough that hum can be told from a note.
const SECONDS: f64 = 20.0;
/// How wide ffmpeg's notches are tried, in Hz, and how many harmonics they take.
const WIDTHS_HZ: [f64; 4] = [0.5, 1.0, 2.0, 5.0];
const NOTCHES: [usize; 3] = [3, 8, 20];

/// The same hum on both channels, less of it on the right.
fn over(clean: &Channels, level_dbfs: f64, seed: u64) -> Channels {
    let hum = Hum::new(level_dbfs, seed).render(f64::from(RATE), clean[0].len() as f64 / f64::from(RATE));
    let add =
        |(clean, part): (&Vec<f64>, f64)| clean.iter().zip(&hum).map(|(x, hum)| x + part * hum).collect();
    clean.iter().zip([1.0, 0.5]).map(add).collect()
}

/// Notches at the harmonics of the hum's middle frequency.
fn notches(width_hz: f64, count: usize) -> String {
    let notch = |k: usize| format!("bandreject=f={}:t=h:w={width_hz}:r=f64", 50.03 * k as f64);
    (1..=count).map(notch).collect::<Vec<_>>().join(",")
}

/// By how many dB the SNR rises; above 0 is better.
fn better(clean: &Channels, broken: &Channels, out: &Channels) -> f64 {
    snr_db(clean, out) - snr_db(clean, broken)
}

fn row(clean: &Channels, level_dbfs: f64, seed: u64, best: &mut [Vec<f64>]) -> (Vec<f64>, f64) {
    let broken = over(clean, level_dbfs, seed);
    let ours = |text: &str| better(clean, &broken, &node(text, RATE, &broken)[0]);
    let blind = ours("DeHum(mode: Blind)");
    // Two and a half seconds of hum before the music begins.
    let lead = |x: &Channels| -> Channels {
        x.iter()
            .map(|x| vec![0.0; 5 * RATE as usize / 2].into_iter().chain(x.iter().copied()).collect())
            .collect()
    };
    let early = lead(clean);
    let humming = over(&early, level_dbfs, seed);
    let learnt = better(&early, &humming, &node("DeHum()", RATE, &humming)[0]);
    let settings = WIDTHS_HZ.iter().flat_map(|width| NOTCHES.map(|count| (*width, count)));
    let mut theirs = f64::NAN;
    for ((width_hz, count), all) in settings.zip(best) {
        if let Some(out) = ffmpeg(&notches(width_hz, count), RATE, &broken) {
            let one = better(clean, &broken, &out);
            theirs = theirs.max(one);
            all.push(one);
        }
    }
    (vec![snr_db(clean, &broken), blind, learnt, theirs], blind.min(learnt))
}

#[test]
#[ignore = "opt-in: compares with ffmpeg, and needs DEADWAX_MUSIC for real tracks"]
fn hum_under_music() {
    let synthetic = Music { rate_hz: f64::from(RATE), seconds: SECONDS, seed: 1 }.render().to_vec();
    let mut cases = vec![("synthetic".to_owned(), synthetic)];
    cases.extend(excerpts_of(SECONDS));
    let heads = ["SNR before", "DeHum blind", "DeHum, lead-in", "bandreject, best of 12 for each"];
    for level_dbfs in [-30.0, -40.0, -50.0] {
        let title = match level_dbfs {
            -30.0 => "Hum at −30 dBFS: rise of the SNR in dB",
            -40.0 => "Hum at −40 dBFS: rise of the SNR in dB",
            _ => "Hum at −50 dBFS: rise of the SNR in dB",
        };
        let mut table = Table::new(title, &heads);
        let mut best = vec![Vec::new(); WIDTHS_HZ.len() * NOTCHES.len()];
        for (seed, (name, clean)) in (10..).zip(&cases) {
            let (figures, least) = row(clean, level_dbfs, seed, &mut best);
            assert!(least > -0.05, "{name} at {level_dbfs} dBFS: {least} dB");
            table.row(name, Some(figures));
        }
        table.print();
        let mut settings = Table::new("bandreject: mean over all", &["rise of the SNR in dB"]);
        let names = WIDTHS_HZ
            .iter()
            .flat_map(|width| NOTCHES.map(|count| format!("{count} notches, {width} Hz wide")));
        for (name, all) in names.zip(&best) {
            settings.row(&name, (!all.is_empty()).then(|| vec![mean(all)]));
        }
        settings.print();
    }
}

#[test]
#[ignore = "opt-in: needs DEADWAX_MUSIC for real tracks"]
fn music_without_hum_or_pops_passes_to_the_bit() {
    for (name, clean) in excerpts_of(SECONDS) {
        for text in ["DeHum()", "DeHum(mode: Blind, harmonics: 40)", "DePlosive()"] {
            assert!(node(text, RATE, &clean)[0] == clean, "{text} on {name}");
        }
    }
}
