//! One clue: where it stands, what happened to it, and why it went where it went.

use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use bihuan_domain::clue::{Class, Event, Occurrence, Role, RoutingDecision, Text};
use bihuan_domain::figures::{By, Standing};
use bihuan_domain::routing::{Rulebook, Subject};
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::Library;
use bihuan_runtime::Problem;
use bihuan_store::{Store, text};

use super::asked::Plain;
use super::clocks::Clocks;
use super::disputes::{self, Brief};
use super::visitor::{Frame, Moment, Visitor};
use super::{Pages, Result, failed, labels};
use crate::clocks::Course;
use crate::links::Link;
use crate::listing::{self, FoundClue, Reading};
use crate::words::Words;
use crate::{codec, names};

/// What is said of the clue above its story.
struct Said {
    term: &'static str,
    text: String,
}

/// Something that happened.
pub(super) struct Step {
    pub(super) at: Moment,
    /// When Bihuan learned of it, if that was later.
    learned: Option<Moment>,
    pub(super) who: String,
    pub(super) words: String,
    pub(super) refused: bool,
    pub(super) remarks: Vec<String>,
}

/// What a source says that sends the whole record again at every change.
struct SourceSays {
    status: &'static str,
    urged: u32,
    discrepancies: Vec<&'static str>,
}

#[derive(Template)]
#[template(path = "clue.html")]
struct CluePage {
    f: Frame,
    number: String,
    stage: &'static str,
    next: Option<&'static str>,
    open: bool,
    overdue: bool,
    flags: Vec<&'static str>,
    head: Vec<Said>,
    texts: Text,
    source: Option<SourceSays>,
    clocks: Clocks,
    disputes: Vec<Brief>,
    steps: Vec<Step>,
    decision: Vec<String>,
}

/// `GET /clues/{id}`
pub(super) async fn page(
    State(pages): State<Pages>,
    visitor: Visitor,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    let made = match id {
        Ok(Path(id)) => clue(&pages, &visitor, &id).await,
        Err(rejection) => Err(rejection.into()),
    };
    visitor.answer(made)
}

async fn clue(pages: &Pages, visitor: &Visitor, id: &str) -> Result<CluePage> {
    let Plain { .. } = visitor.query()?;
    let (rulebook, lang) = ((pages.api.rulebook)(), visitor.lang);
    let reading = Reading {
        rulebook: &rulebook,
        lang,
        now: pages.api.clock.now(),
    };
    let found = listing::find(&pages.api.store, id, reading).await;
    let found = found
        .map_err(|error| failed(&error))?
        .ok_or_else(|| unknown(id))?;
    let (story, texts) = read(&pages.api.store, &found)
        .await
        .map_err(|error| failed(&error))?;
    let words = Words {
        lang,
        rulebook: &rulebook,
    };
    let clocks = Clocks::of(&pages.api.library, &Course::of(&story), words, reading.now).await;
    let clocks = clocks.map_err(|error| failed(&error))?;
    let disputes = disputes::of_clue(&pages.api.store, found.listed.id, words, reading.now).await;
    let disputes = disputes.map_err(|error| failed(&error.into()))?;
    let condition = found.facts.latest();
    let standing = condition.standing;
    let source = condition.said.as_ref().map(|said| SourceSays {
        status: words.source_status(said.status),
        urged: said.urged,
        discrepancies: condition
            .discrepancies()
            .into_iter()
            .map(|it| words.discrepancy(it))
            .collect(),
    });
    Ok(CluePage {
        f: visitor.frame(
            "/clues",
            format!("{} {}", lang.choose("线索", "Clue"), found.listed.number),
        ),
        number: found.listed.number.clone(),
        stage: words.stage(standing),
        next: words.next(standing),
        open: standing.is_open(),
        overdue: found.listed.overdue,
        flags: condition.flags().iter().map(|flag| words.flag(*flag)).collect(),
        head: head(words, &found, standing, reading.now),
        steps: story.iter().map(|it| step(words, it, &texts)).collect(),
        source,
        clocks,
        disputes,
        decision: decided(words, &pages.api.library, &story).await,
        texts: texts
            .iter()
            .fold(Text::default(), |known, (_, text)| known.then(text)),
    })
}

fn unknown(id: &str) -> Problem {
    let id: String = id.chars().take(120).collect();
    Problem::new(
        StatusCode::NOT_FOUND,
        "clue_unknown",
        "There is no such clue",
        "没有这条线索",
    )
    .details(
        format!(
            "No clue has the id, number or source/source-id {id:?}. One just reported may take a moment."
        ),
        format!("没有线索的标识、编号或“来源/来源编号”为“{id}”。刚上报的线索可能需要片刻。"),
    )
}

/// The clue's events, oldest first, and its texts.
pub(super) async fn read(
    store: &Store,
    found: &FoundClue,
) -> crate::Result<(Vec<Occurrence>, Vec<(u32, Text)>)> {
    let mut reader = store.snapshot().await?;
    let events = codec::story(reader.conn(), found.partition, found.newest).await?;
    let texts = text::of_clue(reader.conn(), found.partition, found.listed.id).await?;
    Ok((events, texts))
}

fn head(words: Words<'_>, found: &FoundClue, standing: Standing, now: Timestamp) -> Vec<Said> {
    let (lang, rulebook) = (words.lang, words.rulebook);
    let (clue, condition) = (&found.listed, found.facts.latest());
    let name = |by, key: &Option<String>| key.as_deref().map(|key| names::name(rulebook, lang, by, key));
    let time = |text: &Option<String>| text.as_deref()?.parse().ok().map(|at| words.time(at));
    let holder = standing.holder().map(|kind| {
        let (zh, en) = labels::holder(kind);
        let agency = name(By::Agency, &clue.agency).filter(|_| kind.as_str() == "agency");
        let since = time(&Some(clue.held_since.clone())).unwrap_or_default();
        let who = agency.unwrap_or_else(|| lang.choose(zh, en).to_owned());
        format!("{who}{}{since}", lang.choose("，自 ", ", since "))
    });
    let class = match found.facts.class {
        Class::Ordinary => None,
        Class::SelfHandled => Some(labels::count(lang, "self_handled")),
        Class::ClosedAtSource => Some(labels::count(lang, "closed_at_source")),
    };
    let no_deadline = || standing.is_open().then(|| lang.choose("未设", "none").to_owned());
    let times = |count: u32| (count > 0).then(|| count.to_string());
    let matter = name(By::Matter, &clue.matter).or_else(|| found.facts.source_matter.clone());
    let area = name(By::Area, &clue.area).or_else(|| found.facts.source_area.clone());
    let source = format!("{} / {}", clue.source, clue.source_id);
    let links: Vec<_> = Link::all(&found.facts).iter().map(|it| it.told(words)).collect();
    let links = (!links.is_empty()).then(|| links.join(lang.choose("；", "; ")));
    let conclusion = condition.closing.map(|closing| closing.conclusion.to_string());
    let tasks = condition.assisted.iter().map(|task| words.assisted(task, now));
    let tasks = tasks.collect::<Vec<_>>().join(lang.choose("；", "; "));
    let said = [
        (("事项", "Matter"), matter),
        (("区划", "Area"), area),
        (("当前责任方", "Holder"), holder),
        (("主办单位", "Responsible agency"), name(By::Agency, &clue.agency)),
        (
            ("协办任务", "Tasks"),
            Some(tasks).filter(|tasks| !tasks.is_empty()),
        ),
        (
            ("专项行动", "Campaign"),
            condition.campaign.map(ToString::to_string),
        ),
        (("结论", "Conclusion"), name(By::Conclusion, &conclusion)),
        (("上报时间", "Reported"), time(&Some(clue.reported_at.clone()))),
        (("时限", "Deadline"), time(&clue.deadline).or_else(no_deadline)),
        (("闭环时间", "Closed"), time(&clue.closed_at)),
        (("退单次数", "Returns"), times(condition.returns)),
        (("转办次数", "Transfers"), times(condition.transfers)),
        (("返工次数", "Reworks"), times(condition.reworks)),
        (("类别口径", "Class"), class),
        (("来源 / 来源编号", "Source / source id"), Some(source)),
        (("关联记录", "Linked records"), links),
        (("标识", "Id"), Some(clue.id.to_string())),
    ];
    let said = said.into_iter().filter_map(|((zh, en), text)| {
        let term = lang.choose(zh, en);
        Some(Said { term, text: text? })
    });
    said.collect()
}

pub(super) fn step(words: Words<'_>, occurrence: &Occurrence, texts: &[(u32, Text)]) -> Step {
    let zone = &words.rulebook.zone;
    let (at, learned) = (
        Moment::of(occurrence.at, zone),
        Moment::of(occurrence.received_at, zone),
    );
    let mut actor = occurrence.actor.clone();
    if matches!(actor.role, Role::Source | Role::CallBack) {
        // a platform's own user may be the reporter
        actor.person = None;
    }
    let own = texts.iter().filter(|(version, _)| *version == occurrence.version);
    Step {
        learned: (learned.text != at.text).then_some(learned),
        at,
        who: words.actor(&actor),
        words: words.event(&occurrence.event),
        refused: matches!(occurrence.event, Event::CommandRejected { .. }),
        remarks: own.filter_map(|(_, text)| text.remark.clone()).collect(),
    }
}

/// Why the last decision of routing fell as it did, by the rulebook that it was made with.
async fn decided(words: Words<'_>, library: &Library, story: &[Occurrence]) -> Vec<String> {
    let last = story.iter().rposition(|it| decision(&it.event).is_some());
    let Some((place, decision)) = last.and_then(|at| Some((at, decision(&story.get(at)?.event)?))) else {
        return Vec::new();
    };
    let by_rule = !matches!(decision.reason.as_str(), "recorded" | "by_person");
    if !by_rule || story[place].actor.role != Role::Routing {
        return vec![words.decision(decision).to_owned()];
    }
    let made_with = match library.get(decision.rulebook.as_str()).await {
        Ok(compiled) => compiled,
        Err(error) => {
            tracing::warn!(error = %error, "a decision cannot be explained");
            return vec![words.decision(decision).to_owned()];
        }
    };
    explain(words, made_with.rulebook(), &story[..place])
}

fn decision(event: &Event) -> Option<&RoutingDecision> {
    match event {
        Event::ClueAssigned { decision, .. } | Event::ClueHeldForTriage { decision } => Some(decision),
        _ => None,
    }
}

fn explain(words: Words<'_>, rulebook: &Rulebook, before: &[Occurrence]) -> Vec<String> {
    let Some(subject) = Subject::when_asked(before.iter().map(|it| &it.event)) else {
        return Vec::new();
    };
    bihuan_domain::routing::explain(rulebook, &subject.question(&rulebook.zone)).words(words.lang, rulebook)
}
