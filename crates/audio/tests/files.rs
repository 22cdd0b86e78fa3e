//! Files made by other hands, read; and files written, read again.

use deadwax_audio::{
    Container, Decoder, Encoding, Existing, Metadata, ReadError, Spec, WriteError, Writer, read_metadata,
};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

const FRAMES: usize = 11_025;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// Begins a WAV file without a word about the programme.
fn wav(
    path: &Path,
    format: (u32, usize),
    encoding: Encoding,
    existing: Existing,
) -> Result<Writer, WriteError> {
    let (rate_hz, channels) = format;
    let spec = Spec { container: Container::Wav, rate_hz, channels, encoding, mask: None };
    Writer::create(path, spec, &Metadata::default(), existing, &[])
}

fn read_all(path: &Path) -> Result<Vec<Vec<f64>>, ReadError> {
    let mut decoder = Decoder::open(path)?;
    let mut planes = vec![Vec::new(); decoder.info().channels];
    while let Some(block) = decoder.read()? {
        for (plane, block) in planes.iter_mut().zip(block) {
            plane.extend_from_slice(block);
        }
    }
    Ok(planes)
}

/// The chirps, from their formula.
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
fn chirps() -> Vec<Vec<f64>> {
    let chirp = |level: f64, from: f64, rise: f64| {
        let at = move |n: usize| n as f64 / 44_100.0;
        (0..FRAMES)
            .map(|n| level * (std::f64::consts::TAU * (from * at(n) + rise * at(n) * at(n))).sin())
            .collect()
    };
    vec![chirp(0.5, 200.0, 4_000.0), chirp(0.4, 300.0, 3_000.0)]
}

fn worst(a: &[Vec<f64>], b: &[Vec<f64>]) -> f64 {
    a.iter().zip(b).flat_map(|(a, b)| a.iter().zip(b)).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

fn rms(a: &[Vec<f64>], b: &[Vec<f64>]) -> f64 {
    let squares: Vec<f64> =
        a.iter().zip(b).flat_map(|(a, b)| a.iter().zip(b)).map(|(a, b)| (a - b) * (a - b)).collect();
    (squares.iter().sum::<f64>() / squares.len() as f64).sqrt()
}

#[test]
fn lossless_files_come_out_to_the_step_and_lossy_ones_near_at_their_own_time_and_length() {
    // ffmpeg cuts to 24 bits, without rounding.
    let step_24 = 1.01 / f64::from(1 << 23);
    for (name, tolerance) in [
        ("chirp.wav", step_24),
        ("chirp.aiff", step_24),
        ("chirp.caf", step_24),
        // ffmpeg's FLAC and ALAC here hold 24 and 16 bits.
        ("chirp.flac", step_24),
        ("chirp.alac.m4a", 1.01 / f64::from(1 << 15)),
        ("chirp.ogg", 0.04),
        ("chirp.mp3", 0.04),
        ("chirp.aac.m4a", 0.04),
    ] {
        let planes = read_all(&data(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(planes.len(), 2, "{name}");
        assert_eq!(planes[0].len(), FRAMES, "{name}: gapless");
        // A codec's edges ring; the middle must be at its own frame, which a chirp is very sensitive to.
        let middle = |x: &[Vec<f64>]| x.iter().map(|c| c[600..FRAMES - 600].to_vec()).collect::<Vec<_>>();
        let (planes, chirps) = (middle(&planes), middle(&chirps()));
        // Lossy codecs are held to the mean: one frame early or late would be more than 0.066.
        let lossy = tolerance > 0.01;
        let difference = if lossy { rms(&planes, &chirps) } else { worst(&planes, &chirps) };
        assert!(difference <= tolerance, "{name}: {difference:e} off");
    }
}

#[test]
fn what_is_written_is_read_again_to_the_bit() {
    let folder = tempfile::tempdir().unwrap();
    let wave: Vec<f64> = (0..3_001).map(|n| f64::from((n * 7_919) % 65_536 - 32_768) / 32_768.0).collect();
    let quiet: Vec<f64> = wave.iter().map(|x| x / 2.0).collect();
    for (encoding, exact) in
        [(Encoding::Int16, 0), (Encoding::Int24, 1), (Encoding::Int32, 1), (Encoding::Float32, 1)]
    {
        let path = folder.path().join(format!("{encoding:?}.wav"));
        let mut writer = wav(&path, (96_000, 2), encoding, Existing::Keep).unwrap();
        // A first attempt that is taken back leaves nothing.
        writer.write(&[&quiet, &wave]).unwrap();
        writer.restart().unwrap();
        writer.write(&[&wave[..1_000], &quiet[..1_000]]).unwrap();
        writer.write(&[&wave[1_000..], &quiet[1_000..]]).unwrap();
        let written = writer.finish(&Metadata::default()).unwrap();
        assert_eq!((written.frames, written.clipped), (3_001, 0));
        let read = read_all(&path).unwrap();
        assert_eq!(read[0], wave, "{encoding:?}");
        assert!(
            worst(&read[1..], std::slice::from_ref(&quiet)) <= if exact == 1 { 0.0 } else { 0.51 / 32_768.0 },
            "{encoding:?}"
        );
        let header = hound::WavReader::open(&path).unwrap().spec();
        assert_eq!(
            (header.sample_rate, header.channels, header.bits_per_sample),
            (96_000, 2, encoding.bits())
        );
    }
}

#[test]
fn what_is_beyond_full_scale_is_clipped_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("loud.wav");
    let mut writer = wav(&path, (44_100, 1), Encoding::Int16, Existing::Keep).unwrap();
    writer.write(&[&[1.5, -1.5, 1.0, -1.0, 0.25]]).unwrap();
    assert_eq!(writer.finish(&Metadata::default()).unwrap().clipped, 3);
    let top = 32_767.0 / 32_768.0;
    assert_eq!(read_all(&path).unwrap()[0], [top, -1.0, top, -1.0, 0.25]);
}

#[test]
fn an_input_is_never_overwritten_under_any_name() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("mix.wav");
    std::fs::copy(data("chirp.wav"), &input).unwrap();
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    let mut names = vec![input.clone(), folder.path().join("sub/../mix.wav")];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&input, folder.path().join("link.wav")).unwrap();
        std::fs::hard_link(&input, folder.path().join("hard.wav")).unwrap();
        names.extend([folder.path().join("link.wav"), folder.path().join("hard.wav")]);
    }
    for name in names {
        let spec = Spec {
            container: Container::Wav,
            rate_hz: 44_100,
            channels: 2,
            encoding: Encoding::Int24,
            mask: None,
        };
        let inputs = std::slice::from_ref(&input);
        let made = Writer::create(&name, spec, &Metadata::default(), Existing::Replace, inputs);
        assert!(matches!(made, Err(WriteError::IsInput { .. })), "{}", name.display());
    }
    assert_eq!(std::fs::read(&input).unwrap(), std::fs::read(data("chirp.wav")).unwrap());
}

#[test]
fn a_file_that_is_not_finished_leaves_nothing_and_one_that_is_there_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.wav");
    let mut writer = wav(&path, (44_100, 1), Encoding::Int16, Existing::Keep).unwrap();
    writer.write(&[&[0.5; 100]]).unwrap();
    drop(writer);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    std::fs::write(&path, "mine").unwrap();
    let made = wav(&path, (44_100, 1), Encoding::Int16, Existing::Keep);
    assert!(matches!(made, Err(WriteError::Exists { .. })));
    // One that appears while the render runs is kept, too.
    let other = folder.path().join("other.wav");
    let writer = wav(&other, (44_100, 1), Encoding::Int16, Existing::Keep).unwrap();
    std::fs::write(&other, "theirs").unwrap();
    assert!(matches!(writer.finish(&Metadata::default()), Err(WriteError::Exists { .. })));
    assert_eq!(std::fs::read(&other).unwrap(), b"theirs");
    let writer = wav(&path, (44_100, 1), Encoding::Int16, Existing::Replace).unwrap();
    writer.finish(&Metadata::default()).unwrap();
    assert_eq!(read_all(&path).unwrap()[0], [0.0; 0]);
}

#[test]
fn an_aiff_file_beyond_4_gib_is_an_error_before_it_wraps() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.aiff");
    let encoding = Encoding::Int32;
    let spec = Spec { container: Container::Aiff, rate_hz: 192_000, channels: 32, encoding, mask: None };
    let mut writer = Writer::create(&path, spec, &Metadata::default(), Existing::Keep, &[]).unwrap();
    let plane = vec![0.0; 40_000_000];
    let planes: Vec<&[f64]> = vec![&plane; 32];
    assert!(matches!(writer.write(&planes), Err(WriteError::TooLarge { .. })));
}

#[test]
fn a_shortened_file_is_an_error_and_not_a_shorter_programme() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["chirp.wav", "chirp.aiff", "chirp.flac", "chirp.alac.m4a", "chirp.caf"] {
        let whole = std::fs::read(data(name)).unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, &whole[..whole.len() * 2 / 3]).unwrap();
        let error = read_all(&path).expect_err(name);
        assert!(!error.to_string().is_empty(), "{name}");
    }
}

/// Some encoders flag each of the last pages of an Ogg stream as the last; nothing behind the first may be lost.
#[test]
fn an_ogg_file_that_says_too_early_that_it_ends_is_read_to_its_end() {
    let crc = |page: &[u8]| {
        page.iter().fold(0_u32, |crc, byte| {
            let shift = |crc: u32| if crc >> 31 == 1 { (crc << 1) ^ 0x04c1_1db7 } else { crc << 1 };
            (0..8).fold(crc ^ (u32::from(*byte) << 24), |crc, _| shift(crc))
        })
    };
    let mut bytes = std::fs::read(data("chirp.ogg")).unwrap();
    let pages: Vec<usize> = (0..bytes.len() - 4).filter(|at| &bytes[*at..*at + 4] == b"OggS").collect();
    // The page before the last holds audio, too; without it there would be nothing to lose.
    assert!(pages.len() > 2);
    let [.., before, last] = pages[..] else { unreachable!() };
    bytes[before + 5] |= 4;
    bytes[before + 22..before + 26].fill(0);
    let sum = crc(&bytes[before..last]);
    bytes[before + 22..before + 26].copy_from_slice(&sum.to_le_bytes());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("early.ogg");
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(read_all(&path).unwrap(), read_all(&data("chirp.ogg")).unwrap());
}

#[test]
fn a_changed_sample_in_a_flac_file_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changed.flac");
    let mut bytes = std::fs::read(data("chirp.flac")).unwrap();
    // A byte of the MD5 of the samples, in STREAMINFO.
    bytes[30] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert!(matches!(read_all(&path), Err(ReadError::Damaged { .. })));
}

/// A header of a CAF file asked for packets of three thousand million frames, and got 13 GB before the first sample.
#[test]
fn a_header_that_asks_for_the_impossible_takes_no_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.caf");
    let mut bytes = std::fs::read(data("chirp.caf")).unwrap();
    // Frames per packet, in the audio description.
    bytes[40..44].copy_from_slice(&0xc500_0001_u32.to_be_bytes());
    std::fs::write(&path, bytes).unwrap();
    assert!(matches!(Decoder::open(&path), Err(ReadError::Header { .. })));
}

#[test]
fn what_is_no_audio_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.wav");
    std::fs::write(&text, "these are no samples\n".repeat(500)).unwrap();
    assert!(matches!(read_all(&text), Err(ReadError::Unsupported { .. })));
    let empty = folder.path().join("empty.flac");
    std::fs::write(&empty, "").unwrap();
    assert!(read_all(&empty).is_err());
    assert!(read_all(&folder.path().join("none.wav")).unwrap_err().is_open());
    assert!(read_all(folder.path()).unwrap_err().is_open());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Strangers' files: any damage ends in an error or in audio, in bounded time.
    #[test]
    fn no_damage_to_a_file_makes_the_reader_panic(
        which in 0_usize..8,
        at in prop::collection::vec((0.0_f64..1.0, any::<u8>()), 1..12),
        head in any::<bool>(),
        cut in prop_oneof![Just(1.0_f64), 0.0_f64..1.0],
    ) {
        let name = ["chirp.wav", "chirp.flac", "chirp.mp3", "chirp.ogg", "chirp.aac.m4a", "chirp.alac.m4a", "chirp.caf", "chirp.aiff"][which];
        let mut bytes = std::fs::read(data(name)).unwrap();
        let reach = if head { bytes.len().min(400) } else { bytes.len() };
        for (place, value) in at {
            bytes[(place * reach as f64) as usize] = value;
        }
        bytes.truncate((cut * bytes.len() as f64) as usize);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        if let Ok(told) = read_metadata(&path) {
            prop_assert!(told.pictures.len() < 1 << 10);
        }
        if let Ok(planes) = read_all(&path) {
            prop_assert!(planes.iter().all(|plane| plane.len() < 1 << 24));
        }
    }
}
