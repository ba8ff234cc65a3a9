//! Which column becomes which field, and in which mode.

use super::codes::Codes;
use super::column::Column;
use super::header::Role;
use super::note::Notes;
use super::sample::{Sample, Unusable};
use super::{fit, ids};
use crate::Mode;

/// More attributes than that are no codes for rules.
const MAX_ATTRIBUTES: usize = 8;
/// How much better than another a header must be to be sure.
const CLEARLY: u32 = 5;

/// What a sample most likely means.
pub(super) struct Plan<'c> {
    pub(super) mode: Mode,
    pub(super) columns: &'c [Column],
    /// Indexes of columns by role, each column once.
    taken: Vec<(Role, usize)>,
    pub(super) attributes: Vec<&'c Column>,
    /// The column, and its words that report nothing.
    pub(super) skip: Option<(&'c Column, Vec<String>)>,
}

/// How much worse than the best a column may look that is taken for the id because it stands in front of it: a few records
/// without one, or sent twice.
const NEAR: u32 = 8;

impl<'c> Plan<'c> {
    pub(super) fn of(
        sample: &Sample,
        columns: &'c [Column],
        codes: &Codes<'_>,
        notes: &mut Notes,
    ) -> Result<Self, Unusable> {
        let mut plan = Self {
            mode: Mode::Event,
            columns,
            taken: Vec::new(),
            attributes: Vec::new(),
            skip: None,
        };
        plan.take_persons();
        plan.take_times(sample, notes);
        plan.take_place(sample);
        plan.take_id(sample, notes)?;
        plan.take_flags();
        plan.skip = plan.heartbeats().or_else(|| plan.totals(sample));
        let scored = plan.take_fields(codes);
        plan.attributes = plan.rest(sample);
        plan.mode = super::mode::of(&plan, sample, notes);
        for (role, key) in [
            (Role::Matter, "clue.matter"),
            (Role::Area, "clue.area"),
            (Role::Agency, plan.agency_key()),
        ] {
            plan.note_rival(role, key, &scored, notes);
        }
        Ok(plan)
    }

    pub(super) fn column(&self, role: Role) -> Option<&'c Column> {
        let taken = self.taken.iter().find(|(it, _)| *it == role);
        taken.map(|(_, index)| &self.columns[*index])
    }

    pub(super) fn role(&self, column: &Column) -> Option<Role> {
        let index = self.columns.iter().position(|it| it.at == column.at)?;
        let taken = self.taken.iter().find(|(_, it)| *it == index);
        taken.map(|(role, _)| *role)
    }

    pub(super) fn personal(&self) -> impl Iterator<Item = &'c Column> {
        let personal = self.taken.iter().filter(|(role, _)| *role == Role::Personal);
        personal.map(|(_, index)| &self.columns[*index])
    }

    fn free(&self) -> impl Iterator<Item = (usize, &'c Column)> {
        self.columns.iter().enumerate().filter(|(index, column)| {
            column.filled > 0 && !self.taken.iter().any(|(_, taken)| taken == index)
        })
    }

    fn take(&mut self, role: Role, index: usize) {
        self.taken.push((role, index));
    }

    fn take_persons(&mut self) {
        for (index, column) in self.columns.iter().enumerate() {
            if column.is_personal() && column.time.is_none() {
                self.take(Role::Personal, index);
            }
        }
    }

    /// Best header first, each role and each column once.
    fn take_best(&mut self, mut scored: Vec<(u32, Role, usize)>) {
        scored.sort_by_key(|(score, ..)| std::cmp::Reverse(*score));
        for (_, role, index) in scored {
            let is_free = !self
                .taken
                .iter()
                .any(|(other, taken)| *other == role || *taken == index);
            if is_free {
                self.take(role, index);
            }
        }
    }

    fn take_times(&mut self, sample: &Sample, notes: &mut Notes) {
        const TIMES: [Role; 4] = [Role::ReportedAt, Role::ClosedAt, Role::DueAt, Role::UpdatedAt];
        let rows = sample.records.len() as u32;
        let mut scored = Vec::new();
        for (index, column) in self.free().filter(|(_, column)| column.time.is_some()) {
            for role in TIMES {
                let score = column.header.score(role) * (2 * column.filled as u32 + rows) / rows.max(1);
                if score > 0 {
                    scored.push((score, role, index));
                }
            }
        }
        self.take_best(scored);
        if self.column(Role::ReportedAt).is_none() {
            self.take_earliest(sample, notes);
        }
    }

    /// A report comes before whatever else happens to it.
    fn take_earliest(&mut self, sample: &Sample, notes: &mut Notes) {
        let times: Vec<_> = self.free().filter(|(_, column)| column.time.is_some()).collect();
        let fullest = times.iter().map(|(_, column)| column.filled).max().unwrap_or(0);
        let mut full = times.into_iter().filter(|(_, column)| column.filled == fullest);
        let Some(first) = full.next() else {
            notes.unsure(
                "no_reported_at",
                "clue.reported_at",
                "没有看出上报时间的列：以接收时间代替并标记；若有，请写上列名".to_owned(),
                "no column looks like the time of report: the time of receipt stands in, with a flag; name it if there is one"
                    .to_owned(),
            );
            return;
        };
        let earliest = full.fold(first, |best, next| {
            if sample.comes_before(next.1, best.1) {
                next
            } else {
                best
            }
        });
        notes.unsure(
            "reported_at",
            "clue.reported_at",
            "由表头看不出哪个时间是上报时间，取了最早的一列；请问平台".to_owned(),
            "no header says which time is that of the report; the earliest was taken; ask the platform"
                .to_owned(),
        );
        self.take(Role::ReportedAt, earliest.0);
    }

    fn take_place(&mut self, sample: &Sample) {
        let fits = |role, most: f64| {
            self.free()
                .filter(|(_, column)| {
                    column.is_decimal && column.header.score(role) > 0 && column.is_within(sample, most)
                })
                .max_by_key(|(_, column)| column.header.score(role))
                .map(|(index, _)| index)
        };
        if let (Some(longitude), Some(latitude)) = (fits(Role::Longitude, 180.0), fits(Role::Latitude, 90.0))
            && longitude != latitude
        {
            self.take(Role::Longitude, longitude);
            self.take(Role::Latitude, latitude);
        }
    }

    fn take_id(&mut self, sample: &Sample, notes: &mut Notes) -> Result<(), Unusable> {
        let rows = sample.records.len();
        let mut candidates: Vec<_> = self
            .free()
            .filter(|(_, column)| !column.is_decimal && column.time.is_none() && column.longest <= 64)
            .map(|(index, column)| (fit::id(column, rows), index))
            .collect();
        let of = |index: usize| &self.columns[index];
        if candidates
            .iter()
            .any(|(_, index)| ids::is_better(of(*index), sample))
        {
            candidates.retain(|(_, index)| !ids::is_row_number(of(*index), sample));
        }
        candidates.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        // the id stands in front: a column that is just as good further behind numbers something else
        let top = candidates.first().map_or(0, |(score, _)| *score);
        let near = candidates.iter().filter(|(score, _)| score + NEAR >= top);
        let front = near.map(|(_, index)| *index).min();
        let Some(best) = front else {
            // a mapping needs one: any will do until a person names the right one
            let is_personal = |index: usize| self.taken.contains(&(Role::Personal, index));
            let any = self.free().map(|(index, _)| index).next();
            let any = any.or_else(|| (0..self.columns.len()).find(|index| !is_personal(*index)));
            ids::none_found(notes);
            self.take(Role::Id, any.ok_or_else(no_column)?);
            return Ok(());
        };
        let would_do = |index: &usize| {
            let column = &self.columns[*index];
            *index != best && column.distinct * 2 >= rows && column.header.score(Role::Id) > 0
        };
        let others: Vec<&str> = candidates
            .iter()
            .map(|(_, index)| index)
            .filter(|index| would_do(index))
            .map(|index| self.columns[*index].name.as_str())
            .collect();
        ids::note(&self.columns[best], &others, sample, notes);
        self.take(Role::Id, best);
        Ok(())
    }

    fn take_flags(&mut self) {
        const WORDS: [&str; 9] = ["0", "1", "true", "false", "y", "n", "是", "否", "null"];
        let is_flag = |column: &Column| {
            !column.values.is_empty()
                && column
                    .values
                    .keys()
                    .all(|value| WORDS.contains(&&*value.to_lowercase()))
        };
        let found = self
            .free()
            .find(|(_, column)| column.header.score(Role::Deleted) > 0 && is_flag(column))
            .map(|(index, _)| index);
        if let Some(index) = found {
            self.take(Role::Deleted, index);
        }
    }

    /// How well each column would do.
    fn take_fields(&mut self, codes: &Codes<'_>) -> Vec<(u32, Role, usize)> {
        const FIELDS: [Role; 9] = [
            Role::Status,
            Role::Conclusion,
            Role::Matter,
            Role::Area,
            Role::Agency,
            Role::Severity,
            Role::Title,
            Role::Description,
            Role::Place,
        ];
        let mut scored = Vec::new();
        let skipped = self.skip.as_ref().map(|(column, _)| column.at);
        for (index, column) in self.free().filter(|(_, column)| Some(column.at) != skipped) {
            for role in FIELDS {
                let score = fit::field(column, role, codes);
                if score > 0 {
                    scored.push((score, role, index));
                }
            }
        }
        self.take_best(scored.clone());
        scored
    }

    /// Names a column that would have done nearly as well.
    fn note_rival(&self, role: Role, key: &'static str, scored: &[(u32, Role, usize)], notes: &mut Notes) {
        let Some(taken) = self.column(role) else { return };
        let score_of = |column: &Column| {
            let it = scored
                .iter()
                .find(|(_, it, index)| *it == role && self.columns[*index].at == column.at);
            it.map_or(0, |(score, ..)| *score)
        };
        let rivals: Vec<&str> = self
            .free()
            .filter(|(_, column)| column.is_category())
            .filter(|(_, column)| score_of(column) > 0 && score_of(column) + CLEARLY >= score_of(taken))
            .map(|(_, column)| column.name.as_str())
            .collect();
        if !rivals.is_empty() {
            let (name, rivals) = (&taken.name, rivals.join(", "));
            notes.unsure(
                "rival",
                key,
                format!("取了 {name}；也可能是 {rivals}：取能对上规则库编码的一列"),
                format!("{name} was taken; it may as well be {rivals}: take the one whose values the rulebook's codes mean"),
            );
        }
    }

    /// Words of a type column that only say that the platform is there.
    fn heartbeats(&self) -> Option<(&'c Column, Vec<String>)> {
        const WORDS: [&str; 5] = ["heartbeat", "heart_beat", "ping", "keepalive", "心跳"];
        self.columns
            .iter()
            .filter(|column| column.is_code())
            .find_map(|column| {
                let words = column.values.keys();
                let words: Vec<String> = words
                    .filter(|value| WORDS.contains(&&*value.to_lowercase()))
                    .cloned()
                    .collect();
                (!words.is_empty()).then_some((column, words))
            })
    }

    /// A word of a line of totals. Of several columns the id's counts, which every record has.
    fn totals(&self, sample: &Sample) -> Option<(&'c Column, Vec<String>)> {
        let id = self.column(Role::Id).map(|column| column.at);
        let first = sample.totals.iter().find(|(at, _)| Some(*at) == id);
        let (at, _) = first.or_else(|| sample.totals.first())?;
        let column = self.columns.iter().find(|column| column.at == *at)?;
        let words = sample.totals.iter().filter(|(it, _)| it == at);
        Some((column, words.map(|(_, word)| word.clone()).collect()))
    }

    /// Under which key the mode says who has the record.
    pub(super) const fn agency_key(&self) -> &'static str {
        match self.mode {
            Mode::Snapshot => "snapshot.agency",
            Mode::History | Mode::Event | Mode::Log => "history.agency",
        }
    }

    /// Categories that nothing else took: rules may read them.
    fn rest(&self, sample: &Sample) -> Vec<&'c Column> {
        let mut names: Vec<String> = Vec::new();
        let skipped = self.skip.as_ref().map(|(column, _)| column.at);
        let mut rest: Vec<_> = self
            .free()
            .filter(|(_, column)| column.is_category() && column.distinct > 1 && Some(column.at) != skipped)
            .filter(|(_, column)| !ids::is_row_number(column, sample))
            .map(|(_, column)| column)
            .collect();
        rest.retain(|column| {
            let name = crate::format::json::tokens(&column.name)
                .pop()
                .unwrap_or_default()
                .replace('@', "");
            let is_new = !names.contains(&name);
            names.push(name);
            is_new
        });
        rest.truncate(MAX_ATTRIBUTES);
        rest
    }
}

fn no_column() -> Unusable {
    Unusable::because(
        "没有一列可以作编号：列名为空、重复，或都是个人信息",
        "no column could be an id: their names are empty or repeated, or all of them are personal",
    )
}

impl Sample {
    /// Whether `one` is no later than `other` in most of the records that have both.
    fn comes_before(&self, one: &Column, other: &Column) -> bool {
        let at = |column: &Column, text: &Option<String>| column.time.as_ref()?.at(text.as_deref()?);
        let (mut before, mut after) = (0_usize, 0_usize);
        for row in &self.records {
            if let (Some(one), Some(other)) = (at(one, &row[one.at]), at(other, &row[other.at])) {
                before += usize::from(one < other);
                after += usize::from(one > other);
            }
        }
        before > after
    }
}
