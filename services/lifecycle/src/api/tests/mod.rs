//! The routes over the local log, with lifecycle at the other end of it.

mod behind;
mod harness;
mod parked;
mod provisional;
mod reads;
mod sweeping;
mod waking;
mod writes;
