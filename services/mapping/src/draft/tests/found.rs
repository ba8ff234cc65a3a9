//! What spoils a draft where it is not recognised: codes without words, rows that repeat, row numbers, words for empty.

use std::fmt::Write as _;

use super::*;

fn lacks(draft: &Draft, words: &[&str]) {
    for word in words {
        assert!(!draft.mapping.contains(word), "{word:?} in\n{}", draft.mapping);
    }
}

fn unused(draft: &Draft) -> &str {
    let note = draft.notes.iter().find(|note| note.code == "unused");
    note.map_or("", |note| &note.says.en)
}

#[test]
fn a_status_of_bare_codes_and_ids_that_come_again_make_a_snapshot() {
    let draft = drafted(&fixture("shaoxing-platform-1.jsonl"));
    let mapping = read(&draft);
    assert_eq!((mapping.mode(), mapping.rows()), (Mode::Snapshot, Some("/data")));
    holds(
        &draft,
        &[
            "id          = \"/order/no\"",
            "matter      = \"/event/code\"",
            "version     = { from = \"/updateTime\", time = \"unix_ms\" }",
            "from = \"/flow/status\"",
            "# \"10\" = \"\"  # unsure",
            "# \"30\" = \"\"  # unsure",
            "time_zone   = \"Asia/Shanghai\"",
        ],
    );
    assert!(unused(&draft).contains("/flow/time"), "{}", unused(&draft));
}

#[test]
fn rows_that_repeat_to_the_letter_do_not_make_a_snapshot() {
    let row = |at: usize| format!("R{at},2026-05-0{at},closed,2026-05-10,2026-05-09,Streets\n");
    let mut sample = String::from("id,created,status,updated,closed,agency\n");
    (1..9).for_each(|at| sample += &row(at));
    let history = drafted(format!("{sample}{}", row(3)).as_bytes());
    assert_eq!(read(&history).mode(), Mode::History);
    assert!(has(&history, "row_repeated", "mode") && !has(&history, "id_repeated", "mode"));
    // another status of the same record is an update, or was one when it was exported
    sample += "R3,2026-05-03,open,2026-05-04,,Streets\n";
    let snapshot = drafted(sample.as_bytes());
    assert_eq!(read(&snapshot).mode(), Mode::Snapshot);
    let mode = snapshot.notes.iter().find(|note| note.code == "snapshot");
    assert!(mode.is_some_and(|note| note.unsure && note.says.en.contains("use history")));
    holds(
        &snapshot,
        &[
            "changed_at  = { from = [\"closed\", \"updated\"] }",
            "agency      = \"agency\"",
        ],
    );
}

#[test]
fn a_status_column_of_a_history_says_only_how_it_ended() {
    let mut sample = String::from("id,created,status,closed\n");
    for at in 1..=12 {
        let status = [
            "Open",
            "Closed",
            "Closed (Duplicate)",
            "Closed - No Violation",
            "Cancelled",
            "Q7",
        ][at % 6];
        let _ = writeln!(sample, "R{at},2026-05-{at:02},{status},2026-06-01");
    }
    let draft = drafted(sample.as_bytes());
    assert_eq!(read(&draft).mode(), Mode::History);
    holds(
        &draft,
        &[
            "[history.conclusion]\nfrom = \"status\"\nnull = [\"Open\"]\ndefault = \"unstated\"\n",
            "\"Closed\" = \"unstated\"\n",
            "\"Closed (Duplicate)\" = \"unstated\"  # unsure",
            "\"Closed - No Violation\" = \"not_made_out\"  # unsure",
            "# \"Q7\" = \"\"  # unsure",
        ],
    );
    assert_eq!(unused(&draft), "");
    let withdrawn = draft.notes.iter().find(|note| note.code == "withdrawn");
    assert!(
        withdrawn.is_some_and(|note| note.says.en.contains("2 records")),
        "duplicates are none"
    );
}

#[test]
fn columns_that_the_mode_has_no_key_for_are_not_used() {
    let draft = drafted(
        b"id,created,updated,agency,note\nA1,2026-05-03,2026-05-04,X,\nB7,2026-05-03,2026-05-05,Y,\n",
    );
    assert_eq!(read(&draft).mode(), Mode::Event);
    assert_eq!(unused(&draft), "Columns not used: updated, agency");
}

#[test]
fn a_row_number_is_no_id_where_there_is_one() {
    for name in ["序号", "No.", "nr"] {
        let mut sample = format!("{name},受理编号,上报时间\n");
        for at in 1..=30 {
            let _ = writeln!(sample, "{at},GD{},2026-05-03", 9_000 - 7 * at);
        }
        let draft = drafted(sample.as_bytes());
        holds(&draft, &["id          = \"受理编号\""]);
        lacks(
            &draft,
            &["\"id_several\"", &format!("attributes  = [\"{name}\"]")],
        );
    }
    // versions of a record have one id and rows of their own
    let again: Vec<_> = (1..=20)
        .map(|at| format!("{at},GD{},2026-05-03,办结\n", at % 5))
        .collect();
    let draft = drafted(format!("序号,受理编号,更新时间,状态\n{}", again.concat()).as_bytes());
    holds(&draft, &["id          = \"受理编号\""]);
    let alone = drafted("序号,上报时间\n1,2026-05-03\n2,2026-05-04\n".as_bytes());
    holds(&alone, &["id          = \"序号\""]);
}

#[test]
fn words_for_empty_are_named_and_spoil_no_column() {
    let mut sample = String::from("编号,上报时间,办结时间,承办单位,是否有照片\n");
    for at in 1..=20 {
        let closed = ["——", "/", "未办结", "2026-05-20 10:00:00"][at % 4];
        let agency = ["无", "N/A", "城管", "市监"][at % 4];
        let _ = writeln!(
            sample,
            "GD{at},2026-05-03 08:05:00,{closed},{agency},{}",
            ["有", "无"][at % 2]
        );
    }
    let draft = drafted(sample.as_bytes());
    assert_eq!(read(&draft).mode(), Mode::History);
    holds(
        &draft,
        &[
            "closed_at   = { from = \"办结时间\", null = [\"/\", \"——\", \"未办结\"] }",
            "agency      = { from = \"承办单位\", null = [\"N/A\", \"无\"] }",
        ],
    );
    let photo = draft
        .columns
        .iter()
        .find(|column| column.name == "是否有照片")
        .expect("there");
    assert_eq!(photo.filled, 20, "有 and 无 are answers");
}

#[test]
fn a_line_of_totals_is_skipped() {
    let rows: Vec<_> = (1..=8)
        .map(|at| format!("GD{at},2026-05-03,占道经营,5\n"))
        .collect();
    let draft = drafted(format!("编号,上报时间,事项,数量\n{}合计,,,40\n", rows.concat()).as_bytes());
    let mapping = read(&draft);
    assert_eq!(draft.records, 8);
    holds(
        &draft,
        &[
            "# unsure: looks like lines of totals",
            "skip        = { from = \"编号\", values = [\"合计\"] }",
        ],
    );
    assert_eq!(mapping.mode(), Mode::Event);
}

#[test]
fn a_zone_that_nothing_tells_is_left_to_decide() {
    let open = drafted(b"id,created\n1,2026-05-03 08:00\n2,2026-05-04 08:00\n");
    let problems = Mapping::parse(&open.mapping).expect_err("no zone");
    assert!(
        problems.iter().all(|problem| problem.code == "time_zone"),
        "{problems:?}"
    );
    let told = drafted(b"id,created\n1,2026-05-03T08:00:00+02:00\n2,2026-05-04T08:00:00+02:00\n");
    lacks(&told, &["time_zone"]);
    Mapping::parse(&told.mapping).expect("offsets say it");
}
