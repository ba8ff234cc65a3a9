//! What people do with a clue, by where it lies.

use super::super::plain::{DAY, HOUR, MINUTE, length};
use super::super::rules::{Lies, MATTERS};
use super::{AREAS, Life, Watch, time};
use crate::clue::testing::{
    CITY, COUNTY, COUNTY_WATER, OTHER_COUNTY, TOWN, agency, area, assign, checker, coordinator, decision,
    designate, hold, matter, of, release, request_extension, request_return, resolve, role, suspend,
    transfer,
};
use crate::clue::{Actor, Command, Designation, Event, Role};
use crate::code::Level;
use crate::digest::Digest;
use crate::id::DisputeId;

const AGENCIES: [&str; 5] = [COUNTY, COUNTY_WATER, TOWN, OTHER_COUNTY, CITY];

impl Life {
    pub(super) fn act(&mut self) {
        let mut received = self.now;
        if self.watch == Watch::Jumping && self.random.percent(20) {
            received -= HOUR;
        }
        let claims = self.random.percent(20);
        let claimed = claims.then(|| received - self.random.below(9 * 24 * 60) * MINUTE + 5 * MINUTE);
        let at = self.told.effective(received, claimed);
        if self.versions > 0 && self.random.percent(12) {
            self.source_says(received);
            return;
        }
        let Some((actor, command, refused)) = self.choose(at, at.max(received)) else {
            return;
        };
        self.ask(actor, command, refused, (received, claimed), at);
    }

    /// Another version of the record, with another due time.
    fn source_says(&mut self, received: i64) {
        self.versions += 1;
        let mut record = self.record.clone().expect("reported");
        record.source_due_at = self.source_due(received);
        let said = format!("{:?}", (self.versions, record.source_due_at));
        record.digest = Digest::of([said.as_bytes()]);
        let changed = received - self.random.below(300) * MINUTE;
        let version = record.snapshot.as_mut().expect("whole records");
        version.version = Some(self.versions);
        version.changed_at = time(changed);
        let at = changed.max(self.told.last_at);
        self.ask(
            role(Role::Source),
            Command::ReportClue(record),
            "",
            (received, None),
            at,
        );
    }

    /// `known`: when it was received, or happened if that is later.
    fn choose(&mut self, at: i64, known: i64) -> Option<(Actor, Command, &'static str)> {
        let dice = self.random.below(100);
        let to = self.random.of(&AGENCIES);
        let desk = coordinator();
        let hold = Command::HoldForTriage {
            decision: decision("tie"),
        };
        let void = Command::VoidClue {
            reason: "test_data".to_owned(),
        };
        let (code, ..) = self.random.of(&MATTERS);
        let correct = |place: Option<&str>| Command::CorrectClue {
            matter: Some(matter(code)),
            area: place.map(area),
            category: None,
        };
        let place = Some(self.random.of(&AREAS)).filter(|_| self.told.deadline.is_none());
        if let Some(dispute) = self.told.dispute
            && self.random.percent(25)
        {
            return Some(self.settles(dispute, to));
        }
        Some(match self.told.lies {
            Lies::Unknown | Lies::Gone => return None,
            Lies::Reported => (desk, Command::AdmitClue, ""),
            Lies::Admitted => match dice {
                0..65 => (role(Role::Routing), assign(to), ""),
                65..90 => (role(Role::Routing), hold, ""),
                90..97 => (desk, correct(place), ""),
                _ => (
                    desk,
                    Command::RejectClue {
                        reason: "litigation".to_owned(),
                    },
                    "",
                ),
            },
            Lies::Triage => match dice {
                0..55 => (desk, assign(to), ""),
                55..80 => (desk, transfer(to), ""),
                80..88 => (desk, hold, ""),
                88..98 => (desk, correct(place), ""),
                _ => (desk, void, ""),
            },
            Lies::Coordination(_) => match dice {
                0..30 => (desk, assign(to), "in_dispute"),
                30..60 => (desk, correct(None), "in_dispute"),
                60..95 => (desk, transfer(to), "in_dispute"),
                _ => (desk, void, ""),
            },
            Lies::Held => return self.in_hand((at, known), to),
            Lies::Returning => {
                let other = Some(agency(to)).filter(|_| self.told.agency.as_deref() != Some(to));
                match dice {
                    0..60 => (desk, Command::ApproveReturn { to: other }, ""),
                    60..95 => (desk, Command::RefuseReturn, ""),
                    _ => return self.extends(known),
                }
            }
            Lies::Suspended { .. } => {
                let holder = of(self.told.agency.as_deref().expect("somebody"));
                match dice {
                    0..30 => (holder, Command::ResumeClue, ""),
                    30..45 => (holder, Command::AcknowledgeClue, "wrong_stage"),
                    45..48 => (desk, void, ""),
                    48..60 => return self.extends(known),
                    _ => return None,
                }
            }
            Lies::Resolved => match dice {
                0..20 => (checker(), Command::FailCheck, ""),
                20..70 if !self.checked() => (checker(), Command::PassCheck, ""),
                _ if self.checked() => (checker(), Command::CloseClue, ""),
                _ => (checker(), Command::CloseClue, "check_missing"),
            },
            Lies::Closed { at: closed } => {
                let refused = if at > closed + 15 * DAY {
                    "reopen_window_over"
                } else {
                    ""
                };
                if dice < 70 {
                    return None;
                }
                (desk, Command::ReopenClue, refused)
            }
        })
    }

    /// Somebody else holds it meanwhile, gets it, or the dispute is over.
    fn settles(&mut self, dispute: DisputeId, to: &str) -> (Actor, Command, &'static str) {
        let level = self.random.of(&[Level::County, Level::City]);
        let interim = self.random.percent(60).then_some(to);
        let by = self.random.of(Designation::ALL);
        let resolved = self.told.lies == Lies::Resolved;
        let (command, refused) = match self.random.below(10) {
            0..3 if resolved => (hold(dispute, interim, level), "wrong_stage"),
            0..3 => (hold(dispute, interim, level), ""),
            3..8 => (designate(dispute, to, by), ""),
            _ => (release(dispute), ""),
        };
        (role(Role::Dispute), command, refused)
    }

    /// Whether somebody confirmed it since it was resolved.
    fn checked(&self) -> bool {
        let since = self.case.journal.iter().rev();
        let mut since = since.take_while(|it| !matches!(it.event, Event::ClueResolved { .. }));
        since.any(|it| it.event == Event::CheckPassed)
    }

    fn in_hand(
        &mut self,
        (at, known): (i64, i64),
        to: &'static str,
    ) -> Option<(Actor, Command, &'static str)> {
        let name = self.told.agency.clone().expect("somebody");
        let below = match name.as_str() {
            CITY => Some(COUNTY),
            COUNTY | COUNTY_WATER => Some(TOWN),
            _ => None,
        };
        let holder = of(&name);
        let disputed = if self.told.dispute.is_some() {
            "in_dispute"
        } else {
            ""
        };
        let already = if self.told.signed {
            "already_acknowledged"
        } else {
            ""
        };
        // some want more time again and again
        let wants_time = self.seed.is_multiple_of(6) && self.random.percent(50);
        let dice = if wants_time { 60 } else { self.random.below(100) };
        Some(match dice {
            0..18 => (holder, Command::AcknowledgeClue, already),
            18..22 if !self.told.signed => (holder, Command::StartHandling, ""),
            22..30 => (holder, Command::DelegateClue { to: agency(below?) }, disputed),
            30..38 if name != to => {
                let refused = match disputed {
                    "" if self.told.designated.is_some() => "designated_may_not_return",
                    disputed => disputed,
                };
                (holder, request_return(to), refused)
            }
            38..44 if name != to => (coordinator(), transfer(to), disputed),
            44..60 => {
                let (after, refused) = match self.random.below(20) {
                    0 => (60 * DAY + 1, "until_too_far"),
                    1 => (60 * DAY, ""),
                    2 => (0, "until_in_past"),
                    3..8 => (1 + self.random.below(5 * HOUR), ""),
                    8..14 => (self.random.below(10 * 24 * 2) * 30 * MINUTE + MINUTE, ""),
                    _ => (1 + self.random.below(60 * DAY), ""),
                };
                (holder, suspend(time(at + after)), refused)
            }
            60..78 => return self.extends(known),
            78..99 => (holder, resolve(), ""),
            _ => (
                coordinator(),
                Command::VoidClue {
                    reason: "test_data".to_owned(),
                },
                "",
            ),
        })
    }

    /// More time: asked for, or answered; whatever is claimed, before the time has come.
    fn extends(&mut self, at: i64) -> Option<(Actor, Command, &'static str)> {
        match (self.told.extension.clone(), self.random.below(10)) {
            (Some(_), 0..2) => Some((coordinator(), Command::RefuseExtension, "")),
            (Some(more), 2..8) => {
                let refused = self.told.refuses(&more, at);
                Some((coordinator(), Command::GrantExtension, refused))
            }
            (None, 0) => Some((coordinator(), Command::GrantExtension, "extension_not_requested")),
            (pending, _) if self.told.lies == Lies::Held => {
                let all = [
                    "1wd", "3wd", "2wh", "1d", "5wd", "90min", "9wd", "12h", "8d", "7wd", "10d", "40wh",
                ];
                let more = self.random.of(&all);
                let refused = match pending {
                    Some(_) => "extension_pending",
                    None => self.told.refuses(&length(more), at),
                };
                let holder = of(self.told.agency.as_deref().expect("somebody"));
                Some((holder, request_extension(more), refused))
            }
            _ => None,
        }
    }
}
