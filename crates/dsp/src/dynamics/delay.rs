//! A delay of whole frames.

/// A line that gives back what it was given so many frames ago, and silence before.
#[derive(Clone, Debug)]
pub struct Delay {
    line: Vec<f64>,
    position: usize,
}

impl Delay {
    /// A silent line of `frames` frames; none pass everything at once.
    #[must_use]
    pub fn new(frames: usize) -> Self {
        Self { line: vec![0.0; frames], position: 0 }
    }

    /// Back to silence.
    pub fn reset(&mut self) {
        self.line.fill(0.0);
        self.position = 0;
    }

    /// Replaces the next frames by those of before.
    pub fn run(&mut self, block: &mut [f64]) {
        if self.line.is_empty() {
            return;
        }
        let mut done = 0;
        while done < block.len() {
            let frames = (self.line.len() - self.position).min(block.len() - done);
            block[done..done + frames].swap_with_slice(&mut self.line[self.position..self.position + frames]);
            done += frames;
            self.position += frames;
            if self.position == self.line.len() {
                self.position = 0;
            }
        }
    }
}
