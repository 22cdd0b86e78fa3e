//! The maximum, minimum or sum of the last so many values.
//!
//! Values fall into groups as long as the window (van Herk 1992, Gil and Werman 1993): the window reaches from inside
//! one group to inside the next, so its result is that of the end of one and the beginning of the other. Three
//! operations a value, whatever the window; and a sum is never corrected by subtraction, so it does not drift.

use std::marker::PhantomData;

/// What is done to the values of a window.
pub trait Window {
    /// The result of no values.
    const NONE: f64;
    /// The result of two parts.
    fn join(a: f64, b: f64) -> f64;
}

/// The largest value.
#[derive(Clone, Copy, Debug)]
pub struct Max;

/// The smallest value.
#[derive(Clone, Copy, Debug)]
pub struct Min;

/// The sum of the values.
#[derive(Clone, Copy, Debug)]
pub struct Sum;

impl Window for Max {
    const NONE: f64 = f64::NEG_INFINITY;
    #[inline(always)]
    fn join(a: f64, b: f64) -> f64 {
        if a > b { a } else { b }
    }
}

impl Window for Min {
    const NONE: f64 = f64::INFINITY;
    #[inline(always)]
    fn join(a: f64, b: f64) -> f64 {
        if a < b { a } else { b }
    }
}

impl Window for Sum {
    const NONE: f64 = 0.0;
    #[inline(always)]
    fn join(a: f64, b: f64) -> f64 {
        a + b
    }
}

/// A window over the last values of a stream; before the first value there are none.
#[derive(Clone, Debug)]
pub struct Sliding<W> {
    /// Up to `position` the values of this group; from there on, the results of the last group's ends.
    group: Vec<f64>,
    position: usize,
    /// The result of this group so far.
    begun: f64,
    window: PhantomData<W>,
}

impl<W: Window> Sliding<W> {
    /// A window of `length` values, at least one.
    #[must_use]
    pub fn new(length: usize) -> Self {
        Self { group: vec![W::NONE; length.max(1)], position: 0, begun: W::NONE, window: PhantomData }
    }

    /// How many values the window holds.
    #[must_use]
    pub fn length(&self) -> usize {
        self.group.len()
    }

    /// Forgets all values.
    pub fn reset(&mut self) {
        self.group.fill(W::NONE);
        self.position = 0;
        self.begun = W::NONE;
    }

    /// Takes the next value and gives the result of the window that ends with it.
    #[inline]
    pub fn push(&mut self, value: f64) -> f64 {
        self.begun = W::join(self.begun, value);
        self.group[self.position] = value;
        self.position += 1;
        if let Some(ended) = self.group.get(self.position) {
            return W::join(*ended, self.begun);
        }
        let result = self.begun;
        self.position = 0;
        self.begun = W::NONE;
        let mut end = W::NONE;
        for value in self.group.iter_mut().rev() {
            end = W::join(*value, end);
            *value = end;
        }
        result
    }

    /// Replaces each value by the result of the window that ends with it.
    pub fn run(&mut self, values: &mut [f64]) {
        if self.group.len() > 1 {
            for value in values {
                *value = self.push(*value);
            }
        }
    }
}
