//! A program closes every descriptor that it did not open, as daemons do, while the
//! library has descriptors open, and then opens files of its own under the same numbers.
//! The library must not write to, lock, read, truncate or close those files, and must
//! continue or report why it cannot. Each test runs in a process of its own.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use joblib::backend::Processes;
use joblib::parallel::{ErrorKind, WorkerExit};
use joblib::{Memory, memoize, parallel};

/// Set in the child process that closes descriptors.
const CLOSES: &str = "CLOSES_FOR_A_TEST";

/// Runs `work` of the test `test` in a child process, in an empty directory.
#[track_caller]
fn passes_alone(test: &str, work: impl FnOnce()) {
    if std::env::var_os(CLOSES).is_some() {
        work();
        std::process::exit(0);
    }
    let directory = tempfile::tempdir().unwrap();
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args(["--exact", test, "--nocapture", "--test-threads=1"]);
    program.env(CLOSES, "").current_dir(directory.path());
    assert!(program.status().unwrap().success());
}

/// How a program closes the descriptors that it did not open.
#[derive(Clone, Copy, Debug)]
enum How {
    AtOnce,
    OneByOne,
}

/// Files that the program opens under all numbers that were closed.
struct Mine(Vec<(PathBuf, File)>);

const TEXT: &[u8] = b"mine";

impl Mine {
    fn instead_of_all(how: How, name: &str) -> Mine {
        match how {
            // SAFETY: the users of the closed descriptors are what the test checks.
            How::AtOnce => unsafe { libc::close_range(3, libc::c_uint::MAX, 0) },
            // SAFETY: as above.
            How::OneByOne => (3..1024).fold(0, |_, number| unsafe { libc::close(number) }),
        };
        let make = |number: u32| {
            let path = std::env::current_dir()
                .unwrap()
                .join(format!("{name} {number}"));
            let mut options = File::options();
            let mut file = options
                .read(true)
                .append(true)
                .create_new(true)
                .open(&path)
                .unwrap();
            file.write_all(TEXT).unwrap();
            (path, file)
        };
        Mine((0..60).map(make).collect())
    }

    #[track_caller]
    fn are_untouched(&self) {
        for (path, mut file) in self.0.iter().map(|(path, file)| (path, file)) {
            assert_eq!(fs::read(path).unwrap(), TEXT);
            let inode = file.metadata().expect("it is still open").ino();
            assert_eq!(inode, fs::metadata(path).unwrap().ino());
            file.write_all(b"!").unwrap();
            file.set_len(TEXT.len() as u64).unwrap();
            let other = File::open(path).unwrap();
            other.try_lock().expect("nobody has locked it");
        }
    }
}

static RESULTS: Memory = Memory::new("cache");
static FEW: Memory = Memory::new("few").limit_items(100);

#[memoize(memory = RESULTS, memory_tier = false)]
fn text(number: u64) -> String {
    number.to_string().repeat(100)
}

#[memoize(memory = RESULTS, memory_tier = false)]
fn large(number: u64) -> Vec<u64> {
    vec![number; 50_000]
}

#[memoize(memory = FEW, memory_tier = false)]
fn few(number: u64) -> u64 {
    number
}

/// A computation that closes all descriptors while its key is locked.
#[memoize(memory = RESULTS, memory_tier = false)]
#[allow(deprecated, reason = "no result depends on what the helper reads")]
fn closing(number: u64) -> u64 {
    CLOSED.set(Some(Mine::instead_of_all(How::AtOnce, "within")));
    number
}

thread_local! {
    static CLOSED: RefCell<Option<Mine>> = const { RefCell::new(None) };
}

#[test]
fn a_cache_keeps_working() {
    passes_alone("a_cache_keeps_working", || {
        let mut all = Vec::new();
        for (round, how) in [How::AtOnce, How::OneByOne, How::AtOnce]
            .into_iter()
            .enumerate()
        {
            let round = round as u64;
            for number in 0..50 * (round + 1) {
                assert_eq!(text::check(number), number < 50 * round);
                assert_eq!(text(number), number.to_string().repeat(100));
                assert_eq!(few(number), number);
            }
            assert_eq!(large(round), vec![round; 50_000]);
            let mine = Mine::instead_of_all(how, &round.to_string());
            assert!((0..50 * (round + 1)).all(text::check));
            assert!((0..=round).all(large::check));
            assert!((1000..1300).all(|number| few(number) == number));
            mine.are_untouched();
            // The files of the last round are closed, so they must not be closed again.
            all.into_iter().for_each(std::mem::forget);
            all = vec![mine];
        }
        assert_eq!(closing(7), 7);
        let within = CLOSED.take().unwrap();
        assert!(closing::check(7));
        text::clear();
        assert!(!text::check(1));
        RESULTS.clear().unwrap();
        assert!(!closing::check(7) && !large::check(0));
        assert_eq!(text(1), "1".repeat(100));
        within.are_untouched();
        all.into_iter().for_each(std::mem::forget);
    });
}

#[parallel]
fn double(number: u64) -> u64 {
    std::thread::sleep(std::time::Duration::from_micros(200));
    2 * number
}

#[parallel]
fn sum(numbers: Vec<f64>) -> f64 {
    numbers.iter().sum()
}

#[parallel(shared(numbers))]
fn nth(place: usize, numbers: &[f64]) -> f64 {
    numbers[place]
}

/// Tasks that were cut off report it; all other results are right.
#[track_caller]
fn are_right(outcomes: Vec<Result<u64, joblib::parallel::Error>>) {
    let mut right = 0;
    for (number, outcome) in (0..).zip(outcomes) {
        match outcome {
            Ok(doubled) => {
                assert_eq!(doubled, 2 * number);
                right += 1;
            }
            Err(error) => {
                let cut = ErrorKind::WorkerDied(WorkerExit::Cut);
                assert_eq!(format!("{:?}", error.failure()), format!("{cut:?}"));
                assert!(error.to_string().contains("closed descriptors"), "{error}");
            }
        }
    }
    // At most the tasks that were in progress failed.
    assert!(right >= 400 - 8, "{right}");
}

#[test]
fn a_call_survives_an_input_that_closes_all_descriptors() {
    passes_alone(
        "a_call_survives_an_input_that_closes_all_descriptors",
        || {
            for (name, how) in [("a", How::AtOnce), ("b", How::OneByOne)] {
                let mut mine = None;
                let numbers = (0..400_u64).inspect(|&number| {
                    if number == 200 {
                        mine = Some(Mine::instead_of_all(how, name));
                    }
                });
                are_right(double::par(numbers).backend(Processes).n_jobs(2).outcomes());
                let mine = mine.unwrap();
                mine.are_untouched();
                let again: Vec<u64> = double::par(0..20).backend(Processes).n_jobs(2).collect();
                assert_eq!(again, (0..20).map(|n| 2 * n).collect::<Vec<_>>());
                mine.are_untouched();
                std::mem::forget(mine);
            }
        },
    );
}

#[test]
fn a_stream_survives_a_consumer_that_closes_all_descriptors() {
    passes_alone(
        "a_stream_survives_a_consumer_that_closes_all_descriptors",
        || {
            let mut mine = None;
            let mut seen = Vec::new();
            let call = double::par(0..400_u64).backend(Processes).n_jobs(2);
            for (index, doubled) in call.retries(2).stream_unordered() {
                if seen.len() == 50 {
                    mine = Some(Mine::instead_of_all(How::AtOnce, "stream"));
                }
                seen.push((index, doubled));
            }
            seen.sort();
            assert!(seen.into_iter().eq((0..400).map(|n| (n, 2 * n as u64))));
            mine.unwrap().are_untouched();
        },
    );
}

#[test]
fn tasks_cut_off_by_closed_descriptors_are_retried() {
    passes_alone("tasks_cut_off_by_closed_descriptors_are_retried", || {
        let mut mine = None;
        let numbers = (0..400_u64).inspect(|&number| {
            if number == 200 {
                mine = Some(Mine::instead_of_all(How::AtOnce, "again"));
            }
        });
        let call = double::par(numbers).backend(Processes).n_jobs(2).retries(2);
        let doubled: Vec<u64> = call.collect();
        assert!(doubled.into_iter().eq((0..400).map(|n| 2 * n)));
        mine.unwrap().are_untouched();
    });
}

#[test]
fn large_arguments_are_right_or_missing() {
    passes_alone("large_arguments_are_right_or_missing", || {
        let shared = joblib::Shared::from_slice(&[0.5; 400_000]).unwrap();
        let whole: Vec<f64> = (0..400_000).map(f64::from).collect();
        let mut mine = None;
        let inputs = (0..12_usize).map(|number| {
            if number == 6 {
                mine = Some(Mine::instead_of_all(How::AtOnce, "large"));
            }
            vec![number as f64; 200_000]
        });
        let outcomes = sum::par(inputs).backend(Processes).n_jobs(2).outcomes();
        for (number, outcome) in outcomes.into_iter().enumerate() {
            match outcome {
                Ok(sum) => assert_eq!(sum, number as f64 * 200_000.0),
                Err(error) => assert!(error.to_string().contains("closed descriptors"), "{error}"),
            }
        }
        let mine = mine.unwrap();
        mine.are_untouched();
        for numbers in [&shared[..], &whole] {
            let call = nth::par(0..4, numbers).backend(Processes).n_jobs(2);
            assert_eq!(call.collect::<Vec<_>>(), numbers[..4]);
        }
        drop(shared);
        mine.are_untouched();
    });
}

static KEPT: std::sync::Mutex<Vec<Mine>> = std::sync::Mutex::new(Vec::new());

/// Closes all descriptors in the worker; prints before and after.
#[parallel]
fn close_in_task(number: u64) -> String {
    print!("before {number}");
    let mine = Mine::instead_of_all(
        How::AtOnce,
        &format!("task {} {number}", std::process::id()),
    );
    // A worker that is killed half-way may leave a file without its text.
    File::create(format!("done {} {number}", std::process::id())).unwrap();
    print!("after {number}");
    let directory = std::env::current_dir().unwrap();
    KEPT.lock().unwrap().push(mine);
    directory.display().to_string()
}

/// Returns the files of the tasks that created all of theirs.
fn files_of_tasks(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap();
    let names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let tasks = names.iter().filter_map(|name| name.strip_prefix("done "));
    tasks
        .flat_map(|task| (0..60).map(move |number| directory.join(format!("task {task} {number}"))))
        .collect()
}

#[test]
fn a_call_survives_a_task_that_closes_all_descriptors_of_its_worker() {
    passes_alone(
        "a_call_survives_a_task_that_closes_all_descriptors_of_its_worker",
        || {
            let directory = std::env::current_dir().unwrap();
            for captures in [false, true] {
                let call = close_in_task::par(0..4).backend(Processes).n_jobs(2);
                let call = if captures {
                    call.on_output(|_, _, _| ())
                } else {
                    call
                };
                // The result arrived before the worker ended, or the task was lost with the
                // worker.
                for outcome in call.outcomes() {
                    match outcome {
                        Ok(there) => assert_eq!(Path::new(&there), directory),
                        Err(error) => {
                            assert!(
                                matches!(error.failure(), ErrorKind::WorkerDied(_)),
                                "{error}"
                            );
                        }
                    }
                }
            }
            let files = files_of_tasks(&directory);
            assert!(files.len() >= 60, "{}", files.len());
            assert!(files.iter().all(|path| fs::read(path).unwrap() == TEXT));
        },
    );
}
