//! Changes in sentences that an official can check.

use super::{Catalogue, Diff, Move, Part};
use crate::code::{AgencyId, AreaCode, MatterCode};
use crate::lang::Lang;
use crate::routing::words::{name, named};
use crate::routing::{Competence, DutyRole, Extent, Rulebook};

/// So many matters are named, the others counted.
const NAMED: usize = 3;
/// So many areas are named, the others counted.
const AREAS: usize = 4;

impl Diff {
    /// One sentence a line; names are those of `new`, else of `old`.
    pub fn words(&self, lang: Lang, (old, new): (&Rulebook, &Rulebook)) -> Vec<String> {
        let speech = Speech { lang, old, new };
        let mut lines: Vec<_> = self.moves.iter().map(|it| speech.sentence(it)).collect();
        let kinds = [
            (lang.choose("事项", "matters"), &self.matters),
            (lang.choose("区域", "areas"), &self.areas),
            (lang.choose("单位", "agencies"), &self.agencies),
        ];
        lines.extend(
            kinds
                .into_iter()
                .filter_map(|(kind, it)| speech.catalogue(kind, it)),
        );
        lines
    }
}

struct Speech<'a> {
    lang: Lang,
    old: &'a Rulebook,
    new: &'a Rulebook,
}

impl Speech<'_> {
    fn sentence(&self, it: &Move) -> String {
        let role = match it.role {
            DutyRole::FirstHandler => self.lang.choose("主管", "first handler"),
            DutyRole::Penalty => self.lang.choose("立案处罚", "penalty agency"),
            DutyRole::Assisting => self.lang.choose("协办", "assisting agencies"),
        };
        let days = self.days(it);
        let areas = self.some(
            it.extents.iter().map(|it| self.extent(it)),
            it.extents.len(),
            AREAS,
        );
        let matters: Vec<_> = it.parts.iter().flat_map(|part| &part.matters).collect();
        let about = self.some(matters.iter().map(|code| self.matter(code)), matters.len(), NAMED);
        let (from, to) = (self.sides(it, |part| &part.from), self.sides(it, |part| &part.to));
        let count = matters.len();
        match self.lang {
            Lang::Zh => format!("{days}，{areas}：{count} 个事项（{about}）的{role}由{from}改为{to}。"),
            Lang::En if count == 1 => {
                format!("{days}, in {areas}: the {role} of {about} changes from {from} to {to}.")
            }
            Lang::En => {
                format!(
                    "{days}, in {areas}: the {role} of {count} matters ({about}) changes from {from} to {to}."
                )
            }
        }
    }

    fn days(&self, it: &Move) -> String {
        match (self.lang, it.until) {
            (Lang::Zh, None) => format!("自 {} 起", it.since),
            (Lang::Zh, Some(until)) => format!("自 {} 起、{until} 前", it.since),
            (Lang::En, None) => format!("From {}", it.since),
            (Lang::En, Some(until)) => format!("From {} to before {until}", it.since),
        }
    }

    /// One side of all parts; with counts where they differ.
    fn sides(&self, it: &Move, side: impl Fn(&Part) -> &Competence) -> String {
        let mut sides: Vec<(&Competence, usize)> = Vec::new();
        for part in &it.parts {
            match sides.iter_mut().find(|(known, _)| *known == side(part)) {
                Some((_, matters)) => *matters += part.matters.len(),
                None => sides.push((side(part), part.matters.len())),
            }
        }
        if let [(only, _)] = sides[..] {
            return self.competence(only, it.role);
        }
        sides.sort_by_key(|(_, matters)| std::cmp::Reverse(*matters));
        let told = sides.iter().map(|(side, matters)| {
            let whom = self.competence(side, it.role);
            match self.lang {
                Lang::Zh => format!("{whom}（{matters} 个）"),
                Lang::En => format!("{whom} ({matters})"),
            }
        });
        told.collect::<Vec<_>>().join(self.lang.choose("、", ", "))
    }

    fn competence(&self, it: &Competence, role: DutyRole) -> String {
        let conditional = it.conditional.iter().map(|level| {
            let level = level.iter().map(|it| {
                let agency = self.agency(&it.agency);
                match self.lang {
                    Lang::Zh => format!("{agency}（条件 {}）", it.when),
                    Lang::En => format!("{agency} (when {})", it.when),
                }
            });
            level.collect::<Vec<_>>().join(self.lang.choose("或", " or "))
        });
        let agencies: Vec<_> = it.otherwise.iter().map(|id| self.agency(id)).collect();
        let listed = agencies.join(self.lang.choose("、", ", "));
        let otherwise = match (agencies.len(), role) {
            (0, _) => self.lang.choose("无单位", "nobody").to_owned(),
            (1, _) | (_, DutyRole::Assisting) => listed,
            _ => match self.lang {
                Lang::Zh => format!("同级并列的{listed}（转人工）"),
                Lang::En => format!("a tie of {listed} (triage)"),
            },
        };
        let join = self.lang.choose("，否则", ", otherwise ");
        conditional.chain([otherwise]).collect::<Vec<_>>().join(join)
    }

    fn catalogue(&self, kind: &str, it: &Catalogue) -> Option<String> {
        let told = [
            (self.lang.choose("新增", "added"), &it.added),
            (self.lang.choose("删去", "removed"), &it.removed),
        ];
        let told = told.into_iter().filter(|(_, codes)| !codes.is_empty());
        let told: Vec<_> = told
            .map(|(what, codes)| {
                let some = self.some(codes.iter().cloned(), codes.len(), NAMED);
                match self.lang {
                    Lang::Zh => format!("{what} {} 个（{some}）", codes.len()),
                    Lang::En => format!("{} {what} ({some})", codes.len()),
                }
            })
            .collect();
        let told = (!told.is_empty()).then(|| told.join(self.lang.choose("，", ", ")))?;
        Some(match self.lang {
            Lang::Zh => format!("{kind}：{told}。"),
            Lang::En => format!("{kind}: {told}."),
        })
    }

    fn some(&self, names: impl Iterator<Item = String>, count: usize, most: usize) -> String {
        let first: Vec<_> = names.take(most).collect();
        let first = first.join(self.lang.choose("、", ", "));
        match (self.lang, count > most) {
            (_, false) => first,
            (Lang::Zh, true) => format!("{first} 等 {count} 个"),
            (Lang::En, true) => format!("{first} and {} more", count - most),
        }
    }

    fn agency(&self, id: &AgencyId) -> String {
        let known = [self.new, self.old]
            .into_iter()
            .find_map(|book| book.agencies.get(id));
        named(
            id.as_str(),
            known.map(|it| name(self.lang, &it.name, &it.name_en)),
        )
    }

    fn extent(&self, it: &Extent) -> String {
        let area = self.area(&it.area);
        match (it.alone, self.lang) {
            (false, _) => area,
            (true, Lang::Zh) => format!("{area} 本级"),
            (true, Lang::En) => format!("{area} itself"),
        }
    }

    fn area(&self, code: &AreaCode) -> String {
        let known = [self.new, self.old]
            .into_iter()
            .find_map(|book| book.areas.get(code));
        named(
            code.as_str(),
            known.map(|it| name(self.lang, &it.name, &it.name_en)),
        )
    }

    fn matter(&self, code: &MatterCode) -> String {
        let known = [self.new, self.old]
            .into_iter()
            .find_map(|book| book.matters.get(code));
        named(
            code.as_str(),
            known.map(|it| name(self.lang, &it.name, &it.name_en)),
        )
    }
}
