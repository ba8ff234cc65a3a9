//! The sections `[clue]` and `[history]`.

use super::field::{Fields, Kind};
use super::missing;
use crate::mapping::read::{Reader, Section};
use crate::mapping::rule::Rule;
use crate::mapping::{Clue, History, Location, Mode};

const CLUE: &[&str] = &[
    "id",
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
    "due_at",
];
const HISTORY: &[&str] = &["agency", "due_at", "closed_at", "conclusion"];

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
        area: field("area", Kind::Text),
        severity: field("severity", Kind::Text),
        class: field("class", Kind::Text),
        title: field("title", Kind::Text),
        description: field("description", Kind::Text),
        place: field("place", Kind::Text),
        due_at: field("due_at", Kind::Time),
        location: location(reader, &section, fields),
        attributes: fields.attributes(reader, &section),
        id: id?,
    })
}

fn location(reader: &mut Reader<'_>, section: &Section<'_>, fields: &mut Fields) -> Option<Location> {
    let keys = ["longitude", "latitude", "datum"];
    let found = keys.map(|key| fields.rule(reader, section, key, Kind::Text));
    let given = keys.map(|key| reader.item(section, key).is_some());
    if given.contains(&true) {
        for key in keys
            .iter()
            .zip(given)
            .filter_map(|(key, given)| (!given).then_some(key))
        {
            let advice = [
                "经度、纬度和坐标系须一并给出，如 datum = { value = \"CGCS2000\" }",
                "longitude, latitude and datum go together, such as datum = { value = \"CGCS2000\" }",
            ];
            missing(reader, section, key, advice);
        }
    }
    let [longitude, latitude, datum] = found;
    Some(Location {
        longitude: longitude?,
        latitude: latitude?,
        datum: datum?,
    })
}

pub(super) fn history(
    reader: &mut Reader<'_>,
    root: &Section<'_>,
    fields: &mut Fields,
    mode: Mode,
) -> Option<(History, Option<Rule>)> {
    let Some(section) = reader.section(root, "history") else {
        if mode == Mode::History {
            let advice = [
                "写一节 [history]，或改用 mode = \"event\"",
                "write a section [history], or say mode = \"event\"",
            ];
            missing(reader, root, "history", advice);
        }
        return None;
    };
    if let (Mode::Event, Some(item)) = (mode, reader.item(root, "history")) {
        let what = [
            "[history] 只用于 mode = \"history\"",
            "[history] is for mode = \"history\" only",
        ];
        reader.report(
            "history",
            &item,
            what,
            ["改 mode，或删去这一节", "change the mode, or remove the section"],
        );
    }
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
