//! Where the true peak is above a ceiling.

use crate::{Over, Overs};
use deadwax_dsp::math::{db_to_gain, gain_to_db};
use deadwax_dsp::true_peak::PeakFinder;

/// The most places that are listed of a channel.
const MOST_PLACES: usize = 1000;
/// Peaks nearer than this are one place, in seconds.
const APART_S: f64 = 0.01;
/// Frames per look.
const CHUNK: usize = 512;
const AROUND: usize = PeakFinder::BEFORE + PeakFinder::BEHIND;

/// Looks for them in all channels.
#[derive(Clone, Debug)]
pub(crate) struct OverMeter {
    rate_hz: f64,
    ceiling_dbtp: f64,
    ceiling: f64,
    /// Peaks so many frames apart are two places.
    apart: u64,
    finder: PeakFinder,
    peaks: Vec<f64>,
    channels: Vec<Channel>,
}

/// What is known of one channel.
#[derive(Clone, Debug)]
struct Channel {
    /// Samples before the next look, and new ones up to `filled`.
    samples: Vec<f64>,
    filled: usize,
    /// The number of the frame that the next look begins with, plus [`PeakFinder::BEFORE`].
    next: u64,
    places: Vec<Place>,
    count: u64,
    /// The place that may go on.
    open: Option<Place>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    first: u64,
    last: u64,
    peak: f64,
}

impl OverMeter {
    pub(crate) fn new(rate_hz: u32, channels: usize, ceiling_dbtp: f64) -> Self {
        let channel = Channel {
            samples: vec![0.0; AROUND + CHUNK],
            filled: AROUND,
            next: 0,
            places: Vec::new(),
            count: 0,
            open: None,
        };
        Self {
            rate_hz: f64::from(rate_hz),
            ceiling_dbtp,
            ceiling: db_to_gain(ceiling_dbtp),
            apart: (f64::from(rate_hz) * APART_S) as u64,
            finder: PeakFinder::new(true, CHUNK),
            peaks: vec![0.0; CHUNK],
            channels: vec![channel; channels],
        }
    }

    pub(crate) fn push(&mut self, block: &[&[f64]]) {
        for (index, samples) in block.iter().enumerate() {
            self.push_channel(index, samples);
        }
    }

    fn push_channel(&mut self, index: usize, mut samples: &[f64]) {
        let channel = &mut self.channels[index];
        while !samples.is_empty() {
            let (now, later) = samples.split_at(samples.len().min(AROUND + CHUNK - channel.filled));
            channel.samples[channel.filled..channel.filled + now.len()].copy_from_slice(now);
            channel.filled += now.len();
            samples = later;
            if channel.filled == channel.samples.len() {
                if self.finder.find(&channel.samples, self.ceiling, &mut self.peaks) {
                    channel.take(&self.peaks, self.ceiling, self.apart);
                }
                channel.samples.copy_within(CHUNK.., 0);
                channel.filled = AROUND;
                channel.next += CHUNK as u64;
            }
        }
    }

    /// What was found, and what is in the silence behind the end.
    pub(crate) fn finish(mut self) -> Overs {
        for index in 0..self.channels.len() {
            self.push_channel(index, &[0.0; CHUNK + PeakFinder::BEHIND]);
        }
        let mut overs = Overs { ceiling_dbtp: self.ceiling_dbtp, count: 0, places: Vec::new() };
        for (index, mut channel) in self.channels.into_iter().enumerate() {
            channel.close();
            overs.count += channel.count;
            overs.places.extend(channel.places.iter().map(|place| Over {
                at_s: place.first as f64 / self.rate_hz,
                frame: place.first,
                frames: place.last - place.first + 1,
                channel: index,
                peak_dbtp: gain_to_db(place.peak),
            }));
        }
        overs.places.sort_by_key(|place| (place.frame, place.channel));
        overs
    }
}

impl Channel {
    fn take(&mut self, peaks: &[f64], ceiling: f64, apart: u64) {
        for (n, peak) in peaks.iter().enumerate().filter(|(_, peak)| **peak > ceiling) {
            // A peak before the first frame belongs to it.
            let frame = (self.next + n as u64).saturating_sub(PeakFinder::BEHIND as u64);
            match &mut self.open {
                Some(open) if frame - open.last < apart => {
                    open.last = frame;
                    open.peak = open.peak.max(*peak);
                }
                _ => {
                    self.close();
                    self.open = Some(Place { first: frame, last: frame, peak: *peak });
                }
            }
        }
    }

    fn close(&mut self) {
        if let Some(place) = self.open.take() {
            self.count += 1;
            if self.places.len() < MOST_PLACES {
                self.places.push(place);
            }
        }
    }
}
