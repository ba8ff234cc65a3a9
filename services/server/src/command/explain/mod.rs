//! `bihuan explain`: the whole story of one clue.

mod clocks;
mod decisions;

use std::process::ExitCode;

use bihuan_contracts::json::occurrence_to_json;
use bihuan_dispute::api::Told;
use bihuan_domain::clue::{Occurrence, Origin, Text};
use bihuan_domain::lang::Lang;
use bihuan_monitor::clocks::Course;
use bihuan_monitor::words::Words;
use clap::Args;
use serde_json::Value;

use crate::cli::{Common, Format};
use crate::failure::{Failure, Outcome};
use crate::session::Reading;
use crate::story::{Head, Story};
use crate::{disputes, output};
use decisions::Decision;

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The clue's id, its number, or source/source-id
    id: String,
}

impl Explain {
    pub(crate) async fn run(self, common: &Common) -> Outcome {
        let (reading, lang) = (Reading::open(common).await?, common.lang());
        let named = reading.clue(&self.id, lang).await?;
        let story = Story::read(&reading, named, &self.id).await?;
        let rulebook = reading.rulebook().await?;
        let words = Words {
            lang,
            rulebook: rulebook.rulebook(),
        };
        let head = story.head(words, reading.now());
        let decisions = decisions::of(&reading, &story, lang).await?;
        let disputes = Told::of_clue(&reading.store, &reading.library, named.clue, reading.now()).await?;
        let course = Course::of(&story.events);
        let clocks = bihuan_monitor::clocks::shown(&reading.library, &course, words, reading.now()).await?;
        if common.is_json() {
            let mut shown = shown(&story, &head, &decisions, words)?;
            shown["clocks"] = serde_json::to_value(&clocks).map_err(std::io::Error::from)?;
            shown["disputes"] = disputes.iter().map(|it| dispute(it, words)).collect();
            output::json(&shown)?;
        } else {
            print(&story, &head, words, common.format)?;
            print_decisions(&decisions, lang)?;
            print_disputes(&disputes, words)?;
            clocks::print(&clocks, words, common.format)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn shown(story: &Story, head: &Head, decisions: &[Decision], words: Words<'_>) -> Result<Value, Failure> {
    let events = story.events.iter().map(|event| {
        let mut shown = occurrence_to_json(event);
        shown["words"] = words.event(&event.event).into();
        shown["remark"] = remark(story, event).into();
        shown
    });
    let mut shown = serde_json::to_value(head).map_err(std::io::Error::from)?;
    shown["origin"] = serde_json::to_value(&story.report.origin).map_err(std::io::Error::from)?;
    shown["events"] = events.collect();
    shown["decisions"] = serde_json::to_value(decisions).map_err(std::io::Error::from)?;
    Ok(shown)
}

fn print(story: &Story, head: &Head, words: Words<'_>, format: Format) -> Result<(), Failure> {
    let lang = words.lang;
    print_head(head, &story.report.origin, words, format)?;
    output::line(&format!("\n{}", lang.choose("经过", "What happened")))?;
    for event in &story.events {
        let line = format!(
            "{:>4}  {}  {}",
            event.version,
            words.time(event.at),
            words.event(&event.event)
        );
        output::line(&format!("{line}  — {}", words.actor(&event.actor)))?;
        if let Some(remark) = remark(story, event) {
            output::line(&format!("      “{remark}”"))?;
        }
    }
    Ok(())
}

/// Each with what happened to it, in the order in which they came up.
fn print_disputes(all: &[Told], words: Words<'_>) -> Result<(), Failure> {
    for (number, told) in all.iter().enumerate() {
        let number = number + 1;
        let head = match words.lang {
            Lang::Zh => format!("第 {number} 次争议"),
            Lang::En => format!("Dispute no. {number}"),
        };
        output::line(&format!("\n{head}"))?;
        for (what, value) in disputes::lines(told, words) {
            output::line(&format!("  {what}: {value}"))?;
        }
        for line in disputes::history(told, words) {
            output::line(&format!("  {line}"))?;
        }
    }
    Ok(())
}

fn dispute(told: &Told, words: Words<'_>) -> Value {
    let mut shown = told.to_json(words.lang);
    let events = told.history.iter().map(|it| words.dispute_event(&it.event));
    shown["told"] = events.collect();
    shown
}

fn print_decisions(decisions: &[Decision], lang: Lang) -> Result<(), Failure> {
    for decision in decisions {
        let head = match lang {
            Lang::Zh => format!("派遣依据（版本 {}，{}）", decision.version, decision.reason_words),
            Lang::En => format!(
                "Why it went there (version {}, {})",
                decision.version, decision.reason_words
            ),
        };
        output::line(&format!("\n{head}"))?;
        for line in &decision.words {
            output::line(&format!("  {line}"))?;
        }
    }
    Ok(())
}

fn print_head(head: &Head, origin: &Origin, words: Words<'_>, format: Format) -> Result<(), Failure> {
    let Words { lang, rulebook } = words;
    let record = match (origin.line, lang) {
        (Some(line), Lang::Zh) => format!(
            "文件第 {line} 行，{}/{}/{}",
            origin.topic, origin.partition, origin.offset
        ),
        (Some(line), Lang::En) => format!(
            "line {line} of its file, {}/{}/{}",
            origin.topic, origin.partition, origin.offset
        ),
        (None, _) => format!("{}/{}/{}", origin.topic, origin.partition, origin.offset),
    };
    let mut lines = head.lines(lang, rulebook);
    lines.push((lang.choose("记录", "record"), record));
    output::details(format, lang.choose("线索", "clue"), lines)
}

/// What was said in words when it happened.
fn remark(story: &Story, event: &Occurrence) -> Option<String> {
    let (_, Text { remark, .. }) = story
        .texts
        .iter()
        .find(|(version, _)| *version == event.version)?;
    remark.clone()
}
