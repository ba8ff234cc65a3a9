//! Where a point lies: coordinates of one datum, and the boundaries of areas.
//!
//! A report keeps its coordinates as they were sent, with their datum. They are converted here whenever they are compared with
//! boundaries or shown on a map, and never written back.

mod boundaries;
mod datum;

pub use boundaries::{Boundaries, Polygon, Ring};
pub use datum::to_wgs84;

/// Degrees east and north, WGS-84.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub longitude: f64,
    pub latitude: f64,
}
