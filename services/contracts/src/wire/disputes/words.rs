//! Enumerations. The exhaustive match makes a word that the domain gains a compile error here.

use bihuan_domain::dispute::{Agreement, ClueEnd, DocumentKind, ForumLevel, Ground, Step};

use crate::generated::dispute::v1 as proto;
use crate::wire::Word;
use crate::wire::words::words;

words! {
    ForumLevel { County, City, CityGovernment }
    Step {
        Negotiation, Application, Acceptance, Forwarding, Replies, Opinion, Consent, Decision, AppealWindow, TakingUp,
        Breach, Compliance,
    }
    DocumentKind { Minutes, Application, Reply, Opinion, Decision, Other }
    Ground { InternalMatter, AgencyAgainstCitizen, NotCompetent }
    Agreement { Negotiation, Opinion }
    ClueEnd { Closed, Voided, Rejected, Merged }
}
