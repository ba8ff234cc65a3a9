//! Where a clue lies: names in addresses, and coordinates.

use bihuan_domain::geo::{Boundaries, Point, Polygon};

use super::*;

/// Two counties with a town each; the town of the first has a village, and a boundary from 120.5 to 120.6 degrees east.
fn places() -> CompiledRulebook {
    let area = |code: &str, name: &str, level| {
        let code = AreaCode::new(code).expect("a code");
        let (name, name_en) = (name.to_owned(), String::new());
        (
            code.clone(),
            Area {
                code,
                name,
                name_en,
                level,
            },
        )
    };
    let corners = [
        (120.5, 30.0),
        (120.6, 30.0),
        (120.6, 30.1),
        (120.5, 30.1),
        (120.5, 30.0),
    ];
    let ring = corners.map(|(longitude, latitude)| Point { longitude, latitude });
    let town = AreaCode::new("330602001").expect("a code");
    CompiledRulebook::new(Arc::new(Rulebook {
        areas: BTreeMap::from([
            area("330602", "越城区", Level::County),
            area("330602001", "塔山街道", Level::Town),
            area("330602001200", "东湖村委会", Level::Village),
            area("330603", "柯桥区", Level::County),
            area("330603001", "柯桥街道", Level::Town),
            area("330603001200", "东湖村委会", Level::Village),
        ]),
        boundaries: Boundaries::new([(town, Polygon(vec![ring.to_vec()]))]),
        ..rulebook()
    }))
}

const LOCATED: &str = "longitude = \"lng\"\nlatitude = \"lat\"\ndatum = \"datum\"\n";
const IN_TOWN: &[(&str, &str)] = &[("lng", "120.55"), ("lat", "30.05"), ("datum", "WGS-84")];

fn mapped(area: &str, given: &[(&str, &str)]) -> (Report, Vec<UnknownCode>) {
    let mapping = format!(
        "source = \"s\"\nformat = \"csv\"\n[clue]\nid = \"id\"\nmatter = {{ value = \"m1\" }}\n{LOCATED}{area}\n"
    );
    let given = [&[("id", "1"), ("reported", "x")], given].concat();
    match run(&mapping, &given, &places()) {
        Outcome::Clue { report, unknown, .. } => (report, unknown),
        other => panic!("{other:?}"),
    }
}

/// The area, and the flags about it.
fn area(form: &str, given: &[(&str, &str)]) -> (Option<String>, Vec<Flag>) {
    let (mut report, _) = mapped(form, given);
    report.flags.retain(|flag| *flag != Flag::ReportedAtMissing);
    (report.area.map(|area| area.to_string()), report.flags)
}

const NAMED: &str = "area = { from = [\"address\", \"place\"], match = \"name\", within = \"330602\" }";

/// A form of the field, a record, the area and the flags that come of it.
type Case<'c> = (&'c str, &'c [(&'c str, &'c str)], Option<&'c str>, &'c [Flag]);

#[test]
fn a_name_is_found_in_an_address() {
    let everywhere = "area = { from = \"address\", match = \"name\" }";
    let by_record = "area = { from = \"address\", match = \"name\", within = { from = \"county\" } }";
    let table: &[Case<'_>] = &[
        (
            NAMED,
            &[("address", "塔山街道解放南路1号")],
            Some("330602001"),
            &[],
        ),
        (
            NAMED,
            &[("address", ""), ("place", "东湖村口")],
            Some("330602001200"),
            &[],
        ),
        (NAMED, &[("address", "柯桥街道1号")], None, &[Flag::AreaUnknown]),
        (NAMED, &[], None, &[Flag::AreaMissing]),
        // no code is looked for
        (NAMED, &[("address", "330602001")], None, &[Flag::AreaUnknown]),
        (
            everywhere,
            &[("address", "东湖村口")],
            None,
            &[Flag::AreaAmbiguous],
        ),
        (
            everywhere,
            &[("address", "柯桥街道东湖村口")],
            Some("330603001200"),
            &[],
        ),
        (
            by_record,
            &[("address", "东湖村口"), ("county", "330603")],
            Some("330603001200"),
            &[],
        ),
        (
            by_record,
            &[("address", "东湖村口"), ("county", "越城区")],
            Some("330602001200"),
            &[],
        ),
        (
            by_record,
            &[("address", "东湖村口")],
            None,
            &[Flag::AreaAmbiguous],
        ),
        (
            by_record,
            &[("address", "柯桥街道"), ("county", "外地")],
            None,
            &[Flag::AreaUnknown],
        ),
        (
            "area = \"address\"",
            &[("address", "塔山街道1号")],
            Some("330602001"),
            &[],
        ),
        (
            "area = \"address\"",
            &[("address", "330602001")],
            Some("330602001"),
            &[],
        ),
        (
            "area = { from = \"address\", match = \"code\" }",
            &[("address", "塔山街道1号")],
            None,
            &[Flag::AreaUnknown],
        ),
        (
            "area = { from = \"address\", match = \"code\" }",
            &[("address", "330602001")],
            Some("330602001"),
            &[],
        ),
    ];
    for (form, given, expected, flags) in table {
        let (found, flagged) = area(form, given);
        assert_eq!(
            (found.as_deref(), &*flagged),
            (*expected, *flags),
            "{form} {given:?}"
        );
    }
}

#[test]
fn coordinates_say_the_area_where_nothing_certain_is_stated() {
    let table: &[(&str, &str, Option<&str>, &[Flag])] = &[
        ("", "", Some("330602001"), &[]),
        ("area = \"area\"", "", Some("330602001"), &[]),
        ("area = \"area\"", "nowhere", Some("330602001"), &[]),
        (
            "area = { from = \"area\", match = \"name\" }",
            "东湖村口",
            Some("330602001"),
            &[],
        ),
        // what is stated counts
        ("area = \"area\"", "330602001200", Some("330602001200"), &[]),
        ("area = \"area\"", "330602", Some("330602"), &[]),
        (
            "area = \"area\"",
            "330603001",
            Some("330603001"),
            &[Flag::AreaDisagrees],
        ),
        (
            "area = { from = \"area\", match = \"name\", within = \"330603\" }",
            "城里",
            None,
            &[Flag::AreaUnknown, Flag::AreaDisagrees],
        ),
    ];
    for (form, stated, expected, flags) in table {
        let (found, flagged) = area(form, &[&[("area", *stated)], IN_TOWN].concat());
        assert_eq!(
            (found.as_deref(), &*flagged),
            (*expected, *flags),
            "{form} {stated}"
        );
    }
    let (outside, flagged) = area("", &[("lng", "121"), ("lat", "30.05"), ("datum", "WGS-84")]);
    assert_eq!((outside, flagged), (None, vec![Flag::AreaMissing]));
}

#[test]
fn coordinates_are_compared_in_their_datum_and_kept_as_they_were_sent() {
    // 460 m further east in GCJ-02, a kilometre in BD-09
    for (longitude, datum, is_in_town) in [
        ("120.603", "WGS-84", false),
        ("120.603", "CGCS2000", false),
        ("120.603", "GCJ-02", true),
        ("120.609", "GCJ-02", false),
        ("120.609", "BD-09", true),
    ] {
        let (report, _) = mapped("", &[("lng", longitude), ("lat", "30.05"), ("datum", datum)]);
        assert_eq!(report.area.is_some(), is_in_town, "{longitude} {datum}");
        let kept = report.location.map(|location| location.longitude.to_string());
        assert_eq!(kept.as_deref(), Some(longitude), "{datum}");
    }
}

#[test]
fn an_address_is_nobodys_code() {
    let address = "老王家对面 13800000000";
    let (report, unknown) = mapped(NAMED, &[("address", address)]);
    assert_eq!(report.source_area, None, "journals carry no addresses");
    assert_eq!(
        unknown,
        [UnknownCode {
            key: "clue.area",
            code: None
        }]
    );
    let (report, unknown) = mapped("area = \"area\"", &[("area", "YC")]);
    assert_eq!(report.source_area.as_deref(), Some("YC"));
    assert_eq!(unknown[0].code.as_deref(), Some("YC"));
}

#[test]
fn every_code_that_leads_nowhere_is_named() {
    let outcome = with(&[
        ("matter", "m9"),
        ("area", "nowhere"),
        ("agency", "a9"),
        ("severity", "高"),
        ("class", "odd"),
        ("conclusion", "done"),
        ("closed", "2026-01-06 08:00:00"),
        ("lng", "120"),
        ("lat", "30"),
        ("datum", "北京54"),
    ]);
    let Outcome::Clue { unknown, .. } = outcome else {
        panic!("{outcome:?}")
    };
    let mut named: Vec<_> = unknown
        .iter()
        .map(|it| (it.key, it.code.as_deref().unwrap_or("")))
        .collect();
    named.sort_unstable();
    let expected = [
        ("clue.area", "nowhere"),
        ("clue.class", "odd"),
        ("clue.datum", "北京54"),
        ("clue.matter", "m9"),
        ("clue.severity", "高"),
        ("history.agency", "a9"),
        ("history.conclusion", "done"),
    ];
    assert_eq!(named, expected);
}

/// The prints of two versions of a record that differ in the coordinates alone.
fn changed(area: &str, given: &[(&str, &str)]) -> Vec<Field> {
    let mapping = format!(
        "source = \"s\"\nmode = \"snapshot\"\nformat = \"csv\"\n[clue]\nid = \"id\"\n{LOCATED}{area}\n[snapshot]\nversion = \"v\"\n"
    );
    let prints = |longitude| {
        let given = [
            &[
                ("id", "1"),
                ("lng", longitude),
                ("lat", "30"),
                ("datum", "WGS-84"),
            ],
            given,
        ]
        .concat();
        let snapshot = report(run(&mapping, &given, &places())).snapshot;
        snapshot.expect("a snapshot").prints
    };
    let pairs = prints("120.1").into_iter().zip(prints("120.2"));
    pairs.filter(|(a, b)| a != b).map(|(a, _)| a.field).collect()
}

#[test]
fn coordinates_that_may_say_the_area_change_it_with_them() {
    let both = [Field::Area, Field::Location];
    assert_eq!(changed("", &[]), both);
    assert_eq!(changed(NAMED, &[("address", "x")]), both);
    assert_eq!(changed("area = \"area\"", &[("area", "YC")]), [Field::Location]);
}

/// The rulebook of Shaoxing that is shipped: 103 towns, 2,168 villages, 76 names that several of them bear.
fn shaoxing() -> CompiledRulebook {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../deploy/rulebooks/shaoxing/areas.csv"
    );
    let text = std::fs::read_to_string(path).expect("the areas");
    let areas = text.lines().skip(1).map(|line| {
        let cells: Vec<_> = line.split(',').collect();
        let code = AreaCode::new(cells[0]).expect("a code");
        let level = cells[3].parse().expect("a level");
        let (name, name_en) = (cells[1].to_owned(), cells[2].to_owned());
        (
            code.clone(),
            Area {
                code,
                name,
                name_en,
                level,
            },
        )
    });
    CompiledRulebook::new(Arc::new(Rulebook {
        areas: areas.collect(),
        ..rulebook()
    }))
}

#[test]
fn addresses_as_people_write_them_are_led_to_a_town_or_village_of_shaoxing() {
    let rulebook = shaoxing();
    let county = AreaCode::new("330602").expect("a code");
    for (address, within, expected) in [
        ("浙江省绍兴市越城区塔山街道解放南路118号", None, Some("330602001")),
        (
            "绍兴市越城区府山街道八字桥社区广宁桥直街",
            None,
            Some("330602002050"),
        ),
        ("越城区塔山街道塔山村", None, Some("330602001200")),
        // the village lies in another town of the county
        ("越城区塔山街道东湖村", None, Some("330602001")),
        ("越城区塔山街 道解放南路", None, Some("330602001")),
        ("柯桥区华舍，亚太路口", None, Some("330603003")),
        ("柯桥区杨汛桥镇", None, Some("330603010")),
        ("汉溪村12号", None, Some("330683200262")),
        ("八字桥社区", Some(&county), Some("330602002050")),
        // roads and parks are called after towns
        ("城南大道8号", None, None),
        ("越城区鉴湖前街12号", None, None),
        ("府山公园东门", None, None),
        ("柯桥区金柯桥大道", None, None),
        ("柯桥万达广场", None, None),
    ] {
        let found = rulebook.area(address, AreaBy::Name, within);
        let expected = expected.map_or(Named::Nothing, |code| {
            Named::One(AreaCode::new(code).expect("a code"))
        });
        assert_eq!(found, expected, "{address}");
    }
    for address in ["金山村", "金山村口", "塔山街道与府山街道之间", "柯桥"] {
        assert_eq!(
            rulebook.area(address, AreaBy::Name, None),
            Named::Several,
            "{address}"
        );
    }
}

/// Each area is found by what a form would say of it: its town and its name.
#[test]
fn every_village_of_shaoxing_is_found_under_its_town() {
    let rulebook = shaoxing();
    let areas = &rulebook.rulebook().areas;
    let (mut found, mut others) = (0, Vec::new());
    for village in areas.values().filter(|area| area.level == Level::Village) {
        let town = &areas[&village.code.as_str()[..9]];
        let county = &areas[&village.code.as_str()[..6]];
        let address = format!("{}{}{}12号", county.name, town.name, village.name);
        match rulebook.area(&address, AreaBy::Name, None) {
            Named::One(code) if code == village.code => found += 1,
            other => others.push((address, other)),
        }
    }
    assert_eq!((found, others), (2168, vec![]));
}
