//! Samples as bytes, in both directions. The words of WAV are hound's; what it has no writer for (the high byte first, 64 bit
//! floating point) is written here.

use crate::container::Encoding;

/// Which end of a word comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The low byte, as in WAV.
    Little,
    /// The high byte, as in AIFF.
    Big,
}

/// How samples stand in a file that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// Integers of so many bytes, 1 to 8; those of fewer bits stand at the high end.
    Signed(usize),
    /// One byte, of which 128 is silence.
    Unsigned8,
    /// 32 bit floating point.
    Float32,
    /// 64 bit floating point.
    Float64,
    /// Eight bits of G.711, A-law.
    ALaw,
    /// Eight bits of G.711, µ-law.
    MuLaw,
}

impl Word {
    /// Bytes in a sample.
    pub(crate) fn bytes(self) -> usize {
        match self {
            Self::Signed(bytes) => bytes,
            Self::Unsigned8 | Self::ALaw | Self::MuLaw => 1,
            Self::Float32 => 4,
            Self::Float64 => 8,
        }
    }

    /// The name that other programs have for it.
    pub(crate) fn name(self, order: Order) -> String {
        let end = match order {
            _ if self.bytes() == 1 => "",
            Order::Little => "le",
            Order::Big => "be",
        };
        match self {
            Self::Signed(bytes) => format!("pcm_s{}{end}", bytes * 8),
            Self::Unsigned8 => "pcm_u8".into(),
            Self::Float32 => format!("pcm_f32{end}"),
            Self::Float64 => format!("pcm_f64{end}"),
            Self::ALaw => "pcm_alaw".into(),
            Self::MuLaw => "pcm_mulaw".into(),
        }
    }

    /// Takes whole frames of `bytes` apart into `planes`, whose length says how many channels there are.
    pub(crate) fn decode(self, order: Order, bytes: &[u8], planes: &mut [Vec<f64>]) {
        let (size, channels) = (self.bytes(), planes.len());
        let little = order == Order::Little;
        planes.iter_mut().for_each(Vec::clear);
        for (channel, plane) in planes.iter_mut().enumerate() {
            let words = bytes.chunks_exact(size * channels).map(|frame| &frame[channel * size..][..size]);
            match (self, little) {
                (Self::Signed(2), true) => {
                    plane.extend(words.map(|w| f64::from(i16::from_le_bytes([w[0], w[1]])) / 32_768.0));
                }
                (Self::Signed(3), true) => plane.extend(
                    words.map(|w| f64::from(i32::from_le_bytes([0, w[0], w[1], w[2]])) / 2_147_483_648.0),
                ),
                (Self::Float32, true) => {
                    plane.extend(words.map(|w| f64::from(f32::from_le_bytes([w[0], w[1], w[2], w[3]]))));
                }
                _ => plane.extend(words.map(|word| self.sample(word, little))),
            }
        }
    }

    /// One sample of any kind.
    fn sample(self, word: &[u8], little: bool) -> f64 {
        let mut wide = [0_u8; 8];
        // The high byte goes to the top, whichever end it stands at.
        for (to, from) in wide.iter_mut().rev().zip(0..word.len()) {
            *to = word[if little { word.len() - 1 - from } else { from }];
        }
        let value = u64::from_le_bytes(wide);
        match self {
            Self::Signed(_) => value as i64 as f64 / 9_223_372_036_854_775_808.0,
            Self::Unsigned8 => (f64::from(word[0]) - 128.0) / 128.0,
            Self::Float32 => f64::from(f32::from_bits((value >> 32) as u32)),
            Self::Float64 => f64::from_bits(value),
            Self::ALaw => f64::from(a_law(word[0])) / 32_768.0,
            Self::MuLaw => f64::from(mu_law(word[0])) / 32_768.0,
        }
    }
}

/// ITU-T G.711, A-law, at 16 bit.
fn a_law(byte: u8) -> i16 {
    let code = byte ^ 0x55;
    let (segment, step) = ((code >> 4) & 7, i16::from(code & 15));
    let size = match segment {
        0 => (step << 4) + 8,
        _ => ((step << 4) + 0x108) << (segment - 1),
    };
    if code & 0x80 == 0 { -size } else { size }
}

/// ITU-T G.711, µ-law, at 16 bit.
fn mu_law(byte: u8) -> i16 {
    let code = !byte;
    let (segment, step) = ((code >> 4) & 7, i16::from(code & 15));
    let size = (((step << 3) + 0x84) << segment) - 0x84;
    if code & 0x80 == 0 { size } else { -size }
}

/// The step nearest to `sample` for words of `bits`, half-way cases away from zero, and whether it had to be clipped.
pub(crate) fn step(sample: f64, bits: u16) -> (i32, bool) {
    let full = 1_i64 << (bits - 1);
    let wanted = sample * full as f64;
    // Without a call of the maths library: what the cast cuts off is exact.
    let whole = wanted as i64;
    let rest = wanted - whole as f64;
    let nearest = whole.saturating_add(i64::from(rest >= 0.5)).saturating_sub(i64::from(rest <= -0.5));
    let held = nearest.clamp(-full, full - 1);
    (held as i32, held != nearest)
}

/// Appends the samples of `planes`, frame by frame, to `bytes`. Gives back how many had to be clipped.
pub(crate) fn encode(planes: &[&[f64]], encoding: Encoding, order: Order, bytes: &mut Vec<u8>) -> u64 {
    let frames = planes.first().map_or(0, |plane| plane.len());
    let from = bytes.len();
    bytes.resize(from + frames * planes.len() * usize::from(encoding.bits() / 8), 0);
    let bytes = &mut bytes[from..];
    let mut clipped = 0;
    let mut held = |sample: f64, bits: u16| {
        let (step, cut) = step(sample, bits);
        clipped += u64::from(cut);
        step
    };
    match (encoding, order) {
        (Encoding::Int16, Order::Little) => {
            words(planes, bytes, |x| by_hound::<2>(held(x, 16), 16));
        }
        (Encoding::Int16, Order::Big) => words(planes, bytes, |x| (held(x, 16) as i16).to_be_bytes()),
        (Encoding::Int24, Order::Little) => words(planes, bytes, |x| by_hound::<3>(held(x, 24), 24)),
        (Encoding::Int24, Order::Big) => words(planes, bytes, |x| {
            let [_, high, middle, low] = held(x, 24).to_be_bytes();
            [high, middle, low]
        }),
        (Encoding::Int32, Order::Little) => words(planes, bytes, |x| by_hound::<4>(held(x, 32), 32)),
        (Encoding::Int32, Order::Big) => words(planes, bytes, |x| held(x, 32).to_be_bytes()),
        (Encoding::Float32, Order::Little) => words(planes, bytes, |x| by_hound::<4>(x as f32, 32)),
        (Encoding::Float32, Order::Big) => words(planes, bytes, |x| (x as f32).to_be_bytes()),
        (Encoding::Float64, Order::Little) => words(planes, bytes, f64::to_le_bytes),
        (Encoding::Float64, Order::Big) => words(planes, bytes, f64::to_be_bytes),
    }
    clipped
}

/// The word of a WAV file for a sample that fits `bits`, as hound writes it.
fn by_hound<const N: usize>(sample: impl hound::Sample, bits: u16) -> [u8; N] {
    let mut word = [0; N];
    let written = sample.write(&mut word.as_mut_slice(), bits);
    debug_assert!(written.is_ok(), "a word has room for itself");
    word
}

/// Puts a word for each sample in its place among the others of its frame.
fn words<const N: usize>(planes: &[&[f64]], bytes: &mut [u8], mut word: impl FnMut(f64) -> [u8; N]) {
    for (channel, plane) in planes.iter().enumerate() {
        for (frame, sample) in bytes.chunks_exact_mut(planes.len() * N).zip(*plane) {
            frame[channel * N..][..N].copy_from_slice(&word(*sample));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_the_nearest_and_half_way_cases_go_away_from_zero() {
        for (wanted, expected) in
            [(0.5, 1), (-0.5, -1), (1.499, 1), (0.499_999_999_999_999_94, 0), (-2.5, -3), (32_766.5, 32_767)]
        {
            assert_eq!(step(wanted / 32_768.0, 16), (expected, false), "{wanted}");
        }
        assert_eq!(step(1.0, 16), (32_767, true));
        assert_eq!(step(-1.0, 32), (i32::MIN, false));
        assert_eq!(step(1e300, 32), (i32::MAX, true));
        assert_eq!(step(f64::NAN, 24), (0, false));
    }

    #[test]
    fn every_word_comes_back_from_its_bytes() {
        let planes = [vec![0.5, -1.0, 0.25], vec![-0.125, 0.75, 0.0]];
        let taken: Vec<&[f64]> = planes.iter().map(Vec::as_slice).collect();
        for (encoding, word) in [
            (Encoding::Int16, Word::Signed(2)),
            (Encoding::Int24, Word::Signed(3)),
            (Encoding::Int32, Word::Signed(4)),
            (Encoding::Float32, Word::Float32),
            (Encoding::Float64, Word::Float64),
        ] {
            for order in [Order::Little, Order::Big] {
                let (mut bytes, mut back) = (Vec::new(), vec![Vec::new(); 2]);
                assert_eq!(encode(&taken, encoding, order, &mut bytes), 0);
                word.decode(order, &bytes, &mut back);
                assert_eq!(back, planes, "{word:?} {order:?}");
            }
        }
    }

    #[test]
    fn the_laws_of_g_711_have_their_known_values() {
        assert_eq!((a_law(0xd5), a_law(0x55), a_law(0xaa), a_law(0x2a)), (8, -8, 32_256, -32_256));
        assert_eq!((mu_law(0xff), mu_law(0x7f), mu_law(0x80), mu_law(0x00)), (0, 0, 32_124, -32_124));
    }
}
