//! ZIP files put together byte by byte, right or wrong in any field.

/// A graph that is a template.
pub(crate) const GRAPH: &str = "Graph(format: 1, about: (name: \"tape-warm\", version: \"1.2.0\"),\n    nodes: { trim: Gain(gain_db: -1) }, wires: [\"input -> trim -> output\"])\n";

/// An entry, in both places where it is described. What is not set follows from the rest.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: Vec<u8>,
    /// The name in front of the entry, where it is another.
    pub(crate) local_name: Option<Vec<u8>>,
    pub(crate) packed: Vec<u8>,
    pub(crate) method: u16,
    pub(crate) flags: u16,
    pub(crate) needs: u16,
    pub(crate) time: u16,
    pub(crate) crc: u32,
    pub(crate) packed_bytes: u32,
    pub(crate) unpacked_bytes: u32,
    pub(crate) extra: Vec<u8>,
    pub(crate) local_extra: Vec<u8>,
    pub(crate) comment: Vec<u8>,
    pub(crate) attributes: u32,
    pub(crate) disk: u16,
    /// Where the directory says that it begins, where that is a lie.
    pub(crate) offset: Option<u32>,
    /// Bytes that are put in front of it.
    pub(crate) before: Vec<u8>,
    /// Changes the record in front of the entry.
    pub(crate) local: fn(&mut Entry),
}

impl Entry {
    /// A file as it is.
    pub(crate) fn stored(name: &str, bytes: &[u8]) -> Self {
        Self {
            name: name.as_bytes().to_vec(),
            local_name: None,
            packed: bytes.to_vec(),
            method: 0,
            flags: if name.is_ascii() { 0 } else { 1 << 11 },
            needs: 10,
            time: 0,
            crc: crc32(bytes),
            packed_bytes: bytes.len() as u32,
            unpacked_bytes: bytes.len() as u32,
            extra: Vec::new(),
            local_extra: Vec::new(),
            comment: Vec::new(),
            attributes: 0o100_644 << 16,
            disk: 0,
            offset: None,
            before: Vec::new(),
            local: |_| {},
        }
    }

    /// A file of `bytes` that is packed as `packed`.
    pub(crate) fn deflated(name: &str, bytes: &[u8], packed: Vec<u8>) -> Self {
        let packed_bytes = packed.len() as u32;
        Self { packed, packed_bytes, method: 8, needs: 20, ..Self::stored(name, bytes) }
    }

    fn fields(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for word in [self.needs, self.flags, self.method, self.time, 33] {
            bytes.extend(word.to_le_bytes());
        }
        for word in [self.crc, self.packed_bytes, self.unpacked_bytes] {
            bytes.extend(word.to_le_bytes());
        }
        bytes
    }

    fn local(&self) -> Vec<u8> {
        let mut told = self.clone();
        (self.local)(&mut told);
        let name = told.local_name.as_ref().unwrap_or(&told.name);
        let mut bytes = b"PK\x03\x04".to_vec();
        bytes.extend(told.fields());
        bytes.extend((name.len() as u16).to_le_bytes());
        bytes.extend((told.local_extra.len() as u16).to_le_bytes());
        bytes.extend(name);
        bytes.extend(&told.local_extra);
        bytes.extend(&told.packed);
        bytes
    }

    fn central(&self, offset: usize) -> Vec<u8> {
        let mut bytes = b"PK\x01\x02\x14\x03".to_vec();
        bytes.extend(self.fields());
        for word in [self.name.len(), self.extra.len(), self.comment.len(), usize::from(self.disk), 0] {
            bytes.extend((word as u16).to_le_bytes());
        }
        bytes.extend(self.attributes.to_le_bytes());
        bytes.extend(self.offset.unwrap_or(offset as u32).to_le_bytes());
        bytes.extend(&self.name);
        bytes.extend(&self.extra);
        bytes.extend(&self.comment);
        bytes
    }
}

/// The archive of `entries`.
pub(crate) fn zip(entries: &[Entry]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        bytes.extend(&entry.before);
        directory.extend(entry.central(bytes.len()));
        bytes.extend(entry.local());
    }
    let end = end(entries.len() as u16, directory.len() as u32, bytes.len() as u32);
    bytes.extend(directory);
    bytes.extend(end);
    bytes
}

/// The end of an archive.
pub(crate) fn end(entries: u16, bytes: u32, offset: u32) -> Vec<u8> {
    let mut end = b"PK\x05\x06\0\0\0\0".to_vec();
    end.extend(entries.to_le_bytes());
    end.extend(entries.to_le_bytes());
    end.extend(bytes.to_le_bytes());
    end.extend(offset.to_le_bytes());
    end.extend([0, 0]);
    end
}

/// The graph, and one entry more.
pub(crate) fn with(entry: Entry) -> Vec<u8> {
    zip(&[Entry::stored("graph.ron", GRAPH.as_bytes()), entry])
}

/// The check sum of ZIP, bit by bit.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

/// Deflate without packing: the bytes in blocks as they are.
pub(crate) fn blocks(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let count = bytes.len().div_ceil(65_535).max(1);
    for number in 0..count {
        let block = &bytes[number * 65_535..bytes.len().min((number + 1) * 65_535)];
        packed.push(u8::from(number + 1 == count));
        packed.extend((block.len() as u16).to_le_bytes());
        packed.extend((!(block.len() as u16)).to_le_bytes());
        packed.extend(block);
    }
    packed
}
