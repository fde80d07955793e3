//! Detects inputs that never block: iterators over data in memory, recognized by the name
//! of their type. Any other input may be a channel, a socket or the lines of a terminal,
//! and is pulled by a thread that no result depends on.

use std::any::type_name;

/// Iterators over data in memory.
const SOURCES: [&str; 22] = [
    "core::ops::range::Range<",
    "core::ops::range::RangeInclusive<",
    "core::ops::range::RangeFrom<",
    "core::slice::iter::Iter<",
    "core::slice::iter::IterMut<",
    "core::slice::iter::Chunks<",
    "core::slice::iter::ChunksExact<",
    "core::slice::iter::Windows<",
    "core::array::iter::IntoIter<",
    "core::option::IntoIter<",
    "core::iter::sources::once::Once<",
    "core::iter::sources::repeat::Repeat<",
    "core::iter::sources::repeat_n::RepeatN<",
    "core::iter::sources::empty::Empty<",
    "core::str::iter::Chars",
    "core::str::iter::Lines",
    "alloc::vec::into_iter::IntoIter<",
    "alloc::vec::drain::Drain<",
    "alloc::collections::vec_deque::into_iter::IntoIter<",
    "alloc::collections::vec_deque::iter::Iter<",
    "alloc::collections::btree::map::IntoIter<",
    "std::collections::hash::map::IntoIter<",
];

/// Adaptors that run no code except that of the iterators in their type parameters.
const ADAPTORS: [&str; 12] = [
    "core::iter::adapters::chain::Chain<",
    "core::iter::adapters::cloned::Cloned<",
    "core::iter::adapters::copied::Copied<",
    "core::iter::adapters::cycle::Cycle<",
    "core::iter::adapters::enumerate::Enumerate<",
    "core::iter::adapters::fuse::Fuse<",
    "core::iter::adapters::rev::Rev<",
    "core::iter::adapters::skip::Skip<",
    "core::iter::adapters::step_by::StepBy<",
    "core::iter::adapters::take::Take<",
    "core::iter::adapters::zip::Zip<",
    "alloc::boxed::Box<",
];

/// Whether `I` is known never to block. A false negative costs a little time.
pub(super) fn is_prompt<I>() -> bool {
    is_name_of_prompt(type_name::<I>())
}

fn is_name_of_prompt(name: &str) -> bool {
    let name = name.strip_prefix("&mut ").unwrap_or(name);
    if SOURCES.iter().any(|source| name.starts_with(source)) {
        return true;
    }
    let inner = ADAPTORS.iter().find_map(|it| name.strip_prefix(it));
    let inner = inner.and_then(|inner| inner.strip_suffix('>'));
    inner.is_some_and(|inner| parameters(inner).all(is_name_of_prompt))
}

/// Splits a list of type parameters at the commas outside of brackets.
fn parameters(mut list: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        if list.is_empty() {
            return None;
        }
        let mut depth = 0_usize;
        let is_end = |c: char| {
            match c {
                '<' | '(' | '[' => depth += 1,
                '>' | ')' | ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            c == ',' && depth == 0
        };
        let (first, rest) = match list.find(is_end) {
            Some(end) => (&list[..end], &list[end + 1..]),
            None => (list, ""),
        };
        list = rest;
        Some(first.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is<I: Iterator>(_: &I) -> bool {
        is_prompt::<I>()
    }

    #[test]
    fn what_is_in_memory_is_given_at_once() {
        let numbers = [1, 2, 3];
        assert!(is(&(0..5)));
        assert!(is(&(0..=5_u64).rev()));
        assert!(is(&numbers.iter()));
        assert!(is(&numbers.into_iter()));
        assert!(is(&vec![String::new()].into_iter()));
        assert!(is(&numbers.iter().copied().enumerate().skip(1)));
        assert!(is(&numbers.chunks(2).zip(vec![(1, "a")])));
        assert!(is(&std::iter::repeat_n(1, 3).chain(Some(2))));
        assert!(is(&&mut (0..5)));
    }

    #[test]
    fn what_code_of_others_gives_may_take_its_time() {
        let (_sender, receiver) = std::sync::mpsc::channel::<u8>();
        assert!(!is(&receiver.iter()));
        assert!(!is(&receiver.try_iter()));
        assert!(!is(&(0..5).map(|x| x + 1)));
        assert!(!is(&(0..5).zip((0..5).filter(|x| x % 2 == 0))));
        assert!(!is(&std::io::stdin().lines()));
        let boxed: Box<dyn Iterator<Item = u8>> = Box::new(0..5_u8);
        assert!(!is(&boxed));
    }
}
