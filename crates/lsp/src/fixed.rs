//! Parts of a graph file whose fields are always the same, whatever kinds are installed.

/// A field: its name, a value to begin with, what it is.
pub(crate) type Fixed = (&'static str, &'static str, &'static str);

/// A form of a value: its name, what stands behind it with a place to type over in the middle, what it is.
pub(crate) type Form = (&'static str, [&'static str; 3], &'static str);

pub(crate) const ABOUT: &[Fixed] = &[
    ("name", "\"\"", "its name, in `kebab-case`"),
    ("version", "\"1.0.0\"", "its version"),
    ("title", "\"\"", "a title for people"),
    ("description", "\"\"", "what it is for, in a sentence or two"),
    ("authors", "[]", "who made it"),
    ("license", "\"\"", "under which licence, as an SPDX expression"),
    ("tags", "[]", "words to find it by"),
    ("home", "\"\"", "where it comes from"),
    ("requires", "()", "what it needs: of the program, of the mix, of kinds of nodes"),
];

pub(crate) const REQUIRES: &[Fixed] = &[
    ("deadwax", "\">=0.1\"", "versions of deadwax"),
    ("channels", "[2]", "numbers of channels of the mix; none is any"),
    ("rates_hz", "[44100]", "sample rates of the mix, in Hz; none is any"),
    ("nodes", "[]", "kinds of nodes that come with another program"),
];

pub(crate) const PARAM: &[Fixed] = &[
    ("sets", "[\"\"]", "the fields it sets, as in `glue.ratio`"),
    ("min", "0", "narrows what may be set"),
    ("max", "1", "narrows what may be set"),
    ("help", "\"\"", "what it does"),
];

pub(crate) const MACRO: &[Fixed] = &[
    ("default", "0", "where the dial stands, from 0 to 1"),
    (
        "drives",
        "{ \"\": (0, 1) }",
        "the fields it moves, which their nodes leave out: what each is at 0 and at 1",
    ),
    ("min", "0", "narrows what may be set"),
    ("max", "1", "narrows what may be set"),
    ("help", "\"\"", "what it does"),
];

pub(crate) const ASK: &[Fixed] = &[("help", "\"\"", "what is asked for, in a few words")];

pub(crate) const PARAMS: &[Form] = &[
    ("Param", ["Param(sets: [\"", "", "\"])"], "sets fields: its default is the number in the node"),
    (
        "Macro",
        ["Macro(default: 0, drives: { \"", "", "\": (0, 1) })"],
        "one dial from 0 to 1 over several fields, each between two ends",
    ),
];

pub(crate) const ASSETS: &[Form] =
    &[("Ask", ["Ask(help: \"", "", "\")"], "asks whoever renders for the file: `--asset NAME=FILE`")];

/// The ways between the two ends of a driven field.
pub(crate) const WAYS: &[Form] = &[
    ("Linear", ["Linear", "", ""], "equal steps of the dial are equal differences"),
    ("Log", ["Log", "", ""], "equal steps of the dial are equal ratios"),
];
