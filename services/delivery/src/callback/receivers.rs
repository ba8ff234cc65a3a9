//! Who is called, and for which steps of which sources: the host of a step is fixed by its mapping, so that what waits for a receiver
//! that is down need not be looked at to find what can be sent to another.

use std::collections::BTreeMap;

use bihuan_domain::code::SourceId;
use bihuan_mapping::Step;

use super::Callbacks;
use super::call;

/// Whoever is called under one name: a host and port, a topic or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Receiver {
    /// As breakers and metrics know it; empty where the mapping has no callback for the steps any more: they are given up.
    pub(super) name: String,
    pub(super) of: Vec<(SourceId, Vec<&'static str>)>,
}

/// By name.
pub(super) fn receivers(callbacks: &Callbacks) -> Vec<Receiver> {
    let mut found: BTreeMap<String, BTreeMap<SourceId, Vec<&'static str>>> = BTreeMap::new();
    for source in callbacks.sources() {
        let Some(teller) = callbacks.of(source.as_str()) else {
            continue;
        };
        for step in Step::ALL {
            let name = teller.mapping.callback(*step).map(call::receiver);
            let of = found.entry(name.unwrap_or_default()).or_default();
            of.entry(source.clone()).or_default().push(step.as_str());
        }
    }
    let receiver = |(name, of): (String, BTreeMap<_, _>)| Receiver {
        name,
        of: of.into_iter().collect(),
    };
    found.into_iter().map(receiver).collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use bihuan_mapping::Mapping;

    use super::*;
    use crate::callback::Teller;

    #[test]
    fn steps_go_to_the_host_that_their_addresses_share() {
        let text = |source: &str| {
            format!(
                "source = \"{source}\"\nformat = \"json\"\n[clue]\nid = \"/id\"\n[callback]\nurl = \"https://a.example/{{source_id}}\"\n\
                 [callback.admitted]\n[callback.closed]\nurl = \"http://b.example/x\"\n[callback.voided]\nurl = \"https://a.example/y\"\n"
            )
        };
        let tellers = ["grid", "hotline"].map(|source| Teller {
            mapping: Arc::new(Mapping::parse(&text(source)).expect("a mapping")),
            folder: PathBuf::new(),
        });
        let found = receivers(&Callbacks::new(tellers));
        let names: Vec<_> = found.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["", "a.example:443", "b.example:80"]);
        let [unmapped, first, second] = found.as_slice() else {
            panic!("{found:?}")
        };
        for (of, steps) in [(first, vec!["admitted", "voided"]), (second, vec!["closed"])] {
            let expected = ["grid", "hotline"].map(|source| (source.parse().expect("valid"), steps.clone()));
            assert_eq!(of.of, expected);
        }
        assert_eq!(unmapped.of[0].1.len() + 3, Step::ALL.len());
    }
}
