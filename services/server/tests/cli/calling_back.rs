//! A platform that is told of its clues, and does everything wrong that a receiver can.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::serving::Server;
use crate::{Data, bihuan, file};

pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// `bihuan receiver`, ended with the test.
pub(crate) struct Receiver {
    process: Child,
    lines: BufReader<ChildStdout>,
    pub(crate) address: String,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Receiver {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_bihuan"))
            .args([
                "receiver",
                "--listen",
                "127.0.0.1:0",
                "--secret-env",
                "GRID_SECRET",
            ])
            .args(arguments)
            .env("GRID_SECRET", SECRET)
            .stdout(Stdio::piped())
            .spawn()
            .expect("a receiver");
        let lines = BufReader::new(process.stdout.take().expect("piped"));
        let mut receiver = Self {
            process,
            lines,
            address: String::new(),
        };
        let first = receiver.next();
        receiver.address = first["listening"]
            .as_str()
            .map(str::to_owned)
            .expect("an address");
        receiver
    }

    /// What it was called with until now; it is ended.
    pub(crate) fn heard(mut self) -> Vec<String> {
        let _ = self.process.kill();
        let mut heard = Vec::new();
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).expect("a line") == 0 {
                return heard;
            }
            heard.push(line);
        }
    }

    pub(crate) fn next(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("a line");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }
}

/// The mapping of a platform that is told there.
fn mapping(data: &Data, source: &str, address: &str) -> PathBuf {
    let path = data.path().join(format!("{source}.toml"));
    let text = format!(
        r#"source = "{source}"
format = "json"
time_zone = "Asia/Shanghai"
[clue]
id = "/id"
[callback]
url = "http://{address}/events/{{source_id}}"
sign = "standard-webhooks"
secret = {{ file = "secret" }}
timeout = 1
success = {{ from = "/code", values = [0] }}
[callback.admitted.body]
id = "source_id"
state = {{ from = "event", values = {{ admitted = "受理" }} }}
when = {{ from = "at", time = "%Y-%m-%d" }}
"#
    );
    std::fs::write(&path, text).expect("written");
    path
}

fn configured(data: &Data, mappings: &[PathBuf]) -> String {
    std::fs::write(data.path().join("secret"), SECRET).expect("written");
    let mut text = String::from("[delivery]\nallow_private = [\"127.0.0.1/32\"]\n");
    for mapping in mappings {
        let mapping = mapping.display().to_string();
        text.extend([
            "[[delivery.callback]]
mapping = '",
            &mapping,
            "'
",
        ]);
    }
    text += "[delivery.retry]\nshortest_ms = 10\nlongest_ms = 50\n";
    let path = data.path().join("bihuan.toml");
    std::fs::write(&path, text).expect("written");
    path.display().to_string()
}

fn serve(data: &Data, config: &str) -> Server {
    let rulebook = file("deploy/rulebooks/shaoxing").display().to_string();
    Server::start(data, &["all", "--config", config, "--rulebook", &rulebook])
}

fn report(server: &Server, source: &str) {
    let record = json!({"source": source, "id": "A 1", "matter": "330217B00000", "area": "330602001", "title": "占道"});
    let (status, answer) = server.post("/api/v1/clues", &[], &record);
    assert_eq!(status, 202, "{answer}");
}

fn account(data: &Data, source: &str) -> Value {
    let page = data.json(&["callback", "list", "--source", source]);
    page["accounts"][0].clone()
}

fn is_account(data: &Data, source: &str, state: &str) -> bool {
    let account = account(data, source);
    account["due"] == 1 && account[state] == 1
}

#[test]
fn whatever_a_receiver_does_wrong_it_is_told_in_the_end() {
    let data = Data::empty();
    let faults = ["hang", "500", "301", "refuse", "break", "503"];
    let sources = faults.map(|fault| format!("platform-{fault}"));
    let mut receivers = faults.map(|fault| Receiver::start(&["--fail", fault, "--times", "1"]));
    let mappings: Vec<PathBuf> = sources
        .iter()
        .zip(&receivers)
        .map(|(source, receiver)| mapping(&data, source, &receiver.address))
        .collect();
    let server = serve(&data, &configured(&data, &mappings));
    for source in &sources {
        report(&server, source);
    }
    for (source, receiver) in sources.iter().zip(&mut receivers) {
        let [first, second] = [receiver.next(), receiver.next()];
        assert_eq!(
            (&first["id"], &first["body"]),
            (&second["id"], &second["body"]),
            "{source}"
        );
        assert_eq!(
            (&second["answer"], &second["signature"]),
            (&json!("ok"), &json!("good"))
        );
        assert_eq!(
            (&second["path"], &second["body"]["state"]),
            (&json!("/events/A%201"), &json!("受理"))
        );
        server.until("acknowledged", || is_account(&data, source, "acknowledged"));
        let page = data.json(&["callback", "list", "--source", source]);
        assert_eq!(page["callbacks"][0]["attempts"], 2, "{page}");
    }
    let (_, accounts) = server.get("/api/v1/accounts");
    assert_eq!(accounts["callbacks"].as_array().map(Vec::len), Some(faults.len()));
    drop(server);
    data.run(&["verify"]).exits(0).says("callbacks");
    assert_eq!(
        data.tamper("UPDATE delivery_callback SET state = 'pending' WHERE source = 'platform-301'"),
        1
    );
    data.run(&["verify"]).exits(1).says("callback_is_fold");
}

#[test]
fn a_dead_letter_is_shown_with_its_reason_and_sent_again_with_the_same_key() {
    let data = Data::empty();
    let mut receiver = Receiver::start(&["--fail", "410", "--times", "1"]);
    let mappings = [mapping(&data, "grid", &receiver.address)];
    let said = format!(
        "callback admitted → http://{}/events/{{source_id}}",
        receiver.address
    );
    bihuan(&["mapping", "check", &mappings[0].display().to_string()])
        .exits(0)
        .says(&said);
    let server = serve(&data, &configured(&data, &mappings));
    report(&server, "grid");
    server.until("given up", || is_account(&data, "grid", "failed"));
    let gone = receiver.next();
    let page = data.json(&["callback", "list", "--state", "failed"]);
    let dead = &page["callbacks"][0];
    assert_eq!(
        (&dead["reason"], &dead["status"], &dead["key"]),
        (&json!("gone"), &json!(410), &gone["id"])
    );
    data.run(&["callback", "list"])
        .exits(0)
        .says("has given this address up");
    // the platform's own list says the same
    let list = data.path().join("list.jsonl");
    std::fs::write(&list, "{\"id\":\"A 1\"}\n").expect("written");
    let [list, named] = [list, mappings[0].clone()].map(|path| path.display().to_string());
    let reconcile = [
        "reconcile",
        "--source",
        "grid",
        &list,
        "--mapping",
        &named,
        "--format",
        "json",
    ];
    let differs: Value = serde_json::from_str(&data.run(&reconcile).exits(1).stdout()).expect("JSON");
    assert_eq!(differs["counts"]["callback_failed"], 1, "{differs}");
    assert_eq!(differs["groups"].as_array().map(Vec::len), Some(1), "{differs}");
    let id = dead["id"].as_str().expect("an id");
    data.run(&["callback", "resend", id, "--person", "7"]).exits(0);
    assert_eq!(
        (
            receiver.next()["id"].clone(),
            account(&data, "grid")["due"].clone()
        ),
        (gone["id"].clone(), json!(1))
    );
    server.until("acknowledged", || is_account(&data, "grid", "acknowledged"));
    data.run(&["callback", "resend", id])
        .exits(2)
        .says("no callback that failed");
    drop(server);
    data.run(&["verify"]).exits(0);
    // without its mapping the steps would be passed over for good
    data.run(&["clue", "act", "grid/A 1", "close"])
        .exits(2)
        .says("is told of the steps of its clues");
}

/// The guide's own example of a callback, at the receiver that the guide names.
#[test]
fn what_the_guide_says_of_callbacks_arrives_so() {
    let guide = crate::text(file("docs/integrate.md"));
    let (_, block) = guide.split_once("```toml\n[callback]\n").expect("a block");
    let (block, _) = block.split_once("```").expect("an end");
    let data = Data::empty();
    let mut receiver = Receiver::start(&[]);
    let path = data.path().join("platform.toml");
    let said = format!(
        "source = \"platform\"\nformat = \"json\"\ntime_zone = \"Asia/Shanghai\"\n[clue]\nid = \"/id\"\n[callback]\n{}",
        block
            .replace(
                "https://platform.example",
                &format!("http://{}", receiver.address)
            )
            .replace("{ env = \"PLATFORM_SECRET\" }", "{ file = \"secret\" }")
    );
    std::fs::write(&path, said).expect("written");
    let config = configured(&data, &[path]);
    let server = serve(&data, &config);
    let record = json!({"source": "platform", "id": "A 1", "matter": "06001", "area": "330603"});
    assert_eq!(server.post("/api/v1/clues", &[], &record).0, 202);
    let dispatched = receiver.next();
    assert_eq!(
        (
            &dispatched["method"],
            &dispatched["path"],
            &dispatched["signature"]
        ),
        (&json!("POST"), &json!("/api/events/A%201/steps"), &json!("good"))
    );
    let body = &dispatched["body"];
    assert_eq!(
        (&body["data"]["state"], &body["appId"]),
        (&json!("派遣"), &json!(12)),
        "{body}"
    );
    let agency = "330603-zhzf";
    let resolve = [
        "resolve",
        "--conclusion",
        "rectified",
        "--remark",
        "已整改",
        "--evidence",
        "after=https://e/1.jpg",
    ];
    for action in [&["acknowledge"][..], &["start-handling"], &resolve] {
        let by = [
            "--as",
            "agency",
            "--actor-agency",
            agency,
            "--person",
            "P7",
            "--config",
            &config,
        ];
        data.run(&[&["clue", "act", "platform/A 1"][..], action, &by].concat())
            .exits(0);
    }
    for action in [
        ["pass-check", "--as", "checker", "--person", "P9"].as_slice(),
        &["close"],
    ] {
        data.run(
            &[
                &["clue", "act", "platform/A 1"][..],
                action,
                &["--config", &config],
            ]
            .concat(),
        )
        .exits(0);
    }
    let closed = receiver.next();
    assert_eq!(
        (
            &closed["method"],
            &closed["body"]["data"]["state"],
            &closed["body"]["data"]["result"]
        ),
        (&json!("PUT"), &json!("结案"), &json!("整改到位")),
        "{closed}"
    );
    assert_eq!(closed["body"]["data"]["note"], "已整改");
}

#[test]
fn two_mappings_that_call_one_source_back_in_different_ways_are_refused() {
    let data = Data::empty();
    let one = mapping(&data, "grid", "127.0.0.1:1");
    let other = data.path().join("other.toml");
    std::fs::write(
        &other,
        std::fs::read_to_string(&one)
            .expect("text")
            .replace("PUT", "POST")
            + "version = \"version\"\n",
    )
    .expect("written");
    let config = configured(&data, &[one, other]);
    bihuan(&[
        "serve",
        "--config",
        &config,
        "--data",
        &data.path().display().to_string(),
        "--listen",
        "127.0.0.1:0",
    ])
    .exits(2)
    .says("keep one of them");
}

#[test]
fn whoever_imports_for_a_platform_that_nobody_tells_is_warned_and_not_refused() {
    let data = Data::empty();
    let mapping = mapping(&data, "grid", "127.0.0.1:1").display().to_string();
    let list = data.path().join("list.jsonl");
    std::fs::write(&list, "{\"id\":\"A 1\"}\n").expect("written");
    let (list, rulebook) = (list.display().to_string(), file("deploy/rulebooks/shaoxing"));
    let import = [
        "import",
        &list,
        "--mapping",
        &mapping,
        "--rulebook",
        &rulebook.display().to_string(),
    ];
    let warned = data.run(&import).exits(0);
    warned.says("nobody will be told").says("不会回传");
}
