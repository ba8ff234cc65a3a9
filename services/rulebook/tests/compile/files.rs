use bihuan_rulebook::{Severity, compile};

use super::{check, error, sample, says, warning};

#[test]
fn files_must_be_there_and_readable() {
    for file in [
        "rulebook.toml",
        "areas.csv",
        "agencies.csv",
        "matters.csv",
        "duties.csv",
    ] {
        let mut files = sample();
        files.remove(file);
        check(&files, (Severity::Error, "file_missing", file, None, None));
    }
    let mut files = sample();
    files.insert("crosswalk.csv", b"source,code,matter\ngrid,\xc9\xdc,010101\n");
    check(&files, error("not_utf8", "crosswalk.csv", 2, None));
    for (bytes, zh, en) in [
        (
            &b"source,code,matter\ngrid,\xc9\xdc\xd0\xcb,010101\n"[..],
            "GB 18030",
            "GB 18030",
        ),
        (b"\xff\xfes\0o\0", "UTF-16", "UTF-16"),
        (b"source,\xff\xff\xff\n", "编码不明", "not known"),
    ] {
        files.insert("crosswalk.csv", bytes);
        let (_, findings) = compile(&files);
        let told = &findings[0];
        assert!(
            told.message_zh.contains(zh) && told.message_en.contains(en),
            "{told:?}"
        );
    }
    says(
        "agencies.csv",
        "甲局",
        "\"甲局",
        error("csv_invalid", "agencies.csv", 2, None),
    );
    says(
        "matters.csv",
        "广告,",
        "广告",
        error("csv_invalid", "matters.csv", 4, None),
    );
    says(
        "holidays.json",
        "}}",
        "}",
        error("json_invalid", "holidays.json", 1, None),
    );
    says(
        "holidays.json",
        "holidays",
        "holiday",
        (Severity::Error, "json_invalid", "holidays.json", None, None),
    );
    says(
        "holidays.json",
        "2026-01-01",
        "2026-1-1",
        error("date_invalid", "holidays.json", 1, None),
    );
}

#[test]
fn the_manifest_is_read_strictly() {
    says(
        "rulebook.toml",
        "limit = 3",
        "limits = 3",
        error("toml_invalid", "rulebook.toml", 5, None),
    );
    says(
        "rulebook.toml",
        "limit = 3",
        "limit = \"3\"",
        error("toml_invalid", "rulebook.toml", 5, None),
    );
    says(
        "rulebook.toml",
        "title =",
        "tilte =",
        error("toml_invalid", "rulebook.toml", 2, None),
    );
    says(
        "rulebook.toml",
        "\"t\"",
        "\" \"",
        error("toml_invalid", "rulebook.toml", 1, None),
    );
    let zone = error("time_zone_unknown", "rulebook.toml", 3, Some("time_zone"));
    says("rulebook.toml", "Asia/Shanghai", "Asia/Shaoxing", zone);
    let mut files = sample();
    files.insert("rulebook.toml", "label = \"t\"\nlabel = = 1\n");
    let (_, findings) = compile(&files);
    assert_eq!(
        (findings[0].line, findings[0].column_number.is_some()),
        (Some(2), true)
    );
}

#[test]
fn headers_are_exact() {
    says(
        "areas.csv",
        "name_en",
        "Name_en",
        error("column_unknown", "areas.csv", 1, Some("Name_en")),
    );
    says(
        "areas.csv",
        "name_en",
        "name",
        error("column_unknown", "areas.csv", 1, Some("name")),
    );
    says(
        "limits.csv",
        "step,limit",
        "step2,limit",
        error("column_unknown", "limits.csv", 1, Some("step2")),
    );
    let mut files = sample();
    files.insert("crosswalk.csv", "source,matter\ngrid,010101\n");
    check(&files, error("column_missing", "crosswalk.csv", 1, Some("code")));
    files.insert("crosswalk.csv", "");
    assert_eq!(
        compile(&files)
            .1
            .iter()
            .filter(|finding| finding.code == "column_missing")
            .count(),
        3
    );
}

#[test]
fn codes_are_valid_and_occur_once() {
    let twice = |file, old, new, line, column| {
        says(file, old, new, error("code_duplicate", file, line, Some(column)));
    };
    twice("areas.csv", "\n330602,", "\n3306,再,,city\n330602,", 3, "code");
    twice("agencies.csv", "\nt,", "\na,又,,,\nt,", 3, "id");
    twice("matters.csv", "\n010102,", "\n010101,又,\n010102,", 3, "code");
    twice(
        "crosswalk.csv",
        "A1,010101\n",
        "A1,010101\ngrid,A1,010102\n",
        3,
        "code",
    );
    says(
        "areas.csv",
        "\n330602,",
        "\n33-06,x,,city\n330602,",
        error("code_invalid", "areas.csv", 3, Some("code")),
    );
    says(
        "agencies.csv",
        "\nt,",
        "\n,x,,,\nt,",
        error("code_invalid", "agencies.csv", 3, Some("id")),
    );
    says(
        "crosswalk.csv",
        "grid",
        "gr id",
        error("code_invalid", "crosswalk.csv", 2, Some("source")),
    );
    says(
        "areas.csv",
        "\n330602,",
        "\n330702001,x,,town\n330602,",
        warning("area_without_parent", "areas.csv", 3, "code"),
    );
}
