//! Records of a ZIP file: their marks, their lengths, and the fields that matter.

/// The mark of an entry.
pub(super) const LOCAL: u32 = 0x0403_4b50;
/// The mark of an entry in the directory.
pub(super) const CENTRAL: u32 = 0x0201_4b50;
/// The mark of the end of the directory.
pub(super) const END: u32 = 0x0605_4b50;

/// Bytes of the record in front of an entry, without its name.
pub(super) const LOCAL_BYTES: usize = 30;
/// Bytes of the record in the directory, without its name.
pub(super) const CENTRAL_BYTES: usize = 46;
/// Bytes of the end of the directory, without a comment.
pub(super) const END_BYTES: usize = 22;

/// Bytes as they are.
pub(super) const STORED: u16 = 0;
/// Packed by Deflate.
pub(super) const DEFLATED: u16 = 8;

/// The name is UTF-8.
pub(super) const UTF8: u16 = 1 << 11;
/// How hard Deflate tried; it means nothing to a reader.
pub(super) const EFFORT: u16 = 0b110;
/// Bits that say that it is encrypted, in one way or another.
pub(super) const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
/// Sizes follow behind the entry.
pub(super) const DESCRIPTOR: u16 = 1 << 3;

/// What both records of an entry say, in the same order in both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shared {
    /// The version of the format that it needs, times ten.
    pub(super) needs: u16,
    pub(super) flags: u16,
    pub(super) method: u16,
    /// Time and date, as MS-DOS writes them.
    pub(super) time: u16,
    pub(super) date: u16,
    pub(super) crc: u32,
    /// Bytes in the archive.
    pub(super) packed: u32,
    /// Bytes of the file.
    pub(super) unpacked: u32,
    pub(super) name_bytes: u16,
}

impl Shared {
    /// Bytes of these fields.
    const BYTES: usize = 24;

    /// The fields, and what follows them.
    fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let fields = bytes.get(..Self::BYTES)?;
        let shared = Self {
            needs: u16_at(fields, 0)?,
            flags: u16_at(fields, 2)?,
            method: u16_at(fields, 4)?,
            time: u16_at(fields, 6)?,
            date: u16_at(fields, 8)?,
            crc: u32_at(fields, 10)?,
            packed: u32_at(fields, 14)?,
            unpacked: u32_at(fields, 18)?,
            name_bytes: u16_at(fields, 22)?,
        };
        Some((shared, &bytes[Self::BYTES..]))
    }

    fn write(&self, into: &mut Vec<u8>) {
        for word in [self.needs, self.flags, self.method, self.time, self.date] {
            into.extend(word.to_le_bytes());
        }
        for word in [self.crc, self.packed, self.unpacked] {
            into.extend(word.to_le_bytes());
        }
        into.extend(self.name_bytes.to_le_bytes());
    }
}

/// The record in front of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Local {
    pub(super) shared: Shared,
    pub(super) extra_bytes: u16,
}

impl Local {
    /// Reads one from the start of `bytes`; `None` when there is none.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        (u32_at(bytes, 0)? == LOCAL).then_some(())?;
        let (shared, rest) = Shared::read(&bytes[4..])?;
        Some(Self { shared, extra_bytes: u16_at(rest, 0)? })
    }

    pub(super) fn write(&self, into: &mut Vec<u8>) {
        into.extend(LOCAL.to_le_bytes());
        self.shared.write(into);
        into.extend(self.extra_bytes.to_le_bytes());
    }
}

/// The record of an entry in the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Central {
    /// The system it was made on, and the version of the format.
    pub(super) made_by: u16,
    pub(super) shared: Shared,
    pub(super) extra_bytes: u16,
    pub(super) comment_bytes: u16,
    pub(super) disk: u16,
    /// What the system of its maker says of the file: the mode, above 16 bits of MS-DOS.
    pub(super) attributes: u32,
    /// Where the entry begins.
    pub(super) offset: u32,
}

impl Central {
    /// Reads one from the start of `bytes`; `None` when there is none.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        (u32_at(bytes, 0)? == CENTRAL).then_some(())?;
        let made_by = u16_at(bytes, 4)?;
        let (shared, rest) = Shared::read(&bytes[6..])?;
        Some(Self {
            made_by,
            shared,
            extra_bytes: u16_at(rest, 0)?,
            comment_bytes: u16_at(rest, 2)?,
            disk: u16_at(rest, 4)?,
            // Two bytes between them are a hint whether it is a text.
            attributes: u32_at(rest, 8)?,
            offset: u32_at(rest, 12)?,
        })
    }

    pub(super) fn write(&self, into: &mut Vec<u8>) {
        into.extend(CENTRAL.to_le_bytes());
        into.extend(self.made_by.to_le_bytes());
        self.shared.write(into);
        for word in [self.extra_bytes, self.comment_bytes, self.disk, 0] {
            into.extend(word.to_le_bytes());
        }
        into.extend(self.attributes.to_le_bytes());
        into.extend(self.offset.to_le_bytes());
    }
}

/// The end of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) disk: u16,
    pub(super) directory_disk: u16,
    pub(super) entries_here: u16,
    pub(super) entries: u16,
    /// Bytes of the directory.
    pub(super) bytes: u32,
    /// Where it begins.
    pub(super) offset: u32,
    pub(super) comment_bytes: u16,
}

impl End {
    /// Reads one from the start of `bytes`; `None` when there is none.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        (u32_at(bytes, 0)? == END).then_some(())?;
        Some(Self {
            disk: u16_at(bytes, 4)?,
            directory_disk: u16_at(bytes, 6)?,
            entries_here: u16_at(bytes, 8)?,
            entries: u16_at(bytes, 10)?,
            bytes: u32_at(bytes, 12)?,
            offset: u32_at(bytes, 16)?,
            comment_bytes: u16_at(bytes, 20)?,
        })
    }

    pub(super) fn write(&self, into: &mut Vec<u8>) {
        into.extend(END.to_le_bytes());
        for word in [self.disk, self.directory_disk, self.entries_here, self.entries] {
            into.extend(word.to_le_bytes());
        }
        into.extend(self.bytes.to_le_bytes());
        into.extend(self.offset.to_le_bytes());
        into.extend(self.comment_bytes.to_le_bytes());
    }
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}
