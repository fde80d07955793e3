//! Macros that are recognized by their bare name if nothing else has that name.

/// Macros of the standard library whose arguments are ordinary code.
pub(in crate::source) const PLAIN: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "concat",
    "dbg",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "eprint",
    "eprintln",
    "format",
    "format_args",
    "matches",
    "panic",
    "print",
    "println",
    "todo",
    "unimplemented",
    "unreachable",
    "vec",
    "write",
    "writeln",
];

/// Built-in macros that read data from outside the tokens.
pub(in crate::source) const BUILT_IN: &[&str] = &[
    "include_str",
    "include_bytes",
    "include",
    "env",
    "option_env",
    "cfg",
    "cfg_select",
    "line",
    "column",
    "file",
    "module_path",
    "stringify",
];

/// Macros of the standard library that define something.
pub(in crate::source) const DEFINING: &[&str] = &[
    "thread_local",
    "compile_error",
    "global_asm",
    "asm",
    "naked_asm",
];

/// Returns whether the standard library has a macro of this name.
pub(in crate::source) fn is_of_standard(name: &str) -> bool {
    [PLAIN, BUILT_IN, DEFINING]
        .iter()
        .any(|names| names.contains(&name))
}

/// Macros of other crates that define the items named in their arguments.
pub(in crate::source) const TRANSPARENT: &[&str] = &[
    "thread_local",
    "lazy_static",
    "bitflags",
    "cfg_if",
    "include",
    "compile_error",
    "assert",
];

/// Macros that take assembly text.
pub(in crate::source) const ASSEMBLY: &[&str] = &["asm", "global_asm", "naked_asm"];
