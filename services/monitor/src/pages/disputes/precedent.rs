//! What a dispute teaches: the row that it proposes, what became of it, and the clues that went by it since.

use bihuan_dispute::api::Told;
use bihuan_domain::figures::Standing;
use bihuan_store::Store;

use super::nothing;
use crate::Result;
use crate::listing::{ListedClue, Reading};
use crate::pages::address::Address;
use crate::pages::labels;
use crate::pages::visitor::Moment;
use crate::precedents::{self, SHOWN};
use crate::words::Words;

pub(super) struct PrecedentCard {
    pub(super) matter: String,
    pub(super) area: String,
    pub(super) agency: String,
    pub(super) from: String,
    pub(super) basis: String,
    pub(super) taken_over: bool,
    pub(super) state: &'static str,
    /// In which rulebook, by which row.
    pub(super) place: String,
    /// To be copied into `duties.csv`.
    pub(super) row: String,
    /// What takes it over.
    pub(super) command: String,
}

/// Clues that the precedent dispatched.
pub(super) struct RoutedCard {
    pub(super) count: String,
    pub(super) href: String,
    /// There are more than are shown.
    pub(super) more: bool,
    pub(super) lines: Vec<RoutedLine>,
}

pub(super) struct RoutedLine {
    pub(super) href: String,
    pub(super) number: String,
    pub(super) matter: String,
    pub(super) area: String,
    pub(super) agency: String,
    pub(super) stage: &'static str,
    pub(super) open: bool,
    pub(super) reported: Option<Moment>,
}

impl PrecedentCard {
    /// `None`: it proposes nothing.
    pub(super) fn of(told: &Told, words: Words<'_>) -> Option<Self> {
        let (precedent, line) = told.precedent()?;
        Some(Self {
            matter: words.matter(&precedent.matter),
            area: words.area(&precedent.area),
            agency: words.agency(&precedent.agency),
            from: precedent.from.to_string(),
            basis: precedent.basis.clone(),
            taken_over: line.is_some(),
            state: words.precedent_state(line.is_some()),
            place: words.precedent_place(&told.current().version, line),
            row: precedent.row(),
            command: format!(
                "bihuan dispute precedent {} --rulebook … --write",
                precedent.provenance
            ),
        })
    }
}

impl RoutedCard {
    pub(super) async fn read(store: &Store, told: &Told, reading: Reading<'_>) -> Result<Self> {
        let dispute = told.dispute().id;
        let found = precedents::of_dispute(store, dispute, SHOWN, reading).await?;
        let words = Words {
            lang: reading.lang,
            rulebook: reading.rulebook,
        };
        Ok(Self {
            count: labels::number(found.count as i64),
            href: Address::to("/clues")
                .with("precedent", &dispute.to_string())
                .text(),
            more: found.count > found.clues.len() as u64,
            lines: found
                .clues
                .into_iter()
                .map(|it| RoutedLine::of(it, words))
                .collect(),
        })
    }
}

impl RoutedLine {
    fn of(it: ListedClue, words: Words<'_>) -> Self {
        let stage = Standing::parse(&it.stage);
        let reported = it.reported_at.parse().ok();
        let zone = &words.rulebook.zone;
        Self {
            href: Address::below("/clues", &it.id.to_string()).text(),
            number: it.number,
            matter: it.matter_name.unwrap_or_else(nothing),
            area: it.area_name.unwrap_or_else(nothing),
            agency: it.agency_name.unwrap_or_else(nothing),
            stage: stage.map_or("", |it| words.stage(it)),
            open: it.holder.is_some(),
            reported: reported.map(|at| Moment::of(at, zone)),
        }
    }
}
