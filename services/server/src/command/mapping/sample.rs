//! The first records of a sample, as a mapping would read them.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use bihuan_domain::routing::{CompiledRulebook, Rulebook};
use bihuan_domain::time::Timestamp;
use bihuan_intake::import::{self, Cut, Import, ImportError};
use bihuan_mapping::{
    HEAD, Mapping, Note, Preview, Problem, Shared, Summary, check, check_codes, misfit, preview,
};
use bihuan_runtime::Clock;

use crate::failure::Failure;
use crate::rulebooks;

/// How much of a sample is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    /// Records that are shown one by one.
    pub(super) first: usize,
    /// Records that are counted.
    pub(super) rows: usize,
}

/// What a sample is under a mapping.
#[derive(Debug, Default)]
pub(super) struct Looked {
    pub(super) problems: Vec<Problem>,
    pub(super) notes: Vec<Note>,
    pub(super) encoding: Option<&'static str>,
    pub(super) records: Vec<Preview>,
    pub(super) summary: Summary,
}

/// What is wrong with the mapping for this sample, what would become of its first records, and the account of more of them.
pub(super) fn read(
    mapping: &Mapping,
    path: &Path,
    rulebook: Option<&Path>,
    extent: Extent,
) -> Result<Looked, Failure> {
    let rulebook = match rulebook {
        Some(directory) => rulebooks::usable(directory)?.1,
        None => Rulebook::none(),
    };
    let registry = CompiledRulebook::new(Arc::new(rulebook));
    let mut looked = Looked {
        problems: misfit(mapping, &head(path)?),
        ..Looked::default()
    };
    if !looked.problems.is_empty() {
        return Ok(looked);
    }
    let columns = import::columns(path, mapping).map_err(|error| failed(path, &error))?;
    looked.problems = check(mapping, columns.as_deref());
    looked.problems.extend(check_codes(mapping, &registry));
    let mut file = match Import::open(path, mapping) {
        Ok(file) => file,
        Err(ImportError::Mapping(problems)) => {
            if looked.problems.is_empty() {
                looked.problems = problems;
            }
            return Ok(looked);
        }
        Err(error) => return Err(failed(path, &error)),
    };
    looked.encoding = file.encoding();
    looked.notes = Note::merged(file.merged()).into_iter().collect();
    let received_at = Clock::wall().now();
    let mut shared = Shared::default();
    while looked.summary.records < extent.rows.max(extent.first)
        && let Some(cut) = file.next()
    {
        let cut = cut.map_err(|error| failed(path, &error.into()))?;
        let seen = seen(&file, &cut, &registry, received_at);
        looked.summary.add(mapping, &seen);
        shared.add(&seen);
        if looked.records.len() < extent.first {
            looked.records.push(seen);
        }
    }
    if looked.summary.records == 0 && extent.rows.max(extent.first) > 0 {
        looked.notes.push(Note::no_record(mapping));
    }
    looked.notes.extend(shared.note(mapping));
    looked.summary.close(mapping);
    looked.problems.extend(looked.summary.misread(mapping));
    Ok(looked)
}

fn seen(file: &Import<'_>, cut: &Cut, registry: &CompiledRulebook, received_at: Timestamp) -> Preview {
    let receipt = file.receipt(cut, received_at, false);
    let seen = preview(file.bound(), &cut.bytes, registry, receipt);
    match cut.unreadable() {
        None => seen,
        Some(reason) => Preview {
            disposition: "quarantined",
            reason: Some(reason),
            report: None,
            text: None,
            fields: Vec::new(),
            shown: Some(file.bound().shown(&cut.bytes)),
            ..seen
        },
    }
}

/// The first bytes of a file.
fn head(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut head = Vec::new();
    let file = File::open(path).map_err(|error| failed(path, &error.into()))?;
    file.take(HEAD as u64)
        .read_to_end(&mut head)
        .map_err(|error| failed(path, &error.into()))?;
    Ok(head)
}

fn failed(path: &Path, error: &ImportError) -> Failure {
    let (path, said) = (path.display(), error.say());
    Failure::usage(format!("{path}：{}", said.zh), format!("{path}: {}", said.en))
}
