//! Who has to know of what happened: agencies of their assignments, sources of the steps of their clues.

use std::collections::{BTreeSet, HashMap};

use bihuan_contracts::delivery::DeliveryEvent;
use bihuan_domain::clue::{Event, Occurrence, Text};
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::LibraryError;
use bihuan_store::journal::{self, Journal};
use bihuan_store::text;
use bihuan_stream::{Effects, Error};

use crate::callback::due::Happened;
use crate::callback::{self, Listed, catching_up};
use crate::facts::Facts;
use crate::handler::{Lane, journalled};
use crate::notice::Due;
use crate::{Delivery, rows};

/// The steps of a clue that a platform missed which came to know it with this version.
pub(crate) type Missed = HashMap<(ClueId, u32), Vec<callback::due::Due>>;

/// What is to be told.
#[derive(Default)]
pub(crate) struct News {
    notices: Vec<Due>,
    callbacks: Vec<callback::due::Due>,
}

impl Delivery {
    /// Reads the facts that the events need and the lane does not have.
    pub(crate) async fn load(
        &self,
        partition: u32,
        lane: &mut Lane,
        events: &[(i64, Occurrence)],
    ) -> Result<(), Error> {
        let events = events.iter().map(|(_, occurrence)| occurrence);
        let known = events.filter(|it| !matches!(it.event, Event::ClueReported { .. }));
        let clues: BTreeSet<ClueId> = known.map(|it| it.clue).collect();
        let missing: Vec<ClueId> = clues
            .into_iter()
            .filter(|clue| !lane.clues.contains_key(clue))
            .collect();
        if !missing.is_empty() {
            lane.clues
                .extend(rows::load(self.store.read().await?.conn(), partition, &missing).await?);
        }
        Ok(())
    }

    /// What the platforms that come to know a clue in this batch have missed of it.
    pub(crate) async fn missed(
        &self,
        partition: u32,
        lane: &Lane,
        events: &[(i64, Occurrence)],
    ) -> Result<Missed, Error> {
        let mut missed = Missed::default();
        for (sequence, occurrence) in events {
            let Event::ClueLinked { report } = &occurrence.event else {
                continue;
            };
            let known = lane.clues.get(&occurrence.clue);
            let is_new = known.is_none_or(|facts| facts.is_new_link(report));
            if is_new && self.callbacks.of(report.source.as_str()).is_some() {
                let mut reader = self.store.read().await?;
                let entries = journal::chain(reader.conn(), Journal::Clue, partition, *sequence).await?;
                let due = catching_up::due(&self.callbacks, &entries, report)?;
                missed.insert((occurrence.clue, occurrence.version), due);
            }
        }
        Ok(missed)
    }

    /// Folds what happened, and says who is to be told.
    pub(crate) fn fold(
        &self,
        lane: &mut Lane,
        events: Vec<(i64, Occurrence)>,
        mut missed: Missed,
    ) -> Result<News, Error> {
        let mut news = News::default();
        for (_, occurrence) in events {
            let Occurrence {
                clue,
                version,
                at,
                event,
                ..
            } = occurrence;
            if let Event::ClueReported { number, report } = &event {
                lane.clues.insert(clue, Facts::of(number, report));
                lane.changed.insert(clue);
                continue;
            }
            let Some(facts) = lane.clues.get_mut(&clue) else {
                return Err(Error::Handler(format!(
                    "{} of clue {clue}, which was never reported",
                    event.name()
                )));
            };
            let before = facts.clone();
            if matches!(&event, Event::ClueLinked { report } if facts.is_new_link(report)) {
                news.callbacks
                    .extend(missed.remove(&(clue, version)).unwrap_or_default());
            }
            let told = facts.apply(version, &event);
            let happened = Happened {
                clue,
                version,
                at,
                event: &event,
                facts,
            };
            news.callbacks
                .extend(callback::due::Due::all(&self.callbacks, happened));
            for (agency, role) in told {
                if let Some(topic) = self.config.notices_for(&agency) {
                    news.notices.push(Due {
                        clue,
                        version,
                        at,
                        role,
                        topic: topic.to_owned(),
                        agency,
                        facts: facts.clone(),
                    });
                }
            }
            if *facts != before {
                lane.changed.insert(clue);
            }
        }
        Ok(news)
    }

    /// Tells agencies and sources; the callbacks that are due from now on.
    pub(crate) async fn tell(
        &self,
        partition: u32,
        news: &News,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<Vec<Listed>, Error> {
        let told = news.notices.iter().map(|due| due.clue);
        let told = told.chain(news.callbacks.iter().map(|due| due.callback.clue));
        let clues: Vec<ClueId> = told.collect::<BTreeSet<_>>().into_iter().collect();
        if clues.is_empty() {
            return Ok(Vec::new());
        }
        let texts = text::of_clues(self.store.read().await?.conn(), partition, &clues).await?;
        tell_agencies(partition, &news.notices, &texts, now, effects);
        if news.callbacks.is_empty() {
            return Ok(Vec::new());
        }
        self.tell_sources(partition, &news.callbacks, &texts, now, effects)
            .await
    }

    async fn tell_sources(
        &self,
        partition: u32,
        callbacks: &[callback::due::Due],
        texts: &[(ClueId, u32, Text)],
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<Vec<Listed>, Error> {
        let rulebook = self.library.active().await.map_err(of_rulebook)?;
        let mut rows = Vec::with_capacity(callbacks.len());
        for due in callbacks {
            let agency = due.facts.assignment.as_ref().map(|it| &it.agency);
            let agency = agency.and_then(|id| rulebook.rulebook().agencies.get(id));
            let name = agency.map(|agency| agency.name.clone());
            let Some(made) = due.make(&self.callbacks, partition, texts, name, now) else {
                continue;
            };
            for event in &made.events {
                effects.event(partition, journalled(Some(due.callback.clue), event));
            }
            if let Some(message) = made.message {
                effects.command(message);
            }
            rows.push(made.row);
        }
        Ok(rows)
    }
}

fn tell_agencies(
    partition: u32,
    notices: &[Due],
    texts: &[(ClueId, u32, Text)],
    now: Timestamp,
    effects: &mut Effects,
) {
    for due in notices {
        effects.command(due.message(texts, partition));
        let published = DeliveryEvent::AssignmentPublished {
            clue: due.clue,
            version: due.version,
            agency: due.agency.clone(),
            topic: due.topic.clone(),
            at: now,
        };
        effects.event(partition, journalled(Some(due.clue), &published));
    }
}

fn of_rulebook(error: LibraryError) -> Error {
    match error {
        LibraryError::Store(error) => error.into(),
        other => Error::Handler(other.to_string()),
    }
}
