//! The active rulebook as an official would look at it: who has what where, today and on any other day.

use bihuan_domain::code::{AreaCode, MatterCode};
use bihuan_domain::routing::{Competence, CompiledRulebook, DutyRole, Question, Rulebook};
use jiff::civil::{Date, Time};
use serde::Serialize;
use utoipa::ToSchema;

/// As many answers are given.
pub const ANSWERS: usize = 100;

/// Who has a matter in an area, from a day on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Answer {
    #[schema(value_type = String)]
    pub matter: MatterCode,
    #[schema(value_type = String)]
    pub area: AreaCode,
    /// The first is that of the day asked about.
    pub spans: Vec<Span>,
}

/// From this day until before the next span.
#[derive(Debug, Serialize, ToSchema)]
pub struct Span {
    #[schema(value_type = String)]
    pub from: Date,
    #[schema(value_type = Object)]
    pub competence: Competence,
    /// Lines of duties.csv.
    pub lines: Vec<u32>,
}

/// The matters that a person means: by code, by a part of the name in either language, or all of a category.
pub fn matters<'a>(rulebook: &'a Rulebook, text: &str) -> Vec<&'a MatterCode> {
    let text = text.trim();
    if let Some((code, _)) = rulebook.matters.get_key_value(text) {
        return vec![code];
    }
    let lower = text.to_lowercase();
    let known = rulebook.matters.values().filter(|matter| {
        let category = matter.category.as_ref().map_or("", |it| it.as_str());
        matter.name.contains(text) || matter.name_en.to_lowercase().contains(&lower) || category == text
    });
    known.map(|matter| &matter.code).collect()
}

/// The areas that a person means: by code, or by a part of the name in either language.
pub fn areas<'a>(rulebook: &'a Rulebook, text: &str) -> Vec<&'a AreaCode> {
    let text = text.trim();
    if let Some((code, _)) = rulebook.areas.get_key_value(text) {
        return vec![code];
    }
    let lower = text.to_lowercase();
    let known = rulebook.areas.values();
    let known = known.filter(|area| area.name.contains(text) || area.name_en.to_lowercase().contains(&lower));
    known.map(|area| &area.code).collect()
}

/// Who has these matters in these areas from the day on; at most [`ANSWERS`].
pub fn who(
    rulebook: &CompiledRulebook,
    matters: &[&MatterCode],
    areas: &[&AreaCode],
    on: Date,
) -> Vec<Answer> {
    let asked = matters
        .iter()
        .flat_map(|matter| areas.iter().map(move |area| (*matter, *area)));
    asked
        .take(ANSWERS)
        .map(|(matter, area)| Answer {
            matter: matter.clone(),
            area: area.clone(),
            spans: spans(rulebook, matter, area, on),
        })
        .collect()
}

fn spans(rulebook: &CompiledRulebook, matter: &MatterCode, area: &AreaCode, on: Date) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for from in rulebook.row_days(matter, on).days_in(area) {
        let (competence, rows) = rulebook.competence(DutyRole::FirstHandler, matter, area, from);
        if spans.last().is_none_or(|before| before.competence != competence) {
            spans.push(Span {
                from,
                competence,
                lines: rows.iter().map(|duty| duty.line).collect(),
            });
        }
    }
    spans
}

/// What is asked of a clue that says nothing but its matter and its area.
pub fn question<'a>(matter: &'a MatterCode, area: &'a AreaCode, on: Date) -> Question<'a> {
    Question {
        matter: Some(matter),
        area: Some(area),
        reported_at: on.to_datetime(Time::midnight()),
        // nobody said at what time of that day
        is_dated: false,
        severity: None,
        source: None,
        attributes: &[],
    }
}
