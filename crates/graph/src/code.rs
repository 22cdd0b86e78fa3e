//! Every error code, in one table.

use serde::Serialize;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $number:literal $severity:ident $title:literal,)+) => {
        /// A stable code. Each has a page in `docs/errors`, with an example and its fix.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code { $($(#[doc = $doc])+ $name,)+ }

        impl Code {
            /// All codes, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The number behind `DW`.
            #[must_use]
            pub fn number(self) -> u16 {
                match self { $(Self::$name => $number),+ }
            }

            /// One line that holds for every case of the code.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title),+ }
            }

            /// Whether it stops the graph from running.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity),+ }
            }
        }
    };
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The graph does not run.
    Error,
    /// The graph runs, but perhaps not as meant.
    Warning,
}

codes! {
    // Text
    /// A character that means nothing in RON.
    UnexpectedCharacter = 1 Error "a character that means nothing here",
    /// A bracket without its partner.
    NeverClosed = 2 Error "a bracket that is never closed",
    /// No comma between two parts.
    MissingComma = 3 Error "a comma is missing",
    /// A text without its closing quote.
    TextNotClosed = 4 Error "a text that is never closed",
    /// A block comment without its end.
    CommentNotClosed = 5 Error "a comment that is never closed",
    /// A name that stands twice in one place.
    Duplicate = 6 Error "a name that stands twice",
    /// Something else stands where it cannot.
    Unexpected = 7 Error "something stands where it cannot",
    /// Brackets inside brackets beyond the limit.
    TooDeep = 8 Error "too many brackets inside each other",
    /// A file or text beyond the limit.
    TooLarge = 9 Error "a file or text is too large",
    /// The format is newer than this program.
    NewerFormat = 10 Error "the file is of a newer format",
    /// `format` is missing or no number.
    NoFormat = 11 Error "the file does not say its format",
    /// The file is no `Graph( … )`.
    NoGraph = 12 Error "the file is no graph",
    /// A part of the graph that does not exist.
    UnknownSection = 13 Error "the graph has no such part",
    /// A part of the graph has another shape.
    WrongSection = 14 Error "a part of the graph has another shape",

    // Nodes and fields
    /// A kind of node that does not exist.
    UnknownKind = 101 Error "no such kind of node",
    /// A field that the kind does not have.
    UnknownField = 102 Error "no such field",
    /// A number beyond its range.
    OutOfRange = 103 Error "a number is out of range",
    /// A value of another type.
    WrongType = 104 Error "a value of another type",
    /// A rule between fields of a node.
    BrokenRule = 105 Error "fields of a node that do not go together",
    /// A name that a node, param or used graph may not have.
    BadName = 106 Error "a name that is not allowed",
    /// Too few or too many entries.
    WrongLength = 107 Error "too few or too many entries",
    /// A number that is not finite.
    NotFinite = 108 Error "a number that is not finite",
    /// A word that is none of the choices.
    UnknownChoice = 109 Error "none of the choices",
    /// A param that sets a field that does not exist.
    UnknownTarget = 110 Error "a param sets what does not exist",
    /// The fields that a param sets have different values.
    TargetsDisagree = 111 Error "the fields that a param sets differ",
    /// A param whose bounds are wider than the field's range.
    WideBounds = 112 Error "a param's bounds may only narrow",
    /// A preset or a caller sets a param that does not exist.
    UnknownParam = 113 Error "no such param",
    /// A value from outside that cannot be read.
    BadValue = 114 Error "a value from outside that cannot be read",
    /// A preset that does not exist.
    UnknownPreset = 115 Error "no such preset",
    /// More nodes than allowed.
    TooManyNodes = 116 Error "too many nodes",
    /// A field that a macro drives, and something else sets.
    DrivenTwice = 117 Error "a driven field that is set elsewhere too",
    /// A field that no macro can drive.
    NotDriven = 118 Error "a field that a macro cannot drive",
    /// The graph needs another program, or another mix.
    Unmet = 119 Error "the graph needs something else",
    /// A node of an unknown kind lets everything through.
    GhostBypassed = 120 Warning "a node of an unknown kind is passed by",
    /// A node of an unknown kind that cannot be passed by.
    GhostInTheWay = 121 Error "a node of an unknown kind is in the way",

    // Wires
    /// A port that the node does not have.
    UnknownPort = 201 Error "no such port",
    /// A node that does not exist.
    UnknownNode = 202 Error "no such node",
    /// Two wires end at a port for one.
    TwoWires = 203 Error "two wires at a port for one",
    /// A wire that is not written as one.
    BadWire = 204 Error "a wire that cannot be read",
    /// A required input without a wire.
    Unconnected = 205 Error "a required input without a wire",
    /// A port in the middle of a wire.
    PortInTheMiddle = 206 Error "a port in the middle of a wire",
    /// No way from the input to the output.
    NoWay = 207 Error "no way from the input to the output",
    /// More wires than allowed.
    TooManyWires = 208 Error "too many wires",
    /// Wires that close a loop.
    Loop = 210 Error "wires that close a loop",
    /// A node whose output nobody hears.
    Unheard = 211 Warning "a node that nobody hears",
    /// Something changes samples behind a dither.
    DitherNotLast = 212 Warning "a dither that is not the last",

    // Formats
    /// Another number of channels than the port takes.
    WrongChannels = 301 Error "a port takes another number of channels",
    /// Different numbers of channels at one port.
    ChannelsMeet = 302 Error "different numbers of channels meet",
    /// Two sample rates at one node.
    RatesMeet = 305 Error "two sample rates meet",
    /// A node that cannot work at this format.
    NotAtThisFormat = 306 Error "a node cannot work at this format",
    /// A node that cannot be bypassed.
    NoBypass = 307 Error "a node that cannot be bypassed",
    /// Two nodes aim at one output.
    TwoGoals = 308 Error "two nodes aim at one output",
    /// An input that no file is for.
    ExtraInput = 309 Error "an input that no file is for",
    /// Too much to keep between passes.
    SpoolLimit = 310 Error "too much to keep between passes",
    /// Wires whose frames stand for different times meet.
    LengthsMeet = 311 Error "a cut signal meets one that is not cut",

    // Running
    /// A node failed while it ran.
    NodeFailed = 401 Error "a node failed",
    /// A node panicked.
    NodePanicked = 402 Error "a node panicked",
    /// A sample that is not a finite number.
    NonFiniteSample = 403 Error "a sample that is not a finite number",
    /// Somebody stopped the run.
    Interrupted = 404 Error "interrupted",
    /// The engine came to a standstill.
    Stalled = 405 Error "the engine came to a standstill",
    /// The loudness that was asked for is out of reach.
    Unreached = 406 Warning "a goal was not reached",
    /// A stretch of time beyond the end of the programme.
    BeyondProgramme = 407 Error "a stretch beyond the end of the programme",

    // Files
    /// A graph file that cannot be read.
    GraphNotRead = 501 Error "a graph cannot be read",
    /// An audio file that cannot be read.
    AudioNotRead = 502 Error "an audio file cannot be read",
    /// A file that is an input.
    WouldOverwriteInput = 503 Error "an input would be overwritten",
    /// A file that cannot be written.
    NotWritten = 504 Error "a file cannot be written",
    /// More samples than the file can hold.
    AudioTooLarge = 505 Error "too large for the file format",
    /// A path that a graph may not use.
    ForbiddenPath = 506 Error "a path that a graph may not use",
    /// Graphs that use each other in a circle.
    UseLoop = 507 Error "graphs that use each other in a circle",
    /// Graphs inside graphs beyond the limit.
    UseTooDeep = 508 Error "too many graphs inside each other",
    /// A name for a graph that is taken.
    TakenName = 509 Error "a name that is taken by a kind of node",
    /// A file that is damaged or ends too early.
    AudioDamaged = 510 Error "an audio file is damaged",
    /// A file is there already.
    Exists = 511 Error "a file is there already",
    /// A recording that a person is asked for, and has not named.
    RecordingAsked = 512 Error "a recording that is asked for is missing",
    /// A recording that is named and not asked for.
    NotAsked = 513 Error "a recording that nobody asks for",
    /// Another recording than the recipe has.
    OtherRecording = 514 Error "another recording than the recipe has",
    /// A kind of file that does not hold such samples, or is none.
    FormatNotHeld = 520 Error "a kind of file that does not hold this",
    /// The program that makes files of this kind is not here.
    NoEncoder = 521 Error "an encoder program is missing",
    /// The program that makes files of this kind failed.
    EncoderFailed = 522 Error "an encoder program failed",
    /// Two files that cannot be laid over each other.
    NotComparable = 530 Error "two files that cannot be compared",
    /// Rules of platforms that cannot be read.
    PlatformsNotRead = 531 Error "rules of platforms cannot be read",
    /// A platform without a rule.
    UnknownPlatform = 532 Error "no such platform",
    /// A file has no recipe that could be found.
    NoRecipe = 533 Error "a file without a recipe",
    /// A node that learns nothing has something to learn from.
    LearnsNothing = 540 Error "a node that learns nothing",
    /// What a node has learnt cannot be read, or says what cannot be.
    LessonWrong = 541 Error "what a node learnt cannot be used",
    /// What a node has learnt is of another programme.
    LessonForeign = 542 Error "learnt from something else",
    /// A template that cannot be read.
    TemplateNotRead = 550 Error "a template cannot be read",
    /// An archive of a template that is damaged, or has in it what none needs.
    ArchiveWrong = 551 Error "an archive of a template is not right",
    /// Something that may not be in a template, or is missing in it.
    TemplateUnfit = 552 Error "files that make no template",
    /// A template without a name or version.
    TemplateUnnamed = 553 Error "a template without a name or version",
    /// An index of templates that cannot be used.
    IndexNotRead = 554 Error "an index of templates cannot be used",
    /// A template that no lock pins, or pins in another version than is asked for.
    NotLocked = 555 Error "a template that is not locked",
    /// A template whose bytes are others than those that were locked or promised.
    TemplateChanged = 556 Error "a template is not what was locked",
    /// A source of templates that cannot be read, or does not have what is asked for.
    SourceNotRead = 557 Error "a source of templates cannot be used",
    /// No version of a template fits everything that asks for one.
    NoVersionFits = 558 Error "no version of a template fits",
    /// A lock that cannot be read, or may not be changed.
    LockNotUsed = 559 Error "a lock of templates cannot be used",
    /// A version of a template that is out, and was something else then.
    VersionOut = 560 Error "a version that is out already",
    /// A step from one version to the next that is too small for what changed.
    PromiseBroken = 561 Error "a version promises more than it keeps",

    // Albums
    /// A document that is no album.
    NoAlbum = 700 Error "the file is no album",
    /// A part of an album that is not as it should be.
    WrongAlbumPart = 701 Error "a part of the album has another shape",
    /// A track or version that is not there.
    UnknownTrack = 702 Error "no such track",
    /// A track that is laid out twice.
    TrackTwice = 703 Error "a track that is laid out twice",
    /// A track that the layout leaves out.
    Unlaid = 704 Warning "a track that is nowhere in the layout",
    /// A code of a recording that is none.
    BadIsrc = 705 Error "no code of a recording",
    /// A bar code that is none.
    BadBarcode = 706 Error "no bar code",
    /// Two recordings with one code.
    SameIsrc = 707 Error "two recordings with one code",
    /// Steps of a layout that do not go together.
    BadLayout = 708 Error "a layout that cannot be",
    /// A length or place that is none.
    BadTime = 709 Error "a time that cannot be",
    /// A disc that cannot be made.
    BadDisc = 710 Error "a disc that cannot be",
    /// A disc that can be made, and is not what it should be.
    DoubtfulDisc = 711 Warning "a disc that somebody may not like",
    /// A side that is longer than what it is cut or copied to has room for.
    SideLong = 712 Warning "a side that is long",
    /// Tracks that cannot be brought to one loudness by gain alone.
    MatchRefused = 713 Error "a track that would have to be limited",
    /// A file that is not the one whose hash the document says.
    OtherFile = 714 Error "a recording is another file",
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DW{:04}", self.number())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl std::str::FromStr for Code {
    type Err = UnknownCode;

    /// Reads `DW0102`; the case does not matter, nor do leading zeros.
    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        let digits =
            text.get(..2).filter(|start| start.eq_ignore_ascii_case("dw")).and_then(|_| text.get(2..));
        let number = digits.and_then(|digits| digits.parse::<u16>().ok());
        let found = Self::ALL.iter().find(|code| Some(code.number()) == number);
        found.copied().ok_or_else(|| UnknownCode(text.to_owned()))
    }
}

/// A code that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no code `{0}`")]
pub struct UnknownCode(String);
