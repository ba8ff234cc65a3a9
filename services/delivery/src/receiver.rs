//! A receiver of callbacks for tests, for the demo and for whoever tries a mapping out: it says what it got, and fails as it is told
//! to. No part of a running installation.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bihuan_mapping::Algorithm;
use serde::Serialize;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::callback::{Key, signature};

/// Of a request, more is not read.
const LONGEST: usize = 1 << 20;
/// An answer that is too long.
const LONG: usize = 200_000;

/// What a receiver does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Never answers.
    Hang,
    /// Answers with this status.
    Status(u16),
    /// Answers 301.
    Redirect,
    /// Answers 200, and an error inside.
    Refuse,
    /// Closes the connection in the middle of its answer.
    Break,
    /// Answers after a second.
    Slow,
    /// Answers a byte at a time, and does not come to an end.
    Drip,
    /// Answers more than anybody reads.
    Long,
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Ok(match word {
            "hang" => Self::Hang,
            "301" => Self::Redirect,
            "refuse" => Self::Refuse,
            "break" => Self::Break,
            "slow" => Self::Slow,
            "drip" => Self::Drip,
            "long" => Self::Long,
            status => {
                let status = status.parse().ok().filter(|status| (100..600).contains(status));
                Self::Status(status.ok_or_else(|| {
                    format!("{word} is none of hang, 301, refuse, break, slow, drip, long, or a status")
                })?)
            }
        })
    }
}

/// How it fails, and what it checks.
#[derive(Clone, Default)]
pub struct Plan {
    /// In turn.
    pub faults: Vec<Fault>,
    /// So many of the first calls of each key; `None`: all.
    pub times: Option<u32>,
    pub key: Option<Key>,
}

/// What it got.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Received {
    /// The idempotency key.
    pub id: String,
    /// How often this key came, this time included.
    pub time: u32,
    pub method: String,
    pub path: String,
    /// `good`, `bad` or `none`.
    pub signature: &'static str,
    /// `ok`, or what it did wrong.
    pub answer: String,
    pub body: Value,
}

/// A key that came before.
struct Known {
    /// How many came before it.
    order: usize,
    times: u32,
}

struct Request {
    method: String,
    path: String,
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

/// Receives until `received` is gone.
pub async fn receive(listener: TcpListener, plan: Plan, received: mpsc::UnboundedSender<Received>) {
    let shared = Arc::new((plan, Mutex::new(HashMap::new())));
    while let (Ok((stream, _)), false) = (listener.accept().await, received.is_closed()) {
        let (shared, received) = (shared.clone(), received.clone());
        tokio::spawn(async move {
            let (plan, times) = &*shared;
            // whoever calls and goes away got no answer
            let _ = answer(stream, plan, times, &received).await;
        });
    }
}

async fn answer(
    stream: TcpStream,
    plan: &Plan,
    times: &Mutex<HashMap<String, Known>>,
    received: &mpsc::UnboundedSender<Received>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let Some(request) = read(&mut stream).await? else {
        return Ok(());
    };
    let id = request.headers.get("webhook-id").cloned().unwrap_or_default();
    let (order, time) = {
        let mut times = times.lock().unwrap_or_else(PoisonError::into_inner);
        let order = times.len();
        let known = times.entry(id.clone()).or_insert(Known { order, times: 0 });
        known.times += 1;
        (known.order, known.times)
    };
    let fault = fault(plan, order, time);
    let is_signed = signed(&request, plan.key.as_ref());
    let _ = received.send(Received {
        id,
        time,
        method: request.method,
        path: request.path,
        signature: is_signed,
        answer: fault.map_or_else(|| "ok".to_owned(), |fault| format!("{fault:?}").to_lowercase()),
        body: serde_json::from_slice(&request.body).unwrap_or(Value::Null),
    });
    let text = match fault {
        None => whole("200 OK", r#"{"code":0}"#),
        Some(Fault::Slow) => {
            tokio::time::sleep(Duration::from_secs(1)).await;
            whole("200 OK", r#"{"code":0}"#)
        }
        Some(Fault::Refuse) => whole("200 OK", r#"{"code":500,"message":"no"}"#),
        Some(Fault::Redirect) => {
            "HTTP/1.1 301 Moved\r\nlocation: /elsewhere\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                .to_owned()
        }
        Some(Fault::Status(status)) => whole(&format!("{status} Status"), "{}"),
        Some(Fault::Break) => "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"code\":0,".to_owned(),
        Some(Fault::Long) => whole("200 OK", &" ".repeat(LONG)),
        Some(Fault::Drip) => {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
                .await?;
            loop {
                // until the caller has had enough
                stream.write_all(b" ").await?;
                stream.flush().await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Some(Fault::Hang) => {
            // until the caller has had enough
            let _ = stream.read(&mut [0]).await;
            return Ok(());
        }
    };
    stream.write_all(text.as_bytes()).await?;
    stream.shutdown().await
}

/// Each key begins with another fault.
fn fault(plan: &Plan, order: usize, time: u32) -> Option<Fault> {
    if plan.times.is_some_and(|times| time > times) {
        return None;
    }
    let at = (order + time as usize - 1).checked_rem(plan.faults.len())?;
    plan.faults.get(at).copied()
}

fn whole(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

async fn read(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (Some(method), Some(path)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers
        .get("content-length")
        .and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0).min(LONGEST)];
    stream.read_exact(&mut body).await?;
    Ok(Some(Request {
        method,
        path,
        headers,
        body,
    }))
}

fn signed(request: &Request, key: Option<&Key>) -> &'static str {
    let header = |name: &str| request.headers.get(name).map(String::as_str);
    let (Some(found), Some(key)) = (header("webhook-signature"), key) else {
        return "none";
    };
    let seconds = header("webhook-timestamp").and_then(|seconds| seconds.parse().ok());
    let id = header("webhook-id").unwrap_or_default();
    let algorithm = if found.starts_with("v1sm3,") {
        Algorithm::HmacSm3
    } else {
        Algorithm::HmacSha256
    };
    let expected = signature(key, algorithm, id, seconds.unwrap_or(0), &request.body);
    if found == expected { "good" } else { "bad" }
}
