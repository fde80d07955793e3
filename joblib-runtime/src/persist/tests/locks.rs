//! Values behind locks: they are written without a copy, and no lock is waited for
//! while another one is held.

use std::cell::RefCell;
use std::io::Write;
use std::sync::{Arc, Mutex, RwLock, mpsc};
use std::thread;

use super::memory::peak;
use super::{Place, dumped, read};
use crate::persist::{Dump, Durability, Save, dump, hash, load};

const LEN: usize = 8 << 20;

fn bytes() -> Vec<u8> {
    vec![7; LEN]
}

/// Asserts that writing a value does not copy it.
#[track_caller]
fn assert_not_copied(value: &impl Save) {
    let place = Place::new();
    let took = peak(|| dump(value, &place.path).unwrap());
    assert!(took < LEN / 2, "{took}");
}

#[test]
fn arrays_behind_locks_are_not_copied() {
    assert_not_copied(&Mutex::new(bytes()));
    assert_not_copied(&RwLock::new(bytes()));
    assert_not_copied(&RefCell::new(bytes()));
    assert_not_copied(&Arc::new(Mutex::new((1_u8, Some(bytes()), vec![bytes()]))));
    assert_not_copied(&[Mutex::new(bytes()), Mutex::new(bytes())]);
    assert_not_copied(&Mutex::new(RwLock::new(RefCell::new(bytes()))));
}

#[test]
fn what_is_behind_locks_is_as_without() {
    let plain = (vec![1.5; 1000], vec!["a".to_owned(); 3], vec![2.5; 300]);
    let locked = (
        Mutex::new(vec![1.5; 1000]),
        RwLock::new(vec!["a".to_owned(); 3]),
        RefCell::new(vec![2.5; 300]),
    );
    assert_eq!(dumped(&plain), dumped(&locked));
    assert_eq!(hash(&plain), hash(&locked));
    let place = Place::new();
    dump(&locked, &place.path).unwrap();
    assert_eq!(std::fs::read(&place.path).unwrap(), dumped(&plain));
}

#[test]
fn a_lock_that_comes_up_twice_is_no_deadlock() {
    let mutex = Arc::new(Mutex::new(vec![1_u64; 5000]));
    let rw = Arc::new(RwLock::new(vec![2_u64; 5000]));
    let twice = [mutex.clone(), mutex.clone(), mutex];
    let both = (twice, [rw.clone(), rw], Mutex::new(vec![3_u64; 5000]));
    let place = Place::new();
    dump(&both, &place.path).unwrap();
    let back: ([Vec<u64>; 3], [Vec<u64>; 2], Vec<u64>) = load(&place.path).unwrap();
    assert!(back.0.iter().all(|it| *it == [1; 5000]) && back.1[1] == [2; 5000]);
    assert!(back.2 == [3; 5000]);
    hash(&both);
}

#[test]
fn nobody_waits_for_a_lock_while_one_is_held_for_an_array() {
    // Another thread holds the second lock and requests the first one, at any moment of
    // a dump.
    for _ in 0..50 {
        let (first, second) = (Mutex::new(vec![1_u64; 5000]), Mutex::new(vec![2_u64; 5000]));
        let (has, was_told) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(|| {
                let held = second.lock().unwrap();
                has.send(()).unwrap();
                for _ in 0..1000 {
                    if first.try_lock().is_err() {
                        break;
                    }
                    thread::yield_now();
                }
                drop(first.lock().unwrap());
                drop(held);
            });
            was_told.recv().unwrap();
            let place = Place::new();
            let quickly = Dump::new().durability(Durability::Nothing);
            quickly.to(&place.path, &[&first, &second]).unwrap();
            let back: [Vec<u64>; 2] = load(&place.path).unwrap();
            assert!(back == [vec![1; 5000], vec![2; 5000]]);
        });
    }
}

#[test]
fn a_writer_of_the_users_may_take_the_lock_that_is_being_written() {
    /// Counts its calls in the value itself, behind the lock.
    struct Counting<'v>(&'v Mutex<(usize, Vec<u64>)>, Vec<u8>);
    impl Write for Counting<'_> {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().0 += 1;
            self.1.write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let value = Mutex::new((0, vec![1_u64; 200_000]));
    let mut out = Counting(&value, Vec::new());
    Dump::new().write(&mut out, &value).unwrap();
    let back: (usize, Vec<u64>) = read(&out.1).unwrap();
    assert!(back.1 == vec![1; 200_000]);
    // The same for a value with a long encoded body.
    let texts = Mutex::new(vec!["text".repeat(20_000); 20]);
    let mut out = Vec::new();
    Dump::new().write(&mut out, &texts).unwrap();
    assert!(read::<Vec<String>>(&out).unwrap() == *texts.lock().unwrap());
}

#[test]
fn a_lock_is_free_once_its_value_is_written_or_could_not_be() {
    let value = (Mutex::new(bytes()), RefCell::new(vec![1_u8; 5000]));
    dump(&value, Place::new().path).unwrap();
    assert!(value.0.try_lock().is_ok() && value.1.try_borrow_mut().is_ok());
    let poisoned = (Mutex::new(bytes()), Mutex::new(1_u8));
    thread::scope(|scope| {
        let poison = || {
            let _held = poisoned.1.lock();
            panic!("poison the lock");
        };
        scope.spawn(poison).join().unwrap_err();
    });
    let error = dump(&poisoned, Place::new().path).unwrap_err().to_string();
    assert!(error.contains("poisoned"), "{error}");
    assert!(poisoned.0.try_lock().is_ok());
}
