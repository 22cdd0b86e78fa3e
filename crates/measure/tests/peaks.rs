//! Peaks over time: the ratio to short-term loudness, and places above a ceiling.
#![allow(clippy::disallowed_methods, reason = "an independent reference")]

mod signals;

use deadwax_dsp::true_peak::PeakMeter;
use deadwax_measure::signals::Music;
use deadwax_measure::{Meter, Wanted, channel_weights, mask_weights, position_weight};
use signals::{measure, stereo};

fn music(rate_hz: u32, seconds: f64) -> Vec<Vec<f64>> {
    Music { rate_hz: f64::from(rate_hz), seconds, seed: 3 }.render().into()
}

#[test]
fn a_steady_tone_has_a_ratio_of_3_lu_less_the_weighting() {
    // Peak −23 dBFS in both channels; −23 LUFS by the definition of the scale.
    for rate in [44_100, 48_000, 96_000, 192_000] {
        let measured = measure(rate, &stereo(rate, &[(5.0, -23.0)]), Wanted::ALL, 4096);
        // The tone begins and ends abruptly, which swings over in the windows at either end.
        assert!((measured.psr_lu.unwrap()).abs() < 0.03, "{rate}: {:?}", measured.psr_lu);
        assert!((measured.min_psr_lu.unwrap()).abs() < 0.03, "{rate}: {:?}", measured.min_psr_lu);
    }
}

#[test]
fn the_ratio_of_every_window_is_its_true_peak_less_its_loudness() {
    let rate = 44_100;
    let programme = music(rate, 8.0);
    let measured = measure(rate, &programme, Wanted::ALL, 1000);
    let history = measured.history.unwrap();
    assert_eq!(history.lufs.len(), history.psr_lu.len());
    let mut least = f64::INFINITY;
    for (index, (lufs, psr)) in history.lufs.iter().zip(&history.psr_lu).enumerate() {
        let (begin, end) = (index * 4410, index * 4410 + 3 * 44_100);
        let peak = programme.iter().map(|channel| {
            let mut meter = PeakMeter::new();
            // With the surroundings, but without their own peaks: the window is a little wider than its 3 s.
            meter.push(&channel[begin.saturating_sub(4700)..(end + 4700).min(channel.len())]);
            meter.finish().largest()
        });
        let most = 20.0 * peak.fold(0.0, f64::max).log10() - lufs.unwrap();
        let samples = programme.iter().flat_map(|channel| &channel[begin..end]);
        let at_least = 20.0 * samples.fold(0.0, |a: f64, x| a.max(x.abs())).log10() - lufs.unwrap();
        let psr = psr.unwrap();
        assert!(psr >= at_least - 1e-9 && psr <= most + 0.01, "window {index}: {at_least} {psr} {most}");
        least = least.min(psr);
    }
    assert_eq!(measured.min_psr_lu, Some(least));
    assert!(measured.psr_lu.unwrap() >= least);
    let none = measure(rate, &programme, Wanted::LOUDNESS, 1000);
    assert_eq!((none.psr_lu, none.min_psr_lu), (None, None));
}

#[test]
fn the_course_changes_no_peak() {
    let programme = music(48_000, 4.0);
    let with = measure(48_000, &programme, Wanted::ALL, 777);
    let without = measure(48_000, &programme, Wanted { psr: false, ..Wanted::ALL }, 777);
    assert_eq!(with.true_peak_dbtp, without.true_peak_dbtp);
    assert_eq!(with.true_peak_annex_2_dbtp, without.true_peak_annex_2_dbtp);
    assert_eq!(with.true_peak_reference_dbtp, without.true_peak_reference_dbtp);
}

#[test]
fn overs_are_where_they_were_put() {
    for rate in [44_100_u32, 96_000] {
        let frames = rate as usize * 2;
        let mut programme = vec![vec![0.0; frames]; 2];
        // A tone of a quarter of the rate off its samples: 3 dB above them. Ten periods every half second, on the right.
        let places: Vec<usize> = (1..4).map(|n| n * rate as usize / 2).collect();
        for place in &places {
            for n in 0..400 {
                let window = (std::f64::consts::PI * n as f64 / 400.0).sin().powi(2);
                programme[1][place + n] = 0.75 * window * [1.0, 1.0, -1.0, -1.0][n % 4];
            }
        }
        let wanted = Wanted { overs_above_dbtp: Some(-1.0), ..Wanted::LOUDNESS };
        let overs = measure(rate, &programme, wanted, 4096).overs.unwrap();
        assert_eq!((overs.count, overs.places.len(), overs.ceiling_dbtp), (3, 3, -1.0));
        for (over, place) in overs.places.iter().zip(places) {
            assert!(over.channel == 1 && (over.frame as usize).abs_diff(place + 170) < 60, "{over:?}");
            assert!(over.frames < 150 && (over.at_s - over.frame as f64 / f64::from(rate)).abs() < 1e-12);
            assert!((over.peak_dbtp - 0.51).abs() < 0.05, "{over:?}");
        }
        assert_eq!(measure(rate, &programme, wanted, 77).overs.unwrap(), overs);
        let none = measure(rate, &programme, Wanted { overs_above_dbtp: Some(1.0), ..wanted }, 4096);
        assert_eq!(none.overs.unwrap().count, 0);
    }
}

#[test]
fn very_many_overs_are_counted_and_not_all_listed() {
    let mut programme = vec![vec![0.0; 44_100 * 40]];
    programme[0].iter_mut().step_by(1000).for_each(|sample| *sample = 1.2);
    let wanted = Wanted { overs_above_dbtp: Some(0.0), ..Wanted::LOUDNESS };
    let overs = measure(44_100, &programme, wanted, 5000).overs.unwrap();
    assert_eq!((overs.count, overs.places.len()), (1764, 1000));
    assert!(overs.places.iter().all(|over| over.frames <= 2));
}

#[test]
fn a_meter_that_runs_shows_what_it_has_heard() {
    let programme = stereo(48_000, &[(4.0, -20.0), (1.0, -40.0)]);
    let mut meter = Meter::new(48_000, 2, Wanted::LOUDNESS).unwrap();
    meter.push(&[&programme[0][..1000], &programme[1][..1000]]);
    assert_eq!((meter.momentary_lufs(), meter.short_term_lufs()), (None, None));
    meter.push(&[&programme[0][1000..192_000], &programme[1][1000..192_000]]);
    for value in [meter.momentary_lufs(), meter.short_term_lufs(), meter.integrated_lufs()] {
        assert!((value.unwrap() + 20.0).abs() < 0.02, "{value:?}");
    }
    meter.push(&[&programme[0][192_000..], &programme[1][192_000..]]);
    assert!((meter.momentary_lufs().unwrap() + 40.0).abs() < 0.02);
}

#[test]
fn any_layout_weighs_its_channels_by_where_they_stand() {
    assert_eq!(mask_weights(0x3, 2), channel_weights(2));
    // 5.1 with back or with side surrounds, 7.1, and 5.1.4: the upper channels count 1.
    assert_eq!(mask_weights(0x3f, 6), channel_weights(6));
    assert_eq!(mask_weights(0x60f, 6), channel_weights(6));
    assert_eq!(mask_weights(0x63f, 8), channel_weights(8));
    assert_eq!(mask_weights(0x2_d60f, 10)[6..], [1.0; 4]);
    assert_eq!(mask_weights(0, 3), [1.0; 3]);
    for (azimuth, elevation, weight) in
        [(30.0, 0.0, 1.0), (-60.0, 0.0, 1.41), (110.0, 29.0, 1.41), (120.0, 30.0, 1.0), (135.0, 0.0, 1.0)]
    {
        assert_eq!(position_weight(azimuth, elevation), weight);
    }
    // The weights are those the meter goes by: +1.5 dB for a side channel.
    let tone = stereo(48_000, &[(2.0, -20.0)]).remove(0);
    let lufs = |weight: f64| {
        let mut meter = Meter::with_weights(48_000, &[weight], Wanted::LOUDNESS).unwrap();
        meter.push(&[&tone]);
        meter.finish().integrated_lufs.unwrap()
    };
    assert!((lufs(1.41) - lufs(1.0) - 10.0 * 1.41_f64.log10()).abs() < 1e-9);
}
