//! The clocks of a clue in words: what runs, why it is due then, what moved it, and what the ladder did.

use bihuan_domain::lang::Lang;
use bihuan_monitor::clocks::{
    EndedClock, ShownClock, ShownClocks, ShownExtension, ShownRung, ShownSuspension,
};
use bihuan_monitor::words::Words;

use crate::cli::Format;
use crate::failure::Failure;
use crate::output::{self, Grid};

pub(super) fn print(clocks: &ShownClocks, words: Words<'_>, format: Format) -> Result<(), Failure> {
    let say = |zh, en| words.lang.choose(zh, en);
    if !clocks.running.is_empty() {
        title(say("正在计时", "Clocks that run"))?;
        output::line(&running(clocks, words).render(format)?)?;
        for clock in &clocks.running {
            output::line(&format!("  {}", clock.step_words))?;
            clock
                .working
                .iter()
                .try_for_each(|text| output::line(&format!("    {text}")))?;
        }
    }
    if !clocks.ended.is_empty() {
        title(say("已结束的计时", "Clocks that ended"))?;
        output::line(&ended(clocks, words).render(format)?)?;
    }
    let extensions = clocks.extensions.iter().map(|it| extension(it, words));
    list(say("延期", "Extensions"), &extensions.collect::<Vec<_>>())?;
    let suspensions = clocks.suspensions.iter().map(|it| suspension(it, words));
    list(say("挂账", "Suspensions"), &suspensions.collect::<Vec<_>>())?;
    let disputes = clocks.dispute_pauses.iter().map(|it| dispute(it, words));
    list(
        say("因争议暂停计时", "Clocks stopped by disputes"),
        &disputes.collect::<Vec<_>>(),
    )?;
    let ladder = clocks.ladder.iter().map(|it| rung(it, words));
    list(say("督办阶梯", "The ladder"), &ladder.collect::<Vec<_>>())?;
    match &clocks.next_rung_at {
        Some(at) => output::line(&format!(
            "  {}{}",
            say("下一级：", "next step: "),
            time(at, words)
        )),
        None => Ok(()),
    }
}

fn title(text: &str) -> Result<(), Failure> {
    output::line(&format!("\n{text}"))
}

fn list(head: &str, lines: &[String]) -> Result<(), Failure> {
    if lines.is_empty() {
        return Ok(());
    }
    title(head)?;
    lines
        .iter()
        .try_for_each(|text| output::line(&format!("  {text}")))
}

fn time(text: &str, words: Words<'_>) -> String {
    text.parse().map_or_else(|_| text.to_owned(), |at| words.time(at))
}

fn running(clocks: &ShownClocks, words: Words<'_>) -> Grid {
    let header = match words.lang {
        Lang::Zh => ["环节", "自", "时限", "limits.csv 行", "截止", "剩余"],
        Lang::En => ["step", "since", "limit", "line of limits.csv", "due", "left"],
    };
    let row = |it: &ShownClock| {
        vec![
            it.step_words.to_owned(),
            time(&it.since, words),
            it.limit_words.clone().unwrap_or_else(|| "—".to_owned()),
            it.row.map_or_else(|| "—".to_owned(), |row| row.to_string()),
            time(&it.due_at, words),
            words.clock_left(it.seconds_left, it.stands_since.is_some()),
        ]
    };
    Grid::new(header, clocks.running.iter().map(row))
}

fn ended(clocks: &ShownClocks, words: Words<'_>) -> Grid {
    let (in_time, late) = match words.lang {
        Lang::Zh => ("按时", "超时"),
        Lang::En => ("in time", "late"),
    };
    let header = match words.lang {
        Lang::Zh => ["环节", "自", "至", "时限", "截止", "是否按时"],
        Lang::En => ["step", "since", "until", "limit", "due", "in time"],
    };
    let row = |it: &EndedClock| {
        vec![
            it.step_words.to_owned(),
            time(&it.since, words),
            time(&it.until, words),
            it.limit.clone().unwrap_or_else(|| "—".to_owned()),
            time(&it.due_at, words),
            if it.in_time { in_time } else { late }.to_owned(),
        ]
    };
    Grid::new(header, clocks.ended.iter().map(row))
}

fn extension(it: &ShownExtension, words: Words<'_>) -> String {
    let asked = time(&it.asked_at, words);
    let limit = |text: &String| {
        text.parse::<bihuan_domain::calendar::Limit>()
            .map(|it| it.words(words.lang))
    };
    let asked_for = limit(&it.limit).unwrap_or_else(|_| it.limit.clone());
    let by = it.asked_by.as_deref().unwrap_or("—");
    let answered = it
        .answered_at
        .as_ref()
        .map(|at| time(at, words))
        .unwrap_or_default();
    match (it.answer, words.lang) {
        (Some("granted"), Lang::Zh) => format!("{asked} {by} 申请{asked_for}；{answered} 同意"),
        (Some("granted"), Lang::En) => format!("{asked} {by} asks for {asked_for}; granted {answered}"),
        (Some(_), Lang::Zh) => format!("{asked} {by} 申请{asked_for}；{answered} 不同意"),
        (Some(_), Lang::En) => format!("{asked} {by} asks for {asked_for}; refused {answered}"),
        (None, Lang::Zh) => format!("{asked} {by} 申请{asked_for}；未答复"),
        (None, Lang::En) => format!("{asked} {by} asks for {asked_for}; not answered"),
    }
}

fn suspension(it: &ShownSuspension, words: Words<'_>) -> String {
    let from = time(&it.from, words);
    let planned = it
        .planned_to
        .as_ref()
        .map_or_else(|| "—".to_owned(), |at| time(at, words));
    match (&it.to, words.lang) {
        (Some(to), Lang::Zh) => format!("{from} 至 {}（原定至 {planned}）", time(to, words)),
        (Some(to), Lang::En) => format!("{from} to {} (planned to {planned})", time(to, words)),
        (None, Lang::Zh) => format!("{from} 起，至 {planned}"),
        (None, Lang::En) => format!("since {from}, until {planned}"),
    }
}

fn dispute(it: &ShownSuspension, words: Words<'_>) -> String {
    let from = time(&it.from, words);
    match (&it.to, words.lang) {
        (Some(to), Lang::Zh) => format!("{from} 至 {}", time(to, words)),
        (Some(to), Lang::En) => format!("{from} to {}", time(to, words)),
        (None, Lang::Zh) => format!("{from} 起"),
        (None, Lang::En) => format!("since {from}"),
    }
}

fn rung(it: &ShownRung, words: Words<'_>) -> String {
    let (at, due) = (time(&it.at, words), time(&it.due_at, words));
    let state = match (it.draft, &it.issued_at, words.lang) {
        (true, _, Lang::Zh) => "；待签发".to_owned(),
        (true, _, Lang::En) => "; to be issued".to_owned(),
        (false, Some(issued), lang) => {
            let (issued, by) = (time(issued, words), it.issued_by.as_deref().unwrap_or("—"));
            match lang {
                Lang::Zh => format!("；{issued} 由 {by} 签发"),
                Lang::En => format!("; issued {issued} by {by}"),
            }
        }
        (false, None, lang) => it.discarded_at.as_ref().map_or_else(String::new, |discarded| {
            let (at, by) = (time(discarded, words), it.discarded_by.as_deref().unwrap_or("—"));
            match lang {
                Lang::Zh => format!("；{at} 由 {by} 弃用，不予签发"),
                Lang::En => format!("; discarded {at} by {by}, not issued"),
            }
        }),
    };
    let late = if it.late {
        words.lang.choose("；补发", "; late")
    } else {
        ""
    };
    match words.lang {
        Lang::Zh => format!("{at} {}（期限 {due}）{late}{state}", it.rung_words),
        Lang::En => format!("{at} {} (due {due}){late}{state}", it.rung_words),
    }
}
