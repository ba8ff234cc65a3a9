//! Stopping: the first signal asks every loop to finish its batch, the second ends the process at once.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A token that SIGTERM or SIGINT cancels. A second signal exits with 128 + its number, as a shell reports it.
///
/// Must be called within a tokio runtime; fails if the handlers cannot be installed.
pub fn on_signal() -> std::io::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let token = CancellationToken::new();
    let stop = token.clone();
    tokio::spawn(async move {
        let first = next(&mut terminate, &mut interrupt).await;
        tracing::info!(
            signal = first.name,
            "stopping; a second signal ends the process at once"
        );
        stop.cancel();
        let second = next(&mut terminate, &mut interrupt).await;
        tracing::warn!(signal = second.name, "ended at once");
        std::process::exit(128 + second.number);
    });
    Ok(token)
}

struct Received {
    name: &'static str,
    number: i32,
}

async fn next(terminate: &mut Signal, interrupt: &mut Signal) -> Received {
    let (name, kind) = tokio::select! {
        _ = terminate.recv() => ("SIGTERM", SignalKind::terminate()),
        _ = interrupt.recv() => ("SIGINT", SignalKind::interrupt()),
    };
    Received {
        name,
        number: kind.as_raw_value(),
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn the_first_signal_cancels() {
        let token = on_signal().expect("installed");
        assert!(!token.is_cancelled());
        let status = Command::new("kill")
            .args(["-TERM", &std::process::id().to_string()])
            .status()
            .expect("kill");
        assert!(status.success());
        tokio::time::timeout(Duration::from_secs(5), token.cancelled())
            .await
            .expect("cancelled");
    }
}
