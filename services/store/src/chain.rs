//! Recomputes the digest chain of a journal and compares it with the lease that commits it: a changed, missing or added entry
//! shows, whoever wrote it.

use std::collections::BTreeMap;

use bihuan_domain::digest::Digest;

use crate::journal::{self, Journal};
use crate::{Reader, Result, lease};

/// A place where a journal is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// Stable code: `journal_dense`, `journal_end`, `digest_chain` or `journal_has_lease`.
    pub check: &'static str,
    pub partition: u32,
    pub expected: String,
    pub found: String,
}

const PAGE: i64 = 5_000;

/// Walks every entry of the journal that `group` writes; the entries and the breaks. For one view of both use a snapshot.
pub async fn verify(reader: &mut Reader, journal: Journal, group: &str) -> Result<(u64, Vec<Break>)> {
    let mut ends: BTreeMap<u32, i64> = journal::ends(reader.conn(), journal).await?.into_iter().collect();
    let (mut entries, mut breaks) = (0, Vec::new());
    for lease in lease::list(reader.conn(), group).await? {
        ends.remove(&lease.partition);
        let mut walk = Walk {
            partition: lease.partition,
            sequence: 0,
            digest: Digest::ZERO,
        };
        entries += walk.all(reader, journal, &mut breaks).await?;
        walk.compare(
            "journal_end",
            &lease.out_sequence.to_string(),
            &walk.sequence.to_string(),
            &mut breaks,
        );
        walk.compare(
            "digest_chain",
            &lease.digest.to_string(),
            &walk.digest.to_string(),
            &mut breaks,
        );
    }
    breaks.extend(ends.into_iter().map(|(partition, end)| Break {
        check: "journal_has_lease",
        partition,
        expected: "no entries".to_owned(),
        found: format!("entries up to {end}"),
    }));
    Ok((entries, breaks))
}

struct Walk {
    partition: u32,
    sequence: i64,
    digest: Digest,
}

impl Walk {
    async fn all(&mut self, reader: &mut Reader, journal: Journal, breaks: &mut Vec<Break>) -> Result<u64> {
        let mut entries = 0;
        loop {
            let page = journal::after(reader.conn(), journal, self.partition, self.sequence, PAGE).await?;
            for entry in &page {
                let expected = self.sequence + 1;
                self.compare(
                    "journal_dense",
                    &expected.to_string(),
                    &entry.sequence.to_string(),
                    breaks,
                );
                self.sequence = entry.sequence;
                self.digest = entry.chained(self.digest);
            }
            entries += page.len() as u64;
            if page.len() < PAGE as usize {
                return Ok(entries);
            }
        }
    }

    fn compare(&self, check: &'static str, expected: &str, found: &str, breaks: &mut Vec<Break>) {
        if expected != found {
            breaks.push(Break {
                check,
                partition: self.partition,
                expected: expected.to_owned(),
                found: found.to_owned(),
            });
        }
    }
}
