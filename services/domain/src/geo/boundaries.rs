//! Which area a point lies in: even-odd over rings, so that a hole is only one more ring.

use super::Point;
use crate::code::AreaCode;

/// A closed line: the last corner is the first again.
pub type Ring = Vec<Point>;

/// An outline and its holes, in any order.
#[derive(Clone, Debug, PartialEq)]
pub struct Polygon(pub Vec<Ring>);

/// Below it two corners are the same place: a ten-thousandth of a millimetre.
const SAME: f64 = 1e-12;

#[derive(Clone, Debug, PartialEq)]
struct Shape {
    area: AreaCode,
    west: f64,
    east: f64,
    south: f64,
    north: f64,
    polygon: Polygon,
}

/// The boundaries of areas, for looking points up. A few thousand boxes are compared in microseconds, so there is no index but
/// their order from west to east.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Boundaries(Vec<Shape>);

impl Boundaries {
    pub fn new(polygons: impl IntoIterator<Item = (AreaCode, Polygon)>) -> Self {
        let mut shapes: Vec<_> = polygons
            .into_iter()
            .map(|(area, polygon)| Shape::of(area, polygon))
            .collect();
        shapes.sort_by(|a, b| a.west.total_cmp(&b.west));
        Self(shapes)
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// The area in which the point lies: of a town and its county the town, and of two neighbours on whose common border it
    /// lies the one with the lower code.
    pub fn area_at(&self, point: Point) -> Option<&AreaCode> {
        let begun = self.0.partition_point(|shape| shape.west <= point.longitude);
        let holding = self.0[..begun].iter().filter(|shape| shape.holds(point));
        holding.map(|shape| &shape.area).min_by(|a, b| {
            let deeper = b.as_str().len().cmp(&a.as_str().len());
            deeper.then_with(|| a.cmp(b))
        })
    }
}

impl Shape {
    fn of(area: AreaCode, polygon: Polygon) -> Self {
        let mut shape = Self {
            area,
            west: f64::INFINITY,
            east: f64::NEG_INFINITY,
            south: f64::INFINITY,
            north: f64::NEG_INFINITY,
            polygon,
        };
        for corner in shape.polygon.0.iter().flatten() {
            shape.west = shape.west.min(corner.longitude);
            shape.east = shape.east.max(corner.longitude);
            shape.south = shape.south.min(corner.latitude);
            shape.north = shape.north.max(corner.latitude);
        }
        shape
    }

    fn holds(&self, point: Point) -> bool {
        let in_box = (self.west..=self.east).contains(&point.longitude)
            && (self.south..=self.north).contains(&point.latitude);
        in_box && self.polygon.holds(point)
    }
}

impl Polygon {
    /// Its border included.
    fn holds(&self, point: Point) -> bool {
        let mut is_inside = false;
        for side in self.0.iter().flat_map(|ring| ring.windows(2)) {
            let [from, to] = [side[0], side[1]];
            if is_on(point, from, to) {
                return true;
            }
            if crosses(point, from, to) {
                is_inside = !is_inside;
            }
        }
        is_inside
    }
}

/// Twice the area of the triangle; its sign says on which side of the line the point lies.
fn turn(point: Point, from: Point, to: Point) -> f64 {
    (to.longitude - from.longitude) * (point.latitude - from.latitude)
        - (to.latitude - from.latitude) * (point.longitude - from.longitude)
}

fn is_on(point: Point, from: Point, to: Point) -> bool {
    let between = |at: f64, a: f64, b: f64| (a.min(b)..=a.max(b)).contains(&at);
    turn(point, from, to).abs() <= SAME
        && between(point.longitude, from.longitude, to.longitude)
        && between(point.latitude, from.latitude, to.latitude)
}

/// Whether a ray from the point to the east meets the side. A corner belongs to the side above it alone, so that it is met once.
fn crosses(point: Point, from: Point, to: Point) -> bool {
    if (from.latitude > point.latitude) == (to.latitude > point.latitude) {
        return false;
    }
    (turn(point, from, to) > 0.0) == (to.latitude > from.latitude)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ring(corners: &[(f64, f64)]) -> Ring {
        let closed = corners.iter().chain(corners.first());
        let point = |&(longitude, latitude): &(f64, f64)| Point { longitude, latitude };
        closed.map(point).collect()
    }

    fn rectangle(west: f64, south: f64, east: f64, north: f64) -> Ring {
        ring(&[(west, south), (east, south), (east, north), (west, north)])
    }

    fn area(code: &str) -> AreaCode {
        AreaCode::new(code).expect("a code")
    }

    fn sample() -> Boundaries {
        Boundaries::new([
            // a county with a lake in it, and two towns in the west of it
            (
                area("330602"),
                Polygon(vec![
                    rectangle(0.0, 0.0, 10.0, 10.0),
                    rectangle(6.0, 6.0, 8.0, 8.0),
                ]),
            ),
            (area("330602002"), Polygon(vec![rectangle(2.0, 0.0, 4.0, 4.0)])),
            (area("330602001"), Polygon(vec![rectangle(0.0, 0.0, 2.0, 4.0)])),
            // a triangle on its own, and a second part of the county
            (
                area("330603"),
                Polygon(vec![ring(&[(20.0, 0.0), (24.0, 4.0), (20.0, 4.0)])]),
            ),
            (area("330602"), Polygon(vec![rectangle(-5.0, -5.0, -4.0, -4.0)])),
        ])
    }

    #[test]
    fn a_point_lies_in_the_lowest_area_around_it() {
        let table = [
            ((1.0, 1.0), Some("330602001")),
            ((3.0, 1.0), Some("330602002")),
            ((1.0, 5.0), Some("330602")),
            ((-4.5, -4.5), Some("330602")),
            ((7.0, 7.0), None),
            ((7.0, 9.0), Some("330602")),
            ((11.0, 5.0), None),
            ((20.5, 3.0), Some("330603")),
            ((23.0, 1.0), None),
            // borders: of towns, of the county, of the lake; corners
            ((2.0, 1.0), Some("330602001")),
            ((10.0, 5.0), Some("330602")),
            ((6.0, 7.0), Some("330602")),
            ((22.0, 2.0), Some("330603")),
            ((0.0, 0.0), Some("330602001")),
            ((4.0, 4.0), Some("330602002")),
            ((24.0, 4.0), Some("330603")),
            // as high as a corner, to the west and to the east of it
            ((-1.0, 4.0), None),
            ((1.0, 10.0), Some("330602")),
        ];
        let boundaries = sample();
        for ((longitude, latitude), expected) in table {
            let found = boundaries.area_at(Point { longitude, latitude });
            assert_eq!(found.map(AreaCode::as_str), expected, "{longitude} {latitude}");
        }
        assert_eq!((boundaries.len(), boundaries.is_empty()), (5, false));
        assert_eq!(
            Boundaries::default().area_at(Point {
                longitude: 0.0,
                latitude: 0.0
            }),
            None
        );
    }

    proptest! {
        /// Tiles leave no gap, on their borders least of all.
        #[test]
        fn neighbours_share_every_point(cells in 1u8..5, x in 0u16..=400, y in 0u16..=400) {
            let side = 4.0 / f64::from(cells);
            let tiles = (0..cells).flat_map(|row| (0..cells).map(move |column| (row, column)));
            let boundaries = Boundaries::new(tiles.map(|(row, column)| {
                let (west, south) = (f64::from(column) * side, f64::from(row) * side);
                let tile = rectangle(west, south, west + side, south + side);
                (area(&format!("{row}{column}")), Polygon(vec![tile]))
            }));
            let point = Point { longitude: f64::from(x) / 100.0, latitude: f64::from(y) / 100.0 };
            prop_assert!(boundaries.area_at(point).is_some(), "{point:?}");
        }
    }
}
