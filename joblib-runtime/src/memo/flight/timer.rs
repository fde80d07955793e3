//! A timer for tasks. Its thread runs only while timers are set.

use crate::unpoisoned::{lock, unpoisoned};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Condvar, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

static TIMER: Timer = Timer {
    alarms: Mutex::new(Timers {
        set: Vec::new(),
        last: 0,
        is_running: false,
    }),
    changed: Condvar::new(),
};

struct Timer {
    alarms: Mutex<Timers>,
    changed: Condvar,
}

struct Timers {
    set: Vec<TimerEntry>,
    last: u64,
    is_running: bool,
}

struct TimerEntry {
    number: u64,
    at: Instant,
    waker: Waker,
}

/// A future that completes after a time.
#[derive(Debug)]
pub(super) struct Sleep {
    at: Instant,
    alarm: Option<u64>,
}

impl Sleep {
    pub(super) fn new(time: Duration) -> Self {
        Self {
            at: Instant::now() + time,
            alarm: None,
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if Instant::now() >= self.at {
            return Poll::Ready(());
        }
        cancel(self.alarm.take());
        self.alarm = Some(set(self.at, context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        cancel(self.alarm);
    }
}

fn set(at: Instant, waker: Waker) -> u64 {
    let mut alarms = lock(&TIMER.alarms);
    alarms.last += 1;
    let number = alarms.last;
    if !alarms.is_running {
        alarms.is_running = thread::Builder::new()
            .name("joblib-timer".into())
            .spawn(run)
            .is_ok();
    }
    if alarms.is_running {
        alarms.set.push(TimerEntry { number, at, waker });
        TIMER.changed.notify_one();
    } else {
        // Without a timer thread the executor polls again at once.
        drop(alarms);
        waker.wake();
    }
    number
}

fn cancel(alarm: Option<u64>) {
    if let Some(number) = alarm {
        // Dropped outside the lock: a waker may own a task that drops a `Sleep` of its
        // own.
        let _gone: Vec<TimerEntry> = lock(&TIMER.alarms)
            .set
            .extract_if(.., |alarm| alarm.number == number)
            .collect();
    }
}

fn run() {
    let mut alarms = lock(&TIMER.alarms);
    while let Some(next) = alarms.set.iter().map(|alarm| alarm.at).min() {
        let time = next.saturating_duration_since(Instant::now());
        if !time.is_zero() {
            alarms = unpoisoned(TIMER.changed.wait_timeout(alarms, time)).0;
            continue;
        }
        let due: Vec<TimerEntry> = alarms
            .set
            .extract_if(.., |alarm| alarm.at <= next)
            .collect();
        drop(alarms);
        due.into_iter().for_each(|alarm| alarm.waker.wake());
        alarms = lock(&TIMER.alarms);
    }
    alarms.is_running = false;
}
