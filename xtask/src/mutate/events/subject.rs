//! The published crates that are walked over, and what can change about each.

/// A published crate and the functions that call it.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) name: &'static str,
    /// Consecutive releases, without yanked ones.
    pub(super) releases: &'static [&'static str],
    /// The index of the release that is patched and vendored.
    pub(super) edited_at: usize,
    /// The packages of the same release that the application depends on.
    pub(super) packages: &'static [&'static str],
    /// The package whose copy is edited.
    pub(super) edited: &'static str,
    /// The alternatives for the text that follows the version in the dependency
    /// entries.
    pub(super) features: &'static [&'static str],
    /// Dependencies of the crate, and versions of each.
    pub(super) below: &'static [(&'static str, &'static [&'static str])],
    /// A file of the application that a macro reads, and its alternative contents.
    pub(super) read: Option<(&'static str, [&'static str; 3])>,
    pub(super) repository: Option<Repository>,
    /// The source of the memoized functions.
    pub(super) harness: &'static str,
}

/// The repository in which the crate is developed.
#[derive(Debug)]
pub(super) struct Repository {
    pub(super) url: &'static str,
    /// The folder of the crate.
    pub(super) folder: &'static str,
}

impl Repository {
    const fn new(url: &'static str, folder: &'static str) -> Option<Repository> {
        Some(Repository { url, folder })
    }
}

const NO_FEATURES: &[&str] = &[""];

/// Every crate that is walked over.
pub(super) const SUBJECTS: &[Subject] = &[
    Subject {
        name: "fend-core",
        releases: &[
            "1.4.1", "1.4.2", "1.4.3", "1.4.4", "1.4.5", "1.4.6", "1.4.7", "1.4.8", "1.4.9",
            "1.5.0", "1.5.1", "1.5.2", "1.5.3", "1.5.4", "1.5.5", "1.5.6", "1.5.7", "1.5.8",
        ],
        edited_at: 16,
        packages: &["fend-core"],
        edited: "fend-core",
        features: NO_FEATURES,
        below: &[],
        read: None,
        repository: Repository::new("https://github.com/printfn/fend", "core"),
        harness: include_str!("harness/fend_core.rs"),
    },
    Subject {
        name: "textwrap",
        releases: &[
            "0.13.0", "0.13.1", "0.13.2", "0.13.3", "0.13.4", "0.14.0", "0.14.2", "0.15.0",
            "0.15.2", "0.16.0", "0.16.1", "0.16.2", "0.16.3", "0.16.4",
        ],
        edited_at: 9,
        packages: &["textwrap"],
        edited: "textwrap",
        features: &[
            "",
            "default-features = false",
            "default-features = false, features = [\"smawk\"]",
            "default-features = false, features = [\"unicode-width\"]",
            "default-features = false, features = [\"unicode-linebreak\", \"unicode-width\"]",
        ],
        below: &[
            (
                "unicode-width",
                &[
                    "0.1.5", "0.1.7", "0.1.9", "0.1.10", "0.1.11", "0.1.12", "0.1.13", "0.1.14",
                ],
            ),
            ("smawk", &["0.3.0", "0.3.1", "0.3.2", "0.3.3"]),
        ],
        read: None,
        repository: Repository::new("https://github.com/mgeisler/textwrap", ""),
        harness: include_str!("harness/textwrap.rs"),
    },
    Subject {
        name: "strum",
        releases: &[
            "0.20.0", "0.21.0", "0.22.0", "0.23.0", "0.24.0", "0.24.1", "0.25.0", "0.26.0",
            "0.26.1", "0.26.2", "0.26.3", "0.27.0", "0.27.1", "0.27.2", "0.28.0",
        ],
        edited_at: 10,
        packages: &["strum"],
        edited: "strum_macros",
        features: &[
            "features = [\"derive\"]",
            "features = [\"derive\", \"phf\"]",
            "default-features = false, features = [\"derive\"]",
        ],
        below: &[
            (
                "strum_macros",
                &[
                    "0.24.0", "0.24.2", "0.24.3", "0.25.0", "0.25.1", "0.25.2", "0.25.3", "0.26.1",
                    "0.26.2", "0.26.3", "0.26.4",
                ],
            ),
            ("heck", &["0.3.1", "0.3.2", "0.3.3", "0.4.0", "0.4.1"]),
        ],
        read: None,
        repository: Repository::new("https://github.com/Peternator7/strum", "strum"),
        harness: include_str!("harness/strum.rs"),
    },
    Subject {
        name: "num-bigint",
        releases: &[
            "0.3.3", "0.4.3", "0.4.4", "0.4.5", "0.4.6", "0.4.8", "0.5.1",
        ],
        edited_at: 5,
        packages: &["num-bigint"],
        edited: "num-bigint",
        features: &["", "default-features = false"],
        below: &[
            (
                "num-integer",
                &["0.1.42", "0.1.43", "0.1.44", "0.1.45", "0.1.46"],
            ),
            (
                "num-traits",
                &["0.2.11", "0.2.14", "0.2.15", "0.2.17", "0.2.18", "0.2.19"],
            ),
        ],
        read: None,
        repository: Repository::new("https://github.com/rust-num/num-bigint", ""),
        harness: include_str!("harness/num_bigint.rs"),
    },
    Subject {
        name: "fastrand",
        releases: &[
            "1.3.5", "1.4.0", "1.4.1", "1.5.0", "1.6.0", "1.7.0", "1.8.0", "1.9.0", "2.0.0",
            "2.0.1", "2.0.2", "2.1.0", "2.1.1", "2.2.0", "2.3.0",
        ],
        edited_at: 7,
        packages: &["fastrand"],
        edited: "fastrand",
        features: &["", "default-features = false"],
        below: &[],
        read: None,
        repository: Repository::new("https://github.com/smol-rs/fastrand", ""),
        harness: include_str!("harness/fastrand.rs"),
    },
    Subject {
        name: "bitflags",
        releases: &[
            "1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.0.4", "1.1.0", "1.2.0", "1.2.1", "1.3.1",
            "1.3.2",
        ],
        edited_at: 9,
        packages: &["bitflags"],
        edited: "bitflags",
        features: NO_FEATURES,
        below: &[],
        read: None,
        repository: Repository::new("https://github.com/bitflags/bitflags", ""),
        harness: include_str!("harness/bitflags.rs"),
    },
    Subject {
        name: "libm",
        releases: &[
            "0.2.0", "0.2.1", "0.2.2", "0.2.3", "0.2.5", "0.2.6", "0.2.7", "0.2.8", "0.2.9",
            "0.2.10", "0.2.11", "0.2.12", "0.2.13", "0.2.14", "0.2.15", "0.2.16",
        ],
        edited_at: 14,
        packages: &["libm"],
        edited: "libm",
        features: &[
            "",
            "default-features = false",
            "features = [\"force-soft-floats\"]",
            "default-features = false, features = [\"force-soft-floats\"]",
        ],
        below: &[],
        read: None,
        repository: None,
        harness: include_str!("harness/libm.rs"),
    },
    Subject {
        name: "pest",
        releases: &[
            "2.5.0", "2.5.1", "2.5.2", "2.5.3", "2.5.4", "2.5.5", "2.5.6", "2.5.7", "2.7.0",
            "2.7.1", "2.7.2", "2.7.3", "2.7.4", "2.7.5", "2.7.6", "2.7.7", "2.7.8", "2.7.10",
            "2.7.11", "2.7.12",
        ],
        edited_at: 18,
        packages: &["pest", "pest_derive"],
        edited: "pest",
        features: &["", "default-features = false, features = [\"std\"]"],
        below: &[
            ("pest_generator", &["2.7.8", "2.7.10", "2.7.11", "2.7.12"]),
            ("pest_meta", &["2.7.8", "2.7.10", "2.7.11", "2.7.12"]),
        ],
        read: Some((
            "grammar.pest",
            [GRAMMAR, GRAMMAR_WITH_POWERS, GRAMMAR_OF_DIGITS],
        )),
        repository: None,
        harness: include_str!("harness/pest.rs"),
    },
];

const GRAMMAR: &str = r#"
WHITESPACE = _{ " " }
calculation = { SOI ~ sum ~ EOI }
sum = { product ~ (("+" | "-") ~ product)* }
product = { atom ~ (("*" | "/") ~ atom)* }
atom = { "-"? ~ (number | "(" ~ sum ~ ")") }
number = @{ ASCII_DIGIT+ }
"#;

const GRAMMAR_WITH_POWERS: &str = r#"
WHITESPACE = _{ " " }
calculation = { SOI ~ sum ~ EOI }
sum = { product ~ (("+" | "-") ~ product)* }
product = { atom ~ (("*" | "/" | "^") ~ atom)* }
atom = { "-"? ~ (number | name | "(" ~ sum ~ ")") }
name = @{ ASCII_ALPHA+ }
number = @{ ASCII_DIGIT ~ (ASCII_DIGIT | "_")* }
"#;

const GRAMMAR_OF_DIGITS: &str = r#"
WHITESPACE = _{ " " }
calculation = { SOI ~ sum ~ EOI }
sum = { number ~ (("+" | "-" | "*" | "/") ~ number)* }
number = { "-"? ~ ASCII_DIGIT }
"#;
