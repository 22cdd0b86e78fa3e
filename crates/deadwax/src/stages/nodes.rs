//! Two nodes that no graph can name: one reads a kept wire, one keeps what passes through it.

use deadwax_node::{
    About, AnyNode, Channels, Family, Field, Io, NodeError, Port, Ports, Prepared, Problem, Setup, Stream,
};
use serde_json::Value;
use std::fmt::Debug;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};
use tempfile::NamedTempFile;

/// Frames in a file are interleaved, each sample a 64 bit float, low byte first.
pub(super) const SAMPLE: u64 = 8;

/// Bytes that are read or written at once.
const GATHERED: usize = 1 << 18;

static KEPT: About = About {
    kind: "KeptStage",
    family: Family::Probe,
    summary: "Reads what was on a wire in an earlier render.",
    since: "0.4",
    algorithm: 1,
    example: "KeptStage",
};

static KEEP: About = About {
    kind: "KeepStage",
    family: Family::Probe,
    summary: "Keeps what is on a wire for a later render.",
    since: "0.4",
    algorithm: 1,
    example: "KeepStage",
};

/// What a node of this module must say of itself beside its work.
macro_rules! plain_node {
    ($about:ident) => {
        fn about(&self) -> &'static About {
            &$about
        }

        fn problems(&self) -> Vec<Problem> {
            Vec::new()
        }

        fn output_rate(&self, input_hz: u32) -> Result<u32, NodeError> {
            Ok(input_hz)
        }

        fn cuts(&self) -> bool {
            false
        }

        fn quantizes(&self) -> bool {
            false
        }

        fn learns(&self) -> bool {
            false
        }

        fn to_json(&self) -> Value {
            Value::Null
        }

        fn to_ron(&self) -> String {
            $about.kind.to_owned()
        }

        fn fields(&self) -> Vec<Field> {
            Vec::new()
        }

        fn boxed(&self) -> Box<dyn AnyNode> {
            Box::new(self.clone())
        }
    };
}

/// Hears the input only to know how long it is, and gives the frames of a file.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) file: Arc<File>,
    pub(super) channels: usize,
}

impl AnyNode for Kept {
    plain_node!(KEPT);

    fn ports(&self) -> Ports {
        let mut ports = Ports::through();
        ports.outputs = vec![Port::new("out", Channels::Exactly(self.channels), "what was there")];
        ports
    }

    fn prepare(&self, _: &Setup) -> Result<Prepared, NodeError> {
        let file = self.file.try_clone().map_err(failed)?;
        let reader = BufReader::with_capacity(GATHERED, file);
        let stream = KeptStream { reader, bytes: Vec::new(), channels: self.channels };
        Ok(Prepared::stream(stream, 10.0))
    }
}

fn failed(cause: std::io::Error) -> NodeError {
    NodeError::field("", format!("a kept stage cannot be read: {cause}; `--no-cache` renders without"))
}

struct KeptStream {
    reader: BufReader<File>,
    bytes: Vec<u8>,
    channels: usize,
}

impl Stream for KeptStream {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let frames = io.frames();
        self.bytes.resize(frames * self.channels * SAMPLE as usize, 0);
        self.reader.read_exact(&mut self.bytes).map_err(failed)?;
        let (samples, _) = self.bytes.as_chunks::<8>();
        let mut output = io.outputs()[0].block_mut(frames);
        for (channel, to) in output.iter_mut().enumerate() {
            for (to, from) in to.iter_mut().zip(samples[channel..].iter().step_by(self.channels)) {
                *to = f64::from_le_bytes(*from);
            }
        }
        Ok(())
    }

    fn reset(&mut self) {
        // A file that cannot be rewound gives too few frames, which is an error of its own.
        let _ = self.reader.seek(SeekFrom::Start(0));
    }
}

/// A file that grows while the render runs; nothing more once the disk has refused.
pub(super) type Keeping = Arc<Mutex<Option<BufWriter<NamedTempFile>>>>;

/// A node that keeps what passes through it in `file`, and the file.
pub(super) fn keep(file: NamedTempFile, channels: usize) -> (Box<dyn AnyNode>, Keeping) {
    let keeping = Arc::new(Mutex::new(Some(BufWriter::with_capacity(GATHERED, file))));
    (Box::new(Keep { keeping: Arc::clone(&keeping), channels }), keeping)
}

#[derive(Clone, Debug)]
struct Keep {
    keeping: Keeping,
    channels: usize,
}

impl AnyNode for Keep {
    plain_node!(KEEP);

    fn ports(&self) -> Ports {
        Ports::through()
    }

    fn prepare(&self, _: &Setup) -> Result<Prepared, NodeError> {
        let keeping = Arc::clone(&self.keeping);
        Ok(Prepared::stream(KeepStream { keeping, bytes: Vec::new(), channels: self.channels }, 10.0))
    }
}

struct KeepStream {
    keeping: Keeping,
    bytes: Vec<u8>,
    channels: usize,
}

impl KeepStream {
    /// Does something with the file, and lets go of it when that fails: the render goes on without.
    fn with_file(&mut self, act: impl FnOnce(&mut BufWriter<NamedTempFile>) -> std::io::Result<()>) {
        let mut keeping = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
        if keeping.as_mut().is_some_and(|file| act(file).is_err()) {
            *keeping = None;
        }
    }
}

impl Stream for KeepStream {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let frames = io.frames();
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.resize(frames * self.channels * SAMPLE as usize, 0);
        let main = io.main();
        let (samples, _) = bytes.as_chunks_mut::<8>();
        for (channel, from) in main.as_block().iter().enumerate() {
            for (to, from) in samples[channel..].iter_mut().step_by(self.channels).zip(from) {
                *to = from.to_le_bytes();
            }
        }
        self.with_file(|file| file.write_all(&bytes));
        self.bytes = bytes;
        Ok(())
    }

    fn reset(&mut self) {
        self.with_file(|file| {
            file.flush()?;
            let file = file.get_mut().as_file_mut();
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0)).map(drop)
        });
    }
}
