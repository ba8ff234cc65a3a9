//! Several ids, one clue: which clue a record is of, once records name each other (`same_as`).
//!
//! A name is led to a clue when it is first seen or named, and to no other one ever after: whatever a record says later of which
//! other one it is the same as, it stays with the clue that it has, and is flagged where the two do not agree. So nothing is merged
//! by a guess, and no clue is left behind by its own record.
//!
//! Commands carry the clue's id and may be out before their batch commits. What is new is therefore kept before, in a transaction
//! of its own: it says only who was seen first, which holds whether the batch succeeds or is done again.

mod rows;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};

use bihuan_domain::clue::Flag;
use bihuan_domain::code::SourceId;
use bihuan_domain::id::ClueId;
use bihuan_mapping::{Mapping, Name, Outcome};
use bihuan_store::{Result, Store};

pub use rows::elsewhere;

/// A record that is named, and the source of the one that names it.
type Naming = (Name, SourceId);

/// Leads records to their clues.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Some name was kept, so there is something to be looked up; it stays so.
    any: AtomicBool,
}

/// A record that was read, and the mapping that read it.
pub(crate) type Said<'a> = (Option<&'a Mapping>, &'a mut Outcome);

impl Names {
    /// Leads what was read to the clues that it is of. What is seen first is kept.
    pub(crate) async fn settle(&self, store: &Store, said: &mut [Said<'_>]) -> Result<()> {
        let asked = asked(said);
        let Some(mut known) = self.known(store, &asked).await? else {
            return Ok(());
        };
        let mut answers = known.answers(&asked);
        if known.has_news() {
            // another lane may have met one of them meanwhile
            let mut tx = store.begin().await?;
            rows::lock(tx.conn()).await?;
            known = rows::load(&mut tx.conn(), &asked).await?;
            answers = known.answers(&asked);
            rows::insert(tx.conn(), &known).await?;
            tx.commit().await?;
            self.any.store(true, Ordering::Relaxed);
        }
        tell(said, answers);
        Ok(())
    }

    /// The same, and nothing is kept: for whoever only wants to know.
    pub(crate) async fn foresee(store: &Store, said: &mut [Said<'_>]) -> Result<()> {
        let asked = asked(said);
        if let Some(mut known) = Self::default().known(store, &asked).await? {
            tell(said, known.answers(&asked));
        }
        Ok(())
    }

    /// The same of records of ours: each with the one that it names.
    pub(crate) async fn foreseen(store: &Store, records: Vec<(Name, Option<Name>)>) -> Result<Vec<ClueId>> {
        let alone = |(own, named): (Name, Option<Name>)| Asked {
            is_kept: named.is_some(),
            named: named.filter(|named| *named != own),
            own,
            shares: false,
        };
        let asked: Vec<_> = records.into_iter().map(|it| Some(alone(it))).collect();
        let known = Self::default().known(store, &asked).await?;
        let answers = known.unwrap_or_default().answers(&asked);
        Ok(answers.into_iter().flatten().map(|it| it.clue).collect())
    }

    /// `None`: no record names another one here, and none ever did.
    async fn known(&self, store: &Store, asked: &[Option<Asked>]) -> Result<Option<Known>> {
        let mut all = asked.iter().flatten().peekable();
        if all.peek().is_none() {
            return Ok(None);
        }
        if !all.any(|it| it.is_kept) && !self.any.load(Ordering::Relaxed) {
            if !rows::are_there(store.read().await?.conn()).await? {
                return Ok(None);
            }
            self.any.store(true, Ordering::Relaxed);
        }
        // names that another lane adds together are seen together, whatever number of statements it takes
        let mut reader = store.snapshot().await?;
        rows::load(&mut reader.conn(), asked).await.map(Some)
    }
}

/// Whose clue a record is of, as far as it says.
#[derive(Debug)]
struct Asked {
    own: Name,
    /// The other record that it names.
    named: Option<Name>,
    /// Its mapping has `same_as`: whatever it says later must be held against what it says now.
    is_kept: bool,
    /// Others of its source may name the same record.
    shares: bool,
}

impl Asked {
    /// `None`: it is about no clue, or names it by its own id.
    fn of((mapping, outcome): &Said<'_>) -> Option<Self> {
        let alone = |own| Self {
            own,
            named: None,
            is_kept: false,
            shares: false,
        };
        match &**outcome {
            Outcome::Clue { report, same_as, .. } => {
                let own = Name::new(&report.source, &report.source_id);
                Some(Self {
                    named: same_as.clone().filter(|named| *named != own),
                    is_kept: mapping.is_some_and(Mapping::names_others),
                    shares: mapping.is_some_and(Mapping::shares_others),
                    own,
                })
            }
            Outcome::Deleted { deletion, .. } => {
                Some(alone(Name::new(&deletion.source, &deletion.source_id)))
            }
            Outcome::Feedback(said) => said.name.clone().map(alone),
            Outcome::Quarantine { .. } | Outcome::Skipped => None,
        }
    }

    /// Who else may have named the record that it names.
    fn naming(&self) -> Option<Naming> {
        let named = self.named.as_ref().filter(|_| !self.shares)?;
        Some((named.clone(), self.own.source.clone()))
    }
}

/// Of each record that was read.
fn asked(said: &[Said<'_>]) -> Vec<Option<Asked>> {
    said.iter().map(Asked::of).collect()
}

/// What a record comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Answer {
    clue: ClueId,
    /// It says something else of which other record it is the same as.
    disagrees: bool,
}

fn tell(said: &mut [Said<'_>], answers: Vec<Option<Answer>>) {
    for ((_, outcome), answer) in said.iter_mut().zip(answers) {
        let Some(Answer { clue, disagrees }) = answer else {
            continue;
        };
        match &mut **outcome {
            Outcome::Clue { clue_id, report, .. } => {
                *clue_id = clue;
                if disagrees {
                    report.flags.push(Flag::SameAsDisagrees);
                }
            }
            Outcome::Deleted { clue_id, .. } => *clue_id = clue,
            Outcome::Feedback(said) => said.clue = clue,
            Outcome::Quarantine { .. } | Outcome::Skipped => {}
        }
    }
}

/// What is known of the names that a batch has, and what it adds.
#[derive(Debug, Default)]
struct Known {
    clues: HashMap<Name, ClueId>,
    namings: HashMap<Naming, String>,
    new_clues: BTreeMap<Name, ClueId>,
    new_namings: BTreeMap<Naming, String>,
}

impl Known {
    fn answers(&mut self, asked: &[Option<Asked>]) -> Vec<Option<Answer>> {
        let answer = |asked: &Option<Asked>| asked.as_ref().map(|asked| self.answer(asked));
        asked.iter().map(answer).collect()
    }

    fn answer(&mut self, asked: &Asked) -> Answer {
        let Asked { own, named, .. } = asked;
        if let Some(clue) = self.clue(own) {
            let agrees = named.as_ref().is_none_or(|named| self.clue(named) == Some(clue));
            if agrees {
                self.is_first(asked);
            }
            return Answer {
                clue,
                disagrees: !agrees,
            };
        }
        if !asked.is_kept {
            return Answer {
                clue: own.clue(),
                disagrees: false,
            };
        }
        let is_first = self.is_first(asked);
        let clue = match named.as_ref().filter(|_| is_first) {
            Some(named) => {
                let clue = self.clue(named).unwrap_or_else(|| named.clue());
                self.keep(named, clue);
                clue
            }
            None => own.clue(),
        };
        self.keep(own, clue);
        Answer {
            clue,
            disagrees: !is_first,
        }
    }

    fn clue(&self, name: &Name) -> Option<ClueId> {
        let found = self.clues.get(name).or_else(|| self.new_clues.get(name));
        found.copied()
    }

    fn keep(&mut self, name: &Name, clue: ClueId) {
        if self.clue(name).is_none() {
            self.new_clues.insert(name.clone(), clue);
        }
    }

    /// Whether no other record of its source has named the same one; if so, it is the first from now on.
    fn is_first(&mut self, asked: &Asked) -> bool {
        let Some(naming) = asked.naming() else { return true };
        let id = &asked.own.id;
        match self.namings.get(&naming) {
            Some(first) => first == id,
            None => self.new_namings.entry(naming).or_insert_with(|| id.clone()) == id,
        }
    }

    fn has_news(&self) -> bool {
        !self.new_clues.is_empty() || !self.new_namings.is_empty()
    }
}

/// Every name that is asked about, once.
fn names(asked: &[Option<Asked>]) -> Vec<&Name> {
    let mut all = BTreeSet::new();
    for Asked { own, named, .. } in asked.iter().flatten() {
        all.insert(own);
        all.extend(named);
    }
    all.into_iter().collect()
}

/// Every naming that is asked about, once.
fn namings(asked: &[Option<Asked>]) -> Vec<Naming> {
    let all: BTreeSet<_> = asked.iter().flatten().filter_map(Asked::naming).collect();
    all.into_iter().collect()
}

#[cfg(test)]
mod tests;
