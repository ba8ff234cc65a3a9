//! What was put away by whichever service: read again after mending, or given up.

use serde_json::Value;

use crate::{Data, Ran};

const PHONE: &str = "13800000000";
const HEADER: &str = "id,phone,title\n";

fn mapping(format: &str) -> String {
    format!(
        "source = \"files\"\nkind = \"clue\"\nmode = \"event\"\nformat = \"{format}\"\npersonal = [\"phone\"]\n\
         [clue]\nid = \"id\"\ntitle = \"title\"\n"
    )
}

/// A data directory, and files beside it.
struct Files {
    data: Data,
    folder: tempfile::TempDir,
}

impl Files {
    fn new() -> Self {
        let (data, folder) = (Data::empty(), tempfile::tempdir().expect("temporary folder"));
        let files = Self { data, folder };
        // the first use makes the tables
        files.import("csv", HEADER);
        files
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let three = self.write("bihuan.toml", "[log]\npartitions = 3\n");
        self.data.run(&[arguments, &["--config", &three]].concat())
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        self.run(&[arguments, &["--format", "json"]].concat()).json()
    }

    fn write(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("written");
        path.display().to_string()
    }

    fn import(&self, format: &str, content: &str) -> Value {
        let mapping = self.write(&format!("{format}.toml"), &mapping(format));
        let file = self.write("records", content);
        self.json(&["import", &file, "--mapping", &mapping])
    }

    fn waiting(&self) -> Vec<Value> {
        let page = self.json(&["quarantine", "list", "--fate", "waiting"]);
        page["records"].as_array().expect("records").clone()
    }

    /// The one that waits.
    fn one(&self) -> (String, Value) {
        let waiting = self.waiting();
        assert_eq!(waiting.len(), 1, "{waiting:?}");
        (
            waiting[0]["id"].as_str().expect("id").to_owned(),
            waiting[0].clone(),
        )
    }

    fn clues(&self) -> u64 {
        let report = self.json(&["report", "closure"]);
        report["counts"]["clues"].as_u64().expect("a count")
    }

    /// Whether the text stands anywhere in the data directory.
    fn hold(&self, text: &str) -> bool {
        std::fs::read_dir(self.data.path())
            .expect("a folder")
            .any(|entry| {
                let bytes = std::fs::read(entry.expect("a file").path()).expect("readable");
                bytes.windows(text.len()).any(|it| it == text.as_bytes())
            })
    }

    /// Every account of the installation holds.
    fn is_true(&self) {
        self.run(&["verify"]).exits(0);
    }
}

#[test]
fn what_failed_in_processing_keeps_what_is_needed_to_read_it() {
    let files = Files::new();
    let stop = "CREATE TRIGGER stop BEFORE INSERT ON intake_file BEGIN SELECT RAISE(ABORT, 'stop'); END";
    files.data.tamper(stop);
    let done = files.import("csv", &format!("{HEADER}1,{PHONE},标题\n"));
    assert_eq!(done["quarantined_by_reason"]["processing_failed"], 1, "{done}");
    files.data.tamper("DROP TRIGGER stop");
    let (id, row) = files.one();
    assert_eq!(
        (&row["source"], &row["line"]),
        (&"files".into(), &2.into()),
        "{row}"
    );
    assert!(row["file"].is_string() && row["mapping"].is_string(), "{row}");
    let shown = files.json(&["quarantine", "show", &id]);
    assert_eq!(shown["content"]["text"], "1,***,标题", "{shown}");
    assert!(shown["headers"]["columns"].is_string(), "{shown}");
    files.run(&["quarantine", "replay", &id]).exits(0);
    assert_eq!((files.clues(), files.waiting().len()), (1, 0));
    assert!(!files.hold(PHONE));
    files.is_true();
}

#[test]
fn what_cannot_be_told_apart_is_kept_as_an_outline() {
    let table = [
        (
            "csv",
            format!("{HEADER}1,\"{PHONE},x\n3,,y\n"),
            "csv_quote",
            "×,\"×××××××××××,×",
        ),
        (
            "csv",
            format!("{HEADER}2,{PHONE}\n3,,y\n"),
            "csv_fields",
            "×,×××××××××××",
        ),
        (
            "json",
            format!("{{\"phone\": \"{PHONE}\n{{\"id\": 3}}\n"),
            "json",
            "{\"×××××\":×\"×××××××××××",
        ),
        (
            "json",
            format!("\"{PHONE}\"\n{{\"id\": 3}}\n"),
            "json",
            "\"×××××××××××\"",
        ),
    ];
    for (format, content, reason, outline) in table {
        let files = Files::new();
        files.import(format, &content);
        assert!(!files.hold(PHONE), "{content}");
        let (id, row) = files.one();
        assert_eq!(row["reason"], reason, "{row}");
        assert!(row["file"].is_string() && row["line"].is_number(), "{row}");
        let shown = files.json(&["quarantine", "show", &id]);
        assert_eq!(
            (&shown["content"]["text"], &shown["headers"]["outline"]),
            (&outline.into(), &true.into()),
            "{shown}"
        );
        for (lang, field, advice) in [
            ("zh", "个人字段", "重新导入"),
            ("en", "personal fields", "import it again"),
        ] {
            files
                .run(&["quarantine", "show", &id, "--lang", lang])
                .exits(0)
                .says(field)
                .says(advice);
            files
                .run(&["quarantine", "replay", &id, "--lang", lang])
                .exits(1)
                .says(field)
                .says(advice);
        }
        assert_eq!(files.one().0, id, "it still waits");
        files
            .run(&["quarantine", "discard", &id, "--reason", "mended"])
            .exits(0);
        assert_eq!(files.clues(), 1);
        files.is_true();
    }
}

/// One clue reported whose command lifecycle could not carry out; now it could.
fn of_lifecycle() -> (Files, String) {
    let files = Files::new();
    let stop = "CREATE TRIGGER stop BEFORE INSERT ON clue_event WHEN NEW.clue_id IS NOT NULL BEGIN SELECT RAISE(ABORT, 'stop'); END";
    files.data.tamper(stop);
    files.import("csv", &format!("{HEADER}1,{PHONE},标题\n"));
    files.data.tamper("DROP TRIGGER stop");
    let (id, row) = files.one();
    assert_eq!(
        (&row["service"], &row["reason"]),
        (&"lifecycle".into(), &"processing_failed".into())
    );
    (files, id)
}

#[test]
fn a_command_is_published_again() {
    let (files, id) = of_lifecycle();
    let shown = files.json(&["quarantine", "show", &id]);
    assert_eq!(
        shown["headers"]["ce_type"], "bihuan.clue.v1.ReportClue",
        "{shown}"
    );
    let done = files.json(&["quarantine", "replay", &id, "--person", "P1"]);
    assert_eq!(
        (&done["done"], &done["records"][0]["again"]),
        (&1.into(), &Value::Null)
    );
    assert_eq!((files.clues(), files.waiting().len()), (1, 0));
    let shown = files.json(&["quarantine", "show", &id]);
    assert_eq!(
        (&shown["fate"], &shown["fate_by"]),
        (&"replayed".into(), &"P1".into())
    );
    // what is settled stays as it is
    files.run(&["quarantine", "replay", &id]).exits(0);
    files
        .run(&["quarantine", "discard", &id, "--reason", "no"])
        .exits(1);
    assert_eq!(files.json(&["quarantine", "show", &id]), shown);
    files.is_true();
}

#[test]
fn a_command_on_the_wrong_partition_goes_to_the_right_one() {
    let (files, id) = of_lifecycle();
    let moved = "UPDATE quarantine SET reason = 'wrong_partition',
        topic_partition = CASE topic_partition WHEN 0 THEN 1 ELSE 0 END";
    assert_eq!(files.data.tamper(moved), 1);
    files.run(&["quarantine", "replay", &id]).exits(0);
    assert_eq!((files.clues(), files.waiting().len()), (1, 0));
    files.is_true();
}

#[test]
fn what_fails_again_is_a_new_row_and_can_be_given_up() {
    let (files, id) = of_lifecycle();
    files.data.tamper("UPDATE quarantine SET bytes = x'ff00'");
    let ran = files
        .run(&["quarantine", "replay", "--all", "--format", "json"])
        .exits(1);
    let done: Value = serde_json::from_str(&ran.stdout()).expect("json");
    let (new, row) = files.one();
    assert_eq!(done["records"][0]["again"], new.as_str(), "{done}");
    assert_ne!(new, id);
    assert_eq!(row["reason"], "not_protobuf", "{row}");
    let give_up = [
        "quarantine",
        "discard",
        &new,
        "--reason",
        "noise",
        "--person",
        "P2",
    ];
    files.run(&give_up).exits(0);
    assert_eq!(files.waiting(), [Value::Null; 0]);
    let shown = files.json(&["quarantine", "show", &new]);
    assert_eq!(
        (&shown["fate"], &shown["fate_by"], &shown["fate_reason"]),
        (&"discarded".into(), &"P2".into(), &"noise".into())
    );
}

#[test]
fn feedback_is_published_again() {
    let files = Files::new();
    let put = "INSERT INTO quarantine (partition, id, consumer_group, topic, topic_partition, record_offset, reason, headers,
            bytes, received_at, fate)
        VALUES (0, x'0190a0b0c0d0700080000000000000aa', 'delivery', 'agency.commands.v1', 0, 0, 'clue_unknown',
            '{\"content-type\":\"application/json\"}',
            CAST('{\"clue\":\"files/1\",\"type\":\"acknowledge_clue\",\"actor\":{\"role\":\"agency\",\"agency\":\"A\"}}' AS BLOB),
            1767600000000000, 'waiting')";
    assert_eq!(files.data.tamper(put), 1);
    let (id, _) = files.one();
    // the mapping is intake's business
    let mapping = files.write("csv.toml", &mapping("csv"));
    files
        .run(&["quarantine", "replay", &id, "--mapping", &mapping])
        .exits(2);
    let done = files.json(&["quarantine", "replay", &id]);
    assert_eq!(
        (&done["done"], &done["records"][0]["again"]),
        (&1.into(), &Value::Null),
        "{done}"
    );
    assert_eq!(files.waiting(), [Value::Null; 0]);
}

#[test]
fn each_lane_that_holds_a_record_is_asked() {
    let files = Files::new();
    let without = mapping("csv").replace("id = \"id\"", "id = \"title\"");
    let wrong = files.write("wrong.toml", &without);
    let records = files.write("records", &format!("{HEADER}1,{PHONE},\n"));
    files.json(&["import", &records, "--mapping", &wrong]);
    let (id, _) = files.one();
    let twice = "INSERT INTO quarantine (partition, id, consumer_group, topic, topic_partition, record_offset, source, file,
            line, reason, field, mapping, headers, bytes, received_at, fate)
        SELECT CASE partition WHEN 0 THEN 1 ELSE 0 END, id, consumer_group, topic, CASE topic_partition WHEN 0 THEN 1 ELSE 0
            END, record_offset, source, file, line, reason, field, mapping, headers, bytes, received_at, fate FROM quarantine";
    assert_eq!(files.data.tamper(twice), 1);
    let mended = files.write("csv.toml", &mapping("csv"));
    let done = files.json(&["quarantine", "replay", &id, "--mapping", &mended]);
    assert_eq!((&done["asked"], &done["done"]), (&2.into(), &2.into()), "{done}");
    assert_eq!((files.clues(), files.waiting().len()), (1, 0));
}
