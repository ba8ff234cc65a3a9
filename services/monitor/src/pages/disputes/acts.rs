//! Who can do what next, and the command line for it.

use bihuan_domain::code::AgencyId;
use bihuan_domain::dispute::{Ask, Asker, Dispute, DisputePolicy, offers};

use crate::words::Words;

/// What the open step waits for.
pub(super) struct Pending {
    pub(super) ask: &'static str,
    pub(super) who: String,
}

/// Something that can be done now.
pub(super) struct Act {
    pub(super) ask: &'static str,
    /// The open step waits for it.
    pub(super) awaited: bool,
    pub(super) who: String,
    pub(super) command: String,
}

/// What the open step waits for, and from whom.
pub(super) fn pending(dispute: &Dispute, policy: &DisputePolicy, words: Words<'_>) -> Vec<Pending> {
    let offers = offers(dispute, policy);
    let awaited = offers.iter().filter(|it| it.awaited);
    awaited
        .map(|it| Pending {
            ask: it.ask.words(words.lang),
            who: who(&it.by, words),
        })
        .collect()
}

/// Whether the open step waits for the agency, or for its office.
pub(super) fn waits_for(dispute: &Dispute, policy: &DisputePolicy, agency: &AgencyId) -> bool {
    let offers = offers(dispute, policy);
    let mut by = offers.iter().filter(|it| it.awaited).flat_map(|it| &it.by);
    by.any(|asker| match asker {
        Asker::Agency(it) | Asker::Office { agency: Some(it), .. } => it == agency,
        Asker::Office { agency: None, .. } | Asker::Operator => false,
    })
}

/// Everything that can be done, with its command.
pub(super) fn acts(dispute: &Dispute, policy: &DisputePolicy, words: Words<'_>) -> Vec<Act> {
    let offers = offers(dispute, policy);
    let act = |offer: &bihuan_domain::dispute::Offer| Act {
        ask: offer.ask.words(words.lang),
        awaited: offer.awaited,
        who: who(&offer.by, words),
        command: command(dispute, offer.ask, &offer.by),
    };
    offers.iter().map(act).collect()
}

fn who(by: &[Asker], words: Words<'_>) -> String {
    let all: Vec<_> = by.iter().map(|it| words.asker(it)).collect();
    all.join(words.lang.choose("、", ", "))
}

/// As somebody types it; what must be filled in is an ellipsis.
fn command(dispute: &Dispute, ask: Ask, by: &[Asker]) -> String {
    let role = match by {
        [Asker::Agency(agency)] | [Asker::Agency(agency), Asker::Operator] => format!("agency:{agency}"),
        [
            Asker::Office {
                agency: Some(agency), ..
            },
            ..,
        ] => format!("coordinator:{agency}"),
        [Asker::Office { agency: None, .. }, ..] => "coordinator:…".to_owned(),
        [Asker::Operator] => "operator".to_owned(),
        _ => "agency:…".to_owned(),
    };
    let paper = "--paper … --sha256 …";
    let responsible = dispute.responsible().map_or("…", AgencyId::as_str);
    let rest = match ask {
        Ask::StatePosition => "state-position --position … --duty …".to_owned(),
        Ask::RecordMinutes => format!("record-minutes --agreed … {paper}"),
        Ask::Apply => format!("apply {paper}"),
        Ask::AcceptApplication => "accept-application".to_owned(),
        Ask::RefuseApplication => "refuse-application --ground … --reason …".to_owned(),
        Ask::ForwardApplication => "forward-application".to_owned(),
        Ask::Reply => format!("reply {paper}"),
        Ask::RecordMeeting => format!("record-meeting {paper}"),
        Ask::GiveOpinion => format!("give-opinion --agency … {paper}"),
        Ask::AcceptOpinion => "accept-opinion".to_owned(),
        Ask::DeclineOpinion => "decline-opinion".to_owned(),
        Ask::DecideDispute => format!("decide --responsible … --basis … {paper}"),
        Ask::WithdrawDispute => "withdraw".to_owned(),
        Ask::AppealRuling => format!("appeal {paper}"),
        Ask::AddParty => "add-party --agency …".to_owned(),
        Ask::NameLead => "name-lead --agency …".to_owned(),
        Ask::NoteTakenUp => format!("note-taken-up --agency {responsible}"),
    };
    format!("bihuan dispute act {} {rest} --as {role}", dispute.id)
}
