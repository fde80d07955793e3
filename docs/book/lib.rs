//! The book for users. Each Rust example in its chapters is a documentation test of this
//! package.

use tempfile::TempDir;

/// Makes a new empty directory the current one. The directory is removed when the value
/// is dropped, so that an example leaves no cache and no file behind.
///
/// # Panics
///
/// Panics if the directory cannot be created or entered.
pub fn temporary_directory() -> TempDir {
    let directory = TempDir::new().expect("a temporary directory can be created");
    std::env::set_current_dir(&directory).expect("a new directory can be entered");
    directory
}

/// Includes chapters as documentation.
#[cfg(doctest)]
macro_rules! chapters {
    ($($name:ident: $file:literal,)*) => {
        $(
            #[doc = include_str!(concat!("src/", $file))]
            mod $name {}
        )*
    };
}

#[cfg(doctest)]
chapters! {
    first_steps: "first-steps.md",
    memoization: "memoization.md",
    keys: "keys.md",
    fingerprints: "fingerprints.md",
    parallel_calls: "parallel-calls.md",
    processes: "processes.md",
    files: "files.md",
    performance_guide: "performance-guide.md",
    shared_cache: "shared-cache.md",
    testing: "testing.md",
    notebooks: "notebooks.md",
    troubleshooting: "troubleshooting.md",
    from_python: "from-python.md",
    from_python_memory: "from-python-memory.md",
    from_python_parallel: "from-python-parallel.md",
    from_python_files: "from-python-files.md",
}
