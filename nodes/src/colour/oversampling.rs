//! The field that all nodes share which add harmonics.

use deadwax_dsp::oversampler::Factor;
use deadwax_node::params;

/// The rate at which a curve is applied. What it adds above half the rate folds back as tones that belong to nothing.
#[params]
pub enum Oversampling {
    /// the rate as it is: nothing keeps aliases away
    X1,
    /// twice the rate
    X2,
    /// four times the rate
    X4,
    /// eight times the rate
    #[default]
    X8,
    /// sixteen times the rate
    X16,
}

impl Oversampling {
    pub(super) fn factor(self) -> Factor {
        match self {
            Self::X1 => Factor::X1,
            Self::X2 => Factor::X2,
            Self::X4 => Factor::X4,
            Self::X8 => Factor::X8,
            Self::X16 => Factor::X16,
        }
    }
}
