//! The recipes of a render, while it runs: all but the samples is known before.

use super::{RecipePlace, Settings};
use crate::files::{FileSource, Target};
use crate::recipe::{Recipe, RecipeFile, Samples, Untold, aims, embed};
use deadwax_audio::ReadError;
use deadwax_engine::{Plan, Source};
use deadwax_graph::Graph;
use deadwax_node::Format;
use std::collections::BTreeMap;

/// What recipes of a render's outputs are made of.
pub(super) struct Recipes<'a> {
    graph: &'a Graph,
    settings: &'a Settings,
    aims: BTreeMap<usize, usize>,
    input: Samples,
}

impl<'a> Recipes<'a> {
    /// For a render of `graph`, planned as `plan`, from `source`, which is to find out which programme it is.
    pub(super) fn new(
        graph: &'a Graph,
        plan: &Plan,
        settings: &'a Settings,
        source: &mut FileSource,
    ) -> Self {
        if settings.recipe != RecipePlace::None {
            source.identify();
        }
        Self { graph, settings, aims: aims(plan), input: Samples::unknown(source.format()) }
    }

    /// Leaves room for the recipes in the files.
    pub(super) fn expect(&self, targets: &mut [Target], outputs: &[(String, Format)]) {
        for (number, (target, (_, format))) in targets.iter_mut().zip(outputs).enumerate() {
            if let (RecipePlace::Embed, Some(Ok(recipe))) =
                (self.settings.recipe, self.of(number, target, *format))
            {
                embed(&recipe, target.container, &mut target.expected);
            }
        }
    }

    /// The same, now that the programme has been heard.
    pub(super) fn heard(self, source: &FileSource) -> Result<Self, ReadError> {
        if self.settings.recipe == RecipePlace::None {
            return Ok(self);
        }
        let input = Samples::new(source.format(), &source.programme()?);
        Ok(Self { input, ..self })
    }

    /// The recipe of output `number`, its samples not known yet. `None` for taps, and where none is wanted.
    pub(super) fn of(
        &self,
        number: usize,
        target: &Target,
        format: Format,
    ) -> Option<Result<Recipe, Untold>> {
        if self.settings.recipe == RecipePlace::None || number >= self.graph.outputs.len() {
            return None;
        }
        let file = RecipeFile {
            encoding: format!("{:?}", target.encoding),
            dithered: target.dither,
            samples: Samples::unknown(format),
        };
        Some(Recipe::new(self.graph, (number, &self.aims), self.settings, self.input.clone(), file))
    }
}
