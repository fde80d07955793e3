//! A library between the application and the published crate. The answer of
//! each function depends on one setting of the build.

/// Depends on a feature that another member of the workspace enables.
pub fn member_feature(n: u64) -> u64 {
    if cfg!(feature = "wide") { n * 3 } else { n * 2 }
}

/// Depends on a feature that a dev-dependency enables.
pub fn example_feature(n: u64) -> u64 {
    #[cfg(feature = "checked")]
    return n + 1_000;
    #[cfg(not(feature = "checked"))]
    return n;
}

/// Depends on a cfg in the compiler flags.
pub fn condition(n: u64) -> u64 {
    if cfg!(mutant = "a") {
        n + 7
    } else if cfg!(mutant = "b") {
        n + 8
    } else {
        n
    }
}

/// Depends on a variable of the environment or of cargo's configuration.
pub fn variable(n: u64) -> String {
    format!("{:?} {n}", option_env!("EVENTS_TUNING"))
}

/// Depends on a variable that the build script sets.
pub fn scripted(n: u64) -> String {
    format!("{} {n}", env!("EVENTS_SCRIPTED"))
}

include!(concat!(env!("OUT_DIR"), "/made.rs"));

/// Depends on the edition: an array yields its elements, or borrows them.
#[allow(array_into_iter)]
pub fn edition(n: u64) -> usize {
    let bytes = [n as u8, 3];
    bytes.into_iter().map(|byte| size(&byte)).sum()
}

fn size<T>(_: &T) -> usize {
    std::mem::size_of::<T>()
}

/// Depends on the debug assertions of the profile.
pub fn asserted(n: u64) -> u64 {
    if cfg!(debug_assertions) { n } else { n + 1 }
}

/// Depends on its line number.
pub fn line(n: u64) -> u64 {
    n * u64::from(line!())
}

/// Depends on the directory in which it is compiled.
pub fn place(n: u64) -> String {
    format!("{} {n}", env!("CARGO_MANIFEST_DIR"))
}
