//! Recomputes what is kept of disputes: fold(events) for every one, the columns beside the states, the texts; and holds the disputes
//! against the clues that they are over. The digest chain of the journal is for [`bihuan_store::chain`].

use std::collections::{BTreeMap, BTreeSet};

use bihuan_contracts::topics;
use bihuan_domain::digest::Digest;
use bihuan_domain::dispute::Occurrence;
use bihuan_domain::id::{ClueId, DisputeId};
use bihuan_store::journal::{self, Entry, Journal};
use bihuan_store::{Reader, Result, lease};
use uuid::Uuid;

use crate::aggregate::{Aggregate, occurrence};
use crate::rows::{self, Row};
use crate::{GROUP, follow, heard, tell, texts};

/// Something that is not as the events say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Stable code.
    pub check: &'static str,
    pub partition: u32,
    pub clue: Option<ClueId>,
    pub expected: String,
    pub found: String,
}

const PAGE: i64 = 5_000;

/// The disputes of every partition that anything lies in, and what differs. For one view of all use a snapshot.
pub async fn verify(reader: &mut Reader) -> Result<(u64, Vec<Difference>)> {
    let clue_ends = journal::ends(reader.conn(), Journal::Clue).await?;
    let dispute_ends = journal::ends(reader.conn(), Journal::Dispute).await?;
    let ends = clue_ends.iter().chain(&dispute_ends);
    let mut partitions: BTreeSet<u32> = ends.map(|(partition, _)| *partition).collect();
    partitions.extend(rows::partitions(reader.conn()).await?);
    let leases = lease::list(reader.conn(), GROUP).await?;
    let (mut compared, mut differences) = (0, Vec::new());
    for partition in partitions {
        let fold = Fold::of(reader, partition, &mut differences).await?;
        compared += fold.disputes.len() as u64;
        fold.compare_rows(reader, &mut differences).await?;
        fold.compare_texts(reader, &mut differences).await?;
        fold.compare_agencies(reader, &mut differences).await?;
        fold.compare_put_away(reader, &mut differences).await?;
        let lease = leases.iter().find(|it| it.partition == partition);
        let read = lease.map_or(0, |it| heard::read(&it.positions, topics::CLUE_EVENTS, partition));
        let end = clue_ends.iter().find(|(it, _)| *it == partition);
        let has_heard = read >= end.map_or(0, |(_, end)| *end);
        fold.compare_clues(reader, has_heard, &mut differences).await?;
    }
    Ok((compared, differences))
}

/// What the journal of one partition amounts to.
struct Fold {
    partition: u32,
    disputes: BTreeMap<DisputeId, Aggregate>,
    /// Of disputes that are not open any more, or could not be opened: by which event.
    over: BTreeMap<DisputeId, i64>,
    texts: BTreeMap<(DisputeId, u32), Digest>,
    /// Messages of the command topic that could not be read.
    put_away: i64,
}

impl Fold {
    async fn of(reader: &mut Reader, partition: u32, differences: &mut Vec<Difference>) -> Result<Self> {
        let mut fold = Self {
            partition,
            disputes: BTreeMap::new(),
            over: BTreeMap::new(),
            texts: BTreeMap::new(),
            put_away: 0,
        };
        let mut sequence = 0;
        loop {
            let page = journal::after(reader.conn(), Journal::Dispute, partition, sequence, PAGE).await?;
            for entry in &page {
                fold.step(entry, differences);
                sequence = entry.sequence;
            }
            if page.len() < PAGE as usize {
                return Ok(fold);
            }
        }
    }

    fn step(&mut self, entry: &Entry, differences: &mut Vec<Difference>) {
        let clue = entry.clue.map(ClueId);
        match occurrence(entry) {
            Ok(Some(it)) => self.fold(entry, &it, differences),
            Ok(None) => self.put_away += 1,
            Err(error) => {
                let expected = "an event of a dispute".to_owned();
                differences.push(self.differs("dispute_readable", clue, expected, error.to_string()));
            }
        }
    }

    fn fold(&mut self, entry: &Entry, it: &Occurrence, differences: &mut Vec<Difference>) {
        let clue = ClueId(entry.clue.unwrap_or(Uuid::nil()));
        let id = it.dispute;
        let mut aggregate = self.disputes.remove(&id).unwrap_or_else(|| Aggregate::new(clue));
        let previous = (aggregate.sequence > 0).then_some(aggregate.sequence);
        if entry.previous != previous {
            let (expected, found) = (format!("{previous:?}"), format!("{:?}", entry.previous));
            differences.push(self.differs("dispute_chain", Some(clue), expected, found));
        }
        let next = aggregate.state.version + 1;
        if it.version != next {
            let (expected, found) = (next.to_string(), it.version.to_string());
            differences.push(self.differs("dispute_version", Some(clue), expected, found));
        }
        let was_open = aggregate.open().is_some();
        aggregate.apply(entry.sequence, it);
        if aggregate.open().is_none() && (was_open || tell::is_opening_refused(it)) {
            self.over.entry(id).or_insert(entry.sequence);
        }
        if let Some(digest) = it.text {
            self.texts.insert((id, it.version), digest);
        }
        self.disputes.insert(id, aggregate);
    }

    /// Every dispute has its row, with its state and columns, and there is no other row.
    async fn compare_rows(&self, reader: &mut Reader, differences: &mut Vec<Difference>) -> Result<()> {
        let (mut after, mut seen) = (Uuid::nil(), BTreeSet::new());
        loop {
            let page = rows::page(reader.conn(), self.partition, after, PAGE).await?;
            for row in &page {
                after = row.dispute.0;
                seen.insert(row.dispute);
                let clue = Some(row.columns.clue);
                let Some(folded) = self.disputes.get(&row.dispute) else {
                    let found = format!("a row of {}", row.dispute);
                    differences.push(self.differs("dispute_state", clue, "no row".to_owned(), found));
                    continue;
                };
                // of another format: whoever loads it folds it again
                let state = Aggregate::state_from_bytes(&row.state);
                let is_as_folded = state.is_none_or(|it| it == folded.state);
                if !is_as_folded || row.sequence != folded.sequence {
                    let expected = format!("{:?} at {}", folded.state, folded.sequence);
                    let state = Aggregate::state_from_bytes(&row.state);
                    let found = format!("{state:?} at {}", row.sequence);
                    differences.push(self.differs("dispute_state", clue, expected, found));
                }
                let columns = Row::of(self.partition, row.dispute, folded).columns();
                if columns != row.columns {
                    let (expected, found) = (format!("{columns:?}"), format!("{:?}", row.columns));
                    differences.push(self.differs("dispute_columns", clue, expected, found));
                }
            }
            if page.len() < PAGE as usize {
                break;
            }
        }
        for (id, folded) in self.disputes.iter().filter(|(id, _)| !seen.contains(id)) {
            let expected = format!("a row of {id}");
            differences.push(self.differs("dispute_state", Some(folded.clue), expected, "no row".to_owned()));
        }
        Ok(())
    }

    /// What is said in words is what the events have the digests of; an empty text was erased.
    async fn compare_texts(&self, reader: &mut Reader, differences: &mut Vec<Difference>) -> Result<()> {
        let mut missing = self.texts.clone();
        for (id, version, text) in texts::of_partition(reader.conn(), self.partition).await? {
            missing.remove(&(id, version));
            let (expected, found) = (self.texts.get(&(id, version)), text.digest());
            if !text.is_empty() && expected != Some(&found) {
                let clue = self.disputes.get(&id).map(|it| it.clue);
                let expected = expected.map_or_else(|| "no text".to_owned(), Digest::to_string);
                differences.push(self.differs("dispute_text", clue, expected, found.to_string()));
            }
        }
        for ((id, _), digest) in missing {
            let clue = self.disputes.get(&id).map(|it| it.clue);
            differences.push(self.differs("dispute_text", clue, digest.to_string(), "no row".to_owned()));
        }
        Ok(())
    }

    /// Whoever a dispute concerns finds it.
    async fn compare_agencies(&self, reader: &mut Reader, differences: &mut Vec<Difference>) -> Result<()> {
        let mut named = rows::agencies(reader.conn(), self.partition).await?;
        for (id, folded) in &self.disputes {
            let concerned = folded
                .state
                .dispute
                .as_ref()
                .map(rows::concerned)
                .unwrap_or_default();
            let named = named.remove(id).unwrap_or_default();
            // who led before goes on being named
            if !concerned.is_subset(&named) {
                let (expected, found) = (format!("{concerned:?}"), format!("{named:?}"));
                differences.push(self.differs("dispute_agencies", Some(folded.clue), expected, found));
            }
        }
        Ok(())
    }

    /// Every message that could not be read is in quarantine, whatever became of it there.
    async fn compare_put_away(&self, reader: &mut Reader, differences: &mut Vec<Difference>) -> Result<()> {
        let kept = rows::put_away(reader.conn(), self.partition).await?;
        if kept != self.put_away {
            let expected = self.put_away.to_string();
            differences.push(self.differs("put_away_is_kept", None, expected, kept.to_string()));
        }
        Ok(())
    }

    /// A clue is in dispute exactly where its dispute is open. What is on its way between the two is no difference: what happened to
    /// clues and was not heard here, and what a clue was told and has not decided.
    async fn compare_clues(
        &self,
        reader: &mut Reader,
        has_heard: bool,
        differences: &mut Vec<Difference>,
    ) -> Result<()> {
        if !has_heard {
            return Ok(());
        }
        let newest = rows::disputed(reader.conn(), self.partition).await?;
        let heads: Vec<(u32, i64)> = newest.iter().map(|(_, it)| (self.partition, *it)).collect();
        let mut chains = journal::chains(reader.conn(), Journal::Clue, &heads).await?;
        let mut open: BTreeMap<ClueId, DisputeId> = self
            .disputes
            .iter()
            .filter(|(_, it)| it.open().is_some())
            .map(|(id, it)| (it.clue, *id))
            .collect();
        for (clue, newest) in newest {
            let chain = chains.remove(&(self.partition, newest)).unwrap_or_default();
            let state = follow::fold(&chain)?;
            let marked = state.clue.as_ref().and_then(|it| it.dispute);
            let open = open.remove(&clue);
            let is_told = |id: &DisputeId| {
                let over = self.over.get(id).map(|at| tell::cause((self.partition, *at)).0);
                over.is_none_or(|command| state.has_handled(command))
            };
            if marked != open && marked.as_ref().is_none_or(is_told) {
                let words = |it: Option<DisputeId>| it.map_or_else(|| "none".to_owned(), |it| it.to_string());
                differences.push(self.differs("clue_in_dispute", Some(clue), words(open), words(marked)));
            }
        }
        for (clue, id) in open {
            let expected = "no dispute of a clue that never came into one".to_owned();
            differences.push(self.differs("clue_in_dispute", Some(clue), expected, id.to_string()));
        }
        Ok(())
    }

    fn differs(
        &self,
        check: &'static str,
        clue: Option<ClueId>,
        expected: String,
        found: String,
    ) -> Difference {
        Difference {
            check,
            partition: self.partition,
            clue,
            expected,
            found,
        }
    }
}
