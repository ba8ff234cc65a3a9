//! One clue as the API shows it.

use bihuan_domain::clue::{Class, Discrepancy, Flag, RungKind};
use bihuan_domain::code::AgencyId;
use bihuan_domain::figures::{Assisting, Mark, Step};
use bihuan_domain::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::clocks::ShownClocks;
use crate::links::Link;
use crate::listing::{FoundClue, ListedClue};

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ShownClue {
    #[serde(flatten)]
    clue: ListedClue,
    #[schema(value_type = String)]
    class: Class,
    #[schema(value_type = Vec<String>)]
    flags: Vec<Flag>,
    #[schema(required)]
    source_due_at: Option<String>,
    #[schema(required, value_type = Option<String>)]
    first_agency: Option<AgencyId>,
    returns: u32,
    transfers: u32,
    reworks: u32,
    reopened: u32,
    #[schema(required)]
    conclusion: Option<&'static str>,
    #[schema(required)]
    closure_class: Option<&'static str>,
    /// What the source says, where it sends the whole record again at every change.
    #[schema(required)]
    source_status: Option<&'static str>,
    /// Other records that stand for the clue.
    links: Vec<Link>,
    /// How often the source urged.
    urged: u32,
    /// Where the source says otherwise, and nobody has decided about that yet.
    discrepancies: Vec<&'static str>,
    /// Its clocks: how long each step has, and what moved that.
    clocks: ShownClocks,
    /// Oldest first.
    history: Vec<ShownStep>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
struct ShownStep {
    /// RFC 3339.
    at: String,
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    agency: Option<AgencyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conclusion: Option<&'static str>,
    /// From the source's own record.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    recorded: bool,
}

impl ShownClue {
    pub(super) fn of(found: FoundClue, clocks: ShownClocks) -> Self {
        let facts = &found.facts;
        let condition = facts.latest();
        let reported = ShownStep::plain(facts.reported_at, "reported");
        Self {
            class: facts.class,
            flags: condition.flags(),
            source_due_at: condition.source_due_at.map(|at| at.to_string()),
            first_agency: condition.first.map(|first| first.agency.clone()),
            returns: condition.returns,
            transfers: condition.transfers,
            reworks: condition.reworks,
            reopened: condition.reopened,
            conclusion: condition.closing.map(|closing| closing.conclusion.as_str()),
            closure_class: condition.closing.map(|closing| closing.class.as_str()),
            source_status: condition.said.as_ref().map(|said| said.status.as_str()),
            links: Link::all(facts),
            urged: condition.urged(),
            discrepancies: condition
                .discrepancies()
                .into_iter()
                .map(Discrepancy::as_str)
                .collect(),
            clocks,
            history: std::iter::once(reported)
                .chain(facts.history.iter().filter_map(ShownStep::of))
                .collect(),
            clue: found.listed,
        }
    }
}

impl ShownStep {
    fn plain(at: Timestamp, event: &'static str) -> Self {
        Self {
            at: at.to_string(),
            event,
            agency: None,
            conclusion: None,
            recorded: false,
        }
    }

    /// `None`: the clocks alone.
    fn of(mark: &Mark) -> Option<Self> {
        let with = |event, agency: &AgencyId, recorded| Self {
            agency: Some(agency.clone()),
            recorded,
            ..Self::plain(mark.at, event)
        };
        let event = match &mark.step {
            Step::Assigned { agency, recorded, .. } => return Some(with("assigned", agency, *recorded)),
            Step::Delegated { to } => return Some(with("delegated", to, false)),
            Step::Transferred { to, recorded, .. } => return Some(with("transferred", to, *recorded)),
            Step::Designated { agency, .. } => return Some(with("designated", agency, false)),
            Step::Disputed {
                interim: Some(interim),
            } => return Some(with("disputed", interim, false)),
            Step::HeldForDispute {
                interim: Some(interim),
            } => return Some(with("held_for_dispute", interim, false)),
            Step::Closed {
                conclusion, recorded, ..
            } => {
                let conclusion = Some(conclusion.as_str());
                return Some(Self {
                    conclusion,
                    recorded: *recorded,
                    ..Self::plain(mark.at, "closed")
                });
            }
            Step::Assisting(Assisting::Asked { agency, .. }) => {
                return Some(with("assistance_asked", agency, false));
            }
            Step::Assisting(Assisting::Arrived { .. }) => "arrival_noted",
            Step::Assisting(Assisting::Answered { .. }) => "task_answered",
            Step::Assisting(Assisting::Withdrawn { .. }) => "task_withdrawn",
            Step::Assisting(Assisting::Rated { .. }) => "task_rated",
            Step::Campaign(Some(_)) => "campaign_tagged",
            Step::Campaign(None) => "campaign_untagged",
            Step::Admitted => "admitted",
            Step::Rejected => "rejected",
            Step::Corrected(_) => "corrected",
            Step::HeldForTriage => "held_for_triage",
            Step::HeldForCoordination => "held_for_coordination",
            Step::Disputed { interim: None } => "disputed",
            Step::HeldForDispute { interim: None } => "held_for_dispute",
            Step::ReleasedFromDispute => "released_from_dispute",
            Step::Acknowledged => "acknowledged",
            Step::ReturnRequested => "return_requested",
            Step::ReturnRefused => "return_refused",
            Step::HandlingStarted => "handling_started",
            Step::Suspended => "suspended",
            Step::Resumed => "resumed",
            Step::Resolved => "resolved",
            Step::SentBack => "sent_back",
            Step::Reopened => "reopened",
            Step::Voided | Step::Withdrawn => "voided",
            Step::SourceUpdated { .. } => "source_updated",
            Step::SourceDeleted => "source_deleted",
            Step::SourceMissing => "source_missing",
            Step::SourceHeard => "report_repeated",
            Step::Linked { .. } => "clue_linked",
            Step::Recoded(_) => "recoded",
            Step::Settled(_) => "discrepancy_settled",
            Step::Extended => "extended",
            Step::Drafted { kind, .. } if kind.is_drafted() => "notice_drafted",
            Step::Drafted { .. } => "desk_reminded",
            Step::Issued { .. } => "notice_issued",
            Step::Shown { kind, .. } if *kind == RungKind::Colour => "coloured",
            Step::Shown { .. } => "escalated",
            Step::Discarded { .. } => "notice_discarded",
            Step::Clocks(_) => return None,
        };
        Some(Self::plain(mark.at, event))
    }
}
