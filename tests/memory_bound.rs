//! Values that are reordered while they are written need much less memory than their own
//! size.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use joblib::Dump;
use joblib::persist::Save;

/// An allocator that counts allocated bytes.
struct Counting;

/// Serializes the tests, so that each counts only its own allocations.
static ALONE: Mutex<()> = Mutex::new(());
static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: the system allocator does all the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(now, Ordering::Relaxed);
        // SAFETY: the caller upholds the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller upholds the contract of `dealloc`.
        unsafe { System.dealloc(start, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Returns the peak of bytes that writing `value` allocates.
fn peak_of_writing(value: &impl Save) -> usize {
    let before = NOW.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    Dump::new().write(std::io::sink(), value).unwrap();
    PEAK.load(Ordering::Relaxed) - before
}

#[test]
fn strided_arrays_are_written_in_bounded_memory() {
    const LIMIT: usize = 3 << 20;
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let array = ndarray::Array2::<f64>::zeros((4000, 2000));
    for view in [
        array.view(),
        array.t(),
        array.slice(ndarray::s![.., 1..]),
        array.slice(ndarray::s![..;-1, ..;2]),
    ] {
        let peak = peak_of_writing(&view);
        assert!(peak < LIMIT, "{peak} bytes for {:?}", view.strides());
    }
    let matrix = nalgebra::DMatrix::<f64>::zeros(4000, 2000);
    for view in [
        matrix.view((0, 0), (4000, 2000)),
        matrix.view((1, 0), (3999, 2000)),
    ] {
        let peak = peak_of_writing(&view);
        assert!(peak < LIMIT, "{peak} bytes for {:?}", view.strides());
    }
    let back = vec![0.0_f64; 1 << 20];
    let front = vec![1.0_f64; 1 << 20];
    let mut deque = std::collections::VecDeque::from(back);
    front.into_iter().for_each(|it| deque.push_front(it));
    let peak = peak_of_writing(&deque);
    assert!(peak < LIMIT, "{peak} bytes for a deque");
}

#[test]
fn a_map_is_written_in_bounded_memory() {
    // A hash map is sorted when it is written.
    const HASHED: usize = 20 << 20;
    const SORTED: usize = 4 << 20;
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let map: std::collections::HashMap<u64, String> =
        (0..1_000_000).map(|n| (n, n.to_string())).collect();
    let peak = peak_of_writing(&map);
    assert!(peak < HASHED, "{peak} bytes for a map");
    let set: std::collections::BTreeSet<u64> = (0..1_000_000).collect();
    let peak = peak_of_writing(&set);
    assert!(peak < SORTED, "{peak} bytes for a set");
}
