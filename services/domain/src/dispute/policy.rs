//! What a place decides about disputes: `[policy.disputes]` of `rulebook.toml`. Every default stands here, with where it is from.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Forum, ForumLevel, Ground, Step};
use crate::calendar::{Limit, LimitError, Unit};
use crate::code::{AgencyId, AreaCode, MatterCode, Severity};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DisputePolicy {
    pub limits: StepLimits,
    /// Who holds the clue until it is settled whose duty it is.
    pub interim_holder: InterimRule,
    /// Where that is asked: which clues are urgent.
    pub urgent: Urgency,
    /// Whether the clue's clocks stand still while it is in dispute.
    pub pauses_clock: bool,
    pub on_lapse: OnLapse,
    /// Who coordinates and who decides where; of a forum that is not named, any coordinator of that level who is no party.
    pub coordinators: Vec<Office>,
    /// On which grounds an application may be refused.
    pub excluded: Vec<Ground>,
    /// So many times a ruling may be appealed.
    pub appeals: u32,
    /// Whether an agency that a coordinator designated may return the clue.
    pub designated_may_return: bool,
}

/// How long each step may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StepLimits {
    /// From the dispatch: until then "not my duty" can be said (象山县 2021: 2 working days).
    pub return_window: Wait,
    /// 住房和城乡建设部令 55 art. 6: 7 working days.
    pub negotiation: Wait,
    /// Where nobody applies, it is applied by itself.
    pub application: Wait,
    /// 平顶山、汕头 and a district of 北京: 3 working days.
    pub acceptance: Wait,
    pub forwarding: Wait,
    /// 平顶山 art. 10: 5 working days.
    pub answering: Wait,
    pub opinion: Wait,
    /// Until then the parties say whether they accept the opinion.
    pub consent: Wait,
    pub decision: Wait,
    pub appeal_window: Wait,
    pub taking_up: Wait,
    /// From taking up a ruling that sets no term.
    pub compliance: Wait,
    /// What is late at the last forum, breached, or not handled in its term is escalated again at this interval. Never at once:
    /// that would have no end.
    #[serde(with = "written")]
    pub escalation: Limit,
}

/// How long is waited: not at all, or until a limit ends. Written `at_once` or `5wd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Wait {
    AtOnce,
    For(Limit),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InterimRule {
    /// The first agency that the clue was dispatched to (首接负责).
    #[default]
    FirstReceiver,
    /// That one only where it is urgent; else nobody's hands but the coordinator's.
    UrgentOnly,
    /// Whoever the coordinator named (牵头单位; 平顶山 art. 13); until then the first receiver.
    DesignatedLead,
}

/// A clue of one of these matters or severities is urgent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Urgency {
    pub matters: Vec<MatterCode>,
    pub severities: Vec<Severity>,
}

/// What happens where those before whom a dispute is let their time pass. Where there is nobody above, they proceed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OnLapse {
    /// It is accepted by itself.
    pub acceptance: Lapse,
    /// It is forwarded by itself.
    pub forwarding: Lapse,
    /// It is decided without an opinion.
    pub opinion: Lapse,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lapse {
    #[default]
    Proceed,
    NextLevel,
}

/// Who coordinates at a forum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Office {
    pub level: ForumLevel,
    /// Of a county: which; none: of every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<AreaCode>,
    pub agency: AgencyId,
    /// Who decides in the name of the government of the level, where that is another agency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deciding: Option<AgencyId>,
}

impl Office {
    /// Whether the agency coordinates or decides there.
    pub fn is_of(&self, agency: &AgencyId) -> bool {
        self.agency == *agency || self.deciding.as_ref() == Some(agency)
    }
}

impl Default for DisputePolicy {
    fn default() -> Self {
        Self {
            limits: StepLimits::default(),
            interim_holder: InterimRule::default(),
            urgent: Urgency::default(),
            pauses_clock: false,
            on_lapse: OnLapse::default(),
            coordinators: Vec::new(),
            excluded: Ground::ALL.to_vec(),
            appeals: 1,
            designated_may_return: false,
        }
    }
}

impl Default for StepLimits {
    fn default() -> Self {
        Self {
            return_window: working_days(2),
            negotiation: working_days(7),
            application: Wait::AtOnce,
            acceptance: working_days(3),
            forwarding: working_days(2),
            answering: working_days(5),
            opinion: working_days(10),
            consent: working_days(5),
            decision: working_days(15),
            appeal_window: working_days(5),
            taking_up: working_days(1),
            compliance: working_days(20),
            escalation: ESCALATION,
        }
    }
}

impl Default for Urgency {
    fn default() -> Self {
        Self {
            matters: Vec::new(),
            severities: Severity::new("urgent").into_iter().collect(),
        }
    }
}

const ESCALATION: Limit = limit(5);

const fn working_days(days: u32) -> Wait {
    Wait::For(limit(days))
}

/// So many working days.
const fn limit(days: u32) -> Limit {
    match Limit::new(days, Unit::WorkingDays) {
        Ok(limit) => limit,
        Err(_) => panic!("a default that is no limit"),
    }
}

/// A limit as rulebooks have it, like `5wd`.
mod written {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use super::Limit;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    pub(super) fn serialize<S: Serializer>(limit: &Limit, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(limit)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Limit, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map_err(|error| D::Error::custom(format_args!("{text:?} is no limit: {error}")))
    }
}

impl DisputePolicy {
    /// The office of a forum, if the policy names one: that of the county itself before that of every county.
    pub fn office(&self, forum: &Forum) -> Option<&Office> {
        let of_level = || self.coordinators.iter().filter(|it| it.level == forum.level());
        of_level()
            .find(|it| it.area.is_some() && it.area.as_ref() == forum.county())
            .or_else(|| of_level().find(|it| it.area.is_none()))
    }

    /// Whether the agency coordinates or decides there.
    pub fn sits_at(&self, agency: &AgencyId, forum: &Forum) -> bool {
        let office = self.office(forum);
        office.is_some_and(|it| it.is_of(agency))
    }

    pub fn is_urgent(&self, matter: Option<&MatterCode>, severity: Option<&Severity>) -> bool {
        matter.is_some_and(|it| self.urgent.matters.contains(it))
            || severity.is_some_and(|it| self.urgent.severities.contains(it))
    }
}

impl StepLimits {
    /// How long a step may take when it begins.
    pub const fn of(&self, step: Step) -> Wait {
        match step {
            Step::Negotiation => self.negotiation,
            Step::Application => self.application,
            Step::Acceptance => self.acceptance,
            Step::Forwarding => self.forwarding,
            Step::Replies => self.answering,
            Step::Opinion => self.opinion,
            Step::Consent => self.consent,
            Step::Decision => self.decision,
            Step::AppealWindow => self.appeal_window,
            Step::TakingUp => self.taking_up,
            Step::Breach => Wait::For(self.escalation),
            Step::Compliance => self.compliance,
        }
    }
}

impl std::fmt::Display for Wait {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtOnce => f.pad("at_once"),
            Self::For(limit) => limit.fmt(f),
        }
    }
}

impl FromStr for Wait {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        match text {
            "at_once" => Ok(Self::AtOnce),
            limit => limit.parse().map(Self::For),
        }
    }
}

impl TryFrom<String> for Wait {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
            .map_err(|error| format!("{text:?} is neither at_once nor a limit: {error}"))
    }
}

impl From<Wait> for String {
    fn from(wait: Wait) -> Self {
        wait.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::office;
    use super::*;
    use crate::clue::testing::{CITY, COUNTY, TOWN, agency, area};

    #[test]
    fn a_policy_is_read_as_it_is_written_and_what_it_leaves_out_is_the_default() {
        let policy = DisputePolicy::default();
        let json = serde_json::to_value(&policy).expect("data");
        assert_eq!(json["limits"]["negotiation"], "7wd");
        assert_eq!(json["limits"]["application"], "at_once");
        assert_eq!(json["limits"]["escalation"], "5wd");
        assert_eq!(json["interim_holder"], "first_receiver");
        assert_eq!(
            serde_json::from_value::<DisputePolicy>(json).expect("read"),
            policy
        );
        let read = |text| serde_json::from_str::<DisputePolicy>(text);
        assert_eq!(read("{}").expect("the default"), policy);
        let changed =
            read(r#"{"limits":{"negotiation":"3d"},"coordinators":[{"level":"city","agency":"c"}]}"#);
        let changed = changed.expect("read");
        assert_eq!(changed.limits.negotiation.to_string(), "3d");
        assert_eq!(changed.limits.acceptance, policy.limits.acceptance);
        for wrong in [
            r#"{"limits":{"negotiation":"0wd"}}"#,
            r#"{"limits":{"negotiation":"soon"}}"#,
            r#"{"limits":{"escalation":"at_once"}}"#,
            r#"{"limits":{"hearing":"3wd"}}"#,
            r#"{"interim":"first_receiver"}"#,
            r#"{"coordinators":[{"level":"town","agency":"c"}]}"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_office_of_a_county_comes_before_that_of_every_county() {
        let policy = DisputePolicy {
            coordinators: vec![
                office("county", None, CITY),
                office("county", Some("330602"), COUNTY),
                office("city", None, TOWN),
            ],
            ..DisputePolicy::default()
        };
        let named = |forum| policy.office(&forum).map(|it| it.agency.as_str().to_owned());
        let table = [
            (Forum::County(area("330602")), Some(COUNTY)),
            (Forum::County(area("330603")), Some(CITY)),
            (Forum::City, Some(TOWN)),
            (Forum::CityGovernment, None),
        ];
        for (forum, expected) in table {
            assert_eq!(named(forum.clone()).as_deref(), expected, "{forum}");
        }
        assert!(policy.sits_at(&agency(TOWN), &Forum::City));
        assert!(!policy.sits_at(&agency(TOWN), &Forum::CityGovernment));
    }
}
