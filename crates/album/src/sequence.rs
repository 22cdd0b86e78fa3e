//! Where everything is on the timeline.

use crate::document::{Album, Curve, Element, Mark};
use crate::time::Time;
use deadwax_graph::diagnostic::{Code, Diagnostic};
use deadwax_graph::tree::Span;

/// Everything in its place, in exact time from the beginning of the music. Sides follow each other with the gaps between them,
/// as on a disc; [`Sequence::on_sides`] leaves those out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sequence {
    /// What is hidden and the tracks, in their order.
    pub placings: Vec<Placing>,
    /// The sides; one without a name where the layout has none.
    pub sides: Vec<Side>,
    /// Where the music ends.
    pub end: Time,
}

/// A recording in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Placing {
    /// The number of the track in the document; `None` for what is hidden.
    pub track: Option<usize>,
    /// Where it is first heard.
    pub begin: Time,
    /// Where it has ended.
    pub end: Time,
    /// Where players find it: INDEX 01.
    pub mark: Time,
    /// Where the silence in front of it begins: INDEX 00.
    pub gap: Option<Time>,
    /// How it crosses with what is before it.
    pub cross: Option<Cross>,
    /// The number of its side.
    pub side: usize,
}

/// A crossing with the recording before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cross {
    /// How long both are heard.
    pub length: Time,
    /// How they cross.
    pub curve: Curve,
}

/// A side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Side {
    /// Its name.
    pub name: String,
    /// Where the music of its first track begins.
    pub begin: Time,
    /// Where the music of its last track has ended.
    pub end: Time,
}

impl Sequence {
    /// The same on a medium with sides: silence at the head of a side is the time it takes to turn it, and is left out.
    #[must_use]
    pub fn on_sides(&self) -> Self {
        let mut on_sides = self.clone();
        let (mut cut, mut end, mut side) = (Time::ZERO, Time::ZERO, None);
        for placing in &mut on_sides.placings {
            let begin = placing.begin;
            if side != Some(placing.side) {
                side = Some(placing.side);
                cut = cut + (begin - end);
                if begin > end {
                    placing.gap = None;
                }
                on_sides.sides[placing.side].begin = begin - cut;
            }
            end = placing.end;
            for time in [&mut placing.begin, &mut placing.mark, &mut placing.end] {
                *time = *time - cut;
            }
            placing.gap = placing.gap.map(|gap| gap - cut);
            on_sides.sides[placing.side].end = placing.end;
        }
        on_sides.end = self.end - cut;
        on_sides
    }
}

impl Sequence {
    /// The same with silence of `lead` in front of each side.
    #[must_use]
    pub fn led(mut self, lead: Time) -> Self {
        let mut shift = Time::ZERO;
        for (number, side) in self.sides.iter_mut().enumerate() {
            side.begin = side.begin + shift;
            shift = shift + lead;
            side.end = side.end + shift;
            for placing in self.placings.iter_mut().filter(|placing| placing.side == number) {
                for time in [&mut placing.begin, &mut placing.mark, &mut placing.end] {
                    *time = *time + shift;
                }
                placing.gap = placing.gap.map(|gap| gap + shift);
            }
        }
        self.end = self.end + shift;
        self
    }
}

/// Lays out `album`, which stands in `file`, on a timeline of `rate_hz`. `length` tells how long the recording of a track is,
/// by its number, when it is trimmed; `None` asks for what is hidden.
///
/// # Errors
/// Crossings longer than what crosses, and indexes beyond their track.
pub fn sequence(
    album: &Album,
    file: usize,
    rate_hz: u32,
    length: &dyn Fn(Option<usize>) -> Time,
) -> Result<Sequence, Vec<Diagnostic>> {
    let mut layer = Layer {
        album,
        file,
        rate_hz,
        sequence: Sequence::default(),
        errors: Vec::new(),
        between: Between::Nothing,
    };
    for step in &album.layout {
        match &step.value {
            Element::Side(name) => layer.side(name),
            Element::Gap(gap) => {
                // A gap on either side of the turn is one.
                let before = if let Between::Gap(before) = layer.between { before } else { Time::ZERO };
                layer.between = Between::Gap(before + gap.time(rate_hz));
            }
            Element::Cross { length, curve, mark } => {
                let cross = Cross { length: length.time(rate_hz), curve: *curve };
                layer.between = Between::Cross(cross, *mark, step.span.clone());
            }
            Element::Hidden(_) => layer.place(None, length(None)),
            Element::Track(name) => {
                // What is not there has been told.
                if let Some(number) = album.tracks.iter().position(|track| track.name.value == *name) {
                    layer.place(Some(number), length(Some(number)));
                    layer.indexes(number);
                }
            }
        }
    }
    let Layer { mut sequence, errors, .. } = layer;
    if let Some(side) = sequence.sides.last_mut() {
        side.end = sequence.end;
    }
    if errors.is_empty() { Ok(sequence) } else { Err(errors) }
}

/// What lies between two tracks.
enum Between {
    Nothing,
    Gap(Time),
    Cross(Cross, Mark, Span),
}

struct Layer<'a> {
    album: &'a Album,
    file: usize,
    rate_hz: u32,
    sequence: Sequence,
    errors: Vec<Diagnostic>,
    between: Between,
}

impl Layer<'_> {
    fn side(&mut self, name: &str) {
        let end = self.sequence.end;
        if let Some(side) = self.sequence.sides.last_mut() {
            side.end = end;
        }
        // What is hidden in front of everything is on the first side.
        match &mut self.sequence.sides[..] {
            [only]
                if only.name.is_empty() && self.sequence.placings.iter().all(|one| one.track.is_none()) =>
            {
                name.clone_into(&mut only.name);
            }
            _ => self.sequence.sides.push(Side { name: name.to_owned(), begin: end, end }),
        }
    }

    fn place(&mut self, track: Option<usize>, length: Time) {
        if self.sequence.sides.is_empty() {
            self.sequence.sides.push(Side::default());
        }
        let end = self.sequence.end;
        let side = self.sequence.sides.len() - 1;
        let first_on_side = self.sequence.placings.last().is_none_or(|before| before.side != side);
        let (begin, mark, gap, cross) = match std::mem::replace(&mut self.between, Between::Nothing) {
            Between::Gap(length) if length > Time::ZERO => (end + length, end + length, Some(end), None),
            Between::Nothing | Between::Gap(_) => (end, end, None, None),
            Between::Cross(cross, mark, span) => {
                self.fits(&cross, length, &span);
                let begin = end - cross.length;
                let mark = match mark {
                    Mark::Begin => begin,
                    Mark::Middle => begin + cross.length.half(),
                    Mark::End => end,
                };
                (begin, mark, None, Some(cross))
            }
        };
        let hidden_before = self.sequence.placings.last().is_some_and(|before| before.track.is_none());
        // What is hidden lies in the gap of the first track.
        let gap = if hidden_before { Some(Time::ZERO) } else { gap };
        if first_on_side {
            self.sequence.sides[side].begin = begin;
        }
        self.sequence.end = begin + length;
        self.sequence.placings.push(Placing { track, begin, end: begin + length, mark, gap, cross, side });
    }

    /// A crossing is no longer than what crosses, with what that has crossed before.
    fn fits(&mut self, cross: &Cross, length: Time, span: &Span) {
        let Some(before) = self.sequence.placings.last() else { return };
        let taken = before.cross.map_or(Time::ZERO, |cross| cross.length);
        let room = before.end - before.begin - taken;
        let (shorter, what) =
            if room < length { (room, "the track before it") } else { (length, "the track behind it") };
        if cross.length > shorter {
            let message = format!(
                "the crossing takes {:.3} s, and {what} has {:.3} s for it",
                cross.length.seconds(),
                shorter.seconds()
            );
            let at = (self.file, span.clone());
            let diagnostic = Diagnostic::new(Code::BadLayout, message, at, "too long");
            self.errors.push(diagnostic.help("make it shorter"));
        }
    }

    /// Indexes lie inside their track, one behind another.
    fn indexes(&mut self, number: usize) {
        let Some(placing) = self.sequence.placings.last() else { return };
        let (track, room) = (&self.album.tracks[number], placing.end - placing.mark);
        let mut before = Time::ZERO;
        for index in &track.indexes {
            let time = index.value.time(self.rate_hz);
            let wrong = if time >= room {
                format!("`{}` is {:.3} s long behind its mark", track.name.value, room.seconds())
            } else if time <= before {
                "indexes follow each other, and the first is behind the beginning".to_owned()
            } else {
                before = time;
                continue;
            };
            let at = (self.file, index.span.clone());
            self.errors.push(Diagnostic::new(Code::BadTime, wrong, at, "this index"));
        }
    }
}
