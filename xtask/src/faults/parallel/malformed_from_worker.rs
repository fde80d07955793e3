//! Workers that write invalid bytes to their parent: random bytes, headers with wrong
//! kinds and lengths, and results of tasks that they do not have.

use std::fs::{self, File};
use std::io::Write;
use std::os::fd::FromRawFd;

use joblib::backend::Processes;
use joblib::parallel;
use joblib::parallel::{ErrorKind, WorkerExit};

use super::Load;
use crate::random::Random;
use crate::shell::Result;

const TASKS: u64 = 12;

/// The task whose worker writes garbage.
const LAST: u64 = 5;

/// Writes garbage into every socket of this process if this is the task `LAST`.
#[parallel(shared(seed))]
fn garble(x: u64, seed: u64) -> u64 {
    if x == LAST {
        for socket in sockets() {
            // SAFETY: the descriptor is open, and the file is forgotten, so it is never
            // closed.
            let mut file = unsafe { File::from_raw_fd(socket) };
            let _ = file.write_all(&garbage(seed));
            std::mem::forget(file);
        }
    }
    x + seed
}

fn sockets() -> Vec<i32> {
    let descriptors = fs::read_dir("/proc/self/fd")
        .into_iter()
        .flatten()
        .flatten();
    let sockets = descriptors.filter(|entry| {
        let target = fs::read_link(entry.path()).unwrap_or_default();
        target.to_string_lossy().starts_with("socket:")
    });
    sockets
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// Returns bytes that resemble frames more closely the larger the remainder of the seed
/// is.
pub(super) fn garbage(seed: u64) -> Vec<u8> {
    let mut random = Random(seed);
    let count = 1 + random.below(400);
    let mut bytes: Vec<u8> = (0..count).map(|_| random.below(256) as u8).collect();
    if !seed.is_multiple_of(4) {
        let header = header(seed, &mut random);
        bytes.splice(0..0, header);
    }
    if seed % 4 > 1 {
        // A record with a ticket that may be one of ours, and with a plausible length.
        let record = [random.below(20), 1, random.below(64), 0];
        let record = record
            .into_iter()
            .flat_map(|number| (number as u64).to_ne_bytes());
        bytes.splice(16..16, record);
    }
    bytes
}

/// Returns a header: a kind, the flag of an attached descriptor, zero, and a length.
fn header(seed: u64, random: &mut Random) -> Vec<u8> {
    let has_fd = if seed % 8 == 7 { 1 << 31 } else { 0_u32 };
    let kind = random.below(16) as u32 | has_fd;
    let len = match seed % 5 {
        0 => random.below(usize::MAX),
        1 => 1 << random.below(40),
        _ => random.below(24) * 16,
    };
    let numbers = kind.to_ne_bytes().into_iter().chain([0; 4]);
    numbers.chain((len as u64).to_ne_bytes()).collect()
}

pub(super) fn run(load: Load) -> Result<String> {
    let mut lost = 0_u64;
    for seed in 0..load.garbled {
        lost += once(seed).map_err(|error| format!("seed {seed}: {error}"))?;
        // A worker that announced more than it wrote would take the next garbage for
        // the rest of its frame, so each seed gets new workers.
        joblib_runtime::process::end_idle();
    }
    Ok(format!(
        "{} workers wrote garbage: {lost} calls lost a task, no call returned a wrong result",
        load.garbled
    ))
}

/// Returns 1 if a task was lost. A wrong value is an error.
fn once(seed: u64) -> Result<u64> {
    let call = garble::par(0..TASKS, seed).backend(Processes).n_jobs(2);
    let mut lost = 0;
    for (index, outcome) in call.outcomes().into_iter().enumerate() {
        match outcome {
            Ok(value) if value == index as u64 + seed => {}
            Err(error)
                if matches!(
                    error.failure(),
                    ErrorKind::WorkerDied(WorkerExit::ProtocolError)
                ) =>
            {
                lost = 1
            }
            // The garbage may be a valid error for a task of this worker.
            Err(error)
                if matches!(
                    error.failure(),
                    ErrorKind::Panicked(_) | ErrorKind::Transport(_)
                ) =>
            {
                lost = 1;
            }
            other => return Err(format!("task {index}: {other:?}").into()),
        }
    }
    Ok(lost)
}
