//! The guide for integrators, run as it stands: what it says to type is typed.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::serving::Server;
use crate::{Data, Ran, file, text};

/// The text below a heading of the guide, up to the next of its rank.
fn section(heading: &str) -> String {
    let guide = text(file("docs/integrate.md"));
    let (_, below) = guide
        .split_once(&format!("\n{heading}\n"))
        .unwrap_or_else(|| panic!("no {heading:?}"));
    let end = below.find("\n## ").unwrap_or(below.len());
    below[..end].to_owned()
}

/// The commands of a section, each on an indented line of its own.
pub(crate) fn commands(section: &str) -> Vec<String> {
    let lines = section.lines().filter(|line| line.starts_with("    "));
    let commands = lines.map(str::trim).filter(|line| line.starts_with("bihuan "));
    commands.map(str::to_owned).collect()
}

/// Words of a command line; what stands in double quotes is one.
pub(crate) fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for c in command.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            c => words.last_mut().expect("a word").push(c),
        }
    }
    words
}

/// The desk of somebody who connects a platform: a folder with an export, and the data directory `DIR` in it.
struct Desk(Data);

const HEADER: &str = "序号,工单编号,外部标识,事项,镇街,上报时间,更新时间,状态,诉求人,联系电话\n";

/// A row of the platform's export.
fn row(at: usize, id: &str, state: &str) -> String {
    format!(
        "{at},{id},SL{},占道经营,塔山街道,2026/5/{} 8:05,2026/5/{} 9:05,{state},张三丰,13800138000\n",
        900 - at,
        1 + at % 28,
        1 + at % 28,
    )
}

fn rows(ids: std::ops::Range<usize>) -> String {
    let states = ["待办", "已办结", "奇怪"];
    ids.fold(HEADER.to_owned(), |mut text, at| {
        let _ = write!(
            text,
            "{}",
            row(at + 1, &format!("GD{:03}", at % 20), states[at % 3])
        );
        text
    })
}

impl Desk {
    fn new() -> Self {
        let desk = Self(Data::empty());
        let book = desk.path().join("rulebook");
        std::fs::create_dir(&book).expect("a folder");
        for entry in std::fs::read_dir(file("deploy/rulebooks/shaoxing")).expect("a folder") {
            let entry = entry.expect("a file");
            std::fs::copy(entry.path(), book.join(entry.file_name())).expect("copied");
        }
        // one record has its number in another column, one lost a cell
        let odd = row(31, "", "待办") + "32,GD032,SL1,占道经营\n";
        desk.write("export.csv", &(rows(0..24) + &odd));
        desk.write("mended.csv", &(HEADER.to_owned() + &row(32, "GD032", "待办")));
        desk.write("monday.csv", &rows(1..20));
        desk
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, content: &str) {
        std::fs::write(self.path().join(name), content).expect("written");
    }

    fn rewrite(&self, name: &str, from: &str, to: &str) {
        let before = text(self.path().join(name));
        assert!(before.contains(from), "no {from:?} in\n{before}");
        self.write(name, &before.replace(from, to));
    }

    /// Types a command of the guide. `ID…` are the records that wait, `>` writes to a file.
    fn types(&self, command: &str) -> Ran {
        let (command, into) = match command.split_once(" > ") {
            Some((command, into)) => (command, Some(into)),
            None => (command, None),
        };
        let mut arguments = Vec::new();
        for word in words(command).into_iter().skip(1) {
            match &*word {
                "ID…" => arguments.extend(self.waiting()),
                _ => arguments.push(word),
            }
        }
        let mut bihuan = Command::new(env!("CARGO_BIN_EXE_bihuan"));
        bihuan.args(arguments).current_dir(self.path());
        let ran = Ran(bihuan
            .env("LC_ALL", "C.UTF-8")
            .output()
            .expect("the program runs"));
        if let Some(into) = into {
            self.write(into, &ran.stdout());
        }
        ran
    }

    fn waiting(&self) -> Vec<String> {
        let list = self
            .types("bihuan quarantine list --fate waiting --data DIR --format json")
            .json();
        let records = list["records"].as_array().expect("records").iter();
        records
            .map(|record| record["id"].as_str().expect("an id").to_owned())
            .collect()
    }

    fn records(&self) -> Value {
        self.types("bihuan report closure --data DIR --format json")
            .json()["records"]
            .clone()
    }
}

/// What a person decides or mends before a command is typed.
fn decide(desk: &Desk, command: &str) {
    if command.starts_with("bihuan mapping check") {
        desk.rewrite("hotline.toml", "# \"奇怪\" = \"\"", "\"奇怪\" = \"open\"");
    } else if command.starts_with("bihuan quarantine replay") {
        let to = "{ from = [\"工单编号\", \"外部标识\"] }";
        desk.rewrite("hotline.toml", "= \"工单编号\"", &format!("= {to}"));
    }
}

#[test]
fn the_steps_from_a_sample_file_to_accounts_that_balance() {
    let desk = Desk::new();
    let commands = commands(&section("## From a sample file to a mapping"));
    let typed: Vec<String> = commands.iter().map(|it| words(it)[1..3].join(" ")).collect();
    let [draft, check, import] = ["mapping draft", "mapping check", "import export.csv"];
    let expected = [
        draft,
        check,
        import,
        import,
        "verify --data",
        "quarantine list",
        "quarantine replay",
        "import mended.csv",
        "quarantine discard",
        "import monday.csv",
    ];
    assert_eq!(typed, expected);
    for command in &commands {
        decide(&desk, command);
        desk.types(command).exits(0);
    }
    let records = desk.records();
    let counts = ["received", "new", "quarantined", "replayed", "discarded"];
    let counts = counts.map(|key| records[key].as_u64().expect(key));
    // 26 of the export, one mended, 19 of the list
    assert_eq!(counts, [46, 22, 1, 1, 1], "{records:#}");
    desk.types("bihuan verify --data DIR").exits(0);
    let checked =
        desk.types("bihuan mapping check hotline.toml export.csv --rulebook rulebook --format json");
    let checked = checked.json();
    assert_eq!(checked["summary"]["findings"], json!([]), "{checked:#}");
    assert_eq!(
        checked["summary"]["quarantined_lines"],
        json!({"csv_fields": [27]}),
        "{checked:#}"
    );
}

/// curl's plain `--data` would make one line of several.
#[test]
fn what_the_guide_posts_arrives_line_by_line() {
    let section = section("## Three ways in");
    let curl = section
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("curl "))
        .expect("a call");
    assert!(curl.contains("--data-binary @records.json"), "{curl}");
    let data = Data::empty();
    let mapping = data.path().join("platform.toml");
    let said = "source = \"platform\"\nformat = \"json\"\n[clue]\nid = \"/id\"\ntitle = \"/title\"\n";
    std::fs::write(&mapping, said).expect("written");
    let config = data.path().join("bihuan.toml");
    let said = format!("[[intake.source]]\nmapping = '{}'\n", mapping.display());
    std::fs::write(&config, said).expect("written");
    let server = Server::start(&data, &["--config", &config.display().to_string()]);
    let (_, path) = curl.split_once("127.0.0.1:8080").expect("an address");
    let body = "{\"id\": \"1\", \"title\": \"a\"}\n{\"id\": \"2\", \"title\": \"b\"}\n";
    // what curl says of a body unless it is told otherwise
    let kind = "application/x-www-form-urlencoded";
    let (status, answer) = server
        .ask(
            "POST",
            &path.replace("SOURCE", "platform"),
            kind,
            &[("Prefer", "wait=20")],
            body,
        )
        .expect("an answer");
    assert_eq!(
        (status, &answer["counts"]),
        (200, &json!({"report": 2})),
        "{answer}"
    );
}
