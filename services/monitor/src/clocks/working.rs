//! How a due time came about, in sentences, by the rulebooks that it was computed with.

use std::sync::Arc;

use bihuan_domain::calendar::Step;
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::CompiledRulebook;
use bihuan_rulebook::{Library, LibraryError};

use super::course::{Cause, Course, Run};
use crate::Result;
use crate::words::Words;

/// The rulebook whose calendar counted; or why it cannot be read.
pub(super) enum Book {
    Known(Arc<CompiledRulebook>),
    Missing(String),
}

impl Book {
    pub(super) async fn of(library: &Library, run: &Run) -> Result<Self> {
        match library.get(run.clock.calendar_by.as_str()).await {
            Ok(book) => Ok(Self::Known(book)),
            Err(LibraryError::Store(error)) => Err(error.into()),
            Err(error) => Ok(Self::Missing(error.to_string())),
        }
    }
}

/// One sentence each.
pub(super) fn sentences(course: &Course, run: &Run, book: &Book, words: Words<'_>) -> Vec<String> {
    let mut told = Vec::new();
    told.extend(row(course, run, words.lang));
    let clock = &run.clock;
    let Some(limit) = clock.limit else {
        told.push(
            words
                .lang
                .choose("期限由来源平台给出", "the due time is the source's")
                .to_owned(),
        );
        return told;
    };
    match book {
        Book::Known(book) => {
            let calendar = &book.rulebook().calendar;
            match calendar.explain(course.place.as_ref(), clock.since, limit) {
                Ok(working) => told.push(working.words_from(run.began.words(), words.lang)),
                Err(error) => told.push(error.message(words.lang).to_owned()),
            }
        }
        Book::Missing(why) => told.push(why.clone()),
    }
    let moved = moved(course, run, words);
    let is_moved = !moved.is_empty();
    told.extend(moved);
    let own_due_at = clock.own_due_at.unwrap_or(clock.due_at);
    if is_moved {
        let due = words.time(own_due_at);
        told.push(match words.lang {
            Lang::Zh => format!("顺延后截止 {due}"),
            Lang::En => format!("with that, due {due}"),
        });
    }
    if clock.own_due_at.is_some() {
        let due = words.time(clock.due_at);
        told.push(match words.lang {
            Lang::Zh => format!("以来源平台的期限 {due} 为准"),
            Lang::En => format!("the source's due time binds: {due}"),
        });
    }
    if clock.provisional {
        let text = words.lang.choose(
            "期限暂定：所涉年份的节假日尚未公布，公布后重新计算",
            "provisional: computed again once the holidays of the year are published",
        );
        told.push(text.to_owned());
    }
    told
}

fn row(course: &Course, run: &Run, lang: Lang) -> Option<String> {
    let (line, by) = (run.clock.row?, course.by.as_ref()?);
    Some(match lang {
        Lang::Zh => format!("规则库 {} 的 limits.csv 第 {line} 行", by.limits),
        Lang::En => format!("line {line} of limits.csv, rulebook {}", by.limits),
    })
}

/// What moved the due time: time granted, and suspensions and disputes while the clock ran.
fn moved(course: &Course, run: &Run, words: Words<'_>) -> Vec<String> {
    let (since, step) = (run.clock.since, run.clock.step);
    let mut told = Vec::new();
    let answers = course.extensions.iter().filter_map(|it| it.answer);
    for (at, limit) in answers.filter(|(at, _)| matches!(step, Step::Overall | Step::Handle) && *at >= since)
    {
        let Some(limit) = limit else { continue };
        let (limit, at) = (limit.words(words.lang), words.time(at));
        told.push(match words.lang {
            Lang::Zh => format!("{at} 同意延期{limit}"),
            Lang::En => format!("{limit} more, granted {at}"),
        });
    }
    for pause in &course.pauses {
        let to = pause.to.or(pause.planned_to);
        let is_before = to.is_some_and(|to| to <= since);
        if is_before || run.until.is_some_and(|until| pause.from >= until) {
            continue;
        }
        let (from, to) = (words.time(pause.from), to.map(|to| words.time(to)));
        told.push(match (pause.cause, to, words.lang) {
            (Cause::Suspension, to, Lang::Zh) => {
                format!("挂账 {from} 至 {} 不计时", to.unwrap_or_default())
            }
            (Cause::Suspension, to, Lang::En) => {
                format!(
                    "it does not run while suspended, {from} to {}",
                    to.unwrap_or_default()
                )
            }
            (Cause::Dispute, Some(to), Lang::Zh) => format!("争议期间 {from} 至 {to} 不计时"),
            (Cause::Dispute, Some(to), Lang::En) => {
                format!("it does not run while in dispute, {from} to {to}")
            }
            (Cause::Dispute, None, Lang::Zh) => format!("自 {from} 起因争议暂停计时，期限随后顺延"),
            (Cause::Dispute, None, Lang::En) => {
                format!("it stands still since {from}, while in dispute; the due time will move by as much")
            }
        });
    }
    told
}
