//! Functions over bitflags, whose macro writes what they call.

#[macro_use]
extern crate bitflags;

use joblib::memoize;

bitflags! {
    struct Rights: u32 {
        const READ = 0b0001;
        const WRITE = 0b0010;
        const EXECUTE = 0b0100;
        const BOTH = 0b0011;
        const HIGH = 1 << 9;
    }
}

bitflags! {
    struct Small: u8 {
        const A = 1;
        const B = 6;
        const NONE = 0;
    }
}

fn rights(n: u64) -> Rights {
    Rights::from_bits_truncate((n * 0x95 + n) as u32)
}

#[memoize]
pub fn truncated(n: u64) -> u32 {
    rights(n).bits()
}

#[memoize]
pub fn exact(n: u64) -> Option<u32> {
    Rights::from_bits(n as u32 * 2).map(|rights| rights.bits())
}

#[memoize]
pub fn all(n: u64) -> u64 {
    n + u64::from(Rights::all().bits()) + u64::from(Small::all().bits())
}

#[memoize]
pub fn negated(n: u64) -> u32 {
    (!rights(n)).bits()
}

#[memoize]
pub fn combined(n: u64) -> [u32; 4] {
    let pair = || (rights(n), rights(n + 3));
    let ((a, b), (c, d), (e, f), (g, h)) = (pair(), pair(), pair(), pair());
    [(a | b).bits(), (c & d).bits(), (e ^ f).bits(), (g - h).bits()]
}

#[memoize]
pub fn contained(n: u64) -> [bool; 4] {
    let rights = rights(n);
    [
        rights.contains(Rights::BOTH),
        rights.intersects(Rights::BOTH),
        rights.is_empty(),
        rights.is_all(),
    ]
}

#[memoize]
pub fn changed(n: u64) -> Vec<u32> {
    let mut rights = rights(n);
    let mut seen = vec![rights.bits()];
    rights.insert(Rights::HIGH);
    seen.push(rights.bits());
    rights.remove(Rights::READ);
    seen.push(rights.bits());
    rights.toggle(Rights::BOTH);
    seen.push(rights.bits());
    rights.set(Rights::EXECUTE, n % 2 == 0);
    seen.push(rights.bits());
    seen
}

#[memoize]
pub fn collected(n: u64) -> u32 {
    let all = (0..n).map(rights).collect::<Rights>();
    all.bits()
}

#[memoize]
pub fn small(n: u64) -> (u8, bool) {
    let small = Small::from_bits_truncate(n as u8 * 3);
    (small.bits(), small.contains(Small::B))
}
