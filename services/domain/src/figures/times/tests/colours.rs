//! The colours and levels that lists show.

use super::*;

fn climbed() -> (Facts, Vec<Occurrence>) {
    let book = city();
    let mut clue = Life::reported(&book, 1, matter(EVENTS), monday());
    clue.ask(monday().plus_minutes(10), role(Role::Routing), assign(COUNTY));
    clue.wake(now());
    (folded(&clue.journal).expect("reported"), clue.journal)
}

#[test]
fn the_colour_of_a_clue_is_the_newest_of_its_due_time() {
    let (facts, journal) = climbed();
    let rung = |name: &str| {
        let reached = journal
            .iter()
            .find(|it| matches!(&it.event, Event::RungReached { rung, .. } if rung.as_str() == name));
        reached.expect(name).at
    };
    let colour = |at| {
        facts
            .at(at)
            .and_then(|then| then.colour().map(ToString::to_string))
    };
    let just_before = |name| colour(rung(name).plus_micros(-1));
    assert_eq!(just_before("blue"), None);
    assert_eq!(colour(rung("blue")).as_deref(), Some("blue"));
    assert_eq!(just_before("red").as_deref(), Some("yellow"));
    assert_eq!(colour(now()).as_deref(), Some("red"));
    let escalated = |at| facts.at(at).and_then(|then| then.escalated_to());
    assert_eq!(escalated(rung("escalation").plus_micros(-1)), None);
    assert_eq!(escalated(rung("escalation")), Some(Some(Level::City)));
}

#[test]
fn a_clue_with_another_due_time_or_none_loses_its_colour() {
    let book = city();
    let begins = monday();
    let mut clue = Life::reported(&book, 1, matter(EVENTS), begins);
    clue.ask(begins, role(Role::Routing), assign(COUNTY));
    clue.ask(begins.plus_days(6), of(COUNTY), request_extension("5wd"));
    let colour = |life: &Life<'_>| {
        let facts = folded(&life.journal).expect("reported");
        facts.latest().colour().map(ToString::to_string)
    };
    assert_eq!(colour(&clue).as_deref(), Some("yellow"));
    clue.ask(begins.plus_days(6), coordinator(), Command::GrantExtension);
    assert_eq!(colour(&clue), None);
    clue.wake(begins.plus_days(30));
    assert_eq!(colour(&clue).as_deref(), Some("red"));
    clue.ask(begins.plus_days(31), of(COUNTY), resolve());
    clue.ask(begins.plus_days(31), checker(), Command::PassCheck);
    clue.ask(begins.plus_days(31), checker(), Command::CloseClue);
    assert_eq!(colour(&clue), None, "it is over");
}
