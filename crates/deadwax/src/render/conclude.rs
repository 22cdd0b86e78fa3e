//! The end of a render: files are measured, told what they are, and put in their places.

use super::recipes::Recipes;
use super::{RecipePlace, RenderError, Rendered, Settings};
use crate::files::{FileSink, Target};
use crate::measure::{measure, measure_and_identify, programme_of};
use crate::recipe::{Recipe, Samples, embed, forget, sidecar_of};
use deadwax_audio::{Existing, Loudness, Metadata, ReadError, WriteError, write_text};
use deadwax_measure::Measured;
use deadwax_node::Format;
use deadwax_node::learn::Programme;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// What the end of a render needs to know.
pub(super) struct Ending<'a> {
    pub(super) settings: &'a Settings,
    pub(super) cancel: &'a AtomicBool,
    pub(super) recipes: Recipes<'a>,
}

/// What was read back from a finished file.
struct Heard {
    measured: Option<Measured>,
    programme: Option<Programme>,
}

impl Ending<'_> {
    /// Measures what was written, says it, and puts all files in their places: none before the last one is whole.
    pub(super) fn conclude(
        &self,
        sinks: Vec<FileSink>,
        targets: Vec<Target>,
        outputs: Vec<(String, Format)>,
    ) -> Result<Vec<Rendered>, RenderError> {
        let mut sealed = Vec::new();
        for (sink, target) in sinks.into_iter().zip(&targets) {
            let Some(file) = sink.seal()? else { continue };
            let heard = self.hear(file.path()).map_err(|error| unreadable(error, &target.path))?;
            sealed.push((file, heard));
        }
        let mut files = Vec::new();
        let each = sealed.into_iter().zip(targets).zip(outputs).enumerate();
        for (number, (((file, heard), target), (name, format))) in each {
            let made = self
                .recipes
                .of(number, &target, format)
                .map(|recipe| recipe.map(|recipe| finished(recipe, &heard, format)));
            let (recipe, without_recipe) = match made {
                Some(Ok(recipe)) => (Some(recipe), None),
                Some(Err(untold)) => (None, Some(untold)),
                None => (None, None),
            };
            let Target {
                path, container, encoding, dither: dithered, expected: mut metadata, inputs, ..
            } = target;
            if let Some(after) = heard.measured.as_ref().filter(|_| self.settings.keep_tags) {
                metadata.measured(loudness(after));
            }
            let inside = self.say(recipe.as_ref(), container, &mut metadata);
            let written = file.finish(&metadata).map_err(|error| {
                // Ctrl-C reaches the encoder program, too, which is no failure of its own.
                if self.cancel.load(Ordering::Relaxed) { RenderError::Interrupted } else { error.into() }
            })?;
            let beside = recipe.as_ref().filter(|_| !inside);
            let sidecar = beside.map(|recipe| write_sidecar(recipe, &path, &inputs)).transpose()?;
            let after = heard.measured;
            files.push(Rendered {
                name,
                path,
                format,
                container,
                encoding,
                dithered,
                written,
                metadata,
                after,
                recipe,
                sidecar,
                without_recipe,
            });
        }
        Ok(files)
    }

    fn hear(&self, path: &Path) -> Result<Heard, ReadError> {
        let identify = self.settings.recipe != RecipePlace::None;
        Ok(match (self.settings.measure, identify) {
            (true, true) => {
                let (measured, programme) = measure_and_identify(path)?;
                Heard { measured: Some(measured), programme: Some(programme) }
            }
            (true, false) => Heard { measured: Some(measure(path)?.1), programme: None },
            (false, true) => Heard { measured: None, programme: Some(programme_of(path)?.1) },
            (false, false) => Heard { measured: None, programme: None },
        })
    }

    /// Puts the recipe into what the file says, if that is wanted. Gives back whether the whole of it is in.
    fn say(
        &self,
        recipe: Option<&Recipe>,
        container: deadwax_audio::Container,
        metadata: &mut Metadata,
    ) -> bool {
        forget(metadata);
        match (recipe, self.settings.recipe) {
            (Some(recipe), RecipePlace::Embed) => embed(recipe, container, metadata),
            _ => false,
        }
    }
}

/// The recipe with what came of it.
fn finished(mut recipe: Recipe, heard: &Heard, format: Format) -> Recipe {
    if let Some(programme) = &heard.programme {
        recipe.made(Samples::new(format, programme), heard.measured.as_ref());
    }
    recipe
}

fn loudness(after: &Measured) -> Loudness {
    Loudness {
        integrated_lufs: after.integrated_lufs,
        range_lu: after.loudness_range_lu,
        true_peak_dbtp: after.true_peak_dbtp,
        max_momentary_lufs: after.max_momentary_lufs,
        max_short_term_lufs: after.max_short_term_lufs,
    }
}

fn write_sidecar(recipe: &Recipe, path: &Path, inputs: &[PathBuf]) -> Result<PathBuf, WriteError> {
    let sidecar = sidecar_of(path);
    // What lies there told of the file that was in this place before.
    write_text(&sidecar, &recipe.to_text(), Existing::Replace, inputs)?;
    Ok(sidecar)
}

/// A master that cannot be read back was not written well; under its own name, not that of the file in between.
fn unreadable(error: ReadError, path: &Path) -> WriteError {
    let cause = match error {
        ReadError::Open { cause, .. } => cause,
        other => std::io::Error::other(format!("it cannot be read back: {other}")),
    };
    WriteError::Io { path: path.to_owned(), cause }
}
