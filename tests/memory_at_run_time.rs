//! Programs choose at run time where the results of a memoized function are stored.

use std::cell::Cell;
use std::path::Path;
use std::sync::LazyLock;

use joblib::{Key, Memory, memoize};

/// Returns a new directory that exists until the process ends.
fn new_dir() -> &'static Path {
    let dir = tempfile::tempdir().unwrap();
    Box::leak(Box::new(dir)).path()
}

static LAZY: LazyLock<Memory> = LazyLock::new(|| Memory::at(new_dir().join("lazy")));

#[memoize(memory = *LAZY)]
fn dereferenced(n: u64) -> u64 {
    n + 1
}

#[memoize(memory = LAZY)]
fn lazy(n: u64) -> u64 {
    n + 2
}

#[memoize(memory = &LAZY)]
fn borrowed(n: u64) -> u64 {
    n + 3
}

#[test]
fn a_lazy_static_is_a_memory() {
    assert_eq!((dereferenced(1), lazy(1), borrowed(1)), (2, 3, 4));
    assert!(dereferenced::check(1) && lazy::check(1) && borrowed::check(1));
    assert_eq!(LAZY.entries().unwrap().len(), 3);
}

static FIRST: LazyLock<Memory> = LazyLock::new(|| Memory::at(new_dir()));
static SECOND: LazyLock<Memory> = LazyLock::new(|| Memory::at(new_dir()));

thread_local! {
    static USES_SECOND: Cell<bool> = const { Cell::new(false) };
}

fn current() -> &'static Memory {
    match USES_SECOND.get() {
        true => &SECOND,
        false => &FIRST,
    }
}

#[memoize(memory = current())]
fn called(n: u64) -> u64 {
    n * 2
}

#[test]
fn a_call_is_evaluated_for_every_call_of_the_function() {
    assert_eq!(called(4), 8);
    assert!(called::check(4));
    USES_SECOND.set(true);
    assert!(!called::check(4));
    assert_eq!(called(4), 8);
    assert_eq!((called::stats().misses, called::stats().hits()), (2, 0));
    assert_eq!(called(4), 8);
    assert!(called::forget(4));
    assert!(!called::check(4));
    USES_SECOND.set(false);
    assert!(called::check(4), "the other memory keeps its result");
    assert_eq!(called::shelve(4).get().unwrap(), 8);
    assert_eq!(called::key(4), called::key(4));
    called::clear();
    assert!(!called::check(4));
}

#[memoize(memory = Memory::at(dir))]
fn created(dir: &Path, n: u64) -> u64 {
    let _ = dir;
    n
}

#[test]
fn a_memory_may_be_created_by_the_expression() {
    let dir = new_dir();
    assert_eq!(created(dir, 5), 5);
    assert!(created::check(dir, 5));
    assert_eq!(Memory::at(dir).entries().unwrap().len(), 1);
}

#[memoize(memory = memory)]
fn given(memory: &Memory, n: u64) -> u64 {
    let _ = memory;
    n + 10
}

#[test]
fn an_argument_is_a_memory_and_not_part_of_the_key() {
    let (one, two) = (Memory::at(new_dir()), Memory::at(new_dir()));
    assert_eq!(given(&one, 1), 11);
    assert!(given::check(&one, 1) && !given::check(&two, 1));
    assert_eq!(given::key(&one, 1), given::key(&two, 1));
    assert_eq!((given(&one, 1), given(&two, 1)), (11, 11));
    assert_eq!((one.stats().hits(), one.stats().misses), (1, 1));
    assert_eq!((two.stats().hits(), two.stats().misses), (0, 1));
}

#[derive(Key)]
struct Simulation {
    memory: Memory,
    steps: u64,
}

impl Simulation {
    #[memoize(memory = self.memory)]
    fn run(&self, seed: u64) -> u64 {
        self.steps + seed
    }

    #[memoize(memory = self.memory)]
    async fn run_later(&self, seed: u64) -> u64 {
        self.steps * seed
    }

    #[memoize(memory = self.memory)]
    fn of_type<T: Key + Copy + Into<u64>>(&self, seed: T) -> u64 {
        self.steps - seed.into()
    }
}

trait Model {
    fn memory(&self) -> &Memory;
    fn fit(&self, n: u64) -> u64;
}

impl Model for Simulation {
    fn memory(&self) -> &Memory {
        &self.memory
    }

    #[memoize(memory = self.memory())]
    fn fit(&self, n: u64) -> u64 {
        self.steps + n
    }
}

#[test]
fn methods_use_the_memory_of_their_receiver() {
    let of = |steps| Simulation {
        memory: Memory::at(new_dir()),
        steps,
    };
    let (a, b) = (of(100), of(200));
    assert_eq!((a.run(1), b.run(1)), (101, 201));
    assert_eq!((a.of_type(1_u32), a.fit(3)), (99, 103));
    assert_eq!(pollster::block_on(a.run_later(2)), 200);
    assert_eq!(a.memory.entries().unwrap().len(), 4);
    assert_eq!(b.memory.entries().unwrap().len(), 1);
    let handle = Simulation::run_memo();
    assert!(handle.check(&a, 1) && handle.check(&b, 1));
    assert!(handle.forget(&a, 1));
    assert!(!handle.check(&a, 1) && handle.check(&b, 1));
    assert_eq!(handle.recompute(&a, 1), 101);
    assert_eq!(handle.shelve(&b, 1).get().unwrap(), 201);
    assert_eq!(handle.stats().misses, 3);
    let memory = a.memory();
    assert_eq!(memory.stats().misses, 5);
}

#[memoize(memory = memory)]
#[joblib::parallel(shared(memory))]
fn both(memory: &Memory, n: u64) -> u64 {
    let _ = memory;
    n + 20
}

#[test]
fn tasks_use_the_memory_that_they_share() {
    let memory = Memory::at(new_dir());
    let results = both::par(0..10, &memory)
        .backend(joblib::backend::Threads)
        .collect::<Vec<_>>();
    assert_eq!(results, (20..30).collect::<Vec<_>>());
    assert_eq!(memory.entries().unwrap().len(), 10);
}

#[test]
fn without_a_memory_calls_compute_and_nothing_is_stored() {
    let none = Memory::none();
    assert_eq!((given(&none, 1), given(&none, 1)), (11, 11));
    assert!(!given::check(&none, 1));
    let counted = Cell::new(0);
    let call = || none.cached("counted", &1, || counted.replace(counted.get() + 1));
    assert_eq!((call(), call()), (0, 1));
    assert_eq!(none.dir(), Path::new(""));
    assert_eq!(format!("{none:?}"), "Memory::none()");
    none.clear().unwrap();
    none.sync().unwrap();
    assert!(none.entries().unwrap().is_empty());
    assert_eq!(none.verify().unwrap().entries, 0);
    assert_eq!(none.reduce_size(0).unwrap().items, 0);
    assert_eq!(given::shelve(&none, 1).get().unwrap(), 11);
}

#[test]
fn results_outlive_their_memory() {
    let dir = new_dir();
    let before = given::stats();
    assert_eq!(given(&Memory::at(dir), 70), 80);
    assert_eq!(given(&Memory::at(dir), 70), 80);
    let since = given::stats();
    assert!(since.misses > before.misses && since.hits() > before.hits());
}

#[memoize(dir = "$CARGO_MANIFEST_DIR/target/tmp-cache-of-package")]
fn in_package(n: u64) -> u64 {
    n
}

#[memoize(dir = "$WORKSPACE/target/tmp-cache-of-workspace")]
fn in_workspace(n: u64) -> u64 {
    n
}

#[memoize(dir = "$USER_CACHE/joblib-rs-test-of-anchors")]
fn in_user_cache(n: u64) -> u64 {
    n
}

#[test]
fn directories_may_be_anchored() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let user = new_dir();
    // SAFETY: the tests of this process that read this variable run on this thread.
    unsafe { std::env::set_var("XDG_CACHE_HOME", user) };
    assert_eq!(
        (in_package(1), in_workspace(2), in_user_cache(3)),
        (1, 2, 3)
    );
    for dir in [
        root.join("target/tmp-cache-of-package"),
        root.join("target/tmp-cache-of-workspace"),
        user.join("joblib-rs-test-of-anchors"),
    ] {
        assert_eq!(Memory::at(&dir).entries().unwrap().len(), 1, "{dir:?}");
        Memory::at(&dir).clear().unwrap();
    }
}
