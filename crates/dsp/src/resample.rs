//! Another sample rate: rubato's synchronous FFT resampler, in fixed chunks, late by a whole number of frames.
