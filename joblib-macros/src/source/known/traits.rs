//! Traits of the standard library: whose impls a call may run that goes through one
//! of them.

/// Traits that no type of a program implements with code of its own.
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

/// Traits that types of the standard library implement by nothing but the same trait
/// of what is in them.
const ALONE: &[&str] = &[
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

/// Traits whose impls for any type call another trait.
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

/// What else is behind a trait for types of the standard library that have another
/// type in them: `HashMap` hashes when it compares, `Pin` compares what it leads to,
/// `Cow` borrows from what is owned.
const WRAPPED: &[(&str, &[&str])] = &[
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

/// The conversions of the standard library.
pub(in crate::source) const CONVERSIONS: &[&str] = &["From", "Into", "TryFrom", "TryInto"];

/// Whether no impl of the trait has code that counts.
pub(in crate::source) fn is_without_code(name: &str) -> bool {
    WITHOUT_CODE.contains(&name)
}

/// Whether the standard library has a trait of this name that is known here.
pub(in crate::source) fn is_standard_trait(name: &str) -> bool {
    let further = ["DoubleEndedIterator", "Extend", "FromIterator", "Iterator"];
    ALONE.contains(&name)
        || further.contains(&name)
        || CONVERSIONS.contains(&name)
        || [BLANKET, WRAPPED]
            .iter()
            .any(|list| of(list, name).is_some())
}

/// Whether a call that goes through the trait `name` may run an impl of `other` for
/// the type that is hidden behind it.
pub(in crate::source) fn leads_to(name: &str, other: &str) -> bool {
    name == other || of(BLANKET, name).is_some_and(|others| others.contains(&other))
}

/// The same for a type of the standard library around that one, too.
pub(in crate::source) fn may_lead_to(name: &str, other: &str) -> bool {
    let is_known = ALONE.contains(&name) || of(WRAPPED, name).is_some();
    let wrapped = of(WRAPPED, name).unwrap_or_default();
    !is_known || leads_to(name, other) || wrapped.contains(&other)
}

fn of(list: &[(&str, &'static [&'static str])], name: &str) -> Option<&'static [&'static str]> {
    let found = list.iter().find(|(known, _)| *known == name);
    found.map(|(_, others)| *others)
}
