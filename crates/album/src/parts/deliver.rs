//! The table of what is made of an album, and how loud.

use super::table::{LENGTH, RATE, part, parts, said, word};
use super::{Absent, Form, Part, Shape, Text};

const LUFS: Shape = Shape::Number { min: -60.0, max: 0.0, unit: "LUFS" };

const TARGET: Part = part("target_lufs", LUFS, Absent::Is("-14"), "how loud it becomes");

pub(crate) const LOUDNESSES: &[Form] = &[
    word("AsMastered", "as the graphs leave them"),
    parts(
        "KeepRelative",
        "`KeepRelative`",
        &[&[
            part("anchor", Shape::Forms(ANCHORS), Absent::Is("Album"), "what is brought to the target"),
            TARGET,
            part("up", Shape::Flag, Absent::Is("true"), "whether the album may be turned up"),
        ]],
        "one gain for all: tracks stay as loud beside each other as they are",
    ),
    parts(
        "Match",
        "`Match`",
        &[&[
            TARGET,
            part(
                "tolerance_lu",
                Shape::Number { min: 0.0, max: 10.0, unit: "LU" },
                Absent::Is("0.1"),
                "what is near enough",
            ),
            part(
                "max_gain_db",
                Shape::Number { min: 0.0, max: 40.0, unit: "dB" },
                Absent::Is("12"),
                "the most that a track is turned",
            ),
            part(
                "ceiling_dbtp",
                Shape::Number { min: -20.0, max: 0.0, unit: "dBTP" },
                Absent::Is("-1"),
                "what no true peak may go beyond: a track that would is refused",
            ),
        ]],
        "each track to the same loudness, by gain alone",
    ),
];

const ANCHORS: &[Form] =
    &[word("Album", "all of it, heard as one programme"), word("LoudestTrack", "its loudest track")];

/// What every deliverable may begin with.
const THROUGH: &[Part] = &[
    part(
        "post",
        Shape::Text(Text::Graph),
        Absent::Means("none"),
        "a graph that all of it goes through, as one programme",
    ),
    part(
        "preset",
        Shape::Text(Text::Preset),
        Absent::Means("the graph as it is"),
        "the preset of that graph",
    ),
    part("set", Shape::Values, Absent::Is("{}"), "values for params and fields of that graph"),
    part(
        "version",
        Shape::Text(Text::Version),
        Absent::Means("the usual mixes"),
        "the version of the tracks, where they have it",
    ),
];

/// And end with.
const WRITTEN: &[Part] = &[
    part("dither", Shape::Forms(DITHERS), Absent::Means("`Tpdf`"), "how words are shortened"),
    part(
        "loudness",
        Shape::Forms(LOUDNESSES),
        Absent::Means("the album's"),
        "another loudness than the album's",
    ),
];

const FORMAT: Part =
    part("format", Shape::Forms(FORMATS), Absent::Is("Wav(bits: 24)"), "the kind of the files");
const FILE_RATE: Part =
    part("rate_hz", RATE, Absent::Means("that of the timeline"), "the sample rate of the files");

pub(crate) const DELIVERABLES: &[Form] = &[
    parts(
        "Tracks",
        "`Tracks`",
        &[
            THROUGH,
            &[
                FORMAT,
                FILE_RATE,
                part(
                    "gap",
                    Shape::Forms(GAPS),
                    Absent::Is("ToPrevious"),
                    "where the silence between tracks goes",
                ),
                part(
                    "check",
                    Shape::List { of: &Shape::Text(Text::Service), most: 64 },
                    Absent::Is("[]"),
                    "the services that the files are held against",
                ),
            ],
            WRITTEN,
        ],
        "a file for each track",
    ),
    parts(
        "Disc",
        "`Disc`",
        &[
            THROUGH,
            &[
                part(
                    "write",
                    Shape::List { of: &Shape::Forms(PAPERS), most: 5 },
                    Absent::Is("[Ddp, Cue, Toc, PqHtml, PqCsv]"),
                    "what is written beside the audio",
                ),
                part(
                    "limit",
                    Shape::Text(Text::Address),
                    Absent::Is("\"79:57:00\""),
                    "where the plant wants the lead-out at the latest: minutes, seconds, frames",
                ),
                said("master_id", "what the house calls the master"),
            ],
            WRITTEN,
        ],
        "a compact disc",
    ),
    parts(
        "Sides",
        "`Sides`",
        &[
            THROUGH,
            &[
                part("medium", Shape::Forms(MEDIA), Absent::Refused, "what it is cut or copied to"),
                FORMAT,
                FILE_RATE,
                part(
                    "reference_dbfs",
                    Shape::Number { min: -30.0, max: 0.0, unit: "dBFS" },
                    Absent::Is("-14"),
                    "for a record: the level of a tone of 1 kHz that is cut at 5 cm/s",
                ),
                part(
                    "lead",
                    LENGTH,
                    Absent::Means("a second for a cassette, none for a record"),
                    "the silence in front of each side",
                ),
            ],
            WRITTEN,
        ],
        "a file for each side of a record or cassette",
    ),
];

pub(crate) const FORMATS: &[Form] = &[
    parts(
        "Wav",
        "a format",
        &[&[part(
            "bits",
            Shape::OneOf(&[16, 24, 32], "bits"),
            Absent::Is("24"),
            "bits of a word; of 32 as floating point",
        )]],
        "WAV",
    ),
    parts(
        "Flac",
        "a format",
        &[&[part("bits", Shape::OneOf(&[16, 24], "bits"), Absent::Is("24"), "bits of a word")]],
        "FLAC",
    ),
];

const GAPS: &[Form] = &[
    word("ToPrevious", "to the end of the track before"),
    word("ToNext", "to the beginning of the track behind"),
    word("Drop", "nowhere: it is left out"),
];

const PAPERS: &[Form] = &[
    word("Ddp", "a DDP 2.00 fileset"),
    word("Cue", "an image with its CUE sheet"),
    word("Toc", "a TOC of cdrdao"),
    word("PqHtml", "a PQ sheet to print"),
    word("PqCsv", "a PQ sheet to compute with"),
];

const DITHERS: &[Form] = &[
    word("Tpdf", "even hiss"),
    word("Mild", "shaped a little"),
    word("Balanced", "shaped by ITU-R 468"),
    word("Deep", "shaped to the threshold of hearing"),
    word("Round", "none: words are rounded"),
];

const LP_SPEED: Part =
    part("rpm", Shape::OneOf(&[33, 45], "turns a minute"), Absent::Is("33"), "how fast it turns");
const SINGLE_SPEED: Part =
    part("rpm", Shape::OneOf(&[33, 45], "turns a minute"), Absent::Is("45"), "how fast it turns");

pub(crate) const MEDIA: &[Form] = &[
    parts("Lp12", "a record", &[&[LP_SPEED]], "a record of 12 inches"),
    parts("Lp10", "a record", &[&[LP_SPEED]], "a record of 10 inches"),
    parts("Lp7", "a record", &[&[SINGLE_SPEED]], "a record of 7 inches"),
    parts(
        "Cassette",
        "`Cassette`",
        &[&[part(
            "minutes",
            Shape::Count { min: 10, max: 120, unit: "minutes" },
            Absent::Is("60"),
            "how long it runs, both sides together",
        )]],
        "a compact cassette",
    ),
];
