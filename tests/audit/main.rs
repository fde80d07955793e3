//! An audit computes hits again and detects dependencies that no fingerprint covers.

use std::process::{Command, Output};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::task::{Context, Poll, Waker};

/// Defines a cache whose hits are all audited.
macro_rules! memory {
    ($name:ident, $dir:literal) => {
        static $name: Memory =
            Memory::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/audit-", $dir)).audit(1.0);
    };
}

mod differences;
mod kinds;
mod nested;
mod share;
mod strict;

/// An input of the computations that appears in no argument and no source.
static UNSEEN: AtomicU64 = AtomicU64::new(0);

fn unseen() -> u64 {
    UNSEEN.load(SeqCst)
}

/// A future that is ready at the second poll.
struct Twice(bool);

impl Future for Twice {
    type Output = ();

    fn poll(mut self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match std::mem::replace(&mut self.0, true) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

const AGAIN: &str = "JOBLIB_TEST_AUDIT";

fn is_again() -> bool {
    std::env::var_os(AGAIN).is_some()
}

/// Runs `test` again in a process of its own.
fn again(test: &str, variables: &[(&str, &str)]) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(AGAIN, "1")
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

fn audit_warnings(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines = text.lines().filter(|line| line.contains("warning: audit"));
    lines.map(str::to_owned).collect()
}
