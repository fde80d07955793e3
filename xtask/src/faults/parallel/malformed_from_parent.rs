//! Parents that send their worker what no parent sends: bytes at random,
//! frames that promise more than comes, that come twice, or not to their end.
//! The worker must end with its parent's socket or before, and take up no
//! memory for it.

use std::time::Duration;

use joblib::parallel::WorkerExit;
use joblib_runtime::fuzz::{RogueParent, TARGETS};

use super::{Load, malformed_from_worker};
use crate::fuzz::Mutator;
use crate::random::Random;
use crate::shell::Result;

/// Nothing here takes so long unless it hangs.
const LIMIT: Duration = Duration::from_secs(20);

/// How a worker exits whose parent closed the socket, and one whose parent
/// sent what is no order.
const ENDS: [WorkerExit; 2] = [WorkerExit::Exited(0), WorkerExit::Exited(125)];

/// What a worker may take up beyond one whose parent is as it should be, and
/// beyond a few times of what it was sent.
const ROOM: u64 = 8 << 20;

/// Kinds of frames, for those that promise too much.
const OPEN: u32 = 2;
const TASKS: u32 = 3;

/// What one worker is sent.
struct Sent {
    bytes: Vec<u8>,
    has_board: bool,
    has_memory: bool,
}

pub(super) fn run(load: Load) -> Result<String> {
    let seeds = seeds()?;
    let usual = usual(&seeds)?;
    let mut refused = 0;
    for seed in 0..load.nonsense {
        let sent = sent(seed, &seeds);
        let end = once(&sent, usual).map_err(|error| format!("seed {seed}: {error}"))?;
        refused += u64::from(end == ENDS[1]);
    }
    if refused == 0 {
        return Err("no worker was ended by what it was sent".into());
    }
    Ok(format!(
        "{} workers were sent nonsense: {refused} ended by that, all others with their socket",
        load.nonsense
    ))
}

/// What a parent as it should be sends.
fn seeds() -> Result<Vec<Vec<u8>>> {
    let target = TARGETS
        .iter()
        .find(|target| target.name == "frames_to_worker");
    let seeds = (target.ok_or("no such target")?.seeds)();
    // The first byte is for fuzzing only.
    Ok(seeds.into_iter().map(|seed| seed[1..].to_vec()).collect())
}

/// What a worker takes up that is sent what it should be.
fn usual(seeds: &[Vec<u8>]) -> Result<u64> {
    let opening = seeds.first().ok_or("no seeds")?;
    let mut worker = RogueParent::start(true)?;
    let is_sent = worker.send(opening, false, LIMIT)?;
    if !is_sent || !worker.is_done_within(LIMIT) {
        return Err("a worker does not take what it should".into());
    }
    let peak = worker.peak().ok_or("its size is unknown")?;
    match worker.end(LIMIT) {
        Some(WorkerExit::Exited(0)) => Ok(peak),
        other => Err(format!("a worker with nothing wrong ended as {other:?}").into()),
    }
}

fn sent(seed: u64, seeds: &[Vec<u8>]) -> Sent {
    let mut random = Random(seed);
    let order = &seeds[random.below(seeds.len())];
    let bytes = match seed % 5 {
        0 => malformed_from_worker::garbage(seed),
        1 => oversized(&mut random),
        2 => order.repeat(2 + random.below(20)),
        3 => order[..random.below(order.len())].to_vec(),
        _ => Mutator::new(seeds, random).next(),
    };
    Sent {
        bytes,
        has_board: !seed.is_multiple_of(7),
        has_memory: seed.is_multiple_of(3),
    }
}

/// A frame that promises up to more than any memory has, and a part of it.
fn oversized(random: &mut Random) -> Vec<u8> {
    let kind = [OPEN, TASKS][random.below(2)];
    let len = 16_u64 << random.below(60);
    let header = kind.to_ne_bytes().into_iter().chain([0; 4]);
    let mut bytes: Vec<u8> = header.chain(len.to_ne_bytes()).collect();
    bytes.resize(16 + random.below(2 << 20), random.below(256) as u8);
    bytes
}

/// How the worker ended.
fn once(sent: &Sent, usual: u64) -> Result<WorkerExit> {
    let mut worker = RogueParent::start(sent.has_board)?;
    worker.queue(0..10);
    // One that ended does not take the rest.
    worker.send(&sent.bytes, sent.has_memory, LIMIT)?;
    if !worker.is_done_within(LIMIT) {
        return Err("the worker neither takes what it is sent nor ends".into());
    }
    let most = usual + ROOM + 4 * sent.bytes.len() as u64;
    if let Some(peak) = worker.peak().filter(|&peak| peak > most) {
        let bytes = sent.bytes.len();
        return Err(format!("{bytes} bytes made {usual} bytes of memory {peak}").into());
    }
    match worker.end(LIMIT) {
        Some(death) if ENDS.contains(&death) => Ok(death),
        Some(death) => Err(format!("the worker ended as {death:?}").into()),
        None => Err(format!("the worker outlives its socket by {LIMIT:?}").into()),
    }
}
