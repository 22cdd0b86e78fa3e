//! Names of things: ours, and those of ID3 and of RIFF's INFO lists.

/// A key, and what other formats call it.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    /// The frame of ID3v2.3 and 2.4.
    pub(crate) id3: &'static str,
    /// The frame of ID3v2.2.
    pub(crate) id3_2: &'static str,
    /// The chunk in a LIST of kind INFO; empty where there is none.
    pub(crate) info: &'static str,
}

const fn key(name: &'static str, id3: &'static str, id3_2: &'static str, info: &'static str) -> Key {
    Key { name, id3, id3_2, info }
}

/// Text frames, and what they are called elsewhere. INFO has no field for recording codes: its `ISRC` means "source".
pub(crate) const KEYS: [Key; 31] = [
    key("TITLE", "TIT2", "TT2", "INAM"),
    key("ARTIST", "TPE1", "TP1", "IART"),
    key("ALBUM", "TALB", "TAL", "IPRD"),
    key("ALBUMARTIST", "TPE2", "TP2", ""),
    key("TRACKNUMBER", "TRCK", "TRK", "ITRK"),
    key("DISCNUMBER", "TPOS", "TPA", ""),
    key("DATE", "TDRC", "TYE", "ICRD"),
    key("GENRE", "TCON", "TCO", "IGNR"),
    key("COPYRIGHT", "TCOP", "TCR", "ICOP"),
    key("COMMENT", "COMM", "COM", "ICMT"),
    key("ISRC", "TSRC", "TRC", ""),
    key("COMPOSER", "TCOM", "TCM", ""),
    key("LYRICIST", "TEXT", "TXT", ""),
    key("CONDUCTOR", "TPE3", "TP3", ""),
    key("REMIXER", "TPE4", "TP4", ""),
    key("LABEL", "TPUB", "TPB", ""),
    key("BPM", "TBPM", "TBP", ""),
    key("INITIALKEY", "TKEY", "TKE", ""),
    key("LANGUAGE", "TLAN", "TLA", "ILNG"),
    key("ENCODEDBY", "TENC", "TEN", ""),
    key("ENCODER", "TSSE", "TSS", "ISFT"),
    key("MOOD", "TMOO", "", ""),
    key("GROUPING", "TIT1", "TT1", ""),
    key("SUBTITLE", "TIT3", "TT3", ""),
    key("ENGINEER", "", "", "IENG"),
    key("COMPILATION", "TCMP", "TCP", ""),
    key("ORIGINALDATE", "TDOR", "TOR", ""),
    key("TITLESORT", "TSOT", "", ""),
    key("ARTISTSORT", "TSOP", "", ""),
    key("ALBUMSORT", "TSOA", "", ""),
    key("LYRICS", "USLT", "ULT", ""),
];

/// Names that programs use for the same things.
const ALIASES: [(&str, &str); 17] = [
    ("ALBUM ARTIST", "ALBUMARTIST"),
    ("ALBUM_ARTIST", "ALBUMARTIST"),
    ("TRACK", "TRACKNUMBER"),
    ("TRACKNUM", "TRACKNUMBER"),
    ("TOTALTRACKS", "TRACKTOTAL"),
    ("DISC", "DISCNUMBER"),
    ("DISK", "DISCNUMBER"),
    ("TOTALDISCS", "DISCTOTAL"),
    ("YEAR", "DATE"),
    ("UPC", "BARCODE"),
    ("EAN", "BARCODE"),
    ("EAN/UPN", "BARCODE"),
    ("MCN", "BARCODE"),
    ("PUBLISHER", "LABEL"),
    ("ORGANIZATION", "LABEL"),
    ("UNSYNCEDLYRICS", "LYRICS"),
    ("ENCODED-BY", "ENCODEDBY"),
];

/// Our name for `key`.
pub(crate) fn canonical(key: &str) -> String {
    // What a Vorbis comment's key may consist of.
    let kept = key.trim().chars().filter(|c| (' '..='}').contains(c) && *c != '=');
    let key = kept.collect::<String>().to_ascii_uppercase();
    ALIASES.iter().find(|(alias, _)| *alias == key).map_or(key, |(_, name)| (*name).to_owned())
}

/// Whether the value tells of one file's samples or coding, and is wrong for any other.
pub(crate) fn is_of_the_file(key: &str) -> bool {
    let starts = ["REPLAYGAIN_", "R128_", "MP3GAIN_", "ITUNNORM", "ITUNSMPB", "ACCURATERIP", "ENCODER"];
    starts.iter().any(|start| key.starts_with(start))
        || matches!(
            key,
            "DEADWAX_RECIPE" | "ENCODING" | "LENGTH" | "CDTOC" | "WAVEFORMATEXTENSIBLE_CHANNEL_MASK"
        )
}
