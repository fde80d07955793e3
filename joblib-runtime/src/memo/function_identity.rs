//! Which function a site is, as far as only the compiled program knows: where
//! the compiler says it stands, and which executable it is part of.

use std::any::{TypeId, type_name};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use twox_hash::{XxHash3_64, XxHash3_128};

use super::fingerprint::Fingerprint;
use super::function::MemoOptions;
use crate::binary;
use crate::key::number;

/// A type beside a function or in it, whose path tells that of the function.
pub(super) struct TypeMarker {
    /// Tells crates of one name apart.
    package: &'static str,
    path: fn() -> &'static str,
    number: fn() -> TypeId,
    /// Whether it stands in a function of an impl or a trait, rather than beside
    /// a function of its own.
    is_member: bool,
    /// Where a macro was used that made the function.
    made_in: Option<&'static str>,
    /// Whether the user gave the function a name, which its path has no part in.
    is_named: bool,
}

impl TypeMarker {
    /// `T` beside a function.
    pub(super) const fn beside<T: 'static>(package: &'static str) -> TypeMarker {
        TypeMarker {
            package,
            path: type_name::<T>,
            number: TypeId::of::<T>,
            is_member: false,
            made_in: None,
            is_named: false,
        }
    }

    /// `T` in a function of an impl or a trait.
    pub(super) const fn within<T: 'static>(package: &'static str) -> TypeMarker {
        TypeMarker {
            is_member: true,
            ..TypeMarker::beside::<T>(package)
        }
    }

    /// Of a function that a macro made in `module`.
    pub(super) const fn made_in(self, module: &'static str) -> TypeMarker {
        TypeMarker {
            made_in: Some(module),
            ..self
        }
    }

    /// Of a function that the user gave a name.
    pub(super) const fn named(self) -> TypeMarker {
        TypeMarker {
            is_named: true,
            ..self
        }
    }

    /// What tells the function from others of its name.
    fn surroundings(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if self.is_named {
            return bytes;
        }
        for part in [self.package, self.path()] {
            // No name has this byte.
            bytes.push(0xff);
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }

    /// What the function stands in.
    pub(super) fn path(&self) -> &'static str {
        let without_last = |path: &'static str| path.rsplit_once("::").map_or("", |(path, _)| path);
        let path = without_last((self.path)());
        match self.is_member {
            // The body of an `async` function is a closure in it.
            true => without_last(path.trim_end_matches("::{{closure}}")),
            false => path,
        }
    }

    /// What tells the function from others of its path: nothing where it is the
    /// only one, else its number, which is good for this executable alone.
    ///
    /// # Errors
    ///
    /// Which executable this is cannot be found out.
    pub(super) fn number(&self) -> Result<Option<[u128; 2]>, String> {
        let is_known = match self.made_in {
            None => true,
            Some(module) if self.is_member => owner_is_in(self.path(), module),
            Some(module) => self.path() == module,
        };
        match is_known {
            true => Ok(None),
            false => Ok(Some([number((self.number)()).into(), executable()?])),
        }
    }

    /// Whether no other function has this digest.
    ///
    /// # Errors
    ///
    /// Another has it: of two that nothing tells apart, the second is told.
    pub(super) fn is_alone(&self, digest: u128) -> Result<(), String> {
        static KNOWN: Mutex<Option<HashMap<u128, TypeId>>> = Mutex::new(None);
        // What an impl is of is in the key of its functions, too.
        if self.is_member {
            return Ok(());
        }
        let number = (self.number)();
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        match *known
            .get_or_insert_default()
            .entry(digest)
            .or_insert(number)
        {
            first if first == number => Ok(()),
            _ => Err(
                "another memoized function has its name and its source; give one of them \
                      a name of its own: `name = \"…\"`"
                    .to_owned(),
            ),
        }
    }
}

/// Whether the impl or trait at `path` certainly stands in `module` and not
/// inside a function there.
///
/// The path of an impl is made of those of its type and its trait, one of which
/// may be inside a function as well.
fn owner_is_in(path: &str, module: &str) -> bool {
    if path.contains('{') {
        return false;
    }
    // An impl that stands by neither its type nor its trait says where.
    if let Some((place, _)) = path.split_once("::<impl ") {
        return place == module;
    }
    // A function of its own, which is in no impl, has the path of what is around.
    let last = path.rsplit("::").next().unwrap_or_default();
    if !path.contains('<') && !last.starts_with(char::is_uppercase) {
        return path == module;
    }
    let is_part = |c: char| c == '_' || c == ':' || c.is_alphanumeric();
    let paths = path.split(|c| !is_part(c));
    let mut parents = paths.filter_map(|path| Some(path.rsplit_once("::")?.0));
    let is_inside = |parent: &str| {
        let inner = parent.strip_prefix(module);
        inner.is_some_and(|inner| inner.starts_with("::"))
    };
    !parents.any(is_inside)
}

/// What tells a function from every other, as the process found it.
pub(super) struct FunctionIdentity {
    /// Stands for the function, its version and all that counts for it.
    pub(super) digest: u128,
    /// Stands for the function alone, whatever its source.
    pub(super) function: u64,
    /// The fingerprint, with the executable where that counts.
    pub(super) fingerprint: Fingerprint,
    /// The items behind it.
    pub(super) items: &'static str,
    /// What could not be found out, so that nothing may be stored.
    pub(super) refusal: Option<String>,
}

impl FunctionIdentity {
    /// The function called `name`, of which `fingerprint` and `items` are what
    /// the annotation found.
    pub(super) fn new(
        name: &'static str,
        fingerprint: Fingerprint,
        items: &'static str,
        options: &MemoOptions,
    ) -> FunctionIdentity {
        let mut identity = FunctionIdentity {
            digest: 0,
            function: 0,
            fingerprint,
            items,
            refusal: None,
        };
        let told = identity.find_out(name, options);
        identity.refusal = told.err();
        identity
    }

    fn find_out(&mut self, name: &str, options: &MemoOptions) -> Result<(), String> {
        let mut path = name.as_bytes().to_vec();
        if let Some(marker) = &options.marker {
            path.extend(marker.surroundings());
        }
        self.function = XxHash3_64::oneshot(&path);
        if options.of_binary {
            let executable = executable()?;
            self.fingerprint = self.fingerprint.with(Fingerprint::new(executable));
            self.items = with_executable(self.items, executable).leak();
        }
        let mut bytes = options.version.to_le_bytes().to_vec();
        bytes.extend_from_slice(&self.fingerprint.bits().to_le_bytes());
        bytes.extend_from_slice(&path);
        if let Some(marker) = &options.marker {
            for number in marker.number()?.iter().flatten() {
                bytes.extend_from_slice(&number.to_le_bytes());
            }
        }
        self.digest = XxHash3_128::oneshot(&bytes);
        let marker = options.marker.as_ref();
        marker.map_or(Ok(()), |marker| marker.is_alone(self.digest))
    }
}

/// The list of items with the executable as one more.
fn with_executable(items: &str, executable: u128) -> String {
    let end = if items.is_empty() || items.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    let hash = executable as u64;
    format!("{items}{end}the executable or a library of it\t\t0\t{hash:x}\n")
}

/// The digest of this executable and its libraries.
fn executable() -> Result<u128, String> {
    binary::id().map_err(|reason| {
        format!("the executable counts for them, and it cannot be read: {reason}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_what_certainly_is_in_a_module() {
        for (path, module) in [
            ("app::A", "app"),
            ("app::m::A", "app::m"),
            ("app::m", "app::m"),
            ("<app::A as app::Run>", "app"),
            ("<app::A as dep::inner::Run<u8>>", "app"),
            ("app::W<_>", "app"),
            ("app::m::<impl app::Run for app::A>", "app::m"),
            ("<application::x::A as app::Run>", "app"),
        ] {
            assert!(owner_is_in(path, module), "{path}");
        }
    }

    #[test]
    fn a_path_that_may_be_inside_a_function_is_told() {
        for (path, module) in [
            ("app::main::A", "app"),
            ("app::main", "app"),
            ("<app::main::A as app::Run>", "app"),
            ("<app::A as app::main::Run>", "app"),
            ("<[app::main::A] as app::Run>", "app"),
            ("app::main::W<_>", "app"),
            ("app::main::<impl app::Run for app::A>", "app"),
            ("app::{{closure}}::A", "app"),
        ] {
            assert!(!owner_is_in(path, module), "{path}");
        }
    }

    #[test]
    fn what_a_function_stands_in_is_found() {
        struct Beside;
        let beside = TypeMarker::beside::<Beside>("");
        let here = "what_a_function_stands_in_is_found";
        assert_eq!(beside.path(), format!("{}::{here}", module_path!()));
        trait Run {
            fn go(&self) -> &'static str;
        }
        impl Run for Beside {
            fn go(&self) -> &'static str {
                struct Here;
                TypeMarker::within::<Here>("").path()
            }
        }
        let path = Beside.go();
        assert!(path.starts_with('<') && path.ends_with("::Run>"), "{path}");
        async fn asynchronous() -> &'static str {
            struct Here;
            TypeMarker::within::<Here>("").path()
        }
        assert_eq!(pollster::block_on(asynchronous()), beside.path());
    }

    #[test]
    fn only_what_may_be_one_of_several_needs_its_number() {
        struct Here;
        let shown = TypeMarker::beside::<Here>("");
        assert_eq!(shown.number(), Ok(None));
        let made = TypeMarker::beside::<Here>("").made_in(module_path!());
        assert!(matches!(made.number(), Ok(Some(_))));
        assert_eq!(made.number(), made.number());
        let module = shown.path().to_owned().leak();
        assert_eq!(
            TypeMarker::beside::<Here>("").made_in(module).number(),
            Ok(None)
        );
    }

    #[test]
    fn of_two_functions_that_nothing_tells_apart_the_second_is_told() {
        struct One;
        struct Two;
        let digest = 0x5eed_0123;
        assert_eq!(TypeMarker::beside::<One>("").is_alone(digest), Ok(()));
        assert_eq!(TypeMarker::beside::<One>("").is_alone(digest), Ok(()));
        assert!(TypeMarker::beside::<Two>("").is_alone(digest).is_err());
        assert_eq!(TypeMarker::beside::<Two>("").is_alone(digest + 1), Ok(()));
    }
}
