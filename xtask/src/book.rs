//! `cargo xtask book`: makes web pages of the book. `cargo xtask test` runs its examples
//! and checks its links without them.

use crate::shell::{Result, cargo, root, succeed, target};

/// Writes the pages to `target/book`.
pub(crate) fn run() -> Result {
    let program = root().join("docs/book/html/Cargo.toml");
    succeed(
        cargo()
            .args(["run", "--quiet", "--manifest-path"])
            .arg(program)
            .arg("--target-dir")
            .arg(target().join("book-html"))
            .arg("--")
            .arg(target().join("book")),
    )
}
