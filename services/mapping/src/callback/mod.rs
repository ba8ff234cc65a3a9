//! Callbacks: what a source is told of its clues, where, and in whose words. Rendering is pure; who sends it, and whether it may
//! go there, is delivery's.

mod body;
mod step;
mod told;

use std::collections::BTreeMap;
use std::time::Duration;

use bihuan_domain::id::ClueId;
use serde_json::Value;

pub(crate) use body::{Body, Outgoing};
pub use step::Step;
pub use told::Told;

use crate::{Bilingual, Mapping, Note};

/// How a source is told of one step.
#[derive(Clone, Debug)]
pub struct Callback {
    pub destination: Destination,
    pub method: Method,
    /// Besides those that every callback has.
    pub headers: Vec<(String, Header)>,
    pub sign: Option<Sign>,
    /// For the whole of a call.
    pub timeout: Option<Duration>,
    pub success: Option<Success>,
    pub(crate) body: Body,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    Url(String),
    Topic(String),
    /// Within the folder that the configuration names.
    File(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Post,
    Put,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Header {
    Plain(String),
    Secret(Secret),
}

/// Where a secret lies: never in the mapping, which is stored and shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Secret {
    /// The variable of the environment.
    Env(String),
    File(String),
}

/// How it is shown who sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign {
    pub secret: Secret,
    pub algorithm: Algorithm,
    pub scheme: Scheme,
}

/// What is signed, and how the signature is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scheme {
    StandardWebhooks,
    /// The bare code in a header of the platform's own.
    Hmac {
        header: String,
        encoding: Encoded,
        signed: Signed,
    },
}

/// How bytes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoded {
    Hex,
    Base64,
}

/// What a bare signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    Body,
    /// The seconds of `webhook-timestamp`, a dot, the body.
    TimestampBody,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    HmacSha256,
    HmacSm3,
}

/// What a receiver answers that has taken it, where the status alone does not say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Success {
    /// JSON pointer into the answer.
    pub(crate) from: String,
    pub(crate) values: Vec<String>,
}

impl Success {
    pub fn accepts(&self, answer: &[u8]) -> bool {
        let Ok(answer) = serde_json::from_slice::<Value>(answer) else {
            return false;
        };
        let found = match answer.pointer(&self.from) {
            Some(Value::String(text)) => text.clone(),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
            _ => return false,
        };
        self.values.contains(&found)
    }
}

impl Destination {
    /// What stands for an id in a URL is replaced by it.
    pub fn url(&self, clue: ClueId, source_id: &str) -> Option<String> {
        let Self::Url(url) = self else {
            return None;
        };
        let url = url.replace("{clue}", &clue.to_string());
        Some(url.replace("{source_id}", &escaped(source_id)))
    }
}

/// As a segment of a path.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' => escaped.push(byte.into()),
            // a segment of dots alone means another folder
            b'.' if text.bytes().any(|byte| byte != b'.') => escaped.push('.'),
            _ => {
                escaped.push('%');
                escaped.push_str(&hex::encode_upper([byte]));
            }
        }
    }
    escaped
}

/// By step.
pub(crate) type Callbacks = BTreeMap<Step, Callback>;

impl Note {
    /// A line of such a body cannot be told from its repeat.
    pub(crate) fn without_key(step: Step) -> Self {
        let step = step.as_str();
        Self {
            code: "callback_without_key",
            what: Bilingual {
                zh: format!("{step} 写入文件的内容里没有 id：同一环节重写时无法识别，请在 body 中加入 id"),
                en: format!(
                    "what is written to the file for {step} holds no id: a repeat cannot be told from it; put id into its body"
                ),
            },
        }
    }
}

impl Mapping {
    /// What a person should know of the mapping though nothing is wrong with it.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    pub fn callback(&self, step: Step) -> Option<&Callback> {
        self.callbacks.get(&step)
    }

    /// The steps that its source wants to be told of.
    pub fn callbacks(&self) -> impl Iterator<Item = (Step, &Callback)> {
        self.callbacks.iter().map(|(step, callback)| (*step, callback))
    }

    /// What the source is told, as it is sent; `None`: it wants to hear nothing of such a step.
    pub fn tell(&self, told: &Told) -> Option<String> {
        let callback = self.callback(told.step)?;
        Some(callback.body.render(told, self.zone.as_ref()).to_string())
    }
}

#[cfg(test)]
mod tests;
