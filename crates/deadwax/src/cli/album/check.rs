//! `deadwax album check`.

use crate::cli::Exit;
use crate::cli::args::Global;
use crate::cli::show;
use clap::Args;
use deadwax::album::document::Kind;
use deadwax::album::paper::PAUSE;
use deadwax::album::{OpenedAlbum, Placing, open_album};
use deadwax::diagnostic::Diagnostic;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// The album.
    #[arg(value_name = "ALBUM.ron")]
    album: PathBuf,
}

/// Looks through an album.
pub(super) fn run(arguments: &CheckArguments, global: &Global) -> Exit {
    let found = open_album(&arguments.album, &global.registry());
    for (diagnostics, sources) in &found.told {
        show::diagnostics(diagnostics, sources, global);
    }
    let exit = match &found.album {
        Some(_) => Exit::Done,
        None => {
            let wrong =
                found.told.iter().filter(|(diagnostics, _)| diagnostics.iter().any(Diagnostic::is_error));
            wrong.map(|(diagnostics, _)| show::exit(diagnostics)).max().unwrap_or(Exit::Graph)
        }
    };
    if global.json {
        let body = found.album.as_ref().map_or_else(|| json!({}), told);
        show::json("album-check", exit == Exit::Done, body, &found.told);
    } else if let Some(album) = found.album.as_ref().filter(|_| !global.quiet) {
        show::out(&sheet(album));
    }
    exit
}

fn told(opened: &OpenedAlbum) -> Value {
    let OpenedAlbum { album, sequence, rate_hz, .. } = opened;
    let track = |placing: &Placing| {
        let track = placing.track.map(|number| &album.tracks[number]);
        json!({
            "name": track.map(|track| &track.name.value),
            "title": track.map(|track| &track.texts.title),
            "isrc": track.and_then(|track| track.isrc.as_ref()).map(|isrc| isrc.value.to_string()),
            "begin_s": placing.begin.seconds(),
            "mark_s": placing.mark.seconds(),
            "end_s": placing.end.seconds(),
            "gap_s": placing.gap.map(|gap| (placing.mark - gap).seconds()),
            "side": sequence.sides[placing.side].name,
        })
    };
    let side = |side: &deadwax::album::Side| json!({"name": side.name, "length_s": (side.end - side.begin).seconds()});
    let disc = |one: &deadwax::album::DiscFound| {
        let moved: Vec<Value> = one
            .moved
            .iter()
            .map(|moved| json!({"track": moved.track, "index": moved.index, "earlier_ms": moved.by.seconds() * 1000.0}))
            .collect();
        json!({
            "deliverable": one.deliverable,
            "tracks": one.disc.tracks.len(),
            "lead_out": (one.disc.lead_out + PAUSE).to_string(),
            "moved": moved,
        })
    };
    json!({
        "title": album.texts.title,
        "artist": album.texts.performer,
        "rate_hz": rate_hz,
        "length_s": sequence.end.seconds(),
        "tracks": sequence.placings.iter().map(track).collect::<Vec<_>>(),
        "sides": sequence.sides.iter().map(side).collect::<Vec<_>>(),
        "discs": opened.discs.iter().map(disc).collect::<Vec<_>>(),
        "deliverables": album.deliverables.iter().map(|one| &one.name.value).collect::<Vec<_>>(),
    })
}

/// The album as a list.
fn sheet(opened: &OpenedAlbum) -> String {
    let OpenedAlbum { album, sequence, rate_hz, .. } = opened;
    let mut text = String::new();
    let named = |text: &str| if text.is_empty() { "untitled".to_owned() } else { text.to_owned() };
    let artist = if album.texts.performer.is_empty() {
        String::new()
    } else {
        format!(" · {}", album.texts.performer)
    };
    let count = sequence.placings.iter().filter(|placing| placing.track.is_some()).count();
    let tracks = if count == 1 { "1 track".to_owned() } else { format!("{count} tracks") };
    let _ = writeln!(
        text,
        "    album  {}{artist} · {tracks} · {} · {} kHz\n",
        named(&album.texts.title),
        show::time(sequence.end.seconds()),
        f64::from(*rate_hz) / 1000.0
    );
    let _ = writeln!(text, "        #      begins      length       gap  ISRC          title");
    let (mut number, mut side) = (0, usize::MAX);
    for (at, placing) in sequence.placings.iter().enumerate() {
        if sequence.sides.len() > 1 && side != placing.side {
            side = placing.side;
            let _ = writeln!(text, "     side  {}", sequence.sides[side].name);
        }
        let track = placing.track.map(|number| &album.tracks[number]);
        if track.is_some() {
            number += 1;
        }
        let next = sequence.placings.get(at + 1).map_or(sequence.end, |next| next.gap.unwrap_or(next.mark));
        let between = match (&placing.cross, placing.gap) {
            (Some(cross), _) => format!("×{:.3}", cross.length.seconds()),
            (None, Some(gap)) => format!("{:.3}", (placing.mark - gap).seconds()),
            (None, None) => String::new(),
        };
        let isrc = track
            .and_then(|track| track.isrc.as_ref())
            .map_or_else(String::new, |isrc| isrc.value.to_string());
        let shown = if track.is_some() { number.to_string() } else { "0".to_owned() };
        let title = track.map_or_else(
            || "(hidden)".to_owned(),
            |track| match track.texts.title.as_str() {
                "" => track.name.value.clone(),
                title => title.to_owned(),
            },
        );
        let line = format!(
            "       {shown:>2}  {:>10}  {:>10}  {between:>8}  {isrc:<12}  {title}",
            show::time(placing.mark.seconds()),
            show::time((next - placing.mark).seconds()),
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    deliverables(&mut text, opened);
    text
}

fn deliverables(text: &mut String, opened: &OpenedAlbum) {
    let OpenedAlbum { album, .. } = opened;
    if !album.deliverables.is_empty() {
        text.push('\n');
    }
    let wide = album.deliverables.iter().map(|one| one.name.value.len()).max().unwrap_or(0).max(9);
    for one in &album.deliverables {
        let what = match &one.kind {
            Kind::Tracks { .. } => "a file for each track".to_owned(),
            Kind::Disc { limit, .. } => {
                let disc = opened.discs.iter().find(|disc| disc.deliverable == one.name.value);
                let end = disc.map(|disc| disc.disc.lead_out + PAUSE);
                let moved = disc.map_or(0, |disc| disc.moved.len());
                let marks = match moved {
                    0 => String::new(),
                    1 => ", 1 mark moved earlier to a sector".to_owned(),
                    moved => format!(", {moved} marks moved earlier to sectors"),
                };
                format!(
                    "disc, ends at {} of {limit}{marks}",
                    end.map(|end| end.to_string()).unwrap_or_default()
                )
            }
            Kind::Sides { medium, lead, .. } => {
                let laid = opened.on_sides.clone().led(lead.time(opened.rate_hz));
                let sides = laid.sides.iter().map(|side| {
                    let seconds = (side.end - side.begin).seconds();
                    format!("{} {} of {}", side.name, show::time(seconds), show::time(medium.room().good_s))
                });
                format!("{}: {}", medium.words(), sides.collect::<Vec<_>>().join(", "))
            }
        };
        let _ = writeln!(text, "{:>wide$}  {what}", one.name.value);
    }
}
