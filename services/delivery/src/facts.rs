//! What delivery keeps of a clue, and who is to be told when something happens to it.

use bihuan_contracts::delivery::AssignmentRole;
use bihuan_domain::calendar::Step;
use bihuan_domain::clue::{
    Assignment, Attribute, CallBack, Clocks, Event, History, Report, RungKind, TaskDue, TaskEvent, TaskKind,
};
use bihuan_domain::code::{AgencyId, AreaCode, MatterCode, Severity, SourceId};
use bihuan_domain::dispute::Interim;
use bihuan_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The facts of a clue that a notice carries, and who has the clue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Facts {
    pub(crate) number: String,
    pub(crate) matter: Option<MatterCode>,
    pub(crate) area: Option<AreaCode>,
    pub(crate) severity: Option<Severity>,
    pub(crate) reported_at: Timestamp,
    pub(crate) source_due_at: Option<Timestamp>,
    pub(crate) deadline: Option<Timestamp>,
    pub(crate) attributes: Vec<Attribute>,
    #[serde(default)]
    pub(crate) attachments: Vec<String>,
    pub(crate) assignment: Option<Assignment>,
    /// It was closed at its source before we saw it: assigning it closes it, so nobody is told.
    pub(crate) closed_at_source: bool,
    /// Unknown of clues that were reported before this was kept.
    #[serde(default)]
    pub(crate) source: Option<SourceId>,
    #[serde(default)]
    pub(crate) source_id: String,
    /// Other records that stand for it: (source, id there).
    #[serde(default)]
    pub(crate) links: Vec<(SourceId, String)>,
    /// What became of it is the source's own story: it is told nothing of it.
    #[serde(default)]
    pub(crate) past: bool,
    /// At which version it was resolved last.
    #[serde(default)]
    pub(crate) resolved: Option<u32>,
    /// Whether the agency was sent what it has in hand: not recorded history, and not what it has finished.
    #[serde(default)]
    pub(crate) in_hand: bool,
    /// Open tasks of agencies beside the responsible one.
    #[serde(default)]
    pub(crate) tasks: Vec<OpenTask>,
}

/// What an agency beside the responsible one is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct OpenTask {
    pub(crate) agency: AgencyId,
    pub(crate) number: u32,
    pub(crate) kind: TaskKind,
    pub(crate) due_at: Option<Timestamp>,
    /// Until when somebody is to be there.
    pub(crate) arrive_by: Option<Timestamp>,
}

/// An agency and its part.
pub(crate) type Told = (AgencyId, AssignmentRole);

impl Facts {
    pub(crate) fn of(number: &str, report: &Report) -> Self {
        Self {
            number: number.to_owned(),
            matter: report.matter.clone(),
            area: report.area.clone(),
            severity: report.severity.clone(),
            reported_at: report.reported_at,
            source_due_at: report.source_due_at,
            deadline: None,
            attributes: report.attributes.clone(),
            attachments: report.attachments.clone(),
            assignment: None,
            closed_at_source: waits_closed(report.history.as_ref()),
            source: Some(report.source.clone()),
            source_id: report.source_id.clone(),
            links: Vec::new(),
            past: report.log.is_some() || is_past(report.history.as_ref()),
            resolved: None,
            in_hand: false,
            tasks: Vec::new(),
        }
    }

    /// Its records: (source, id there).
    pub(crate) fn names(&self) -> impl Iterator<Item = (&SourceId, &str)> {
        let first = self.source.iter().map(|source| (source, &*self.source_id));
        first.chain(self.links.iter().map(|(source, id)| (source, &**id)))
    }

    /// Whether the report is of a record that is not known to stand for the clue.
    pub(crate) fn is_new_link(&self, report: &Report) -> bool {
        let is = |(source, id): &(SourceId, String)| *source == report.source && *id == report.source_id;
        !self.links.iter().any(is)
    }

    /// Takes in what happened and returns who has the clue to do from now on, if that is news to them.
    pub(crate) fn apply(&mut self, version: u32, event: &Event, clocks: Option<&Clocks>) -> Vec<Told> {
        let before = self.deadline;
        let told = self.follow(version, event);
        self.in_hand |= told.iter().any(|(_, role)| *role == AssignmentRole::Responsible);
        // who is told is told by when
        let overall = clocks.and_then(|clocks| clocks.running.iter().find(|it| it.step == Step::Overall));
        self.deadline = overall.map(|clock| clock.due_at).or(self.deadline);
        match event {
            // of these nothing is news to whoever has it but another deadline
            Event::DeadlineRevised
            | Event::ClueSuspended { .. }
            | Event::ClueResumed
            | Event::ClueReleasedFromDispute { .. }
            | Event::SourceUpdated { .. }
                if self.deadline != before && self.in_hand =>
            {
                self.responsible()
            }
            _ => told,
        }
    }

    fn follow(&mut self, version: u32, event: &Event) -> Vec<Told> {
        match event {
            Event::ReportRepeated {
                history: Some(history),
                ..
            } => {
                self.closed_at_source = waits_closed(Some(history));
                self.past = is_past(Some(history));
                Vec::new()
            }
            Event::ClueLinked { report } => {
                if self.is_new_link(report) {
                    self.links.push((report.source.clone(), report.source_id.clone()));
                }
                Vec::new()
            }
            Event::SourceUpdated { report, .. } => {
                self.source_due_at = report.source_due_at;
                self.attributes.clone_from(&report.attributes);
                // an update has those that are new
                self.attachments.extend_from_slice(&report.attachments);
                Vec::new()
            }
            Event::ClueCorrected(codes) | Event::ClueRecoded(codes) => {
                self.matter = codes.matter_after(self.matter.as_ref()).cloned();
                self.area = codes.area_after(self.area.as_ref()).cloned();
                self.severity = codes.severity_after(self.severity.as_ref()).cloned();
                Vec::new()
            }
            Event::ClueHeldForTriage { .. } | Event::ClueHeldForCoordination { .. } => self.at_desk(),
            Event::ClueDisputed { interim, .. } | Event::ClueHeldForDispute { interim, .. } => {
                match interim {
                    Interim::Agency(agency) if self.is_with(agency) => Vec::new(),
                    Interim::Agency(agency) => self.assigned(alone(agency), self.source_due_at, false),
                    Interim::Coordinator => self.at_desk(),
                }
            }
            Event::ClueDesignated { assignment, .. } if self.is_with(&assignment.agency) && !self.in_hand => {
                // it has finished it, or has it by its source
                self.assignment = Some(assignment.clone());
                Vec::new()
            }
            Event::ClueDesignated { assignment, .. } => {
                self.assigned(assignment.clone(), self.source_due_at, false)
            }
            Event::ClueAssigned {
                assignment,
                deadline,
                recorded,
                ..
            } => self.assigned(assignment.clone(), *deadline, *recorded),
            Event::ClueTransferred { to, recorded, .. } => {
                self.assigned(alone(to), self.source_due_at, *recorded)
            }
            Event::ClueDelegated { to, .. } => {
                if let Some(assignment) = &mut self.assignment {
                    assignment.agency = to.clone();
                }
                self.assists_no_more(to);
                self.responsible()
            }
            Event::CheckFailed
            | Event::CallBackRecorded {
                result: CallBack::NotDone,
                ..
            }
            | Event::ExtensionGranted { .. } => self.responsible(),
            Event::ClueReopened { recorded } => {
                self.tasks.clear();
                if *recorded {
                    // the agency knows by its source's own log
                    return Vec::new();
                }
                self.past = false;
                self.everybody()
            }
            Event::Task(event) => self.helped(event),
            Event::ClueResolved { .. } => {
                self.resolved = Some(version);
                self.in_hand = false;
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Who is asked hears of it; who has answered, or need not, is asked no more.
    fn helped(&mut self, event: &TaskEvent) -> Vec<Told> {
        match event {
            TaskEvent::Asked {
                task,
                agency,
                kind,
                due,
                arrival,
            } => {
                let at = |due: &Option<TaskDue>| due.as_ref().map(|due| due.at);
                self.tasks.push(OpenTask {
                    agency: agency.clone(),
                    number: *task,
                    kind: *kind,
                    due_at: at(due),
                    arrive_by: at(arrival),
                });
                vec![(agency.clone(), AssignmentRole::Assisting)]
            }
            TaskEvent::Replied { task, .. }
            | TaskEvent::Declined { task, .. }
            | TaskEvent::Withdrawn { task } => {
                self.tasks.retain(|it| it.number != *task);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn assists_no_more(&mut self, agency: &AgencyId) {
        self.tasks.retain(|it| it.agency != *agency);
    }

    /// What the agency is asked for beside the responsible one.
    pub(crate) fn task(&self, agency: &AgencyId) -> Option<&OpenTask> {
        self.tasks.iter().find(|it| it.agency == *agency)
    }

    /// The responsible one.
    pub(crate) fn agency(&self) -> Option<&AgencyId> {
        self.assignment.as_ref().map(|it| &it.agency)
    }

    fn is_with(&self, agency: &AgencyId) -> bool {
        self.agency() == Some(agency)
    }

    fn at_desk(&mut self) -> Vec<Told> {
        self.assignment = None;
        self.in_hand = false;
        Vec::new()
    }

    fn assigned(&mut self, assignment: Assignment, deadline: Option<Timestamp>, recorded: bool) -> Vec<Told> {
        // nobody assists itself
        self.assists_no_more(&assignment.agency);
        self.assignment = Some(assignment);
        self.deadline = self.deadline.or(deadline);
        let past = std::mem::take(&mut self.closed_at_source);
        if recorded || past {
            Vec::new()
        } else {
            self.everybody()
        }
    }

    fn responsible(&self) -> Vec<Told> {
        let agency = self.assignment.iter().map(|it| it.agency.clone());
        agency
            .map(|agency| (agency, AssignmentRole::Responsible))
            .collect()
    }

    /// Whoever has it, and whoever files the penalty case. Those beside them hear of their tasks.
    fn everybody(&self) -> Vec<Told> {
        let penalty = self.assignment.iter().filter_map(|it| {
            let other = it.penalty.as_ref().filter(|agency| **agency != it.agency);
            other.map(|agency| (agency.clone(), AssignmentRole::Penalty))
        });
        self.responsible().into_iter().chain(penalty).collect()
    }
}

fn alone(agency: &AgencyId) -> Assignment {
    Assignment {
        agency: agency.clone(),
        penalty: None,
        assisting: Vec::new(),
    }
}

/// Whether an event says anything that is kept here or told. The others need no look at the clue's row.
pub(crate) fn concerns(event: &Event) -> bool {
    matches!(
        event,
        Event::ClueReported { .. }
            | Event::ReportRepeated { history: Some(_), .. }
            | Event::ClueLinked { .. }
            | Event::SourceUpdated { .. }
            | Event::ClueCorrected(_)
            | Event::ClueRecoded(_)
            | Event::ClueHeldForTriage { .. }
            | Event::ClueHeldForCoordination { .. }
            | Event::ClueDisputed { .. }
            | Event::ClueHeldForDispute { .. }
            | Event::ClueDesignated { .. }
            | Event::ClueReleasedFromDispute { .. }
            | Event::ClueAssigned { .. }
            | Event::ClueTransferred { .. }
            | Event::ClueDelegated { .. }
            | Event::CheckFailed
            | Event::CallBackRecorded {
                result: CallBack::NotDone,
                ..
            }
            | Event::ClueSuspended { .. }
            | Event::ClueResumed
            | Event::ExtensionGranted { .. }
            | Event::DeadlineRevised
            | Event::RungReached {
                kind: RungKind::Reminder,
                ..
            }
            | Event::NoticeIssued { .. }
            | Event::ClueResolved { .. }
            | Event::ClueReopened { .. }
            | Event::Task(
                TaskEvent::Asked { .. }
                    | TaskEvent::Replied { .. }
                    | TaskEvent::Declined { .. }
                    | TaskEvent::Withdrawn { .. }
            )
    )
}

fn is_past(history: Option<&History>) -> bool {
    history.is_some_and(|history| history.closed_at.is_some())
}

fn waits_closed(history: Option<&History>) -> bool {
    history.is_some_and(|history| history.route && history.closed_at.is_some())
}
