//! The routes over the local log, with lifecycle at the other end of it.

mod behind;
mod counting;
mod harness;
mod parked;
mod provisional;
mod reads;
mod steps;
mod sweeping;
mod waking;
mod writes;
