//! Parts in words, and as one begins to write them.

use super::{Absent, Form, Inside, Part, Shape, Text};

impl Shape {
    /// What may stand there, in a few words: `-60 … 0 LUFS`.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Text(text) => text.words().to_owned(),
            Self::Number { min, max, unit } => format!("{min} … {max} {unit}"),
            Self::Count { min, max: u32::MAX, unit } => format!("a whole number of {unit}, from {min} on"),
            Self::Count { min, max, unit } => format!("{min} … {max} {unit}, whole"),
            Self::OneOf(numbers, unit) => {
                let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
                format!("{} {unit}", numbers.join(", ")).trim_end().to_owned()
            }
            Self::Flag => "true or false".to_owned(),
            Self::Record(form) => form.written(),
            Self::Forms(forms) => forms.iter().map(Form::written).collect::<Vec<_>>().join(", "),
            Self::Either(shapes) => shapes.iter().map(Self::words).collect::<Vec<_>>().join(", or "),
            Self::List { of, .. } => format!("a list of {}", of.words()),
            Self::Map { of, .. } => format!("{{ name: … }}, each {}", of.words()),
            Self::Values => "{ name: value }, as the graph has them".to_owned(),
        }
    }

    /// A value to begin with.
    #[must_use]
    pub fn start(&self) -> String {
        match self {
            Self::Text(_) => "\"\"".to_owned(),
            Self::Number { min, max, .. } => 0.0_f64.clamp(*min, *max).to_string(),
            Self::Count { min, .. } => min.to_string(),
            Self::OneOf(numbers, _) => numbers.first().map(u32::to_string).unwrap_or_default(),
            Self::Flag => "true".to_owned(),
            Self::Record(form) => form.start(),
            Self::Forms(forms) => forms.first().map(Form::start).unwrap_or_default(),
            Self::Either(shapes) => shapes.first().map(Self::start).unwrap_or_default(),
            Self::List { .. } => "[]".to_owned(),
            Self::Map { .. } | Self::Values => "{}".to_owned(),
        }
    }
}

impl Text {
    /// What it says, in a few words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Words => "text in quotes",
            Self::Isrc => "a code as in `\"GBAAA2600001\"`",
            Self::Barcode => "12 or 13 digits in quotes",
            Self::Sha256 => "64 digits of 0-9 and a-f in quotes",
            Self::Address => "a place as in `\"79:57:00\"`",
            Self::Recording => "a path as in `\"mixes/01.wav\"`",
            Self::Graph => "a graph as in `\"house.ron\"`, `\"house/tape@^1\"` or `\"streaming\"`",
            Self::Preset => "a preset as in `\"dense\"`",
            Self::Version => "a version as in `\"instrumental\"`",
            Self::Service => "a service as in `\"spotify\"`",
            Self::Track => "a track as in `\"one\"`",
            Self::Side => "a side as in `\"A\"`",
        }
    }
}

impl Form {
    /// Its name, with brackets where something stands in them; `( … )` where it has none.
    #[must_use]
    pub fn written(&self) -> String {
        let name = self.name;
        match self.inside {
            Inside::Nothing => name.to_owned(),
            Inside::One(_) | Inside::Parts(_) => format!("{name}(…)"),
        }
    }

    /// The form to begin with, with everything that it cannot be without.
    #[must_use]
    pub fn start(&self) -> String {
        let name = self.name;
        match self.inside {
            Inside::Nothing => name.to_owned(),
            Inside::One(shape) => format!("{name}({})", shape.start()),
            Inside::Parts(_) => {
                let needed = self.parts().filter(|part| part.absent == Absent::Refused);
                let needed: Vec<String> =
                    needed.map(|part| format!("{}: {}", part.name, part.shape.start())).collect();
                format!("{name}({})", needed.join(", "))
            }
        }
    }
}

impl Part {
    /// What it is when nobody says, in words.
    #[must_use]
    pub fn otherwise(&self) -> String {
        match self.absent {
            Absent::Refused => "must be there".to_owned(),
            Absent::Is("\"\"") => "default: nothing".to_owned(),
            Absent::Is(value) => format!("default `{value}`"),
            Absent::Means(words) => format!("default: {words}"),
        }
    }

    /// What it means, what may stand in it, and what it is when nobody says.
    #[must_use]
    pub fn words(&self) -> String {
        format!("{}\n\n{} · {}", self.help, self.shape.words(), self.otherwise())
    }

    /// A value to begin with: its default, where there is one.
    #[must_use]
    pub fn start(&self) -> String {
        match self.absent {
            Absent::Is(value) => value.to_owned(),
            Absent::Refused | Absent::Means(_) => self.shape.start(),
        }
    }
}
