//! A plan as TOML, with what is unsure as comments above the key.

mod sections;

use std::fmt::Write as _;

use bihuan_domain::lang::Lang;

use super::codes::{Codes, Coverage};
use super::column::Column;
use super::header::Role;
use super::note::Notes;
use super::plan::Plan;
use super::sample::{Sample, Shape};
use crate::Mode;
use crate::format::csv::{Delimiter, Dialect};
use crate::format::sheet::SheetName;

/// What a draft is written from.
pub(super) struct Drafted<'a> {
    pub(super) source: &'a str,
    pub(super) sample: &'a Sample,
    pub(super) plan: &'a Plan<'a>,
    pub(super) codes: &'a Codes<'a>,
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
        let is_number = word.len() <= 4 && word.bytes().all(|byte| byte.is_ascii_digit());
        (is_sure || is_number || count > 1 || super::status::is_listed(word)).then(|| Self {
            says: word.to_owned(),
            means: guess.map(|(means, _)| means.to_owned()),
            unsure: !is_sure,
        })
    }
}

/// A column of codes, and what they mean.
struct Table<'a> {
    column: &'a Column,
    entries: Vec<Entry>,
    /// Words that say nothing yet, beside those that stand for empty.
    null: Vec<String>,
    default: Option<&'a str>,
}

impl<'a> Table<'a> {
    const fn of(column: &'a Column, entries: Vec<Entry>) -> Self {
        Self {
            column,
            entries,
            null: Vec::new(),
            default: None,
        }
    }
}

struct Writer<'n> {
    lang: Lang,
    notes: &'n Notes,
    text: String,
    /// Tables that follow behind the plain keys of a section.
    tables: Vec<String>,
    /// Columns of the sample that the draft names, by where they stand.
    used: Vec<usize>,
}

/// The sections of a draft, and which columns they name.
pub(super) struct Sections {
    pub(super) text: String,
    pub(super) used: Vec<usize>,
}

pub(super) fn sections(it: &Drafted<'_>, notes: &Notes, lang: Lang) -> Sections {
    let mut writer = Writer::new(notes, lang);
    writer.clue(it);
    match it.plan.mode {
        // nobody drafts a log: which column says who had a record when is for a person to tell
        Mode::Event | Mode::Log => {}
        Mode::History => writer.history(it),
        Mode::Snapshot => writer.snapshot(it),
    }
    let named = it
        .plan
        .personal()
        .chain(it.plan.skip.as_ref().map(|(column, _)| *column));
    writer.used.extend(named.map(|column| column.at));
    Sections {
        text: writer.text,
        used: writer.used,
    }
}

/// What stands above the sections.
pub(super) fn head(it: &Drafted<'_>, zone: Option<&str>, notes: &Notes, lang: Lang) -> String {
    let mut writer = Writer::new(notes, lang);
    writer.head(it, zone);
    writer.text
}

impl<'n> Writer<'n> {
    const fn new(notes: &'n Notes, lang: Lang) -> Self {
        Self {
            lang,
            notes,
            text: String::new(),
            tables: Vec::new(),
            used: Vec::new(),
        }
    }

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

    fn head(&mut self, it: &Drafted<'_>, zone: Option<&str>) {
        let sample = it.sample;
        let opening = self.comments("");
        self.text.push_str(&opening);
        self.key("", "source", &quoted(it.source));
        self.key("", "kind", "\"clue\"");
        let mode = match it.plan.mode {
            Mode::Event => "event",
            Mode::History => "history",
            Mode::Snapshot => "snapshot",
            Mode::Log => "log",
        };
        self.key("", "mode", &quoted(mode));
        self.key("", "format", &quoted(sample.shape.format()));
        if sample.shape != Shape::Spreadsheet {
            self.key("", "encoding", &quoted(sample.encoding));
        }
        self.layout(sample);
        if let Some(zone) = zone {
            self.key("", "time_zone", &quoted(zone));
        }
        let personal: Vec<&str> = it.plan.personal().map(|column| &*column.name).collect();
        self.key("", "personal", &list(&personal));
        if let Some((column, words)) = &it.plan.skip {
            self.skip(&column.name, words.iter());
        } else if !sample.tables.is_empty() {
            self.skip("/@table", sample.tables.iter());
        }
    }

    /// How the records lie in the file.
    fn layout(&mut self, sample: &Sample) {
        let Dialect { delimiter, above } = sample.dialect;
        if delimiter != Delimiter::COMMA {
            self.key("", "delimiter", &quoted(&delimiter.as_char().to_string()));
        }
        match &sample.sheet {
            None => {}
            Some(SheetName::Name(name)) => self.key("", "sheet", &quoted(name)),
            Some(SheetName::Number(number)) => self.key("", "sheet", &number.to_string()),
        }
        if above > 0 {
            self.key("", "header_row", &(above + 1).to_string());
        }
        if let Some(rows) = &sample.rows {
            self.key("", "rows", &quoted(rows));
        }
        if let Some(envelope) = sample.envelope {
            self.key("", "envelope", &quoted(envelope.as_str()));
            self.absent("key");
        }
    }

    fn skip<'w>(&mut self, from: &str, words: impl Iterator<Item = &'w String>) {
        let words: Vec<&str> = words.map(String::as_str).collect();
        let value = format!("{{ from = {}, values = {} }}", quoted(from), list(&words));
        self.key("", "skip", &value);
    }

    fn column(&mut self, it: &Drafted<'_>, role: Role, section: &str, key: &str) {
        match it.plan.column(role) {
            Some(column) => {
                let value = self.from(column);
                self.key(section, key, &value);
            }
            None => self.absent(&format!("{section}.{key}")),
        }
    }

    /// A column as it stands, but for words that stand for empty.
    fn from(&mut self, column: &Column) -> String {
        self.used.push(column.at);
        let name = quoted(&column.name);
        if column.nulls.is_empty() {
            return name;
        }
        format!("{{ from = {name}, null = {} }}", list(&column.nulls))
    }

    fn time(&mut self, it: &Drafted<'_>, role: Role, section: &str, key: &str) {
        match it.plan.column(role) {
            Some(column) => self.times(&[column], section, key),
            None => self.absent(&format!("{section}.{key}")),
        }
    }

    /// The first of several columns that holds a time.
    fn times(&mut self, columns: &[&Column], section: &str, key: &str) {
        self.used.extend(columns.iter().map(|column| column.at));
        let names: Vec<&str> = columns.iter().map(|column| &*column.name).collect();
        let forms = columns.iter().filter_map(|column| column.time.as_ref());
        let forms = distinct(forms.flat_map(|time| &time.forms));
        let nulls = distinct(columns.iter().flat_map(|column| &column.nulls));
        let mut value = one_or_list(&names);
        if !forms.is_empty() || !nulls.is_empty() || names.len() > 1 {
            value = format!("{{ from = {value}");
            if !nulls.is_empty() {
                let _ = write!(value, ", null = {}", list(&nulls));
            }
            if !forms.is_empty() {
                let _ = write!(value, ", time = {}", one_or_list(&forms));
            }
            value.push_str(" }");
        }
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
            let value = self.from(column);
            return self.key(section, key, &value);
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
        self.values(section, key, &Table::of(column, entries));
    }

    fn values(&mut self, section: &str, key: &str, table: &Table<'_>) {
        let Table { column, entries, .. } = table;
        self.used.push(column.at);
        let path = format!("{section}.{key}");
        let mut text = format!(
            "\n{}[{path}]\nfrom = {}\n",
            self.comments(&path),
            quoted(&column.name)
        );
        let nulls = distinct(column.nulls.iter().chain(&table.null));
        if !nulls.is_empty() {
            let _ = writeln!(text, "null = {}", list(&nulls));
        }
        if let Some(default) = table.default {
            let _ = writeln!(text, "default = {}", quoted(default));
        }
        let _ = writeln!(text, "[{path}.values]");
        let ask = self.lang.choose(
            "存疑 unsure：请问平台这个词的意思",
            "unsure: ask what the word means",
        );
        for entry in entries {
            let says = quoted(&entry.says);
            let _ = match (&entry.means, entry.unsure) {
                (Some(means), false) => writeln!(text, "{says} = {}", quoted(means)),
                (Some(means), true) => writeln!(text, "{says} = {}  # {ask}", quoted(means)),
                (None, _) => writeln!(text, "# {says} = \"\"  # {ask}"),
            };
        }
        self.tables.push(text);
    }
}

fn distinct<'w>(words: impl Iterator<Item = &'w String>) -> Vec<&'w str> {
    let mut distinct: Vec<&str> = Vec::new();
    for word in words {
        if !distinct.contains(&&**word) {
            distinct.push(word);
        }
    }
    distinct
}

fn one_or_list(words: &[&str]) -> String {
    match words {
        [word] => quoted(word),
        several => list(several),
    }
}

fn list<S: AsRef<str>>(words: &[S]) -> String {
    let words: Vec<String> = words.iter().map(|word| quoted(word.as_ref())).collect();
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
