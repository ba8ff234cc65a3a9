//! What a clerk is told.

use super::*;
use crate::calendar::Start;
use crate::lang::Lang;

#[track_caller]
fn told(calendar: &Calendar, start: &str, text: &str) -> [String; 2] {
    let working = calendar
        .explain(None, at(calendar, start), limit(text))
        .expect("in range");
    assert_eq!(calendar.due(None, working.start, working.limit), Ok(working.due));
    [working.words(Lang::En), working.words(Lang::Zh)]
}

#[test]
fn working_hours_over_a_holiday() {
    assert_eq!(
        told(&china(), "2026-04-30T16:40", "2wh"),
        [
            "received Thu 2026-04-30 16:40; 2 working hours; 30 April 16:40–18:00 counts 1 h 20 min; \
             1–5 May are holidays (Labour Day); 6 May 08:00–08:40 counts 40 min; due Wed 2026-05-06 08:40",
            "2026-04-30（周四）16:40 收到；时限2个工作小时；4月30日 16:40–18:00 计1小时20分；\
             5月1日至5日劳动节放假；5月6日 08:00–08:40 计40分；截止 2026-05-06（周三）08:40",
        ]
    );
}

#[test]
fn working_days_over_two_holidays_and_a_make_up_day() {
    assert_eq!(
        told(&china(), "2026-09-24T12:00", "6wd"),
        [
            "received Thu 2026-09-24 12:00; 6 working days; 24 September, the day of receipt, does not count; \
             25–27 September are holidays (Mid-autumn Festival); 28–30 September are 3 working days; \
             1–7 October are holidays (National Day); 8–9 October are 2 working days; \
             10 October is a make-up working day (National Day); 10 October is 1 working day; \
             due Sat 2026-10-10 23:59:59",
            "2026-09-24（周四）12:00 收到；时限6个工作日；收到当日（9月24日）不计；9月25日至27日中秋放假；\
             9月28日至30日计3个工作日；10月1日至7日国庆节放假；10月8日至9日计2个工作日；10月10日国庆节调休上班；\
             10月10日计1个工作日；截止 2026-10-10（周六）23:59:59",
        ]
    );
}

#[test]
fn long_limits_are_summed_up_and_years_are_said() {
    let [en, zh] = told(&china(), "2026-12-12T10:00", "100wh");
    assert_eq!(
        en,
        "received Sat 2026-12-12 10:00; 100 working hours; 12 December, a Saturday, is not worked; \
         14–29 December are 12 working days of 96 h in all; 30 December 08:00–12:00 counts 4 h; \
         provisional: the holidays of 2027 are not published; due Wed 2026-12-30 12:00"
    );
    assert!(
        zh.contains("12月12日（周六）不上班；12月14日至29日计12个工作日共96小时"),
        "{zh}"
    );
    let [en, zh] = told(&china(), "2026-12-30T10:00", "5wd");
    assert_eq!(
        en,
        "received Wed 2026-12-30 10:00; 5 working days; 30 December, the day of receipt, does not count; \
         31 December to 6 January 2027 are 5 working days; provisional: the holidays of 2027 are not published; \
         due Wed 2027-01-06 23:59:59"
    );
    assert!(zh.contains("2027年节假日尚未公布，期限暂定；截止"), "{zh}");
    let [en, _] = told(&china(), "2026-12-28T10:00", "2wd");
    assert!(
        en.contains("provisional: the holidays of 2027 are not published; due Wed 2026-12-30"),
        "{en}"
    );
    let ten_years = told(&china(), "2016-01-04T10:00", "2400wd");
    assert!(ten_years[0].matches("National Day").count() >= 9, "{ten_years:?}");
}

#[test]
fn time_that_passes_has_nothing_left_out() {
    assert_eq!(
        told(&china(), "2026-02-17T23:00:05", "1d"),
        [
            "received Tue 2026-02-17 23:00:05; 1 calendar day; every day counts, to the same time of day; \
             due Wed 2026-02-18 23:00:05",
            "2026-02-17（周二）23:00:05 收到；时限1个自然日；按自然日计，节假日不扣除，到期为同一时刻；\
             截止 2026-02-18（周三）23:00:05",
        ]
    );
    let [en, _] = told(&china(), "2026-02-17T23:00", "90min");
    assert!(
        en.contains("time runs day and night, on every day; due Wed 2026-02-18 00:30"),
        "{en}"
    );
}

#[test]
fn what_time_runs_from_is_said_in_its_own_words() {
    let calendar = china();
    let working = calendar
        .explain(None, at(&calendar, "2026-03-02T12:00"), limit("1wd"))
        .expect("in range");
    let dispatched = Start {
        zh: "派遣",
        en: "dispatched",
        day: "the day of dispatch",
    };
    assert_eq!(
        working.words_from(dispatched, Lang::En),
        "dispatched Mon 2026-03-02 12:00; 1 working day; 2 March, the day of dispatch, does not count; \
         3 March is 1 working day; due Tue 2026-03-03 23:59:59"
    );
    assert_eq!(
        working.words_from(dispatched, Lang::Zh),
        "2026-03-02（周一）12:00 派遣；时限1个工作日；派遣当日（3月2日）不计；3月3日计1个工作日；截止 2026-03-03（周二）23:59:59"
    );
}
