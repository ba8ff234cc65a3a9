//! Holidays, hours and limits.

use bihuan_domain::calendar::{Step, Weekend};
use bihuan_domain::routing::{CompiledRulebook, Rulebook};
use bihuan_rulebook::{Files, Severity, calendar_ends, compile, review};
use jiff::civil::{Date, Weekday, date};

use super::{TOML, check, error, sample, says, warning};

const LIMITS: &str = "limits.csv";
const HOURS: &str = "hours.csv";

fn with(file: &str, text: &str) -> Files {
    let mut files = sample();
    files.insert(file, text);
    files
}

fn compiled(files: &Files) -> Rulebook {
    let (rulebook, findings) = compile(files);
    rulebook.unwrap_or_else(|| panic!("{findings:?}"))
}

#[test]
fn a_limit_that_is_none_says_why() {
    for (text, code) in [
        ("", "limit_unreadable"),
        ("soon", "limit_unreadable"),
        ("1.5h", "limit_unreadable"),
        ("0wd", "limit_zero"),
        ("-5wd", "limit_negative"),
        ("5w", "limit_unit_unknown"),
        ("999999d", "limit_too_large"),
    ] {
        says(LIMITS, "5wd", text, error(code, LIMITS, 2, Some("limit")));
    }
    says(
        LIMITS,
        "handle",
        "Handle",
        error("step_unknown", LIMITS, 2, Some("step")),
    );
    for step in Step::ALL {
        let files = with(LIMITS, &format!("step,limit\n{step},3h\n"));
        assert_eq!(compiled(&files).limits.rows()[0].step, step);
    }
}

#[test]
fn two_limits_for_the_same_are_one_too_many() {
    for (rows, clash) in [
        ("*,,,,handle,1wd\n,,,,handle,2wd\n", true),
        ("*,,,,,1wd\n,,,,overall,1wd\n", true),
        (
            "01,urgent,grid,3306,check,1wd\n01,urgent,grid,3306,check,2h\n",
            true,
        ),
        (
            "01,urgent,grid,3306,check,1wd\n01,urgent,grid,330602,check,2h\n",
            false,
        ),
        ("01,urgent,,3306,check,1wd\n01,,grid,3306,check,2h\n", false),
        ("01,,,,check,1wd\n010101,,,,check,2h\n", false),
        ("01,,,,check,1wd\n01,,,,handle,2h\n", false),
    ] {
        let files = with(LIMITS, &format!("matter,severity,source,area,step,limit\n{rows}"));
        let (rulebook, findings) = compile(&files);
        if clash {
            check(&files, error("limit_duplicate", LIMITS, 3, Some("limit")));
            assert!(findings[0].message_en.contains("line 2"), "{findings:?}");
        } else {
            assert!(rulebook.is_some() && findings.is_empty(), "{rows}: {findings:?}");
        }
    }
}

#[test]
fn limits_are_found_with_their_line() {
    let rulebook = compiled(&sample());
    let matter = rulebook.matters.keys().next().expect("a matter");
    let category = rulebook.matters[matter].category.as_ref();
    let find = |step| {
        let row = rulebook
            .limits
            .find(step, Some(matter), category, None, None, None)?;
        Some((row.line, row.limit.to_string()))
    };
    assert_eq!(find(Step::Handle), Some((2, "5wd".to_owned())));
    assert_eq!(find(Step::Overall), Some((3, "10d".to_owned())));
    assert_eq!(find(Step::Triage), None);
}

#[test]
fn days_are_read_with_their_names() {
    let text = "{\"holidays\":{\"2026-05-01\":\"Labour Day,劳动节,2\"},\
                \"workdays\":{\"2026-05-09\":\"劳动节\"},\"inLieuDays\":{\"x\":1}}";
    let calendar = compiled(&with("holidays.json", text)).calendar;
    assert!(!calendar.is_working_day(date(2026, 5, 1)) && calendar.is_working_day(date(2026, 5, 9)));
    assert!(calendar.published(2026) && !calendar.published(2027));
    let name = &calendar.days().holidays[&date(2026, 5, 1)];
    assert_eq!((name.en.as_str(), name.zh.as_str()), ("Labour Day", "劳动节"));
    let (alone, findings) = bihuan_rulebook::calendar(&with("holidays.json", text));
    let codes: Vec<_> = findings.iter().map(|it| it.code).collect();
    assert_eq!((alone, codes), (Some(calendar), vec!["year_incomplete"]));
}

/// A year with so many holidays of different names, in this zone.
fn of_year(year: i16, kinds: usize, zone: &str) -> Files {
    let days: Vec<_> = (1..=kinds)
        .map(|kind| format!("\"{year}-{kind:02}-10\":\"h{kind}\",\"{year}-{kind:02}-11\":\"h{kind}\""))
        .collect();
    let mut files = with(
        "holidays.json",
        &format!("{{\"holidays\":{{{}}}}}", days.join(",")),
    );
    let manifest = std::str::from_utf8(files.get("rulebook.toml").expect("there"))
        .expect("text")
        .to_owned();
    files.insert("rulebook.toml", manifest.replace("Asia/Shanghai", zone));
    files
}

#[test]
fn a_year_with_few_of_its_holidays_is_not_taken_for_complete() {
    let incomplete = |year, kinds, zone| {
        let (calendar, findings) = bihuan_rulebook::calendar(&of_year(year, kinds, zone));
        assert!(
            calendar.is_some_and(|it| it.published(year)),
            "it counts all the same"
        );
        match &*findings {
            [] => false,
            [it] => {
                assert_eq!((it.code, it.severity), ("year_incomplete", Severity::Warning));
                assert_eq!(it.value, Some(year.to_string()));
                assert!(it.message_en.contains(&format!("only {kinds} of the")), "{it:?}");
                true
            }
            more => panic!("{more:?}"),
        }
    };
    let china = |year, kinds| incomplete(year, kinds, "Asia/Shanghai");
    assert_eq!(
        [1, 5, 6, 7].map(|kinds| china(2027, kinds)),
        [true, true, false, false]
    );
    assert_eq!([1, 3, 4].map(|kinds| china(2007, kinds)), [true, true, false]);
    assert!(
        !incomplete(2027, 1, "America/New_York"),
        "elsewhere there are others"
    );
}

#[test]
fn days_do_not_contradict_each_other_and_years_are_not_left_out() {
    says(
        "holidays.json",
        "\"workdays\":{",
        "\"workdays\":{\"2026-01-01\":\"元旦\"",
        error("day_both", "holidays.json", 1, None),
    );
    says(
        "holidays.json",
        "\"holidays\":{",
        "\"holidays\":{\"2024-01-01\":\"元旦\",\"2024-02-10\":\"春节\",\"2024-04-04\":\"清明\",\"2024-05-01\":\"劳动节\",\
         \"2024-06-10\":\"端午\",\"2024-09-17\":\"中秋\",\"2024-10-01\":\"国庆\",",
        (
            Severity::Warning,
            "year_without_holidays",
            "holidays.json",
            None,
            None,
        ),
    );
    let mut files = sample();
    files.remove("holidays.json");
    check(&files, warning("holidays_missing", LIMITS, 2, "limit"));
    files.insert(LIMITS, "step,limit\nhandle,3h\noverall,10d\n");
    let (_, findings) = compile(&files);
    assert_eq!(findings, [], "no limit counts working time");
}

#[test]
fn a_place_says_when_it_works() {
    let files = with(
        HOURS,
        "area,from,to,hours\n,,,09:00-17:00\n330602,05-01,10-01,08:30-12:00 15:00-18:00\n330602,10-01,05-01,08:30-12:00 14:30-18:00\n",
    );
    let (rulebook, findings) = compile(&files);
    assert_eq!(findings, []);
    let calendar = rulebook.expect("a rulebook").calendar;
    let opens = |area: Option<&str>, start: &str| {
        let area = area.map(|code| code.parse().expect("an area"));
        let start = format!("{start}+08:00").parse().expect("a time");
        let at = calendar
            .next_working_moment(area.as_ref(), start)
            .expect("in range");
        calendar.zone().to_datetime(at.to_jiff()).to_string()
    };
    assert_eq!(opens(None, "2026-06-01T06:00:00"), "2026-06-01T09:00:00");
    assert_eq!(
        opens(Some("330602001"), "2026-06-01T12:30:00"),
        "2026-06-01T15:00:00"
    );
    assert_eq!(
        opens(Some("330602001"), "2026-01-05T12:30:00"),
        "2026-01-05T14:30:00"
    );
    assert_ne!(calendar.version(), compiled(&sample()).calendar.version());
}

#[test]
fn hours_are_read_strictly() {
    for (rows, code, line, column) in [
        (",,,9-17\n", "hours_invalid", 2, "hours"),
        (",,,18:00-09:00\n", "hours_invalid", 2, "hours"),
        (",,,09:00-12:00 11:00-17:00\n", "hours_overlap", 2, "hours"),
        (",05-01,,09:00-17:00\n", "hours_invalid", 2, "to"),
        (",02-30,05-01,09:00-17:00\n", "hours_invalid", 2, "from"),
        (",05-01,05-01,09:00-17:00\n", "hours_invalid", 2, "to"),
        ("330699,,,09:00-17:00\n", "reference_unknown", 2, "area"),
        (",,,09:00-17:00\n,,,09:00-18:00\n", "hours_overlap", 3, "from"),
        (
            "3306,04-01,10-01,09:00-17:00\n3306,09-30,05-01,09:00-18:00\n",
            "hours_overlap",
            3,
            "from",
        ),
    ] {
        let (rulebook, findings) = compile(&with(HOURS, &format!("area,from,to,hours\n{rows}")));
        let first = &findings[0];
        assert!(rulebook.is_none() && first.is_error(), "{rows}");
        assert_eq!(
            (first.code, first.line, first.column.as_deref()),
            (code, Some(line), Some(column)),
            "{rows}"
        );
    }
}

#[test]
fn the_calendar_is_read_though_the_rest_is_not_in_order() {
    let mut files = with("duties.csv", "matter,area,agency\nnothing,nowhere,nobody\n");
    let (calendar, findings) = bihuan_rulebook::calendar(&files);
    assert!(calendar.is_some() && findings.is_empty(), "{findings:?}");
    files.insert(HOURS, "area,hours\n330699,09:00-17:00\n");
    let (calendar, findings) = bihuan_rulebook::calendar(&files);
    assert!(
        calendar.is_none() && findings[0].code == "reference_unknown",
        "{findings:?}"
    );
    for none in [None, Some("{\"holidays\":{}}")] {
        let mut files = sample();
        match none {
            Some(text) => files.insert("holidays.json", text),
            None => drop(files.remove("holidays.json")),
        }
        let (calendar, findings) = bihuan_rulebook::calendar(&files);
        assert!(calendar.is_some());
        let codes: Vec<_> = findings.iter().map(|it| it.code).collect();
        assert_eq!(codes, ["holidays_missing"]);
    }
}

#[test]
fn the_weekend_is_part_of_the_policy() {
    let toml = |days: &str| format!("{TOML}[policy.calendar]\nweekend = [{days}]\n");
    let rulebook = compiled(&with("rulebook.toml", &toml("\"friday\", \"saturday\"")));
    let friday = Weekend::of([Weekday::Friday, Weekday::Saturday]);
    assert_eq!(rulebook.policy.calendar.weekend, friday);
    assert!(!rulebook.calendar.is_working_day(date(2026, 3, 6)));
    assert!(rulebook.calendar.is_working_day(date(2026, 3, 8)));
    for wrong in [
        "\"Friday\"",
        "\"monday\", \"tuesday\", \"wednesday\", \"thursday\", \"friday\", \"saturday\", \"sunday\"",
    ] {
        let (rulebook, findings) = compile(&with("rulebook.toml", &toml(wrong)));
        assert!(rulebook.is_none());
        assert_eq!(
            (findings[0].code, findings[0].line),
            ("toml_invalid", Some(7)),
            "{findings:?}"
        );
    }
}

#[test]
fn somebody_is_told_before_the_holidays_run_out() {
    let calendar = compiled(&sample()).calendar;
    let told = |day: Date| calendar_ends(&calendar, day).map(|finding| finding.code);
    assert_eq!(told(date(2026, 10, 31)), None);
    assert_eq!(told(date(2026, 11, 1)), Some("calendar_ends"));
    assert_eq!(told(date(2028, 1, 1)), Some("calendar_ends"));
    let reviewed = |files: &Files| {
        let rulebook = CompiledRulebook::new(compiled(files).into());
        let findings = review(&rulebook, date(2026, 12, 1)).findings;
        findings.iter().filter(|it| it.code == "calendar_ends").count()
    };
    assert_eq!(reviewed(&sample()), 1);
    assert_eq!(
        reviewed(&with(LIMITS, "limit\n10d\n")),
        0,
        "nobody counts working days"
    );
}
