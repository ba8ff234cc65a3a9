//! What goes wrong in other systems, case by case.

use super::super::{Due, OutOfRange, Pause, Unit, Weekend};
use super::*;

/// `(start, limit, due, provisional)` by the clock.
type Case = (&'static str, &'static str, &'static str, bool);

const END: &str = "23:59:59.999999";

#[track_caller]
fn hold(calendar: &Calendar, place: &str, cases: &[Case]) {
    let place = AreaCode::new(place).ok();
    for (start, text, expected, provisional) in cases {
        let due = calendar.due(place.as_ref(), at(calendar, start), limit(text));
        let due = due.unwrap_or_else(|error| panic!("{start} {text}: {error}"));
        let expected = expected.replace("END", END);
        assert_eq!(
            (shown(calendar, due.at), due.provisional),
            (expected, *provisional),
            "{start} {text}"
        );
    }
}

#[test]
fn working_days_know_holidays_and_make_up_days() {
    hold(
        &china(),
        "",
        &[
            // Friday before the make-up Saturday of Spring Festival
            ("2026-02-13T09:00", "1wd", "2026-02-14 END", false),
            // nine days of holiday, then three days, then the second make-up Saturday
            ("2026-02-14T17:00", "1wd", "2026-02-24 END", false),
            ("2026-02-14T17:00", "4wd", "2026-02-27 END", false),
            ("2026-02-14T17:00", "5wd", "2026-02-28 END", false),
            ("2026-02-14T17:00", "6wd", "2026-03-02 END", false),
            // within the holiday
            ("2026-02-17T00:00", "1wd", "2026-02-24 END", false),
            // a make-up Sunday before Mid-autumn Festival, that Friday off, then a working Monday to Wednesday before National Day
            ("2026-09-18T12:00", "1wd", "2026-09-20 END", false),
            ("2026-09-24T12:00", "3wd", "2026-09-30 END", false),
            ("2026-09-24T12:00", "4wd", "2026-10-08 END", false),
            ("2026-09-24T12:00", "6wd", "2026-10-10 END", false),
            // the two holidays in one
            ("2025-09-30T10:00", "1wd", "2025-10-09 END", false),
            ("2025-09-30T10:00", "3wd", "2025-10-11 END", false),
        ],
    );
}

#[test]
fn the_day_of_receipt_never_counts() {
    hold(
        &china(),
        "",
        &[
            ("2026-03-02T00:00", "1wd", "2026-03-03 END", false),
            ("2026-03-02T23:59:59.999999", "1wd", "2026-03-03 END", false),
            // Saturday and Sunday: Monday is the first day that counts
            ("2026-03-07T10:00", "1wd", "2026-03-09 END", false),
            ("2026-03-08T10:00", "5wd", "2026-03-13 END", false),
            // a Friday
            ("2026-03-06T10:00", "5wd", "2026-03-13 END", false),
        ],
    );
}

#[test]
fn working_hours_end_at_closing_and_begin_at_opening() {
    hold(
        &china(),
        "",
        &[
            ("2026-03-02T08:00", "1wh", "2026-03-02 09:00:00", false),
            ("2026-03-02T08:00", "4wh", "2026-03-02 12:00:00", false),
            ("2026-03-02T08:00", "5wh", "2026-03-02 15:00:00", false),
            ("2026-03-02T10:30:15", "2wh", "2026-03-02 14:30:15", false),
            // the lunch break, closing, after hours, before hours, a weekend
            ("2026-03-02T12:00", "1wh", "2026-03-02 15:00:00", false),
            ("2026-03-02T13:59:59.999999", "1wh", "2026-03-02 15:00:00", false),
            ("2026-03-02T18:00", "1wh", "2026-03-03 09:00:00", false),
            ("2026-03-02T23:00", "8wh", "2026-03-03 18:00:00", false),
            ("2026-03-02T03:00", "2wh", "2026-03-02 10:00:00", false),
            (
                "2026-03-06T17:59:59.999999",
                "2wh",
                "2026-03-09 09:59:59.999999",
                false,
            ),
            ("2026-03-07T10:00", "2wh", "2026-03-09 10:00:00", false),
            // over the Labour Day holiday, and on a make-up Saturday
            ("2026-04-30T16:40", "2wh", "2026-05-06 08:40:00", false),
            ("2026-05-08T17:00", "2wh", "2026-05-09 09:00:00", false),
        ],
    );
}

#[test]
fn time_that_passes_knows_no_holiday() {
    hold(
        &china(),
        "",
        &[
            ("2026-02-17T10:00", "30min", "2026-02-17 10:30:00", false),
            ("2026-02-17T23:00", "3h", "2026-02-18 02:00:00", false),
            ("2026-02-17T23:00", "10d", "2026-02-27 23:00:00", false),
            // leap day, year end
            ("2024-02-28T10:00", "1d", "2024-02-29 10:00:00", false),
            ("2024-02-29T10:00", "365d", "2025-02-28 10:00:00", false),
            ("2024-02-28T10:00", "1wd", "2024-02-29 END", false),
            ("2026-12-31T23:30", "1h", "2027-01-01 00:30:00", false),
            ("2025-12-31T23:30", "1wd", "2026-01-04 END", false),
        ],
    );
}

#[test]
fn the_notice_of_a_year_decides_about_the_last_days_of_the_one_before() {
    let cases = [
        ("2026-12-25T10:00", "1wd", "2026-12-28 END", false),
        ("2026-12-28T10:00", "1wd", "2026-12-29 END", true),
        ("2026-12-29T10:00", "4wh", "2026-12-29 16:00:00", true),
        ("2026-12-28T10:00", "4wh", "2026-12-28 16:00:00", false),
        ("2026-12-31T10:00", "6wh", "2026-12-31 18:00:00", true),
        ("2026-12-30T10:00", "1d", "2026-12-31 10:00:00", false),
        // the next year is published
        ("2025-12-30T10:00", "1wd", "2025-12-31 END", false),
    ];
    hold(&china(), "", &cases);
    // notices of the past, each without the one that followed: what it moved had been provisional
    let whole = statutory();
    let mut moved = 0;
    for year in 2005..=2026 {
        let mut before = whole.clone();
        before.holidays.retain(|day, _| day.year() < year);
        before.workdays.retain(|day, _| day.year() < year);
        let is_of_next = |day: &Date| day.year() == year - 1 && day.month() == 12;
        let spilled = |days: &BTreeMap<Date, DayName>| {
            days.keys()
                .filter(|day| is_of_next(day))
                .copied()
                .collect::<Vec<_>>()
        };
        let spilled = [spilled(&before.holidays), spilled(&before.workdays)].concat();
        for day in &spilled {
            before.holidays.remove(day);
            before.workdays.remove(day);
        }
        let calendar = Calendar::new(zone("Asia/Shanghai"), before, Vec::new(), Weekend::default());
        for day in spilled {
            moved += 1;
            let eve = day.yesterday().expect("in range").at(23, 0, 0, 0);
            let due = calendar.due(
                None,
                calendar.zone().to_timestamp(eve).expect("in range").into(),
                limit("1wd"),
            );
            assert!(due.expect("in range").provisional, "{day}");
        }
    }
    assert_eq!(moved, 10, "of five years: 2007, 2008, 2012, 2019 and 2023");
}

#[test]
fn a_count_into_a_year_without_published_holidays_is_provisional() {
    hold(
        &china(),
        "",
        &[
            ("2026-12-31T10:00", "1wd", "2027-01-01 END", true),
            ("2026-12-31T10:00", "7wh", "2027-01-01 09:00:00", true),
            ("2026-12-31T23:00", "1wh", "2027-01-01 09:00:00", true),
            ("2027-01-04T10:00", "1h", "2027-01-04 11:00:00", false),
        ],
    );
    let mut days = statutory();
    days.holidays.retain(|day, _| day.year() != 2025);
    days.workdays.retain(|day, _| day.year() != 2025);
    let gap = Calendar::new(zone("Asia/Shanghai"), days, Vec::new(), Weekend::default());
    assert!(gap.published(2024) && !gap.published(2025) && gap.published(2026));
    hold(
        &gap,
        "",
        &[
            ("2024-12-27T10:00", "8wh", "2024-12-30 10:00:00", true),
            ("2024-12-26T10:00", "8wh", "2024-12-27 10:00:00", false),
            ("2024-12-30T10:00", "300wd", "2026-03-02 END", true),
            // the day of receipt is not counted
            ("2025-12-31T10:00", "1wd", "2026-01-04 END", false),
        ],
    );
}

#[test]
fn a_day_of_a_changed_clock_is_as_long_as_it_is() {
    let night = hours("", None, "01:00-03:30 20:00-24:00");
    let calendar = Calendar::new(
        zone("America/New_York"),
        Days::default(),
        vec![night],
        Weekend::of([]),
    );
    hold(
        &calendar,
        "",
        &[
            // forward: 01:00 to 02:00 and 03:00 to 03:30 are one hour and a half
            ("2026-03-08T01:00", "1wh", "2026-03-08 03:00:00", true),
            ("2026-03-08T01:00", "2wh", "2026-03-08 20:30:00", true),
            // back: 01:00 to 03:30 are three hours and a half
            ("2026-11-01T01:00", "3wh", "2026-11-01 03:00:00", true),
            ("2026-11-01T01:00", "4wh", "2026-11-01 20:30:00", true),
            ("2026-03-07T23:00", "1h", "2026-03-08 00:00:00", false),
            ("2026-03-07T23:00", "5h", "2026-03-08 05:00:00", false),
            ("2026-10-31T23:00", "5h", "2026-11-01 03:00:00", false),
            // the same time of day; where there is none, the first moment after the gap
            ("2026-03-07T12:00", "1d", "2026-03-08 12:00:00", false),
            ("2026-03-07T02:30", "1d", "2026-03-08 03:00:00", false),
            ("2026-03-01T02:30", "8d", "2026-03-09 02:30:00", false),
            ("2026-10-31T12:00", "1d", "2026-11-01 12:00:00", false),
            ("2026-03-07T12:00", "1wd", "2026-03-08 END", true),
        ],
    );
    // a time that comes twice is the later one
    let due = calendar.due(None, at(&calendar, "2026-10-31T01:30"), limit("1d"));
    assert_eq!(due.expect("in range").at.to_string(), "2026-11-01T06:30:00Z");
    // who asks when the hour comes again is not due before who asked in the first one
    let second = "2026-11-01T06:10:00Z".parse().expect("a time");
    let due = calendar.due(None, second, limit("1d")).expect("in range");
    assert_eq!(shown(&calendar, due.at), "2026-11-02 01:59:59.999999");
}

#[test]
fn a_zone_may_change_its_clock_at_midnight_or_leave_a_day_out() {
    let beirut = Calendar::plain(zone("Asia/Beirut"));
    // 29 March 2026 begins at one o'clock
    hold(
        &beirut,
        "",
        &[
            ("2026-03-28T00:30", "1d", "2026-03-29 01:00:00", false),
            ("2026-03-27T10:00", "1wd", "2026-03-30 END", true),
        ],
    );
    let apia = Calendar::plain(zone("Pacific/Apia"));
    // Friday 30 December 2011 did not happen
    hold(
        &apia,
        "",
        &[
            ("2011-12-28T10:00", "1wd", "2011-12-29 END", true),
            ("2011-12-29T10:00", "1wd", "2012-01-02 END", true),
            ("2011-12-29T10:00", "1d", "2011-12-31 00:00:00", false),
            ("2011-12-29T10:00", "2d", "2011-12-31 10:00:00", false),
            ("2011-12-29T17:00", "2wh", "2012-01-02 09:00:00", true),
        ],
    );
}

#[test]
fn hours_are_those_of_the_longest_area_and_of_its_season() {
    let calendar = Calendar::new(
        zone("Asia/Shanghai"),
        statutory(),
        vec![
            hours("3306", None, "09:00-12:00 13:00-17:00"),
            hours("330602", Some(("06-01", "09-01")), "07:00-11:00 15:00-18:00"),
            hours("330603", Some(("10-01", "05-01")), "10:00-11:00"),
            hours("330602001", None, "00:00-24:00"),
        ],
        Weekend::default(),
    );
    for (place, start, due) in [
        ("", "2026-07-01T06:00", "2026-07-01 09:00:00"),
        ("4401", "2026-07-01T06:00", "2026-07-01 09:00:00"),
        ("3306", "2026-07-01T06:00", "2026-07-01 10:00:00"),
        ("330699", "2026-07-01T06:00", "2026-07-01 10:00:00"),
        ("330602", "2026-05-29T16:30", "2026-06-01 07:30:00"),
        ("330602", "2026-08-31T17:30", "2026-09-01 09:30:00"),
        ("330602002", "2026-07-01T06:00", "2026-07-01 08:00:00"),
        ("330602001", "2026-07-01T23:30", "2026-07-02 00:30:00"),
        ("330602001004", "2026-07-01T06:00", "2026-07-01 07:00:00"),
        // a season over the end of the year
        ("330603", "2026-01-05T09:00", "2026-01-05 11:00:00"),
        ("330603", "2026-04-30T10:30", "2026-05-06 09:30:00"),
        ("330603", "2026-09-30T16:30", "2026-10-08 10:30:00"),
    ] {
        hold(&calendar, place, &[(start, "1wh", due, false)]);
    }
}

#[test]
fn outside_the_range_there_is_no_answer() {
    let calendar = china();
    let due = |start: &str, text: &str| calendar.due(None, at(&calendar, start), limit(text));
    for text in ["1min", "1h", "1wh", "1wd", "1d"] {
        assert_eq!(due("2003-12-31T23:59:59", text), Err(OutOfRange), "{text}");
        assert_eq!(due("2101-01-01T00:00", text), Err(OutOfRange), "{text}");
        assert_eq!(due("2100-12-31T23:59:30", text), Err(OutOfRange), "{text}");
        assert!(due("2004-01-01T00:00", text).is_ok(), "{text}");
    }
    for text in ["52704000min", "878400h", "878400wh", "36600wd", "36600d"] {
        assert_eq!(due("2004-01-01T00:00", text), Err(OutOfRange), "{text}");
    }
    assert_eq!(
        shown(
            &calendar,
            due("2100-12-30T10:00", "1wd").expect("the last day").at
        ),
        "2100-12-31 23:59:59.999999"
    );
    assert_eq!(OutOfRange.code(), "time_out_of_range");
    let ever = Pause {
        from: at(&calendar, "2026-03-02T10:00"),
        to: Timestamp::from_micros(i64::MAX),
    };
    for text in ["5h", "5wh", "5wd", "5d"] {
        let due = calendar.due_with(None, at(&calendar, "2026-03-02T09:00"), &[limit(text)], &[ever]);
        assert_eq!(due, Err(OutOfRange), "{text} paused for ever");
    }
}

#[test]
fn a_pause_stops_what_is_counted() {
    let calendar = china();
    let due = |text: &str, pauses: &[(&str, &str)]| {
        let pauses: Vec<_> = pauses
            .iter()
            .map(|(from, to)| Pause {
                from: at(&calendar, from),
                to: at(&calendar, to),
            })
            .collect();
        let start = at(&calendar, "2026-03-02T09:00");
        let due = calendar.due_with(None, start, &[limit(text)], &pauses);
        shown(&calendar, due.expect("in range").at)
    };
    let wednesday = ("2026-03-04T10:00", "2026-03-09T11:00");
    assert_eq!(due("5wd", &[]), "2026-03-09 23:59:59.999999");
    assert_eq!(
        due("5wd", &[wednesday]),
        "2026-03-12 23:59:59.999999",
        "Thursday, Friday, Monday"
    );
    assert_eq!(due("5d", &[wednesday]), "2026-03-12 09:00:00", "five days");
    assert_eq!(due("72h", &[wednesday]), "2026-03-10 10:00:00");
    assert_eq!(due("20wh", &[wednesday]), "2026-03-09 16:00:00");
    // in any order, overlapping, and before the start
    let split = [
        ("2026-03-06T00:00", "2026-03-09T11:00"),
        ("2026-02-01T00:00", "2026-03-02T09:00"),
        ("2026-03-04T10:00", "2026-03-07T00:00"),
    ];
    assert_eq!(due("20wh", &split), "2026-03-09 16:00:00");
    assert_eq!(due("5wd", &split), "2026-03-12 23:59:59.999999");
    // too late to matter
    assert_eq!(
        due("1wh", &[("2026-03-02T10:00", "2026-03-05T10:00")]),
        "2026-03-02 10:00:00"
    );
    assert_eq!(
        due("1wd", &[("2026-03-04T00:00", "2026-03-05T10:00")]),
        "2026-03-03 23:59:59.999999"
    );
    // one pause moves the due time into the next
    let two = [
        ("2026-03-03T10:00", "2026-03-04T10:00"),
        ("2026-03-04T11:00", "2026-03-06T10:00"),
    ];
    assert_eq!(due("1wd", &two), "2026-03-06 23:59:59.999999");
    // within a day, working days do not notice
    assert_eq!(
        due("1wd", &[("2026-03-03T10:00", "2026-03-03T17:00")]),
        "2026-03-03 23:59:59.999999"
    );
}

#[test]
fn limits_in_a_row_go_on_where_the_one_before_ended() {
    let calendar = china();
    let start = at(&calendar, "2026-03-02T09:00");
    let due = |pieces: &[&str]| {
        let pieces: Vec<_> = pieces.iter().map(|text| limit(text)).collect();
        let due = calendar.due_with(None, start, &pieces, &[]).expect("in range");
        shown(&calendar, due.at)
    };
    assert_eq!(due(&[]), "2026-03-02 09:00:00");
    assert_eq!(due(&["3wd", "2wd"]), due(&["5wd"]));
    assert_eq!(due(&["3wd", "2wh"]), "2026-03-06 10:00:00");
    assert_eq!(due(&["2wh", "3wd"]), "2026-03-05 23:59:59.999999");
    assert_eq!(due(&["3h", "1d", "30min"]), "2026-03-03 12:30:00");
    let late = at(&calendar, "2026-12-31T09:00");
    let pieces = [limit("1wd"), limit("1h")];
    let due = calendar.due_with(None, late, &pieces, &[]);
    assert!(due.expect("in range").provisional, "what came before decides too");
}

#[test]
fn the_other_way_round_is_asked_by_reminders() {
    let calendar = china();
    let before = |due: &str, text: &str| {
        let moment = calendar.before(None, at(&calendar, due), limit(text));
        shown(&calendar, moment.expect("in range"))
    };
    assert_eq!(before("2026-03-03T10:00", "2wh"), "2026-03-03 08:00:00");
    assert_eq!(before("2026-03-03T09:00", "2wh"), "2026-03-02 17:00:00");
    assert_eq!(before("2026-03-02T23:59:59.999999", "2wh"), "2026-03-02 16:00:00");
    assert_eq!(
        before("2026-03-09T23:59:59.999999", "1wd"),
        "2026-03-08 23:59:59.999999"
    );
    assert_eq!(
        before("2026-03-09T23:59:59.999999", "2wd"),
        "2026-03-05 23:59:59.999999"
    );
    assert_eq!(before("2026-03-09T10:00", "1wd"), "2026-03-05 23:59:59.999999");
    assert_eq!(before("2026-03-09T10:00", "3h"), "2026-03-09 07:00:00");
    assert_eq!(before("2026-03-09T10:00", "3d"), "2026-03-06 10:00:00");
    let next = |text: &str| {
        let moment = calendar.next_working_moment(None, at(&calendar, text));
        shown(&calendar, moment.expect("in range"))
    };
    assert_eq!(next("2026-03-02T09:30"), "2026-03-02 09:30:00");
    assert_eq!(next("2026-03-02T12:00"), "2026-03-02 14:00:00");
    assert_eq!(next("2026-02-14T18:00"), "2026-02-24 08:00:00");
    let none = Calendar::new(zone("Asia/Shanghai"), statutory(), Vec::new(), Weekend::default());
    assert_eq!(
        none.next_working_moment(None, at(&none, "2100-12-31T18:00")),
        Err(OutOfRange)
    );
    let used = |start: &str, end: &str, unit| {
        let used = calendar.used(None, at(&calendar, start), at(&calendar, end), unit);
        used.expect("in range")
    };
    assert_eq!(used("2026-03-02T09:00", "2026-03-03T09:00", Unit::WorkingDays), 1);
    assert_eq!(
        used("2026-03-02T09:00", "2026-03-02T13:00", Unit::WorkingHours),
        3 * 3_600_000_000
    );
    assert_eq!(used("2026-03-02T09:00", "2026-03-04T08:59", Unit::Days), 1);
    assert_eq!(used("2026-03-02T09:00", "2026-03-01T08:59", Unit::Hours), 0);
}

#[test]
fn a_calendar_is_known_by_what_decides() {
    let china = china();
    assert_eq!(china.version().as_str().len(), 12);
    assert_eq!(china, super::china());
    let mut days = statutory();
    for name in days.holidays.values_mut() {
        name.en.clear();
    }
    let like = |days: Days, zone_name: &str, hours: Vec<HoursRow>, weekend| {
        Calendar::new(zone(zone_name), days, hours, weekend)
    };
    let week = Weekend::default;
    assert_eq!(
        china,
        like(days.clone(), "Asia/Shanghai", vec![], week()),
        "names do not count"
    );
    let mut fewer = days.clone();
    fewer.workdays.pop_first();
    for other in [
        like(fewer, "Asia/Shanghai", vec![], week()),
        like(days.clone(), "Asia/Urumqi", vec![], week()),
        like(
            days.clone(),
            "Asia/Shanghai",
            vec![hours("", None, "09:00-17:00")],
            week(),
        ),
        like(days, "Asia/Shanghai", vec![], Weekend::of([])),
    ] {
        assert_ne!(china, other);
    }
    let due = Due {
        at: Timestamp::EPOCH,
        provisional: true,
    };
    assert_eq!(
        serde_json::to_string(&due).expect("written"),
        r#"{"at":0,"provisional":true}"#
    );
}
