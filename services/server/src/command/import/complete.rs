//! Files that together list everything that their source has: which clues they leave out is noted. A list of which something could
//! not be read proves nothing.

use std::collections::{HashMap, HashSet};

use bihuan_contracts::command::{self, ClueCommand};
use bihuan_contracts::{Message, partition_of};
use bihuan_domain::clue::{Actor, Command, Envelope, Role};
use bihuan_domain::code::SourceId;
use bihuan_domain::digest::Digest;
use bihuan_domain::id::{ClueId, CommandId};
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;
use bihuan_intake::import::Cut;
use bihuan_mapping::Outcome;
use serde::Serialize;

use super::{CHUNK, File};
use crate::failure::Failure;
use crate::installation::Installation;

/// What a complete list came to.
#[derive(Debug, Default, Serialize)]
pub(super) struct Complete {
    /// Clues that it lists.
    pub(super) listed: u64,
    /// Records of it that could not be read; then nothing is noted.
    pub(super) unreadable: u64,
    /// Open clues of the source that it leaves out.
    pub(super) missing: u64,
}

impl Complete {
    /// For people.
    pub(super) fn rows(&self, lang: Lang) -> Vec<[String; 2]> {
        let row = |zh, en, count: u64| [lang.choose(zh, en).to_owned(), count.to_string()];
        let listed = row("完整清单列出", "listed as everything", self.listed);
        if self.unreadable > 0 {
            let unreadable = row(
                "其中无法读取：不据此判断缺失",
                "of these unreadable: nothing counts as missing",
                self.unreadable,
            );
            return vec![listed, unreadable];
        }
        vec![listed, row("清单中缺失", "missing from it", self.missing)]
    }
}

/// Who sends the commands, in their ids and headers.
const PRODUCER: &str = "import";

/// The records that are listed so far, each as the clue that follows from its name.
#[derive(Default)]
pub(super) struct List {
    clues: HashSet<ClueId>,
    digests: Vec<String>,
    unreadable: u64,
}

impl List {
    /// Another file of the list.
    pub(super) fn begin(&mut self, file: &File<'_>) {
        self.digests.push(file.digest().to_owned());
    }

    pub(super) fn note(&mut self, file: &File<'_>, cut: &Cut, now: Timestamp) {
        // only the identity counts here, which no rulebook changes
        match file.outcome(cut, &Rulebook::none(), file.receipt(cut, now, false)) {
            Outcome::Clue { report, .. } => {
                self.clues
                    .insert(ClueId::derive(&report.source, &report.source_id));
            }
            Outcome::Deleted { clue_id, .. } => {
                self.clues.insert(clue_id);
            }
            // feedback lists no clues, and its mapping cannot be called complete
            Outcome::Skipped | Outcome::Feedback(_) => {}
            Outcome::Quarantine { .. } => self.unreadable += 1,
        }
    }

    /// The same files, in whatever order, are the same list.
    fn digest(&mut self) -> Digest {
        self.digests.sort_unstable();
        Digest::of(self.digests.iter().map(String::as_bytes))
    }

    /// Adds the clues of records that stand for another one than follows from their name.
    async fn lead(&mut self, installation: &Installation, source: &SourceId) -> Result<(), Failure> {
        let elsewhere = bihuan_intake::elsewhere(&installation.store, source).await?;
        let elsewhere: HashMap<_, _> = elsewhere.into_iter().collect();
        let clues = self.clues.iter().filter_map(|own| elsewhere.get(own).copied());
        let clues: Vec<_> = clues.collect();
        self.clues.extend(clues);
        Ok(())
    }

    /// Tells lifecycle of every open clue of the source that the list leaves out. Again for the same list, nothing changes.
    pub(super) async fn tell(
        mut self,
        installation: &Installation,
        source: &SourceId,
    ) -> Result<Complete, Failure> {
        let mut complete = Complete {
            listed: self.clues.len() as u64,
            unreadable: self.unreadable,
            missing: 0,
        };
        // an empty file is an export that failed
        if self.unreadable > 0 || self.clues.is_empty() {
            return Ok(complete);
        }
        self.lead(installation, source).await?;
        let missing =
            bihuan_monitor::absence::unlisted(&installation.store, source, |clue| self.clues.contains(&clue))
                .await?;
        complete.missing = missing.len() as u64;
        let (file, now) = (self.digest(), installation.now());
        for chunk in missing.chunks(CHUNK) {
            let partitions = installation.config.partitions;
            let messages = chunk.iter().map(|clue| message(*clue, file, partitions, now));
            installation.log.publish(messages.collect()).await?;
        }
        Ok(complete)
    }
}

fn message(clue: ClueId, file: Digest, partitions: u32, now: Timestamp) -> Message {
    let cause = [&file.0[..], clue.0.as_bytes()].concat();
    let envelope = Envelope {
        id: CommandId::derive(&cause, PRODUCER, 0),
        clue,
        causation: Some(format!("complete/{file}")),
        actor: Actor::service(Role::Source),
        expected_version: None,
        occurred_at: None,
        received_at: now,
        command: Command::NoteMissing { file },
        text: None,
    };
    command::message(
        &ClueCommand::Clue(envelope),
        partition_of(clue, partitions),
        PRODUCER,
    )
}
