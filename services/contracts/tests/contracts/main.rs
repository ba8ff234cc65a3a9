//! What the messages promise: every value survives its encoding, no bytes make a decoder panic, the wire does not change.

mod cloudevents;
mod disputes;
mod hostile;
mod json;
mod round_trip;
mod samples;
mod wire;
