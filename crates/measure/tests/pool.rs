//! Several programmes together.
#![allow(clippy::disallowed_methods, reason = "an independent reference")]

mod signals;

use deadwax_measure::{Meter, Pool, Wanted};
use signals::{Programme, measure, stereo};

fn heard(rate_hz: u32, programme: &Programme) -> Meter {
    let mut meter = Meter::new(rate_hz, 2, Wanted::ALL).unwrap();
    meter.push(&[&programme[0], &programme[1]]);
    meter
}

#[test]
fn programmes_are_gated_as_one() {
    // BS.1770-5: twice as long at −20 as at −26, and a third 30 dB down that the relative gate leaves out.
    let parts = [(20.0, -20.0), (10.0, -26.0), (10.0, -56.0)];
    let mut pool = Pool::new();
    for (index, part) in parts.into_iter().enumerate() {
        let rate = [44_100, 48_000, 44_100][index];
        let programme = stereo(rate, &[part]);
        let one = pool.take(heard(rate, &programme));
        assert_eq!(one, measure(rate, &programme, Wanted::ALL, 5000));
    }
    let all = pool.measured();
    // Blocks: 197 and 97, of 400 ms in steps of 100 ms.
    let power = (197.0 * 10_f64.powf(-2.0) + 97.0 * 10_f64.powf(-2.6)) / 294.0;
    assert!((all.integrated_lufs.unwrap() - 10.0 * power.log10()).abs() < 0.02, "{all:?}");
    assert!((all.loudest_programme_lufs.unwrap() + 20.0).abs() < 0.02);
    assert!((all.true_peak_dbtp.unwrap() + 20.0).abs() < 0.2 && (all.seconds - 40.0).abs() < 1e-9);
    assert_eq!(all.programmes, 3);
}

#[test]
fn a_range_over_programmes_is_that_of_one_after_the_other() {
    // Tech 3342, case 1, cut in two.
    let mut pool = Pool::new();
    for part in [(20.0, -20.0), (20.0, -30.0)] {
        pool.take(heard(48_000, &stereo(48_000, &[part])));
    }
    assert!((pool.measured().loudness_range_lu.unwrap() - 10.0).abs() < 0.1);
}

#[test]
fn nothing_heard_has_no_figures() {
    let mut pool = Pool::new();
    assert_eq!(pool.measured().integrated_lufs, None);
    pool.take(heard(44_100, &vec![vec![0.0; 100]; 2]));
    let all = pool.measured();
    assert_eq!((all.integrated_lufs, all.true_peak_dbtp, all.programmes), (None, None, 1));
}
