//! The words for what a dispute does to a clue.

use bihuan_domain::clue::{Assignment, Designation, Event};
use bihuan_domain::code::Level;
use bihuan_domain::dispute::{Cause, Claim, Interim, Opening};
use bihuan_domain::lang::Lang;

use super::Words;

impl Words<'_> {
    /// What a dispute did; of another event nothing.
    pub(super) fn of_dispute(self, event: &Event) -> String {
        match event {
            Event::ClueDisputed {
                opening,
                interim,
                level,
                ..
            } => self.disputed(opening, interim, *level),
            Event::ClueHeldForDispute { interim, level, .. } => self.held_for_dispute(interim, *level),
            Event::ClueDesignated {
                assignment,
                basis,
                by,
                ..
            } => self.designated(assignment, basis, *by),
            Event::ClueReleasedFromDispute { .. } => self
                .say(
                    "争议结束，未指定承办单位",
                    "the dispute is over and named no agency",
                )
                .to_owned(),
            _ => String::new(),
        }
    }

    fn disputed(self, opening: &Opening, interim: &Interim, level: Level) -> String {
        let (cause, level_words) = (self.cause(opening.cause), self.level(level));
        let parties: Vec<_> = opening.parties.iter().map(|it| self.claim(it)).collect();
        let parties = parties.join(self.say("、", ", "));
        let meanwhile = self.meanwhile(interim);
        match self.lang {
            Lang::Zh => format!("进入争议（{cause}）：{parties}；由{level_words}协调处理，{meanwhile}"),
            Lang::En => {
                format!(
                    "in dispute ({cause}): {parties}; before the coordinator ({level_words}), {meanwhile}"
                )
            }
        }
    }

    fn held_for_dispute(self, interim: &Interim, level: Level) -> String {
        let (level, meanwhile) = (self.level(level), self.meanwhile(interim));
        match self.lang {
            Lang::Zh => format!("争议由{level}协调处理，{meanwhile}"),
            Lang::En => format!("the dispute is before the coordinator ({level}), {meanwhile}"),
        }
    }

    fn designated(self, to: &Assignment, basis: &str, by: Designation) -> String {
        let head = match by {
            Designation::Ruling => self.say("裁定指定 ", "designated by ruling: "),
            Designation::Agreement => self.say("经各方同意指定 ", "designated by agreement: "),
        };
        let whom = self.whom(head, to);
        match self.lang {
            _ if basis.trim().is_empty() => whom,
            Lang::Zh => format!("{whom}（{basis}）"),
            Lang::En => format!("{whom} ({basis})"),
        }
    }

    pub(super) fn meanwhile(self, interim: &Interim) -> String {
        match interim {
            Interim::Agency(agency) => match self.lang {
                Lang::Zh => format!("期间由 {} 承办", self.agency(agency)),
                Lang::En => format!("held by {} meanwhile", self.agency(agency)),
            },
            Interim::Coordinator => self
                .say("期间由协调部门掌握", "held by the coordinator meanwhile")
                .to_owned(),
        }
    }

    pub(crate) fn cause(self, cause: Cause) -> String {
        let words = match cause {
            Cause::ReturnLimit { returns } => {
                return match self.lang {
                    Lang::Zh => format!("第 {returns} 次退单"),
                    Lang::En => format!("return no. {returns}"),
                };
            }
            Cause::RefusedReturn => self.say("退单被驳回", "a return was refused"),
            Cause::Claims => self.say("争管", "several claim it"),
            Cause::ByAgency => self.say("单位提出", "an agency asked"),
            Cause::ByCoordinator => self.say("协调部门提出", "a coordinator asked"),
        };
        words.to_owned()
    }

    pub(super) fn claim(self, claim: &Claim) -> String {
        let agency = self.agency(&claim.agency);
        let Some(position) = claim.position else {
            return agency;
        };
        let position = self.position(position);
        match (self.lang, &claim.duty) {
            (Lang::Zh, Some(duty)) => format!("{agency}（{position}，依据 {duty}）"),
            (Lang::Zh, None) => format!("{agency}（{position}）"),
            (Lang::En, Some(duty)) => format!("{agency} ({position}, duty {duty})"),
            (Lang::En, None) => format!("{agency} ({position})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use bihuan_domain::code::AgencyId;
    use bihuan_domain::dispute::Position;
    use bihuan_domain::id::{ClueId, CommandId, DisputeId};
    use bihuan_domain::routing::Rulebook;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_dispute_is_told_with_its_cause_its_parties_and_who_holds_the_clue() {
        let agency = |id| AgencyId::new(id).expect("valid");
        let dispute = DisputeId::derive(ClueId(Uuid::nil()), CommandId(Uuid::nil()));
        let claim = |id, position, duty: Option<&str>| Claim {
            agency: agency(id),
            position,
            duty: duty.map(str::to_owned),
        };
        let opening = Opening {
            clue: ClueId(Uuid::nil()),
            matter: None,
            area: None,
            severity: None,
            cause: Cause::ReturnLimit { returns: 2 },
            parties: vec![
                claim("A", Some(Position::Denies), Some("d-7")),
                claim("B", None, None),
            ],
            first_receiver: Some(agency("B")),
        };
        let disputed = Event::ClueDisputed {
            dispute,
            opening,
            interim: Interim::Agency(agency("B")),
            level: Level::County,
        };
        let held = Event::ClueHeldForDispute {
            dispute,
            interim: Interim::Coordinator,
            level: Level::City,
        };
        let designated = Event::ClueDesignated {
            dispute,
            assignment: Assignment {
                agency: agency("A"),
                penalty: None,
                assisting: vec![agency("B")],
            },
            basis: "裁定 7".to_owned(),
            by: Designation::Ruling,
        };
        let table = [
            (
                &disputed,
                "进入争议（第 2 次退单）：A（主张无职责，依据 d-7）、B；由县级协调处理，期间由 B 承办",
                "in dispute (return no. 2): A (denies it, duty d-7), B; before the coordinator (county), held by B meanwhile",
            ),
            (
                &held,
                "争议由市级协调处理，期间由协调部门掌握",
                "the dispute is before the coordinator (city), held by the coordinator meanwhile",
            ),
            (
                &designated,
                "裁定指定 A，协办 B（裁定 7）",
                "designated by ruling: A, assisted by B (裁定 7)",
            ),
        ];
        let rulebook = Rulebook::none();
        for (event, zh, en) in table {
            for (lang, expected) in [(Lang::Zh, zh), (Lang::En, en)] {
                let rulebook = &rulebook;
                assert_eq!(Words { lang, rulebook }.event(event), expected);
            }
        }
    }
}
