//! The colours of the ladder, and the levels that it shows clues to: as choices of the list, and as numbers of the first page.

use bihuan_domain::clue::RungKind;
use bihuan_domain::code::{Level, Rung};

use super::address::Address;
use super::clues::Choice;
use super::figure::Number;
use crate::clocks::drawing;
use crate::ladder::Climbed;
use crate::words::Words;
use crate::{Escalated, Filter};

/// Levels that the ladder shows clues to.
const LEVELS: [Escalated; 4] = [
    Escalated::To(Some(Level::Town)),
    Escalated::To(Some(Level::County)),
    Escalated::To(Some(Level::City)),
    Escalated::To(None),
];

/// A colour as lists show it.
pub(super) struct Colour {
    /// Class of the dot.
    pub(super) class: &'static str,
    pub(super) label: String,
}

impl Colour {
    /// `None`: no such colour can be.
    pub(super) fn of(words: Words<'_>, name: &str) -> Option<Self> {
        let rung = Rung::new(name).ok()?;
        Some(Self {
            class: drawing::colour(&rung, RungKind::Colour),
            label: words.rung(&rung).into_owned(),
        })
    }
}

/// What the first page says of the ladder.
pub(super) struct Climbing {
    pub(super) colours: Vec<(Colour, Number)>,
    /// Those that hold any.
    pub(super) escalated: Vec<Number>,
}

impl Climbing {
    pub(super) fn of(words: Words<'_>, climbed: &Climbed) -> Self {
        let names = colours(words, climbed.colours.keys().map(String::as_str));
        let colour = |name: &String| {
            let colour = Colour::of(words, name)?;
            let count = climbed.colours.get(name).copied().unwrap_or(0);
            let number = Number::new(colour.label.clone(), count, || link("colour", name));
            Some((colour, number))
        };
        let level = |level: &Escalated| {
            let count = climbed.escalated.get(level.as_str()).copied()?;
            Some(Number::new(label(words, *level), count, || {
                link("escalated", level.as_str())
            }))
        };
        Self {
            colours: names.iter().filter_map(colour).collect(),
            escalated: LEVELS.iter().filter_map(level).collect(),
        }
    }
}

fn link(name: &'static str, value: &str) -> String {
    Address::to("/clues").with(name, value).text()
}

/// The policy's, in its order; and others that are asked for or in use.
fn colours<'a>(words: Words<'_>, others: impl Iterator<Item = &'a str>) -> Vec<String> {
    let rungs = words.rulebook.policy.ladder.rungs.iter();
    let own = rungs.filter(|rule| rule.kind == RungKind::Colour);
    let own = own.map(|rule| rule.rung.to_string());
    let mut names: Vec<String> = Vec::new();
    for name in own.chain(others.map(str::to_owned)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn label(words: Words<'_>, level: Escalated) -> String {
    match level {
        Escalated::Any => words.lang.choose("已提级", "to any level").to_owned(),
        Escalated::To(None) => words.lang.choose("层级不明", "level not known").to_owned(),
        Escalated::To(Some(level)) => words.level(level).to_owned(),
    }
}

/// Of a clue, to which level.
pub(super) fn escalated(words: Words<'_>, level: &str) -> String {
    Escalated::parse(level).map_or_else(|| level.to_owned(), |level| label(words, level))
}

/// The colours that a list can be asked for.
pub(super) fn colour_choices(words: Words<'_>, filter: &Filter) -> Vec<Choice> {
    let chosen = filter.colour.as_ref().map(Rung::as_str);
    let choice = |name: String| Choice {
        label: Colour::of(words, &name).map_or_else(|| name.clone(), |colour| colour.label),
        chosen: chosen == Some(name.as_str()),
        value: name,
    };
    colours(words, chosen.into_iter())
        .into_iter()
        .map(choice)
        .collect()
}

/// The levels that a list can be asked for.
pub(super) fn level_choices(words: Words<'_>, filter: &Filter) -> Vec<Choice> {
    let choice = |level: Escalated| Choice {
        value: level.as_str().to_owned(),
        label: label(words, level),
        chosen: filter.escalated == Some(level),
    };
    std::iter::once(Escalated::Any)
        .chain(LEVELS)
        .map(choice)
        .collect()
}

#[cfg(test)]
mod tests {
    use bihuan_domain::lang::Lang;
    use bihuan_domain::routing::Rulebook;

    use super::*;

    #[test]
    fn the_colours_of_the_policy_come_first_and_others_in_use_are_not_lost() {
        let book = Rulebook::none();
        let words = Words {
            lang: Lang::Zh,
            rulebook: &book,
        };
        let climbed = Climbed {
            colours: [("black".to_owned(), 2), ("red".to_owned(), 3)].into(),
            escalated: [("city".to_owned(), 1)].into(),
        };
        let climbing = Climbing::of(words, &climbed);
        let shown: Vec<_> = climbing
            .colours
            .iter()
            .map(|(colour, number)| (colour.class, number.label.as_str(), number.value))
            .collect();
        let expected = [
            ("blue", "蓝色提示", 0),
            ("yellow", "黄色预警", 0),
            ("red", "红色超期", 3),
            ("orange", "black", 2),
        ];
        assert_eq!(shown, expected);
        let level = &climbing.escalated[0];
        assert_eq!(
            (level.label.as_str(), level.href.as_deref()),
            ("市级", Some("/clues?escalated=city"))
        );
        assert_eq!(climbing.escalated.len(), 1);
    }
}
