//! Attributes and derives that are known by a bare name.

/// Attributes that change messages and code generation, never results.
pub(in crate::source) const LINTS: &[&str] = &[
    "allow",
    "warn",
    "deny",
    "expect",
    "forbid",
    "must_use",
    "deprecated",
    "inline",
    "cold",
    "doc",
    "rustfmt",
    "clippy",
    "diagnostic",
    "memoize",
    "track",
    "parallel",
    "joblib",
];

/// The attributes of joblib.
pub(in crate::source) const OURS: &[&str] = &["memoize", "track", "parallel"];

/// Attributes of the compiler and helpers of derives, which attach no macro.
pub(in crate::source) const INERT: &[&str] = &[
    "path",
    "repr",
    "non_exhaustive",
    "link_name",
    "link_ordinal",
    "no_link",
    "no_main",
    "no_std",
    "no_implicit_prelude",
    "no_builtins",
    "crate_name",
    "crate_type",
    "feature",
    "instruction_set",
    "naked",
    "recursion_limit",
    "type_length_limit",
    "windows_subsystem",
    "debugger_visualizer",
    "track_caller",
    "test",
    "ignore",
    "should_panic",
    "no_mangle",
    "target_feature",
    "global_allocator",
    "panic_handler",
    "proc_macro",
    "proc_macro_attribute",
    "proc_macro_derive",
    "macro_use",
    "macro_export",
    "automatically_derived",
    "serde",
    "default",
    "cfg",
    "cfg_attr",
    "unsafe",
    "link",
    "used",
    "export_name",
    "link_section",
];

/// Attributes of items that are found without being mentioned.
pub(in crate::source) const LINKED: &[&str] =
    &["used", "link_section", "ctor", "dtor", "distributed_slice"];

/// Derives of the compiler: an import by a glob does not take their places, which
/// it refuses as ambiguous.
pub(in crate::source) const BUILT_IN_DERIVES: &[&str] = &[
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Eq",
    "Hash",
    "Ord",
    "PartialEq",
    "PartialOrd",
];

/// Derives of serde and joblib, which make nothing but impls.
const DERIVES: &[&str] = &["Serialize", "Deserialize", "serde", "Key", "Persist"];

/// Whether a derive of this name makes nothing but impls that are known.
pub(in crate::source) fn is_standard_derive(name: &str) -> bool {
    [BUILT_IN_DERIVES, DERIVES]
        .iter()
        .any(|names| names.contains(&name))
}

/// Crates that derives of these names are of.
pub(in crate::source) const DERIVING: &[&str] = &["std", "core", "serde", "serde_derive", "joblib"];
