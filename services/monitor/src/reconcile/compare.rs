//! The rules: one clue against one line of the list.
//!
//! | there \ here        | open                           | closed                              | given up for the source | rejected, voided |
//! |---------------------|--------------------------------|-------------------------------------|-------------------------|------------------|
//! | open, urged         | agree                          | closure not taken; reopened there   | reopened there          | end not taken    |
//! | reopened            | agree                          | reopened there                      | reopened there          | end not taken    |
//! | closed              | closed there                   | agree                               | agree                   | agree            |
//! | withdrawn, deleted  | withdrawn there                | agree                               | agree                   | agree            |
//! | not listed          | not listed; gone there         | not listed                          | agree                   | not listed; agree |
//!
//! Where the state there is not the one that the source's newest record told, that record never came.

use std::collections::HashSet;

use bihuan_domain::clue::{Discrepancy, Here, SourceStatus};
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_mapping::There;

use super::manifest::{Listed, Manifest};
use super::{Ask, Cause, Counts, Group, Ours, PutAway, Reconciliation, Row, Summary};

/// Whether the list holds everything that the platform has: only then does absence say something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    Complete,
    Partial,
}

/// What comparing one clue comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Agrees,
    /// The list says nothing of its state, or, if it is partial, of the clue.
    NotCompared,
    /// A person has decided about it, and neither side has changed since.
    Settled,
    /// It came or changed here after the list was made.
    Later,
    Differs(Cause),
}

/// A list that clues are held against, one after the other.
#[derive(Debug)]
pub struct Comparison {
    manifest: Manifest,
    coverage: Coverage,
    /// Of whom the source could not be told what became of them.
    failed: HashSet<ClueId>,
    /// Clues that were given up: another one may have the same name, and then that one counts.
    given_up: Vec<Ours>,
    counts: Counts,
    rows: Vec<Row>,
}

impl Comparison {
    /// `failed`: clues with a callback that could not be delivered.
    pub fn new(manifest: Manifest, coverage: Coverage, failed: HashSet<ClueId>) -> Self {
        let counts = Counts {
            records: manifest.records,
            listed: manifest.listed.len() as u64,
            ..Counts::default()
        };
        Self {
            manifest,
            coverage,
            failed,
            given_up: Vec::new(),
            counts,
            rows: Vec::new(),
        }
    }

    /// Holds a clue of the source against the list. Each once.
    pub fn see(&mut self, ours: &Ours) {
        if matches!(ours.here, Here::Withdrawn | Here::Ended) {
            self.given_up.push(ours.clone());
        } else {
            self.hold(ours);
        }
    }

    /// Of two clues with one name that of which a person gave up one is no question any more.
    fn see_given_up(&mut self) {
        for ours in std::mem::take(&mut self.given_up) {
            let name = ClueId::derive(&self.manifest.source, &ours.source_id);
            if self.manifest.listed.get(&name).is_some_and(|it| it.seen) {
                self.counts.here += 1;
                self.counts.settled += 1;
            } else {
                self.hold(&ours);
            }
        }
    }

    fn hold(&mut self, ours: &Ours) {
        self.counts.here += 1;
        let made_at = self.manifest.made_at;
        let failed = self.failed.contains(&ours.clue);
        // by what the platform calls it: the clue's id may follow from another's name
        let name = ClueId::derive(&self.manifest.source, &ours.source_id);
        let mut listed = self.manifest.listed.get_mut(&name);
        if let Some(listed) = &mut listed
            && std::mem::replace(&mut listed.seen, true)
        {
            let row = row(Cause::TwoClues, Some(ours), Some(listed));
            return self.add(row);
        }
        let found = match (&listed, self.coverage) {
            (Some(listed), _) => compare(listed.there, ours, made_at, failed),
            (None, Coverage::Complete) => absent(ours, made_at, failed),
            (None, Coverage::Partial) if failed => Found::Differs(Cause::CallbackFailed),
            (None, Coverage::Partial) => Found::NotCompared,
        };
        match found {
            Found::Agrees => self.counts.agree += 1,
            Found::NotCompared => self.counts.not_compared += 1,
            Found::Settled => self.counts.settled += 1,
            Found::Later => self.counts.later += 1,
            Found::Differs(cause) => {
                let row = row(cause, Some(ours), listed.as_deref());
                self.add(row);
            }
        }
    }

    /// The answer, once every clue was seen.
    pub fn finish(mut self, put_away: &PutAway, as_of: Timestamp) -> Reconciliation {
        self.see_given_up();
        let listed = std::mem::take(&mut self.manifest.listed);
        for (clue, line) in std::mem::take(&mut self.manifest.again) {
            let id = listed.get(&clue).map(|it| it.id.to_string());
            self.add(of_line(Cause::ListedTwice, Some(clue), id, line));
        }
        for line in std::mem::take(&mut self.manifest.unreadable) {
            self.add(of_line(Cause::LineUnreadable, None, None, line));
        }
        for (clue, listed) in listed.iter().filter(|(_, it)| !it.seen) {
            let cause = put_away.cause(&listed.id);
            let mut row = row(cause, None, Some(listed));
            row.clue = Some(clue.to_string());
            self.add(row);
        }
        self.rows.sort_by(|a, b| a.key().cmp(&b.key()));
        let summary = Summary {
            source: self.manifest.source.to_string(),
            manifest: self.manifest.name,
            made_at: self.manifest.made_at.to_string(),
            as_of: as_of.to_string(),
            complete: self.coverage == Coverage::Complete,
            counts: self.counts,
            groups: Group::of(&self.rows),
        };
        Reconciliation {
            summary,
            rows: self.rows,
        }
    }

    fn add(&mut self, row: Row) {
        self.counts.add(row.difference);
        self.rows.push(row);
    }
}

fn row(cause: Cause, ours: Option<&Ours>, listed: Option<&Listed>) -> Row {
    let ask = cause.ask(ours.and_then(|ours| ours.holder));
    let agency = ours.and_then(|ours| ours.agency.as_ref());
    let source_id = match (listed, ours) {
        (Some(listed), _) => Some(listed.id.to_string()),
        (None, ours) => ours.map(|ours| ours.source_id.clone()),
    };
    Row {
        ask,
        agency: agency.filter(|_| ask == Ask::Agency).map(ToString::to_string),
        person: None,
        difference: cause.difference(),
        cause,
        source_id,
        clue: ours.map(|ours| ours.clue.to_string()),
        number: ours.map(|ours| ours.number.clone()),
        there: listed.and_then(|it| match it.there {
            There::Status(status) => Some(status.to_string()),
            There::Unstated | There::Unknown => None,
        }),
        here: ours.map(|ours| ours.stage.as_str().to_owned()),
        line: listed.map(|listed| listed.line),
    }
}

fn of_line(cause: Cause, clue: Option<ClueId>, id: Option<String>, line: u64) -> Row {
    Row {
        source_id: id,
        clue: clue.map(|clue| clue.to_string()),
        line: Some(line),
        ..row(cause, None, None)
    }
}

/// A clue that the list has.
fn compare(there: There, ours: &Ours, made_at: Timestamp, callback_failed: bool) -> Found {
    let cause = match there {
        There::Unknown => return Found::Differs(Cause::StatusUnknown),
        There::Unstated if callback_failed => return Found::Differs(Cause::CallbackFailed),
        There::Unstated => return Found::NotCompared,
        There::Status(status) => differing(status, ours),
    };
    let Some(cause) = cause else {
        return if callback_failed {
            Found::Differs(Cause::CallbackFailed)
        } else {
            Found::Agrees
        };
    };
    if is_settled(cause, ours) {
        return Found::Settled;
    }
    if callback_failed && matches!(cause, Cause::ClosureNotTaken | Cause::EndNotTaken) {
        return Found::Differs(Cause::CallbackFailed);
    }
    if ours.changed_at > made_at {
        return Found::Later;
    }
    Found::Differs(cause)
}

fn differing(there: SourceStatus, ours: &Ours) -> Option<Cause> {
    // without snapshots the list is the first that is heard of it
    let is_same = |said: SourceStatus| said == there || (said.is_withdrawn() && there.is_withdrawn());
    let heard = ours.said.is_none_or(is_same);
    let reopened = ours.reopened || ours.settled.contains(&Discrepancy::SourceReopened);
    let told = |cause| Some(if heard { cause } else { Cause::UpdateNotReceived });
    match (there, ours.here) {
        (SourceStatus::Closed, Here::Open) => told(Cause::ClosedThere),
        (SourceStatus::Withdrawn | SourceStatus::Deleted, Here::Open) => told(Cause::WithdrawnThere),
        (SourceStatus::Closed | SourceStatus::Withdrawn | SourceStatus::Deleted, _) => None,
        (SourceStatus::Open | SourceStatus::Reopened | SourceStatus::Urged, here) => match here {
            Here::Open => None,
            Here::Closed if reopened => Some(Cause::ReopenedThere),
            Here::Closed if there == SourceStatus::Reopened => told(Cause::ReopenedThere),
            // it had said that it is over, and nobody told us of a new beginning
            Here::Closed | Here::Withdrawn if !is_going_on(ours.said) => Some(Cause::UpdateNotReceived),
            Here::Closed => Some(Cause::ClosureNotTaken),
            Here::Withdrawn => Some(Cause::ReopenedThere),
            Here::Ended => Some(Cause::EndNotTaken),
        },
    }
}

fn is_going_on(said: Option<SourceStatus>) -> bool {
    said.is_none_or(SourceStatus::is_going)
}

/// A decision holds until the source says something new, so what stands here is about what it says now.
fn is_settled(cause: Cause, ours: &Ours) -> bool {
    let about = match cause {
        Cause::ClosedThere => Discrepancy::SourceClosed,
        Cause::WithdrawnThere | Cause::GoneThere => Discrepancy::SourceWithdrawn,
        Cause::ReopenedThere => Discrepancy::SourceReopened,
        Cause::NotListed => Discrepancy::SourceMissing,
        _ => return false,
    };
    ours.settled.contains(&about)
}

/// A clue that a complete list does not have.
fn absent(ours: &Ours, made_at: Timestamp, callback_failed: bool) -> Found {
    let is_taken_back = ours.said.is_some_and(SourceStatus::is_withdrawn);
    let cause = match (is_taken_back, ours.here) {
        (true, Here::Open) => Cause::GoneThere,
        (true, _) | (false, Here::Withdrawn) => return Found::Agrees,
        (false, _) if callback_failed => Cause::CallbackFailed,
        (false, _) => Cause::NotListed,
    };
    if is_settled(cause, ours) {
        Found::Settled
    } else if ours.reported_at > made_at {
        Found::Later
    } else {
        Found::Differs(cause)
    }
}

#[cfg(test)]
mod tests;
