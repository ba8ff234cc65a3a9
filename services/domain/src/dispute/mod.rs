//! The dispute over whose duty a clue is (争议): commands ask, [`decide`] answers with events, [`evolve`] folds events into state,
//! [`wake`] says what happens by itself when the time of a step has passed.
//!
//! One file a rule under `decide/`; what a place decides for itself is in `policy.rs`. Negotiation → application → acceptance →
//! forwarding → replies → opinion → consent → decision → appeal window → taking up → compliance.

mod agenda;
mod agenda_proposal;
mod command;
mod deadline;
mod decide;
mod document;
mod env;
mod event;
mod evolve;
mod forum;
mod interim;
mod jurisdiction;
mod jurisdiction_words;
mod offer;
mod outcome;
mod party;
mod policy;
mod precedent;
mod provenance;
mod returning;
mod ruling;
mod sequel;
mod standing_words;
mod state;
mod taking_over;
mod waking;
mod words;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use agenda::{Agenda, Item, Open, Pair, Sources, Subject, Unowned};
pub use agenda_proposal::{Ground as ProposalGround, Measure, Proposal};
pub use command::{Command, Envelope};
pub use deadline::Deadline;
pub use decide::{Decision, Rejection, decide};
pub use document::{Document, DocumentKind, Paper};
pub use env::Env;
pub use event::{Event, Occurrence, Then};
pub use evolve::evolve;
pub use forum::{Forum, ForumLevel};
pub use interim::{Interim, interim_holder};
pub use jurisdiction::{Jurisdiction, Place, Placed, Reason, Skipped, jurisdiction, next_above};
pub use offer::{Ask, Asker, Offer, offers};
pub use outcome::{Agreement, Cause, ClueEnd, Ground, Opening, Opinion, Outcome};
pub(crate) use party::MOST_PARTIES;
pub use party::{Claim, Party, Position};
pub use policy::{DisputePolicy, InterimRule, Lapse, Office, OnLapse, StepLimits, Urgency, Wait};
pub use precedent::{Precedent, contradicts, similar};
pub use provenance::Provenance;
pub use returning::{Barred, Returning};
pub use ruling::{Breach, Ruled, Ruling};
pub use state::{Dispute, Holder, Standing, State, Step};
pub use taking_over::{Conflict, Rival};
pub use waking::wake;
pub use words::{Code, rejection_words};
