//! Where a clue lies: the area that its source states, and the coordinates, which stand in where it states none.

use bihuan_domain::clue::{Datum, Field, Flag, Location, Print};
use bihuan_domain::code::AreaCode;
use bihuan_domain::digest::Digest;
use bihuan_domain::routing::Named;

use super::Draft;
use super::codes::shortened;
use crate::rule::Found;
use crate::{Area, AreaBy, UnknownCode};

/// What a record states about its area.
pub(super) struct Stated {
    said: Said,
    /// Where names were looked for.
    within: Option<AreaCode>,
}

enum Said {
    One(AreaCode),
    Missing,
    Several(Option<String>),
    /// The text is kept where it is a code; an address is none.
    Unknown(Option<String>),
}

impl<'a> Draft<'a> {
    pub(super) fn area(&mut self) -> Stated {
        let (mut said, mut within) = (Said::Missing, None);
        if let Some(rules) = self.clue.area.as_ref() {
            let found = self.read(Some(&rules.rule));
            let inside = self.within(rules);
            if let Some(found) = found {
                said = self.named(rules, &found, inside.as_ref());
            }
            within = inside.ok().flatten();
        }
        Stated { said, within }
    }

    fn named(&self, rules: &Area, found: &Found<'_>, within: Result<&Option<AreaCode>, &NoSuchArea>) -> Said {
        let code = (rules.by != AreaBy::Name).then(|| shortened(&found.text));
        let named = match within {
            Ok(_) if self.registry.is_none() => {
                let taken = AreaCode::new(&found.text)
                    .ok()
                    .filter(|_| found.known && code.is_some());
                taken.map_or(Named::Nothing, Named::One)
            }
            // what the mapping's table lacks is unknown, though an area may be called so
            Ok(_) if !found.known => Named::Nothing,
            Ok(within) => self.registry.area(&found.text, rules.by, within.as_ref()),
            Err(NoSuchArea) => Named::Nothing,
        };
        match named {
            Named::One(area) => Said::One(area),
            Named::Several => Said::Several(code),
            Named::Nothing => Said::Unknown(code),
        }
    }

    /// The area in which names are looked for. One that nobody knows does not mean that they are looked for everywhere.
    fn within(&mut self, rules: &'a Area) -> Result<Option<AreaCode>, NoSuchArea> {
        let Some((rule, _)) = rules.within.as_ref() else {
            return Ok(None);
        };
        let outer = match self.said(Some(rule)) {
            _ if self.registry.is_none() => return Ok(None),
            super::Said::Found(outer) if outer.known => outer,
            super::Said::Found(_) | super::Said::Failed => return Err(NoSuchArea),
            super::Said::Nothing => return Ok(None),
        };
        match self.registry.area(&outer.text, AreaBy::CodeOrName, None) {
            Named::One(code) => Ok(Some(code)),
            Named::Several | Named::Nothing => Err(NoSuchArea),
        }
    }

    /// The area that counts, and what the source called it if it could not be led to one. What is stated counts; where nothing
    /// certain is, the boundary around the coordinates.
    pub(super) fn settled(
        &mut self,
        stated: Stated,
        location: Option<&Location>,
    ) -> (Option<AreaCode>, Option<String>) {
        let mut around = location.and_then(|location| self.registry.area_at(location));
        let Stated { said, within } = stated;
        let outer = match &said {
            Said::One(area) => Some(area),
            _ => within.as_ref(),
        };
        let disagrees =
            |around: &AreaCode, outer: &AreaCode| !outer.is_within(around) && !around.is_within(outer);
        if around
            .as_ref()
            .zip(outer)
            .is_some_and(|(around, outer)| disagrees(around, outer))
        {
            self.flag(Flag::AreaDisagrees);
            around = None;
        }
        let (flag, called) = match (said, around) {
            (Said::One(area), _) => return (Some(area), None),
            (_, Some(around)) => return (Some(around), None),
            (Said::Missing, None) => (Flag::AreaMissing, None),
            (Said::Several(called), None) => (Flag::AreaAmbiguous, Some(called)),
            (Said::Unknown(called), None) => (Flag::AreaUnknown, Some(called)),
        };
        self.flag(flag);
        if let Some(code) = called.clone() {
            self.unknown.push(UnknownCode {
                key: "clue.area",
                code,
            });
        }
        (None, called.flatten())
    }

    /// Whether the coordinates may have to say the area; the same under any rulebook.
    pub(super) fn may_rest_on_location(&self, stated: &Stated) -> bool {
        let clue = self.clue;
        let by_name = clue.area.as_ref().is_some_and(|area| area.by == AreaBy::Name);
        clue.location.is_some() && (by_name || matches!(stated.said, Said::Missing))
    }

    /// Then a change of them is one of the area too.
    pub(super) fn print_area_with_location(&mut self) {
        let print = |field| {
            let found = self.prints.iter().find(|print: &&Print| print.field == field);
            found.map(|print| print.print.to_be_bytes())
        };
        let (Some(area), Some(location)) = (print(Field::Area), print(Field::Location)) else {
            return;
        };
        let both = Digest::of([&area[..], &location[..]]);
        if let Some(print) = self.prints.iter_mut().find(|print| print.field == Field::Area) {
            *print = Print::of(Field::Area, &both.0);
        }
    }

    /// Both coordinates and their datum, or none of them.
    pub(super) fn location(&mut self) -> Option<Location> {
        let rules = self.clue.location.as_ref()?;
        let longitude = self
            .read(Some(&rules.longitude))
            .map(|found| degrees(&found.text, 180.0));
        let latitude = self
            .read(Some(&rules.latitude))
            .map(|found| degrees(&found.text, 90.0));
        let named = self.read(Some(&rules.datum));
        let known = named.as_ref().filter(|found| found.known);
        let datum = known.and_then(|found| datum(&found.text));
        let location = match (longitude, latitude, datum) {
            (None, None, _) => return None,
            (Some(Some(longitude)), Some(Some(latitude)), Some(datum)) => Some(Location {
                longitude,
                latitude,
                datum,
            }),
            _ => None,
        };
        if location.is_none() {
            self.flag(Flag::LocationUnreadable);
            if let (None, Some(named)) = (datum, named) {
                self.unknown("clue.datum", &named.text);
            }
        }
        location
    }
}

/// The record names an area to look in that the rulebook does not know.
struct NoSuchArea;

fn degrees(text: &str, most: f64) -> Option<f64> {
    text.parse().ok().filter(|degrees: &f64| degrees.abs() <= most)
}

fn datum(text: &str) -> Option<Datum> {
    match text {
        "WGS-84" | "WGS84" => Some(Datum::Wgs84),
        "CGCS2000" => Some(Datum::Cgcs2000),
        "GCJ-02" | "GCJ02" => Some(Datum::Gcj02),
        "BD-09" | "BD09" => Some(Datum::Bd09),
        _ => None,
    }
}
