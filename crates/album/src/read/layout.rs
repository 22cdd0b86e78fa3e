//! What follows what.

use super::fields::{Fields, Reader};
use crate::document::{Curve, Element, Mark, Placed};
use crate::parts::STEPS;
use deadwax_graph::tree::{Value, ValueKind};

impl Reader<'_> {
    pub(super) fn layout(&mut self, album: Fields<'_>) -> Vec<Placed<Element>> {
        let items = self.list(album, "layout");
        let step = |reader: &mut Self, value: &Value| {
            reader.element(value).map(|element| Placed { value: element, span: value.span.clone() })
        };
        items.iter().filter_map(|value| step(self, value)).collect()
    }

    fn element(&mut self, value: &Value) -> Option<Element> {
        if let ValueKind::Text(track) = &value.kind {
            return Some(Element::Track(track.clone()));
        }
        let form = self.variant(value, STEPS)?;
        Some(match form.name {
            "Track" => {
                let name = self.only(value, "Track(\"name\")")?;
                Element::Track(self.text_of(name)?.value)
            }
            "Side" => {
                let name = self.only(value, "Side(\"A\")")?;
                Element::Side(self.text_of(name)?.value)
            }
            "Gap" => {
                let length = self.only(value, "Gap(Seconds(2))")?;
                Element::Gap(self.length_of(length)?)
            }
            "Hidden" => {
                let inner = self.only(value, "Hidden(\"mixes/hidden.wav\")")?;
                Element::Hidden(self.source(inner)?.value)
            }
            _ => {
                let fields = self.fields(value, form);
                let Some(entry) = fields.get("length") else {
                    self.wrong(value, "Cross(length: Seconds(1.5), curve: EqualPower)");
                    return None;
                };
                let length = self.length_of(&entry.value)?;
                let curve = self.curve(fields);
                let mark = self.choice(fields, "mark");
                let mark = match mark {
                    Some("Begin") => Mark::Begin,
                    Some("End") => Mark::End,
                    _ => Mark::Middle,
                };
                Element::Cross { length, curve: curve.unwrap_or(Curve::EqualPower), mark }
            }
        })
    }
}
