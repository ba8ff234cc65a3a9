//! The free text of clues against the digests that their events carry. Erasing a text empties its row and leaves the digest;
//! any other change is a difference.

use std::collections::HashMap;

use bihuan_contracts::event::{self, ClueEvent};
use bihuan_domain::clue::Text;
use bihuan_domain::digest::Digest;
use bihuan_domain::id::ClueId;
use bihuan_store::journal::{self, Entry, Journal};
use bihuan_store::{Reader, Result, sql, text};

use super::Difference;

const PAGE: i64 = 5_000;

/// Looks at every event of every clue; the texts that were compared, and the differences. What cannot be decoded is for the
/// check of the clues to say.
pub(super) async fn verify(reader: &mut Reader) -> Result<(u64, Vec<Difference>)> {
    let (mut texts, mut differences) = (0, Vec::new());
    let mut known = 0;
    for (partition, _) in journal::ends(reader.conn(), Journal::Clue).await? {
        let mut sequence = 0;
        loop {
            let page = journal::after(reader.conn(), Journal::Clue, partition, sequence, PAGE).await?;
            let Some(last) = page.last() else { break };
            sequence = last.sequence;
            let digests: Vec<_> = page.iter().filter_map(digest).collect();
            texts += digests.len() as u64;
            known += compare(reader, partition, &digests, &mut differences).await?;
        }
    }
    let rows: i64 =
        sql!(reader.conn(), c => sqlx::query_scalar("SELECT count(*) FROM clue_text").fetch_one(c).await)?;
    if rows != known {
        differences.push(Difference {
            check: "text_has_event",
            partition: 0,
            clue: None,
            expected: format!("{known} texts that an event speaks of"),
            found: format!("{rows} texts"),
        });
    }
    Ok((texts, differences))
}

/// Where a text lies, and what it must come to.
type Expected = (ClueId, u32, Digest);

fn digest(entry: &Entry) -> Option<Expected> {
    match event::decode(&entry.payload) {
        Ok(ClueEvent::Clue(it)) => Some((it.clue, it.version, it.text?)),
        _ => None,
    }
}

/// How many of the texts are there.
async fn compare(
    reader: &mut Reader,
    partition: u32,
    digests: &[Expected],
    differences: &mut Vec<Difference>,
) -> Result<i64> {
    let mut clues: Vec<_> = digests.iter().map(|(clue, _, _)| *clue).collect();
    clues.sort_unstable();
    clues.dedup();
    let stored = text::of_clues(reader.conn(), partition, &clues).await?;
    let stored: HashMap<(ClueId, u32), Text> = stored
        .into_iter()
        .map(|(clue, version, text)| ((clue, version), text))
        .collect();
    let mut known = 0;
    for (clue, version, expected) in digests {
        known += i64::from(stored.contains_key(&(*clue, *version)));
        let found = match stored.get(&(*clue, *version)) {
            None => "no row".to_owned(),
            Some(text) if *text == Text::default() || text.digest() == *expected => continue,
            Some(text) => text.digest().to_string(),
        };
        differences.push(Difference {
            check: "text_digest",
            partition,
            clue: Some(clue.to_string()),
            expected: format!("version {version}: {expected}"),
            found,
        });
    }
    Ok(known)
}
