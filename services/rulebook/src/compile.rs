//! From files to a rulebook, with everything there is to say about them.

use std::collections::BTreeSet;

use bihuan_domain::calendar::Calendar;
use bihuan_domain::routing::Rulebook;

use crate::names::Names;
use crate::{
    Files, Finding, agencies, areas, boundaries, crosswalk, disputes, duties, duty_checks, holidays, hours,
    ladder, limits, manifest, matters, predicate_checks,
};

/// Checks the whole rulebook. There is one only if no finding is an error.
pub fn compile(files: &Files) -> (Option<Rulebook>, Vec<Finding>) {
    let mut findings = Vec::new();
    let rulebook = read(files, &mut findings);
    let rulebook = rulebook.filter(|_| !findings.iter().any(Finding::is_error));
    (rulebook, findings)
}

fn read(files: &Files, findings: &mut Vec<Finding>) -> Option<Rulebook> {
    let manifest = manifest::read(files, findings);
    let mut names = Names {
        areas: areas::read(files, findings),
        agencies: None,
        matters: None,
        categories: BTreeSet::new(),
    };
    let boundaries = boundaries::read(files, &names, findings);
    names.agencies = agencies::read(files, &names, findings);
    names.matters = matters::read(files, findings);
    names.categories = matters::categories(names.matters.as_ref());
    let crosswalk = crosswalk::read(files, &names, findings);
    let before = findings.len();
    let schema = manifest.as_ref().map(|it| &it.attributes);
    let duties = duties::read(files, &names, schema, findings);
    let complete = !findings[before..].iter().any(Finding::is_error);
    if let Some(duties) = &duties {
        duty_checks::contradictions(duties, &names, findings);
        if let Some(schema) = schema {
            predicate_checks::check(duties, &names, schema, findings);
        }
        // A row that could not be read may be the very one that is missed.
        if complete {
            duty_checks::gaps(duties, &names, findings);
        }
    }
    let days = holidays::read(files, manifest.as_ref().map(|it| &it.zone), findings);
    let hours = hours::read(files, &names, findings);
    let limits = limits::read(files, &names, days.is_some(), findings);
    let manifest = manifest?;
    findings.extend(ladder::repeated(&manifest.policy.ladder));
    if let Some(agencies) = &names.agencies {
        findings.extend(disputes::unknown_offices(
            &manifest.policy.disputes,
            &agencies.rows,
        ));
    }
    let weekend = manifest.policy.calendar.weekend;
    let calendar = Calendar::new(manifest.zone.clone(), days.unwrap_or_default(), hours, weekend);
    Some(Rulebook {
        version: files.version(),
        label: manifest.label,
        title: manifest.title,
        title_en: manifest.title_en,
        zone: manifest.zone,
        policy: manifest.policy,
        areas: names.areas?.rows,
        boundaries,
        agencies: names.agencies?.rows,
        matters: names.matters?.rows,
        crosswalk,
        attributes: manifest.attributes,
        duties: duties?,
        calendar,
        limits,
    })
}
