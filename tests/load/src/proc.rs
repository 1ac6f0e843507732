//! What processes have used, as Linux tells it in `/proc`.

use std::time::Duration;
use std::{fmt, fs};

use crate::Outcome;

/// The kernel tells CPU time in hundredths of a second, whatever its own clock is.
const TICK: Duration = Duration::from_millis(10);

/// Where fields of `/proc/PID/stat` stand after the name of the program.
const PARENT: usize = 1;
const OWN_CPU: [usize; 2] = [11, 12];
const CPU_OF_ENDED_CHILDREN: [usize; 2] = [13, 14];

fn stat(pid: u32) -> Outcome<Vec<u64>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = text.rsplit_once(')').ok_or("/proc has no such stat")?;
    Ok(fields.split_whitespace().map(|field| field.parse().unwrap_or(0)).collect())
}

fn ticks(stat: &[u64], fields: [usize; 2]) -> Duration {
    let count: u64 = fields.iter().filter_map(|at| stat.get(*at)).sum();
    TICK * u32::try_from(count).unwrap_or(u32::MAX)
}

/// CPU time of a process, all its threads.
pub fn cpu(pid: u32) -> Outcome<Duration> {
    Ok(ticks(&stat(pid)?, OWN_CPU))
}

/// CPU time of a process and its children, ended ones too.
pub fn family_cpu(pid: u32) -> Outcome<Duration> {
    let own = stat(pid)?;
    let mut total = ticks(&own, OWN_CPU) + ticks(&own, CPU_OF_ENDED_CHILDREN);
    for child in children(pid)? {
        total += cpu(child).unwrap_or_default();
    }
    Ok(total)
}

/// CPU time of the children this process has waited for.
pub fn ended_children_cpu() -> Outcome<Duration> {
    Ok(ticks(&stat(std::process::id())?, CPU_OF_ENDED_CHILDREN))
}

/// Megabytes of a process in memory.
pub struct Memory {
    /// All that counts as resident, now.
    pub resident: f64,
    /// Its own; the rest are pages of files, one page as often as it is mapped.
    own: f64,
    most: f64,
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resident, own, most } = self;
        write!(f, "{own:.0} MB of its own, {resident:.0} MB with mapped files, {most:.0} MB at most")
    }
}

/// What a process holds in memory.
pub fn memory(pid: u32) -> Outcome<Memory> {
    let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let megabytes = |name| kilobytes(&text, name) / 1e3;
    Ok(Memory { resident: megabytes("VmRSS:"), own: megabytes("RssAnon:"), most: megabytes("VmHWM:") })
}

/// The process that started another.
pub fn parent(pid: u32) -> Outcome<u32> {
    Ok(u32::try_from(*stat(pid)?.get(PARENT).ok_or("/proc tells no parent")?)?)
}

fn children(pid: u32) -> Outcome<Vec<u32>> {
    let all = fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    Ok(all.filter(|other| parent(*other).is_ok_and(|parent| parent == pid)).collect())
}

fn kilobytes(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0.0)
}
