//! Each check finds its fault, and leaves a clean file alone.

use super::*;
use crate::{Check, Finding, Weight};
use deadwax_dsp::dither::{Dither, Quantizer, Settings, Shape};
use deadwax_dsp::equalizer::{Band, Shape as Filter};
use deadwax_dsp::math::{cos, sin};
use deadwax_dsp::svf::Cascade;
use deadwax_measure::signals::{DEMO_RATE_HZ, demos, gaussian};
use proptest::prelude::*;
use std::f64::consts::{PI, TAU};

const RATE_HZ: u32 = 44_100;

type Stereo = [Vec<f64>; 2];

/// Noise, mostly in the middle, that comes in over a fifth of a second and fades out over one.
fn programme(seconds: f64) -> Stereo {
    let frames = (f64::from(RATE_HZ) * seconds) as usize;
    let (middle, sides) = (gaussian(frames, 1), gaussian(frames, 2));
    let ramp = |n: usize, s: f64| 0.5 - 0.5 * cos(PI * (n as f64 / (s * f64::from(RATE_HZ))).min(1.0));
    let gain = |n: usize| 0.08 * ramp(n, 0.2) * ramp(frames - 1 - n, 1.0);
    let side = |sign: f64| (0..frames).map(|n| gain(n) * (middle[n] + sign * 0.3 * sides[n])).collect();
    [side(1.0), side(-1.0)]
}

/// Words of so many bits; with triangular dither, or cut off.
fn words(mut channels: Stereo, bits: u32, dithered: bool) -> Stereo {
    let dither = if dithered { Dither::Triangular } else { Dither::None };
    let settings = Settings { bits, dither, shape: Shape::None, rate_hz: f64::from(RATE_HZ), seed: 1 };
    let mut quantizer = Quantizer::new(settings, 2);
    for (number, channel) in channels.iter_mut().enumerate() {
        quantizer.process(number, 0, channel);
    }
    channels
}

fn figures_at(rate_hz: u32, channels: &Stereo, block: usize) -> FileFigures {
    let mut meter = FileMeter::new(rate_hz, 2, Kind::Portable).unwrap();
    for (left, right) in channels[0].chunks(block).zip(channels[1].chunks(block)) {
        meter.push(&[left, right]);
    }
    meter.finish()
}

fn figures(channels: &Stereo) -> FileFigures {
    figures_at(RATE_HZ, channels, 10_000)
}

fn found(channels: &Stereo) -> Vec<Finding> {
    figures(channels).findings(&Expected { bits: Some(24), ..Expected::default() })
}

fn checks(channels: &Stereo) -> Vec<Check> {
    found(channels).iter().map(|finding| finding.check).collect()
}

/// The clean programme of 24 bit.
fn clean() -> Stereo {
    words(programme(4.0), 24, true)
}

#[test]
fn nothing_is_told_of_a_clean_file() {
    assert_eq!(found(&clean()), []);
    let coarse = words(programme(4.0), 16, true);
    assert_eq!(figures(&coarse).findings(&Expected { bits: Some(16), ..Expected::default() }), []);
}

/// What was composed by code comes from no lossy file and was not converted; some of it ends at 20 kHz.
#[test]
fn the_demo_signals_are_accused_of_nothing_they_did_not_do() {
    for demo in demos() {
        let figures = figures_at(DEMO_RATE_HZ, &demo.channels, 10_000);
        assert_eq!(figures.source_findings(None), [], "{}", demo.name);
        let told = figures.findings(&Expected::default());
        let wrong = [Check::Clipping, Check::Dropout, Check::Stuck, Check::Truncated, Check::Offset];
        assert!(told.iter().all(|finding| !wrong.contains(&finding.check)), "{}: {told:?}", demo.name);
    }
}

#[test]
fn a_file_that_is_cut_into_the_music_is_told_at_either_end() {
    let whole = clean();
    let cut: Stereo = whole.clone().map(|channel| channel[10_000..120_000].to_vec());
    let told = found(&cut);
    assert_eq!(told.iter().map(|f| f.check).collect::<Vec<_>>(), [Check::Head, Check::Tail]);
    assert!((told[1].at_s.unwrap() - 110_000.0 / 44_100.0).abs() < 1e-9);
    // Where it goes on in its neighbours that is how it should be.
    let goes_on = Expected { continues_before: true, continues_behind: true, ..Expected::default() };
    assert_eq!(figures(&cut).findings(&goes_on), []);
}

#[test]
fn a_fade_that_is_cut_is_told_although_its_last_sample_is_soft() {
    let faded: Stereo = clean().map(|mut channel| {
        let end = channel.len();
        channel.iter_mut().for_each(|x| *x *= 0.1);
        channel[end - 44_100..].iter_mut().for_each(|x| *x = 2e-4 * (*x / 0.008).clamp(-2.0, 2.0) + 3e-4);
        channel
    });
    let told = found(&faded);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].check == Check::Tail && told[0].message.contains("fade is cut at -7"), "{told:?}");
}

#[test]
fn silence_in_front_is_told_from_half_a_second_on_but_not_in_a_gap() {
    let pad = |frames: usize| clean().map(|channel| [vec![0.0; frames], channel].concat());
    assert_eq!(found(&pad(13_000)), []);
    let told = found(&pad(44_100));
    assert_eq!((told.len(), told[0].check, told[0].weight), (1, Check::Head, Weight::Note), "{told:?}");
    let padded = pad(44_100);
    let mut meter = FileMeter::new(RATE_HZ, 2, Kind::Portable).unwrap().music(44_100..u64::MAX);
    meter.push(&[&padded[0], &padded[1]]);
    assert_eq!(meter.finish().findings(&Expected::default()), []);
    let silent = [vec![0.0; 50_000], vec![0.0; 50_000]];
    assert_eq!(checks(&silent), [Check::Head]);
    assert_eq!(checks(&[Vec::new(), Vec::new()]), [Check::Head]);
}

#[test]
fn an_offset_is_told_with_its_side_from_a_thousandth_on() {
    let with = |offset: f64| {
        let [left, right] = clean();
        [left, right.iter().map(|x| x + offset).collect()]
    };
    let off = |offset: f64| {
        let told = found(&with(offset));
        told.into_iter().find(|finding| finding.check == Check::Offset)
    };
    assert_eq!(off(0.0008), None);
    assert!(off(0.002).unwrap().message.contains("of the right lies +0.00"));
}

#[test]
fn channels_that_cancel_are_told_with_place_and_length() {
    let [left, right] = clean();
    let turned = |from: usize, to: usize| {
        let mut right = right.clone();
        right[from..to].iter_mut().for_each(|x| *x = -*x);
        [left.clone(), right]
    };
    let of = |channels: &Stereo| -> Vec<Finding> {
        found(channels).into_iter().filter(|finding| finding.check == Check::Phase).collect()
    };
    assert_eq!(of(&turned(44_100, 44_100 + 22_050)), [], "half a second");
    let told = of(&turned(44_100, 44_100 * 5 / 2));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!((told[0].at_s.unwrap() - 1.2).abs() < 0.25, "{told:?}");
    assert!(told[0].message.contains("for 1.5 s") || told[0].message.contains("for 1.4 s"), "{told:?}");
    let mono: Vec<Check> = checks(&turned(0, left.len()));
    assert!(mono.contains(&Check::Mono) && mono.contains(&Check::Phase), "{mono:?}");
}

#[test]
fn the_bass_alone_may_cancel() {
    let mut channels = clean();
    for (channel, sign) in channels.iter_mut().zip([1.0, -1.0]) {
        let frames = channel.len();
        for (n, x) in channel.iter_mut().enumerate() {
            let edge = (n.min(frames - 1 - n) as f64 / 22_050.0).min(1.0);
            *x += sign * 0.03 * edge * sin(TAU * 60.0 / 44_100.0 * n as f64);
        }
    }
    let told = found(&channels);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].message.contains("below 200 Hz"), "{told:?}");
}

#[test]
fn bits_that_are_declared_and_not_used_are_told() {
    let padded = words(programme(4.0), 16, true);
    let told = found(&padded);
    assert_eq!((told.len(), told[0].check), (1, Check::Bits), "{told:?}");
    assert!(told[0].message.contains("16 of its 24"));
    // Floating point has no words to fill, beyond those of 24 bit.
    assert_eq!(figures(&clean()).findings(&Expected { bits: Some(32), ..Expected::default() }), []);
}

#[test]
fn samples_that_are_no_numbers_are_told() {
    let mut channels = clean();
    channels[1][70_000] = f64::NAN;
    channels[0][70_001] = f64::INFINITY;
    let told = found(&channels);
    assert!(told.iter().any(|finding| finding.message == "2 of its samples are no numbers"), "{told:?}");
}

/// Low notes that fade away for two seconds.
fn fading_notes() -> Stereo {
    let note = |hz: f64| {
        let frame = |n: usize| {
            let t = n as f64 / f64::from(RATE_HZ);
            0.3 * (t / 0.05).min(1.0) * deadwax_dsp::math::exp(-5.0 * t) * sin(TAU * hz * t)
        };
        (0..RATE_HZ as usize * 4).map(frame).collect::<Vec<f64>>()
    };
    [note(110.0), note(165.0)]
}

#[test]
fn words_cut_off_without_dither_are_told_and_dithered_ones_are_not() {
    let expected = Expected { bits: Some(16), ..Expected::default() };
    let told = figures(&words(fading_notes(), 16, false)).findings(&expected);
    assert_eq!(told.iter().map(|f| f.check).collect::<Vec<_>>(), [Check::Truncated], "{told:?}");
    assert!((1.0..2.5).contains(&told[0].at_s.unwrap()), "{told:?}");
    let dithered = figures(&words(fading_notes(), 16, true));
    assert!(dithered.words.quiet_s > 1.0, "there is something to see: {:?}", dithered.words);
    assert_eq!(dithered.findings(&expected), []);
    // Rectangular noise, and silence behind it, as some blank it.
    let settings = Settings {
        bits: 16,
        dither: Dither::Rectangular,
        shape: Shape::None,
        rate_hz: f64::from(RATE_HZ),
        seed: 1,
    };
    let mut quantizer = Quantizer::new(settings, 2);
    let mut channels = fading_notes();
    for (number, channel) in channels.iter_mut().enumerate() {
        quantizer.process(number, 0, channel);
        channel.extend(vec![0.0; 44_100]);
    }
    assert_eq!(figures(&channels).findings(&expected), []);
}

#[test]
fn flat_tops_dropouts_and_held_words_are_told_where_they_are() {
    let loud = fading_notes().map(|channel| channel.iter().map(|x| (x * 3.0).clamp(-0.5, 0.5)).collect());
    assert_eq!(checks(&words(loud, 24, true)), [Check::Clipping]);
    let broken = |value: f64| {
        clean().map(|mut channel| {
            channel[88_200..88_200 + 882].fill(value);
            channel
        })
    };
    let told = found(&broken(0.0));
    assert_eq!((told.len(), told[0].check), (1, Check::Dropout), "{told:?}");
    assert!((told[0].at_s.unwrap() - 2.0).abs() < 0.01);
    let told = found(&broken(0.05));
    assert_eq!((told.len(), told[0].check), (1, Check::Stuck), "{told:?}");
    assert!((told[0].at_s.unwrap() - 2.0).abs() < 0.01 && told[0].message.contains("20 ms"), "{told:?}");
}

#[test]
fn peaks_are_held_against_every_service_and_both_meters_are_told() {
    let asked = |service: &str, ceiling_dbtp: f64, advised: bool| Asked {
        service: service.to_owned(),
        ceiling_dbtp,
        advised,
    };
    let figures = figures(&clean());
    let peak = figures.measured.true_peak_dbtp.unwrap();
    let told = |ceilings: Vec<Asked>| figures.findings(&Expected { ceilings, ..Expected::default() });
    assert_eq!(told(vec![asked("far", peak + 0.4, false)]), []);
    let near = told(vec![asked("near", peak + 0.2, false), asked("far", peak + 1.0, false)]);
    assert_eq!((near.len(), near[0].weight), (1, Weight::Note));
    assert!(near[0].message.contains("near") && !near[0].message.contains("far"), "{near:?}");
    let over = told(vec![asked("one", peak - 0.5, false), asked("two", peak - 1.0, true)]);
    assert_eq!((over.len(), over[0].weight, over[0].advice.as_str()), (1, Weight::Warning, "1.0 dB lower"));
    assert!(over[0].message.contains("one") && over[0].message.contains("two meters"), "{over:?}");
    let advised = told(vec![asked("two", peak - 1.0, true)]);
    assert_eq!(advised[0].weight, Weight::Note);
}

/// Noise through a sinc of 400 taps, as converters have.
fn brick(rate_hz: u32, to_hz: f64) -> Stereo {
    let taps: Vec<f64> = (-200..=200)
        .map(|n: i32| {
            let (at, of_rate) = (f64::from(n), 2.0 * to_hz / f64::from(rate_hz));
            let sinc = if n == 0 { of_rate } else { sin(PI * of_rate * at) / (PI * at) };
            sinc * deadwax_dsp::window::kaiser(at / 201.0, 10.0)
        })
        .collect();
    [1, 2].map(|seed| {
        let noise = gaussian(rate_hz as usize * 4, seed);
        noise
            .windows(taps.len())
            .map(|near| 0.1 * near.iter().zip(&taps).map(|(x, t)| x * t).sum::<f64>())
            .collect()
    })
}

#[test]
fn noise_that_ends_where_a_converter_or_a_coder_ends_is_told() {
    let check = |rate_hz: u32, to_hz: f64| {
        let told = figures_at(rate_hz, &brick(rate_hz, to_hz), 10_000).source_findings(Some(24));
        told.iter().map(|finding| finding.check).collect::<Vec<_>>()
    };
    assert_eq!(check(96_000, 21_200.0), [Check::Upsampled]);
    assert_eq!(check(88_200, 23_000.0), [Check::Upsampled]);
    assert_eq!(check(44_100, 16_500.0), [Check::Lossy]);
    // What any converter to this rate leaves.
    assert_eq!(check(44_100, 21_200.0), []);
    assert_eq!(check(96_000, 30_000.0), []);
}

#[test]
fn noise_through_the_low_passes_of_an_equaliser_is_accused_of_nothing() {
    for rate_hz in [44_100, 96_000] {
        let white = [1, 2].map(|seed| gaussian(rate_hz as usize * 4, seed).iter().map(|x| 0.1 * x).collect());
        let told = |channels: &Stereo| figures_at(rate_hz, channels, 10_000).source_findings(Some(24));
        assert_eq!(told(&white), []);
        for (freq_hz, slope_db_oct) in
            [(4000.0, 24), (12_000.0, 12), (16_000.0, 48), (16_000.0, 96), (20_000.0, 96)]
        {
            let band = Band::LowPass { freq_hz, slope_db_oct, shape: Filter::Butterworth };
            let mut cascade = Cascade::new(&band.design(f64::from(rate_hz)).unwrap(), 2);
            let mut channels: Stereo = white.clone();
            cascade.process_all(channels.iter_mut().map(|channel| &mut channel[..]));
            assert_eq!(told(&channels), [], "{rate_hz} {freq_hz} {slope_db_oct}");
        }
    }
}

/// A coder that leaves out bands for three windows, and everything above 16.5 kHz, in windows of 1024 that overlap by half.
fn coded(channels: &Stereo) -> Stereo {
    use deadwax_dsp::fft::Transform;
    use deadwax_dsp::noise::Noise;
    use rustfft::num_complex::Complex;
    let (size, noise) = (1024_usize, Noise::new(7, 0));
    let mut transform = Transform::new(size, Kind::Portable);
    channels.clone().map(|channel| {
        let mut out = vec![0.0; channel.len()];
        for (number, begin) in (0..channel.len() - size).step_by(size / 2).enumerate() {
            let weight = |n: usize| sin(PI * (n as f64 + 0.5) / size as f64);
            let mut points: Vec<Complex<f64>> =
                (0..size).map(|n| Complex::new(weight(n) * channel[begin + n], 0.0)).collect();
            transform.forward(&mut points);
            for bin in 0..=size / 2 {
                let band = (bin / 16) as u64;
                let left_out = bin > 230 && noise.uniform(number as u64 / 3 * 64 + band) > 0.7;
                if left_out || bin > 383 {
                    points[bin] = Complex::default();
                    points[(size - bin) % size] = Complex::default();
                }
            }
            transform.inverse(&mut points);
            (0..size).for_each(|n| out[begin + n] += weight(n) * points[n].re);
        }
        out
    })
}

#[test]
fn holes_below_an_edge_make_a_lossy_file_certain() {
    let noise: Stereo = [1, 2].map(|seed| gaussian(44_100 * 12, seed).iter().map(|x| 0.1 * x).collect());
    assert_eq!(figures(&noise).source.holes, 0);
    let coded = figures(&coded(&noise));
    assert_eq!(coded.source.origin, Some((Origin::Lossy, Confidence::High)), "{:?}", coded.source);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_size_of_blocks_changes_no_bit(block in 1_usize..9000, from in 0_usize..3000) {
        let channels: Stereo = clean().map(|channel| channel[from..from + 60_000].to_vec());
        prop_assert_eq!(figures_at(RATE_HZ, &channels, block), figures_at(RATE_HZ, &channels, 60_000));
    }
}
