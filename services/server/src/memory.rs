//! How much memory this process takes, where the kernel tells.

/// Peak resident memory so far, in bytes.
pub(crate) fn peak_memory() -> Option<u64> {
    of_status("VmHWM:")
}

/// Resident memory now, in bytes.
pub(crate) fn resident_memory() -> Option<u64> {
    of_status("VmRSS:")
}

fn of_status(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace()
        .nth(1)?
        .parse::<u64>()
        .ok()
        .map(|kib| kib * 1024)
}
