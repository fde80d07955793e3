//! Processes that compute a result for others and then stop making progress: stopped by a
//! signal, dead while a child still holds their locks, or holding an unfinished future.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use joblib::{Memory, memoize};
use tempfile::TempDir;

/// Names the directory of a test in the child processes that it starts.
const DIR: &str = "JOBLIB_TEST_STOPPED";

/// A computation that logs its start in the directory and ends once a file there allows
/// it.
#[derive(Clone, Copy)]
struct Work<'a>(&'a Path);

impl Work<'_> {
    fn begin(self) {
        let mut log = fs::File::options();
        let mut log = log
            .append(true)
            .create(true)
            .open(self.0.join("began"))
            .unwrap();
        writeln!(log, "{}", std::process::id()).unwrap();
    }

    fn began(self) -> Vec<u32> {
        let text = fs::read_to_string(self.0.join("began")).unwrap_or_default();
        text.lines().map(|line| line.parse().unwrap()).collect()
    }

    fn allow(self) {
        fs::write(self.0.join("may-end"), "").unwrap();
    }

    fn may_end(self) -> bool {
        self.0.join("may-end").exists()
    }

    fn finish(self) {
        while !self.may_end() && self.0.exists() {
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn ask(self) -> u64 {
        let memory = Memory::at(self.0.join("cache"));
        memory.cached("work", &1u64, || {
            self.begin();
            self.finish();
            5
        })
    }
}

static KEPT: Memory = Memory::user();

#[memoize(memory = KEPT)]
async fn kept(x: u64, dir: PathBuf) -> u64 {
    Work(&dir).begin();
    std::future::poll_fn(|context| match Work(&dir).may_end() {
        true => std::task::Poll::Ready(x),
        false => {
            context.waker().wake_by_ref();
            std::task::Poll::Pending
        }
    })
    .await
}

/// Returns the directory if this process was started in the role `name`; `None` in the
/// test itself.
fn role(name: &str) -> Option<PathBuf> {
    let dir = std::env::var_os(DIR)?;
    (std::env::var_os("JOBLIB_TEST_ROLE")? == *name).then(|| dir.into())
}

/// A child process that is killed when it is dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    /// Starts the test `name` again in the role `role`.
    fn start(name: &str, role: &str, dir: &Path) -> Process {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([name, "--exact", "--nocapture", "--test-threads=1"]);
        command.env(DIR, dir).env("JOBLIB_TEST_ROLE", role);
        command.env("JOBLIB_RS_CACHE_DIR", dir.join("cache"));
        Process(command.stdout(Stdio::null()).spawn().unwrap())
    }

    fn signal(&self, signal: i32) {
        // SAFETY: a plain system call; the child has not been waited for, so its id is
        // valid.
        assert_eq!(unsafe { libc::kill(self.0.id() as i32, signal) }, 0);
    }

    /// Waits for the end of the process and returns whether it succeeded.
    fn ends_well(&mut self) -> bool {
        self.0.wait().unwrap().success()
    }
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(120), "{what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Starts a process that computes the result of [`Work::ask`] in an empty directory, and
/// waits until it begins. Returns `None` in processes of the test `name`, which ask.
fn with_leader(name: &str) -> Option<(TempDir, Process)> {
    if let Some(dir) = role("asks") {
        assert_eq!(Work(&dir).ask(), 5);
        return None;
    }
    let dir = tempfile::tempdir().unwrap();
    let leader = Process::start(name, "asks", dir.path());
    wait_until("the leader begins", || Work(dir.path()).began().len() == 1);
    Some((dir, leader))
}

#[test]
fn a_stopped_process_is_not_waited_for_and_one_other_computes() {
    const NAME: &str = "a_stopped_process_is_not_waited_for_and_one_other_computes";
    let Some((dir, mut leader)) = with_leader(NAME) else {
        return;
    };
    let work = Work(dir.path());
    leader.signal(libc::SIGSTOP);
    let mut others: Vec<_> = (0..3)
        .map(|_| Process::start(NAME, "asks", dir.path()))
        .collect();
    wait_until("another begins", || work.began().len() == 2);
    std::thread::sleep(Duration::from_millis(300));
    work.allow();
    assert!(others.iter_mut().all(Process::ends_well));
    assert_eq!(
        work.began().len(),
        2,
        "one of the waiting processes computes"
    );
    leader.signal(libc::SIGCONT);
    assert!(leader.ends_well());
    assert_eq!(work.ask(), 5);
    let memory = Memory::at(dir.path().join("cache"));
    assert_eq!(
        (memory.stats().misses, memory.entries().unwrap().len()),
        (0, 1)
    );
}

/// A control group that can be frozen. When dropped, it is thawed, its processes end, and
/// it is removed.
struct Group {
    dir: PathBuf,
    switch: &'static str,
    states: [&'static str; 2],
}

impl Group {
    /// Creates a group of either version, if this user is allowed to.
    fn new() -> Option<Group> {
        let name = format!("joblib-test-{}", std::process::id());
        let made = |root: &str, switch, states| {
            let root = Path::new(root);
            let dir = root.join(&name);
            (root.join("cgroup.procs").exists() && fs::create_dir(&dir).is_ok()).then_some(())?;
            let group = Group {
                dir,
                switch,
                states,
            };
            group.dir.join(switch).exists().then_some(group)
        };
        let old = ("freezer.state", ["FROZEN", "THAWED"]);
        let new = ("cgroup.freeze", ["1", "0"]);
        made("/sys/fs/cgroup/freezer", old.0, old.1)
            .or_else(|| made("/sys/fs/cgroup", new.0, new.1))
            .or_else(|| made("/sys/fs/cgroup/unified", new.0, new.1))
    }

    fn set(&self, is_frozen: bool) {
        fs::write(
            self.dir.join(self.switch),
            self.states[usize::from(!is_frozen)],
        )
        .unwrap();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let processes = fs::read_to_string(self.dir.join("cgroup.procs")).unwrap_or_default();
        for process in processes.lines() {
            // SAFETY: a plain system call; the group contains only processes of this
            // test.
            unsafe { libc::kill(process.parse().unwrap(), libc::SIGKILL) };
        }
        self.set(false);
        wait_until("the group is empty", || fs::remove_dir(&self.dir).is_ok());
    }
}

#[test]
fn a_process_in_a_frozen_group_is_not_waited_for() {
    const NAME: &str = "a_process_in_a_frozen_group_is_not_waited_for";
    let Some((dir, mut leader)) = with_leader(NAME) else {
        return;
    };
    let work = Work(dir.path());
    let Some(group) = Group::new() else {
        eprintln!("skipped: this user cannot create a control group");
        return;
    };
    fs::write(group.dir.join("cgroup.procs"), leader.0.id().to_string()).unwrap();
    group.set(true);
    work.allow();
    assert_eq!(work.ask(), 5);
    assert_eq!(work.began().len(), 2);
    group.set(false);
    assert!(leader.ends_well());
}

#[test]
fn a_process_that_makes_progress_is_waited_for() {
    const NAME: &str = "a_process_that_makes_progress_is_waited_for";
    let Some((dir, mut leader)) = with_leader(NAME) else {
        return;
    };
    let work = Work(dir.path());
    std::thread::scope(|scope| {
        let other = scope.spawn(|| work.ask());
        // Longer than a stopped process is waited for.
        std::thread::sleep(Duration::from_secs(8));
        assert!(!other.is_finished());
        work.allow();
        assert_eq!(other.join().unwrap(), 5);
    });
    assert!(leader.ends_well());
    assert_eq!(work.began(), [leader.0.id()]);
}

#[test]
fn a_lock_inherited_by_a_child_is_taken_over_soon_after_its_holder_ends() {
    const NAME: &str = "a_lock_inherited_by_a_child_is_taken_over_soon_after_its_holder_ends";
    if let Some(dir) = role("forks") {
        let memory = Memory::at(dir.join("cache"));
        memory.cached("work", &1u64, || {
            // SAFETY: the child makes system calls only.
            match unsafe { libc::fork() } {
                0 => loop {
                    // SAFETY: a plain system call; the child ends when the test removes
                    // the directory.
                    unsafe { libc::usleep(10_000) };
                    if !dir.exists() {
                        // SAFETY: a plain system call.
                        unsafe { libc::_exit(0) };
                    }
                },
                _ => Work(&dir).begin(),
            }
            Work(&dir).finish();
            5
        });
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let work = Work(dir.path());
    let leader = Process::start(NAME, "forks", dir.path());
    wait_until("the leader begins", || work.began().len() == 1);
    drop(leader);
    work.allow();
    assert_eq!(work.ask(), 5);
    assert_eq!(work.began().len(), 2);
}

#[test]
fn an_unfinished_future_of_another_process_is_not_waited_for() {
    const NAME: &str = "an_unfinished_future_of_another_process_is_not_waited_for";
    if let Some(dir) = role("keeps") {
        let mut task = Box::pin(kept(7, dir.clone()));
        let mut context = Context::from_waker(Waker::noop());
        assert!(task.as_mut().poll(&mut context).is_pending());
        Work(&dir).finish();
        // This future started before the other one and finishes after it.
        assert_eq!(pollster::block_on(task), 7);
        return;
    }
    if let Some(dir) = role("asks") {
        assert_eq!(pollster::block_on(kept(7, dir)), 7);
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let work = Work(dir.path());
    let mut leader = Process::start(NAME, "keeps", dir.path());
    wait_until("the leader begins", || work.began().len() == 1);
    let mut other = Process::start(NAME, "asks", dir.path());
    wait_until("the other begins", || work.began().len() == 2);
    work.allow();
    assert!(other.ends_well());
    assert!(leader.ends_well());
}
