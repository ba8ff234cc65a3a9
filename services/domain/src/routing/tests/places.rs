use super::super::{Gazetteer, Named};
use super::{area, place, rulebook};
use crate::code::Level;

const SEVERAL: &str = "several";

fn found(gazetteer: &Gazetteer, text: &str, within: Option<&str>) -> Option<String> {
    match gazetteer.find(text, within.map(area).as_ref()) {
        Named::One(code) => Some(code.to_string()),
        Named::Several => Some(SEVERAL.to_owned()),
        Named::Nothing => None,
    }
}

#[track_caller]
fn leads(text: &str, within: Option<&str>, expected: Option<&str>) {
    let mut rulebook = rulebook(vec![]);
    rulebook.areas.extend([
        place("330603002", "华舍街道", "", Level::Town),
        place("330603105", "平水镇", "", Level::Town),
        place("330603002200", "亚太社区居委会", "", Level::Village),
        place("330603105201", "新未庄村委会", "", Level::Village),
        place("330603002201", "未庄村委会", "", Level::Village),
        place("330602003", "城南街道", "", Level::Town),
    ]);
    let gazetteer = Gazetteer::new(&rulebook);
    assert_eq!(found(&gazetteer, text, within).as_deref(), expected, "{text}");
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
    // what is that long is no address
    leads(&format!("塔山街道{}", "x".repeat(496)), None, Some("330602001"));
    leads(&format!("塔山街道{}", "x".repeat(497)), None, None);
    // what people call the place that a list names by its committee
    leads("平水镇新未庄村12号", None, Some("330603105201"));
}

#[test]
fn a_name_that_is_a_part_of_a_longer_one_is_none() {
    leads("新未庄村村口", None, Some("330603105201"));
    leads("新未庄村村口", Some("330603002"), None);
    leads("未庄村村口", None, Some("330603002201"));
}

#[test]
fn a_name_that_two_places_bear_leads_nowhere() {
    leads("东湖村", None, Some(SEVERAL));
    leads("东湖村口", None, Some(SEVERAL));
    leads("东湖村", Some("330602001"), Some("330602001001"));
    leads("塔山街道东湖村", None, Some("330602001001"));
}

#[test]
fn what_contradicts_itself_leads_nowhere() {
    leads("塔山街道与府山街道交界处", None, Some(SEVERAL));
    leads("柯桥区塔山街道", None, Some(SEVERAL));
    leads("柯桥区塔山街道", Some("330602"), Some(SEVERAL));
    // a road that is called after a village elsewhere
    leads("越城区塔山街道福年社区路", None, Some("330602001"));
    leads("塔山街道福年社区路", None, Some("330602001"));
    // of two villages in one town, the town is certain
    leads("府山街道东湖村与府山交界", None, Some("330602002"));
}

#[test]
fn the_suffix_may_be_left_out_where_that_says_one_thing() {
    for text in ["华舍", "柯桥区华舍", "柯桥华舍，亚太路", "绍兴市华舍 12号"] {
        leads(text, None, Some("330603002"));
    }
    leads("柯桥区华舍亚太社区3幢", None, Some("330603002200"));
    // a town that became a street
    leads("柯桥区华舍镇", None, Some("330603002"));
    // a road is no town
    leads("越城区城南大道8号", None, None);
    leads("华舍亚太路", None, None);
    // the county is called so as well
    leads("柯桥", None, Some(SEVERAL));
    leads("绍兴柯桥", None, None);
    leads("柯桥", Some("330603"), Some("330603001"));
    leads("柯桥华舍", None, Some("330603002"));
}

#[test]
fn a_village_outside_the_town_that_is_named_in_full_does_not_compete() {
    // 城南街道 has no 东湖村, two other towns of its county have
    leads("越城区城南街道东湖村", None, Some("330602003"));
    leads("城南街道东湖村12号", None, Some("330602003"));
    leads("塔山街道福年社区", None, Some("330602001"));
    leads("城南街道东湖村", Some("330602"), Some("330602003"));
    // a town in another county is still a contradiction, and so are two towns
    leads("柯桥区城南街道东湖村", None, Some(SEVERAL));
    leads("城南街道与府山街道东湖村", None, Some(SEVERAL));
    leads("越城区东湖村", None, Some(SEVERAL));
}

#[test]
fn width_and_blanks_are_no_part_of_a_name() {
    for text in [
        "塔山街 道",
        "越城区 塔山街\u{3000}道 1 号",
        "Ｔａｓｈａｎ",
        "３３０６０２００１",
    ] {
        leads(text, None, Some("330602001"));
    }
    leads("塔山街道 东 湖村", None, Some("330602001001"));
    // a blank may be all that says where a name ends
    leads("华舍 亚太路", None, Some("330603002"));
}
