//! `inspect`: what was broken on purpose is found where it is, with the node that mends it; what is clean has nothing to mend.

use deadwax::inspect::{Fault, FaultKind, Faults, inspect, mending_graph};
use deadwax::{Existing, GraphRef, Job, Overrides, Settings, registry, render};
use deadwax_measure::signals::{Clicks, Hum, Music, hiss};
use deadwax_tests::{Channels, write_wav};
use std::path::Path;
use std::sync::atomic::AtomicBool;

const RATE_HZ: u32 = 44_100;
const SECONDS: f64 = 12.0;

/// Music that leaves room for damage.
fn music() -> Channels {
    let both = Music { rate_hz: f64::from(RATE_HZ), seconds: SECONDS, seed: 3 }.render();
    both.iter().map(|channel| channel.iter().map(|x| 0.5 * x).collect()).collect()
}

/// What is found in `channels`, written as a file of 24 bit.
fn faults(channels: &Channels) -> Faults {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mix.wav");
    write_wav(&path, RATE_HZ, channels);
    inspect(&path, &|_| {}).unwrap().1
}

fn the(kind: FaultKind, faults: &Faults) -> &Fault {
    let found = faults.faults.iter().find(|fault| fault.kind == kind);
    found.unwrap_or_else(|| panic!("no {}: {:#?}", kind.name(), faults.faults))
}

/// That one kind, and no other.
fn only(kind: FaultKind, faults: &Faults) -> &Fault {
    let others: Vec<&str> = faults.faults.iter().map(|fault| fault.kind.name()).collect();
    assert_eq!(others, [kind.name()], "{:#?}", faults.faults);
    the(kind, faults)
}

fn add(channels: &mut Channels, each: impl Fn(usize, usize, f64) -> f64) {
    for (channel, samples) in channels.iter_mut().enumerate() {
        samples.iter_mut().enumerate().for_each(|(n, sample)| *sample = each(channel, n, *sample));
    }
}

#[test]
fn clean_music_silence_and_nothing_at_all_have_nothing_to_mend() {
    for clean in [music(), vec![vec![0.0; 44_100]; 2], vec![vec![]; 2], vec![vec![0.25; 3]; 1]] {
        let found = faults(&clean);
        assert!(found.faults.is_empty(), "{:#?}", found.faults);
        assert!(mending_graph("mend", "mix.wav", &found).is_none());
    }
}

#[test]
fn clicks_are_found_where_they_are() {
    let mut mix = music();
    let made = Clicks::new(f64::from(RATE_HZ), SECONDS, 5);
    // One a second, of those that are loud.
    let mut kept: Vec<_> = Vec::new();
    for click in made.clicks.iter().filter(|click| click.peak > 0.3) {
        if kept.last().is_none_or(|last: &usize| click.frames.start > last + 44_100) {
            kept.push(click.frames.start);
            for n in click.frames.clone() {
                mix[0][n] += made.samples[n];
            }
        }
    }
    let found = faults(&mix);
    let clicks = only(FaultKind::Clicks, &found);
    assert!(
        clicks.count >= kept.len() - 1 && clicks.count <= kept.len(),
        "{} of {}",
        clicks.count,
        kept.len()
    );
    for place in &clicks.places {
        let near = kept.iter().any(|start| (place.at_s - *start as f64 / 44_100.0).abs() < 0.001);
        assert!(near && place.channel == Some(0), "{place:?}");
    }
    assert!(clicks.remedy.as_ref().unwrap().node.starts_with("DeClick("));
}

#[test]
fn an_offset_cut_peaks_hum_hiss_and_the_crackle_of_a_record_are_found() {
    let mut off = music();
    add(&mut off, |channel, _, x| x + 0.02 * channel as f64);
    let offset = faults(&off);
    assert!(only(FaultKind::Offset, &offset).what.contains("right"));

    let mut hot = music();
    add(&mut hot, |_, _, x| (4.0 * x).clamp(-0.8, 0.8));
    let clipped = faults(&hot);
    let peaks = the(FaultKind::Clipping, &clipped);
    assert!(peaks.what.contains("-1.9 dBFS") && peaks.count > 20, "{}", peaks.what);

    let mut humming = music();
    let hum = Hum::new(-45.0, 4).render(f64::from(RATE_HZ), SECONDS);
    add(&mut humming, |_, n, x| x + hum[n]);
    let found = faults(&humming);
    let hum = the(FaultKind::Hum, &found);
    assert!(hum.remedy.as_ref().unwrap().node.contains("base: Hz50"), "{:?}", hum.remedy);

    let mut crackling = music();
    let ticks = Clicks::new(f64::from(RATE_HZ), SECONDS, 8);
    for tick in &ticks.clicks {
        for n in [tick.frames.start, tick.frames.start + 700].into_iter().filter(|n| *n < 520_000) {
            crackling[1][n] += 0.08;
        }
    }
    let found = faults(&crackling);
    assert!(the(FaultKind::Crackle, &found).remedy.as_ref().unwrap().node.starts_with("DeCrackle("));
}

#[test]
fn hiss_and_noise_before_and_behind_the_music_are_found() {
    let silence = 2 * RATE_HZ as usize;
    let pad = |channel: &Vec<f64>| -> Vec<f64> {
        let quiet = vec![0.0; silence];
        quiet.iter().chain(channel).chain(&quiet).copied().collect()
    };
    let mut mix: Channels = music().iter().map(pad).collect();
    let noise: Vec<Vec<f64>> =
        (0..2).map(|seed| hiss(f64::from(RATE_HZ), SECONDS + 4.0, -58.0, 40 + seed)).collect();
    add(&mut mix, |channel, n, x| x + noise[channel][n]);
    let found = faults(&mix);
    let kinds: Vec<FaultKind> = found.faults.iter().map(|fault| fault.kind).collect();
    assert_eq!(kinds, [FaultKind::Hiss, FaultKind::Head, FaultKind::Tail], "{:#?}", found.faults);
    let hiss = the(FaultKind::Hiss, &found);
    assert!(hiss.what.contains("-58 dBFS") || hiss.what.contains("-59 dBFS"), "{}", hiss.what);
    let place = hiss.places[0];
    assert!(place.at_s + place.s <= 2.1 || place.at_s >= SECONDS + 1.9, "{place:?}");
    assert!((the(FaultKind::Head, &found).places[0].s - 2.0).abs() < 0.2);
    assert!((the(FaultKind::Tail, &found).places[0].at_s - SECONDS - 2.0).abs() < 1.0);
}

#[test]
fn dropouts_and_channels_against_each_other_are_found() {
    let mut gone = music();
    let at = 5 * RATE_HZ as usize + 321;
    gone.iter_mut().for_each(|channel| channel[at..at + 200].fill(0.0));
    let found = faults(&gone);
    let dropouts = only(FaultKind::Dropouts, &found);
    assert!(dropouts.count == 2 && dropouts.remedy.is_none(), "{dropouts:?}");
    assert!((dropouts.places[0].at_s - at as f64 / 44_100.0).abs() < 0.001);

    let mut turned = music();
    turned[1] = turned[0].iter().map(|x| -0.9 * x).collect();
    let found = faults(&turned);
    assert_eq!(only(FaultKind::Phase, &found).remedy.as_ref().unwrap().node, "Polarity(lane: Right)");

    let mut late = music();
    let mono: Vec<f64> = late[0].clone();
    late[1] = std::iter::repeat_n(0.0, 4).chain(mono).take(late[0].len()).collect();
    let found = faults(&late);
    let azimuth = only(FaultKind::Phase, &found);
    assert!(azimuth.what.contains("right channel is 91 µs late"), "{}", azimuth.what);
}

#[test]
fn the_graph_that_is_written_says_why_and_mends() {
    let clean = music();
    let mut broken = clean.clone();
    let hum = Hum::new(-40.0, 4).render(f64::from(RATE_HZ), SECONDS);
    add(&mut broken, |channel, n, x| x + hum[n] + 0.01 * channel as f64);
    for second in 1..SECONDS as usize {
        broken[0][second * 44_100 + 17] += 0.4;
    }
    let folder = tempfile::tempdir().unwrap();
    let mix = folder.path().join("side \"a\".wav");
    write_wav(&mix, RATE_HZ, &broken);
    let found = inspect(&mix, &|_| {}).unwrap().1;
    let text = mending_graph("side-a", "side \"a\".wav", &found).unwrap();
    for fault in &found.faults {
        let remedy = fault.remedy.as_ref().unwrap();
        assert!(text.contains(&fault.what) && text.contains(&remedy.node), "{text}");
    }
    let path = folder.path().join("side-a.ron");
    std::fs::write(&path, &text).unwrap();
    let mended = rendered(&path, &mix, folder.path());
    let away = |out: &Channels| -> f64 {
        let pairs = out.iter().flatten().zip(clean.iter().flatten());
        pairs.map(|(x, y)| (x - y) * (x - y)).sum()
    };
    assert!(away(&mended) < 0.1 * away(&broken), "{} of {}", away(&mended), away(&broken));
    write_wav(&mix, RATE_HZ, &mended);
    let left = inspect(&mix, &|_| {}).unwrap().1;
    assert!(left.faults.is_empty(), "{:#?}", left.faults);
}

fn rendered(graph: &Path, mix: &Path, folder: &Path) -> Channels {
    let loaded = GraphRef::File(graph.to_owned()).load(&registry(), &Overrides::none());
    let graph = loaded.unwrap_or_else(|errors| panic!("{:#?}", errors.diagnostics));
    let job = Job { input: mix.to_owned(), output: folder.join("out.wav") };
    let settings = Settings {
        encoding: Some(deadwax::Encoding::Float32),
        existing: Existing::Replace,
        measure: false,
        ..Settings::default()
    };
    render(&graph, &job, &settings, &AtomicBool::new(false), &|_| {}).unwrap();
    let mut out = vec![Vec::new(); 2];
    let samples = hound::WavReader::open(job.output).unwrap().into_samples::<f32>();
    samples.enumerate().for_each(|(n, sample)| out[n % 2].push(f64::from(sample.unwrap())));
    out
}
