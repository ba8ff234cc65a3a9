//! The sections of a draft.

use super::super::{conclusion, status};
use super::{Drafted, Entry, Table, Writer, list, quoted};
use crate::Mode;
use crate::draft::column::Column;
use crate::draft::header::Role;

impl Writer<'_> {
    pub(super) fn clue(&mut self, it: &Drafted<'_>) {
        self.section("clue");
        self.column(it, Role::Id, "clue", "id");
        self.time(it, Role::ReportedAt, "clue", "reported_at");
        self.code(it, Role::Matter, "clue", "matter");
        self.area(it);
        self.column(it, Role::Severity, "clue", "severity");
        if it.plan.column(Role::Title).is_some() {
            self.column(it, Role::Title, "clue", "title");
        } else {
            self.column(it, Role::Matter, "clue", "title");
        }
        self.column(it, Role::Description, "clue", "description");
        self.column(it, Role::Place, "clue", "place");
        if it.plan.column(Role::Longitude).is_some() {
            self.column(it, Role::Longitude, "clue", "longitude");
            self.column(it, Role::Latitude, "clue", "latitude");
            self.key("clue", "datum", &format!("{{ value = {} }}", quoted(it.datum)));
        }
        if it.plan.mode != Mode::History {
            self.time(it, Role::DueAt, "clue", "due_at");
        }
        let attributes: Vec<&str> = it.plan.attributes.iter().map(|column| &*column.name).collect();
        if !attributes.is_empty() {
            self.used
                .extend(it.plan.attributes.iter().map(|column| column.at));
            self.key("clue", "attributes", &list(&attributes));
        }
        self.end_section();
    }

    fn area(&mut self, it: &Drafted<'_>) {
        match (it.plan.column(Role::Area), it.codes.only_area()) {
            (None, Some(only)) => self.key("clue", "area", &format!("{{ value = {} }}", quoted(&only))),
            _ => self.code(it, Role::Area, "clue", "area"),
        }
    }

    pub(super) fn history(&mut self, it: &Drafted<'_>) {
        self.section("history");
        self.code(it, Role::Agency, "history", "agency");
        self.time(it, Role::DueAt, "history", "due_at");
        self.time(it, Role::ClosedAt, "history", "closed_at");
        match (it.plan.column(Role::Conclusion), it.plan.column(Role::Status)) {
            (Some(_), _) => self.conclusion(it, "history"),
            (None, Some(status)) => self.ending(status),
            (None, None) => self.key("history", "conclusion", "{ value = \"unstated\" }"),
        }
        self.end_section();
    }

    pub(super) fn snapshot(&mut self, it: &Drafted<'_>) {
        self.section("snapshot");
        if it.sample.envelope.is_some() {
            self.key("snapshot", "version", "{ from = \"/@ts\", time = \"unix_ms\" }");
        } else {
            self.time(it, Role::UpdatedAt, "snapshot", "version");
        }
        self.changed_at(it);
        if it.plan.column(Role::Agency).is_some() {
            self.code(it, Role::Agency, "snapshot", "agency");
        }
        if let Some(column) = it.plan.column(Role::Status) {
            let words = column.values.iter();
            let entries = words.filter_map(|(word, count)| {
                let guess = status::guess(word).map(|guess| (guess.means, guess.unsure));
                Entry::of(word, *count, guess)
            });
            self.values("snapshot", "status", &Table::of(column, entries.collect()));
        }
        if let Some(column) = it.plan.column(Role::Deleted) {
            let is_yes = |word: &&String| ["1", "true", "y", "是"].contains(&&*word.to_lowercase());
            let entries = column.values.keys().filter(is_yes).map(|word| Entry {
                says: word.clone(),
                means: Some("true".to_owned()),
                unsure: false,
            });
            self.values("snapshot", "deleted", &Table::of(column, entries.collect()));
        }
        self.conclusion(it, "snapshot");
        self.end_section();
    }

    /// A record that is closed when first seen was closed at its time of closing, not when it was updated last.
    fn changed_at(&mut self, it: &Drafted<'_>) {
        let Some(closed) = it.plan.column(Role::ClosedAt) else {
            return;
        };
        let is_iso = |column: &Column| column.time.as_ref().is_some_and(|time| time.forms.is_empty());
        // one list of patterns reads both columns, and ISO 8601 has none
        let updated = it.plan.column(Role::UpdatedAt);
        let updated = updated.filter(|updated| is_iso(updated) == is_iso(closed));
        let columns: Vec<&Column> = [closed].into_iter().chain(updated).collect();
        self.times(&columns, "snapshot", "changed_at");
    }

    /// What a status says of the ending: the words of records that are open say nothing yet.
    fn ending(&mut self, column: &Column) {
        let mut table = Table {
            default: Some("unstated"),
            ..Table::of(column, Vec::new())
        };
        for (word, count) in &column.values {
            let guess = status::guess(word);
            let is_open = guess.is_some_and(|guess| matches!(guess.means, "open" | "urged" | "reopened"));
            let ending = conclusion::guess(word).filter(|_| !is_open);
            let means = ending.or_else(|| guess.map(|guess| ("unstated", guess.unsure)));
            match Entry::of(word, *count, means) {
                Some(_) if is_open => table.null.push(word.clone()),
                entry => table.entries.extend(entry),
            }
        }
        self.values("history", "conclusion", &table);
    }

    fn conclusion(&mut self, it: &Drafted<'_>, section: &str) {
        let Some(column) = it.plan.column(Role::Conclusion) else {
            return;
        };
        let words = column.values.iter();
        let entries = words.filter_map(|(word, count)| Entry::of(word, *count, conclusion::guess(word)));
        let table = Table {
            default: Some("unstated"),
            ..Table::of(column, entries.collect())
        };
        self.values(section, "conclusion", &table);
    }
}
