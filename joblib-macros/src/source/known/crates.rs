//! Crates that are recognized by the name of their library.

/// Helper crates for writing macros. They contain no names of items of the calling
/// crate.
pub(in crate::source) const MACRO_HELPER_CRATES: &[&str] = &[
    "convert_case",
    "darling",
    "darling_core",
    "darling_macro",
    "either",
    "fnv",
    "hashbrown",
    "heck",
    "ident_case",
    "indexmap",
    "itertools",
    "manyhow",
    "memchr",
    "once_cell",
    "prettyplease",
    "proc_macro2",
    "proc_macro_crate",
    "proc_macro_error",
    "proc_macro_error2",
    "proc_macro_error_attr",
    "proc_macro_error_attr2",
    "quote",
    "regex",
    "regex_automata",
    "regex_syntax",
    "serde",
    "serde_core",
    "serde_json",
    "strsim",
    "structmeta",
    "structmeta_derive",
    "syn",
    "synstructure",
    "toml",
    "unicode_ident",
    "unicode_xid",
];

/// Crates whose macros refer only to names from their input.
const INPUT_ONLY_CRATES: &[&str] = &[
    "anyhow",
    "approx",
    "arbitrary",
    "async_recursion",
    "async_trait",
    "bitflags",
    "bytemuck",
    "cfg_if",
    "clap",
    "derivative",
    "derive_builder",
    "derive_more",
    "displaydoc",
    "educe",
    "eyre",
    "getset",
    "hex_literal",
    "indoc",
    "itertools",
    "lazy_static",
    "maplit",
    "nalgebra",
    "ndarray",
    "num_derive",
    "paste",
    "pin_project",
    "pin_project_lite",
    "proptest",
    "schemars",
    "serde",
    "serde_json",
    "serde_repr",
    "serde_with",
    "smallvec",
    "static_assertions",
    "strum",
    "thiserror",
    "tokio",
    "tracing",
    "typed_builder",
    "zerocopy",
    "zeroize",
];

/// Crates for building procedural macros. They read nothing that can become part of a
/// result.
pub(in crate::source) const MACRO_LIBRARY_CRATES: &[&str] = &[
    "darling",
    "darling_core",
    "heck",
    "proc_macro2",
    "proc_macro_crate",
    "proc_macro_error",
    "proc_macro_error2",
    "quote",
    "syn",
    "synstructure",
    "unicode_ident",
    "unicode_xid",
];

/// Crates whose macros write to a log. The call location ends up only there.
pub(in crate::source) const LOGGING_CRATES: &[&str] =
    &["log", "tracing", "slog", "defmt", "tracing_core"];

/// Crates in which items register themselves at link time.
pub(in crate::source) const REGISTRY_CRATES: &[&str] =
    &["inventory", "linkme", "ctor", "typetag", "link_section"];

/// Published crates that use debug assertions only for additional checks or to unroll
/// loops, and never to change a result.
const PROFILE_INDEPENDENT: &[&str] = &[
    "bit_vec",
    "bytes",
    "cfg_if",
    "indexmap",
    "libm",
    "log",
    "matrixmultiply",
    "mio",
    "ndarray",
    "num_traits",
    "parking_lot",
    "parking_lot_core",
    "rand",
    "rayon",
    "smallvec",
    "sprs",
    "tokio",
    "tracing",
    "tracing_core",
    "zerovec",
];

/// Returns whether the macros of a crate are known to refer only to names from their
/// input.
pub(in crate::source) fn names_nothing(krate: &str) -> bool {
    let ends = ["_derive", "_macros", "_macro", "_impl", "_internal"];
    let stem = ends.iter().find_map(|end| krate.strip_suffix(end));
    [Some(krate), stem]
        .iter()
        .flatten()
        .any(|name| INPUT_ONLY_CRATES.contains(name))
}

/// Returns whether a published crate of this name is known to return the same results
/// in every profile.
pub(in crate::source) fn is_profile_independent(name: &str) -> bool {
    PROFILE_INDEPENDENT.contains(&name)
}
