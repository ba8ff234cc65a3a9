//! `areas.geojson`: where areas lie. A FeatureCollection (RFC 7946) of Polygon and MultiPolygon, each with the property `code`;
//! WGS-84, or the datum that the file declares (`"datum": "GCJ-02"`). Overlaps are not looked for.

use std::collections::BTreeMap;

use bihuan_domain::clue::{Datum, Location};
use bihuan_domain::code::AreaCode;
use bihuan_domain::geo::{Boundaries, Point, Polygon, Ring, to_wgs84};
use bihuan_domain::routing::Area;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::cell::quoted;
use crate::names::Names;
use crate::table::{Presence, text};
use crate::{Files, Finding};

const FILE: &str = "areas.geojson";

#[derive(Deserialize)]
struct Collection<'t> {
    #[serde(rename = "type")]
    kind: String,
    datum: Option<Datum>,
    #[serde(borrow)]
    features: Vec<&'t RawValue>,
}

#[derive(Deserialize)]
struct Feature {
    properties: Option<Properties>,
    geometry: Option<Geometry>,
}

#[derive(Deserialize)]
struct Properties {
    code: Option<Code>,
}

/// Spreadsheets and maps make numbers of codes.
#[derive(Deserialize)]
#[serde(untagged)]
enum Code {
    Text(String),
    Number(u64),
}

/// Longitude and latitude, perhaps with a height.
type Position = Vec<f64>;

#[derive(Deserialize)]
#[serde(tag = "type", content = "coordinates")]
enum Geometry {
    Polygon(Vec<Vec<Position>>),
    MultiPolygon(Vec<Vec<Vec<Position>>>),
}

/// What is wrong with one feature.
struct Fault {
    code: &'static str,
    value: Option<String>,
    says: [String; 2],
    advises: [&'static str; 2],
}

pub(crate) fn read(files: &Files, names: &Names, findings: &mut Vec<Finding>) -> Boundaries {
    let Some(text) = text(files, FILE, Presence::Optional, findings) else {
        return Boundaries::default();
    };
    let collection: Collection<'_> = match serde_json::from_str(text) {
        Ok(collection) => collection,
        Err(error) => {
            let mut finding = not_geojson(&error.to_string()).line(error.line() as u32);
            finding.column_number = Some(error.column() as u32);
            findings.push(finding);
            return Boundaries::default();
        }
    };
    if collection.kind != "FeatureCollection" {
        findings.push(not_geojson(&format!("\"type\" is {:?}", collection.kind)));
    }
    let datum = collection.datum.unwrap_or(Datum::Wgs84);
    let mut polygons = Vec::new();
    for (index, feature) in collection.features.iter().enumerate() {
        match read_feature(feature.get(), names.areas(), datum) {
            Ok(found) => polygons.extend(found),
            Err(fault) => findings.push(fault.of_feature(index)),
        }
    }
    Boundaries::new(polygons)
}

fn read_feature(
    feature: &str,
    areas: Option<&BTreeMap<AreaCode, Area>>,
    datum: Datum,
) -> Result<Vec<(AreaCode, Polygon)>, Fault> {
    let feature: Feature = serde_json::from_str(feature).map_err(|error| unreadable(&error.to_string()))?;
    let code = match feature.properties.and_then(|properties| properties.code) {
        Some(Code::Text(code)) => code,
        Some(Code::Number(code)) => code.to_string(),
        None => return Err(unreadable("properties.code is missing")),
    };
    let known = AreaCode::new(&code).ok();
    let known = known.filter(|code| areas.is_none_or(|areas| areas.contains_key(code)));
    let Some(area) = known else {
        return Err(unknown(&code));
    };
    let polygons = match feature.geometry {
        Some(Geometry::Polygon(rings)) => vec![rings],
        Some(Geometry::MultiPolygon(polygons)) => polygons,
        None => return Err(unreadable("geometry is missing")),
    };
    let polygon = |rings: Vec<Vec<Position>>| {
        let rings = rings.into_iter().map(|positions| ring(&positions, datum));
        rings
            .collect::<Result<_, _>>()
            .map(|rings| (area.clone(), Polygon(rings)))
    };
    polygons.into_iter().map(polygon).collect()
}

fn ring(positions: &[Position], datum: Datum) -> Result<Ring, Fault> {
    if positions.len() < 4 || positions.first() != positions.last() {
        return Err(open(positions.len()));
    }
    positions.iter().map(|position| corner(position, datum)).collect()
}

fn corner(position: &Position, datum: Datum) -> Result<Point, Fault> {
    match position.as_slice() {
        [longitude, latitude, ..] if longitude.abs() <= 180.0 && latitude.abs() <= 90.0 => {
            Ok(to_wgs84(&Location {
                longitude: *longitude,
                latitude: *latitude,
                datum,
            }))
        }
        _ => Err(out_of_range(position)),
    }
}

fn not_geojson(problem: &str) -> Finding {
    Finding::error("geojson_invalid", FILE)
        .says(
            format!("不是 GeoJSON 的 FeatureCollection：{problem}"),
            format!("this is no FeatureCollection of GeoJSON: {problem}"),
        )
        .advises(
            "从地图软件导出为 GeoJSON；坐标不是 WGS-84 时写上 \"datum\": \"GCJ-02\"",
            "export it as GeoJSON; if it is not in WGS-84, declare \"datum\": \"GCJ-02\"",
        )
}

fn unreadable(problem: &str) -> Fault {
    Fault {
        code: "feature_invalid",
        value: None,
        says: [
            format!("要素无法读取：{problem}"),
            format!("the feature cannot be read: {problem}"),
        ],
        advises: [
            "每个要素须有 properties.code，几何类型为 Polygon 或 MultiPolygon",
            "each feature needs properties.code and a Polygon or MultiPolygon",
        ],
    }
}

fn unknown(code: &str) -> Fault {
    let text = quoted(code);
    Fault {
        code: "reference_unknown",
        value: Some(code.to_owned()),
        says: [
            format!("areas.csv 中没有 {text}"),
            format!("areas.csv does not know {text}"),
        ],
        advises: [
            "改正，或在 areas.csv 中补上",
            "correct it, or add it to areas.csv",
        ],
    }
}

fn open(corners: usize) -> Fault {
    Fault {
        code: "ring_open",
        value: None,
        says: [
            format!("环没有闭合，或不足四个点（{corners} 个）"),
            format!("a ring is not closed, or has fewer than four positions ({corners})"),
        ],
        advises: [
            "最后一点须与第一点相同",
            "the last position must be the first one again",
        ],
    }
}

fn out_of_range(position: &Position) -> Fault {
    Fault {
        code: "coordinates_range",
        value: Some(format!("{position:?}")),
        says: [
            format!("{position:?} 不是经度、纬度"),
            format!("{position:?} is no longitude and latitude"),
        ],
        advises: [
            "先经度后纬度，单位为度",
            "longitude first, then latitude, in degrees",
        ],
    }
}

impl Fault {
    /// Features have no line: they are counted from 0, as a path into the document counts them.
    fn of_feature(self, index: usize) -> Finding {
        let [zh, en] = self.says;
        let finding = Finding::error(self.code, FILE)
            .column(&format!("features[{index}]"), None)
            .says(zh, en)
            .advises(self.advises[0], self.advises[1]);
        match self.value {
            Some(value) => finding.value(&value),
            None => finding,
        }
    }
}
