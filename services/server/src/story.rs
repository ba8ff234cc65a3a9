//! Everything that is known of one clue, read from its own events: for `clue show` and `explain`. Nothing here waits for
//! monitor.

use bihuan_domain::clue::{Discrepancy, Event, Flag, Occurrence, Report, Text};
use bihuan_domain::code::{AgencyId, AreaCode, MatterCode};
use bihuan_domain::figures::{Condition, Facts, HolderKind};
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;
use bihuan_monitor::links::Link;
use bihuan_monitor::words::Words;
use bihuan_store::text;
use serde::Serialize;

use crate::failure::Failure;
use crate::session::{Named, Reading, unknown};

/// A reported clue.
pub(crate) struct Story {
    pub(crate) events: Vec<Occurrence>,
    /// By the version of the event that they came with.
    pub(crate) texts: Vec<(u32, Text)>,
    pub(crate) report: Report,
    facts: Facts,
}

/// How a clue stands. Times are RFC 3339.
#[derive(Debug, Serialize)]
pub(crate) struct Head {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) source: String,
    pub(crate) source_id: String,
    /// Other records that stand for the clue.
    pub(crate) links: Vec<Link>,
    pub(crate) stage: &'static str,
    pub(crate) stage_words: &'static str,
    /// Who answers for it; `None` once it is closed, rejected or voided.
    pub(crate) holder: Option<&'static str>,
    pub(crate) held_since: String,
    pub(crate) next: Option<&'static str>,
    pub(crate) agency: Option<AgencyId>,
    pub(crate) agency_name: Option<String>,
    pub(crate) matter: Option<MatterCode>,
    pub(crate) matter_name: Option<String>,
    pub(crate) area: Option<AreaCode>,
    pub(crate) area_name: Option<String>,
    pub(crate) reported_at: String,
    pub(crate) deadline: Option<String>,
    pub(crate) overdue: bool,
    pub(crate) closed_at: Option<String>,
    /// Codes, and below the words for them.
    pub(crate) flags: Vec<Flag>,
    pub(crate) flag_words: Vec<&'static str>,
    pub(crate) returns: u32,
    pub(crate) transfers: u32,
    pub(crate) reworks: u32,
    pub(crate) reopened: u32,
    /// In what state the record is at its source, where that sends it whole at every change.
    pub(crate) source_status: Option<&'static str>,
    pub(crate) source_status_words: Option<&'static str>,
    pub(crate) urged: u32,
    /// Codes, and below the words for them.
    pub(crate) discrepancies: Vec<Discrepancy>,
    pub(crate) discrepancy_words: Vec<&'static str>,
    /// Tasks of agencies beside the responsible one, in words.
    pub(crate) tasks: Vec<String>,
    pub(crate) campaign: Option<String>,
    pub(crate) version: u32,
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) place: Option<String>,
}

impl Story {
    /// The story of the clue that was called `name`.
    pub(crate) async fn read(reading: &Reading, named: Named, name: &str) -> Result<Self, Failure> {
        let Named { clue, partition } = named;
        let mut reader = reading.store.snapshot().await?;
        let events = bihuan_lifecycle::history(&mut reader, partition, clue).await?;
        let texts = text::of_clue(reader.conn(), partition, clue).await?;
        let mut facts = None;
        for event in &events {
            Facts::fold(&mut facts, event);
        }
        let report = events.iter().find_map(|it| match &it.event {
            Event::ClueReported { report, .. } => Some(report.clone()),
            _ => None,
        });
        match (facts, report) {
            (Some(facts), Some(report)) => Ok(Self {
                events,
                texts,
                report,
                facts,
            }),
            _ => Err(unknown(name)),
        }
    }

    pub(crate) fn head(&self, words: Words<'_>, now: Timestamp) -> Head {
        let facts = &self.facts;
        let it: Condition<'_> = facts.latest();
        let (said, discrepancies) = (it.said.as_ref(), it.discrepancies());
        let text = self
            .texts
            .iter()
            .fold(Text::default(), |known, (_, text)| known.then(text));
        Head {
            id: facts.clue.to_string(),
            number: facts.number.clone(),
            source: facts.source.to_string(),
            source_id: facts.source_id.clone(),
            links: Link::all(facts),
            stage: it.standing.as_str(),
            stage_words: words.stage(it.standing),
            holder: it.standing.holder().map(HolderKind::as_str),
            held_since: it.held_since.to_string(),
            next: words.next(it.standing),
            agency: it.agency.cloned(),
            agency_name: it.agency.map(|id| words.agency(id)),
            matter: it.matter.cloned(),
            matter_name: it
                .matter
                .map(|code| words.matter(code))
                .or_else(|| facts.source_matter.clone()),
            area: it.area.cloned(),
            area_name: it
                .area
                .map(|code| words.area(code))
                .or_else(|| facts.source_area.clone()),
            reported_at: facts.reported_at.to_string(),
            deadline: it.deadline.map(|at| at.to_string()),
            overdue: it.is_overdue(now),
            closed_at: it.closing.map(|closing| closing.at.to_string()),
            flags: it.flags(),
            flag_words: it.flags().iter().map(|flag| words.flag(*flag)).collect(),
            returns: it.returns,
            transfers: it.transfers,
            reworks: it.reworks,
            reopened: it.reopened,
            source_status: said.map(|said| said.status.as_str()),
            source_status_words: said.map(|said| words.source_status(said.status)),
            urged: it.urged(),
            discrepancy_words: discrepancies.iter().map(|it| words.discrepancy(*it)).collect(),
            discrepancies,
            tasks: it.assisted.iter().map(|task| words.assisted(task, now)).collect(),
            campaign: it.campaign.map(ToString::to_string),
            version: self.events.last().map_or(0, |event| event.version),
            title: text.title,
            description: text.description,
            place: text.place,
        }
    }
}

impl Head {
    /// (what, value) of what there is to say.
    pub(crate) fn lines(&self, lang: Lang, rulebook: &Rulebook) -> Vec<(&'static str, String)> {
        let words = Words { lang, rulebook };
        let say = |zh, en| lang.choose(zh, en);
        let time = |at: &String| at.parse().map_or_else(|_| at.clone(), |at| words.time(at));
        let deadline = self.deadline.as_ref().map(|at| {
            let late = if self.overdue {
                say("（已超期）", " (overdue)")
            } else {
                ""
            };
            format!("{}{late}", time(at))
        });
        let held = format!(
            "{} ({} {})",
            self.agency_name.clone().unwrap_or_default(),
            say("自", "since"),
            time(&self.held_since)
        );
        let counts = match lang {
            Lang::Zh => format!(
                "退单 {}，转办 {}，返工 {}，重开 {}",
                self.returns, self.transfers, self.reworks, self.reopened
            ),
            Lang::En => format!(
                "returns {}, transfers {}, reworks {}, reopened {}",
                self.returns, self.transfers, self.reworks, self.reopened
            ),
        };
        let at_source = self.source_status_words.map(|status| match (self.urged, lang) {
            (0, _) => status.to_owned(),
            (times, Lang::Zh) => format!("{status}，催办 {times} 次"),
            (1, Lang::En) => format!("{status}, urged once"),
            (times, Lang::En) => format!("{status}, urged {times} times"),
        });
        let others: Vec<_> = self.links.iter().map(|it| it.told(words)).collect();
        let discrepancies = self.discrepancy_words.join(say("；", "; "));
        let lines = [
            (say("编号", "number"), Some(self.number.clone())),
            (say("标识", "id"), Some(self.id.clone())),
            (
                say("来源", "source"),
                Some(format!("{}/{}", self.source, self.source_id)),
            ),
            (
                say("关联记录", "linked records"),
                (!others.is_empty()).then(|| others.join(say("；", "; "))),
            ),
            (say("事项", "matter"), self.matter_name.clone()),
            (say("区域", "area"), self.area_name.clone()),
            (say("标题", "title"), self.title.clone()),
            (say("描述", "description"), self.description.clone()),
            (say("地点", "place"), self.place.clone()),
            (say("上报", "reported"), Some(time(&self.reported_at))),
            (
                say("阶段", "stage"),
                Some(format!("{} [{}]", self.stage_words, self.stage)),
            ),
            (
                say("责任方", "holder"),
                self.holder.map(|kind| self.held_by(kind, lang)),
            ),
            (say("主办单位", "agency"), self.agency_name.as_ref().map(|_| held)),
            (
                say("协办任务", "tasks"),
                (!self.tasks.is_empty()).then(|| self.tasks.join(say("；", "; "))),
            ),
            (say("专项行动", "campaign"), self.campaign.clone()),
            (say("时限", "deadline"), deadline),
            (say("办结", "closed"), self.closed_at.as_ref().map(time)),
            (say("下一步", "next"), self.next.map(str::to_owned)),
            (
                say("标记", "flags"),
                (!self.flag_words.is_empty()).then(|| self.flag_words.join(say("；", "; "))),
            ),
            (say("来源状态", "at source"), at_source),
            (
                say("不一致", "discrepancy"),
                (!discrepancies.is_empty()).then_some(discrepancies),
            ),
            (say("次数", "times"), Some(counts)),
            (say("版本", "version"), Some(self.version.to_string())),
        ];
        lines
            .into_iter()
            .filter_map(|(what, value)| Some((what, value?)))
            .collect()
    }

    fn held_by(&self, kind: &str, lang: Lang) -> String {
        let (zh, en) = match kind {
            "routing" => ("自动派遣", "routing"),
            "triage" => ("人工分派台", "the triage desk"),
            "coordinator" => ("协调员", "the coordinator"),
            "verification" => ("核查、回访", "checkers and call-back"),
            _ => return self.agency_name.clone().unwrap_or_default(),
        };
        lang.choose(zh, en).to_owned()
    }
}
