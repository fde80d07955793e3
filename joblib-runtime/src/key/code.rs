//! Recognizes types that stand for code: a closure, a future or a function, alone or
//! within another type. Neither the name of such a type nor the source of the function
//! that receives it determines what the code does.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Returns whether the type printed as `name` stands for code or contains such a type.
///
/// Closures and futures are printed in braces. Functions are printed as their paths,
/// which end in a lower-case identifier. A type with a lower-case name is therefore
/// mistaken for a function.
#[inline]
pub(super) fn is_code(name: &'static str) -> bool {
    /// A cache of names that do not stand for code, indexed by a hash of their address.
    static NOT_CODE: [AtomicU64; 64] = [const { AtomicU64::new(0) }; 64];
    // The length is part of the mark, because two texts may start at the same address.
    let start = name.as_ptr() as u64;
    let mark = start << 16 | name.len() as u64;
    if start >> 48 != 0 || name.len() >> 16 != 0 {
        return names_code(name);
    }
    let slot = &NOT_CODE[((mark >> 16 ^ mark >> 22) % 64) as usize];
    if slot.load(Relaxed) == mark {
        return false;
    }
    let is_code = names_code(name);
    if !is_code {
        slot.store(mark, Relaxed);
    }
    is_code
}

#[cold]
fn names_code(name: &str) -> bool {
    if name.contains('{') {
        return true;
    }
    let is_ident_char = |c: char| c == '_' || c.is_alphanumeric();
    let mut rest = name;
    while let Some(start) = rest.find(is_ident_char) {
        let ident = &rest[start..];
        let end = ident.find(|c| !is_ident_char(c)).unwrap_or(ident.len());
        let (ident, after) = ident.split_at(end);
        rest = after;
        let is_end_of_path = !after.starts_with("::");
        let is_lower_case = !ident.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
        if is_end_of_path && is_lower_case && !is_keyword_or_primitive(ident) {
            return true;
        }
    }
    false
}

/// Returns whether an identifier at the end of a path is a keyword or a primitive type.
fn is_keyword_or_primitive(ident: &str) -> bool {
    matches!(
        ident,
        "bool"
            | "char"
            | "str"
            | "u8"
            | "u16"
            | "u32"
            | "u64"
            | "u128"
            | "usize"
            | "i8"
            | "i16"
            | "i32"
            | "i64"
            | "i128"
            | "isize"
            | "f16"
            | "bf16"
            | "f32"
            | "f64"
            | "f128"
            | "dyn"
            | "fn"
            | "unsafe"
            | "extern"
            | "const"
            | "mut"
            | "as"
            | "for"
            | "impl"
            | "true"
            | "false"
            | "_"
    )
}

#[cfg(test)]
mod tests {
    use std::any::type_name_of_val;

    use super::*;

    fn helper() {}

    struct Wrap<T>(T);

    impl<T> Wrap<T> {
        fn method(&self) {}
    }

    #[test]
    fn code_is_recognized_by_its_printed_name() {
        for name in [
            type_name_of_val(&helper),
            type_name_of_val(&Wrap(helper)),
            type_name_of_val(&Wrap::<u8>::method),
            type_name_of_val(&|| ()),
            type_name_of_val(&Some(|| ())),
            type_name_of_val(&async {}),
            type_name_of_val(&Wrap::<u8>),
            type_name_of_val(&(1, "a", str::len)),
        ] {
            assert!(is_code(name) && is_code(name), "{name}");
        }
    }

    #[test]
    fn data_is_recognized_by_its_printed_name() {
        let function: unsafe extern "C" fn(i32) -> u8 = {
            unsafe extern "C" fn f(_: i32) -> u8 {
                0
            }
            f
        };
        let traits: &(dyn Fn(&str) -> f64 + Send) = &|_| 0.0;
        for name in [
            type_name_of_val(&Wrap((1, "a", [1.5_f32; 3], true))),
            type_name_of_val(&Wrap(String::new())),
            type_name_of_val(&function),
            type_name_of_val(&traits),
            std::any::type_name::<Wrap<*const Wrap<&mut char>>>(),
            std::any::type_name::<()>(),
        ] {
            assert!(!is_code(name) && !is_code(name), "{name}");
        }
    }
}
