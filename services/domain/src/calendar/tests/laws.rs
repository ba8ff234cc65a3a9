//! Laws over random places, moments, limits and pauses.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::super::{Limit, Pause, Unit};
use super::plain::Plain;
use super::*;

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;

/// Zones, and days on which their clocks change.
const ZONES: [(&str, [Date; 2]); 4] = [
    ("Asia/Shanghai", [date(2026, 2, 14), date(2026, 10, 1)]),
    ("America/New_York", [date(2026, 3, 8), date(2026, 11, 1)]),
    ("Asia/Beirut", [date(2026, 3, 29), date(2026, 10, 25)]),
    ("Australia/Lord_Howe", [date(2026, 4, 5), date(2026, 10, 4)]),
];

const SESSIONS: [&str; 4] = [
    "08:00-12:00 14:00-18:00",
    "00:30-02:15 02:30-05:00 23:00-24:00",
    "01:00-02:00 09:00-17:00",
    "00:00-24:00",
];

fn places() -> impl Strategy<Value = Plain> {
    let zones = prop::sample::select(&ZONES[..]);
    let sessions = prop::sample::select(&SESSIONS[..]);
    (zones, sessions, any::<bool>()).prop_map(|((name, _), sessions, weekend)| Plain {
        zone: zone(name),
        days: statutory(),
        weekend: if weekend {
            Weekend::default()
        } else {
            Weekend::of([])
        },
        sessions: parse_sessions(sessions).expect("sessions"),
    })
}

/// Minutes from the beginning of a day that something happens on.
fn minutes() -> impl Strategy<Value = (usize, i64)> {
    (0..8_usize, prop_oneof![0..3 * 24 * 60_i64, 22 * 60..29 * 60_i64])
}

/// A day before it, at midnight, and so many minutes later.
fn moment(zone: &TimeZone, (day, minutes): (usize, i64)) -> i64 {
    let name = zone.iana_name().expect("named");
    let (_, days) = ZONES.iter().find(|(known, _)| *known == name).expect("listed");
    let before = days[day % 2].saturating_sub(1.day());
    let at = zone.to_timestamp(before.at(0, 0, 0, 0)).expect("in range");
    Timestamp::from(at).as_micros() + minutes * MINUTE
}

fn limits() -> impl Strategy<Value = Limit> {
    let limit = |amount, unit| Limit::new(amount, unit).expect("a limit");
    prop_oneof![
        (1..3_000_u32).prop_map(move |amount| limit(amount, Unit::Minutes)),
        (1..60_u32).prop_map(move |amount| limit(amount, Unit::Hours)),
        (1..30_u32).prop_map(move |amount| limit(amount, Unit::WorkingHours)),
        (1..12_u32).prop_map(move |amount| limit(amount, Unit::WorkingDays)),
        (1..12_u32).prop_map(move |amount| limit(amount, Unit::Days)),
    ]
}

fn pauses(start: i64, minutes: &[u16]) -> Vec<Pause> {
    let mut at = start - 12 * HOUR;
    let pairs = minutes.chunks_exact(2).map(|pair| {
        let from = at + (i64::from(pair[0]) + 1) * MINUTE;
        at = from + (i64::from(pair[1]) + 1) * MINUTE;
        Pause {
            from: Timestamp::from_micros(from),
            to: Timestamp::from_micros(at),
        }
    });
    pairs.collect()
}

fn due(calendar: &Calendar, start: i64, limit: Limit) -> i64 {
    let due = calendar.due(None, Timestamp::from_micros(start), limit);
    due.expect("in range").at.as_micros()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn counting_minute_by_minute_gives_the_same(
        place in places(),
        start in minutes(),
        limit in limits(),
        paused in prop::collection::vec(0..3_000_u16, 0..7),
    ) {
        let start = moment(&place.zone, start);
        let pauses = pauses(start, &paused);
        let calendar = place.calendar();
        let found = calendar.due_with(None, Timestamp::from_micros(start), &[limit], &pauses);
        let expected = place.due(start, limit, &pauses);
        let shown = |at| shown(&calendar, Timestamp::from_micros(at));
        let found = found.expect("in range").at.as_micros();
        prop_assert_eq!(shown(found), shown(expected));
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn who_begins_later_or_has_longer_is_due_no_earlier(
        place in places(),
        start in minutes(),
        micros in 0..2 * HOUR,
        limit in limits(),
        more in 1..40_u32,
    ) {
        let calendar = place.calendar();
        let start = moment(&place.zone, start);
        let first = due(&calendar, start, limit);
        prop_assert!(first > start);
        prop_assert!(due(&calendar, start + micros, limit) >= first);
        let longer = Limit::new(limit.amount() + more, limit.unit()).expect("a limit");
        prop_assert!(due(&calendar, start, longer) > first);
        let pieces = [limit, Limit::new(more, limit.unit()).expect("a limit")];
        let both = calendar.due_with(None, Timestamp::from_micros(start), &pieces, &[]);
        prop_assert_eq!(both.expect("in range").at.as_micros(), due(&calendar, start, longer));
    }

    #[test]
    fn what_was_given_is_what_is_used_and_what_is_left(
        place in places(),
        start in minutes(),
        micros in 0..2 * HOUR,
        limit in limits(),
    ) {
        let calendar = place.calendar();
        let start = moment(&place.zone, start) + micros;
        let end = due(&calendar, start, limit);
        let (from, to) = (Timestamp::from_micros(start), Timestamp::from_micros(end));
        let used = calendar.used(None, from, to, limit.unit()).expect("in range");
        let amount = i64::from(limit.amount());
        let expected = match limit.unit() {
            Unit::Minutes => amount * MINUTE,
            Unit::Hours | Unit::WorkingHours => amount * HOUR,
            Unit::WorkingDays | Unit::Days => amount,
        };
        prop_assert_eq!(used, expected);
        let left = calendar.before(None, to, limit).expect("in range").as_micros();
        prop_assert!(left >= start);
        prop_assert!(due(&calendar, left, limit) <= end);
        prop_assert!(due(&calendar, left + 1, limit) > end);
    }

    #[test]
    fn a_pause_moves_the_due_time_by_what_would_have_been_counted(
        place in places(),
        start in minutes(),
        limit in limits(),
        after in 0.0..1.0_f64,
        lasts in 1..5_000_i64,
    ) {
        let calendar = place.calendar();
        let start = moment(&place.zone, start);
        let end = due(&calendar, start, limit);
        let from = start + ((end - start) as f64 * after) as i64;
        let pause = Pause {
            from: Timestamp::from_micros(from),
            to: Timestamp::from_micros(from + lasts * MINUTE),
        };
        let start = Timestamp::from_micros(start);
        let moved = calendar.due_with(None, start, &[limit], &[pause]).expect("in range").at;
        let used = |from, to| calendar.used(None, from, to, limit.unit()).expect("in range");
        let given = used(start, Timestamp::from_micros(end));
        let days = |at: Timestamp| at.civil_date(calendar.zone());
        let paused = match limit.unit() {
            Unit::Days => days(pause.to).since(days(pause.from)).expect("days").get_days().into(),
            _ => used(pause.from, pause.to),
        };
        prop_assert_eq!(used(start, moved), given + paused);
        // cut in two, or told twice, it is the same pause
        let middle = Timestamp::from_micros(from + lasts * MINUTE / 2);
        let cut = [Pause { from: middle, ..pause }, Pause { to: middle, ..pause }, pause];
        let again = calendar.due_with(None, start, &[limit], &cut).expect("in range").at;
        prop_assert_eq!(again, moved);
    }

    #[test]
    fn years_ahead_are_counted_as_days_are(
        place in places(),
        first in 0..3_000_i64,
        minute in 0..1_440_i64,
        days in 1..4_000_u32,
    ) {
        let calendar = place.calendar();
        let mut day = date(2004, 1, 1).saturating_add(first.days());
        let start = calendar.zone().to_timestamp(day.at(0, 0, 0, 0)).expect("in range");
        let start = Timestamp::from(start).plus_minutes(minute);
        day = start.civil_date(calendar.zone());
        let found = calendar.due(None, start, Limit::new(days, Unit::WorkingDays).expect("a limit"));
        let mut left = days;
        while left > 0 {
            day = day.tomorrow().expect("in range");
            left -= u32::from(calendar.is_working_day(day));
        }
        prop_assert_eq!(found.expect("in range").at.civil_date(calendar.zone()), day);
    }

    #[test]
    fn a_place_works_at_the_next_working_moment_and_not_before(
        place in places(),
        start in minutes(),
    ) {
        let calendar = place.calendar();
        let at = Timestamp::from_micros(moment(&place.zone, start));
        let next = calendar.next_working_moment(None, at).expect("in range");
        let used = |from: Timestamp, to| calendar.used(None, from, to, Unit::WorkingHours);
        prop_assert_eq!(used(at, next), Ok(0));
        prop_assert_eq!(used(next, next.plus_micros(1)), Ok(1));
    }
}
