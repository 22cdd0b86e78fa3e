//! The table itself: the album, its tracks, and their layout.

use super::deliver::{DELIVERABLES, LOUDNESSES};
use super::{Absent, Form, Inside, Part, Shape, Text};

const WORDS: Shape = Shape::Text(Text::Words);

pub(super) const fn part(name: &'static str, shape: Shape, absent: Absent, help: &'static str) -> Part {
    Part { name, shape, absent, help }
}

/// A text that may be left out.
pub(super) const fn said(name: &'static str, help: &'static str) -> Part {
    part(name, WORDS, Absent::Is("\"\""), help)
}

/// A bare word.
pub(super) const fn word(name: &'static str, help: &'static str) -> Form {
    Form { name, what: name, help, inside: Inside::Nothing }
}

/// A name with one value in its brackets.
const fn one(name: &'static str, value: &'static Shape, help: &'static str) -> Form {
    Form { name, what: name, help, inside: Inside::One(value) }
}

pub(super) const fn parts(
    name: &'static str,
    what: &'static str,
    inside: &'static [&'static [Part]],
    help: &'static str,
) -> Form {
    Form { name, what, help, inside: Inside::Parts(inside) }
}

pub(super) const RATE: Shape = Shape::Count { min: 8000, max: 768_000, unit: "Hz" };
const SOURCE_SHAPE: Shape = Shape::Either(&[Shape::Text(Text::Recording), Shape::Record(&SOURCE)]);
const LENGTH: Shape = Shape::Forms(LENGTHS);

/// What several parts may be, with a name for each.
pub(crate) const SHARED: &[(&str, Shape)] = &[
    ("source", SOURCE_SHAPE),
    ("length", LENGTH),
    ("cut", Shape::Forms(CUTS)),
    ("curve", Shape::Forms(CURVES)),
    ("fade", Shape::Record(&FADE)),
    ("loudness", Shape::Forms(LOUDNESSES)),
];

/// The whole document.
pub static ALBUM: Form = parts(
    "Album",
    "an album",
    &[&[
        part(
            "format",
            Shape::OneOf(&[1], ""),
            Absent::Refused,
            "the version of the file format; always the first part",
        ),
        part(
            "about",
            Shape::Record(&ABOUT),
            Absent::Means("nothing is said"),
            "what the album says about itself",
        ),
        part(
            "rate_hz",
            RATE,
            Absent::Means("that of the recordings, which then all have the same"),
            "the sample rate of the timeline",
        ),
        part(
            "loudness",
            Shape::Forms(LOUDNESSES),
            Absent::Is("AsMastered"),
            "how loud the tracks are beside each other",
        ),
        part(
            "graph",
            Shape::Text(Text::Graph),
            Absent::Means("tracks stay as they are"),
            "the graph of every track that names none",
        ),
        part(
            "preset",
            Shape::Text(Text::Preset),
            Absent::Means("the graph as it is"),
            "the preset of that graph",
        ),
        part(
            "tracks",
            Shape::Map { of: &Shape::Record(&TRACK), most: 999, plain: true },
            Absent::Refused,
            "the tracks, by the names that the layout calls them by",
        ),
        part(
            "layout",
            Shape::List { of: &Shape::Either(&[Shape::Text(Text::Track), Shape::Forms(STEPS)]), most: 4096 },
            Absent::Refused,
            "what follows what",
        ),
        part(
            "deliver",
            Shape::Map { of: &Shape::Forms(DELIVERABLES), most: 64, plain: true },
            Absent::Means("nothing is made"),
            "what is made of it, each in a folder of its name",
        ),
    ]],
    "an album: its tracks, what follows what, and what is made of it",
);

pub(crate) static ABOUT: Form = parts(
    "",
    "`about`",
    &[
        &[
            said("title", "the title of the album"),
            said("artist", "who performs; tracks without an artist of their own have this one"),
            said("songwriter", "who wrote the songs"),
            said("composer", "who composed the music"),
            said("arranger", "who arranged it"),
            said("message", "a message to whoever plays the disc"),
        ],
        &[
            part(
                "upc",
                Shape::Text(Text::Barcode),
                Absent::Means("no bar code"),
                "the bar code: 12 or 13 digits, the last a check digit",
            ),
            said("catalogue", "the label's number for it"),
            said("label", "the label"),
            said("date", "when it came out, as in `2026-11-30`"),
            said("genre", "what kind of music it is"),
            said("engineer", "who mastered it"),
        ],
    ],
    "what is said of the album: texts for files, discs and sheets",
);

pub(crate) static TRACK: Form = parts(
    "Track",
    "a track",
    &[
        &[
            said("title", "the title"),
            part("artist", WORDS, Absent::Means("the album's"), "who performs"),
            said("songwriter", "who wrote the song"),
            said("composer", "who composed the music"),
            said("arranger", "who arranged it"),
            said("message", "a message to whoever plays the disc"),
        ],
        &[
            part(
                "isrc",
                Shape::Text(Text::Isrc),
                Absent::Means("no code"),
                "the code of the recording, with or without dashes",
            ),
            part(
                "flags",
                Shape::List { of: &Shape::Forms(FLAGS), most: 3 },
                Absent::Is("[]"),
                "what a disc says of the track",
            ),
            part("source", SOURCE_SHAPE, Absent::Refused, "the mix: a path below the folder of the album"),
            part(
                "graph",
                Shape::Text(Text::Graph),
                Absent::Means("the album's"),
                "the graph that the mix goes through",
            ),
            part(
                "preset",
                Shape::Text(Text::Preset),
                Absent::Means("the album's, where the graph is the album's"),
                "the preset of the graph",
            ),
            part(
                "set",
                Shape::Values,
                Absent::Is("{}"),
                "values for params and fields of the graph, as in `{ loudness: -16, \"glue.ratio\": 2 }`",
            ),
            part(
                "offset_db",
                Shape::Number { min: -40.0, max: 40.0, unit: "dB" },
                Absent::Is("0"),
                "how much louder it is than the album's loudness makes it",
            ),
            part(
                "trim",
                Shape::Record(&TRIM),
                Absent::Means("nothing is cut off"),
                "what is cut off at its beginning and end",
            ),
            part("fade_in", Shape::Record(&FADE), Absent::Means("none"), "how it comes in"),
            part("fade_out", Shape::Record(&FADE), Absent::Means("none"), "how it goes out"),
            part(
                "indexes",
                Shape::List { of: &LENGTH, most: 97 },
                Absent::Is("[]"),
                "INDEX 02 and on, from the track's mark",
            ),
            part(
                "interlude",
                Shape::Flag,
                Absent::Is("false"),
                "whether it is quieter on purpose, so that `Match` and the report leave it alone",
            ),
            part(
                "versions",
                Shape::Map { of: &SOURCE_SHAPE, most: 64, plain: false },
                Absent::Is("{}"),
                "other mixes of it, as long as the usual one, by the name of the version",
            ),
            said("note", "a remark for people"),
        ],
    ],
    "a track: a mix, the graph it goes through, and what is said of it",
);

pub(crate) static SOURCE: Form = parts(
    "Source",
    "a source",
    &[&[
        part(
            "path",
            Shape::Text(Text::Recording),
            Absent::Refused,
            "where the recording lies, below the folder of the album",
        ),
        part(
            "sha256",
            Shape::Text(Text::Sha256),
            Absent::Means("any file will do"),
            "the SHA-256 of the file: another file is refused",
        ),
    ]],
    "a recording, and perhaps which one it must be",
);

pub(crate) static TRIM: Form = parts(
    "",
    "`trim`",
    &[&[
        part("head", Shape::Forms(CUTS), Absent::Means("nothing"), "what is cut off at the beginning"),
        part("tail", Shape::Forms(CUTS), Absent::Means("nothing"), "what is cut off at the end"),
    ]],
    "what is cut off at both ends",
);

const SECONDS: Form = one(
    "Seconds",
    &Shape::Number { min: 0.0, max: 86_400.0, unit: "s" },
    "so many seconds, exactly as written",
);
const SAMPLES: Form = one(
    "Samples",
    &Shape::Count { min: 0, max: u32::MAX, unit: "samples" },
    "so many samples, at the rate of the timeline",
);
const SECTORS: Form = one(
    "CdFrames",
    &Shape::Count { min: 0, max: u32::MAX, unit: "75ths of a second" },
    "so many 75ths of a second, which a disc calls frames",
);

pub(crate) const LENGTHS: &[Form] = &[SECONDS, SAMPLES, SECTORS];

pub(crate) const CUTS: &[Form] = &[
    SECONDS,
    SAMPLES,
    SECTORS,
    parts(
        "Floor",
        "`Floor`",
        &[&[
            part(
                "level_dbfs",
                Shape::Number { min: -140.0, max: -20.0, unit: "dBFS" },
                Absent::Is("-80"),
                "what is silence: everything below",
            ),
            part("hold", LENGTH, Absent::Is("Seconds(0)"), "how much of it stays beside the music"),
        ]],
        "what is below a level",
    ),
];

pub(crate) static FADE: Form = parts(
    "Fade",
    "a fade",
    &[&[
        part("length", LENGTH, Absent::Refused, "how long it takes"),
        part("curve", Shape::Forms(CURVES), Absent::Is("Smooth"), "its course"),
    ]],
    "how a track comes in or goes out",
);

pub(crate) const CURVES: &[Form] = &[
    word("Smooth", "slowly, fast, slowly"),
    word("Linear", "by equal steps"),
    word("EqualPower", "by equal steps of power: two different signals that cross keep their level"),
    word("Log", "by equal steps in decibels, over 60 dB"),
];

pub(crate) const FLAGS: &[Form] = &[
    word("CopyPermitted", "digital copies are permitted"),
    word("SerialCopy", "copies of it are not to be copied again"),
    word("PreEmphasis", "the treble was raised by 50/15 µs, and players lower it"),
];

pub(crate) const STEPS: &[Form] = &[
    one("Track", &Shape::Text(Text::Track), "a track, by its name; the name alone in quotes is the same"),
    one("Gap", &LENGTH, "silence, from the end of what was before to the beginning of the next track"),
    parts(
        "Cross",
        "a crossing",
        &[&[
            part("length", LENGTH, Absent::Refused, "how long both are heard"),
            part("curve", Shape::Forms(CURVES), Absent::Is("EqualPower"), "how they cross"),
            part(
                "mark",
                Shape::Forms(MARKS),
                Absent::Is("Middle"),
                "where the next track begins, for players",
            ),
        ]],
        "the track before goes out while the next comes in",
    ),
    one("Side", &Shape::Text(Text::Side), "from here on it is another side, called so"),
    one("Hidden", &SOURCE_SHAPE, "something in front of the first track, which a player finds by going back"),
];

pub(crate) const MARKS: &[Form] = &[
    word("Middle", "in the middle of the crossing"),
    word("Begin", "where it is first heard"),
    word("End", "where the track before is gone"),
];
