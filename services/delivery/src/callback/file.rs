//! A callback to a file: one line of JSON, on the disk before it counts as received.

use std::io::SeekFrom;
use std::path::Path;

use tokio::fs::{self, OpenOptions};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};
use tokio::sync::Mutex;

/// One line at a time, and only behind whole ones.
#[derive(Default)]
pub(super) struct Files(Mutex<()>);

impl Files {
    pub(super) async fn append(&self, folder: &Path, name: &str, line: &str) -> std::io::Result<()> {
        let _one = self.0.lock().await;
        fs::create_dir_all(folder).await?;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(folder.join(name))
            .await?;
        // other processes write to it as well; the lock ends with the file
        let file = file.into_std().await;
        let file = tokio::task::spawn_blocking(move || file.lock().map(|()| file)).await??;
        let mut file = fs::File::from_std(file);
        let end = whole_lines(&mut file).await?;
        file.set_len(end).await?;
        file.seek(SeekFrom::Start(end)).await?;
        file.write_all(format!("{line}\n").as_bytes()).await?;
        file.flush().await?;
        file.sync_all().await
    }
}

/// Where the last whole line ends: what follows is what a process was writing when it died, and is written again.
async fn whole_lines(file: &mut fs::File) -> std::io::Result<u64> {
    const BLOCK: u64 = 4_096;
    let mut end = file.metadata().await?.len();
    while end > 0 {
        let start = end.saturating_sub(BLOCK);
        let mut block = vec![0; (end - start) as usize];
        file.seek(SeekFrom::Start(start)).await?;
        file.read_exact(&mut block).await?;
        if let Some(at) = block.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn half_a_line_is_written_again_and_whole_ones_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("steps.jsonl");
        let files = Files::default();
        files
            .append(folder.path(), "steps.jsonl", "{\"a\":1}")
            .await
            .expect("written");
        let mut torn = std::fs::read(&path).expect("read");
        torn.extend_from_slice(&[b'x'; 10_000]);
        std::fs::write(&path, torn).expect("torn");
        files
            .append(folder.path(), "steps.jsonl", "{\"b\":2}")
            .await
            .expect("written");
        assert_eq!(
            std::fs::read_to_string(&path).expect("read"),
            "{\"a\":1}\n{\"b\":2}\n"
        );
    }
}
