//! Names of types that implement `Persist`.
//!
//! A name may also mean another type. That is harmless, because the generated bounds
//! apply to the type that the name resolves to.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

const KNOWN: &str = " \
    u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 bool char str \
    String Path PathBuf OsStr OsString CStr CString Duration SystemTime \
    Vec VecDeque LinkedList BinaryHeap HashMap HashSet BTreeMap BTreeSet \
    Option Result Box Rc Arc Cow Cell RefCell Mutex RwLock PhantomData \
    Reverse Wrapping Saturating Bound \
    Range RangeInclusive RangeFrom RangeTo RangeToInclusive RangeFull \
    f16 bf16 Complex Shared ";

/// Returns whether the name is that of a type with `Persist`, from std or from an
/// optional dependency.
pub(super) fn is_known(name: &Ident) -> bool {
    let name = name.to_string();
    KNOWN.split_ascii_whitespace().any(|it| it == name)
}

/// Returns whether the name is that of a number type or of `PhantomData`.
pub(super) fn is_number(name: &Ident) -> bool {
    const NUMBERS: &str = " \
        u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 bool \
        f16 bf16 Complex PhantomData ";
    let name = name.to_string();
    NUMBERS.split_ascii_whitespace().any(|it| it == name)
}

/// Returns whether a type of that name stores no values of its type arguments.
pub(super) fn is_marker(name: &Ident) -> bool {
    name == "PhantomData" || name == "Weak"
}

/// The bounds that a type needs on one of its arguments.
pub(super) struct ArgumentRequirement {
    pub(super) bounds: TokenStream,
    /// Whether these are all bounds, because no value of the argument is written.
    pub(super) is_all: bool,
}

/// Returns the bounds, in addition to `Persist`, that a collection of that name needs on
/// its type argument at the index `place`.
pub(super) fn needed(collection: &Ident, place: usize) -> Option<ArgumentRequirement> {
    let more = |bounds| {
        Some(ArgumentRequirement {
            bounds,
            is_all: false,
        })
    };
    match (collection.to_string().as_str(), place) {
        ("HashMap" | "HashSet", 0) => more(quote!(::core::cmp::Eq + ::core::hash::Hash)),
        ("BTreeMap" | "BTreeSet" | "BinaryHeap", 0) => more(quote!(::core::cmp::Ord)),
        ("HashMap", 2) | ("HashSet", 1) => Some(ArgumentRequirement {
            bounds: quote!(::core::hash::BuildHasher + ::core::default::Default),
            is_all: true,
        }),
        _ => None,
    }
}
