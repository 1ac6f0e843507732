//! What processes have used, as Linux tells it in `/proc`.

use std::fs;
use std::time::Duration;

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

/// Megabytes in memory now and at most.
pub fn memory(pid: u32) -> Outcome<(f64, f64)> {
    let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
    Ok((kilobytes(&text, "VmRSS:") / 1e3, kilobytes(&text, "VmHWM:") / 1e3))
}

/// Megabytes of a process and its children, shared pages counted once.
pub fn family_memory(pid: u32) -> Outcome<f64> {
    let mut total = 0.0;
    for process in std::iter::once(pid).chain(children(pid)?) {
        let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
        total += kilobytes(&text, "Pss:") / 1e3;
    }
    Ok(total)
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
