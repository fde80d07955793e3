//! Types that `Persist` is there for, by their names.
//!
//! A name that means another type here does no harm: what is asked of a type by
//! its name is asked of the type that it is.

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

/// Whether a type of that name is one of std, or of a feature.
pub(super) fn is_known(name: &Ident) -> bool {
    let name = name.to_string();
    KNOWN.split_ascii_whitespace().any(|it| it == name)
}

/// Whether a type of that name is a number, or a marker.
pub(super) fn is_number(name: &Ident) -> bool {
    const NUMBERS: &str = " \
        u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 bool \
        f16 bf16 Complex PhantomData ";
    let name = name.to_string();
    NUMBERS.split_ascii_whitespace().any(|it| it == name)
}

/// Whether a type of that name holds nothing of what it names.
pub(super) fn is_marker(name: &Ident) -> bool {
    name == "PhantomData" || name == "Weak"
}

/// What a type asks of one of its arguments.
pub(super) struct ArgumentRequirement {
    pub(super) bounds: TokenStream,
    /// Whether that is all: no value of it is written.
    pub(super) is_all: bool,
}

/// What a collection of that name asks, beyond `Persist`, of the type at that
/// place.
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
