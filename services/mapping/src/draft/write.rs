//! A plan as TOML, with what is unsure as comments above the key.

use std::fmt::Write as _;

use bihuan_domain::lang::Lang;

use super::codes::{Codes, Coverage};
use super::column::Column;
use super::header::Role;
use super::note::Notes;
use super::plan::Plan;
use super::sample::{Sample, Shape};
use super::{conclusion, status};
use crate::Mode;
use crate::format::csv::{Delimiter, Dialect};

/// What a draft is written from.
pub(super) struct Drafted<'a> {
    pub(super) source: &'a str,
    pub(super) sample: &'a Sample,
    pub(super) plan: &'a Plan<'a>,
    pub(super) codes: &'a Codes<'a>,
    pub(super) zone: Option<String>,
    pub(super) datum: &'static str,
}

/// One value of a table, and whether it is a guess.
struct Entry {
    says: String,
    /// `None`: nobody can tell, so it stays out of the table and is only named.
    means: Option<String>,
    unsure: bool,
}

impl Entry {
    /// A word that stands once and is not known as it stands may be anything, a person's name too: it is left to the check, which
    /// shows it to whoever has the sample anyway.
    fn of(word: &str, count: usize, guess: Option<(&str, bool)>) -> Option<Self> {
        let is_sure = matches!(guess, Some((_, false)));
        (is_sure || count > 1).then(|| Self {
            says: word.to_owned(),
            means: guess.map(|(means, _)| means.to_owned()),
            unsure: !is_sure,
        })
    }
}

struct Writer<'n> {
    lang: Lang,
    notes: &'n Notes,
    text: String,
    /// Tables that follow behind the plain keys of a section.
    tables: Vec<String>,
}

pub(super) fn toml(it: &Drafted<'_>, notes: &Notes, lang: Lang) -> String {
    let mut writer = Writer {
        lang,
        notes,
        text: String::new(),
        tables: Vec::new(),
    };
    writer.head(it);
    writer.clue(it);
    match it.plan.mode {
        Mode::Event => {}
        Mode::History => writer.history(it),
        Mode::Snapshot => writer.snapshot(it),
    }
    writer.text
}

impl Writer<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn comments(&self, key: &str) -> String {
        let mut comments = String::new();
        for note in self.notes.of(key) {
            let mark = match (note.unsure, self.lang) {
                (false, _) => "",
                (true, Lang::Zh) => "存疑 unsure：",
                (true, Lang::En) => "unsure: ",
            };
            // a name may go over several lines, a comment may not
            let says = self
                .lang
                .choose(&note.says.zh, &note.says.en)
                .replace(char::is_control, " ");
            let _ = writeln!(comments, "# {mark}{says}");
        }
        comments
    }

    fn key(&mut self, section: &str, key: &str, value: &str) {
        let path = if section.is_empty() {
            key.to_owned()
        } else {
            format!("{section}.{key}")
        };
        let comments = self.comments(&path);
        self.text.push_str(&comments);
        self.line(&format!("{key:<11} = {value}"));
    }

    /// Remarks on a key that the draft leaves out.
    fn absent(&mut self, path: &str) {
        let comments = self.comments(path);
        self.text.push_str(&comments);
    }

    fn section(&mut self, name: &str) {
        self.line(&format!("\n[{name}]"));
    }

    fn end_section(&mut self) {
        for table in std::mem::take(&mut self.tables) {
            self.text.push_str(&table);
        }
    }

    fn head(&mut self, it: &Drafted<'_>) {
        let opening = self.comments("");
        self.text.push_str(&opening);
        self.key("", "source", &quoted(it.source));
        self.key("", "kind", "\"clue\"");
        let mode = match it.plan.mode {
            Mode::Event => "event",
            Mode::History => "history",
            Mode::Snapshot => "snapshot",
        };
        self.key("", "mode", &quoted(mode));
        let format = if it.sample.shape == Shape::Json {
            "json"
        } else {
            "csv"
        };
        self.key("", "format", &quoted(format));
        self.key("", "encoding", &quoted(it.sample.encoding));
        let Dialect { delimiter, above } = it.sample.dialect;
        if delimiter != Delimiter::COMMA {
            self.key("", "delimiter", &quoted(&delimiter.as_char().to_string()));
        }
        if above > 0 {
            self.key("", "header_row", &(above + 1).to_string());
        }
        if let Some(rows) = &it.sample.rows {
            self.key("", "rows", &quoted(rows));
        }
        if let Some(zone) = &it.zone {
            self.key("", "time_zone", &quoted(zone));
        }
        let personal: Vec<&str> = it.plan.personal().map(|column| &*column.name).collect();
        self.key("", "personal", &list(&personal));
        if let Some((column, words)) = &it.plan.skip {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let value = format!("{{ from = {}, values = {} }}", quoted(&column.name), list(&words));
            self.key("", "skip", &value);
        }
    }

    fn clue(&mut self, it: &Drafted<'_>) {
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

    fn history(&mut self, it: &Drafted<'_>) {
        self.section("history");
        self.code(it, Role::Agency, "history", "agency");
        self.time(it, Role::DueAt, "history", "due_at");
        self.time(it, Role::ClosedAt, "history", "closed_at");
        if it.plan.column(Role::Conclusion).is_some() {
            self.conclusion(it, "history");
        } else {
            self.key("history", "conclusion", "{ value = \"unstated\" }");
        }
        self.end_section();
    }

    fn snapshot(&mut self, it: &Drafted<'_>) {
        self.section("snapshot");
        self.time(it, Role::UpdatedAt, "snapshot", "version");
        if let Some(column) = it.plan.column(Role::Status) {
            let words = column.values.iter();
            let entries: Vec<Entry> = words
                .filter_map(|(word, count)| {
                    let guess = status::guess(word).map(|guess| (guess.means, guess.unsure));
                    Entry::of(word, *count, guess)
                })
                .collect();
            self.values("snapshot", "status", column, &entries, None);
        }
        if let Some(column) = it.plan.column(Role::Deleted) {
            let entries: Vec<Entry> = column
                .values
                .keys()
                .filter(|word| ["1", "true", "y", "是"].contains(&&*word.to_lowercase()))
                .map(|word| Entry {
                    says: word.clone(),
                    means: Some("true".to_owned()),
                    unsure: false,
                })
                .collect();
            self.values("snapshot", "deleted", column, &entries, None);
        }
        self.conclusion(it, "snapshot");
        self.end_section();
    }

    fn conclusion(&mut self, it: &Drafted<'_>, section: &str) {
        let Some(column) = it.plan.column(Role::Conclusion) else {
            return;
        };
        let entries: Vec<Entry> = column
            .values
            .iter()
            .filter_map(|(word, count)| Entry::of(word, *count, conclusion::guess(word)))
            .collect();
        self.values(section, "conclusion", column, &entries, Some("unstated"));
    }

    fn column(&mut self, it: &Drafted<'_>, role: Role, section: &str, key: &str) {
        match it.plan.column(role) {
            Some(column) => self.key(section, key, &quoted(&column.name)),
            None => self.absent(&format!("{section}.{key}")),
        }
    }

    fn time(&mut self, it: &Drafted<'_>, role: Role, section: &str, key: &str) {
        let Some(column) = it.plan.column(role) else {
            return self.absent(&format!("{section}.{key}"));
        };
        let forms = column.time.as_ref().map_or(&[][..], |time| &time.forms[..]);
        let from = quoted(&column.name);
        let value = match forms {
            [] => from,
            [form] => format!("{{ from = {from}, time = {} }}", quoted(form)),
            several => {
                let forms: Vec<&str> = several.iter().map(String::as_str).collect();
                format!("{{ from = {from}, time = {} }}", list(&forms))
            }
        };
        self.key(section, key, &value);
    }

    /// A column of codes; names of other spelling are led to theirs.
    fn code(&mut self, it: &Drafted<'_>, role: Role, section: &str, key: &str) {
        let Some(column) = it.plan.column(role) else {
            return self.absent(&format!("{section}.{key}"));
        };
        let named = it
            .codes
            .coverage(role, column)
            .map_or_else(Vec::new, |Coverage { named, .. }| named);
        if named.is_empty() {
            return self.key(section, key, &quoted(&column.name));
        }
        // what `values` does not hold is unknown, so what the rulebook knows by itself stands there too
        let known = column.values.keys();
        let mut entries: Vec<Entry> = known
            .filter_map(|value| Some((value.clone(), it.codes.code(role, value)?)))
            .chain(named)
            .map(|(says, means)| Entry {
                says,
                means: Some(means),
                unsure: false,
            })
            .collect();
        entries.sort_by(|a, b| a.says.cmp(&b.says));
        self.values(section, key, column, &entries, None);
    }

    fn values(
        &mut self,
        section: &str,
        key: &str,
        column: &Column,
        entries: &[Entry],
        default: Option<&str>,
    ) {
        let path = format!("{section}.{key}");
        let mut table = format!(
            "\n{}[{path}]\nfrom = {}\n",
            self.comments(&path),
            quoted(&column.name)
        );
        if let Some(default) = default {
            let _ = writeln!(table, "default = {}", quoted(default));
        }
        let _ = writeln!(table, "[{path}.values]");
        let ask = self.lang.choose(
            "存疑 unsure：请问平台这个词的意思",
            "unsure: ask what the word means",
        );
        for entry in entries {
            let says = quoted(&entry.says);
            let _ = match (&entry.means, entry.unsure) {
                (Some(means), false) => writeln!(table, "{says} = {}", quoted(means)),
                (Some(means), true) => writeln!(table, "{says} = {}  # {ask}", quoted(means)),
                (None, _) => writeln!(table, "# {says} = \"\"  # {ask}"),
            };
        }
        self.tables.push(table);
    }
}

fn list(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    format!("[{}]", words.join(", "))
}

/// A basic string of TOML.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            c if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {
                let _ = write!(quoted, "\\u{:04x}", c as u32);
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
