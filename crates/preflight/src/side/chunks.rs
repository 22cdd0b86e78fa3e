//! Blocks of any size become pieces of one size, so that no figure depends on how the programme came.

/// Frames of a piece.
pub(crate) const CHUNK: usize = 4096;

/// What has come of the next piece.
#[derive(Clone, Debug)]
pub(crate) struct Chunks {
    left: Vec<f64>,
    right: Vec<f64>,
}

impl Chunks {
    pub(crate) fn new() -> Self {
        Self { left: Vec::with_capacity(CHUNK), right: Vec::with_capacity(CHUNK) }
    }

    /// Takes the next frames, and hands every whole piece on. What is no number is silence.
    pub(crate) fn push(&mut self, left: &[f64], right: &[f64], mut each: impl FnMut(&[f64], &[f64])) {
        let number = |sample: &f64| if sample.is_finite() { *sample } else { 0.0 };
        let frames = left.len().min(right.len());
        let mut from = 0;
        while from < frames {
            let count = (CHUNK - self.left.len()).min(frames - from);
            self.left.extend(left[from..from + count].iter().map(number));
            self.right.extend(right[from..from + count].iter().map(number));
            from += count;
            if self.left.len() == CHUNK {
                each(&self.left, &self.right);
                self.left.clear();
                self.right.clear();
            }
        }
    }

    /// Hands on what is left.
    pub(crate) fn end(&mut self, mut each: impl FnMut(&[f64], &[f64])) {
        if !self.left.is_empty() {
            each(&self.left, &self.right);
            self.left.clear();
            self.right.clear();
        }
    }
}
