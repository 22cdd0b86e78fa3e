//! A template that has been read, and whose graph compiles.

use super::error::TemplateError;
use super::packages::{has_recordings, loader_of, package_at};
use crate::builtin::{BUILT_IN, GraphRef};
use crate::render::{Settings, plan};
use deadwax_audio::{Container, Encoding, Existing, Metadata, Spec, Writer};
use deadwax_dsp::math::exp;
use deadwax_engine::{Compiled, Plan};
use deadwax_graph::diagnostic::{Code, Diagnostic};
use deadwax_graph::{Errors, Graph, Loader, Overrides, load};
use deadwax_measure::signals::{DEMO_RATE_HZ, gaussian};
use deadwax_node::{Format, Layout, Registry};
use deadwax_template::{Package, Pinned, ROOT, TemplateName};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A template whose graph compiles.
pub struct Opened {
    /// Its files.
    pub package: Package,
    /// Its graph.
    pub graph: Graph,
    /// What the engine makes of it, for the first of the formats that are tried.
    pub plan: Plan,
    /// The recordings that it asks for, and what stands in for them.
    asked: Vec<(String, PathBuf)>,
    loader: Rc<dyn Loader>,
    /// Where its recordings lie for now; they go when this does.
    _recordings: tempfile::TempDir,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened")
            .field("package", &self.package)
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}

impl Opened {
    /// Opens the template at `path`: a graph file, a folder or an archive.
    ///
    /// # Errors
    /// When it is none, or its graph does not load or compile.
    pub fn read(path: &Path, registry: &Registry) -> Result<Self, TemplateError> {
        Self::of(package_at(path)?, path, registry)
    }

    /// Opens a graph that comes with the program, as the template that it is.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn built_in(name: &'static str, registry: &Registry) -> Result<Self, TemplateError> {
        let text = BUILT_IN.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text);
        let files = [(ROOT.to_owned(), text.as_bytes().to_vec())].into();
        let path = Path::new(name);
        let package =
            Package::new(files).map_err(|cause| TemplateError::Package { path: path.to_owned(), cause })?;
        Self::of(package, path, registry)
    }

    /// Opens what `graph` names.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn named(graph: &GraphRef, registry: &Registry) -> Result<Self, TemplateError> {
        match graph {
            GraphRef::BuiltIn(name) => Self::built_in(name, registry),
            GraphRef::File(path) | GraphRef::Package { path, .. } => Self::read(path, registry),
            GraphRef::Named(named) => {
                let (name, pinned) = (named.wanted()?.name, named.pinned()?);
                Self::pinned(&name, pinned, registry)
            }
        }
    }

    /// Opens `package`, which was found at `path`.
    ///
    /// # Errors
    /// When its graph does not load or compile.
    pub fn of(package: Package, path: &Path, registry: &Registry) -> Result<Self, TemplateError> {
        Self::with(package, path, None, registry)
    }

    /// Opens the template that `pinned` has under a name.
    ///
    /// # Errors
    /// When it is not there, is not what was pinned, or its graph does not load or compile.
    pub fn pinned(name: &TemplateName, pinned: Pinned, registry: &Registry) -> Result<Self, TemplateError> {
        let kept = pinned.kept(name).map_err(|error| TemplateError::Named(error.told()))?;
        Self::with(kept.package, Path::new(&name.to_string()), Some(pinned), registry)
    }

    /// Opens `package`, which uses the templates that are `pinned`, or else those of its own lock.
    fn with(
        package: Package,
        path: &Path,
        pinned: Option<Pinned>,
        registry: &Registry,
    ) -> Result<Self, TemplateError> {
        let failed = |errors| TemplateError::Graph { path: path.to_owned(), errors };
        let recordings = tempfile::tempdir().map_err(TemplateError::NoRoom)?;
        let folder = recordings.path().join("template");
        if has_recordings(&package) {
            package
                .unpack_to(&folder)
                .map_err(|cause| TemplateError::Package { path: path.to_owned(), cause })?;
        }
        let loader = loader_of(&package, path, Some(&folder), pinned)?;
        let mut graph = load(registry, &*loader, ROOT, &Overrides::none()).map_err(failed)?;
        let names: Vec<String> = graph.asked().map(|asset| asset.name.clone()).collect();
        let asked = if names.is_empty() { Vec::new() } else { stand_in(recordings.path(), names)? };
        // They are the names that it asks for.
        let _ = graph.bind(&asked);
        let plan = compile(&graph).map_err(failed)?;
        Ok(Self { package, graph, plan, asked, loader, _recordings: recordings })
    }

    /// Its graph with values set in it.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn load(&self, registry: &Registry, overrides: &Overrides) -> Result<Graph, Errors> {
        let mut graph = load(registry, &*self.loader, ROOT, overrides)?;
        let _ = graph.bind(&self.asked);
        Ok(graph)
    }

    /// The recordings that it asks a person for; here, noise that dies away stands in for each.
    pub fn asked(&self) -> impl Iterator<Item = &str> {
        self.asked.iter().map(|(name, _)| name.as_str())
    }
}

/// How long the recording is that stands in for one that a person is asked for, in seconds.
const STAND_IN_S: f64 = 3.0;

/// A recording in `folder` for each of `names`: noise that dies away, which may be heard as a room and measured as music.
fn stand_in(folder: &Path, names: Vec<String>) -> Result<Vec<(String, PathBuf)>, TemplateError> {
    let path = folder.join("stand-in.wav");
    let frames = (STAND_IN_S * f64::from(DEMO_RATE_HZ)) as usize;
    let fade = |(frame, x): (usize, f64)| 0.1 * exp(-4.0 * frame as f64 / f64::from(DEMO_RATE_HZ)) * x;
    let sides =
        [1, 2].map(|seed| gaussian(frames, seed).into_iter().enumerate().map(fade).collect::<Vec<f64>>());
    let (container, encoding) = (Container::Wav, Encoding::Float64);
    let spec = Spec { container, rate_hz: DEMO_RATE_HZ, channels: 2, encoding, mask: None };
    let mut writer = Writer::create(&path, spec, &Metadata::default(), Existing::Keep, &[])?;
    writer.write(&[&sides[0], &sides[1]])?;
    writer.finish(&Metadata::default())?;
    Ok(names.into_iter().map(|name| (name, path.clone())).collect())
}

/// Compiles the graph for stereo; where it does not take that, for mono.
fn compile(graph: &Graph) -> Result<Plan, Errors> {
    let told = |diagnostics| Errors { diagnostics, sources: graph.sources.clone() };
    match planned(graph, Format::stereo(44_100)) {
        Ok(compiled) => Ok(compiled.plan),
        Err(errors) if errors.iter().all(is_about_channels) => {
            let mono = planned(graph, Format::new(44_100, Layout::Mono));
            mono.map(|compiled| compiled.plan).map_err(|_| told(errors))
        }
        Err(errors) => Err(told(errors)),
    }
}

fn is_about_channels(diagnostic: &Diagnostic) -> bool {
    matches!(diagnostic.code, Code::WrongChannels | Code::ChannelsMeet | Code::NotAtThisFormat)
}

/// Compiles the graph for a programme of `format`.
pub(super) fn planned(graph: &Graph, format: Format) -> Result<Compiled, Vec<Diagnostic>> {
    plan(graph, format, &Settings { workers: 1, ..Settings::default() })
}
