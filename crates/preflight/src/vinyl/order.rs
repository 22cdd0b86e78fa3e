//! Which tracks would be better off further out.

use super::course::{LEAST_CM_S, Part};
use deadwax_dsp::math::gain_to_db;
use serde::Serialize;

/// So much louder may the inner third be than the outer, in LU; and so much brighter, in dB. Our estimates: plants ask for demanding
/// tracks first, and the ear takes a LU or two for nothing.
const MOST_LOUDER_LU: f64 = 2.0;
const MOST_BRIGHTER_DB: f64 = 3.0;

/// Two tracks that would be better off in each other's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Swap {
    /// The number of the one that belongs further out, from 0.
    pub outwards: usize,
    /// The number of the one that belongs further in.
    pub inwards: usize,
}

/// By how much the inner third is louder, in LU, and brighter, in dB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Harder {
    pub(crate) louder_lu: f64,
    pub(crate) brighter_db: f64,
}

impl Harder {
    /// Of `thirds` of a side, from the rim to the label; `None` where that is in order.
    pub(crate) fn of(thirds: &[Part; 3]) -> Option<Self> {
        let [outer, _, inner] = thirds;
        let louder_lu = inner.lufs? - outer.lufs?;
        let brighter_db = bright(inner) - bright(outer);
        let harder = louder_lu > MOST_LOUDER_LU || brighter_db > MOST_BRIGHTER_DB;
        harder.then_some(Self { louder_lu, brighter_db })
    }

    /// Which two tracks had better change places: the hardest of the inner half, and the gentlest that lies further out. `None`
    /// where no such two are there.
    pub(crate) fn swap(self, tracks: &[Part]) -> Option<Swap> {
        let by_treble = self.brighter_db > MOST_BRIGHTER_DB;
        let hard = |part: &Part| if by_treble { bright(part) } else { part.lufs.unwrap_or(f64::MIN) };
        let middle = 0.5 * tracks.last()?.end_s;
        let inner = |part: &Part| 0.5 * (part.begin_s + part.end_s) > middle;
        let numbered = || tracks.iter().enumerate();
        let outwards = numbered()
            .filter(|(_, part)| inner(part))
            .max_by(|a, b| hard(a.1).total_cmp(&hard(b.1)))
            .map(|(at, _)| at)?;
        let inwards = numbered()
            .take(outwards)
            .filter(|(_, part)| hard(part) < hard(&tracks[outwards]))
            .min_by(|a, b| hard(a.1).total_cmp(&hard(b.1)))
            .map(|(at, _)| at)?;
        Some(Swap { outwards, inwards })
    }
}

/// How bright a part is, in dB.
fn bright(part: &Part) -> f64 {
    gain_to_db(part.treble_cm_s.max(LEAST_CM_S))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(begin_s: f64, lufs: f64, treble_cm_s: f64) -> Part {
        Part { title: String::new(), begin_s, end_s: begin_s + 100.0, lufs: Some(lufs), treble_cm_s }
    }

    #[test]
    fn a_bright_end_is_told_with_the_tracks_to_change() {
        let tracks = [part(0.0, -14.0, 1.0), part(100.0, -14.0, 0.5), part(200.0, -14.0, 3.0)];
        let harder = Harder::of(&tracks).unwrap();
        assert!((harder.brighter_db - 9.54).abs() < 0.01 && harder.louder_lu == 0.0, "{harder:?}");
        assert_eq!(harder.swap(&tracks), Some(Swap { outwards: 2, inwards: 1 }));
    }

    #[test]
    fn a_loud_end_is_told_and_one_that_falls_is_not() {
        let tracks = [part(0.0, -18.0, 1.0), part(100.0, -14.0, 1.0), part(200.0, -12.0, 1.0)];
        assert_eq!(Harder::of(&tracks).unwrap().swap(&tracks), Some(Swap { outwards: 2, inwards: 0 }));
        let falling = [part(0.0, -12.0, 2.0), part(100.0, -14.0, 1.0), part(200.0, -18.0, 0.5)];
        assert_eq!(Harder::of(&falling), None);
        // One track alone has nobody to change with.
        assert_eq!(Harder::of(&tracks).unwrap().swap(&[part(0.0, -14.0, 1.0)]), None);
    }
}
