//! All there is to say of one dispute: how it stands, by which rulebook, what can be asked of it and by whom, until when and why then,
//! and what happened.

use std::sync::Arc;

use bihuan_contracts::json::{dispute_occurrence_to_json, dispute_to_json, forum_to_json};
use bihuan_domain::calendar::Start;
use bihuan_domain::clue::Text;
use bihuan_domain::dispute::{Asker, Deadline, Dispute, Occurrence, Offer, Precedent, offers};
use bihuan_domain::id::{ClueId, DisputeId};
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::{CompiledRulebook, Rulebook};
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::{Library, LibraryError};
use bihuan_store::Store;
use serde_json::{Value, json};

use crate::shown::{Filter, Shown, history, list, show};
use crate::texts;

/// What a step's time runs from.
const BEGAN: Start = Start {
    zh: "环节开始",
    en: "the step began",
    day: "the day on which the step began",
};
/// A clue has not so many.
const MOST: u32 = 1000;

/// A dispute with everything around it.
#[derive(Clone, Debug)]
pub struct Told {
    pub shown: Shown,
    /// Oldest first.
    pub history: Vec<Occurrence>,
    /// By the version of the event that they came with.
    pub texts: Vec<(u32, Text)>,
    /// That it goes by.
    book: Arc<CompiledRulebook>,
    /// The one that holds now: deadlines that are revised go by its calendar, and it has taken the precedent over or not.
    current: Arc<CompiledRulebook>,
}

impl Told {
    /// `None`: the dispute is unknown.
    pub async fn read(
        store: &Store,
        library: &Library,
        dispute: DisputeId,
        now: Timestamp,
    ) -> Result<Option<Self>, LibraryError> {
        let Some(shown) = show(store, dispute).await? else {
            return Ok(None);
        };
        let mut reader = store.read().await?;
        // no event that came after what is shown
        let mut history = history(&mut reader, dispute).await?;
        history.retain(|it| it.version <= shown.version);
        let texts = texts::of_dispute(&mut reader, shown.partition, dispute).await?;
        drop(reader);
        let by = history.iter().rev().find_map(|it| it.deadline.as_ref());
        let current = library.active(now).await?;
        let book = match by {
            Some(deadline) => match library.get(deadline.limits_by.as_str()).await {
                Ok(book) => book,
                Err(error @ LibraryError::Store(_)) => return Err(error),
                Err(error) => {
                    tracing::warn!(%dispute, error = %error, "a dispute is told by the current rulebook");
                    current.clone()
                }
            },
            None => current.clone(),
        };
        Ok(Some(Self {
            shown,
            history,
            texts,
            book,
            current,
        }))
    }

    /// Every dispute over the clue, in the order in which they came up.
    pub async fn of_clue(
        store: &Store,
        library: &Library,
        clue: ClueId,
        now: Timestamp,
    ) -> Result<Vec<Self>, LibraryError> {
        let filter = Filter {
            clue: Some(clue),
            ..Filter::default()
        };
        let mut shown = list(store, &filter, MOST).await?;
        shown.sort_by_key(|it| it.dispute.opened_at);
        let mut all = Vec::with_capacity(shown.len());
        for it in shown {
            all.extend(Self::read(store, library, it.dispute.id, now).await?);
        }
        Ok(all)
    }

    pub const fn dispute(&self) -> &Dispute {
        &self.shown.dispute
    }

    /// The one that the dispute goes by.
    pub fn rulebook(&self) -> &Rulebook {
        self.book.rulebook()
    }

    /// The one that holds now.
    pub fn current(&self) -> &Rulebook {
        self.current.rulebook()
    }

    /// The duty that it proposes, and the line by which the rulebook that holds now has it.
    pub fn precedent(&self) -> Option<(Precedent, Option<u32>)> {
        let precedent = Precedent::of(self.dispute(), self.current())?;
        let line = precedent.taken_over(self.current()).map(|it| it.line);
        Some((precedent, line))
    }

    pub fn offers(&self) -> Vec<Offer> {
        offers(self.dispute(), &self.rulebook().policy.disputes)
    }

    /// How the open step's deadline came about; `None`: it goes on at once, nothing is open, or the calendar is not to be had.
    pub fn working(&self, lang: Lang) -> Option<String> {
        let Deadline {
            limit,
            since,
            calendar,
            ..
        } = self.dispute().deadline()?;
        let books = [self.rulebook(), self.current.rulebook()];
        let book = books.into_iter().find(|it| it.calendar.version() == calendar)?;
        let place = self.dispute().opening.area.as_ref();
        let working = book.calendar.explain(place, *since, (*limit)?);
        working.ok().map(|it| it.words_from(BEGAN, lang))
    }

    /// What was said in words when it happened.
    pub fn remark(&self, it: &Occurrence) -> Option<&str> {
        let (_, text) = self.texts.iter().find(|(version, _)| *version == it.version)?;
        text.remark.as_deref()
    }

    /// As [`dispute_to_json`] has it, and besides `version`, `standing_words`, `forum_words`, `jurisdiction_words`, `working` of the
    /// deadline, `next`: what can be asked and by whom, `precedent`: the duty that it proposes and what became of it, and `events`.
    pub fn to_json(&self, lang: Lang) -> Value {
        let mut told = summary(&self.shown, self.rulebook(), lang);
        let dispute = self.dispute();
        told["jurisdiction_words"] = dispute.jurisdiction.words(lang, self.rulebook()).into();
        told["working"] = self.working(lang).into();
        told["precedent"] = self.precedent().map(|it| self.proposal(&it)).into();
        told["next"] = self.offers().iter().map(|it| offer(it, lang)).collect();
        let event = |it: &Occurrence| {
            let mut event = dispute_occurrence_to_json(it);
            event["remark"] = self.remark(it).into();
            event
        };
        told["events"] = self.history.iter().map(event).collect();
        told
    }

    /// As the list of all precedents has it, and which rulebook it was looked for in.
    fn proposal(&self, (precedent, line): &(Precedent, Option<u32>)) -> Value {
        json!({
            "matter": precedent.matter,
            "area": precedent.area,
            "agency": precedent.agency,
            "from": precedent.from.to_string(),
            "to": precedent.to.map(|day| day.to_string()),
            "layer": precedent.layer.as_str(),
            "basis": precedent.basis,
            "by": precedent.by.as_str(),
            "row": precedent.row(),
            "state": if line.is_some() { "taken_over" } else { "proposed" },
            "rulebook": self.current().version,
            "line": line,
        })
    }
}

/// How it stands, as lists have it.
pub fn summary(shown: &Shown, rulebook: &Rulebook, lang: Lang) -> Value {
    let dispute = &shown.dispute;
    let mut told = dispute_to_json(dispute);
    told["version"] = shown.version.into();
    told["standing_words"] = dispute.standing_words(lang).into();
    told["forum_words"] = dispute.forum.words(lang, rulebook).into();
    told
}

/// `role` with its `agency`; of a coordinator without one, any of the forum that is no party.
fn offer(offer: &Offer, lang: Lang) -> Value {
    let by = |asker: &Asker| match asker {
        Asker::Agency(agency) => json!({"role": "agency", "agency": agency, "forum": null}),
        Asker::Office { forum, agency } => {
            json!({"role": "coordinator", "agency": agency, "forum": forum_to_json(forum)})
        }
        Asker::Operator => json!({"role": "operator", "agency": null, "forum": null}),
    };
    json!({
        "command": offer.ask.as_str(),
        "command_words": offer.ask.words(lang),
        "awaited": offer.awaited,
        "by": offer.by.iter().map(by).collect::<Vec<_>>(),
    })
}
