//! An audit detects a dependency that no source shows in every kind of memoized function.

use std::sync::atomic::Ordering::SeqCst;

use joblib::{Memory, Stats, finish_audits, memoize};

use super::{Twice, UNSEEN, again, audit_warnings, block_on, is_again, unseen};

memory!(ALL, "all");

#[memoize(memory = ALL)]
fn kept(x: u64) -> u64 {
    x + unseen()
}

#[memoize(memory = ALL)]
fn kept_of_many(words: Vec<Option<String>>, (): (), pair: (u8, [bool; 2])) -> usize {
    words.len() + pair.1.len() + unseen() as usize
}

#[memoize(memory = ALL)]
fn borrowed(words: &[&str]) -> u64 {
    words.len() as u64 + unseen()
}

#[memoize(memory = ALL, memory_tier = false)]
fn from_disk(x: u64) -> Result<Vec<u64>, String> {
    Ok(vec![x, unseen()])
}

#[memoize(memory = ALL)]
fn generic<T: joblib::Key + Into<u64>>(x: T) -> u64 {
    x.into() + unseen()
}

#[memoize(memory = ALL)]
async fn later(x: u64) -> u64 {
    Twice(false).await;
    x + unseen()
}

#[derive(Clone, Copy, joblib::Key)]
struct Scale(u64);

impl Scale {
    #[memoize(memory = ALL)]
    fn scaled(&self, x: u64) -> u64 {
        self.0 * x + unseen()
    }

    #[memoize(memory = ALL)]
    async fn scaled_later(&self, x: u64) -> u64 {
        Twice(false).await;
        self.0 * x + unseen()
    }
}

trait Area {
    fn area(&self) -> u64;
}

impl Area for Scale {
    #[memoize(memory = ALL)]
    fn area(&self) -> u64 {
        self.0 * self.0 + unseen()
    }
}

fn is_send<T: Send>(value: T) -> T {
    value
}

/// The name of a function, a call of it, and its statistics.
type Calls = Vec<(&'static str, Box<dyn Fn() -> u64>, Box<dyn Fn() -> Stats>)>;

fn calls() -> Calls {
    let scale = Scale(3);
    vec![
        ("kept", Box::new(|| kept(1)), Box::new(kept::stats)),
        (
            "kept_of_many",
            Box::new(|| kept_of_many(vec![None, Some("a".into())], (), (1, [true; 2])) as u64),
            Box::new(kept_of_many::stats),
        ),
        (
            "borrowed",
            Box::new(|| borrowed(&["a", "b"])),
            Box::new(borrowed::stats),
        ),
        (
            "from_disk",
            Box::new(|| from_disk(1).unwrap()[1]),
            Box::new(from_disk::stats),
        ),
        (
            "generic",
            Box::new(|| generic(1u8)),
            Box::new(generic::stats),
        ),
        (
            "later",
            Box::new(|| block_on(is_send(later(1)))),
            Box::new(later::stats),
        ),
        (
            "scaled",
            Box::new(move || scale.scaled(2)),
            Box::new(|| Scale::scaled_memo().stats()),
        ),
        (
            "scaled_later",
            Box::new(move || block_on(is_send(scale.scaled_later(2)))),
            Box::new(|| Scale::scaled_later_memo().stats()),
        ),
    ]
}

#[test]
fn a_hidden_dependency_is_detected_in_every_kind_of_function() {
    if is_again() {
        ALL.clear().unwrap();
        for (name, call, stats) in calls() {
            UNSEEN.store(0, SeqCst);
            let first = call();
            assert_eq!(call(), first);
            finish_audits();
            let counted = stats();
            let counts =
                |stats: Stats| (stats.misses, stats.hits(), stats.audited, stats.differing);
            assert_eq!(counts(counted), (1, 1, 1, 0), "{name}");
            UNSEEN.store(7, SeqCst);
            assert_eq!(call(), first, "{name} returns the stored result");
            assert_eq!(call(), first, "{name}, on the second differing hit");
            finish_audits();
            assert_eq!(counts(stats()), (1, 3, 3, 2), "{name}");
        }
        let scale = Scale(3);
        let stats = ALL.stats();
        UNSEEN.store(0, SeqCst);
        assert_eq!([scale.area(), scale.area()], [9, 9]);
        UNSEEN.store(1, SeqCst);
        assert_eq!(scale.area(), 9);
        let since = ALL.stats();
        assert_eq!(since.audited - stats.audited, 2, "of traits");
        assert_eq!(since.differing - stats.differing, 1, "of traits");
        assert!(
            ALL.stats().to_string().contains(" audited ("),
            "{}",
            ALL.stats()
        );
        return;
    }
    let output = again(
        "kinds::a_hidden_dependency_is_detected_in_every_kind_of_function",
        &[],
    );
    let lines = audit_warnings(&output);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(lines.len(), calls().len() + 1, "{lines:#?}");
    for (name, ..) in calls() {
        let of = |line: &&String| line.contains(&format!("{name} (tests/audit/kinds.rs:"));
        let line = lines.iter().find(of);
        let line = line.unwrap_or_else(|| panic!("{name}: {lines:#?}"));
        for part in ["with the key ", ": stored ", "source items", "`reaches()`"] {
            assert!(line.contains(part), "{part:?} in {line}");
        }
    }
    let key = kept::key(1).to_string();
    assert!(
        lines.iter().any(|line| line.contains(&key)),
        "{key}: {lines:#?}"
    );
}
