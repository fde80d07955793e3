//! Traits of the standard library, and which impls a call through each of them may
//! run.

/// Traits that types of a program cannot implement with their own code.
const WITHOUT_CODE: &[&str] = &[
    "Any",
    "AsyncFn",
    "AsyncFnMut",
    "AsyncFnOnce",
    "Fn",
    "FnMut",
    "FnOnce",
    "RefUnwindSafe",
    "Send",
    "Sized",
    "Sync",
    "Unpin",
    "UnwindSafe",
];

/// Traits that the standard library's generic types implement only through the same
/// trait of their contents.
const SAME_TRAIT_ONLY: &[&str] = &[
    "Add",
    "AddAssign",
    "Binary",
    "BitAndAssign",
    "BitOrAssign",
    "BitXorAssign",
    "Debug",
    "Default",
    "Display",
    "Div",
    "DivAssign",
    "Error",
    "FromStr",
    "Hasher",
    "LowerExp",
    "LowerHex",
    "Mul",
    "MulAssign",
    "Neg",
    "Not",
    "Octal",
    "Pointer",
    "Rem",
    "RemAssign",
    "Shl",
    "ShlAssign",
    "Shr",
    "ShrAssign",
    "SubAssign",
    "UpperExp",
    "UpperHex",
];

/// Traits whose blanket impls call another trait.
const BLANKET: &[(&str, &[&str])] = &[
    ("Copy", &["Clone"]),
    ("Eq", &["PartialEq"]),
    ("Into", &["From"]),
    ("IntoFuture", &["Future"]),
    ("IntoIterator", &["Iterator"]),
    ("ToOwned", &["Clone"]),
    ("ToString", &["Display"]),
    ("TryFrom", &["From", "Into"]),
    ("TryInto", &["From", "Into", "TryFrom"]),
];

/// Further traits that the standard library's generic types use: `HashMap` hashes
/// when it compares, `Pin` compares its target, `Cow` borrows from an owned value.
const WRAPPER_TRAITS: &[(&str, &[&str])] = &[
    ("AsMut", &["AsRef", "Borrow", "ToOwned"]),
    ("AsRef", &["AsMut", "Borrow", "ToOwned"]),
    ("BitAnd", &["PartialEq", "BuildHasher", "Hasher"]),
    ("BitOr", &["PartialEq", "BuildHasher", "Hasher"]),
    ("BitXor", &["PartialEq", "BuildHasher", "Hasher"]),
    ("Borrow", &["BorrowMut", "ToOwned"]),
    ("BorrowMut", &["Borrow", "ToOwned"]),
    ("BuildHasher", &["Hasher"]),
    ("Clone", &["ToOwned"]),
    ("Copy", &["ToOwned"]),
    ("Deref", &["Borrow", "Ord", "ToOwned"]),
    ("DerefMut", &["Borrow", "Deref", "Ord", "ToOwned"]),
    ("Eq", &["BuildHasher", "Deref", "Hasher", "ToOwned"]),
    ("Hash", &["Deref", "ToOwned"]),
    ("Ord", &["Deref", "ToOwned"]),
    ("PartialEq", &["BuildHasher", "Deref", "Hasher", "ToOwned"]),
    ("PartialOrd", &["Deref", "ToOwned"]),
    ("Sub", &["PartialEq", "BuildHasher", "Hasher"]),
    ("ToOwned", &[]),
    ("ToString", &[]),
];

/// The conversion traits of the standard library.
pub(in crate::source) const CONVERSIONS: &[&str] = &["From", "Into", "TryFrom", "TryInto"];

/// Returns whether no impl of the trait has relevant code.
pub(in crate::source) fn is_without_code(name: &str) -> bool {
    WITHOUT_CODE.contains(&name)
}

/// Returns whether this module knows a standard trait of this name.
pub(in crate::source) fn is_standard_trait(name: &str) -> bool {
    let further = ["DoubleEndedIterator", "Extend", "FromIterator", "Iterator"];
    SAME_TRAIT_ONLY.contains(&name)
        || further.contains(&name)
        || CONVERSIONS.contains(&name)
        || [BLANKET, WRAPPER_TRAITS]
            .iter()
            .any(|list| of(list, name).is_some())
}

/// Returns whether a call through the trait `name` may run an impl of `other` for the
/// hidden type.
pub(in crate::source) fn leads_to(name: &str, other: &str) -> bool {
    name == other || of(BLANKET, name).is_some_and(|others| others.contains(&other))
}

/// Returns the same, also considering a type of the standard library that contains
/// the hidden type.
pub(in crate::source) fn may_lead_to(name: &str, other: &str) -> bool {
    let is_known = SAME_TRAIT_ONLY.contains(&name) || of(WRAPPER_TRAITS, name).is_some();
    let wrapped = of(WRAPPER_TRAITS, name).unwrap_or_default();
    !is_known || leads_to(name, other) || wrapped.contains(&other)
}

fn of(list: &[(&str, &'static [&'static str])], name: &str) -> Option<&'static [&'static str]> {
    let found = list.iter().find(|(known, _)| *known == name);
    found.map(|(_, others)| *others)
}
