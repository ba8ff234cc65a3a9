use super::super::Gazetteer;
use super::{area, rulebook};

#[track_caller]
fn leads(text: &str, within: Option<&str>, expected: Option<&str>) {
    let within = within.map(area);
    let found = Gazetteer::new(&rulebook(vec![])).find(text, within.as_ref());
    assert_eq!(found, expected.map(area), "{text}");
}

#[test]
fn a_code_then_an_exact_name() {
    leads("330602001", None, Some("330602001"));
    leads(" 越城区 ", None, Some("330602"));
    leads("SHAOXING", None, Some("3306"));
    leads("330602001", Some("330603"), None);
    leads("330999", None, None);
    leads("", None, None);
}

#[test]
fn the_longest_town_or_village_inside_an_address() {
    leads("绍兴市越城区塔山街道解放南路1号", None, Some("330602001"));
    leads("near Tashan, by the river", None, Some("330602001"));
    leads("Tashanville 7", None, None);
    leads("福年社区12幢", None, Some("330603001001"));
    leads("福年社区12幢", Some("330602"), None);
    // then what lies in it, but not out of the town's own name
    leads("府山街道东湖村3号", None, Some("330602002001"));
    leads("府山街道3号", None, Some("330602002"));
    // a county in passing is not a place
    leads("越城区解放南路1号", None, None);
}

#[test]
fn a_name_that_two_places_bear_leads_nowhere() {
    leads("东湖村", None, None);
    leads("东湖村口", None, None);
    leads("东湖村", Some("330602001"), Some("330602001001"));
    leads("塔山街道东湖村", None, Some("330602001001"));
}
