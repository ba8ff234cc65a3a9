//! `[callback]` and `[callback.STEP]`: what the source is told, where, and how. A section says for its step what `[callback]`
//! says for all.

use std::time::Duration;

use toml::de::DeValue;

use super::{choice, missing, outgoing, signing};
use crate::Note;
use crate::callback::{Body, Callback, Callbacks, Destination, Method, Step, Success};
use crate::format::json;
use crate::problem::{Say, nearest};
use crate::read::{Item, Reader, Section, as_section};

const DESTINATIONS: [&str; 3] = ["url", "topic", "file"];
const KEYS: [&str; 14] = [
    "url",
    "topic",
    "file",
    "method",
    "headers",
    "body",
    "sign",
    "secret",
    "algorithm",
    "signature_header",
    "encoding",
    "signed",
    "timeout",
    "success",
];
const LONGEST_TIMEOUT: u64 = 300;

/// The section of a step over that of all.
#[derive(Clone, Copy)]
pub(super) struct Layers<'a, 'v> {
    pub(super) own: &'a Section<'v>,
    all: &'a Section<'v>,
}

impl<'v> Layers<'_, 'v> {
    pub(super) fn item(&self, reader: &Reader<'_>, key: &str) -> Option<Item<'v>> {
        let own = reader.item(self.own, key);
        own.or_else(|| reader.item(self.all, key))
    }
}

pub(super) fn callbacks(reader: &mut Reader<'_>, root: &Section<'_>, has_zone: bool) -> Callbacks {
    let mut callbacks = Callbacks::new();
    if reader.item(root, "callback").is_none() {
        return callbacks;
    }
    let Some(all) = reader.section(root, "callback") else {
        return callbacks;
    };
    let words: Vec<&str> = Step::ALL.iter().map(|step| step.as_str()).collect();
    for (key, item) in reader.entries(&all) {
        if KEYS.contains(&key) {
            continue;
        }
        let Some(step) = Step::parse(key) else {
            unknown(reader, &item, key, &words);
            continue;
        };
        if let Some(own) = reader.section(&all, key) {
            reader.only(&own, &KEYS);
            let layers = Layers { own: &own, all: &all };
            if let Some(callback) = callback(reader, layers, has_zone) {
                let is_file = matches!(callback.destination, Destination::File(_));
                if is_file && !callback.body.says("id") {
                    reader.notes.push(Note::without_key(step));
                }
                callbacks.insert(step, callback);
            }
        }
    }
    if callbacks.is_empty() && reader.problems.is_empty() {
        let advice = [
            "为要回传的环节各写一节，如 [callback.dispatched]",
            "write a section for each step to tell, such as [callback.dispatched]",
        ];
        missing(reader, &all, "STEP", advice);
    }
    callbacks
}

fn unknown(reader: &mut Reader<'_>, item: &Item<'_>, key: &str, words: &[&str]) {
    let advice = match nearest(key, words.iter().chain(&KEYS).copied()) {
        Some(meant) => [format!("是否想写 {meant}？"), format!("did you mean {meant}?")],
        None => [
            format!("可用的环节：{}", words.join("、")),
            format!("the steps are {}", words.join(", ")),
        ],
    };
    let what = [
        &*format!("没有名为 {key} 的环节或键"),
        &*format!("there is no step or key {key}"),
    ];
    reader.report("unknown_key", item, what, [&advice[0], &advice[1]]);
}

fn callback(reader: &mut Reader<'_>, layers: Layers<'_, '_>, has_zone: bool) -> Option<Callback> {
    let method = layers.item(reader, "method").and_then(|item| {
        choice(
            reader,
            &item,
            &[("POST", Method::Post), ("PUT", Method::Put)],
            &[],
        )
    });
    let timeout = layers
        .item(reader, "timeout")
        .and_then(|item| timeout(reader, &item));
    let success = layers
        .item(reader, "success")
        .and_then(|item| success(reader, &item));
    let mut body = Body::default();
    // the step's own fields after, and instead of, those of all
    for section in [layers.all, layers.own] {
        if let Some(item) = reader.item(section, "body") {
            outgoing::fields(reader, &item, has_zone, &mut body);
        }
    }
    let mut headers = Vec::new();
    for section in [layers.all, layers.own] {
        if let Some(item) = reader.item(section, "headers") {
            signing::headers(reader, &item, &mut headers);
        }
    }
    let sign = signing::sign(reader, layers);
    Some(Callback {
        destination: destination(reader, layers)?,
        method: method.unwrap_or(Method::Post),
        headers,
        sign,
        timeout,
        success,
        body,
    })
}

/// Exactly one; the step's own instead of that of all.
fn destination(reader: &mut Reader<'_>, layers: Layers<'_, '_>) -> Option<Destination> {
    let given = |reader: &Reader<'_>, section: &Section<'_>| {
        DESTINATIONS.map(|key| reader.item(section, key).is_some())
    };
    let section = if given(reader, layers.own).contains(&true) {
        layers.own
    } else {
        layers.all
    };
    let found: Vec<_> = DESTINATIONS
        .iter()
        .filter_map(|key| Some((*key, reader.item(section, key)?)))
        .collect();
    match found.as_slice() {
        [] => {
            let advice = [
                "写上 url、topic 或 file，也可写在 [callback] 里",
                "say url, topic or file, here or in [callback]",
            ];
            missing(reader, layers.own, "url", advice);
            None
        }
        [(key, item)] => {
            let text = reader.string(item)?.to_owned();
            match *key {
                "url" => is_url(reader, item, &text).then_some(Destination::Url(text)),
                "topic" => is_topic(reader, item, &text).then_some(Destination::Topic(text)),
                _ => is_file(reader, item, &text).then_some(Destination::File(text)),
            }
        }
        [.., (_, second)] => {
            let what = ["有不止一个去处", "there is more than one destination"];
            let advice = ["url、topic、file 只留一个", "keep one of url, topic, file"];
            reader.report("destination", second, what, advice);
            None
        }
    }
}

/// What can be told of an address without asking anybody. Whether it may be called, the configuration says when it is.
fn is_url(reader: &mut Reader<'_>, item: &Item<'_>, url: &str) -> bool {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let authority = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let plain = url.replace("{clue}", "x").replace("{source_id}", "x");
    let strange = plain
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '{' | '}' | '\\' | '#'));
    let problem: Option<Say<'_>> = match authority {
        None => Some([
            "须以 https:// 或 http:// 开头",
            "it must begin with https:// or http://",
        ]),
        Some("") => Some(["没有主机名", "it names no host"]),
        Some(host) if host.contains('@') => Some([
            "地址里不能有用户名或密码",
            "an address may hold neither user nor password",
        ]),
        Some(host) if host.contains('{') => Some(["主机名须固定", "the host must be a fixed one"]),
        Some(_) if strange => Some([
            "地址里有不允许的字符；可替换的只有 {clue} 和 {source_id}",
            "it holds what no address may; only {clue} and {source_id} are replaced",
        ]),
        Some(_) => None,
    };
    if let Some(what) = problem {
        let advice = [
            "写完整地址，如 https://platform.example/api/callback",
            "write it in full, such as https://platform.example/api/callback",
        ];
        reader.report("url", item, what, advice);
    }
    problem.is_none()
}

fn is_topic(reader: &mut Reader<'_>, item: &Item<'_>, topic: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let dots = topic.chars().all(|c| c == '.');
    let good = topic.len() <= 249 && !dots && topic.chars().all(allowed);
    if !good {
        let what = ["不是主题名", "this is no name of a topic"];
        let advice = [
            "最多 249 个字母、数字和 . _ -",
            "up to 249 letters, digits, . _ -",
        ];
        reader.report("topic", item, what, advice);
    }
    good
}

fn is_file(reader: &mut Reader<'_>, item: &Item<'_>, file: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
    let good = !file.is_empty() && !file.starts_with('.') && file.chars().all(allowed);
    if !good {
        let what = ["只能是文件名", "it must be the name of a file alone"];
        let advice = [
            "目录由配置 delivery.callback_files 决定",
            "in which folder, the configuration says (delivery.callback_files)",
        ];
        reader.report("file", item, what, advice);
    }
    good
}

fn timeout(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<Duration> {
    let seconds = reader.word(item)?.parse().ok();
    let allowed = seconds.filter(|seconds| (1..=LONGEST_TIMEOUT).contains(seconds));
    if allowed.is_none() {
        let what = ["须是 1 至 300 的整数秒", "it must be whole seconds from 1 to 300"];
        reader.report("timeout", item, what, ["如 10", "such as 10"]);
    }
    allowed.map(Duration::from_secs)
}

fn success(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<Success> {
    let section = as_section(item);
    let parts = section.as_ref().and_then(|section| {
        reader.only(section, &["from", "values"]);
        Some((reader.item(section, "from")?, reader.item(section, "values")?))
    });
    let Some((from, values)) = parts else {
        let what = ["success 须有 from 和 values", "success needs from and values"];
        let advice = [
            "如 { from = \"/code\", values = [\"0\"] }",
            "such as { from = \"/code\", values = [\"0\"] }",
        ];
        reader.report("success", item, what, advice);
        return None;
    };
    let pointer = reader.string(&from)?;
    let from = match pointer.strip_prefix('/') {
        Some(_) => pointer.to_owned(),
        None => format!("/{}", pointer.replace('~', "~0").replace('/', "~1")),
    };
    let items = match values.value {
        DeValue::Array(_) => reader.list(&values),
        _ => vec![values],
    };
    let values = items.iter().filter_map(|item| reader.word(item)).map(Into::into);
    Some(Success {
        from,
        values: values.collect(),
    })
}

/// A column or JSON pointer as the names of the members that lead to it.
pub(super) fn path(name: &str) -> Vec<String> {
    json::tokens(name)
}
