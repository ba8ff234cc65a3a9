//! From the datums of Chinese maps to WGS-84.
//!
//! CGCS2000 differs from WGS-84 by centimetres and is taken for it. GCJ-02, which public maps in China must use, is a published
//! formula over WGS-84 that is inverted by iteration, to less than a metre; outside China it is WGS-84. BD-09 is one more step over
//! GCJ-02, whose published inverse is good to about a metre.

use std::f64::consts::PI;

use super::Point;
use crate::clue::{Datum, Location};

/// Of the ellipsoid of Krasovsky 1940: half the major axis in metres, and the eccentricity squared.
const AXIS: f64 = 6_378_245.0;
const ECCENTRICITY: f64 = 0.006_693_421_622_965_943;
/// Every step leaves less than a hundredth of the error: from 700 m to far below a millimetre.
const STEPS: usize = 6;

pub fn to_wgs84(location: &Location) -> Point {
    let given = Point {
        longitude: location.longitude,
        latitude: location.latitude,
    };
    match location.datum {
        Datum::Wgs84 | Datum::Cgcs2000 => given,
        Datum::Gcj02 => from_gcj02(given),
        Datum::Bd09 => from_gcj02(from_bd09(given)),
    }
}

fn from_gcj02(given: Point) -> Point {
    if !is_in_china(given) {
        return given;
    }
    let mut point = given;
    for _ in 0..STEPS {
        let (east, north) = shift(point);
        point = Point {
            longitude: given.longitude - east,
            latitude: given.latitude - north,
        };
    }
    point
}

/// The rectangle of the formula.
fn is_in_china(point: Point) -> bool {
    (72.004..=137.8347).contains(&point.longitude) && (0.8293..=55.8271).contains(&point.latitude)
}

/// How far GCJ-02 moves a point of WGS-84, in degrees east and north.
fn shift(point: Point) -> (f64, f64) {
    let (x, y) = (point.longitude - 105.0, point.latitude - 35.0);
    let wave = |of: f64, turns: f64| (of * turns * PI).sin();
    let common = (20.0 * wave(x, 6.0) + 20.0 * wave(x, 2.0)) * 2.0 / 3.0;
    let root = 0.2 * x.abs().sqrt();
    let east = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + common
        + (20.0 * wave(x, 1.0) + 40.0 * wave(x, 1.0 / 3.0)) * 2.0 / 3.0
        + (150.0 * wave(x, 1.0 / 12.0) + 300.0 * wave(x, 1.0 / 30.0)) * 2.0 / 3.0;
    let north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + root
        + common
        + (20.0 * wave(y, 1.0) + 40.0 * wave(y, 1.0 / 3.0)) * 2.0 / 3.0
        + (160.0 * wave(y, 1.0 / 12.0) + 320.0 * wave(y, 1.0 / 30.0)) * 2.0 / 3.0;
    let latitude = point.latitude.to_radians();
    let flattened = 1.0 - ECCENTRICITY * latitude.sin().powi(2);
    let meridian = AXIS * (1.0 - ECCENTRICITY) / (flattened * flattened.sqrt());
    let parallel = AXIS / flattened.sqrt() * latitude.cos();
    ((east / parallel).to_degrees(), (north / meridian).to_degrees())
}

fn from_bd09(given: Point) -> Point {
    const TURN: f64 = PI * 3000.0 / 180.0;
    let (x, y) = (given.longitude - 0.0065, given.latitude - 0.006);
    let distance = x.hypot(y) - 0.000_02 * (y * TURN).sin();
    let angle = y.atan2(x) - 0.000_003 * (x * TURN).cos();
    Point {
        longitude: distance * angle.cos(),
        latitude: distance * angle.sin(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn metres(a: Point, b: Point) -> f64 {
        let north = (a.latitude - b.latitude).to_radians() * 6_371_000.0;
        let east = (a.longitude - b.longitude).to_radians() * 6_371_000.0 * a.latitude.to_radians().cos();
        north.hypot(east)
    }

    fn location(longitude: f64, latitude: f64, datum: Datum) -> Location {
        Location {
            longitude,
            latitude,
            datum,
        }
    }

    /// As the public implementations give them: (WGS-84, GCJ-02, BD-09).
    #[test]
    fn known_points_are_led_back() {
        let beijing = Point {
            longitude: 116.404,
            latitude: 39.915,
        };
        let gcj02 = location(116.410_244_499_169_38, 39.916_404_281_501_64, Datum::Gcj02);
        let bd09 = location(116.416_627_243_787_71, 39.922_699_552_216_216, Datum::Bd09);
        assert!(metres(to_wgs84(&gcj02), beijing) < 0.01, "{:?}", to_wgs84(&gcj02));
        assert!(metres(to_wgs84(&bd09), beijing) < 1.5, "{:?}", to_wgs84(&bd09));
        let apart = metres(
            beijing,
            Point {
                longitude: gcj02.longitude,
                latitude: gcj02.latitude,
            },
        );
        assert!((500.0..600.0).contains(&apart), "unconverted it is {apart} m off");
    }

    #[test]
    fn what_needs_no_conversion_stays() {
        for (longitude, latitude, datum) in [
            (120.58, 30.01, Datum::Wgs84),
            (120.58, 30.01, Datum::Cgcs2000),
            (-73.98, 40.75, Datum::Gcj02),
        ] {
            let expected = Point { longitude, latitude };
            assert_eq!(to_wgs84(&location(longitude, latitude, datum)), expected);
        }
    }

    proptest! {
        #[test]
        fn in_china_the_inverse_is_good_to_a_metre(longitude in 73.5..135.1f64, latitude in 18.0..53.6f64) {
            let truth = Point { longitude, latitude };
            let (east, north) = shift(truth);
            let sent = location(longitude + east, latitude + north, Datum::Gcj02);
            prop_assert!(metres(to_wgs84(&sent), truth) < 0.01);
        }
    }
}
