//! Programs of random steps: calls on processes and threads between forks, signals,
//! killed workers and changes of inherited state. Every call of a program and of its
//! forked children must return the right results or report the killed worker.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use joblib::backend::{Processes, Threads};
use joblib::parallel;
use joblib::parallel::{Error, ErrorKind};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

use super::{Load, children, program};
use crate::random::Random;
use crate::shell::Result;

/// Number of steps of a program.
const STEPS: usize = 16;

/// The maximal depth of forks.
const DEEPEST: u32 = 2;

/// The time limit of a program.
const LIMIT: Duration = Duration::from_secs(60);

/// A task that may make calls itself.
#[parallel]
fn task(x: u64) -> u64 {
    match x % 16 {
        3 => std::thread::sleep(Duration::from_micros(x % 700)),
        7 => drop(std::process::Command::new("true").status()),
        11 => return twice::par([x, x]).n_jobs(2).collect::<Vec<_>>()[1],
        _ => {}
    }
    twice(x)
}

#[parallel]
fn twice(x: u64) -> u64 {
    2 * x
}

pub(super) fn run(load: Load) -> Result<String> {
    for seed in 0..load.programs {
        let once = once(seed);
        once.map_err(|error| format!("`xtask faults program {seed}`: {error}"))?;
    }
    Ok(format!(
        "{} programs of {STEPS} random steps, and what they forked: all results right",
        load.programs
    ))
}

fn once(seed: u64) -> Result {
    let ended = program::run(&["program", &seed.to_string()], LIMIT)?;
    match ended.status.success() && ended.output.ends_with("done\n") {
        true => Ok(()),
        false => Err(format!("{}, and it wrote {:?}", ended.status, ended.output).into()),
    }
}

/// Runs the program with the seed in `args`.
pub(crate) fn live(args: &[&str]) -> Result {
    let &[seed] = args else {
        return Err(format!("invalid seed: {args:?}").into());
    };
    let mut random = Random(seed.parse()?);
    interrupt_often();
    steps(&mut random, STEPS, 0)?;
    println!("done");
    Ok(())
}

fn steps(random: &mut Random, count: usize, depth: u32) -> Result {
    for _ in 0..count {
        step(random, depth)?;
    }
    Ok(())
}

fn step(random: &mut Random, depth: u32) -> Result {
    let jobs = 1 + random.below(3);
    let tasks = random.below(60) as u64;
    match random.below(12) {
        0..=2 => on_processes(tasks, jobs),
        3 => right(
            task::par(0..tasks)
                .backend(Threads)
                .n_jobs(jobs as i64)
                .collect(),
            tasks,
        ),
        4 => left_halfway(tasks, jobs),
        5 => kill_one(random),
        6 | 7 if depth < DEEPEST => forked(random, depth),
        8 if depth < DEEPEST => forked_during_a_call(random, depth),
        9 => changed(random),
        10 => stopped_for_a_moment(random),
        _ => two_at_once(tasks, jobs),
    }
}

/// Makes a call on processes. A worker may have been killed before or during it.
fn on_processes(tasks: u64, jobs: usize) -> Result {
    let call = task::par(0..tasks).backend(Processes).n_jobs(jobs as i64);
    for (x, outcome) in (0..).zip(call.outcomes()) {
        match outcome {
            Ok(value) if value == 2 * x => {}
            Err(error) if was_killed(&error) => {}
            other => return Err(format!("task {x} of {tasks}: {other:?}").into()),
        }
    }
    Ok(())
}

fn was_killed(error: &Error) -> bool {
    matches!(error.failure(), ErrorKind::WorkerDied(_))
}

fn right(results: Vec<u64>, tasks: u64) -> Result {
    match results.iter().copied().eq((0..tasks).map(|x| 2 * x)) {
        true => Ok(()),
        false => Err(format!("results of {tasks} tasks: {results:?}").into()),
    }
}

fn left_halfway(tasks: u64, jobs: usize) -> Result {
    let call = task::par(0..tasks).backend(Processes).n_jobs(jobs as i64);
    let taken: Vec<u64> = call.retries(100).stream().take(5).collect();
    let count = taken.len() as u64;
    match count == tasks.min(5) {
        true => right(taken, count),
        false => Err(format!("a stream of {tasks} tasks returned {count} results").into()),
    }
}

/// Kills a worker if there is one.
fn kill_one(random: &mut Random) -> Result {
    let workers = children::of(std::process::id());
    if let Some(&worker) = workers.get(random.below(workers.len().max(1))) {
        let _ = Pid::from_raw(worker as i32).map(|pid| kill_process(pid, Signal::KILL));
    }
    Ok(())
}

/// Stops the workers for less time than any timeout.
fn stopped_for_a_moment(random: &mut Random) -> Result {
    let workers = children::of(std::process::id());
    let all = |signal| {
        for pid in workers.iter().filter_map(|&pid| Pid::from_raw(pid as i32)) {
            let _ = kill_process(pid, signal);
        }
    };
    all(Signal::STOP);
    std::thread::sleep(Duration::from_millis(random.below(20) as u64));
    all(Signal::CONT);
    Ok(())
}

fn two_at_once(tasks: u64, jobs: usize) -> Result {
    std::thread::scope(|scope| {
        let other = scope.spawn(|| on_processes(tasks, jobs).map_err(|error| error.to_string()));
        on_processes(tasks + 1, jobs)?;
        Ok(other.join().map_err(|_| "a call panicked")??)
    })
}

/// Changes state that the children of this process inherit.
fn changed(random: &mut Random) -> Result {
    match random.below(4) {
        0 => std::env::set_current_dir(["/", "/tmp", "/proc"][random.below(3)])?,
        1 => {
            rustix::process::umask(rustix::fs::Mode::from_raw_mode(random.below(64) as u32));
        }
        2 => {
            let resource = rustix::process::Resource::Core;
            let maximum = rustix::process::getrlimit(resource).maximum;
            let current = Some(random.below(4_096) as u64 * 1_024);
            let current = current.min(maximum.or(current));
            rustix::process::setrlimit(resource, rustix::process::Rlimit { current, maximum })?;
        }
        _ => {
            // Workers must not inherit the other end, so that the reader sees the end
            // of the stream.
            let (reader, writer) = std::io::pipe()?;
            rustix::io::fcntl_setfd(&writer, rustix::io::FdFlags::empty())?;
            on_processes(8, 2)?;
            drop(writer);
            let ended = std::io::read_to_string(reader)?;
            assert!(ended.is_empty(), "nothing was written");
        }
    }
    Ok(())
}

/// Forks a child that continues on its own.
fn forked(random: &mut Random, depth: u32) -> Result {
    let seed = random.below(usize::MAX) as u64;
    // SAFETY: the child runs the code that is under test, which must work after a fork,
    // and ends by `_exit`.
    match unsafe { libc::fork() } {
        -1 => Err(std::io::Error::last_os_error().into()),
        0 => {
            let done = std::panic::catch_unwind(|| {
                steps(&mut Random(seed), 3, depth + 1).map_err(|error| error.to_string())
            });
            let code = match done {
                Ok(Ok(())) => 0,
                Ok(Err(error)) => {
                    println!("a child at depth {depth}: {error}");
                    1
                }
                Err(_) => 2,
            };
            // SAFETY: this ends the child.
            unsafe { libc::_exit(code) }
        }
        pid => ended_well(pid),
    }
}

fn ended_well(pid: i32) -> Result {
    let pid = Pid::from_raw(pid).ok_or("invalid child pid")?;
    let status = loop {
        match waitpid(Some(pid), WaitOptions::empty()) {
            Err(rustix::io::Errno::INTR) => {}
            status => break status?,
        }
    };
    let status = status.map(|(_, status)| ExitStatus::from_raw(status.as_raw()));
    match status.is_some_and(|status| status.success()) {
        true => Ok(()),
        false => Err(format!("a child ended with {status:?}").into()),
    }
}

/// Forks a child while another thread makes calls.
fn forked_during_a_call(random: &mut Random, depth: u32) -> Result {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let calls = scope.spawn(|| {
            while !is_over.load(SeqCst) {
                on_processes(20, 2).map_err(|error| error.to_string())?;
            }
            Ok::<(), String>(())
        });
        std::thread::sleep(Duration::from_micros(random.below(3_000) as u64));
        let result = forked(random, depth);
        is_over.store(true, SeqCst);
        calls.join().map_err(|_| "a call panicked")??;
        result
    })
}

/// Makes a signal interrupt the system calls of the program every few milliseconds.
fn interrupt_often() {
    extern "C" fn nothing(_: i32) {}
    let handler: extern "C" fn(i32) = nothing;
    let often = libc::itimerval {
        it_interval: libc::timeval {
            tv_sec: 0,
            tv_usec: 3_000,
        },
        it_value: libc::timeval {
            tv_sec: 0,
            tv_usec: 3_000,
        },
    };
    // SAFETY: zeros are an action without flags, so that interrupted system calls are
    // not restarted. The handler does nothing, and all pointers are valid.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as libc::sighandler_t;
        libc::sigaction(libc::SIGALRM, &raw const action, std::ptr::null_mut());
        libc::setitimer(libc::ITIMER_REAL, &raw const often, std::ptr::null_mut());
    }
}
