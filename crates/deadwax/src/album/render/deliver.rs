//! One deliverable: a programme, its graph, its rate and words, and the files that it is cut into.

use super::error::AlbumError;
use super::gains::{Slices, anchor, measure};
use super::hold::MAKING;
use super::manifest::{MANIFEST, Manifest, ManifestFile, file, is_ours, known, there};
use super::masters::{Master, through};
use super::papers::papers;
use super::programme::Programme;
use super::stream::{AlbumSource, Clip};
use super::{AlbumSettings, Delivered, Step};
use crate::album::opened::OpenedAlbum;
use crate::files::{FileSink, FileSource, Target};
use crate::recipe::hex;
use crate::render::{Settings, plan};
use deadwax_album::document::{Deliverable, Dither, Format as FileFormat, Kind, Loudness};
use deadwax_album::{Sequence, Time};
use deadwax_audio::{Container, Encoding, Existing, Loudness as Measures, Metadata};
use deadwax_disc::RATE_HZ;
use deadwax_disc::pq_sheet::TrackLoudness;
use deadwax_engine::{Cause, Progress, RunOptions, Sink, Source, run};
use deadwax_graph::Graph;
use deadwax_measure::Measured;
use deadwax_node::{Block, Format, Registry};
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// How near a programme behind a graph comes to its target, in LU, and how often that is tried.
const NEAR_LU: f64 = 0.05;
const ROUNDS: usize = 3;

/// Silence behind a disc, so that its last sector is whole at any rate: two sectors, as a time.
const BEHIND: u32 = 2;

/// Several files that are written in one go, each its part of the programme.
struct Fan(Vec<FileSink>);

impl Sink for Fan {
    fn start(&mut self, format: Format) -> Result<(), Cause> {
        self.0.iter_mut().try_for_each(|sink| sink.start(format))
    }

    fn write(&mut self, block: Block<'_>) -> Result<(), Cause> {
        self.0.iter_mut().try_for_each(|sink| sink.write(block))
    }
}

/// Makes deliverable `number` of the album, from the masters of the usual version, by which its gains are, and of its own.
pub(super) fn deliver(
    opened: &OpenedAlbum,
    number: usize,
    masters: (&[Option<Master>], &[Option<Master>]),
    settings: &AlbumSettings<'_>,
    registry: &Registry,
) -> Result<Delivered, AlbumError> {
    let one = &opened.album.deliverables[number];
    let sequence = match one.kind {
        Kind::Sides { lead, .. } => opened.on_sides.clone().led(lead.time(opened.rate_hz)),
        Kind::Tracks { .. } | Kind::Disc { .. } => opened.sequence.clone(),
    };
    let made = Making { opened, one, number, settings, registry, sequence };
    let programme = made.programme();
    let gains = programme.gains(masters.0, settings.cancel)?;
    let clips = programme.clips(masters.1, &gains);
    let made_of = made.key(&clips, masters.1)?;
    let folder = settings.output.join(&one.name.value);
    if let Some(manifest) = known(&folder, &made_of) {
        return Ok(delivered(one, folder, true, manifest));
    }
    if folder.symlink_metadata().is_ok() {
        if settings.existing == Existing::Keep {
            return Err(AlbumError::There(folder));
        }
        // What somebody put there goes for nobody.
        if !is_ours(&folder) {
            return Err(AlbumError::Foreign(folder));
        }
    }
    let staging = tempfile::Builder::new().prefix(MAKING).tempdir_in(&settings.output);
    let staging = staging.map_err(AlbumError::io(&settings.output))?;
    let manifest = made.make(clips, staging.path(), made_of)?;
    // The old one goes only when the new one is whole.
    if folder.symlink_metadata().is_ok() {
        std::fs::remove_dir_all(&folder).map_err(AlbumError::io(&folder))?;
    }
    std::fs::rename(staging.keep(), &folder).map_err(AlbumError::io(&folder))?;
    Ok(delivered(one, folder, false, manifest))
}

/// The deliverable in `output`, if it is there and whole.
pub(super) fn before(one: &Deliverable, output: &Path) -> Option<Delivered> {
    let folder = output.join(&one.name.value);
    let manifest = there(&folder)?;
    Some(delivered(one, folder, true, manifest))
}

fn delivered(one: &Deliverable, folder: PathBuf, as_it_was: bool, manifest: Manifest) -> Delivered {
    Delivered {
        name: one.name.value.clone(),
        folder,
        as_it_was,
        files: manifest.files,
        integrated_lufs: manifest.integrated_lufs,
        true_peak_dbtp: manifest.true_peak_dbtp,
        findings: manifest.findings,
    }
}

pub(super) struct Making<'a> {
    pub(super) opened: &'a OpenedAlbum,
    pub(super) one: &'a Deliverable,
    number: usize,
    pub(super) settings: &'a AlbumSettings<'a>,
    registry: &'a Registry,
    /// Where everything is: on media with sides, with their lead, and without what lies between them.
    pub(super) sequence: Sequence,
}

impl<'a> Making<'a> {
    fn loudness(&self) -> Loudness {
        self.one.loudness.unwrap_or(self.opened.album.loudness)
    }

    fn programme(&self) -> Programme<'_> {
        let behind =
            if matches!(self.one.kind, Kind::Disc { .. }) { Time::of_sectors(BEHIND) } else { Time::ZERO };
        Programme { opened: self.opened, sequence: &self.sequence, loudness: self.loudness(), behind }
    }

    /// What the deliverable is made of, as a hash. Nothing of the machine is in it.
    fn key(&self, clips: &[Clip], masters: &[Option<Master>]) -> Result<String, AlbumError> {
        let keys: Vec<&str> = masters.iter().flatten().map(|master| master.key.as_str()).collect();
        let clips: Vec<String> = clips
            .iter()
            .map(|clip| {
                format!(
                    "{:?}",
                    (clip.first, clip.at, clip.frames, clip.gain_db.to_bits(), &clip.rises, &clip.falls)
                )
            })
            .collect();
        let post = match &self.opened.posts[self.number] {
            Some(post) => {
                let graph = post.graph.load(self.registry, &post.overrides).map_err(AlbumError::Graph)?;
                let nodes = graph.nodes.iter().map(|node| {
                    let about = node.node.about();
                    format!(
                        "{} {} {} {:?} {}",
                        node.name,
                        about.kind,
                        about.algorithm,
                        node.lane,
                        node.node.to_json()
                    )
                });
                format!(
                    "{:?} {:?}",
                    nodes.collect::<Vec<_>>(),
                    graph.wires.iter().map(|wire| (wire.from, wire.to)).collect::<Vec<_>>()
                )
            }
            None => String::new(),
        };
        let album = &self.opened.album;
        let texts = (
            &album.texts,
            &album.barcode,
            &album.catalogue,
            &album.label,
            &album.date,
            &album.genre,
            &album.engineer,
        );
        let tracks: Vec<_> = album
            .tracks
            .iter()
            .map(|track| (&track.texts, &track.isrc, track.flags, &track.indexes))
            .collect();
        let all = format!(
            "deadwax {}\n{keys:?}\n{clips:?}\n{post}\n{:?} {:?} {:?}\n{texts:?}\n{tracks:?}\n{:?}",
            env!("CARGO_PKG_VERSION"),
            self.one.kind,
            self.one.dither,
            self.loudness(),
            &self.sequence,
        );
        Ok(hex(&Sha256::digest(all)))
    }

    /// Makes all files in `folder`.
    fn make(&self, clips: Vec<Clip>, folder: &Path, made_of: String) -> Result<Manifest, AlbumError> {
        let mut source = AlbumSource::new(clips.clone(), self.opened.rate_hz, self.programme().frames());
        let behind_post = folder.join("post.wav");
        let manifest = match self.opened.posts[self.number].is_some() {
            false => self.cut(&mut source, folder, made_of)?,
            true => {
                self.post(clips, &behind_post)?;
                let mut source = FileSource::open(&behind_post, false)?;
                let manifest = self.cut(&mut source, folder, made_of)?;
                std::fs::remove_file(&behind_post).map_err(AlbumError::io(&behind_post))?;
                manifest
            }
        };
        let text = serde_json::to_string_pretty(&manifest).unwrap_or_default() + "\n";
        let place = folder.join(MANIFEST);
        std::fs::write(&place, text).map_err(AlbumError::io(&place))?;
        Ok(manifest)
    }

    /// Sends the programme through the deliverable's graph, again where its loudness asks for it.
    fn post(&self, mut clips: Vec<Clip>, path: &Path) -> Result<(), AlbumError> {
        let Some(post) = &self.opened.posts[self.number] else { return Ok(()) };
        let graph = post.graph.load(self.registry, &post.overrides).map_err(AlbumError::Graph)?;
        for round in 1..=ROUNDS {
            let mut source = AlbumSource::new(clips.clone(), self.opened.rate_hz, self.programme().frames());
            let target = target(path, Container::Wav, Encoding::Float64, None);
            let mut fan = Fan(vec![FileSink::new(target)]);
            self.run(&graph, &mut source, &mut fan)?;
            for sink in fan.0 {
                sink.seal()?.map(|sealed| sealed.finish(&Metadata::default())).transpose()?;
            }
            let Loudness::KeepRelative { anchor: at, target_lufs, up } = self.loudness() else {
                return Ok(());
            };
            let mut heard = FileSource::open(path, false)?;
            let rate_hz = heard.format().rate_hz;
            let heard = measure(&mut heard, &self.programme().stretches(rate_hz), self.settings.cancel)?;
            let missing = anchor(at, &heard).map_or(0.0, |lufs| target_lufs - lufs);
            if round == ROUNDS || missing.abs() <= NEAR_LU || (missing > 0.0 && !up) {
                return Ok(());
            }
            clips.iter_mut().for_each(|clip| clip.gain_db += missing);
            std::fs::remove_file(path).map_err(AlbumError::io(path))?;
        }
        Ok(())
    }

    fn run(&self, graph: &Graph, source: &mut dyn Source, sink: &mut dyn Sink) -> Result<(), AlbumError> {
        let plain = Settings { workers: self.settings.workers, ..Settings::default() };
        let mut compiled =
            plan(graph, source.format(), &plain).map_err(crate::render::RenderError::Compile)?;
        let name = &self.one.name.value;
        let step = Step { what: name, input: &self.settings.output };
        let progress = |at: Progress| (self.settings.progress)(step, Some(at));
        let (spool_memory, spool_limit) = (plain.spool_memory, plain.spool_limit);
        let options =
            RunOptions { spool_memory, spool_limit, cancel: self.settings.cancel, progress: &progress };
        let done = run(&mut compiled, source, &mut [sink], &options);
        (self.settings.progress)(step, None);
        match done {
            Err(deadwax_engine::RunError::Interrupted) => Err(AlbumError::Interrupted),
            Err(error) => Err(crate::render::stopped(error, graph).into()),
            Ok(_) => Ok(()),
        }
    }

    /// Brings the programme to its rate and words, once, and cuts it into files.
    fn cut(&self, source: &mut dyn Source, folder: &Path, made_of: String) -> Result<Manifest, AlbumError> {
        let from_hz = source.format().rate_hz;
        let (format, rate_hz) = match &self.one.kind {
            Kind::Tracks { format, rate_hz, .. } | Kind::Sides { format, rate_hz, .. } => {
                (*format, rate_hz.unwrap_or(from_hz))
            }
            Kind::Disc { .. } => (FileFormat::Wav { bits: 16 }, RATE_HZ),
        };
        let (container, encoding, ending) = kind_of(format);
        let slices = self.slices(rate_hz);
        let sinks = slices.iter().map(|slice| {
            let path = folder.join(format!("{}.{ending}", slice.name));
            FileSink::new(target(&path, container, encoding, Some(slice.frames.clone())))
        });
        for slice in &slices {
            if let Some(parent) = folder.join(&slice.name).parent() {
                std::fs::create_dir_all(parent).map_err(AlbumError::io(parent))?;
            }
        }
        let mut fan = Fan(sinks.collect());
        let graph =
            through(self.registry, &last(from_hz, rate_hz, encoding, self.one.dither.unwrap_or_default()));
        self.run(&graph.map_err(AlbumError::Graph)?, source, &mut fan)?;
        let mut sealed = Vec::new();
        for sink in fan.0 {
            sealed.extend(sink.seal()?);
        }
        // All files are measured together before any of them says what the album measures.
        let paths: Vec<PathBuf> = sealed.iter().map(|file| file.path().to_owned()).collect();
        let heard = heard(&paths, matches!(self.one.kind, Kind::Disc { .. }))?;
        for ((file, slice), measured) in sealed.into_iter().zip(&slices).zip(&heard.each) {
            let mut metadata = slice.metadata.clone();
            metadata.measured(measures(measured));
            if let (Some(lufs), Kind::Tracks { .. }) = (heard.all.integrated_lufs, &self.one.kind) {
                metadata.set("REPLAYGAIN_ALBUM_GAIN", &format!("{:.2} dB", -18.0 - lufs));
                let peak = heard.all.true_peak_dbtp.map_or(0.0, deadwax_dsp::math::db_to_gain);
                metadata.set("REPLAYGAIN_ALBUM_PEAK", &format!("{peak:.6}"));
            }
            file.finish(&metadata)?;
        }
        let mut files: Vec<ManifestFile> = Vec::new();
        for (slice, measured) in slices.iter().zip(&heard.each) {
            files.push(file(folder, &format!("{}.{ending}", slice.name), Some(measured))?.0);
        }
        let found = self.findings(folder, &files, &slices)?;
        let papers = match &self.one.kind {
            Kind::Sides { medium, .. } => self.side_papers(*medium, &found, &files, encoding, folder)?,
            Kind::Tracks { .. } | Kind::Disc { .. } => self.papers(folder, &heard)?,
        };
        for path in papers {
            files.push(file(folder, &path, None)?.0);
        }
        Ok(Manifest {
            made_by: format!("deadwax {}", env!("CARGO_PKG_VERSION")),
            made_of,
            integrated_lufs: heard.all.integrated_lufs,
            true_peak_dbtp: heard.all.true_peak_dbtp,
            files,
            findings: found.findings,
        })
    }

    fn papers(&self, folder: &Path, heard: &Slices) -> Result<Vec<String>, AlbumError> {
        let Kind::Disc { write, .. } = &self.one.kind else { return Ok(Vec::new()) };
        let name = &self.one.name.value;
        let Some(found) = self.opened.discs.iter().find(|disc| disc.deliverable == *name) else {
            return Ok(Vec::new());
        };
        // The image is the last of the slices.
        let loudness = heard.each.iter().take(found.disc.tracks.len()).map(|measured| TrackLoudness {
            integrated_lufs: measured.integrated_lufs,
            true_peak_dbtp: measured.true_peak_dbtp,
        });
        let format = format!("44.1 kHz, 16 bit, {:?} dither", self.one.dither.unwrap_or_default());
        papers(&self.opened.album, &found.disc, write, loudness.collect(), &format, folder)
    }
}

fn kind_of(format: FileFormat) -> (Container, Encoding, &'static str) {
    let encoding = |bits: u32| match bits {
        16 => Encoding::Int16,
        24 => Encoding::Int24,
        _ => Encoding::Float32,
    };
    match format {
        FileFormat::Wav { bits } => (Container::Wav, encoding(bits), "wav"),
        FileFormat::Flac { bits } => (Container::Flac, encoding(bits), "flac"),
    }
}

fn target(path: &Path, container: Container, encoding: Encoding, range: Option<Range<u64>>) -> Target {
    Target {
        path: path.to_owned(),
        container,
        encoding,
        // The programme has been brought to its words already.
        dither: false,
        existing: Existing::Keep,
        inputs: Vec::new(),
        mask: None,
        range,
        expected: Metadata::default(),
    }
}

/// The graph that brings a programme to its rate and words.
fn last(from_hz: u32, rate_hz: u32, encoding: Encoding, dither: Dither) -> String {
    let shape = match dither {
        Dither::Tpdf => Some("None"),
        Dither::Mild => Some("Mild"),
        Dither::Balanced => Some("Balanced"),
        Dither::Deep => Some("Deep"),
        Dither::Round => None,
    };
    let (mut nodes, mut wire) = (String::new(), "input".to_owned());
    if from_hz != rate_hz {
        nodes.push_str(&format!("rate: Resample(rate_hz: {rate_hz}), "));
        wire.push_str(" -> rate");
    }
    if let Some(shape) = shape.filter(|_| encoding.is_integer()) {
        nodes.push_str(&format!("words: Dither(bits: {}, shape: {shape}), ", encoding.bits()));
        wire.push_str(" -> words");
    }
    if nodes.is_empty() {
        nodes.push_str("through: Gain");
        wire.push_str(" -> through");
    }
    format!("Graph(format: 1, nodes: {{ {nodes} }}, wires: [\"{wire} -> output\"])")
}

/// What files measure, and all of them together, but for the last where that is the image of a disc.
fn heard(paths: &[PathBuf], image_last: bool) -> Result<Slices, AlbumError> {
    let mut pool = deadwax_measure::Pool::new();
    let mut each = Vec::new();
    let pooled = paths.len() - usize::from(image_last);
    for (number, path) in paths.iter().enumerate() {
        let meter = crate::measure::listen(path, deadwax_measure::Wanted::ALL)?.meter;
        each.push(if number < pooled { pool.take(meter) } else { meter.finish() });
    }
    Ok(Slices { each, all: pool.measured() })
}

fn measures(measured: &Measured) -> Measures {
    Measures {
        integrated_lufs: measured.integrated_lufs,
        range_lu: measured.loudness_range_lu,
        true_peak_dbtp: measured.true_peak_dbtp,
        max_momentary_lufs: measured.max_momentary_lufs,
        max_short_term_lufs: measured.max_short_term_lufs,
    }
}
