//! Signal kernels that know no graph.
//!
//! Everything here works on plain slices of `f64`, planar, and gives the same bits however the input is cut into
//! blocks. Nothing allocates in a processing call; memory is taken when a kernel is made.
//!
//! Transcendental functions come from [`math`] (the `libm` crate), because those of `std` differ by CPU.

pub mod align;
pub mod automation;
pub mod convolver;
pub mod crossover;
pub mod declick;
pub mod declip;
pub mod dehum;
pub mod delay;
pub mod denoise;
pub mod deplosive;
pub mod diffuser;
pub mod dither;
pub mod dynamic_equalizer;
pub mod dynamics;
pub mod emphasis;
pub mod equalizer;
pub mod fft;
pub mod hysteresis;
pub mod limiter;
pub mod linear_phase;
pub mod loudness;
pub mod math;
pub mod noise;
pub mod oversampler;
pub mod prediction;
pub mod quadrature;
pub mod resample;
pub mod ride;
pub mod saturator;
pub mod svf;
pub mod tape;
pub mod tone_match;
pub mod true_peak;
pub mod waveshaper;
pub mod window;
