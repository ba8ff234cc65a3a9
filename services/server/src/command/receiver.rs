//! `bihuan receiver`: a receiver of callbacks to try a mapping out with. One JSON line per call on stdout.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use bihuan_delivery::callback::Key;
use bihuan_delivery::receiver::{Fault, Plan, receive};
use bihuan_runtime::shutdown;
use clap::Args;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::failure::{Failure, Outcome};
use crate::output;

#[derive(Debug, Args)]
pub(crate) struct Receiver {
    /// Where to listen; port 0 takes any, which is said in the first line
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9100")]
    listen: SocketAddr,
    /// The variable of the environment that holds the secret by which signatures are checked
    #[arg(long, value_name = "NAME")]
    secret_env: Option<String>,
    /// The file that holds it
    #[arg(long, value_name = "FILE", conflicts_with = "secret_env")]
    secret_file: Option<PathBuf>,
    /// How to fail, in turn: hang, 301, refuse (200 with an error inside), break (close mid-body), slow,
    /// drip (a byte at a time, without end), long, or a status
    #[arg(long, value_name = "FAULT", value_delimiter = ',')]
    fail: Vec<Fault>,
    /// Fail only the first N calls of each key
    #[arg(long, value_name = "N")]
    times: Option<u32>,
}

impl Receiver {
    /// By which signatures are checked.
    fn key(&self) -> Result<Option<Key>, Failure> {
        let (place, text) = match (&self.secret_env, &self.secret_file) {
            (None, None) => return Ok(None),
            (Some(name), _) => (name.clone(), std::env::var(name).unwrap_or_default()),
            (None, Some(file)) => (file.display().to_string(), std::fs::read_to_string(file)?),
        };
        let key = Key::parse(&text).ok_or_else(|| {
            Failure::usage(
                format!("{place} 中没有密钥"),
                format!("there is no secret in {place}"),
            )
        });
        key.map(Some)
    }

    pub(crate) async fn run(self) -> Outcome {
        if !self.listen.ip().is_loopback() {
            return Err(Failure::usage(
                format!("{} 不是本机地址：试用的接收方只在本机监听", self.listen),
                format!(
                    "{} is not loopback: a receiver for trying out listens there alone",
                    self.listen
                ),
            ));
        }
        let key = self.key()?;
        let listener = TcpListener::bind(self.listen).await?;
        output::line(&serde_json::json!({"listening": listener.local_addr()?}).to_string())?;
        let plan = Plan {
            faults: self.fail,
            times: self.times,
            key,
        };
        let (sender, mut received) = mpsc::unbounded_channel();
        tokio::spawn(receive(listener, plan, sender));
        let shutdown = shutdown::on_signal()?;
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return Ok(ExitCode::SUCCESS),
                Some(call) = received.recv() => {
                    let line = serde_json::to_string(&call).map_err(std::io::Error::from)?;
                    output::line(&line)?;
                }
            }
        }
    }
}
