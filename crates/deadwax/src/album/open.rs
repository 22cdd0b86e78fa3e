//! A document with everything it names.

use super::hashes::other_recordings;
use super::opened::{DiscFound, Found, OpenedAlbum, TrackFound, TrackGraph};
use super::span::{kept, time_of};
use crate::builtin::GraphRef;
use crate::render::{Settings, plan};
use deadwax_album::document::{Deliverable, Element, Kind, Placed, Source, Trim};
use deadwax_album::{Album, Fit, MOST_BYTES, Sequence, Time, disc, read, sequence};
use deadwax_audio::{Decoder, Info, ReadError};
use deadwax_disc::{Problem, check};
use deadwax_graph::diagnostic::{At, Code, Diagnostic, SourceMap, sort};
use deadwax_graph::{Errors, Folder, LoadError, Loader, Overrides};
use deadwax_node::{Format, Layout, Registry};
use deadwax_platforms::Platforms;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// Opens the album at `path`: reads the document, finds its recordings, loads its graphs, lays everything out and holds discs
/// against their rules. Recordings and graphs lie below the folder of the document.
#[must_use]
pub fn open_album(path: &Path, registry: &Registry) -> Found {
    let document = match read_document(path) {
        Ok(document) => document,
        Err(Errors { diagnostics, sources }) => {
            return Found { album: None, told: vec![(diagnostics, sources)] };
        }
    };
    let deadwax_album::Read { album, sources, warnings } = document;
    let mut opener =
        Opener { album: &album, folder: Folder::of(path).0, errors: warnings, graphs: Vec::new() };
    let infos = opener.recordings();
    let rate_hz = opener.rate(&infos);
    let mut tracks = opener.kept(infos, rate_hz);
    opener.versions(&mut tracks);
    opener.services();
    let found = other_recordings(opener.album, |source| opener.locate(source, &(0, 0..0)).ok());
    opener.errors.extend(found);
    let posts = opener.graphs(path, registry, &mut tracks, rate_hz);
    let hidden = opener.hidden(rate_hz);
    let is_whole = |errors: &[Diagnostic]| !errors.iter().any(Diagnostic::is_error);
    let mut laid = None;
    if is_whole(&opener.errors) {
        let length = |track: Option<usize>| match track {
            None => hidden.as_ref().map_or(Time::ZERO, |one| time_of(&one.kept, one.info.rate_hz)),
            Some(number) => {
                tracks[number].as_ref().map_or(Time::ZERO, |one| time_of(&one.kept, one.info.rate_hz))
            }
        };
        match sequence(&album, 0, rate_hz, &length) {
            Ok(sequence) => {
                let discs = opener.discs(&sequence, rate_hz);
                let on_sides = sequence.on_sides();
                opener.sides(&on_sides, rate_hz);
                laid = Some((sequence, on_sides, discs));
            }
            Err(errors) => opener.errors.extend(errors),
        }
    }
    let Opener { mut errors, graphs, .. } = opener;
    sort(&mut errors);
    let whole = is_whole(&errors) && graphs.iter().all(|(errors, _)| is_whole(errors));
    let mut told = vec![(errors, sources)];
    told.extend(graphs);
    let album = laid.filter(|_| whole).map(|(sequence, on_sides, discs)| OpenedAlbum {
        path: path.to_owned(),
        album,
        rate_hz,
        tracks,
        hidden,
        posts,
        sequence,
        on_sides,
        discs,
    });
    Found { album, told }
}

fn read_document(path: &Path) -> Result<deadwax_album::Read, Errors> {
    let (folder, entry) = Folder::of(path);
    let text = folder.read(&entry, MOST_BYTES).map_err(|error| {
        let code =
            if matches!(error, LoadError::TooLarge { .. }) { Code::TooLarge } else { Code::GraphNotRead };
        let diagnostic = Diagnostic::general(code, format!("{} cannot be read: {error}", path.display()));
        Errors { diagnostics: vec![diagnostic.help("look at the path")], sources: SourceMap::default() }
    })?;
    read(&folder.name(&entry), &text)
}

struct Opener<'a> {
    album: &'a Album,
    folder: Folder,
    errors: Vec<Diagnostic>,
    /// What is wrong in graphs.
    graphs: Vec<(Vec<Diagnostic>, SourceMap)>,
}

/// Where graphs are looked for, and which have been looked at.
struct Look<'a> {
    beside: &'a Path,
    registry: &'a Registry,
    known: Vec<(String, Overrides, Format)>,
}

/// A place in the document.
fn at<T>(placed: &Placed<T>) -> At {
    (0, placed.span.clone())
}

impl Opener<'_> {
    /// The tracks that the layout names.
    fn is_laid(&self, number: usize) -> bool {
        let name = &self.album.tracks[number].name.value;
        self.album.layout.iter().any(|step| matches!(&step.value, Element::Track(track) if track == name))
    }

    fn locate(&self, source: &Source, at: &At) -> Result<PathBuf, Box<Diagnostic>> {
        let plain = deadwax_graph::below("album.ron", &source.path);
        let found = plain.as_ref().ok_or(LoadError::Outside).and_then(|path| self.folder.locate(path));
        found.map_err(|error| {
            let (code, help) = match error {
                LoadError::Outside => (
                    Code::ForbiddenPath,
                    "recordings lie below the folder of the album, as in `\"mixes/01.wav\"`",
                ),
                _ => (Code::AudioNotRead, "look at the path; it begins at the folder of the album"),
            };
            let message = format!("{} cannot be read: {error}", source.path);
            Box::new(Diagnostic::new(code, message, at.clone(), "named here").help(help))
        })
    }

    /// Opens the recording of every track that is laid out.
    fn recordings(&mut self) -> Vec<Option<(PathBuf, Info)>> {
        let mut all = Vec::new();
        for (number, track) in self.album.tracks.iter().enumerate() {
            let at = at(&track.source);
            let found = self.locate(&track.source.value, &at).and_then(|path| {
                let decoder = Decoder::open(&path).map_err(|error| Box::new(unread(&error, at.clone())))?;
                Ok((path, decoder.info().clone()))
            });
            all.push(match found {
                Ok(found) if self.is_laid(number) => Some(found),
                Ok(_) => None,
                Err(error) => {
                    self.errors.push(*error);
                    None
                }
            });
        }
        all
    }

    /// The rate of the timeline: what the document says, or what all recordings have.
    fn rate(&mut self, infos: &[Option<(PathBuf, Info)>]) -> u32 {
        if let Some(rate) = &self.album.rate_hz {
            return rate.value;
        }
        let mut rates = infos
            .iter()
            .zip(&self.album.tracks)
            .filter_map(|(info, track)| Some((info.as_ref()?.1.rate_hz, track)));
        let Some((rate_hz, _)) = rates.next() else { return 44_100 };
        if let Some((other, track)) = rates.find(|(other, _)| *other != rate_hz) {
            let message =
                format!("`{}` has {other} Hz, and the tracks before it {rate_hz}", track.name.value);
            let diagnostic = Diagnostic::new(Code::RatesMeet, message, at(&track.source), "another rate");
            self.errors.push(diagnostic.help("say the rate of the album, as in `rate_hz: 96000`"));
        }
        rate_hz
    }

    /// What is left of every recording, several looked at side by side.
    fn kept(&mut self, infos: Vec<Option<(PathBuf, Info)>>, rate_hz: u32) -> Vec<Option<TrackFound>> {
        let album = self.album;
        let each = infos.into_par_iter().zip(&album.tracks).map(|(found, track)| {
            let (path, info) = found?;
            Some(match kept(&path, track.trim, rate_hz) {
                Ok(Some(kept)) => Ok(TrackFound { path, info, kept, graph: None, versions: Vec::new() }),
                Ok(None) => {
                    let message = format!("nothing is left of `{}` when it is trimmed", track.name.value);
                    let diagnostic = Diagnostic::new(Code::BadTime, message, at(&track.name), "this track");
                    Err(diagnostic.help("cut less, or set the floor lower"))
                }
                Err(error) => Err(unread(&error, at(&track.source))),
            })
        });
        let each: Vec<Option<Result<TrackFound, Diagnostic>>> = each.collect();
        let mut tracks = Vec::new();
        for found in each {
            tracks.push(match found {
                Some(Ok(found)) => Some(found),
                Some(Err(error)) => {
                    self.errors.push(error);
                    None
                }
                None => None,
            });
        }
        tracks
    }

    /// What is hidden in front of the first track.
    fn hidden(&mut self, rate_hz: u32) -> Option<TrackFound> {
        let album = self.album;
        let (step, source) = album.layout.iter().find_map(|step| match &step.value {
            Element::Hidden(source) => Some((step, source)),
            _ => None,
        })?;
        let found = self.locate(source, &at(step)).and_then(|path| {
            let wrong = |error: ReadError| Box::new(unread(&error, at(step)));
            let info = Decoder::open(&path).map_err(wrong)?.info().clone();
            let kept = kept(&path, Trim::default(), rate_hz).map_err(wrong)?;
            Ok(kept.map(|kept| TrackFound { path, info, kept, graph: None, versions: Vec::new() }))
        });
        found.unwrap_or_else(|error| {
            self.errors.push(*error);
            None
        })
    }

    /// The services that files are held against are known.
    fn services(&mut self) {
        let platforms = Platforms::built_in();
        let names: Vec<&str> = platforms.rules().map(|(name, _)| name).collect();
        for one in &self.album.deliverables {
            let Kind::Tracks { check, .. } = &one.kind else { continue };
            for name in check.iter().filter(|name| platforms.get(&name.value.to_lowercase()).is_none()) {
                let message = format!("there is no rule for `{}`", name.value);
                let diagnostic = Diagnostic::new(Code::UnknownPlatform, message, at(name), "unknown");
                self.errors.push(diagnostic.help(format!("there are {}", names.join(", "))));
            }
        }
    }

    /// Finds the other mixes of tracks, which are as long as the usual one.
    fn versions(&mut self, tracks: &mut [Option<TrackFound>]) {
        let album = self.album;
        for (track, found) in album.tracks.iter().zip(tracks) {
            let Some(found) = found else { continue };
            for (name, source) in &track.versions {
                let other = self.locate(&source.value, &at(source)).and_then(|path| {
                    let decoder =
                        Decoder::open(&path).map_err(|error| Box::new(unread(&error, at(source))))?;
                    let (own, other) = (&found.info, decoder.info());
                    if (own.rate_hz, own.frames) != (other.rate_hz, other.frames) {
                        let message = format!(
                            "the version `{}` of `{}` is not as long as the mix",
                            name.value, track.name.value
                        );
                        let diagnostic = Diagnostic::new(Code::BadTime, message, at(source), "this file");
                        return Err(Box::new(
                            diagnostic.help("bounce both over the same stretch, at the same rate"),
                        ));
                    }
                    Ok(path)
                });
                match other {
                    Ok(path) => found.versions.push((name.value.clone(), path)),
                    Err(error) => self.errors.push(*error),
                }
            }
        }
    }

    /// Loads and compiles the graph of every track and deliverable.
    fn graphs(
        &mut self,
        path: &Path,
        registry: &Registry,
        tracks: &mut [Option<TrackFound>],
        rate_hz: u32,
    ) -> Vec<Option<TrackGraph>> {
        let album = self.album;
        let beside = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut look = Look { beside, registry, known: Vec::new() };
        for (track, found) in album.tracks.iter().zip(tracks) {
            let (Some(found), Some(name)) = (found, track.graph.as_ref().or(album.graph.as_ref())) else {
                continue;
            };
            // The album's preset is one of the album's graph.
            let preset = track.preset.as_ref().or(album.preset.as_ref().filter(|_| track.graph.is_none()));
            let layout = Layout::of_channels(found.info.channels).unwrap_or(Layout::Stereo);
            let format = Format::new(found.info.rate_hz, layout);
            found.graph = self.graph(&mut look, name, overrides(preset, &track.values), format);
        }
        let post = |one: &Deliverable| {
            let name = one.post.as_ref()?;
            let format = Format::new(rate_hz, Layout::Stereo);
            self.graph(&mut look, name, overrides(one.preset.as_ref(), &one.values), format)
        };
        album.deliverables.iter().map(post).collect()
    }

    fn graph(
        &mut self,
        look: &mut Look<'_>,
        name: &Placed<String>,
        overrides: Overrides,
        format: Format,
    ) -> Option<TrackGraph> {
        let parsed = match &name.value {
            file if file.ends_with(".ron") || file.ends_with(".dwx") => {
                let Some(file) = deadwax_graph::below("album.ron", file) else {
                    let message = format!("`{file}` is no path an album may use");
                    let help = "graphs lie below the folder of the album, as in `\"graphs/house.ron\"`";
                    let diagnostic =
                        Diagnostic::new(Code::ForbiddenPath, message, at(name), "not below this folder");
                    self.errors.push(diagnostic.help(help));
                    return None;
                };
                GraphRef::parse(&look.beside.join(file).to_string_lossy())
            }
            other => GraphRef::parse(other),
        };
        let graph = match parsed {
            Ok(graph) => graph,
            Err(error) => {
                let diagnostic =
                    Diagnostic::new(Code::GraphNotRead, error.to_string(), at(name), "named here");
                self.errors.push(diagnostic.help(error.help()));
                return None;
            }
        };
        let asked = (name.value.clone(), overrides.clone(), format);
        if !look.known.contains(&asked) {
            self.fits(&graph, look.registry, name, &overrides, format);
            look.known.push(asked);
        }
        Some(TrackGraph { graph, overrides })
    }

    /// Whether the graph loads, compiles, has one output, and leaves the programme as long as it is.
    fn fits(
        &mut self,
        graph: &GraphRef,
        registry: &Registry,
        name: &Placed<String>,
        overrides: &Overrides,
        format: Format,
    ) {
        let settings = Settings { workers: 1, ..Settings::default() };
        let graph = match graph.load(registry, overrides) {
            Ok(graph) => graph,
            Err(errors) => return self.graphs.push((errors.diagnostics, errors.sources)),
        };
        if graph.nodes.iter().any(|node| node.on && node.node.cuts()) {
            let message = format!("`{}` cuts the programme", name.value);
            let diagnostic = Diagnostic::new(Code::LengthsMeet, message, at(name), "this graph");
            self.errors.push(diagnostic.help("trim tracks in the album, which knows where everything is"));
        } else if graph.outputs.len() != 1 {
            let message = format!("`{}` has {} outputs", name.value, graph.outputs.len());
            let diagnostic = Diagnostic::new(Code::WrongChannels, message, at(name), "this graph");
            self.errors.push(
                diagnostic.help("an album takes graphs with one output; its deliverables are the others"),
            );
        } else if let Err(errors) = plan(&graph, format, &settings) {
            self.graphs.push((errors, graph.sources.clone()));
        }
    }

    /// The discs that the album is to become, held against their rules.
    fn discs(&mut self, sequence: &Sequence, rate_hz: u32) -> Vec<DiscFound> {
        let album = self.album;
        let mut discs = Vec::new();
        for one in &album.deliverables {
            let Kind::Disc { limit, master_id, .. } = &one.kind else { continue };
            let (disc, moved) = disc(album, sequence, rate_hz, master_id);
            for problem in check(&disc, *limit) {
                self.errors.push(about_disc(album, &problem, at(&one.name)));
            }
            discs.push(DiscFound { deliverable: one.name.value.clone(), disc, moved });
        }
        discs
    }

    /// How long sides are, for what they are cut or copied to. Nobody is stopped: whoever cuts decides.
    fn sides(&mut self, sequence: &Sequence, rate_hz: u32) {
        for one in &self.album.deliverables {
            let Kind::Sides { medium, lead, .. } = one.kind else { continue };
            for side in &sequence.clone().led(lead.time(rate_hz)).sides {
                let seconds = (side.end - side.begin).seconds();
                let label = match medium.fits(seconds) {
                    Fit::Good => continue,
                    Fit::Fair => "it will have to be cut softer",
                    Fit::Tight => "it hardly fits",
                    Fit::Beyond => "it does not fit",
                };
                let room = medium.room().good_s;
                let message = format!(
                    "side {} is {:.1} minutes long; {:.1} are good on a {}",
                    side.name,
                    seconds / 60.0,
                    room / 60.0,
                    medium.words()
                );
                let diagnostic = Diagnostic::new(Code::SideLong, message, at(&one.name), label);
                self.errors
                    .push(diagnostic.help("move a track to another side, or ask who cuts or copies it"));
            }
        }
    }
}

/// What is wrong with a disc, at the deliverable that is to be one.
fn about_disc(album: &Album, problem: &Problem, at: At) -> Diagnostic {
    let code = if problem.is_error() { Code::BadDisc } else { Code::DoubtfulDisc };
    let diagnostic = Diagnostic::new(code, problem.to_string(), at, "this disc");
    match problem {
        Problem::Long { .. } => diagnostic.help("leave a track or a gap out, or make two discs of it"),
        Problem::Short { .. } => diagnostic.help("let it be an index of the track before it"),
        Problem::Letter { .. } => {
            diagnostic.help("sheets and files keep it: only the disc itself goes without")
        }
        _ if album.tracks.len() > 99 => diagnostic.help("make two discs of it"),
        _ => diagnostic,
    }
}

fn overrides(preset: Option<&Placed<String>>, values: &[(Placed<String>, Placed<String>)]) -> Overrides {
    Overrides {
        preset: preset.map(|preset| preset.value.clone()),
        values: values.iter().map(|(key, value)| (key.value.clone(), value.value.clone())).collect(),
    }
}

fn unread(error: &ReadError, at: At) -> Diagnostic {
    let told = crate::render::read_diagnostic(error);
    Diagnostic { at: Some(at), label: "named here".into(), ..told }
}
