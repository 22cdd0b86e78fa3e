//! Taking noise away, from synthetic and from real music. Real music comes from the folder that the variable `DEADWAX_MUSIC` names.

use crate::knowing::wiener;
use crate::restore::{RATE, decoded};
use crate::{Table, ffmpeg, node, sox, tracks};
use deadwax_measure::signals::{Music, gaussian, hiss};
use deadwax_tests::Channels;

/// Noise sounds alone for so long, in frames.
const LEAD: usize = 66_150;
/// So much is heard of a track, from a third of it on, in seconds.
const EXCERPT_S: f64 = 12.0;

fn power(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>() / x.len().max(1) as f64
}

#[allow(clippy::disallowed_methods, reason = "an independent reference")]
fn db(power: f64) -> f64 {
    10.0 * power.max(1e-30).log10()
}

#[allow(clippy::disallowed_methods, reason = "an independent reference")]
fn gain(db: f64) -> f64 {
    10_f64.powf(db / 20.0)
}

/// Frames of 1024 samples that overlap by half, each clipped to −10 … 35 dB, the mean of all that are not silent.
fn segmental_snr_db(clean: &[f64], out: &[f64]) -> f64 {
    let mut out = out.to_vec();
    out.resize(clean.len(), 0.0);
    let frames = clean.windows(1024).zip(out.windows(1024)).step_by(512);
    let all: Vec<f64> = frames
        .filter(|(clean, _)| power(clean) > 1e-10)
        .map(|(clean, out)| {
            let error: Vec<f64> = clean.iter().zip(out).map(|(x, y)| x - y).collect();
            (db(power(clean)) - db(power(&error))).clamp(-10.0, 35.0)
        })
        .collect();
    all.iter().sum::<f64>() / all.len().max(1) as f64
}

/// What comes late comes back to where it was: by the lag, up to a tenth of a second, at which it is most alike.
fn aligned(like: &[f64], mut out: Vec<f64>) -> Vec<f64> {
    let (from, count) = (like.len() / 2, 16_384.min(like.len() / 4));
    let alike = |lag: &usize| -> f64 {
        let late = out.get(from + lag..).unwrap_or_default();
        like[from..from + count].iter().zip(late).map(|(x, y)| x * y).sum()
    };
    let lag = (0..4410).max_by(|a, b| alike(a).total_cmp(&alike(b))).unwrap_or(0);
    out.drain(..lag.min(out.len()));
    out
}

/// A programme, and what it is called.
struct Clean {
    name: String,
    samples: Vec<f64>,
}

fn synthetic() -> Vec<Clean> {
    let [samples, _] = Music { rate_hz: f64::from(RATE), seconds: 10.0, seed: 1 }.render();
    vec![Clean { name: "synthetic".to_owned(), samples }]
}

/// The left channel of an excerpt of every third track.
fn real() -> Vec<Clean> {
    let every_third = tracks().into_iter().step_by(3);
    every_third
        .filter_map(|path| {
            let name = path.file_stem()?.to_string_lossy().into_owned();
            let left = decoded(&path, None)?.swap_remove(0);
            let count = (EXCERPT_S * f64::from(RATE)) as usize;
            let from = (left.len() / 3).min(left.len().saturating_sub(count));
            Some(Clean { name, samples: left[from..left.len().min(from + count)].to_vec() })
        })
        .collect()
}

/// Noise alone for a while, and then with the music.
struct Noisy<'a> {
    clean: &'a [f64],
    all: Vec<f64>,
    noise_db: f64,
}

impl<'a> Noisy<'a> {
    fn new(clean: &'a [f64], hissing: bool, snr_db: f64) -> Self {
        let frames = LEAD + clean.len();
        let noise = if hissing {
            hiss(f64::from(RATE), frames as f64 / f64::from(RATE) + 0.01, 0.0, 78)
        } else {
            gaussian(frames, 77)
        };
        let noise_db = db(power(clean)) - snr_db;
        let scale = gain(noise_db - db(power(&noise)));
        let music = std::iter::repeat_n(&0.0, LEAD).chain(clean);
        let all = noise.iter().zip(music).map(|(noise, music)| scale * noise + music).collect();
        Self { clean, all, noise_db }
    }

    fn gained(&self, out: &[f64]) -> f64 {
        let tail = out.get(LEAD..).unwrap_or_default();
        segmental_snr_db(self.clean, tail) - segmental_snr_db(self.clean, &self.all[LEAD..])
    }

    fn ours(&self, text: &str) -> f64 {
        self.gained(&node(text, RATE, &vec![self.all.clone()])[0][0])
    }

    /// What a filter gains that knows the power of the music in every bin, smoothed over so many around it: no filter that has to find
    /// it out gains more. For white noise only.
    fn knowing(&self, smooth: usize) -> f64 {
        let tail = &self.all[LEAD..];
        let noise = power(&tail.iter().zip(self.clean).map(|(x, y)| x - y).collect::<Vec<_>>());
        let out = wiener(self.clean, tail, noise, gain(-18.0), smooth);
        segmental_snr_db(self.clean, &out) - segmental_snr_db(self.clean, tail)
    }

    /// The best of several amounts, each with a profile of the noise alone; and which.
    fn sox(&self) -> Option<(f64, String)> {
        let folder = tempfile::tempdir().unwrap();
        let profile = folder.path().join("profile").display().to_string();
        let alone: Channels = vec![self.all[..LEAD].to_vec()];
        sox(&format!("noiseprof {profile}"), RATE, &alone)?;
        let tried = ["0.05", "0.1", "0.15", "0.21", "0.3"].into_iter().filter_map(|amount| {
            let out = sox(&format!("noisered {profile} {amount}"), RATE, &vec![self.all.clone()])?;
            Some((self.gained(&out[0]), amount.to_owned()))
        });
        tried.max_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// The best of a grid; and which.
    fn afftdn(&self) -> Option<(f64, String)> {
        let mut all = Vec::new();
        for (nr, above) in [(18, 6.0), (18, 10.0), (18, 15.0), (30, 6.0), (30, 10.0), (30, 15.0)] {
            let nf = (self.noise_db + above).clamp(-80.0, -20.0);
            let filter = format!("afftdn=nr={nr}:nf={nf:.0}");
            let out = ffmpeg(&filter, RATE, &vec![self.all.clone()])?.remove(0);
            all.push((self.gained(&aligned(&self.all, out)), filter));
        }
        all.into_iter().max_by(|a, b| a.0.total_cmp(&b.0))
    }
}

const OURS: [&str; 4] = [
    "DeNoise(reduction_db: 18, tonal_db: 18)",
    "DeNoise(reduction_db: 30, tonal_db: 30)",
    "DeNoise()",
    "DeNoise(profile: Adaptive, reduction_db: 18, tonal_db: 18)",
];

fn compare(title: &'static str, programmes: &[Clean], targets: bool) {
    let heads = [
        "learnt, 18 dB",
        "learnt, 30 dB",
        "default",
        "adaptive, 18 dB",
        "SoX, best",
        "afftdn, best",
        "knowing",
        "the same, smoothed",
    ];
    let mut table = Table::new(title, &heads);
    // On real tracks 9 dB are more than a filter gains that knows the music's power around each bin; ours is held to 8.
    for (hissing, snr_db, target, real_target) in
        [(false, 10.0, 9.0, 8.0), (false, 20.0, 6.0, 6.0), (true, 10.0, 12.5, 12.5), (true, 20.0, 9.3, 9.3)]
    {
        let mut sums = [0.0; 8];
        for clean in programmes {
            let noisy = Noisy::new(&clean.samples, hissing, snr_db);
            let mut row: Vec<f64> = OURS.iter().map(|text| noisy.ours(text)).collect();
            if targets {
                assert!(row[0] >= target && row[3] >= target, "{row:?}");
            }
            let (sox, ffmpeg) = (noisy.sox(), noisy.afftdn());
            let settings = [&sox, &ffmpeg].map(|best| best.as_ref().map_or("not here", |best| &best.1));
            let name = format!(
                "{}, {} {snr_db} dB (SoX {}, {})",
                clean.name,
                if hissing { "hiss" } else { "white" },
                settings[0],
                settings[1]
            );
            row.extend([sox, ffmpeg].map(|best| best.map_or(f64::NAN, |best| best.0)));
            row.extend([0, 1].map(|smooth| if hissing { f64::NAN } else { noisy.knowing(smooth) }));
            sums.iter_mut().zip(&row).for_each(|(sum, x)| *sum += x / programmes.len() as f64);
            table.row(&name, Some(row));
        }
        if programmes.len() > 1 {
            let name = format!("**mean, {} {snr_db} dB**", if hissing { "hiss" } else { "white" });
            assert!(sums[0] >= real_target, "{name}: {sums:?}");
            table.row(&name, Some(sums.to_vec()));
        }
    }
    table.print();
}

#[test]
#[ignore = "opt-in: compares with ffmpeg and sox"]
fn noise_under_synthetic_music() {
    compare("Gain of the segmental SNR in dB, synthetic music", &synthetic(), true);
}

#[test]
#[ignore = "opt-in: needs a folder of music in DEADWAX_MUSIC; compares with ffmpeg and sox"]
fn noise_under_real_music() {
    compare("Gain of the segmental SNR in dB, real music", &real(), false);
}

/// Whole tracks that have nothing to be taken away: how much is taken all the same.
#[test]
#[ignore = "opt-in: needs a folder of music in DEADWAX_MUSIC; compares with ffmpeg"]
fn clean_music_through_denoisers() {
    let heads = ["learnt", "adaptive", "afftdn nr=12", "afftdn nr=12 tn=1"];
    let mut table = Table::new("Whole clean tracks: signal to what was changed, in dB", &heads);
    for path in tracks() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let Some(input) = decoded(&path, None) else { continue };
        let snr = |out: &[f64]| {
            let error: Vec<f64> = input[0].iter().zip(out).map(|(x, y)| x - y).collect();
            db(power(&input[0])) - db(power(&error))
        };
        let ours =
            ["DeNoise()", "DeNoise(profile: Adaptive)"].map(|text| snr(&node(text, RATE, &input)[0][0]));
        let theirs = ["afftdn=nr=12", "afftdn=nr=12:tn=1"].map(|filter| {
            let out = ffmpeg(filter, RATE, &input).map(|mut out| aligned(&input[0], out.remove(0)));
            out.map_or(f64::NAN, |out| snr(&out))
        });
        table.row(&name, Some(ours.into_iter().chain(theirs).collect()));
    }
    table.print();
}
