//! Before whom a dispute belongs, in words that a party can check.

use super::{Forum, Jurisdiction, Place, Placed, Reason, Skipped};
use crate::code::{AgencyId, AreaCode};
use crate::lang::Lang;
use crate::routing::Rulebook;

impl Jurisdiction {
    /// One sentence a line: who is competent and why, where each party belongs, who was passed over. `rulebook` is the one that it
    /// was found with.
    pub fn words(&self, lang: Lang, rulebook: &Rulebook) -> Vec<String> {
        let speech = Speech { lang, rulebook };
        let mut lines = vec![speech.outcome(&self.forum, &self.reason)];
        lines.extend(self.placed.iter().map(|it| speech.placed(it)));
        lines.extend(self.skipped.iter().map(|it| speech.skipped(it)));
        lines
    }
}

impl Forum {
    /// Of a county's, which.
    pub fn words(&self, lang: Lang, rulebook: &Rulebook) -> String {
        let name = self.level().words(lang);
        let area = self.county().map(|it| Speech { lang, rulebook }.area(it));
        match (area, lang) {
            (Some(area), Lang::Zh) => format!("{name}（{area}）"),
            (Some(area), Lang::En) => format!("{name} ({area})"),
            (None, _) => name.to_owned(),
        }
    }
}

struct Speech<'a> {
    lang: Lang,
    rulebook: &'a Rulebook,
}

impl Speech<'_> {
    fn outcome(&self, forum: &Forum, reason: &Reason) -> String {
        let (forum, reason) = (self.forum(forum), self.reason(reason));
        match self.lang {
            Lang::Zh => format!("由{forum}处理：{reason}。"),
            Lang::En => format!("It is before {forum}: {reason}."),
        }
    }

    fn reason(&self, reason: &Reason) -> String {
        match (reason, self.lang) {
            (Reason::OneCounty, Lang::Zh) => "各方同属一个县（市、区）".to_owned(),
            (Reason::OneCounty, Lang::En) => "all parties are of one county".to_owned(),
            (Reason::TwoCounties { one, other }, Lang::Zh) => {
                format!(
                    "{}与{}不属同一个县（市、区）",
                    self.agency(one),
                    self.agency(other)
                )
            }
            (Reason::TwoCounties { one, other }, Lang::En) => {
                format!(
                    "{} and {} are of two counties",
                    self.agency(one),
                    self.agency(other)
                )
            }
            (Reason::CityAgency { party }, Lang::Zh) => format!("{}是市级单位", self.agency(party)),
            (Reason::CityAgency { party }, Lang::En) => format!("{} is the city's", self.agency(party)),
            (Reason::Unplaced { party }, Lang::Zh) => {
                format!("规则库未写明{}属于哪里", self.agency(party))
            }
            (Reason::Unplaced { party }, Lang::En) => {
                format!("the rulebook does not say where {} belongs", self.agency(party))
            }
            (Reason::NoParty, lang) => lang.choose("没有写明当事单位", "no party is named").to_owned(),
        }
    }

    fn placed(&self, it: &Placed) -> String {
        let party = self.agency(&it.party);
        match (&it.place, self.lang) {
            (Place::County(area), Lang::Zh) => format!("{party}属于{}。", self.area(area)),
            (Place::County(area), Lang::En) => format!("{party} belongs to {}.", self.area(area)),
            (Place::City, Lang::Zh) => format!("{party}属于市级。"),
            (Place::City, Lang::En) => format!("{party} belongs to the city."),
            (Place::Unplaced, Lang::Zh) => format!("{party}的层级和区划不明。"),
            (Place::Unplaced, Lang::En) => format!("{party} has no level and area."),
        }
    }

    fn skipped(&self, it: &Skipped) -> String {
        let (forum, party) = (self.forum(&it.forum), self.agency(&it.party));
        match self.lang {
            Lang::Zh => format!("不由{forum}处理：{party}本身是当事单位。"),
            Lang::En => format!("It is not before {forum}: {party} is a party itself."),
        }
    }

    fn forum(&self, forum: &Forum) -> String {
        forum.words(self.lang, self.rulebook)
    }

    fn agency(&self, id: &AgencyId) -> String {
        let known = self.rulebook.agencies.get(id);
        known.map_or_else(
            || id.to_string(),
            |it| self.lang.choose(&it.name, &it.name_en).to_owned(),
        )
    }

    fn area(&self, code: &AreaCode) -> String {
        let known = self.rulebook.areas.get(code);
        known.map_or_else(
            || code.to_string(),
            |it| self.lang.choose(&it.name, &it.name_en).to_owned(),
        )
    }
}
