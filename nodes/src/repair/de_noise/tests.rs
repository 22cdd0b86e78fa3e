//! Noise over music and alone, against the music itself.
use super::*;
use deadwax_dsp::math::db_to_gain;
use deadwax_measure::signals::{Music, gaussian, hiss, sine};
use deadwax_node::conformance::{Rig, check};
use deadwax_node::learn::ProgrammeHash;
use deadwax_node::{Body, Format, Layout, NodeError, Stream};

const RATE: u32 = 44_100;

fn rms_db(x: &[f64]) -> f64 {
    power_to_db(x.iter().map(|x| x * x).sum::<f64>() / x.len() as f64)
}

fn format(channels: usize) -> Format {
    Format::new(RATE, Layout::of_channels(channels).unwrap())
}

/// What comes out, latency and all.
fn late(node: &DeNoise, input: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut rig = Rig::new(node, format(input.len()), false).unwrap();
    rig.run(&[input.to_vec()], &[input[0].len()]).unwrap().remove(0)
}

fn noisy(seconds: f64, db: f64, seed: u64) -> Vec<f64> {
    let gain = db_to_gain(db);
    gaussian((seconds * f64::from(RATE)) as usize, seed).iter().map(|x| gain * x).collect()
}

/// A second and a half of hiss, then music with it.
fn transfer() -> [Vec<f64>; 2] {
    let mut music = Music { rate_hz: f64::from(RATE), seconds: 4.0, seed: 3 }.render();
    for (channel, seed) in music.iter_mut().zip(40..) {
        let mut all = hiss(f64::from(RATE), 5.5, -50.0, seed);
        let lead = all.len() - channel.len();
        all[lead..].iter_mut().zip(&*channel).for_each(|(noise, music)| *noise += music);
        *channel = all;
    }
    music
}

#[test]
fn it_keeps_the_contract() {
    let registry = crate::registry();
    let failures = check(registry.get("DeNoise").unwrap());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// DSP specification, 3.7: without reduction the null is −290 dBFS or better. Here it is exact.
#[test]
fn without_reduction_nothing_changes_to_the_bit() {
    for profile in [DeNoiseProfile::Learn, DeNoiseProfile::Adaptive] {
        let node = DeNoise { profile, ..DeNoise::neutral().unwrap() };
        let input = transfer();
        let out = late(&node, &input);
        for (x, y) in input.iter().zip(&out) {
            assert!(y[2048..].iter().zip(x).all(|(y, x)| y.to_bits() == x.to_bits()), "{:?}", node.profile);
        }
    }
}

#[test]
fn audition_is_the_rest() {
    for profile in [DeNoiseProfile::Learn, DeNoiseProfile::Adaptive] {
        let node = DeNoise { profile, ..DeNoise::default() };
        let input = transfer();
        let (left, away) = (late(&node, &input), late(&DeNoise { audition: true, ..node }, &input));
        assert!(rms_db(&away[0]) > -70.0);
        for (n, x) in input[0][..input[0].len() - 2048].iter().enumerate() {
            assert!((left[0][n + 2048] + away[0][n + 2048] - x).abs() < 1e-15);
        }
    }
}

/// Prepares the node, lets it hear `input`, and gives back the stream.
fn taught(node: &DeNoise, input: &[Vec<f64>], lesson: Option<&str>) -> Result<Box<dyn Stream>, NodeError> {
    let mut setup = Setup::plain(node, format(input.len()))?;
    setup.lesson = lesson.map(Into::into);
    let Body::Whole(mut whole) = Node::prepare(node, &setup)?.body else { panic!("it hears the whole") };
    let mut listener = whole.listener();
    let buffer = deadwax_node::Buffer::from_channels(input);
    listener.hear(0, buffer.block(input[0].len()))?;
    let mut hash = ProgrammeHash::new(input.len());
    hash.push(buffer.block(input[0].len()));
    whole.programme(&hash.finish())?;
    whole.stream(&listener.finish()?)
}

fn report(stream: &dyn Stream) -> DeNoiseReport {
    stream.report().unwrap().get::<DeNoiseReport>().unwrap().clone()
}

#[test]
fn it_finds_the_noise_by_itself_and_says_where() {
    let input = transfer();
    let told = report(&*taught(&DeNoise::default(), &input, None).unwrap());
    let (from, to) = told.heard_s.unwrap();
    assert!(from < 0.2 && (1.2..1.55).contains(&to), "{from} to {to} s");
    let noise = told.noise.unwrap();
    assert!((noise.level_dbfs + 50.0).abs() < 0.3, "{noise:?}");
    // The difference of white noise rises by 6 dB an octave, less towards the top.
    assert!((4.0..6.5).contains(&noise.tilt_db_per_octave), "{noise:?}");
    assert!(noise.tones.is_empty(), "{noise:?}");
}

#[test]
fn clean_music_has_no_noise_and_passes_to_the_bit() {
    let clean = Music { rate_hz: f64::from(RATE), seconds: 6.0, seed: 3 }.render();
    let told = report(&*taught(&DeNoise::default(), &clean, None).unwrap());
    assert_eq!((told.heard_s, told.noise), (None, None));
    let out = late(&DeNoise::default(), &clean);
    assert!(out[0][2048..].iter().zip(&clean[0]).all(|(y, x)| y.to_bits() == x.to_bits()));
}

#[test]
fn a_print_is_the_same_bytes_and_sound_read_back_and_edits_count() {
    let input = transfer();
    let node = DeNoise::default();
    let first = taught(&node, &input, None).unwrap();
    let text = first.lesson().unwrap().to_owned();
    let again = taught(&node, &input, Some(&text)).unwrap();
    assert_eq!(report(&*first), report(&*again));
    let run = |mut stream: Box<dyn Stream>| {
        let mut buffers = [deadwax_node::Buffer::from_channels(&input)];
        stream.process(&mut Io::new(0, input[0].len(), &[], &mut buffers)).unwrap();
        buffers[0].block(input[0].len()).channel(0).to_vec()
    };
    let (fresh, known) = (run(first), run(again));
    assert!(fresh.iter().zip(&known).all(|(x, y)| x.to_bits() == y.to_bits()));
    let raised = text.replace("raise: []", "raise: [(from_hz: 5000, to_hz: 20000, by_db: 10)]");
    let edited = taught(&node, &input, Some(&raised)).unwrap();
    let more = report(&*edited).noise.unwrap().level_dbfs
        - report(&*taught(&node, &input, Some(&text)).unwrap()).noise.unwrap().level_dbfs;
    assert!((5.0..10.0).contains(&more), "{more}");
}

#[test]
fn a_print_that_cannot_be_is_refused_with_its_place() {
    let input = transfer();
    let node = DeNoise::default();
    let text = taught(&node, &input, None).unwrap().lesson().unwrap().to_owned();
    let level = {
        let begin = text.find("bins_db").unwrap();
        let digits = begin + text[begin..].find('-').unwrap();
        text[digits..].split([',', ']']).next().unwrap().to_owned()
    };
    let refused = |node: &DeNoise, text: &str| match taught(node, &input, Some(text)) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("taken"),
    };
    let cases = [
        (text.replacen(&level, "3.5", 1), "lesson.bins_db.0.0"),
        (text.replacen(&level, "NaN", 1), "lesson.bins_db.0.0"),
        (text.replacen(&format!("{level}, "), "", 1), "there must be 1025 bins, and there are 1024"),
        (text.replace("raise: []", "raise: [(from_hz: 5, to_hz: 2, by_db: 1)]"), "lesson.raise.0.to_hz"),
    ];
    for (edited, expected) in cases {
        let error = refused(&node, &edited);
        assert!(error.contains(expected), "{error}");
    }
    let other = DeNoise { fft_frames: 4096, ..node };
    let error = refused(&other, &text);
    assert!(error.contains("lesson.fft_frames") && error.contains("4096"), "{error}");
}

#[test]
fn a_range_that_holds_nothing_is_an_error_of_its_field() {
    let input = transfer();
    let node = DeNoise { noise_from_s: Some(100.0), noise_to_s: Some(101.0), ..DeNoise::default() };
    let error = taught(&node, &input, None).err().unwrap().to_string();
    assert!(error.contains("noise_from_s"), "{error}");
    let named = DeNoise { noise_from_s: Some(0.2), noise_to_s: Some(1.2), ..DeNoise::default() };
    let told = report(&*taught(&named, &input, None).unwrap());
    assert_eq!(told.heard_s, Some((0.2, 1.2)));
}

#[test]
fn a_frame_lasts_as_long_at_every_rate() {
    let node = DeNoise::default();
    for (rate, points) in
        [(44_100, 2048), (48_000, 2048), (88_200, 4096), (96_000, 4096), (176_400, 8192), (192_000, 8192)]
    {
        let setup = Setup::plain(&node, Format::stereo(rate)).unwrap();
        assert_eq!(Node::prepare(&node, &setup).unwrap().latency, points);
    }
    let odd = DeNoise { fft_frames: 3000, ..node };
    let mut problems = Vec::new();
    Node::check(&odd, &mut problems);
    assert_eq!(problems.len(), 1);
}

/// A whistle above the noise goes down by its own amount.
#[test]
fn tones_have_a_reduction_of_their_own() {
    let mut input = noisy(4.0, -60.0, 9);
    let whistle = sine(f64::from(RATE), 4.0, 3000.0, db_to_gain(-50.0));
    input.iter_mut().zip(&whistle).for_each(|(x, tone)| *x += tone);
    let level = |x: &[f64]| {
        let part = &x[44_100..3 * 44_100];
        let (mut re, mut im) = (0.0, 0.0);
        for (n, x) in part.iter().enumerate() {
            let angle = std::f64::consts::TAU * (3000.0 * n as f64 / f64::from(RATE)).fract();
            re += x * deadwax_dsp::math::cos(angle);
            im += x * deadwax_dsp::math::sin(angle);
        }
        power_to_db(re * re + im * im)
    };
    for (reduction_db, tonal_db) in [(6.0, 30.0), (12.0, 0.0)] {
        let node = DeNoise { reduction_db, tonal_db, ..DeNoise::default() };
        let out = late(&node, &[input.clone()]).remove(0);
        let fell = level(&input) - level(&out);
        assert!((fell - tonal_db).abs() < 1.0, "{fell:.2} dB for {tonal_db} dB");
        let told = report(&*taught(&node, &[input.clone()], None).unwrap());
        let tones = told.noise.unwrap().tones;
        assert!(tones.len() == 1 && (tones[0].0 - 3000.0).abs() < 22.0, "{tones:?}");
    }
}
