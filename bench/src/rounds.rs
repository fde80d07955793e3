//! Runs measurements in rounds in which all peers take turns, so that a temporary
//! slowdown of the machine affects all of them. Also starts the processes of the
//! measurements and reads their output.

use std::array::from_fn;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::Result;
use crate::table::{Cell, cells};

/// Measurements that take longer are not repeated.
const QUICK: Duration = Duration::from_secs(10);

/// Measures every peer once per round. A measurement has `N` numbers, each of which is
/// a row.
pub(crate) fn in_turns<P, const N: usize>(
    peers: &[P],
    rounds: usize,
    measure: impl Fn(&P) -> [Cell; N],
) -> [Vec<Cell>; N] {
    let mut rows: [Vec<Cell>; N] = from_fn(|_| Vec::new());
    let mut are_quick = Vec::new();
    for peer in peers {
        let start = Instant::now();
        let cells = measure(peer);
        are_quick.push(start.elapsed() < QUICK);
        for (row, cell) in rows.iter_mut().zip(cells) {
            row.push(cell);
        }
    }
    for _ in 1..rounds {
        for (index, peer) in peers.iter().enumerate() {
            if are_quick[index] && rows.iter().all(|row| row[index].is_sound()) {
                for (row, cell) in rows.iter_mut().zip(measure(peer)) {
                    row[index].extend(cell);
                }
            }
        }
    }
    rows
}

/// Starts the process of a measurement.
pub(crate) fn spawn(mut command: Command) -> Result<Child> {
    Ok(command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Without a backtrace, the last line of the output is the reason of a failure.
        .env("RUST_BACKTRACE", "0")
        .process_group(0)
        .spawn()?)
}

/// Does what [`finish`] does, with a time limit of `patience`.
pub(crate) fn finish_in_time<const N: usize>(mut child: Child, patience: Duration) -> [Cell; N] {
    let start = Instant::now();
    while matches!(child.try_wait(), Ok(None)) {
        if start.elapsed() > patience {
            end(child);
            return from_fn(|_| Cell::Longer(patience.as_secs()));
        }
        thread::sleep(Duration::from_millis(10));
    }
    cells(finish(child))
}

/// Kills the process and its descendants.
fn end(mut child: Child) {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let Some(group) = group {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait();
}

/// Waits for the process, and parses the numbers that it printed.
pub(crate) fn finish<const N: usize>(child: Child) -> Result<[f64; N]> {
    let stdout = output(child)?;
    let numbers: Vec<f64> = stdout
        .split_whitespace()
        .map(str::parse)
        .collect::<std::result::Result<_, _>>()?;
    let count = numbers.len();
    numbers
        .try_into()
        .map_err(|_| format!("expected {N} numbers, found {count}").into())
}

/// Waits for the process, and returns its output.
pub(crate) fn output(child: Child) -> Result<String> {
    let output = child.wait_with_output()?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(reason(&stderr).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Returns the most informative line of the output of a failed process.
fn reason(stderr: &str) -> &str {
    stderr
        .trim()
        .lines()
        .rfind(|line| !line.starts_with("note:"))
        .unwrap_or("no error message")
}

#[cfg(test)]
mod tests {
    use super::in_turns;
    use crate::table::Cell;

    #[test]
    fn a_peer_that_lacks_one_of_the_rows_is_measured_in_every_round() {
        let measured = || Cell::Measured(vec![1.0]);
        let [row, _] = in_turns(&[()], 3, |()| [measured(), Cell::Absent]);
        assert!(matches!(&row[0], Cell::Measured(values) if values.len() == 3));
    }
}
