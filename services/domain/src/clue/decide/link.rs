//! Several records stand for one clue: of other platforms, or under other ids of the same one (`same_as`). The record that was
//! read first speaks for the clue. Of the others it is known that they are there and what they said last: they are told of every
//! step as it is, and nothing that they say changes anything here. Where one of them says that the matter is over, was taken back or
//! began anew, and it is not so here, that is a discrepancy like the first one's ([`Clue::discrepancies`]); its urging is counted.

use super::super::{Clue, Deletion, Event, Here, LinkedRecord, Repeat, Report, Said, Snapshot, SourceStatus};
use super::{Step, one};
use crate::code::SourceId;
use crate::digest::Digest;
use crate::time::Timestamp;

impl Clue {
    /// Whether this is the record that was read first.
    pub(super) fn is_spoken_for_by(&self, source: &SourceId, id: &str) -> bool {
        self.source == *source && self.source_id == id
    }

    /// What another record says now.
    pub(in super::super) fn linked(&mut self, report: &Report) {
        let is = |it: &LinkedRecord| it.is(&report.source, &report.source_id);
        let known = self.links.iter().position(is);
        let known = known.map(|at| self.links.swap_remove(at));
        let snapshot = report.snapshot.as_ref();
        let version = snapshot.and_then(|snapshot| snapshot.version);
        let mut link = LinkedRecord {
            source: report.source.clone(),
            source_id: report.source_id.clone(),
            version: version.max(known.as_ref().and_then(|known| known.version)),
            digest: report.digest,
            said: known.and_then(|known| known.said),
        };
        link.say(snapshot.and_then(Snapshot::told), self.here());
        self.links.push(link);
        self.heard();
    }

    /// It said nothing new, or its source removed it.
    pub(in super::super) fn link_repeated(
        &mut self,
        (source, id): (&SourceId, &str),
        repeat: Repeat,
        version: Option<i64>,
    ) {
        let here = self.here();
        if let Some(link) = self.links.iter_mut().find(|it| it.is(source, id)) {
            link.version = link.version.max(version);
            if repeat == Repeat::Updated {
                link.digest = Digest::ZERO;
                link.say(Some((SourceStatus::Deleted, None)), here);
            }
        }
        self.heard();
    }

    /// Some list has it: that is as good as being listed.
    fn heard(&mut self) {
        if let Some(record) = &mut self.source_record {
            record.said.hear();
        }
    }

    /// Another record of the clue.
    pub(in super::super) fn link(&self, source: &SourceId, id: &str) -> Option<&LinkedRecord> {
        self.links.iter().find(|it| it.is(source, id))
    }
}

impl LinkedRecord {
    /// Its source says it anew, of a clue that is `here`; a word that stands for nothing leaves it as it was.
    pub(in super::super) fn say(&mut self, told: Option<(SourceStatus, Option<Timestamp>)>, here: Here) {
        match (&mut self.said, told) {
            (Some(said), Some(told)) => said.update(told, Vec::new(), here),
            (None, Some((status, at))) => self.said = Some(Said::new(status, at)),
            (_, None) => {}
        }
    }
}

/// Another record than the first, perhaps not for the first time.
pub(super) fn again(clue: &Clue, report: &Report) -> Vec<Step> {
    let Some(known) = clue.link(&report.source, &report.source_id) else {
        return linked(report);
    };
    let version = report.snapshot.as_ref().and_then(|snapshot| snapshot.version);
    let older = version.zip(known.version).is_some_and(|(new, known)| new < known);
    let told = report.snapshot.as_ref().and_then(Snapshot::told);
    // the time of a status is no content: urged again
    let turns =
        told.is_some_and(|(status, at)| known.said.as_ref().is_some_and(|said| said.turns(status, at)));
    let repeat = if report.digest == known.digest && !turns {
        Repeat::Unchanged
    } else if older || report.snapshot.is_none() {
        Repeat::Stale
    } else {
        return linked(report);
    };
    one(Event::LinkRepeated {
        source: report.source.clone(),
        source_id: report.source_id.clone(),
        repeat,
        version,
    })
}

fn linked(report: &Report) -> Vec<Step> {
    one(Event::ClueLinked {
        report: report.clone(),
    })
}

/// Its source removed another record than the first.
pub(super) fn deleted(clue: &Clue, deletion: &Deletion) -> Vec<Step> {
    let version = deletion.snapshot.version;
    let repeat = match clue.link(&deletion.source, &deletion.source_id) {
        Some(known) if known.digest == Digest::ZERO => Repeat::Unchanged,
        Some(known) if version.zip(known.version).is_some_and(|(new, known)| new < known) => Repeat::Stale,
        Some(_) => Repeat::Updated,
        // it was never read
        None => Repeat::Stale,
    };
    one(Event::LinkRepeated {
        source: deletion.source.clone(),
        source_id: deletion.source_id.clone(),
        repeat,
        version,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{
        COUNTY, Case, Outcome, assign, deletion, monday, of, report, resolve, role, since_hour, snapshot,
    };
    use super::super::super::{Command, Role, SourceStatus as S, Text};
    use super::*;
    use crate::code::{AreaCode, MatterCode};

    const HOTLINE: &str = "hotline";

    fn of_hotline(id: &'static str) -> impl FnOnce(&mut Report) {
        move |report| {
            report.source = HOTLINE.parse().expect("valid");
            id.clone_into(&mut report.source_id);
        }
    }

    fn says(case: &mut Case, command: Command) -> Outcome {
        case.when(role(Role::Source), command)
    }

    fn repeat(outcome: &Outcome) -> Option<Repeat> {
        match &outcome.0[0].event {
            Event::LinkRepeated { repeat, .. } => Some(*repeat),
            _ => None,
        }
    }

    /// Everything but who else knows it.
    fn unlinked(case: &Case) -> Clue {
        Clue {
            links: Vec::new(),
            ..case.clue().clone()
        }
    }

    #[test]
    fn another_record_links_and_changes_nothing_of_the_clue() {
        for status in [
            S::Open,
            S::Closed,
            S::Withdrawn,
            S::Deleted,
            S::Reopened,
            S::Urged,
        ] {
            for mut case in [
                Case::reported(),
                Case::dispatched(),
                Case::resolved(),
                Case::closed(),
            ] {
                let (before, stage) = (unlinked(&case), case.stage());
                let other = snapshot(1, status, |report| {
                    of_hotline("H-1")(report);
                    report.matter = MatterCode::new("99").ok();
                    report.area = AreaCode::new("330602").ok();
                    report.reported_at = monday().plus_days(-3);
                });
                let outcome = says(&mut case, other);
                assert_eq!(outcome.events(), ["ClueLinked"], "{status:?} {stage}");
                assert_eq!(unlinked(&case), before);
                assert_eq!(outcome.0[0].at, case.state.last_at, "it dates nothing");
                assert_eq!(case.clue().links.len(), 1);
            }
        }
    }

    #[test]
    fn each_record_is_compared_with_its_own_last_version() {
        let mut case = Case::new().given(role(Role::Source), snapshot(5, S::Open, |_| {}));
        let version = |version, id| snapshot(version, S::Open, of_hotline(id));
        assert_eq!(says(&mut case, version(2, "H-1")).events(), ["ClueLinked"]);
        assert_eq!(says(&mut case, version(1, "H-2")).events(), ["ClueLinked"]);
        assert_eq!(
            repeat(&says(&mut case, version(3, "H-1"))),
            Some(Repeat::Unchanged)
        );
        let urged = |version| snapshot(version, S::Urged, of_hotline("H-1"));
        assert_eq!(
            repeat(&says(&mut case, urged(2))),
            Some(Repeat::Stale),
            "an unchanged one of version 3 makes 2 stale"
        );
        assert_eq!(says(&mut case, urged(3)).events(), ["ClueLinked"]);
        assert_eq!(case.clue().links.len(), 2);
        // the first record goes on as ever
        let first = says(&mut case, snapshot(6, S::Withdrawn, |_| {}));
        assert_eq!(first.events(), ["SourceUpdated", "ClueVoided"]);
    }

    #[test]
    fn a_mode_without_versions_knows_repeats_only() {
        let plain = |digest: u8| {
            let mut report = report();
            of_hotline("H-1")(&mut report);
            report.digest = Digest::of([&[digest][..]]);
            Command::ReportClue(report)
        };
        let mut case = Case::dispatched();
        assert_eq!(says(&mut case, plain(1)).events(), ["ClueLinked"]);
        assert_eq!(repeat(&says(&mut case, plain(1))), Some(Repeat::Unchanged));
        assert_eq!(repeat(&says(&mut case, plain(2))), Some(Repeat::Stale));
    }

    #[test]
    fn a_removed_link_takes_nothing_away() {
        let gone = |id: &str, version| match deletion(version) {
            Command::NoteDeleted(mut deletion) => {
                deletion.source = HOTLINE.parse().expect("valid");
                id.clone_into(&mut deletion.source_id);
                Command::NoteDeleted(deletion)
            }
            other => other,
        };
        let linked = snapshot(3, S::Open, of_hotline("H-1"));
        let mut case = Case::admitted().given(role(Role::Source), linked.clone());
        for (id, version, expected) in [
            ("H-9", None, Repeat::Stale),
            ("H-1", Some(2), Repeat::Stale),
            ("H-1", None, Repeat::Updated),
            ("H-1", None, Repeat::Unchanged),
        ] {
            assert_eq!(
                repeat(&says(&mut case, gone(id, version))),
                Some(expected),
                "{id} {version:?}"
            );
        }
        assert_eq!(case.stage(), "admitted");
        assert_eq!(
            says(&mut case, linked).events(),
            ["ClueLinked"],
            "it is there again"
        );
    }

    #[test]
    fn what_another_platform_says_is_shown_and_decides_nothing() {
        use super::super::super::Discrepancy::{self, SourceClosed, SourceReopened, SourceWithdrawn};
        use super::super::super::testing::coordinator;

        let hotline = |version, status| snapshot(version, status, of_hotline("H-1"));
        let settle = |discrepancy, accept| Command::SettleDiscrepancy { discrepancy, accept };
        let table: [(S, Option<Discrepancy>); 6] = [
            (S::Open, None),
            (S::Urged, None),
            (S::Reopened, None),
            (S::Closed, Some(SourceClosed)),
            (S::Withdrawn, Some(SourceWithdrawn)),
            (S::Deleted, Some(SourceWithdrawn)),
        ];
        for (status, expected) in table {
            let mut case = Case::dispatched().given(role(Role::Source), hotline(1, S::Open));
            says(&mut case, hotline(2, status));
            let shown: Vec<_> = expected.into_iter().collect();
            assert_eq!(case.clue().discrepancies(), shown, "{status}");
            let Some(discrepancy) = expected else { continue };
            // one person suffices: nothing follows but that it was seen
            assert_eq!(case.refusal(coordinator(), settle(discrepancy, true)), "");
            assert_eq!(
                (case.stage(), case.clue().discrepancies()),
                ("dispatched", vec![])
            );
            says(&mut case, hotline(3, S::Open));
            says(&mut case, hotline(4, status));
            assert_eq!(case.clue().discrepancies(), shown, "{status}: it says it anew");
        }
        // closed here and there, and then not there
        let mut case = Case::closed().given(role(Role::Source), hotline(1, S::Closed));
        assert_eq!(case.clue().discrepancies(), []);
        says(&mut case, hotline(2, S::Open));
        assert_eq!(
            (case.stage(), case.clue().discrepancies()),
            ("closed", vec![SourceReopened])
        );
        let mut case = Case::dispatched();
        for (version, status) in (1..).zip([S::Urged, S::Open, S::Urged]) {
            says(&mut case, hotline(version, status));
        }
        let urged = case.clue().links[0].said.as_ref().map(|said| said.urged);
        assert_eq!(urged, Some(2));
    }

    #[test]
    fn its_words_stand_beside_those_of_the_clue() {
        let mut case = Case::dispatched();
        case.remark = Some("另一平台的描述".to_owned());
        let outcome = says(&mut case, snapshot(1, S::Open, of_hotline("H-1")));
        let words = Text {
            remark: Some("另一平台的描述".to_owned()),
            ..Text::default()
        };
        assert_eq!(outcome.0[0].text, Some(words.beside().digest()));
        let told = Text {
            title: Some("标题".to_owned()),
            description: Some(" ".to_owned()),
            place: Some("塔山街道".to_owned()),
            remark: None,
        };
        assert_eq!(told.beside(), Text::remark("标题\n塔山街道"));
        let again = says(&mut case, snapshot(1, S::Open, of_hotline("H-1")));
        assert_eq!(again.0[0].text, None);
    }

    #[test]
    fn whoever_came_first_speaks_for_the_clue_until_its_end() {
        let mut case = Case::dispatched()
            .given(role(Role::Source), snapshot(1, S::Open, of_hotline("H-1")))
            .given(of(COUNTY), resolve());
        let closed = snapshot(2, S::Closed, of_hotline("H-1"));
        assert_eq!(says(&mut case, closed).events(), ["ClueLinked"]);
        assert_eq!(case.stage(), "resolved", "that is for its own platform to say");
    }

    /// Only the record that speaks for the clue is asked whether the reporter is content.
    #[test]
    fn what_another_platform_closed_is_no_call_back() {
        use super::super::super::ClosingAuthority;

        let mut case = Case::new()
            .given(role(Role::Source), snapshot(1, S::Open, |_| {}))
            .given(role(Role::Routing), assign(COUNTY))
            .with(|policy| {
                let needs = policy.verification.entry("grid".to_owned()).or_default();
                (needs.check, needs.call_back, needs.auto_close) = (false, true, true);
                needs.closing_authority = ClosingAuthority::Source;
            })
            .given(role(Role::Source), snapshot(1, S::Closed, of_hotline("H-1")));
        assert_eq!(case.when(of(COUNTY), resolve()).events(), ["ClueResolved"]);
        assert_eq!(case.stage(), "resolved");
    }

    #[test]
    fn another_platform_that_urges_again_says_when() {
        let urged = |version, hour| since_hour(hour, snapshot(version, S::Urged, of_hotline("H-1")));
        let mut case = Case::dispatched();
        for (version, hour, events) in [
            (1, 1, ["ClueLinked"]),
            (2, 1, ["LinkRepeated"]),
            (3, 2, ["ClueLinked"]),
        ] {
            assert_eq!(
                says(&mut case, urged(version, hour)).events(),
                events,
                "{version}"
            );
        }
        let urged = case.clue().links[0].said.as_ref().map(|said| said.urged);
        assert_eq!(urged, Some(2));
    }
}
