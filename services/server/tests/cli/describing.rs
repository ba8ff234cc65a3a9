//! The description of the API against the routes that there are and the answers that they give.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use crate::serving::Server;
use crate::timing::baltimore;
use crate::{Data, file, text};

/// (method, path)
type Operations = BTreeSet<(String, String)>;

/// What the source mounts below `/api/v1`.
fn mounted() -> Operations {
    let mut folders: Vec<PathBuf> = vec![file("services")];
    let mut routes = Operations::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.components().any(|part| part.as_os_str() == "src")
                && path.extension().is_some_and(|extension| extension == "rs")
            {
                routes.extend(text(&path).lines().flat_map(routes_of));
            }
        }
    }
    routes
}

fn routes_of(line: &str) -> Vec<(String, String)> {
    let Some((path, handlers)) = line
        .split_once(".route(\"/api/v1")
        .and_then(|(_, rest)| rest.split_once('"'))
    else {
        return Vec::new();
    };
    let methods = ["get", "post", "put", "patch", "delete"]
        .into_iter()
        .filter(|method| handlers.contains(&format!("{method}(")));
    let routes: Vec<_> = methods
        .map(|method| (method.to_owned(), format!("/api/v1{path}")))
        .collect();
    assert!(!routes.is_empty(), "a route that this test cannot read: {line}");
    routes
}

struct Description(Value);

impl Description {
    fn operations(&self) -> BTreeMap<(String, String), &Value> {
        let paths = self.0["paths"].as_object().expect("paths");
        let operations = paths.iter().flat_map(|(path, item)| {
            let item = item.as_object().expect("methods").iter();
            item.map(|(method, operation)| ((method.clone(), path.clone()), operation))
        });
        operations.collect()
    }

    /// The schema, with what it refers to and what it is made of put in its place.
    fn whole(&self, schema: &Value) -> Value {
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.strip_prefix("#/components/schemas/").expect("one of ours");
            let found = &self.0["components"]["schemas"][name];
            assert!(found.is_object(), "{name} is referred to and not described");
            return self.whole(found);
        }
        let Some(parts) = schema["allOf"].as_array() else {
            return schema.clone();
        };
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for part in parts {
            let part = self.whole(part);
            properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
            required.extend(part["required"].as_array().cloned().unwrap_or_default());
        }
        json!({"type": "object", "properties": properties, "required": required})
    }

    /// Says something: a form, not only that there is one.
    fn assert_speaks(&self, content: &Value, of: &str) {
        let media = content.as_object().and_then(|content| content.values().next());
        let schema = self.whole(&media.unwrap_or_else(|| panic!("{of}: no content"))["schema"]);
        let says = |schema: &Value| {
            let schema = self.whole(schema);
            schema["properties"].as_object().is_some_and(|it| !it.is_empty()) || schema["items"].is_object()
        };
        let several = schema["oneOf"].as_array();
        assert!(
            says(&schema) || several.is_some_and(|several| several.iter().all(says)),
            "{of}: {schema}"
        );
    }

    /// What about the value is not as the schema says.
    fn misfit(&self, schema: &Value, value: &Value, at: &str) -> Option<String> {
        let schema = self.whole(schema);
        if let Some(several) = schema["oneOf"].as_array() {
            let misfits: Option<Vec<_>> = several.iter().map(|it| self.misfit(it, value, at)).collect();
            return misfits.map(|misfits| misfits.join("; or "));
        }
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        let is = |allowed: &Value| allowed == kind || (allowed == "number" && kind == "integer");
        let allowed = &schema["type"];
        if !(is(allowed) || allowed.as_array().is_some_and(|several| several.iter().any(is))) {
            return Some(format!("{at} is {kind}, not {allowed}"));
        }
        if schema["enum"]
            .as_array()
            .is_some_and(|words| !words.contains(value))
        {
            return Some(format!("{at}: {value} is none of {}", schema["enum"]));
        }
        match value {
            Value::Array(items) => items
                .iter()
                .find_map(|item| self.misfit(&schema["items"], item, &format!("{at}[]"))),
            Value::Object(members) => self.member_misfit(&schema, members, at),
            _ => None,
        }
    }

    fn member_misfit(&self, schema: &Value, members: &Map<String, Value>, at: &str) -> Option<String> {
        let required = schema["required"].as_array().into_iter().flatten();
        let mut missing = required
            .filter_map(Value::as_str)
            .filter(|name| !members.contains_key(*name));
        if let Some(name) = missing.next() {
            return Some(format!("{at}.{name} is missing"));
        }
        members.iter().find_map(|(name, value)| {
            let (properties, others) = (&schema["properties"], &schema["additionalProperties"]);
            match (properties.get(name), others) {
                (Some(described), _) => self.misfit(described, value, &format!("{at}.{name}")),
                (None, Value::Object(_)) => self.misfit(others, value, &format!("{at}.{name}")),
                (None, Value::Bool(true)) => None,
                // an object of which nothing is described may hold anything
                (None, _) => properties
                    .as_object()
                    .map(|_| format!("{at}.{name} is not described")),
            }
        })
    }

    #[track_caller]
    fn assert_describes(&self, method: &str, path: &str, (status, body): &(u16, Value)) {
        let operation = &self.0["paths"][path][method];
        let response = &operation["responses"][status.to_string()];
        let content = response["content"].as_object();
        let media = content.and_then(|content| content.values().next());
        let media = media.unwrap_or_else(|| panic!("{method} {path}: {status} is not described: {body}"));
        if let Some(misfit) = self.misfit(&media["schema"], body, "body") {
            panic!("{method} {path} {status}: {misfit}\n{body}");
        }
    }
}

#[test]
fn every_route_is_described_with_forms() {
    let server = Server::start(&Data::empty(), &[]);
    let description = Description(server.get("/api/openapi.json").1);
    let operations = description.operations();
    let described: Operations = operations.keys().cloned().collect();
    assert_eq!(described, mounted());
    for ((method, path), operation) in operations {
        let responses = operation["responses"].as_object().expect("responses");
        for (status, response) in responses {
            description.assert_speaks(&response["content"], &format!("{method} {path} {status}"));
        }
        assert!(responses.contains_key("503") && responses.keys().any(|status| status.starts_with('2')));
        if method == "post" {
            description.assert_speaks(&operation["requestBody"]["content"], &format!("{method} {path}"));
        }
    }
}

/// A server with clues, and what it says of itself.
struct Api {
    server: Server,
    description: Description,
    _data: Data,
}

const CLUE: &str = "/api/v1/clues/shaoxing-grid%2FG330681202609280039";
const WAIT: (&str, &str) = ("Prefer", "wait=20");
const KEY: (&str, &str) = ("Idempotency-Key", "k");

impl Api {
    fn start() -> Self {
        Self::of(Data::grid())
    }

    fn of(data: Data) -> Self {
        let server = Server::start(&data, &[]);
        let description = Description(server.get("/api/openapi.json").1);
        Self {
            server,
            description,
            _data: data,
        }
    }

    #[track_caller]
    fn is(&self, status: u16, method: &str, path: &str, answer: (u16, Value)) -> Value {
        assert_eq!(answer.0, status, "{method} {path}: {}", answer.1);
        self.description.assert_describes(method, path, &answer);
        answer.1
    }

    #[track_caller]
    fn got(&self, status: u16, path: &str, asked: &str) -> Value {
        self.is(status, "get", path, self.server.get(asked))
    }

    #[track_caller]
    fn posted(&self, status: u16, path: &str, asked: &str, headers: &[(&str, &str)], body: &Value) -> Value {
        self.is(status, "post", path, self.server.post(asked, headers, body))
    }
}

/// One that waits for its agency longer than its source allowed.
#[test]
fn the_clocks_of_a_clue_are_as_they_are_described() {
    let api = Api::of(baltimore());
    let late = api.got(200, "/api/v1/clues", "/api/v1/clues?overdue=true&limit=1");
    let id = late["clues"][0]["id"].as_str().expect("one is late");
    let clue = api.got(200, "/api/v1/clues/{id}", &format!("/api/v1/clues/{id}"));
    assert_eq!(clue["clocks"]["running"][0]["step"], "overall");
}

#[test]
fn what_is_read_is_as_it_is_described() {
    let api = Api::start();
    api.got(200, "/api/v1/clues", "/api/v1/clues");
    api.got(400, "/api/v1/clues", "/api/v1/clues?limit=0");
    api.got(200, "/api/v1/clues/{id}", CLUE);
    api.got(404, "/api/v1/clues/{id}", "/api/v1/clues/none");
    api.got(400, "/api/v1/clues/{id}", "/api/v1/clues/%FF");
    api.got(200, "/api/v1/clues/{id}/events", &format!("{CLUE}/events"));
    api.got(404, "/api/v1/clues/{id}/events", "/api/v1/clues/none/events");
    api.got(404, "/api/v1/commands/{id}", "/api/v1/commands/none");
    for asked in [
        "",
        "?by=source",
        "?by=month&basis=flow&from=2026-01-01&to=2027-01-01",
        "?as_of=2026-01-01",
    ] {
        let asked = format!("/api/v1/reports/closure{asked}");
        api.got(200, "/api/v1/reports/closure", &asked);
    }
    api.got(
        400,
        "/api/v1/reports/closure",
        "/api/v1/reports/closure?as_of=soon",
    );
    for asked in ["", "?clues=handover&limit=5&from=2026-01-01&as_of=2026-06-01"] {
        let asked = format!("/api/v1/reports/disputes{asked}");
        api.got(200, "/api/v1/reports/disputes", &asked);
    }
    api.got(
        400,
        "/api/v1/reports/disputes",
        "/api/v1/reports/disputes?clues=lost",
    );
    for path in ["agenda", "precedents", "similar"].map(|it| format!("/api/v1/disputes/{it}")) {
        api.got(200, &path, &path);
    }
    let asked = "/api/v1/disputes/agenda?forum=village";
    api.got(400, "/api/v1/disputes/agenda", asked);
    api.got(200, "/api/v1/reports/shadow", "/api/v1/reports/shadow");
    api.got(400, "/api/v1/reports/shadow", "/api/v1/reports/shadow?from=soon");
    api.got(200, "/api/v1/notices", "/api/v1/notices");
    api.got(400, "/api/v1/notices", "/api/v1/notices?day=soon");
    api.got(200, "/api/v1/tasks", "/api/v1/tasks");
    api.got(400, "/api/v1/tasks", "/api/v1/tasks?state=late");
    api.got(200, "/api/v1/accounts", "/api/v1/accounts");
    api.got(200, "/api/v1/quarantine", "/api/v1/quarantine");
    api.got(400, "/api/v1/quarantine", "/api/v1/quarantine?fate=lost");
}

#[test]
fn commands_are_answered_as_it_is_described() {
    let api = Api::start();
    let (path, outcome) = ("/api/v1/clues/{id}/commands", "/api/v1/commands/{id}");
    let asked = format!("{CLUE}/commands");
    let transfer = |to: &str| json!({"type": "transfer_clue", "to": to, "remark": "x", "actor": {"role": "coordinator"}});
    let close = json!({"type": "close_clue"});

    let accepted = api.posted(202, path, &asked, &[], &transfer("330602-zhzf"));
    let location = accepted["location"].as_str().expect("a location");
    api.server.until("decided", || api.server.get(location).0 == 200);
    api.got(200, outcome, location);
    let done = api.posted(200, path, &asked, &[WAIT, KEY], &transfer("330603-zhzf"));
    let refused = api.posted(409, path, &asked, &[WAIT], &close);
    let refused = refused["command_id"].as_str().expect("an id");
    let became = api.got(200, outcome, &format!("/api/v1/commands/{refused}"));
    assert_eq!(became["status"], "rejected");
    let clue = done["clue_id"].as_str().expect("an id");
    api.got(202, outcome, &format!("/api/v1/commands/{clue}~{clue}"));
    api.posted(422, path, &asked, &[KEY], &close);
    api.posted(412, path, &asked, &[WAIT, ("If-Match", "\"1\"")], &close);
    api.posted(404, path, "/api/v1/clues/none/commands", &[], &close);
    api.posted(400, path, &asked, &[], &json!({"type": "fly"}));
    let long = json!({"type": "close_clue", "remark": "x".repeat(70_000)});
    api.posted(413, path, &asked, &[], &long);
    let plain = api.server.ask("POST", &asked, "text/plain", &[], "x");
    api.is(415, "post", path, plain.expect("an answer"));
}

#[test]
fn disputes_are_answered_as_it_is_described() {
    let api = Api::start();
    let agency = api.server.get(CLUE).1["agency"].clone();
    let raise = json!({
        "type": "raise_dispute", "cause": "by_coordinator", "reason": "x",
        "parties": [{"agency": "330602-zhzf"}, {"agency": "330603-zhzf"}, {"agency": agency}],
        "actor": {"role": "coordinator"},
    });
    let raised = api.server.post(&format!("{CLUE}/commands"), &[WAIT], &raise);
    assert_eq!(raised.0, 200, "{raised:?}");
    let list = "/api/v1/disputes";
    api.server
        .until("in dispute", || api.server.get(list).1["disputes"][0].is_object());
    let listed = api.got(200, list, list);
    api.got(400, list, "/api/v1/disputes?limit=0");
    let one = "/api/v1/disputes/{id}";
    let asked = format!("{list}/{}", listed["disputes"][0]["id"].as_str().expect("an id"));
    api.got(200, one, &asked);
    api.got(404, one, "/api/v1/disputes/none");
    let (path, outcome) = (
        "/api/v1/disputes/{id}/commands",
        "/api/v1/disputes/{id}/commands/{command}",
    );
    let commands = format!("{asked}/commands");
    let add = |agency: &str| json!({"type": "add_party", "agency": agency});
    let accepted = api.posted(202, path, &commands, &[], &add("330603-ga"));
    let location = accepted["location"].as_str().expect("a location");
    api.server.until("decided", || api.server.get(location).0 == 200);
    api.got(200, outcome, location);
    api.posted(200, path, &commands, &[WAIT, KEY], &add("330603-jj"));
    api.posted(422, path, &commands, &[KEY], &add("330603-sl"));
    let refused = api.posted(409, path, &commands, &[WAIT], &add("330603-ga"));
    let refused = refused["command_id"].as_str().expect("an id");
    api.got(200, outcome, &format!("{commands}/{refused}"));
    let id = refused.split('~').next().expect("an id");
    api.got(202, outcome, &format!("{commands}/{id}~{id}"));
    api.got(404, outcome, &format!("{commands}/none"));
    api.posted(
        412,
        path,
        &commands,
        &[WAIT, ("If-Match", "\"1\"")],
        &add("330603-sl"),
    );
    api.posted(
        404,
        path,
        "/api/v1/disputes/none/commands",
        &[],
        &add("330603-sl"),
    );
    api.posted(400, path, &commands, &[], &json!({"type": "fly"}));
    api.got(200, one, &asked);
}

#[test]
fn reports_are_answered_as_it_is_described() {
    let api = Api::start();
    let path = "/api/v1/clues";
    let report = json!({"source": "grid", "id": "1"});
    api.posted(202, path, path, &[], &json!([report, report]));
    api.posted(200, path, path, &[WAIT, KEY], &report);
    let other = json!({"source": "grid", "id": "1", "title": "x"});
    api.posted(422, path, path, &[KEY], &other);
    api.posted(400, path, path, &[], &json!({"source": "grid"}));
    let plain = api.server.ask("POST", path, "text/plain", &[], "x");
    api.is(415, "post", path, plain.expect("an answer"));
}
