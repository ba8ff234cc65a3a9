//! Why the clue went where it went: every decision about it, recomputed over the rulebook that it was made with.

use bihuan_domain::clue::{Event, RoutingDecision};
use bihuan_domain::code::RulebookVersion;
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::{Explanation, Subject, explain};
use bihuan_monitor::words::Words;
use bihuan_rulebook::LibraryError;
use serde::Serialize;

use crate::failure::Failure;
use crate::session::Reading;
use crate::story::Story;

/// A decision with its reasons; lines are those of `duties.csv` of the rulebook version.
#[derive(Debug, Serialize)]
pub(super) struct Decision {
    /// Of the event that carries the decision.
    pub(super) version: u32,
    pub(super) rulebook: RulebookVersion,
    pub(super) row: Option<u32>,
    pub(super) reason: String,
    pub(super) reason_words: &'static str,
    /// What the duty rows say; for a decision that they did not make, what they would have said.
    explanation: Option<Explanation>,
    /// One sentence a line.
    pub(super) words: Vec<String>,
}

pub(super) async fn of(reading: &Reading, story: &Story, lang: Lang) -> Result<Vec<Decision>, Failure> {
    let mut decisions = Vec::new();
    for it in &story.events {
        if let Event::ClueHeldForTriage { decision } | Event::ClueAssigned { decision, .. } = &it.event {
            let before = story.events.iter().take_while(|known| known.version < it.version);
            let subject = Subject::when_asked(before.map(|known| &known.event));
            decisions.push(recomputed(reading, subject.as_ref(), it.version, decision, lang).await?);
        }
    }
    Ok(decisions)
}

async fn recomputed(
    reading: &Reading,
    subject: Option<&Subject>,
    version: u32,
    decision: &RoutingDecision,
    lang: Lang,
) -> Result<Decision, Failure> {
    let none = bihuan_domain::routing::Rulebook::none();
    let reason_words = Words {
        lang,
        rulebook: &none,
    }
    .decision(decision);
    let mut told = Decision {
        version,
        rulebook: decision.rulebook.clone(),
        row: decision.row,
        reason: decision.reason.clone(),
        reason_words,
        explanation: None,
        words: Vec::new(),
    };
    let rulebook = match reading.library.get(decision.rulebook.as_str()).await {
        Ok(rulebook) if rulebook.rulebook().is_none() => return Ok(told),
        Ok(rulebook) => rulebook,
        Err(LibraryError::Store(error)) => return Err(error.into()),
        Err(error) => {
            told.words.push(error.to_string());
            return Ok(told);
        }
    };
    let rulebook = rulebook.rulebook();
    let Some(subject) = subject else { return Ok(told) };
    let explanation = explain(rulebook, &subject.question(&rulebook.zone));
    if matches!(decision.reason.as_str(), "recorded" | "by_person") {
        let text = lang.choose(
            "不是按规则派遣；规则会这样说：",
            "Not decided by the rules; they would have said:",
        );
        told.words.push(text.to_owned());
    } else if (explanation.answer.reason(), explanation.answer.row())
        != (decision.reason.as_str(), decision.row)
    {
        let text = lang.choose(
            "注意：重新计算的结果与当时不同。",
            "Note: recomputing it gives another answer than the one that was recorded.",
        );
        told.words.push(text.to_owned());
    }
    told.words.extend(explanation.words(lang, rulebook));
    told.explanation = Some(explanation);
    Ok(told)
}
