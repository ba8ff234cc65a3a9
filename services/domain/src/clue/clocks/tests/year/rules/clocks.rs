//! Which clocks run, and until when; and whether there may be more time.

use std::collections::BTreeMap;

use super::super::plain::{Length, Stretch, length};
use super::{Clock, Lies, MATTERS, Row, STEPS, Told};
use crate::clue::Binding;

impl Told {
    /// Which clocks run, and since when.
    fn running(&self) -> BTreeMap<&'static str, i64> {
        let mut running = BTreeMap::new();
        match self.lies {
            Lies::Reported | Lies::Admitted => running.extend([("dispatch", self.at_desk)]),
            Lies::Triage | Lies::Coordination(_) => running.extend([("triage", self.at_desk)]),
            Lies::Held | Lies::Suspended { .. } => {
                running.extend([("handle", self.in_hand)]);
                running.extend((!self.signed).then_some(("acknowledge", self.at_desk)));
            }
            Lies::Returning => running.extend([("handle", self.in_hand)]),
            Lies::Resolved => running.extend((!self.checked).then_some(("check", self.at_desk))),
            Lies::Unknown | Lies::Closed { .. } | Lies::Gone => return running,
        }
        running.extend(self.dispatched.map(|since| ("overall", since)));
        running
    }

    /// Computes the clocks that begin, or count days that nobody knew; all, if what they go by was moved.
    pub(super) fn wind(&mut self, moved: bool, known: i64) {
        let running = self.running();
        let mut clocks = Vec::new();
        for step in STEPS {
            let Some(since) = running.get(step).copied() else {
                continue;
            };
            let last = self.clocks.iter().find(|it| (it.step, it.since) == (step, since));
            if let Some(last) = last.filter(|last| !moved && !self.can_be_revised(last)) {
                clocks.push(last.clone());
                continue;
            }
            let limit = match last {
                Some(last) => last.limit.clone(),
                None => self.limit(step),
            };
            let Some(mut clock) = self.due(step, since, limit) else {
                continue;
            };
            clock.known = match last {
                Some(last) if last.due == clock.due => last.known,
                _ => known,
            };
            clocks.push(clock);
        }
        self.clocks = clocks;
        self.steps = self.upcoming();
        self.set = self.wakes();
        self.deadline = self.clock("overall").map(|clock| clock.due).or(self.deadline);
    }

    pub(super) fn can_be_revised(&self, clock: &Clock) -> bool {
        clock.provisional && clock.by_later != self.published
    }

    fn due(&self, step: &'static str, since: i64, limit: Option<(u32, String)>) -> Option<Clock> {
        let own = limit.as_ref().map(|(_, text)| {
            let mut limits = vec![length(text)];
            if matches!(step, "handle" | "overall") {
                let grants = self.grants.iter().filter(|(at, _)| *at >= since);
                limits.extend(grants.map(|(_, more)| more.clone()));
            }
            self.plain().ends(&self.area, since, &limits, &self.all_pauses())
        });
        let source = self.source_due.filter(|_| step == "overall");
        let due = match (own, source) {
            (Some((own, _)), Some(source)) => match self.book.binds {
                Binding::Earliest => own.min(source),
                Binding::Source => source,
                Binding::Own => own,
            },
            (Some((own, _)), None) => own,
            (None, source) => source?,
        };
        Some(Clock {
            step,
            since,
            due,
            own: own.map(|(own, _)| own).filter(|own| *own != due),
            limit,
            provisional: own.is_some_and(|(_, provisional)| provisional),
            known: 0,
            by_later: self.published,
            stands: None,
        })
        .map(|clock| Clock {
            stands: self.stands_of(&clock),
            ..clock
        })
    }

    /// What the source set is the source's to move.
    fn stands_of(&self, clock: &Clock) -> Option<i64> {
        let is_own = clock.own.is_none() && clock.limit.is_some();
        self.stands()
            .filter(|_| is_own)
            .map(|stands| stands.max(clock.since))
    }

    /// Those that touch are one.
    pub(super) fn all_pauses(&self) -> Vec<Stretch> {
        let mut pauses = self.pauses.clone();
        if self.book.disputes_pause {
            pauses.extend(&self.unknowns);
        }
        if let (Lies::Suspended { until }, Some(from)) = (self.lies, self.suspended) {
            pauses.push((from, until));
        }
        pauses.retain(|(from, to)| from < to);
        pauses.sort_unstable();
        let mut apart: Vec<Stretch> = Vec::new();
        for (from, to) in pauses {
            match apart.last_mut() {
                Some((_, end)) if from <= *end => *end = to.max(*end),
                _ => apart.push((from, to)),
            }
        }
        apart
    }

    /// The narrowest row: by matter, by severity, by source, by area; of equal ones the first.
    fn limit(&self, step: &str) -> Option<(u32, String)> {
        let known = MATTERS.iter().find(|(code, ..)| *code == self.matter);
        let (_, category, usual) = known.expect("a matter of the county");
        let severity = if self.severity.is_empty() {
            *usual
        } else {
            &self.severity
        };
        let rank = |(line, [matter, of, source, area, about, limit]): &Row| {
            let by_matter = match matter.as_str() {
                "*" => 0,
                it if it == self.matter => 2,
                it if it == *category => 1,
                _ => return None,
            };
            let fits = (of.is_empty() || of == severity)
                && (source.is_empty() || *source == self.source)
                && self.area.starts_with(area.as_str());
            let narrow = (by_matter, !of.is_empty(), !source.is_empty(), area.len());
            (about == step && fits).then(|| (narrow, std::cmp::Reverse(*line), limit.clone()))
        };
        let best = self.book.limits.iter().filter_map(rank).max()?;
        Some((best.1.0, best.2))
    }

    /// Why more time is refused when it is asked for, or granted.
    pub(in super::super) fn refuses(&self, more: &Length, at: i64) -> &'static str {
        let Some(clock) = self.clock("overall") else {
            return "deadline_missing";
        };
        if clock.due < clock.stands.map_or(at, |stands| stands.min(at)) {
            return "overdue";
        }
        let Some((_, original)) = clock.limit.as_ref().filter(|_| clock.own.is_none()) else {
            return "deadline_of_source";
        };
        let original = length(original);
        let end = |limit: &Length| {
            self.plain()
                .ends(&self.area, clock.due, std::slice::from_ref(limit), &[])
                .0
        };
        let longer = if original.1 == more.1 {
            more.0 > original.0
        } else {
            end(more) > end(&original)
        };
        match (self.grants.len() >= 2, longer) {
            (true, _) => "extensions_used_up",
            (false, true) => "extension_too_long",
            (false, false) => "",
        }
    }
}
