//! The functions that the tests run in workers.

use std::any::TypeId;
use std::cell::RefCell;
use std::io::Write;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd};
use std::os::unix::fs::FileExt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use joblib_runtime::task::{Instance, Registration};
use joblib_runtime::wire::{MessageError, MessageReader, MessageWriter};

use crate::call::{Bytes, Transfer};

/// Registers `fn name(argument) -> result` under its name.
macro_rules! functions {
    ($($name:ident($argument:ident: $from:ty) -> $to:ty $body:block)*) => {$(
        #[allow(non_upper_case_globals)]
        pub(crate) const $name: Registration = {
            fn body($argument: $from) -> $to $body
            fn open(_: &mut MessageReader<'static>) -> Option<Result<Instance, MessageError>> {
                Some(Ok(Box::new(|reader, put| {
                    let result = body(<$from>::take(reader));
                    let mut writer = MessageWriter::new();
                    result.put(&mut writer);
                    put(&writer);
                    Ok(())
                })))
            }
            Registration {
                name: stringify!($name),
                identity: TypeId::of::<()>,
                fingerprint: 0,
                schema: "",
                open,
            }
        };
        inventory::submit! { $name }
    )*};
}

functions! {
    square(x: u64) -> u64 { x.wrapping_mul(x) }
    echo(bytes: Bytes) -> Bytes { bytes }
    pid(_x: u64) -> u32 { std::process::id() }
    depth_of(_x: u64) -> String { std::env::var("RAYON_NUM_THREADS").unwrap_or_default() }
    spin(micros: u64) -> u64 {
        let start = std::time::Instant::now();
        while start.elapsed() < Duration::from_micros(micros) {}
        micros
    }
    has_directory(_x: u64) -> u64 { std::env::current_dir().is_ok().into() }
    directory(_x: u64) -> String {
        std::env::current_dir().expect("the directory is known").display().to_string()
    }
    sleep(millis: u64) -> u64 { std::thread::sleep(Duration::from_millis(millis)); millis }
    panic_at_7(x: u64) -> u64 { assert!(x != 7, "seven is {}", "out"); x }
    kill_at_7(x: u64) -> u64 { if x == 7 { signal(libc::SIGKILL) } x }
    abort_at_7(x: u64) -> u64 { if x == 7 { std::process::abort() } x }
    exit_at_7(x: u64) -> u64 { if x == 7 { std::process::exit(3) } x }
    overflow_at_7(x: u64) -> u64 { if x == 7 { overflow(x) } else { x } }
    fault_at_7(x: u64) -> u64 { if x == 7 { signal(libc::SIGSEGV) } x }
    stop_at_7(x: u64) -> u64 { if x == 7 { signal(libc::SIGSTOP) } x }
    hang_at_7(x: u64) -> u64 { if x == 7 { never() } x }
    garbage_at_7(x: u64) -> u64 { if x == 7 { write_to_sockets(&[0xEE; 64]); never() } x }
    bells_at_7(x: u64) -> u64 { if x == 7 { write_to_sockets(&bell().repeat(3)) } x }
    close_at_7(x: u64) -> u64 { if x == 7 { close_sockets() } x }
    once(path: (u64, u64)) -> u64 { kill_the_first_time(path) }
    print(x: u64) -> u64 { println!("out {x}"); eprint!("err {x}"); x }
    print_much(x: u64) -> u64 {
        print!("{}", "o".repeat(x as usize));
        eprint!("{}", "e".repeat(x as usize / 2));
        x
    }
    is_ready(_x: u64) -> u64 { READY.load(Ordering::Relaxed).into() }
    die_at_once(_x: u64) -> u64 { signal(libc::SIGKILL); 0 }
    grow(x: u64) -> u64 { std::mem::forget(vec![1_u8; x as usize]); std::process::id().into() }
    descriptors(_x: u64) -> u64 { usable_descriptors() }
    standing(_x: u64) -> String { standing_here() }
    rights(_x: u64) -> String { rights_here() }
    variable(_x: u64) -> String { std::env::var("JOBLIB_TEST_SAID").unwrap_or_default() }
    // SAFETY: this has no preconditions.
    group_of_processes(_x: u64) -> u64 { (unsafe { libc::getpgrp() }) as u64 }
    program(_x: u64) -> u64 {
        let mut sleep_on = std::process::Command::new("sleep");
        sleep_on.arg("3600").status().map_or(2, |status| u64::from(status.success()))
    }
    raise_in_group(number: u64) -> u64 {
        // SAFETY: sends a signal, which accesses no memory.
        unsafe { libc::kill(0, number as i32) };
        std::thread::sleep(Duration::from_millis(50));
        number
    }
    signalled(number: u64) -> u64 {
        let mut kill_itself = std::process::Command::new("sh");
        let script = format!("kill -{number} $$; exit 0");
        kill_itself.args(["-c", &script]).status().map_or(2, |status| u64::from(status.success()))
    }
    ring_alarm_at_7(x: u64) -> u64 {
        if x == 7 {
            // SAFETY: requests a signal, which ends this process.
            unsafe { libc::alarm(1) };
            never();
        }
        x
    }
    leave(file: String) -> u64 { leave_at_end(file) }
    write_to(fd: u64) -> u64 {
        // SAFETY: writes one byte to a descriptor that no other code of the test uses.
        (unsafe { libc::write(fd as i32, c"x".as_ptr().cast(), 1) }) as u64
    }
    processors(_x: u64) -> String { processors_here() }
    terminate_parent(_x: u64) -> u64 { send(std::os::unix::process::parent_id(), libc::SIGKILL); signal(libc::SIGSTOP); 0 }
    handled(_x: u64) -> u64 { signal(libc::SIGINT); 1 }
    place(_x: u64) -> (u64, u64) {
        let (seed, index) = joblib_runtime::process::current_task().expect("a task is running");
        (seed.unwrap_or(0), index as u64)
    }
    scribble_at_7(x: u64) -> u64 { if x == 7 { scribble() } x }
    noted_scribble(task: (u64, u64)) -> u64 { noted(task, scribble) }
    noted_wipe(task: (u64, u64)) -> u64 { noted(task, wipe_others) }
    noted_wipe_and_end(task: (u64, u64)) -> u64 { noted(task, || { wipe_others(); signal(libc::SIGKILL) }) }
    standard_input(_x: u64) -> u64 { std::io::read_to_string(std::io::stdin()).map_or(99, |text| text.len() as u64) }
}

/// Returns the number of descriptors that can be read or written, and are not just
/// reserved.
fn usable_descriptors() -> u64 {
    let entries = std::fs::read_dir("/proc/self/fd").expect("the descriptors can be listed");
    let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    // SAFETY: reads flags, which fails if the descriptor is closed.
    let flags = |fd: i32| unsafe { libc::fcntl(fd, libc::F_GETFL) };
    let is_usable = |fd: &i32| flags(*fd) & libc::O_PATH == 0;
    numbers.filter(is_usable).count() as u64
}

/// Returns the identity and rights of this process, as far as the tests change them.
pub(crate) fn standing_here() -> String {
    let status = std::fs::read_to_string("/proc/self/status").expect("the status can be read");
    let umask = status.lines().find(|line| line.starts_with("Umask"));
    let from_environment = std::env::var("JOBLIB_TEST_SAID").unwrap_or_default();
    let mut files = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the pointer is valid; the other calls have no preconditions.
    let (user, group, nice) = unsafe {
        libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut files);
        (
            libc::geteuid(),
            libc::getegid(),
            libc::getpriority(libc::PRIO_PROCESS, std::process::id()),
        )
    };
    let files = files.rlim_cur;
    format!("{user} {group} {umask:?} {from_environment:?} {files} {nice}")
}

/// Returns the rights of this thread.
pub(crate) fn rights_here() -> String {
    let status =
        std::fs::read_to_string("/proc/thread-self/status").expect("the status can be read");
    let is_about_rights = |line: &&str| line.starts_with("Cap") || line.starts_with("NoNewPrivs");
    let lines: Vec<_> = status.lines().filter(is_about_rights).collect();
    lines.join(" ")
}

/// Returns the cores that this thread may run on.
pub(crate) fn processors_here() -> String {
    let status =
        std::fs::read_to_string("/proc/thread-self/status").expect("the status can be read");
    let line = status
        .lines()
        .find(|line| line.starts_with("Cpus_allowed_list"));
    line.expect("the status has the field").to_owned()
}

/// Makes this thread write to the file when it ends, and this process when it exits.
fn leave_at_end(file: String) -> u64 {
    struct Note(String);
    impl Drop for Note {
        fn drop(&mut self) {
            std::fs::write(&self.0, "the thread ended").expect("the file can be written");
        }
    }
    thread_local! { static NOTE: RefCell<Option<Note>> = const { RefCell::new(None) }; }
    static AT_EXIT: OnceLock<String> = OnceLock::new();
    extern "C" fn at_exit() {
        let file = AT_EXIT.get().expect("the file is set");
        std::fs::write(file, "the process ended").expect("the file can be written");
    }
    AT_EXIT.get_or_init(|| format!("{file}.exit"));
    NOTE.with_borrow_mut(|note| *note = Some(Note(file)));
    // SAFETY: the function is static.
    unsafe { libc::atexit(at_exit) };
    1
}

static READY: AtomicBool = AtomicBool::new(false);

/// An initializer without arguments that makes `is_ready` return true.
pub(crate) const INITIALIZE: Registration = Registration {
    name: "initialize",
    identity: TypeId::of::<()>,
    fingerprint: 0,
    schema: "",
    open: |_| {
        Some(Ok(Box::new(|reader, put| {
            reader.end()?;
            READY.store(true, Ordering::Relaxed);
            put(&MessageWriter::new());
            Ok(())
        })))
    },
};

inventory::submit! { INITIALIZE }

/// Sums the shared numbers, starting at an index.
pub(crate) const SUM_FROM: Registration = Registration {
    name: "sum_from",
    identity: TypeId::of::<()>,
    fingerprint: 0,
    schema: "",
    open: open_sum,
};

inventory::submit! { SUM_FROM }

fn open_sum(shared: &mut MessageReader<'static>) -> Option<Result<Instance, MessageError>> {
    Some(shared.numbers::<f64>().map(|numbers| {
        let is_borrowed = matches!(numbers, joblib_runtime::wire::ReceivedSlice::Borrowed(_));
        Box::new(
            move |reader: &mut MessageReader<'_>, put: &mut dyn FnMut(&MessageWriter<'_>)| {
                let from: u64 = reader.value()?;
                let sum: f64 = numbers[from as usize..].iter().sum();
                let mut writer = MessageWriter::new();
                writer.value(&(sum as u64, u64::from(is_borrowed)))?;
                put(&writer);
                Ok(())
            },
        ) as Instance
    }))
}

/// Does not return while any test runs.
fn never() {
    std::thread::sleep(Duration::from_secs(3600));
}

/// Sends a signal to this thread, so that it is delivered before this returns.
fn signal(signal: i32) {
    // SAFETY: sends a signal, which accesses no memory.
    unsafe { libc::raise(signal) };
}

fn send(process: u32, signal: i32) {
    // SAFETY: sends a signal, which accesses no memory.
    unsafe { libc::kill(process as i32, signal) };
}

#[allow(unconditional_recursion)]
fn overflow(x: u64) -> u64 {
    let large = std::hint::black_box([x; 1024]);
    overflow(large[0]).wrapping_add(large[1])
}

/// Returns the sockets of this process, as a faulty task may access them.
fn sockets() -> Vec<i32> {
    let entries = std::fs::read_dir("/proc/self/fd").expect("the descriptors can be listed");
    let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let is_socket = |fd: &i32| {
        let target = std::fs::read_link(format!("/proc/self/fd/{fd}"));
        target.is_ok_and(|target| target.to_string_lossy().starts_with("socket:"))
    };
    numbers
        .filter(|fd: &i32| *fd > 2 && is_socket(fd))
        .collect()
}

fn write_to_sockets(bytes: &[u8]) {
    for fd in sockets() {
        // SAFETY: the descriptor was just listed as open.
        let fd = unsafe { BorrowedFd::borrow_raw(fd) };
        let mut file =
            std::fs::File::from(fd.try_clone_to_owned().expect("the file can be copied"));
        file.write_all(bytes).expect("the socket can be written");
        assert!(file.as_raw_fd() > 2);
    }
}

/// Overwrites all memory that this process shares with its parent.
fn scribble() {
    let ring = Shared::find();
    let byte = [0, 1, 0x7F, 0xFF][std::process::id() as usize % 4];
    ring.write(&vec![byte; ring.len]);
    never();
}

/// Erases the records of the ring for all tasks except the running one.
fn wipe_others() {
    const SLOTS: std::ops::Range<usize> = 256..256 + 4096 * 8;
    const CLAIMED: u8 = 2;
    let ring = Shared::find();
    let mut bytes = ring.read();
    for slot in bytes[SLOTS].chunks_exact_mut(8) {
        if slot[0] % 8 != CLAIMED {
            slot.fill(0);
        }
    }
    ring.write(&bytes[..SLOTS.end]);
}

/// The memory that a worker shares with its parent.
struct Shared {
    memory: std::fs::File,
    start: u64,
    len: usize,
}

impl Shared {
    fn find() -> Shared {
        let maps = std::fs::read_to_string("/proc/self/maps").expect("the maps can be read");
        let ring = maps.lines().find(|line| line.contains("joblib-task-ring"));
        let range = ring
            .and_then(|line| line.split(' ').next())
            .expect("the ring is mapped");
        let (start, end) = range.split_once('-').expect("an address range");
        let number = |text| u64::from_str_radix(text, 16).expect("a number");
        let mut options = std::fs::OpenOptions::new();
        let memory = options.read(true).write(true).open("/proc/self/mem");
        Shared {
            memory: memory.expect("the memory can be opened"),
            start: number(start),
            len: (number(end) - number(start)) as usize,
        }
    }

    fn read(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.len];
        let read = self.memory.read_exact_at(&mut bytes, self.start);
        read.expect("the memory can be read");
        bytes
    }

    fn write(&self, bytes: &[u8]) {
        let written = self.memory.write_all_at(bytes, self.start);
        written.expect("the memory can be written");
    }
}

/// Returns the path of the file in which a caller's tasks record that they started.
pub(crate) fn begun(owner: u64) -> std::path::PathBuf {
    std::env::temp_dir().join(format!("joblib-begun-{owner}"))
}

/// Records that it started, and calls `gone_wrong` if it is the seventh task.
fn noted((number, owner): (u64, u64), gone_wrong: fn()) -> u64 {
    let mut options = std::fs::OpenOptions::new();
    let file = options.append(true).create(true).open(begun(owner));
    writeln!(file.expect("the file can be opened"), "{number}").expect("the file can be written");
    if number == 7 {
        gone_wrong();
    }
    number
}

fn bell() -> Vec<u8> {
    let mut bell = vec![0; 16];
    bell[..4].copy_from_slice(&6_u32.to_ne_bytes());
    bell
}

fn close_sockets() {
    for fd in sockets() {
        // SAFETY: the owner of the descriptor will fail because it is closed, which is
        // what this tests.
        drop(unsafe { std::os::fd::OwnedFd::from_raw_fd(fd) });
    }
    never()
}

/// Dies the first time that it is called with this number. The second number identifies
/// the process that owns the record.
fn kill_the_first_time((number, owner): (u64, u64)) -> u64 {
    let trace = std::env::temp_dir().join(format!("joblib-once-{owner}-{number}"));
    if std::fs::OpenOptions::new()
        .create_new(true)
        .write(true)
        .open(&trace)
        .is_ok()
    {
        signal(libc::SIGKILL);
    }
    let _ = std::fs::remove_file(trace);
    number
}
