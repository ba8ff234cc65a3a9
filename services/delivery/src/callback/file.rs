//! A callback to a file: one line of JSON, on the disk before it counts as received.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use tokio::sync::Mutex;
use tokio::task;

/// Of each file one line at a time, and only behind whole ones. A file that hangs holds up no other.
#[derive(Default)]
pub(super) struct Files(std::sync::Mutex<HashMap<PathBuf, Arc<Mutex<()>>>>);

impl Files {
    /// Whoever does not want to wait may leave: the line may then be written nevertheless.
    pub(super) async fn append(&self, folder: &Path, name: &str, line: &str) -> io::Result<()> {
        let path = folder.join(name);
        let (folder, line) = (folder.to_path_buf(), format!("{line}\n"));
        let one = self.of(&path).lock_owned().await;
        let written = task::spawn_blocking(move || {
            let _one = one;
            fs::create_dir_all(folder)?;
            write(&path, &line)
        });
        written.await?
    }

    fn of(&self, path: &Path) -> Arc<Mutex<()>> {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.entry(path.to_path_buf()).or_default().clone()
    }
}

fn write(path: &Path, line: &str) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path)?;
    // other processes write to it as well; the lock ends with the file
    file.lock()?;
    let end = whole_lines(&mut file)?;
    file.set_len(end)?;
    file.seek(SeekFrom::Start(end))?;
    file.write_all(line.as_bytes())?;
    file.sync_all()
}

/// Where the last whole line ends: what follows is what a process was writing when it died, and is written again.
fn whole_lines(file: &mut File) -> io::Result<u64> {
    const BLOCK: u64 = 4_096;
    let mut end = file.metadata()?.len();
    while end > 0 {
        let start = end.saturating_sub(BLOCK);
        let mut block = vec![0; (end - start) as usize];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(&mut block)?;
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
        let mut torn = fs::read(&path).expect("read");
        torn.extend_from_slice(&[b'x'; 10_000]);
        fs::write(&path, torn).expect("torn");
        files
            .append(folder.path(), "steps.jsonl", "{\"b\":2}")
            .await
            .expect("written");
        assert_eq!(fs::read_to_string(&path).expect("read"), "{\"a\":1}\n{\"b\":2}\n");
    }
    /// Another program may hold the file for ever.
    #[tokio::test]
    async fn a_file_that_is_held_holds_up_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let held = File::create(folder.path().join("held")).expect("made");
        held.lock().expect("locked");
        let files = Files::default();
        let short = std::time::Duration::from_millis(50);
        for _ in 0..2 {
            let late = tokio::time::timeout(short, files.append(folder.path(), "held", "1")).await;
            assert!(late.is_err(), "it is held");
        }
        files.append(folder.path(), "free", "1").await.expect("written");
        held.unlock().expect("unlocked");
        files.append(folder.path(), "held", "2").await.expect("written");
        let lines = fs::read_to_string(folder.path().join("held")).expect("read");
        assert!(lines.ends_with("2\n"), "{lines:?}");
    }
}
