//! What follows what.

use super::fields::Reader;
use crate::document::{Curve, Element, Mark, Placed};
use deadwax_graph::diagnostic::Code;
use deadwax_graph::tree::{Entry, Value, ValueKind};

/// Steps of a layout.
const MOST: usize = 4096;

impl Reader<'_> {
    pub(super) fn layout(&mut self, entry: Option<&Entry>) -> Vec<Placed<Element>> {
        let items = self.list(entry);
        if let Some(beyond) = items.get(MOST) {
            let message = format!("the layout has {} steps; {MOST} are allowed", items.len());
            self.say(Code::WrongLength, message, &beyond.span, "one too many", "");
        }
        let step = |reader: &mut Self, value: &Value| {
            reader.element(value).map(|element| Placed { value: element, span: value.span.clone() })
        };
        items.iter().take(MOST).filter_map(|value| step(self, value)).collect()
    }

    fn element(&mut self, value: &Value) -> Option<Element> {
        if let ValueKind::Text(track) = &value.kind {
            return Some(Element::Track(track.clone()));
        }
        Some(match self.variant(value, &["Track", "Gap", "Cross", "Side", "Hidden"])? {
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
                let fields = self.fields(value, "a crossing", &["length", "curve", "mark"]);
                let Some(entry) = fields.get("length") else {
                    self.wrong(value, "Cross(length: Seconds(1.5), curve: EqualPower)");
                    return None;
                };
                let length = self.length_of(&entry.value)?;
                let curve = fields.get("curve").and_then(|entry| self.curve(&entry.value));
                let mark = fields
                    .get("mark")
                    .and_then(|entry| self.variant(&entry.value, &["Middle", "Begin", "End"]));
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
