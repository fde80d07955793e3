//! Single flight inside rayon, where a waiting thread may block the thread that it
//! waits for.
//!
//! The tests run one at a time, because threads of another test would count as
//! progress.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Barrier, Mutex, RwLock, mpsc};
use std::thread;
use std::time::Duration;

use joblib_runtime::backend::{Rayon, Threads};
use joblib_runtime::memo::flight::{ResultSource, Role, TryLock, join};
use joblib_runtime::parallel::par;
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// The results of a memoized function.
struct Memory {
    salt: u128,
    results: RwLock<HashMap<u64, u64>>,
    /// The key whose lock another process holds.
    busy: Option<u64>,
    computed: AtomicU64,
}

struct Slot<'a>(&'a Memory, u64);

impl ResultSource for Slot<'_> {
    type Value = u64;
    type Lock = ();

    fn find(&self) -> Option<u64> {
        self.0.results.read().unwrap().get(&self.1).copied()
    }

    fn try_lock(&self) -> TryLock<()> {
        if self.0.busy == Some(self.1) {
            TryLock::Busy
        } else {
            TryLock::Acquired(())
        }
    }
}

impl Memory {
    fn new() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(1);
        let salt = u128::from(LAST.fetch_add(1, Ordering::Relaxed)) << 64;
        Self {
            salt,
            results: RwLock::default(),
            busy: None,
            computed: AtomicU64::new(0),
        }
    }

    fn call(&self, key: u64, compute: impl FnOnce() -> u64) -> u64 {
        let id =
            (self.salt | u128::from(key)).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
        let count = || {
            self.computed.fetch_add(1, Ordering::Relaxed);
            compute()
        };
        match join(id, &Slot(self, key)) {
            Role::Ready { value, .. } => value,
            Role::Duplicate(_aside) => count(),
            Role::Lead(guard) => {
                let value = count();
                self.results.write().unwrap().insert(key, value);
                guard.publish();
                value
            }
        }
    }
}

fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
}

/// Runs `test` while no other test runs, and aborts with a message if it hangs.
fn watched(what: &str, test: impl FnOnce() + Send) {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(|poison| poison.into_inner());
    thread::scope(|scope| {
        let (done, watch) = mpsc::channel::<()>();
        scope.spawn(move || {
            if watch.recv_timeout(Duration::from_secs(300)) == Err(mpsc::RecvTimeoutError::Timeout)
            {
                eprintln!("{what} hangs");
                std::process::abort();
            }
        });
        test();
        drop(done);
    });
}

/// Runs `task` in a job that another worker steals, as the barrier for two forces it to.
fn in_stolen_job(both: &Barrier, task: impl FnOnce() -> u64 + Send) -> u64 {
    let there = || {
        both.wait();
        task()
    };
    rayon::join(|| both.wait(), there).1
}

#[test]
fn a_job_that_its_leader_waits_for_does_not_wait_for_the_leader() {
    watched("a job of the leader", || {
        let (memory, both) = (Memory::new(), Barrier::new(2));
        let value = pool(2)
            .install(|| memory.call(1, || in_stolen_job(&both, || memory.call(1, || 20)) + 1));
        assert_eq!(value, 21);
        assert_eq!(memory.computed.load(Ordering::Relaxed), 2);
    });
}

#[test]
fn a_chain_of_waits_into_a_suspended_job_is_broken() {
    watched("a chain of waits", || {
        let (memory, stolen) = (Memory::new(), Barrier::new(2));
        let (led, leads) = mpsc::channel::<()>();
        thread::scope(|scope| {
            let middle = scope.spawn({
                let memory = &memory;
                move || {
                    leads.recv().unwrap();
                    memory.call(2, || memory.call(1, || 20) + 1)
                }
            });
            pool(2).install(|| {
                memory.call(1, || {
                    led.send(()).unwrap();
                    // Gives the middle thread time to become the leader of its result.
                    thread::sleep(Duration::from_millis(50));
                    let there = || {
                        stolen.wait();
                        memory.call(2, || 21)
                    };
                    rayon::join(|| stolen.wait(), there).1 - 1
                })
            });
            assert_eq!(middle.join().unwrap(), 21);
        });
    });
}

/// Runs `task` concurrently in this thread and in a helper thread.
fn in_two_threads(task: impl Fn() -> u64 + Sync) -> u64 {
    let both = Barrier::new(2);
    let call = par(0..2).map(|_| {
        both.wait();
        task()
    });
    let sum = call
        .backend(Threads)
        .n_jobs(2)
        .batch(1)
        .reduce(|a, b| a + b);
    sum.unwrap()
}

#[test]
fn a_task_does_not_wait_for_its_caller() {
    watched("a task that wants what its caller computes", || {
        let memory = Memory::new();
        let value = memory.call(1, || in_two_threads(|| memory.call(1, || 20)));
        assert_eq!(value, 40);
        let stored = memory.call(2, || {
            in_two_threads(|| in_two_threads(|| memory.call(2, || 5)))
        });
        assert_eq!(stored, 20);
    });
}

#[test]
fn tasks_of_two_callers_do_not_wait_for_the_callers_of_each_other() {
    watched("tasks that want each other's callers", || {
        let (memory, lead) = (Memory::new(), Barrier::new(2));
        let caller = |own, other| {
            memory.call(own, || {
                lead.wait();
                in_two_threads(|| memory.call(other, || 20))
            })
        };
        thread::scope(|scope| {
            scope.spawn(|| caller(1, 2));
            caller(2, 1);
        });
    });
}

#[test]
fn a_task_of_a_job_does_not_wait_for_the_leader_of_the_job() {
    watched("a task of a job of the leader", || {
        let (memory, both) = (Memory::new(), Barrier::new(2));
        let value = pool(2).install(|| {
            memory.call(1, || {
                let wait = || memory.call(2, || in_two_threads(|| memory.call(1, || 20)));
                in_stolen_job(&both, wait) + 1
            })
        });
        assert_eq!(value, 41);
    });
}

#[test]
fn a_busy_thread_does_not_hide_a_deadlock() {
    watched("a deadlock beside a busy thread", || {
        let (memory, both, over) = (Memory::new(), Barrier::new(2), AtomicBool::new(false));
        thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
            pool(2).install(|| memory.call(1, || in_stolen_job(&both, || memory.call(1, || 1))));
            over.store(true, Ordering::Relaxed);
        });
        assert_eq!(memory.computed.load(Ordering::Relaxed), 2);
    });
}

#[test]
fn a_job_does_not_wait_for_a_process_that_may_wait_for_its_leader() {
    watched("a job that knocks at a process", || {
        let (memory, both) = (
            Memory {
                busy: Some(2),
                ..Memory::new()
            },
            Barrier::new(2),
        );
        let value =
            pool(2).install(|| memory.call(1, || in_stolen_job(&both, || memory.call(2, || 2))));
        assert_eq!(value, 2);
    });
}

#[test]
fn a_leader_that_sleeps_is_waited_for() {
    watched("a sleeping leader", || {
        let memory = Memory::new();
        let values = pool(8).install(|| {
            let call = |_| {
                memory.call(1, || {
                    thread::sleep(Duration::from_millis(700));
                    3
                })
            };
            (0..8)
                .into_par_iter()
                .with_max_len(1)
                .map(call)
                .collect::<Vec<_>>()
        });
        assert_eq!(values, [3; 8]);
        assert_eq!(memory.computed.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn jobs_of_the_leader_that_sleep_are_waited_for() {
    watched("a leader of sleeping jobs", || {
        let (memory, both) = (Memory::new(), Barrier::new(3));
        pool(3).install(|| {
            let leader = || {
                memory.call(1, || {
                    let there = || {
                        both.wait();
                        thread::sleep(Duration::from_millis(700));
                        2
                    };
                    rayon::join(|| both.wait(), there).1
                })
            };
            let waiter = || {
                both.wait();
                memory.call(1, || 2)
            };
            assert_eq!(rayon::join(leader, waiter), (2, 2));
        });
        assert_eq!(memory.computed.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn a_task_in_rayon_does_not_wait_for_its_caller() {
    watched(
        "a task in rayon that wants what its caller computes",
        || {
            for threads in [1, 2, 3] {
                let memory = Memory::new();
                let value = pool(threads).install(|| {
                    memory.call(1, || {
                        let call = par(0..4).map(|_| memory.call(1, || 20)).backend(Rayon);
                        call.batch(1).reduce(|a, b| a + b).unwrap()
                    })
                });
                assert_eq!(value, 80);
            }
        },
    );
}

#[test]
fn a_leader_that_waits_for_a_call_in_rayon_does_not_hide_a_deadlock() {
    watched("a job of a task of the leader", || {
        let pool = pool(3);
        for _ in 0..10 {
            let (memory, tasks, both) = (Memory::new(), Barrier::new(2), Barrier::new(2));
            let value = pool.install(|| {
                memory.call(1, || {
                    let leader = rayon::current_thread_index();
                    let call = par(0..2).map(|_| {
                        // The tasks run in two threads, and the leader waits for the other.
                        tasks.wait();
                        match rayon::current_thread_index() == leader {
                            true => 0,
                            false => in_stolen_job(&both, || memory.call(1, || 20)),
                        }
                    });
                    let call = call.backend(Rayon).n_jobs(2).batch(1);
                    call.reduce(|a, b| a + b).unwrap()
                })
            });
            assert_eq!(value, 20);
        }
    });
}

/// Sums over a graph whose nodes share their successors. Odd levels make a call on the
/// backend `Rayon`.
fn sum(memory: &Memory, level: u32, node: u32) -> u64 {
    memory.call(u64::from(level * 100 + node), || {
        if level == 0 {
            return (0..500).fold(u64::from(node), |sum, n| {
                sum.wrapping_mul(31).wrapping_add(n)
            }) % 1000;
        }
        let next = |n: u32| sum(memory, level - 1, (node * 5 + n * 3) % 8);
        if level % 2 == 1 {
            let call = par(0..6).map(next).backend(Rayon);
            return call.reduce(|a, b| a + b).unwrap();
        }
        let nodes = (0..6).into_par_iter().with_max_len(1);
        nodes.map(next).sum()
    })
}

#[test]
fn nested_parallel_calls_end_with_the_sequential_result() {
    let mut expected: Vec<u64> = Vec::new();
    watched("a sequential call", || {
        let memory = Memory::new();
        expected = pool(1).install(|| (0..8).map(|node| sum(&memory, 3, node)).collect());
    });
    for threads in [2, 3, 4, 8, 16, 64] {
        watched("a nested parallel call", || {
            let pool = pool(threads);
            for _ in 0..ROUNDS {
                let memory = Memory::new();
                let found: Vec<u64> = pool.install(|| {
                    (0..8)
                        .into_par_iter()
                        .with_max_len(1)
                        .map(|node| sum(&memory, 3, node))
                        .collect()
                });
                assert_eq!(found, expected, "{threads} threads");
            }
        });
    }
}

const ROUNDS: usize = 200;
