//! What two cities did, by the times of their public records.

use jiff::ToSpan as _;
use jiff::civil::date;

use super::*;

#[test]
fn messages_were_answered_by_the_end_of_working_days_5_7_and_15() {
    let calendar = china();
    let table = include_str!("hotline.csv");
    let rows = table.lines().skip_while(|line| !line.starts_with('2'));
    let times: Vec<_> = rows
        .map(|row| {
            let (received, answered) = row.split_once(',').expect("two times");
            (at(&calendar, received), at(&calendar, answered))
        })
        .collect();
    assert_eq!(times.len(), 357);
    let by = |text: &str| {
        let kept = times.iter().filter(|(received, answered)| {
            let due = calendar.due(None, *received, limit(text)).expect("in range");
            assert!(!due.provisional);
            *answered <= due.at
        });
        kept.count()
    };
    assert_eq!(["5wd", "7wd", "15wd"].map(by), [128, 171, 262]);
}

#[test]
fn due_dates_of_baltimore_are_whole_days_after_the_request() {
    let calendar = new_york(Vec::new());
    let table = include_str!("baltimore.txt");
    let mut made = date(2014, 1, 1).at(0, 0, 0, 0);
    let (mut requests, mut closed, mut on_time) = (0, 0, 0);
    for row in table.lines().filter(|line| !line.starts_with('#')) {
        let numbers: Vec<i64> = row.split(' ').map(|it| it.parse().expect("a number")).collect();
        made += numbers[0].seconds();
        // the city's own due date
        let theirs = made + numbers[1].days();
        let start = calendar.zone().to_timestamp(made).expect("in range").into();
        let days = numbers[1].to_string() + "d";
        let pieces: Vec<_> = days.parse().ok().into_iter().collect();
        let due = calendar.due_with(None, start, &pieces, &[]).expect("in range");
        let ours = calendar.zone().to_datetime(due.at.to_jiff());
        assert_eq!(ours, theirs, "{made} and {days}");
        requests += 1;
        if let Some(late) = numbers.get(2) {
            let at = theirs + late.seconds();
            let at: Timestamp = calendar.zone().to_timestamp(at).expect("in range").into();
            closed += 1;
            on_time += usize::from(at <= due.at);
        }
    }
    assert_eq!((requests, closed, on_time), (1_197, 1_183, 991));
}
