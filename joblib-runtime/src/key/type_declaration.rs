//! Identifies a type with a derived `Key` by its package, path and definition, which are
//! the same in every build. A type inside a function is also identified by its position,
//! because its path is not unique.

use std::any::{TypeId, type_name};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, OnceLock};

use super::{KeyError, KeyHasher, identity, tag};
use crate::binary;
use crate::type_identity::without_raw_prefixes;
use crate::unpoisoned::lock;

/// The description of a type with `#[derive(Key)]`.
pub struct TypeDeclaration {
    package: &'static str,
    module: &'static str,
    name: &'static str,
    definition: u64,
    /// A hash of the source around a type inside a function and of the position in it.
    /// `None` if a macro generated the type.
    position: Option<u64>,
    /// Returns the path of a marker type that is defined next to this type.
    path: fn() -> &'static str,
    /// Returns the `TypeId` of the marker type.
    number: fn() -> TypeId,
    tag: OnceLock<Result<u128, KeyError>>,
}

impl TypeDeclaration {
    /// Creates the description of the type `name` in `module`. `Beside` is the marker
    /// type next to it.
    pub const fn new<Beside: 'static>(
        package: &'static str,
        module: &'static str,
        name: &'static str,
        definition: u64,
        position: Option<u64>,
    ) -> TypeDeclaration {
        TypeDeclaration {
            package,
            module,
            name,
            definition,
            position,
            path: type_name::<Beside>,
            number: TypeId::of::<Beside>,
            tag: OnceLock::new(),
        }
    }

    /// Feeds the identity of the type.
    #[inline]
    pub(super) fn feed(&'static self, hasher: &mut KeyHasher) {
        match self.tag.get_or_init(|| self.tag(binary::id)) {
            Ok(tag) => {
                hasher.write_u8(tag::DECLARED);
                hasher.write(&tag.to_le_bytes());
            }
            Err(failure) => hasher.fail(failure.clone()),
        }
    }

    #[cold]
    fn tag(&self, executable: fn() -> Result<u128, &'static str>) -> Result<u128, KeyError> {
        let (path, number) = ((self.path)(), (self.number)());
        let mut hasher = KeyHasher::new();
        let module = without_raw_prefixes(self.module);
        for text in [self.package, &module, self.name] {
            hasher.write_bytes(text.as_bytes());
        }
        hasher.write_u64(self.definition);
        if !self.is_in_module(path) {
            hasher.write_bytes(path.as_bytes());
            match self.position {
                Some(position) => hasher.write_u64(position),
                None => {
                    let executable =
                        executable().map_err(|reason| self.unreadable_executable(reason))?;
                    hasher.write(&executable.to_le_bytes());
                    hasher.write_u64(identity::number(number));
                }
            }
        }
        let tag = hasher.finish();
        self.check_unique(tag, number).map(|()| tag)
    }

    fn unreadable_executable(&self, reason: &str) -> KeyError {
        KeyError {
            type_name: self.name,
            reason: format!(
                "a macro generated it inside a function, so only the executable distinguishes it \
                 from other types, and it cannot be read: {reason}; move the type to a module"
            ),
        }
    }

    /// Returns whether the type is defined directly in its module, and not in a function
    /// there. The marker type is in the anonymous constant of the impl.
    fn is_in_module(&self, beside: &str) -> bool {
        let (beside, module) = (
            without_raw_prefixes(beside),
            without_raw_prefixes(self.module),
        );
        let path = beside.strip_prefix(&module);
        path.and_then(|path| path.strip_prefix("::_::"))
            .is_some_and(|name| !name.contains("::"))
    }

    /// Fails for the second of two types that only the compiler can distinguish.
    fn check_unique(&self, tag: u128, number: TypeId) -> Result<(), KeyError> {
        static KNOWN: Mutex<Option<HashMap<u128, TypeId>>> = Mutex::new(None);
        let mut known = lock(&KNOWN);
        match *known.get_or_insert_default().entry(tag).or_insert(number) {
            first if first == number => Ok(()),
            _ => Err(KeyError {
                type_name: self.name,
                reason: format!(
                    "another type has the same path `{}::{}`; rename one of them",
                    self.module, self.name
                ),
            }),
        }
    }
}

impl fmt::Debug for TypeDeclaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Declared({}::{})", self.module, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Declares a separate type `Conf`, as the derive does.
    macro_rules! conf {
        ($package:literal, $position:expr) => {{
            struct Beside;
            static DECLARED: TypeDeclaration =
                TypeDeclaration::new::<Beside>($package, module_path!(), "Conf", 7, $position);
            let mut hasher = KeyHasher::new();
            hasher.declared(&DECLARED);
            let failure = hasher.failure().map(ToString::to_string);
            failure.map_or_else(|| Ok(hasher.finish()), Err)
        }};
    }

    #[test]
    fn types_with_one_path_differ_by_their_location() {
        let (one, two) = (conf!("place", Some(1)), conf!("place", Some(2)));
        assert_ne!(one.unwrap(), two.unwrap());
    }

    #[test]
    fn types_that_a_macro_generates_differ_within_one_build() {
        let (one, two) = (conf!("made", None), conf!("made", None));
        assert_ne!(one.unwrap(), two.unwrap());
    }

    #[test]
    fn the_package_counts() {
        let (one, two) = (conf!("one", Some(1)), conf!("two", Some(1)));
        assert_ne!(one.unwrap(), two.unwrap());
    }

    #[test]
    fn of_two_types_that_nothing_tells_apart_the_second_has_no_key() {
        let (one, two) = (conf!("alike", Some(1)), conf!("alike", Some(1)));
        assert!(one.is_ok());
        let message = two.unwrap_err();
        assert!(message.contains("rename one of them"), "{message}");
    }

    #[test]
    fn a_type_that_only_the_executable_tells_apart_needs_it() {
        struct Beside;
        let made =
            |position| TypeDeclaration::new::<Beside>("needs", module_path!(), "Conf", 7, position);
        let unknown = || Err("no such file");
        let message = made(None).tag(unknown).unwrap_err().to_string();
        assert!(
            message.contains("no such file; move the type to a module"),
            "{message}"
        );
        assert!(made(Some(1)).tag(unknown).is_ok());
        assert_ne!(made(None).tag(|| Ok(1)).ok(), made(None).tag(|| Ok(2)).ok());
    }

    mod inner {
        use super::*;

        pub(super) struct Beside;
        pub(super) static DECLARED: TypeDeclaration =
            TypeDeclaration::new::<Beside>("", module_path!(), "Conf", 7, None);
    }

    mod r#try {
        pub(super) const MODULE: &str = module_path!();
    }

    #[test]
    fn a_type_in_a_module_with_a_raw_name_does_not_depend_on_the_executable() {
        struct Beside;
        let declared = TypeDeclaration::new::<Beside>("", r#try::MODULE, "Conf", 7, None);
        let tests = module_path!();
        assert!(declared.is_in_module(&format!("{tests}::try::_::Beside")));
        assert!(!declared.is_in_module(&format!("{tests}::try::main::_::Beside")));
    }

    #[test]
    fn a_type_in_a_function_is_not_in_the_module() {
        let module = inner::DECLARED.module;
        let beside = format!("{module}::_::Beside");
        assert!(inner::DECLARED.is_in_module(&beside));
        for path in [
            format!("{module}::main::_::Beside"),
            format!("{module}::_::_::Beside"),
            format!("{module}::{{{{closure}}}}::_::Beside"),
        ] {
            assert!(!inner::DECLARED.is_in_module(&path), "{path}");
        }
    }
}
