//! What is kept of clues, held against the clues as their events make them.

use std::collections::BTreeSet;

use bihuan_domain::figures::Facts;
use bihuan_domain::id::ClueId;
use bihuan_store::{Reader, sql};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{Difference, Folded, PAGE};
use crate::precedents::{self, Origins};
use crate::rows::{COLUMNS, ClueRow};
use crate::{Result, codec, links, notices, tasks};

pub(super) async fn compare_clues(
    reader: &mut Reader,
    partition: u32,
    mut folded: Folded,
    differences: &mut Vec<Difference>,
) -> Result<()> {
    let mut differ = |check, clue, expected: String, found: String| {
        differences.push(Difference {
            check,
            partition,
            clue: Some(clue),
            expected,
            found,
        });
    };
    let mut after = Uuid::nil();
    loop {
        let page = page(reader, partition, after).await?;
        let Some(last) = page.last() else { break };
        after = last.clue_id;
        for row in page {
            let clue = ClueId(row.clue_id);
            match folded.remove(&clue) {
                Some((Some(facts), newest)) => {
                    let expected = ClueRow::of(partition, &facts, newest)?;
                    if let Some((expected, found)) = unlike(&expected, &row, &facts) {
                        differ("clue_is_fold", clue, expected, found);
                    }
                }
                _ => differ("clue_has_events", clue, "no clue".to_owned(), row.number),
            }
        }
    }
    for (clue, (facts, _)) in folded {
        if let Some(facts) = facts {
            differ("events_have_clue", clue, facts.number, "no clue".to_owned());
        }
    }
    Ok(())
}

/// The facts of the clues that were reported.
fn reported(folded: &Folded) -> impl Iterator<Item = &Facts> {
    folded.values().filter_map(|(facts, _)| facts.as_ref())
}

/// Names by which clues are found.
pub(super) async fn compare_names(
    reader: &mut Reader,
    partition: u32,
    folded: &Folded,
    differences: &mut Vec<Difference>,
) -> Result<()> {
    let sides = Sides {
        check: "name_is_fold",
        nothing: "no such name",
        expected: reported(folded).flat_map(links::names).collect(),
        found: links::of_partition(reader.conn(), partition).await?,
    };
    sides.compare(partition, differences, |(source, id, clue)| {
        (*clue, format!("{source}/{id}"))
    });
    Ok(())
}

/// What the ladder drafted.
pub(super) async fn compare_notices(
    reader: &mut Reader,
    partition: u32,
    folded: &Folded,
    differences: &mut Vec<Difference>,
) -> Result<()> {
    let sides = Sides {
        check: "notice_is_fold",
        nothing: "no such notice",
        expected: reported(folded).flat_map(notices::of).collect(),
        found: notices::of_partition(reader.conn(), partition).await?,
    };
    sides.compare(partition, differences, |row| (row.clue, format!("{row:?}")));
    Ok(())
}

/// What agencies were asked for.
pub(super) async fn compare_tasks(
    reader: &mut Reader,
    partition: u32,
    folded: &Folded,
    differences: &mut Vec<Difference>,
) -> Result<()> {
    let sides = Sides {
        check: "task_is_fold",
        nothing: "no such task",
        expected: reported(folded).flat_map(tasks::of).collect(),
        found: tasks::of_partition(reader.conn(), partition).await?,
    };
    sides.compare(partition, differences, |row| (row.clue, format!("{row:?}")));
    Ok(())
}

/// Which clues precedents dispatched.
pub(super) async fn compare_precedents(
    reader: &mut Reader,
    partition: u32,
    folded: &Folded,
    origins: &mut Origins,
    differences: &mut Vec<Difference>,
) -> Result<()> {
    origins.learn_of(reported(folded)).await?;
    let sides = Sides {
        check: "precedent_is_fold",
        nothing: "by no precedent",
        expected: reported(folded)
            .filter_map(|facts| origins.routed(facts))
            .collect(),
        found: precedents::of_partition(reader.conn(), partition).await?,
    };
    sides.compare(partition, differences, |(clue, dispute, at)| {
        (*clue, format!("by dispute {dispute}, reported {at}"))
    });
    Ok(())
}

/// A table of what follows from clues: as it should be, and as it is.
struct Sides<T> {
    check: &'static str,
    /// Said of a side that does not have it.
    nothing: &'static str,
    expected: BTreeSet<T>,
    found: BTreeSet<T>,
}

impl<T: Ord> Sides<T> {
    /// What only one of the two has, with its clue and in words.
    fn compare(
        &self,
        partition: u32,
        differences: &mut Vec<Difference>,
        told: impl Fn(&T) -> (ClueId, String),
    ) {
        let nothing = || self.nothing.to_owned();
        let mut differ = |clue, expected, found| {
            differences.push(Difference {
                check: self.check,
                partition,
                clue: Some(clue),
                expected,
                found,
            });
        };
        for it in self.expected.difference(&self.found) {
            let (clue, words) = told(it);
            differ(clue, words, nothing());
        }
        for it in self.found.difference(&self.expected) {
            let (clue, words) = told(it);
            differ(clue, nothing(), words);
        }
    }
}

/// What the row should say and what it says, where that differs. Facts of another format are no difference.
fn unlike(expected: &ClueRow, found: &ClueRow, facts: &Facts) -> Option<(String, String)> {
    let shown = |row: &ClueRow| ClueRow {
        facts: Vec::new(),
        ..row.clone()
    };
    if shown(expected) != shown(found) {
        return Some((format!("{:?}", shown(expected)), format!("{:?}", shown(found))));
    }
    let stored = codec::decode(&found.facts)?;
    (stored != *facts).then(|| (format!("{facts:?}"), format!("{stored:?}")))
}

async fn page(reader: &mut Reader, partition: u32, after: Uuid) -> Result<Vec<ClueRow>> {
    let text = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM monitor_clue WHERE partition = $1 AND clue_id > $2 ORDER BY clue_id LIMIT {PAGE}"
    ));
    Ok(sql!(reader.conn(), c => sqlx::query_as(text).bind(partition as i32).bind(after).fetch_all(c).await)?)
}
