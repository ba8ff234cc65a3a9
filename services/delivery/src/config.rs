//! Which agency is told where, and where agencies answer.

use std::collections::BTreeSet;

use bihuan_contracts::topics;
use bihuan_domain::code::AgencyId;
use serde::Deserialize;

/// Stands for every agency.
pub const EVERY_AGENCY: &str = "*";

const NOTICES: &str = "agency.assignments.v1";

/// The topics between Bihuan and the agencies' systems.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where an agency is told of its assignments; its own route wins over that of every agency. These topics have as many
    /// partitions as our own.
    pub notices: Vec<Route>,
    /// Where agencies' commands are read. On a topic that is an agency's own nobody else may speak; that only it can write
    /// there is for the log's access control to see to.
    pub commands: Vec<Route>,
}

/// An agency, or every one, and its topic.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// As the rulebook calls it, or [`EVERY_AGENCY`].
    pub agency: AgencyId,
    pub topic: String,
}

impl Route {
    fn every(topic: &str) -> Option<Self> {
        let agency = AgencyId::new(EVERY_AGENCY).ok()?;
        Some(Self {
            agency,
            topic: topic.to_owned(),
        })
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            notices: Route::every(NOTICES).into_iter().collect(),
            commands: Route::every(topics::AGENCY_COMMANDS).into_iter().collect(),
        }
    }
}

impl Config {
    /// Tells nobody anything and listens to nobody.
    pub const fn silent() -> Self {
        Self {
            notices: Vec::new(),
            commands: Vec::new(),
        }
    }

    /// Where `agency` is told of its assignments; `None`: nowhere.
    pub fn notices_for(&self, agency: &AgencyId) -> Option<&str> {
        let of = |name: &str| self.notices.iter().find(|route| route.agency.as_str() == name);
        of(agency.as_str())
            .or_else(|| of(EVERY_AGENCY))
            .map(|route| route.topic.as_str())
    }

    /// Whether `agency` may send commands on `topic`.
    pub fn may_speak(&self, topic: &str, agency: &AgencyId) -> bool {
        let mut routes = self.commands.iter().filter(|route| route.topic == topic);
        routes.any(|route| route.agency == *agency || route.agency.as_str() == EVERY_AGENCY)
    }

    /// The topics that agencies' commands come from.
    pub fn command_topics(&self) -> BTreeSet<&str> {
        self.commands.iter().map(|route| route.topic.as_str()).collect()
    }

    /// Every topic here that is not one of Bihuan's own: it must exist before delivery starts, those for notices with as many
    /// partitions as Bihuan's own.
    pub fn topics(&self) -> BTreeSet<&str> {
        let own = |topic: &&str| topics::QUEUES.contains(topic) || topics::JOURNALS.contains(topic);
        let all = self
            .notices
            .iter()
            .chain(&self.commands)
            .map(|route| route.topic.as_str());
        all.filter(|topic| !own(topic)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(agency: &str, topic: &str) -> Route {
        Route {
            agency: AgencyId::new(agency).expect("valid"),
            topic: topic.to_owned(),
        }
    }

    #[test]
    fn an_agencys_own_route_wins_and_without_any_it_is_told_nothing() {
        let mut config = Config {
            notices: vec![route("*", "all"), route("a", "of-a")],
            ..Config::default()
        };
        let [a, b] = ["a", "b"].map(|id| AgencyId::new(id).expect("valid"));
        assert_eq!(
            (config.notices_for(&a), config.notices_for(&b)),
            (Some("of-a"), Some("all"))
        );
        config.notices.remove(0);
        assert_eq!(config.notices_for(&b), None);
        let silent = Config::silent();
        assert!(silent.notices_for(&a).is_none() && silent.topics().is_empty());
        assert!(!silent.may_speak(topics::AGENCY_COMMANDS, &a));
    }

    #[test]
    fn nobody_else_speaks_on_an_agencys_own_topic() {
        let config = Config {
            commands: vec![route("*", "all"), route("a", "of-a")],
            ..Config::default()
        };
        let [a, b] = ["a", "b"].map(|id| AgencyId::new(id).expect("valid"));
        let may = |topic| (config.may_speak(topic, &a), config.may_speak(topic, &b));
        assert_eq!(
            (may("all"), may("of-a"), may("x")),
            ((true, true), (true, false), (false, false))
        );
    }

    #[test]
    fn our_own_topics_need_not_be_made() {
        assert_eq!(Config::default().topics(), BTreeSet::from([NOTICES]));
    }
}
