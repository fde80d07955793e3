//! A library between the application and the published crate. Each function
//! answers differently where one thing about the build is another.

/// A feature that another member of the workspace asks for.
pub fn member_feature(n: u64) -> u64 {
    if cfg!(feature = "wide") { n * 3 } else { n * 2 }
}

/// A feature that a dependency for tests and examples asks for.
pub fn example_feature(n: u64) -> u64 {
    #[cfg(feature = "checked")]
    return n + 1_000;
    #[cfg(not(feature = "checked"))]
    return n;
}

/// A condition in the flags of the compiler.
pub fn condition(n: u64) -> u64 {
    if cfg!(mutant = "a") {
        n + 7
    } else if cfg!(mutant = "b") {
        n + 8
    } else {
        n
    }
}

/// A variable of the environment, or of cargo's configuration.
pub fn variable(n: u64) -> String {
    format!("{:?} {n}", option_env!("EVENTS_TUNING"))
}

/// A variable that the build script sets.
pub fn scripted(n: u64) -> String {
    format!("{} {n}", env!("EVENTS_SCRIPTED"))
}

include!(concat!(env!("OUT_DIR"), "/made.rs"));

/// What the edition decides: an array gives its elements, or borrows them.
#[allow(array_into_iter)]
pub fn edition(n: u64) -> usize {
    let bytes = [n as u8, 3];
    bytes.into_iter().map(|byte| size(&byte)).sum()
}

fn size<T>(_: &T) -> usize {
    std::mem::size_of::<T>()
}

/// Assertions that the profile turns on.
pub fn asserted(n: u64) -> u64 {
    if cfg!(debug_assertions) { n } else { n + 1 }
}

/// The line where it stands.
pub fn line(n: u64) -> u64 {
    n * u64::from(line!())
}

/// The directory where it is compiled.
pub fn place(n: u64) -> String {
    format!("{} {n}", env!("CARGO_MANIFEST_DIR"))
}
