//! The way of a dispute through its steps: drawn, and as a table that says the same.

use bihuan_dispute::Filter;
use bihuan_domain::dispute::{Dispute, Occurrence};
use bihuan_domain::id::ClueId;
use bihuan_domain::lang::Lang;
use bihuan_domain::time::Timestamp;
use bihuan_store::Store;

use super::seconds;
use crate::clocks::drawing;
use crate::clocks::sittings::{Drawing, Sitting, sittings};
use crate::pages::clocks::{Drawn, DrawnBar, Row, text_y, tick_texts};
use crate::pages::visitor::Moment;
use crate::words::Words;

/// A clue comes into dispute now and then; of so many something is shown.
const OF_A_CLUE: u32 = 20;

pub(in crate::pages) struct Way {
    pub(in crate::pages) drawn: Option<Drawn>,
    pub(in crate::pages) lines: Vec<Line>,
}

/// A step that is or was open.
pub(in crate::pages) struct Line {
    pub(in crate::pages) step: &'static str,
    pub(in crate::pages) forum: String,
    pub(in crate::pages) since: Moment,
    pub(in crate::pages) until: Option<Moment>,
    pub(in crate::pages) due: Option<Moment>,
    pub(in crate::pages) provisional: bool,
    pub(in crate::pages) lapsed: bool,
    /// What is left, or how late it is; of one that is over nothing.
    pub(in crate::pages) left: String,
    pub(in crate::pages) overdue: bool,
}

/// A dispute on the page of its clue.
pub(in crate::pages) struct Brief {
    pub(in crate::pages) href: String,
    pub(in crate::pages) standing: &'static str,
    pub(in crate::pages) open: bool,
    pub(in crate::pages) forum: String,
    pub(in crate::pages) opened: Moment,
    pub(in crate::pages) way: Way,
}

/// The disputes of a clue, the newest first.
pub(in crate::pages) async fn of_clue(
    store: &Store,
    clue: ClueId,
    words: Words<'_>,
    now: Timestamp,
) -> bihuan_store::Result<Vec<Brief>> {
    let filter = Filter {
        clue: Some(clue),
        ..Filter::default()
    };
    let mut found = bihuan_dispute::list(store, &filter, OF_A_CLUE).await?;
    found.sort_by_key(|it| std::cmp::Reverse(it.dispute.opened_at));
    let mut all = Vec::with_capacity(found.len());
    for shown in &found {
        let mut reader = store.read().await?;
        let history = bihuan_dispute::history(&mut reader, shown.dispute.id).await?;
        drop(reader);
        all.push(Brief::of(&shown.dispute, &history, words, now));
    }
    Ok(all)
}

impl Brief {
    fn of(dispute: &Dispute, history: &[Occurrence], words: Words<'_>, now: Timestamp) -> Self {
        Self {
            href: format!("/disputes/{}", dispute.id),
            standing: dispute.standing_words(words.lang),
            open: dispute.is_open(),
            forum: words.forum(&dispute.forum),
            opened: Moment::of(dispute.opened_at, &words.rulebook.zone),
            way: Way::of(history, words, now),
        }
    }
}

impl Way {
    pub(in crate::pages) fn of(history: &[Occurrence], words: Words<'_>, now: Timestamp) -> Self {
        let sittings = sittings(history);
        let drawing = Drawing::of(&sittings, now, &words.rulebook.zone);
        Self {
            drawn: drawing.map(|it| drawn(&it, &sittings, words, now)),
            lines: sittings.iter().map(|it| Line::of(it, words, now)).collect(),
        }
    }
}

impl Line {
    fn of(it: &Sitting, words: Words<'_>, now: Timestamp) -> Self {
        let moment = |at: Timestamp| Moment::of(at, &words.rulebook.zone);
        let is_open = it.until.is_none();
        Self {
            step: it.step.words(words.lang),
            forum: words.forum(&it.forum),
            since: moment(it.since),
            until: it.until.map(moment),
            due: it.due.map(moment),
            provisional: it.provisional,
            lapsed: it.lapsed,
            left: it
                .due
                .filter(|_| is_open)
                .map_or_else(String::new, |due| words.left(seconds(now, due))),
            overdue: is_open && it.is_late(now),
        }
    }
}

fn drawn(drawing: &Drawing, sittings: &[Sitting], words: Words<'_>, now: Timestamp) -> Drawn {
    let rows = drawing.rows.iter().map(|row| Row {
        label: label(row.step, words.lang),
        y: row.y,
        text_y: text_y(row.y),
        bars: row
            .bars
            .iter()
            .map(|(number, bar)| DrawnBar {
                passed: bar.passed,
                left: bar.left,
                overdue: bar.overdue,
                pauses: Vec::new(),
                due: bar.due,
                title: title(sittings.get(*number), words, now),
            })
            .collect(),
    });
    let forum = |number: &usize| {
        sittings
            .get(*number)
            .map_or_else(String::new, |it| words.forum(&it.forum))
    };
    let flags = drawing.forums.iter().map(|(number, flag)| (*flag, forum(number)));
    let dots = drawing.lapses.iter().map(|(number, dot)| {
        let said = title(sittings.get(*number), words, now);
        (*dot, said)
    });
    Drawn {
        width: drawing::WIDTH,
        bar: drawing::BAR,
        height: drawing.height,
        top: drawing.top,
        bottom: drawing.bottom,
        now: drawing.now,
        hatched: false,
        rows: rows.collect(),
        flags: flags.collect(),
        dots: dots.collect(),
        ticks: tick_texts(&drawing.ticks, words),
        described: title(sittings.last(), words, now),
    }
}

/// Short: it stands beside the bars.
fn label(step: bihuan_domain::dispute::Step, lang: Lang) -> String {
    match lang {
        Lang::Zh => step.words(lang).to_owned(),
        Lang::En => step.as_str().replace('_', " "),
    }
}

/// What one bar says.
fn title(it: Option<&Sitting>, words: Words<'_>, now: Timestamp) -> String {
    let Some(it) = it else { return String::new() };
    let lang = words.lang;
    let head = format!(
        "{}{}{}",
        it.step.words(lang),
        lang.choose("：自 ", ": since "),
        words.time(it.since)
    );
    let due = it
        .due
        .map(|at| format!("{}{}", lang.choose("，期限 ", ", due "), words.time(at)));
    let end = match (it.until, it.due) {
        (Some(until), _) if it.lapsed => {
            format!(
                "{}{}",
                lang.choose("，逾期自动流转 ", ", lapsed "),
                words.time(until)
            )
        }
        (Some(until), _) => format!("{}{}", lang.choose("，至 ", ", until "), words.time(until)),
        (None, Some(due)) => format!("{}{}", lang.choose("，", ", "), words.left(seconds(now, due))),
        (None, None) => String::new(),
    };
    format!("{head}{}{end}", due.unwrap_or_default())
}
