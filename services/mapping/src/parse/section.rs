//! The sections `[clue]`, `[history]`, `[snapshot]` and `[log]`.

use super::field::{Fields, Kind};
use super::{missing, place, same_as};
use crate::read::{Reader, Section};
use crate::rule::Rule;
use crate::{Clue, History, Log, Mode, Snapshot};

const CLUE: &[&str] = &[
    "id",
    "same_as",
    "reported_at",
    "matter",
    "area",
    "severity",
    "class",
    "title",
    "description",
    "place",
    "longitude",
    "latitude",
    "datum",
    "attributes",
    "attachments",
    "due_at",
];
const HISTORY: &[&str] = &["agency", "due_at", "closed_at", "conclusion"];
const SNAPSHOT: &[&str] = &[
    "version",
    "status",
    "deleted",
    "changed_at",
    "closed_at",
    "agency",
    "conclusion",
];

const LOG: &[&str] = &["at", "agency", "step"];

pub(super) fn clue(reader: &mut Reader<'_>, root: &Section<'_>, fields: &mut Fields) -> Option<Clue> {
    let Some(section) = reader.section(root, "clue") else {
        missing(
            reader,
            root,
            "clue",
            [
                "写一节 [clue]，至少有 id",
                "write a section [clue] with at least an id",
            ],
        );
        return None;
    };
    reader.only(&section, CLUE);
    if reader.item(&section, "id").is_none() {
        let advice = ["指明来源的编号列", "name the column that holds the source's id"];
        missing(reader, &section, "id", advice);
    }
    let mut field = |key, kind| fields.rule(reader, &section, key, kind);
    let id = field("id", Kind::Text);
    Some(Clue {
        reported_at: field("reported_at", Kind::Time),
        matter: field("matter", Kind::Text),
        severity: field("severity", Kind::Text),
        class: field("class", Kind::Text),
        title: field("title", Kind::Text),
        description: field("description", Kind::Text),
        place: field("place", Kind::Text),
        due_at: field("due_at", Kind::Time),
        attachments: field("attachments", Kind::List),
        area: place::area(reader, &section, fields),
        location: place::location(reader, &section, fields),
        attributes: fields.attributes(reader, &section),
        same_as: same_as::same_as(reader, &section, fields),
        id: id?,
    })
}

pub(super) fn history(
    reader: &mut Reader<'_>,
    root: &Section<'_>,
    fields: &mut Fields,
    mode: Mode,
) -> Option<(History, Option<Rule>)> {
    let section = of_mode(reader, root, mode, ("history", Mode::History))?;
    reader.only(&section, HISTORY);
    let mut field = |key, kind| fields.rule(reader, &section, key, kind);
    let due_at = field("due_at", Kind::Time);
    let history = History {
        agency: field("agency", Kind::Text),
        closed_at: field("closed_at", Kind::Time),
        conclusion: field("conclusion", Kind::Text),
    };
    Some((history, due_at))
}

pub(super) fn snapshot(
    reader: &mut Reader<'_>,
    root: &Section<'_>,
    fields: &mut Fields,
    mode: Mode,
) -> Option<Snapshot> {
    let section = of_mode(reader, root, mode, ("snapshot", Mode::Snapshot))?;
    reader.only(&section, SNAPSHOT);
    let mut field = |key, kind| fields.rule(reader, &section, key, kind);
    Some(Snapshot {
        version: field("version", Kind::Time),
        status: field("status", Kind::Text),
        deleted: field("deleted", Kind::Text),
        changed_at: field("changed_at", Kind::Time),
        closed_at: field("closed_at", Kind::Time),
        agency: field("agency", Kind::Text),
        conclusion: field("conclusion", Kind::Text),
    })
}

pub(super) fn log(
    reader: &mut Reader<'_>,
    root: &Section<'_>,
    fields: &mut Fields,
    mode: Mode,
) -> Option<Log> {
    let section = of_mode(reader, root, mode, ("log", Mode::Log))?;
    reader.only(&section, LOG);
    for (key, advice) in [
        (
            "at",
            [
                "指明该环节时间的列",
                "name the column that says when the step was",
            ],
        ),
        (
            "agency",
            [
                "指明当时由谁承办的列",
                "name the column that says who had the record then",
            ],
        ),
    ] {
        if reader.item(&section, key).is_none() {
            missing(reader, &section, key, advice);
        }
    }
    let mut field = |key, kind| fields.rule(reader, &section, key, kind);
    let (at, agency) = (field("at", Kind::Time), field("agency", Kind::Text));
    let step = field("step", Kind::Text);
    Some(Log {
        at: at?,
        agency: agency?,
        step,
    })
}

/// The section that a mode needs, and no other may have.
fn of_mode<'d>(
    reader: &mut Reader<'_>,
    root: &Section<'d>,
    mode: Mode,
    (key, its): (&'static str, Mode),
) -> Option<Section<'d>> {
    let Some(section) = reader.section(root, key) else {
        if mode == its {
            let advice = [
                &*format!("写一节 [{key}]，或改用 mode = \"event\""),
                &*format!("write a section [{key}], or say mode = \"event\""),
            ];
            missing(reader, root, key, advice);
        }
        return None;
    };
    if let (true, Some(item)) = (mode != its, reader.item(root, key)) {
        let what = [
            &*format!("[{key}] 只用于 mode = \"{key}\""),
            &*format!("[{key}] is for mode = \"{key}\" only"),
        ];
        reader.report(
            key,
            &item,
            what,
            ["改 mode，或删去这一节", "change the mode, or remove the section"],
        );
    }
    Some(section)
}
