//! Parents that send invalid bytes to their worker: random bytes, and frames that
//! announce more than follows, are sent twice, or are cut short. The worker must end no
//! later than its parent's socket closes, and must not allocate memory for announced
//! bytes.

use std::time::Duration;

use joblib::parallel::WorkerExit;
use joblib_runtime::fuzz::{RogueParent, TARGETS};

use super::{Load, malformed_from_worker};
use crate::fuzz::Mutator;
use crate::random::Random;
use crate::shell::Result;

/// A limit that only a hang exceeds.
const LIMIT: Duration = Duration::from_secs(20);

/// How a worker exits after its parent closes the socket, and after its parent sends an
/// invalid order.
const ENDS: [WorkerExit; 2] = [WorkerExit::Exited(0), WorkerExit::Exited(125)];

/// The memory that a worker may use in addition to that of a normal worker and a small
/// multiple of the bytes that it received.
const ROOM: u64 = 8 << 20;

/// A kind of frame for those that announce too much.
const OPEN: u32 = 2;
const TASKS: u32 = 3;

/// The bytes that one worker receives.
struct Sent {
    bytes: Vec<u8>,
    has_task_ring: bool,
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
        return Err("no worker rejected what it received".into());
    }
    Ok(format!(
        "{} workers received invalid bytes: {refused} rejected them, the others ended with their socket",
        load.nonsense
    ))
}

/// Returns the messages that a correct parent sends.
fn seeds() -> Result<Vec<Vec<u8>>> {
    let target = TARGETS
        .iter()
        .find(|target| target.name == "frames_to_worker");
    let seeds = (target.ok_or("the fuzzing target is missing")?.seeds)();
    // The first byte is only for fuzzing.
    Ok(seeds.into_iter().map(|seed| seed[1..].to_vec()).collect())
}

/// Returns the peak memory of a worker that receives correct messages.
fn usual(seeds: &[Vec<u8>]) -> Result<u64> {
    let opening = seeds.first().ok_or("the target has no seeds")?;
    let mut worker = RogueParent::start(true)?;
    let is_sent = worker.send(opening, false, LIMIT)?;
    if !is_sent || !worker.is_done_within(LIMIT) {
        return Err("a worker does not accept a correct message".into());
    }
    let peak = worker
        .peak()
        .ok_or("the peak memory of the worker is unknown")?;
    match worker.end(LIMIT) {
        Some(WorkerExit::Exited(0)) => Ok(peak),
        other => Err(format!("a worker with a correct parent ended as {other:?}").into()),
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
        has_task_ring: !seed.is_multiple_of(7),
        has_memory: seed.is_multiple_of(3),
    }
}

/// Returns the start of a frame that announces up to more bytes than any memory has.
fn oversized(random: &mut Random) -> Vec<u8> {
    let kind = [OPEN, TASKS][random.below(2)];
    let len = 16_u64 << random.below(60);
    let header = kind.to_ne_bytes().into_iter().chain([0; 4]);
    let mut bytes: Vec<u8> = header.chain(len.to_ne_bytes()).collect();
    bytes.resize(16 + random.below(2 << 20), random.below(256) as u8);
    bytes
}

/// Sends the bytes to a worker and returns how it ended.
fn once(sent: &Sent, usual: u64) -> Result<WorkerExit> {
    let mut worker = RogueParent::start(sent.has_task_ring)?;
    worker.queue(0..10);
    // A worker that has ended does not read the rest.
    worker.send(&sent.bytes, sent.has_memory, LIMIT)?;
    if !worker.is_done_within(LIMIT) {
        return Err("the worker neither reads what it receives nor ends".into());
    }
    let most = usual + ROOM + 4 * sent.bytes.len() as u64;
    if let Some(peak) = worker.peak().filter(|&peak| peak > most) {
        let bytes = sent.bytes.len();
        return Err(
            format!("{bytes} bytes raised the peak memory from {usual} to {peak} bytes").into(),
        );
    }
    match worker.end(LIMIT) {
        Some(death) if ENDS.contains(&death) => Ok(death),
        Some(death) => Err(format!("the worker ended as {death:?}").into()),
        None => Err(format!("the worker still runs {LIMIT:?} after its socket closed").into()),
    }
}
