//! Arguments and results with sizes near the limits at which their transport, or what
//! the system accepts at once, changes.

use joblib::backend::Processes;
use joblib::parallel;

use super::Load;
use crate::shell::Result;

/// Sizes around each of these are tried.
const EDGES: [usize; 5] = [0, 4 << 10, 64 << 10, 1 << 20, 8 << 20];

/// Larger sizes are tried one at a time.
const BESIDE: usize = 64 << 20;

#[parallel]
fn len(bytes: &[u8]) -> usize {
    bytes.len()
}

#[parallel]
fn make(len: usize) -> Vec<u8> {
    vec![(len % 251) as u8; len]
}

#[parallel]
fn echo(bytes: &[u8]) -> Vec<u8> {
    bytes.to_vec()
}

pub(super) fn run(load: Load) -> Result<String> {
    let around = |edge: usize| [edge.saturating_sub(1), edge, edge + 1];
    let mut sizes: Vec<usize> = EDGES.into_iter().flat_map(around).collect();
    sizes.extend([load.largest - 1, load.largest]);
    sizes.retain(|&size| size <= load.largest);
    for &size in &sizes {
        once(size).map_err(|error| format!("{size} bytes: {error}"))?;
    }
    Ok(format!(
        "{} sizes up to {} MiB as argument, as result, and both ways at once",
        sizes.len(),
        load.largest >> 20
    ))
}

fn once(size: usize) -> Result {
    let count = if size > BESIDE { 1 } else { 6 };
    let bytes = make(size);
    let inputs = || std::iter::repeat_n(bytes.as_slice(), count);
    let lens: Vec<usize> = len::par(inputs())
        .backend(Processes)
        .n_jobs(2)
        .try_collect()?;
    check(lens.iter().all(|&len| len == size), "argument")?;
    let made = make::par(std::iter::repeat_n(size, count));
    made.backend(Processes)
        .n_jobs(2)
        .for_each(|made| assert!(made == bytes, "result"));
    let echoed = echo::par(inputs()).backend(Processes).n_jobs(2);
    let mut is_same = true;
    echoed.for_each(|echoed| is_same &= echoed == bytes);
    check(is_same, "both ways")
}

fn check(is_right: bool, what: &str) -> Result {
    if is_right {
        return Ok(());
    }
    Err(format!("{what}: the bytes differ").into())
}
