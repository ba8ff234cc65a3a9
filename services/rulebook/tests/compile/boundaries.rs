use bihuan_domain::clue::{Datum, Location};
use bihuan_domain::code::AreaCode;
use bihuan_rulebook::{Files, Severity, compile};

use super::{check, sample};

const SQUARE: &str = "[[[120.5,30.0],[120.6,30.0],[120.6,30.1],[120.5,30.1],[120.5,30.0]]]";

fn feature(code: &str, kind: &str, coordinates: &str) -> String {
    format!(
        r#"{{"type":"Feature","properties":{{"code":{code},"name":"x"}},"geometry":{{"type":"{kind}","coordinates":{coordinates}}}}}"#
    )
}

fn with(head: &str, features: &[String]) -> Files {
    let mut files = sample();
    let features = features.join(",");
    files.insert(
        "areas.geojson",
        format!("{{\"type\":\"FeatureCollection\",{head}\"features\":[{features}]}}"),
    );
    files
}

fn area_at(files: &Files, longitude: f64, latitude: f64, datum: Datum) -> Option<String> {
    let (rulebook, findings) = compile(files);
    assert_eq!(findings, []);
    let rulebook = rulebook.expect("a rulebook");
    let location = Location {
        longitude,
        latitude,
        datum,
    };
    rulebook.area_at(&location).map(|code: AreaCode| code.to_string())
}

#[test]
fn boundaries_are_a_part_of_the_rulebook_and_of_its_version() {
    let town = feature("330602001", "Polygon", SQUARE);
    let other = "[[[[121.0,30.0],[121.1,30.0],[121.1,30.1],[121.0,30.0]]]]";
    let county = feature("\"330602\"", "MultiPolygon", other);
    let files = with("", &[town, county]);
    assert_ne!(files.version(), sample().version());
    let again = Files::from_bytes(&files.to_bytes()).expect("an archive");
    assert_eq!(again, files, "every process reads it from the store");
    let at = |longitude, latitude| area_at(&again, longitude, latitude, Datum::Wgs84);
    assert_eq!(at(120.55, 30.05).as_deref(), Some("330602001"));
    assert_eq!(at(121.09, 30.05).as_deref(), Some("330602"));
    assert_eq!(at(120.45, 30.05), None);
}

#[test]
fn a_file_may_declare_another_datum_as_coordinates_do() {
    let town = [feature("330602001", "Polygon", SQUARE)];
    let (wgs84, gcj02) = (with("", &town), with("\"datum\":\"GCJ-02\",", &town));
    // a hundred metres within the eastern edge; GCJ-02 lies some 450 m to the east of WGS-84 there
    let longitude = 120.599;
    for (files, datum, expected) in [
        (&wgs84, Datum::Wgs84, true),
        (&gcj02, Datum::Gcj02, true),
        (&wgs84, Datum::Gcj02, true),
        (&gcj02, Datum::Wgs84, false),
    ] {
        let found = area_at(files, longitude, 30.05, datum).is_some();
        assert_eq!(found, expected, "{datum:?}");
    }
}

#[test]
fn what_is_wrong_names_the_feature() {
    let good = || feature("330602001", "Polygon", SQUARE);
    let table = [
        (feature("\"330699\"", "Polygon", SQUARE), "reference_unknown"),
        (feature("\"33-06\"", "Polygon", SQUARE), "reference_unknown"),
        (feature("null", "Polygon", SQUARE), "feature_invalid"),
        (feature("330602", "Point", "[120.5,30.0]"), "feature_invalid"),
        (feature("330602", "Polygon", "[[[120.5]]]"), "ring_open"),
        (
            feature("330602", "Polygon", "[[[1,1],[2,1],[2,2],[1,2]]]"),
            "ring_open",
        ),
        (
            feature("330602", "Polygon", "[[[30,120],[31,120],[31,121],[30,120]]]"),
            "coordinates_range",
        ),
        (
            feature("330602", "Polygon", "[[[1],[2,1],[2,2],[1]]]"),
            "coordinates_range",
        ),
        (
            r#"{"type":"Feature","properties":{"code":"330602"},"geometry":null}"#.to_owned(),
            "feature_invalid",
        ),
    ];
    for (feature, code) in table {
        let files = with("", &[good(), feature]);
        check(
            &files,
            (Severity::Error, code, "areas.geojson", None, Some("features[1]")),
        );
    }
}

#[test]
fn a_file_that_is_no_feature_collection_is_refused() {
    for (text, line) in [
        ("{\"type\":\"FeatureCollection\",\n\"features\":[}", Some(2)),
        ("{\"type\":\"FeatureCollection\"}", Some(1)),
        (
            "{\"type\":\"FeatureCollection\",\"datum\":\"WGS84\",\"features\":[]}",
            Some(1),
        ),
        ("{\"type\":\"Feature\",\"features\":[]}", None),
    ] {
        let mut files = sample();
        files.insert("areas.geojson", text);
        let expected = (Severity::Error, "geojson_invalid", "areas.geojson", line, None);
        check(&files, expected);
    }
}
