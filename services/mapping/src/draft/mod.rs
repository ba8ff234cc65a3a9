//! `bihuan mapping draft`: proposes a mapping from the first records of a file.
//!
//! Forms and headers are all it goes by, so it says what it is unsure of and what would decide it. **Architecture Invariant:** a
//! draft holds names of columns and codes that come again and again; never a value that may be personal, nor free text.

mod codes;
mod column;
mod conclusion;
mod fit;
mod header;
mod ids;
mod mode;
mod note;
mod personal;
mod plan;
mod remarks;
mod sample;
mod status;
pub(crate) mod times;
mod write;

use std::io::Read;

use bihuan_domain::code::SourceId;
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::CompiledRulebook;
use serde::Serialize;

use crate::format::sheet::SheetName;
use codes::Codes;
use column::Column;
use header::Role;
pub use note::Note;
use note::Notes;
use plan::Plan;
use sample::Sample;
pub use sample::{Shape, Unusable};

/// What to draft with.
#[derive(Clone, Debug)]
pub struct Wanted<'r> {
    pub source: SourceId,
    pub rulebook: Option<&'r CompiledRulebook>,
    /// How many records are looked at.
    pub rows: usize,
    /// Of a table: the line of its header, from 1.
    pub header_row: u32,
    /// Of a workbook; `None`: the first that is visible.
    pub sheet: Option<SheetName>,
    /// Of the comments in the draft.
    pub lang: Lang,
}

/// A proposal.
#[derive(Clone, Debug, Serialize)]
pub struct Draft {
    pub source: SourceId,
    /// How many records it goes by.
    pub records: usize,
    pub columns: Vec<Seen>,
    pub notes: Vec<Note>,
    /// The mapping, a TOML file with the notes as comments.
    pub mapping: String,
}

/// What was made of a column.
#[derive(Clone, Debug, Serialize)]
pub struct Seen {
    pub name: String,
    role: Option<Role>,
    /// Records that have a value.
    pub filled: usize,
    pub distinct: usize,
    /// Patterns of its times; empty for ISO 8601, `null` where it holds none.
    pub time: Option<Vec<String>>,
}

/// Drafts a mapping from the first records that `reader` gives.
///
/// # Errors
/// [`Unusable`]: no mapping can be drafted from such a file, and why.
pub fn draft(reader: impl Read, wanted: &Wanted<'_>) -> Result<Draft, Unusable> {
    let sample = Sample::read(reader, wanted)?;
    let mut columns: Vec<Column> = (0..sample.columns.len())
        .filter_map(|at| Column::of(&sample, at))
        .collect();
    column::is_a_header(&sample, &columns)?;
    column::settle_order(&mut columns);
    let codes = Codes::new(wanted.rulebook, wanted.source.clone());
    let mut notes = Notes::default();
    let plan = Plan::of(&sample, &columns, &codes, &mut notes)?;
    remarks::all(&plan, &sample, &codes, &mut notes);
    let drafted = write::Drafted {
        source: wanted.source.as_str(),
        sample: &sample,
        plan: &plan,
        codes: &codes,
        datum: datum(&plan, &sample, &mut notes),
    };
    let sections = write::sections(&drafted, &notes, wanted.lang);
    remarks::unused(&plan, &sections.used, &mut notes);
    let zone = zone(&plan, &sample, &sections.used, &codes, &mut notes);
    let head = write::head(&drafted, zone.as_deref(), &notes, wanted.lang);
    let mapping = head + &sections.text;
    let seen = |column: &Column| Seen {
        name: column.name.clone(),
        role: plan.role(column),
        filled: column.filled,
        distinct: column.distinct,
        time: column.time.as_ref().map(|time| time.forms.clone()),
    };
    Ok(Draft {
        source: wanted.source.clone(),
        records: sample.records.len(),
        columns: columns.iter().map(seen).collect(),
        notes: notes.0,
        mapping,
    })
}

/// The zone of times that carry no offset. Empty where nothing tells it: a wrong one shifts every time and nobody notices, an empty
/// one is refused until somebody has decided.
fn zone(
    plan: &Plan<'_>,
    sample: &Sample,
    used: &[usize],
    codes: &Codes<'_>,
    notes: &mut Notes,
) -> Option<String> {
    let is_local = |column: &&Column| column.time.as_ref().is_some_and(|time| time.is_local);
    if !plan
        .columns
        .iter()
        .filter(is_local)
        .any(|column| used.contains(&column.at))
    {
        return None;
    }
    if let Some(zone) = codes.zone() {
        notes.know(
            "time_zone",
            "time_zone",
            "时间不带时差，取规则库的时区".to_owned(),
            "times carry no offset; this is the rulebook's zone".to_owned(),
        );
        return Some(zone);
    }
    if is_chinese(sample) {
        notes.unsure(
            "time_zone",
            "time_zone",
            "时间不带时差；样本是中文，取了 Asia/Shanghai：请确认".to_owned(),
            "times carry no offset; the sample is Chinese, so Asia/Shanghai was taken: make sure of it"
                .to_owned(),
        );
        return Some("Asia/Shanghai".to_owned());
    }
    notes.unsure(
        "time_zone",
        "time_zone",
        "时间不带时差：写平台所在时区，如 Asia/Shanghai；在此之前 mapping check 不通过".to_owned(),
        "times carry no offset: name the zone in which the platform writes, such as America/New_York; mapping check refuses the file until then"
            .to_owned(),
    );
    Some(String::new())
}

/// A header in Chinese, or most records.
fn is_chinese(sample: &Sample) -> bool {
    let has_any = |row: &&sample::Row| row.iter().flatten().any(|cell| cell.contains(is_han));
    let records = sample.records.iter().filter(has_any).count();
    sample.columns.iter().any(|name| name.contains(is_han)) || records * 2 > sample.records.len()
}

fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// No file says by which datum it was measured.
fn datum(plan: &Plan<'_>, sample: &Sample, notes: &mut Notes) -> &'static str {
    let Some(longitude) = plan.column(Role::Longitude) else {
        return "WGS-84";
    };
    let is_in_china = |text: &str| text.parse::<f64>().is_ok_and(|it| (73.0..136.0).contains(&it));
    let datum = if sample.cells(longitude.at).all(is_in_china) {
        "CGCS2000"
    } else {
        "WGS-84"
    };
    notes.unsure(
        "datum",
        "clue.datum",
        "样本不说明坐标系：请问平台，是 WGS-84、CGCS2000 还是 GCJ-02（高德、腾讯地图）；弄错会偏数百米".to_owned(),
        "no file says its datum: ask whether it is WGS-84, CGCS2000 or GCJ-02 (Chinese web maps); the wrong one is off by hundreds of metres"
            .to_owned(),
    );
    datum
}

#[cfg(test)]
mod tests;
