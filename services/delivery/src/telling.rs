//! Who has to know of what happened: agencies of their assignments, sources of the steps of their clues.

use std::collections::{BTreeSet, HashMap};

use bihuan_contracts::delivery::{CallbackCommand, DeliveryEvent};
use bihuan_domain::clue::{Event, Occurrence, Text};
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::LibraryError;
use bihuan_store::journal::{self, Journal};
use bihuan_store::text;
use bihuan_stream::{Effects, Error};

use crate::callback::answers::Book;
use crate::callback::due::{Happened, Made};
use crate::callback::echo::Echo;
use crate::callback::{self, Listed, catching_up};
use crate::facts::Facts;
use crate::handler::{Lane, journalled};
use crate::notice::Due;
use crate::reminder::Reminder;
use crate::{Delivery, rows};

/// The steps of a clue that a platform missed which came to know it with this version.
pub(crate) type Missed = HashMap<(ClueId, u32), Vec<callback::due::Due>>;

/// What is to be told.
#[derive(Default)]
pub(crate) struct News {
    notices: Vec<Due>,
    /// What agencies are to be reminded of.
    pub(crate) reminders: Vec<Reminder>,
    callbacks: Vec<callback::due::Due>,
    /// What sources say themselves of what they were told.
    pub(crate) echoes: Vec<Echo>,
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
                ref event,
                ref clocks,
                ..
            } = occurrence;
            if let Event::ClueReported { number, report } = event {
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
            if matches!(event, Event::ClueLinked { report } if facts.is_new_link(report)) {
                news.callbacks
                    .extend(missed.remove(&(clue, version)).unwrap_or_default());
            }
            news.echoes
                .extend(Echo::of(&self.callbacks, (clue, version), event, facts));
            news.reminders
                .extend(Reminder::of(&self.config, &occurrence, facts));
            let told = facts.apply(version, event, clocks.as_ref());
            let happened = Happened {
                clue,
                version,
                at,
                event,
                from: before.agency(),
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

    /// Tells agencies; the callbacks that are due from now on.
    pub(crate) async fn tell(
        &self,
        partition: u32,
        news: &mut News,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<Vec<Made>, Error> {
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
        self.make(partition, &news.callbacks, &texts, now).await
    }

    async fn make(
        &self,
        partition: u32,
        callbacks: &[callback::due::Due],
        texts: &[(ClueId, u32, Text)],
        now: Timestamp,
    ) -> Result<Vec<Made>, Error> {
        let rulebook = self.library.active(now).await.map_err(of_rulebook)?;
        let made = callbacks.iter().filter_map(|due| {
            let agency = due.facts.assignment.as_ref().map(|it| &it.agency);
            let agency = agency.and_then(|id| rulebook.rulebook().agencies.get(id));
            let name = agency.map(|agency| agency.name.clone());
            due.make(&self.callbacks, partition, texts, name, now)
        });
        Ok(made.collect())
    }

    /// Writes down which callbacks are due, which were echoed, what came of them and what is asked of them: all rows of the clues
    /// concerned are looked at, so that each knows whose turn it is.
    pub(crate) async fn write_down(
        &self,
        partition: u32,
        (made, echoes, commands): (Vec<Made>, &[Echo], &[CallbackCommand]),
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<Vec<Listed>, Error> {
        let clues = made.iter().map(|made| made.row.callback.clue);
        let clues = clues.chain(echoes.iter().map(|echo| echo.clue));
        let clues = clues.chain(commands.iter().map(|command| command.callback.clue));
        let clues: Vec<ClueId> = clues.collect::<BTreeSet<_>>().into_iter().collect();
        if clues.is_empty() {
            return Ok(Vec::new());
        }
        let known = callback::rows::of_clues(self.store.read().await?.conn(), partition, &clues).await?;
        let mut book = Book::new(known);
        let mut journal = |clue: ClueId, event: Option<DeliveryEvent>| {
            if let Some(event) = event {
                effects.event(partition, journalled(Some(clue), &event));
            }
        };
        for made in made {
            journal(made.row.callback.clue, Some(made.event));
            book.add(made.row);
        }
        for echo in echoes {
            journal(echo.clue, book.echo(echo, now));
        }
        for command in commands {
            journal(command.callback.clue, book.apply(command, &self.retry, now));
        }
        Ok(book.into_changed().collect())
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
