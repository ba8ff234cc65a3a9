//! Where a clue stood at a moment: its history up to then, folded.

use super::punctuality::Before;
use super::{Assisted, Facts, HolderKind, LinkCondition, Mark, Punctuality, Standing, Step};
use crate::clue::{ClosureClass, Codes, Conclusion, Flag, Said};
use crate::code::{AgencyId, AreaCode, CampaignCode, MatterCode};
use crate::time::Timestamp;

/// A dispatch to an agency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dispatch<'a> {
    pub agency: &'a AgencyId,
    pub at: Timestamp,
    /// The source's own, not one that Bihuan made.
    pub recorded: bool,
}

/// The closing by which a closed clue is judged: its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    pub at: Timestamp,
    /// Up to when time counts: earlier, if the clue's clocks stood still then.
    pub counted_at: Timestamp,
    pub conclusion: Conclusion,
    pub class: ClosureClass,
    /// The source's own, not one that Bihuan saw.
    pub recorded: bool,
}

/// A clue at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition<'a> {
    pub standing: Standing,
    /// Since when the holder that it has holds it; once it is over, since when that is.
    pub held_since: Timestamp,
    pub matter: Option<&'a MatterCode>,
    pub area: Option<&'a AreaCode>,
    pub deadline: Option<Timestamp>,
    pub punctuality: Punctuality<'a>,
    /// The responsible agency, also while the clue is verified and after it was closed or voided; `None` while it is at a desk.
    pub agency: Option<&'a AgencyId>,
    /// To whom it was assigned or transferred last; handing down a line does not change it.
    pub line: Option<&'a AgencyId>,
    pub first: Option<Dispatch<'a>>,
    pub closing: Option<Closing>,
    pub returns: u32,
    pub transfers: u32,
    pub reworks: u32,
    pub reopened: u32,
    /// A dispute over whose duty it is, is open.
    pub disputed: bool,
    /// What its source says, where it sends the whole record again at every change.
    pub said: Option<Said>,
    pub(super) withdrawn: bool,
    pub source_due_at: Option<Timestamp>,
    /// What is wrong with the record that was applied last.
    pub(super) own_flags: &'a [Flag],
    /// What its other records say.
    pub links: Vec<LinkCondition<'a>>,
    /// The tasks of agencies beside the responsible one.
    pub assisted: Vec<Assisted<'a>>,
    pub campaign: Option<&'a CampaignCode>,
    /// How it stood before the newest event.
    pub(super) before: Before<'a>,
    /// How far the agency was, for when a return is refused or a suspension ends.
    progress: Standing,
}

impl Facts {
    /// Where the clue stood at `as_of`, everything at that very moment included. `None`: it was not reported yet.
    pub fn at(&self, as_of: Timestamp) -> Option<Condition<'_>> {
        self.before(as_of.plus_micros(1))
    }

    /// Where the clue stood just before `end`.
    pub fn before(&self, end: Timestamp) -> Option<Condition<'_>> {
        let mut condition = Condition::reported(self);
        let seen = self.history.iter().take_while(|mark| mark.at < end);
        seen.for_each(|mark| condition.step(mark));
        (self.reported_at < end).then_some(condition)
    }

    /// Where the clue stands after everything that is known of it.
    pub fn latest(&self) -> Condition<'_> {
        let mut condition = Condition::reported(self);
        self.history.iter().for_each(|mark| condition.step(mark));
        condition
    }
}

impl<'a> Condition<'a> {
    pub(super) fn reported(facts: &'a Facts) -> Self {
        Self {
            standing: Standing::Reported,
            held_since: facts.reported_at,
            matter: facts.matter.as_ref(),
            area: facts.area.as_ref(),
            deadline: None,
            punctuality: Punctuality::new(),
            agency: None,
            line: None,
            first: None,
            closing: None,
            returns: 0,
            transfers: 0,
            reworks: 0,
            reopened: 0,
            disputed: false,
            said: facts.source_status.map(|(status, at)| Said::new(status, at)),
            withdrawn: false,
            source_due_at: facts.source_due_at,
            own_flags: &facts.flags,
            links: Vec::new(),
            assisted: Vec::new(),
            campaign: None,
            before: Before {
                standing: Standing::Reported,
                agency: None,
                given_away: false,
            },
            progress: Standing::Dispatched,
        }
    }

    pub const fn is_open(&self) -> bool {
        self.standing.is_open()
    }

    /// Open and in dispute, in whosever hands; or before a coordinator from the time when there were no disputes.
    pub const fn is_disputed(&self) -> bool {
        self.is_open() && (self.disputed || matches!(self.standing, Standing::Coordination))
    }

    /// Open, and past its overall deadline at `now`.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        let counted = self.punctuality.counted(now);
        self.is_open() && self.deadline.is_some_and(|deadline| deadline < counted)
    }

    /// Since when its overall clock stands still.
    pub fn stands_since(&self) -> Option<Timestamp> {
        self.punctuality.stands_since()
    }

    /// Closed on or before its overall deadline; `None`: not closed, or it has none.
    pub fn closed_on_time(&self) -> Option<bool> {
        Some(self.closing?.counted_at <= self.deadline?)
    }

    /// Whether the agency that has it now is the one that got it first, or one of its line.
    pub fn is_with_first(&self) -> bool {
        self.first
            .is_some_and(|first| [self.line, self.agency].contains(&Some(first.agency)))
    }

    pub(super) fn step(&mut self, mark: &'a Mark) {
        let held = (self.standing.holder(), self.agency);
        let was = self.standing;
        // the clocks stand behind the step of the same event
        let is_clocks = matches!(mark.step, Step::Clocks(_));
        if !is_clocks {
            let does_it = was == Standing::Coordination && matches!(mark.step, Step::Designated { .. });
            self.before = self.standing_now(mark.step.gives_away() && !does_it);
        }
        self.follow(mark);
        self.disputed &= self.is_open();
        self.settle_tasks(mark.at);
        if is_clocks {
            self.before = self.standing_now(false);
        }
        self.punctuality.suspended(was, self.standing, mark.at);
        if held != (self.standing.holder(), self.agency) {
            self.held_since = mark.at;
        }
    }

    const fn standing_now(&self, given_away: bool) -> Before<'a> {
        Before {
            standing: self.standing,
            agency: self.agency,
            given_away,
        }
    }

    fn follow(&mut self, mark: &'a Mark) {
        match &mark.step {
            Step::Admitted => self.standing = Standing::Admitted,
            Step::Rejected => self.standing = Standing::Rejected,
            Step::Corrected(codes) => {
                self.recoded(codes);
                self.taken_to(Standing::Admitted);
            }
            Step::HeldForTriage => self.taken_to(Standing::Triage),
            Step::HeldForCoordination => self.taken_to(Standing::Coordination),
            Step::Assigned {
                agency,
                deadline,
                recorded,
                ..
            } => {
                self.dispatched(
                    Dispatch {
                        agency,
                        at: mark.at,
                        recorded: *recorded,
                    },
                    *deadline,
                );
            }
            Step::Delegated { to } => self.delegated(to),
            Step::Acknowledged => self.held(Some(Standing::Acknowledged)),
            Step::ReturnRequested => {
                self.returns += 1;
                self.pause(Standing::ReturnRequested);
            }
            Step::ReturnRefused | Step::Resumed => self.held(None),
            Step::Transferred { to, away, recorded } => {
                self.transfers += u32::from(*away);
                let deadline = self.source_due_at;
                self.dispatched(
                    Dispatch {
                        agency: to,
                        at: mark.at,
                        recorded: *recorded,
                    },
                    deadline,
                );
            }
            Step::HandlingStarted => self.held(Some(Standing::Handling)),
            Step::Suspended => self.pause(Standing::Suspended),
            Step::Resolved => {
                if self.agency.is_some() {
                    self.standing = Standing::Resolved;
                }
            }
            Step::SentBack => {
                self.reworks += 1;
                self.back_to_agency();
            }
            Step::Closed {
                conclusion,
                class,
                recorded,
            } => {
                let (conclusion, class, recorded) = (*conclusion, *class, *recorded);
                self.standing = Standing::Closed;
                self.closing = Some(Closing {
                    at: mark.at,
                    counted_at: self.punctuality.counted(mark.at),
                    conclusion,
                    class,
                    recorded,
                });
            }
            Step::Reopened => self.reopen(),
            Step::Voided => self.standing = Standing::Voided,
            Step::Withdrawn => {
                self.standing = Standing::Voided;
                self.withdrawn = true;
            }
            Step::Recoded(codes) => self.recoded(codes),
            Step::Disputed { .. }
            | Step::HeldForDispute { .. }
            | Step::Designated { .. }
            | Step::ReleasedFromDispute => self.quarrelled(mark),
            Step::SourceUpdated { .. }
            | Step::SourceDeleted
            | Step::SourceMissing
            | Step::SourceHeard
            | Step::Linked { .. }
            | Step::Settled(_) => self.told(&mark.step),
            Step::Assisting(step) => self.assist(step, mark.at),
            Step::Campaign(campaign) => self.campaign = campaign.as_ref(),
            Step::Clocks(_)
            | Step::Extended
            | Step::Drafted { .. }
            | Step::Issued { .. }
            | Step::Shown { .. }
            | Step::Discarded { .. } => self.timed(mark),
        }
    }

    fn recoded(&mut self, codes: &'a Codes) {
        self.matter = codes.matter_after(self.matter);
        self.area = codes.area_after(self.area);
    }

    fn taken_to(&mut self, desk: Standing) {
        self.standing = desk;
        self.agency = None;
        self.line = None;
    }

    /// The overall deadline is set at the first dispatch and never reset by a later one.
    fn dispatched(&mut self, dispatch: Dispatch<'a>, deadline: Option<Timestamp>) {
        self.deadline = self.deadline.or(deadline);
        self.agency = Some(dispatch.agency);
        self.line = Some(dispatch.agency);
        self.first.get_or_insert(dispatch);
        self.standing = Standing::Dispatched;
        self.progress = Standing::Dispatched;
    }

    fn quarrelled(&mut self, mark: &'a Mark) {
        match &mark.step {
            Step::Disputed { interim } => {
                self.disputed = true;
                self.held_for_dispute(interim.as_ref(), mark.at);
            }
            Step::HeldForDispute { interim } => self.held_for_dispute(interim.as_ref(), mark.at),
            Step::Designated { agency, settles } => {
                self.passed(agency, mark.at);
                self.disputed &= !settles;
            }
            Step::ReleasedFromDispute => self.disputed = false,
            _ => {}
        }
    }

    fn held_for_dispute(&mut self, interim: Option<&'a AgencyId>, at: Timestamp) {
        match interim {
            Some(agency) => self.passed(agency, at),
            None => self.taken_to(Standing::Coordination),
        }
    }

    /// As by a transfer, unless the agency has it already. Then only that it asked to return it is over.
    fn passed(&mut self, agency: &'a AgencyId, at: Timestamp) {
        if self.agency != Some(agency) {
            self.transfers += u32::from(self.agency.is_some());
            let recorded = false;
            self.dispatched(Dispatch { agency, at, recorded }, self.source_due_at);
        } else if self.standing == Standing::ReturnRequested {
            self.held(None);
        }
    }

    fn delegated(&mut self, to: &'a AgencyId) {
        if self.agency.is_some() {
            self.agency = Some(to);
            self.standing = Standing::Dispatched;
            self.progress = Standing::Dispatched;
        }
    }

    pub(super) const fn is_in_hand(&self) -> bool {
        matches!(self.standing.holder(), Some(HolderKind::Agency))
    }

    /// Held at `progress`, or at the progress that it had.
    fn held(&mut self, progress: Option<Standing>) {
        if self.is_in_hand() {
            self.progress = progress.unwrap_or(self.progress);
            self.standing = self.progress;
        }
    }

    fn pause(&mut self, standing: Standing) {
        if self.is_in_hand() {
            self.standing = standing;
        }
    }

    fn back_to_agency(&mut self) {
        if self.agency.is_some() {
            self.standing = Standing::Handling;
            self.progress = Standing::Handling;
        }
    }

    fn reopen(&mut self) {
        self.reopened += 1;
        self.closing = None;
        self.withdrawn = false;
        let links = self.links.iter_mut().filter_map(|link| link.said.as_mut());
        self.said.iter_mut().chain(links).for_each(Said::follow);
        self.standing = Standing::Admitted;
        self.back_to_agency();
    }
}
