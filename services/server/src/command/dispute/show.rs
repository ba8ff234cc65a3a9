//! `bihuan dispute show`

use std::process::ExitCode;

use bihuan_dispute::api::Told;
use bihuan_domain::dispute::Offer;
use bihuan_domain::lang::Lang;
use bihuan_monitor::listing::{self, ListedClue};
use bihuan_monitor::precedents::{self, ByPrecedent, SHOWN};
use bihuan_monitor::words::Words;
use serde_json::json;

use super::list::number;
use super::named;
use crate::cli::Common;
use crate::disputes;
use crate::failure::{Failure, Outcome};
use crate::output;
use crate::session::Reading;

pub(super) async fn show(common: &Common, id: &str) -> Outcome {
    let (reading, lang) = (Reading::open(common).await?, common.lang());
    let found = named::find(&reading, id, lang).await?;
    let told = Told::read(&reading.store, &reading.library, found.dispute.id, reading.now()).await?;
    let Some(told) = told else {
        return Err(Failure::usage("没有这项争议", "there is no such dispute"));
    };
    let asked = listing::Reading {
        rulebook: told.current(),
        lang,
        now: reading.now(),
    };
    let routed = precedents::of_dispute(&reading.store, found.dispute.id, SHOWN, asked).await?;
    if common.is_json() {
        let mut shown = told.to_json(lang);
        shown["routed"] = json!(routed);
        output::json(&shown)?;
        return Ok(ExitCode::SUCCESS);
    }
    let words = Words {
        lang,
        rulebook: told.rulebook(),
    };
    let number = number(&reading, told.dispute(), words).await?;
    let mut lines = vec![(lang.choose("线索", "clue"), number)];
    lines.extend(disputes::lines(&told, words));
    output::details(common.format, lang.choose("争议", "dispute"), lines)?;
    section(lang.choose("当事单位", "Parties"), parties(&told, words))?;
    section(
        lang.choose("管辖", "Jurisdiction"),
        told.dispute().jurisdiction.words(lang, told.rulebook()),
    )?;
    let (awaited, others): (Vec<_>, Vec<_>) = told.offers().into_iter().partition(|it| it.awaited);
    section(lang.choose("下一步", "Next"), offers(&awaited, words))?;
    section(lang.choose("另可", "Besides"), offers(&others, words))?;
    let documents = told.dispute().documents.iter();
    let documents = documents.map(|it| format!("{}  sha256 {}", words.document(it), it.digest));
    section(lang.choose("文书", "Documents"), documents)?;
    section(
        lang.choose("经过", "What happened"),
        disputes::history(&told, words),
    )?;
    section(lang.choose("先例", "Precedent"), precedent(&told, words))?;
    section(
        lang.choose("此后按此先例派遣的线索", "Clues that it dispatched since"),
        dispatched(&routed, lang),
    )?;
    Ok(ExitCode::SUCCESS)
}

/// The row that it proposes, and what became of it.
fn precedent(told: &Told, words: Words<'_>) -> Vec<String> {
    let Some((precedent, line)) = told.precedent() else {
        return Vec::new();
    };
    let state = words.precedent_state(line.is_some());
    let place = words.precedent_place(&told.current().version, line);
    vec![format!("{state}: {place}"), format!("+ {}", precedent.row())]
}

/// How many there are, and the newest of them.
fn dispatched(routed: &ByPrecedent, lang: Lang) -> Vec<String> {
    if routed.count == 0 {
        return Vec::new();
    }
    let one = |it: &ListedClue| {
        let agency = it.agency_name.as_deref().unwrap_or("—");
        format!("{}  {}/{}  {agency}", it.number, it.source, it.source_id)
    };
    let all = match lang {
        Lang::Zh => format!("共 {} 条", routed.count),
        Lang::En => format!("{} in all", routed.count),
    };
    std::iter::once(all).chain(routed.clues.iter().map(one)).collect()
}

fn section(title: &str, lines: impl IntoIterator<Item = String>) -> Result<(), Failure> {
    let mut lines = lines.into_iter().peekable();
    if lines.peek().is_none() {
        return Ok(());
    }
    output::line(&format!("\n{title}"))?;
    lines.try_for_each(|line| output::line(&format!("  {line}")))
}

fn parties(told: &Told, words: Words<'_>) -> Vec<String> {
    told.dispute().parties.iter().map(|it| words.party(it)).collect()
}

/// What can be asked, by which word, and by whom.
fn offers(offers: &[Offer], words: Words<'_>) -> Vec<String> {
    let one = |offer: &Offer| {
        let by: Vec<_> = offer.by.iter().map(|it| words.asker(it)).collect();
        format!(
            "{} [{}]: {}",
            offer.ask.words(words.lang),
            offer.ask,
            by.join(words.lang.choose("、", ", "))
        )
    };
    offers.iter().map(one).collect()
}
