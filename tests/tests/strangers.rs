//! Strangers' files do no harm: mutated graphs and mutated audio end in a clean error or in a render, and an output file is
//! there only when the render is. 800 cases over four graphs and four files are 200 for each.

use deadwax::{GraphRef, Job, Overrides, Settings, registry, render};
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

fn audio(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/audio/tests/data").join(name)
}

/// Renders quickly; gives back whether it came to an end, and whether a file is there.
fn attempt(graph: &deadwax::Graph, input: &Path, folder: &Path) -> (bool, bool) {
    let output = folder.join("out.wav");
    let job = Job { input: input.to_owned(), output: output.clone() };
    let settings = Settings { workers: 1, spool_limit: 1 << 28, ..Settings::default() };
    let done = render(graph, &job, &settings, &AtomicBool::new(false), &|_| {});
    if let Err(error) = &done {
        assert!(!error.diagnostics().is_empty() && !error.to_string().is_empty());
    }
    (done.is_ok(), output.exists())
}

fn leftovers(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.filter(|name| name.contains(".part")).collect()
}

/// A change to a text: where, and what.
#[derive(Clone, Debug)]
enum Change {
    Byte(f64, u8),
    Cut(f64, usize),
    Twice(f64, usize),
    Nest(f64, usize),
    Number(f64, &'static str),
}

fn change() -> impl Strategy<Value = Change> {
    let place = 0.0_f64..1.0;
    prop_oneof![
        (place.clone(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        (place.clone(), 1_usize..60).prop_map(|(at, size)| Change::Cut(at, size)),
        (place.clone(), 1_usize..80).prop_map(|(at, size)| Change::Twice(at, size)),
        (place.clone(), 1_usize..3_000).prop_map(|(at, size)| Change::Nest(at, size)),
        (
            place,
            prop::sample::select(vec![
                "1e308",
                "-1e308",
                "NaN",
                "inf",
                "0",
                "1e-300",
                "999999999999999999999",
                "-0.0"
            ])
        )
            .prop_map(|(at, number)| Change::Number(at, number)),
    ]
}

fn apply(text: &str, changes: &[Change]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for change in changes {
        let at = |share: &f64, bytes: &[u8]| (share * bytes.len() as f64) as usize;
        match change {
            Change::Byte(share, byte) => {
                let at = at(share, &bytes);
                bytes[at] = *byte;
            }
            Change::Cut(share, size) => {
                let at = at(share, &bytes);
                bytes.drain(at..(at + size).min(bytes.len()));
            }
            Change::Twice(share, size) => {
                let at = at(share, &bytes);
                let part = bytes[at..(at + size).min(bytes.len())].to_vec();
                bytes.splice(at..at, part);
            }
            Change::Nest(share, size) => {
                let at = at(share, &bytes);
                bytes.splice(at..at, b"[(".iter().copied().cycle().take(*size));
            }
            Change::Number(share, number) => {
                let from = at(share, &bytes);
                let digit = (from..bytes.len()).find(|at| bytes[*at].is_ascii_digit());
                if let Some(begin) = digit {
                    let end =
                        (begin..bytes.len()).find(|at| !bytes[*at].is_ascii_digit()).unwrap_or(bytes.len());
                    bytes.splice(begin..end, number.bytes());
                }
            }
        }
        if bytes.is_empty() {
            bytes.push(b' ');
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, max_shrink_iters: 50, ..ProptestConfig::default() })]

    #[test]
    fn no_mutation_of_a_shipped_graph_does_harm(which in 0_usize..4, changes in prop::collection::vec(change(), 1..6)) {
        let (_, text) = deadwax::BUILT_IN[which];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stranger.ron");
        std::fs::write(&path, apply(text, &changes)).unwrap();
        let begun = Instant::now();
        match GraphRef::File(path).load(&registry(), &Overrides::none()) {
            Err(errors) => prop_assert!(errors.diagnostics.iter().any(|d| d.is_error())),
            Ok(graph) => {
                let (done, there) = attempt(&graph, &audio("chirp.flac"), folder.path());
                prop_assert_eq!(done, there || graph.outputs.len() > 1);
            }
        }
        prop_assert!(leftovers(folder.path()).is_empty());
        prop_assert!(begun.elapsed().as_secs() < 20, "took {:?}", begun.elapsed());
    }

    #[test]
    fn no_mutation_of_an_audio_file_does_harm(
        which in 0_usize..4,
        changes in prop::collection::vec((0.0_f64..1.0, any::<u8>()), 1..20),
        head in any::<bool>(),
        cut in prop_oneof![Just(1.0_f64), 0.0_f64..1.0],
    ) {
        let name = ["chirp.wav", "chirp.flac", "chirp.mp3", "chirp.ogg"][which];
        let mut bytes = std::fs::read(audio(name)).unwrap();
        let reach = if head { 200 } else { bytes.len() };
        for (place, value) in changes {
            bytes[(place * reach as f64) as usize] = value;
        }
        bytes.truncate((cut * bytes.len() as f64) as usize);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, &bytes).unwrap();
        let graph = GraphRef::parse("streaming").unwrap().load(&registry(), &Overrides::none()).unwrap();
        let begun = Instant::now();
        let (done, there) = attempt(&graph, &path, folder.path());
        prop_assert_eq!(done, there);
        prop_assert!(leftovers(folder.path()).is_empty());
        prop_assert_eq!(std::fs::read(&path).unwrap(), bytes, "the input is as it was");
        prop_assert!(begun.elapsed().as_secs() < 20, "took {:?}", begun.elapsed());
    }
}
