//! What became of something that was asked of a dispute, for scripts and for people.

use bihuan_contracts::json::dispute_occurrence_to_json;
use bihuan_dispute::api::Outcome;
use bihuan_domain::dispute::{Occurrence, rejection_words};
use bihuan_domain::lang::Lang;
use bihuan_monitor::words::Words;
use serde_json::{Value, json};

use crate::submit::Answered;

/// As over HTTP.
pub(super) fn json(answered: &Answered, lang: Lang) -> Value {
    let (ticket, became) = (answered.ticket, &answered.outcome);
    let events: Vec<_> = became.events().iter().map(dispute_occurrence_to_json).collect();
    let mut shown = json!({
        "command_id": ticket.to_string(),
        "dispute_id": ticket.dispute,
        "status": if answered.before { "done_before" } else { "done" },
        "version": became.version(),
        "events": events,
    });
    if let Outcome::Rejected { rejection, .. } = became {
        let (zh, en) = rejection_words(&rejection.code);
        shown["status"] = "rejected".into();
        shown["code"] = rejection.code.as_str().into();
        shown["title"] = lang.choose(zh, en).into();
        shown["field"] = rejection.field.as_deref().into();
        shown["step"] = rejection.step.as_deref().into();
    }
    shown
}

/// What happened, an event a line, or why it was refused.
pub(super) fn words(answered: &Answered, words: Words<'_>) -> Vec<String> {
    let lang = words.lang;
    if let Outcome::Rejected { rejection, .. } = &answered.outcome {
        let (zh, en) = rejection_words(&rejection.code);
        let step = rejection.step.as_ref().map(|step| format!(" [{step}]"));
        return vec![format!(
            "{} ({}){}: {}",
            lang.choose("被拒绝", "refused"),
            rejection.code,
            step.unwrap_or_default(),
            lang.choose(zh, en)
        )];
    }
    let before = if answered.before {
        lang.choose("此前已执行：", "done before: ")
    } else {
        ""
    };
    let line = |it: &Occurrence| {
        format!(
            "{}  {before}{} ({} {})",
            words.time(it.at),
            words.dispute_event(&it.event),
            lang.choose("版本", "version"),
            it.version
        )
    };
    answered.outcome.events().iter().map(line).collect()
}

/// Whether it was refused.
pub(super) const fn is_refused(answered: &Answered) -> bool {
    matches!(answered.outcome, Outcome::Rejected { .. })
}
