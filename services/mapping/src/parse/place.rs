//! Where a clue lies: its area, and its coordinates.

use super::field::{Fields, Kind};
use super::{choice, missing};
use crate::read::{Item, Reader, Section, as_section};
use crate::rule::{Origin, Rule};
use crate::{Area, AreaBy, Location};

/// `area = { from = "/address", match = "name", within = "330602" }`
pub(super) fn area(reader: &mut Reader<'_>, section: &Section<'_>, fields: &mut Fields) -> Option<Area> {
    let item = reader.item(section, "area")?;
    let rule = fields.rule(reader, section, "area", Kind::Area)?;
    let mut area = Area {
        rule,
        by: AreaBy::CodeOrName,
        within: None,
    };
    let Some(table) = as_section(&item) else {
        return Some(area);
    };
    if let Some(item) = reader.item(&table, "match") {
        let words = [("code", AreaBy::Code), ("name", AreaBy::Name)];
        area.by = choice(reader, &item, &words, &[])?;
    }
    if let Some(item) = reader.item(&table, "within") {
        area.within = within(reader, &table, &item, fields).map(|rule| (rule, item.place));
        if area.by == AreaBy::Code {
            let what = ["within 只用于名称", "within is for names only"];
            let advice = [
                "删去 within，或写 match = \"name\"",
                "remove within, or say match = \"name\"",
            ];
            reader.report("within", &item, what, advice);
        }
    }
    Some(area)
}

/// A text is the area itself, a table says where it stands in the record.
fn within(
    reader: &mut Reader<'_>,
    table: &Section<'_>,
    item: &Item<'_>,
    fields: &mut Fields,
) -> Option<Rule> {
    if as_section(item).is_some() {
        return fields.rule(reader, table, "within", Kind::Text);
    }
    let text = reader.string(item)?.trim();
    if text.is_empty() {
        let what = ["within 是空的", "within is empty"];
        reader.report("within", item, what, ["写上区划代码", "give the code of an area"]);
        return None;
    }
    Some(Rule::of(Origin::Constant(text.to_owned())))
}

pub(super) fn location(
    reader: &mut Reader<'_>,
    section: &Section<'_>,
    fields: &mut Fields,
) -> Option<Location> {
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
