//! Attributes and derives that are recognized by their bare name.

/// Attributes that affect diagnostics and code generation, but never results.
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
pub(in crate::source) const JOBLIB_ATTRIBUTES: &[&str] = &["memoize", "track", "parallel"];

/// Built-in attributes and helper attributes of derives, which attach no macro.
pub(in crate::source) const INERT_ATTRIBUTES: &[&str] = &[
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

/// Attributes of items that take effect without being referenced.
pub(in crate::source) const LINK_TIME_ATTRIBUTES: &[&str] =
    &["used", "link_section", "ctor", "dtor", "distributed_slice"];

/// Built-in derives. A glob import cannot replace them: the compiler rejects it as
/// ambiguous.
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

/// Derives of serde and joblib, which generate only impls.
const DERIVES: &[&str] = &["Serialize", "Deserialize", "serde", "Key", "Persist"];

/// Returns whether a derive of this name generates only known impls.
pub(in crate::source) fn is_standard_derive(name: &str) -> bool {
    [BUILT_IN_DERIVES, DERIVES]
        .iter()
        .any(|names| names.contains(&name))
}

/// The crates that define derives of these names.
pub(in crate::source) const DERIVE_CRATES: &[&str] =
    &["std", "core", "serde", "serde_derive", "joblib"];
