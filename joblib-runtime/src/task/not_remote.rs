//! The reasons why tasks can only run in this process, for a backend that is chosen at
//! run time. For a backend that is chosen in the source, the compiler reports them.

use std::any::type_name;
use std::fmt::{self, Debug, Display};
use std::marker::PhantomData;

/// The error for tasks that cannot run in another process. It names the task and the way
/// out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRemote {
    why: String,
    is_closure: bool,
}

impl NotRemote {
    /// The error for a closure that `task!` did not create.
    pub fn closure() -> Self {
        NotRemote {
            why: "a closure, which stays in this process; write `joblib::task!(|x: u64| …)` or a \
                  function with `#[parallel]`, or run on `threads`"
                .to_owned(),
            is_closure: true,
        }
    }

    /// Returns whether the task is a plain closure.
    pub fn is_closure(&self) -> bool {
        self.is_closure
    }

    /// The error for an instance of a generic function that its annotation does not list.
    pub fn unlisted(function: &str, parameters: &[&dyn Debug]) -> Self {
        let texts: Vec<String> = parameters.iter().map(|it| format!("{it:?}")).collect();
        let all = texts.join(", ");
        let instance = match texts.as_slice() {
            [one] => one.clone(),
            _ => format!("({all})"),
        };
        NotRemote::because(format!(
            "`{function}::<{all}>`, which worker processes cannot find; add it to the annotation \
             of `{function}`: `#[parallel(instantiate({instance}))]`, or run on `threads`"
        ))
    }

    /// The error for a function with an unnamed type parameter.
    pub fn unnamed(function: &str) -> Self {
        NotRemote::because(format!(
            "`{function}`, whose argument is `impl Trait`; name the type and list the types to run \
             it with: `#[parallel(instantiate(…))] fn {function}<T: Trait>(x: T)`, or run on \
             `threads`"
        ))
    }

    /// The error for a generic method.
    pub fn method(function: &str) -> Self {
        NotRemote::because(format!(
            "`{function}`, a method of a generic type or one with type parameters; list the types \
             to run it with: `#[parallel(instantiate(…))]`, the parameters of the `impl` before \
             those of the method, or run on `threads`"
        ))
    }

    /// The error for a function whose argument of that name, or whose result, borrows.
    pub fn borrowed(function: &str, argument: Option<&str>) -> Self {
        NotRemote::because(match argument {
            Some(name) => format!(
                "`{function}`, whose argument `{name}` borrows; take an owned value, or a plain \
                 reference to one, such as `&[T]` or `&str`, or run on `threads`"
            ),
            None => format!(
                "`{function}`, whose result borrows; return an owned value, such as `String` for \
                 `&str` or `Vec<T>` for `&[T]`, or run on `threads`"
            ),
        })
    }

    /// The error for a function with arguments or a result that cannot be sent. It names
    /// the first of `parts`.
    pub fn part(function: &str, parts: &[Option<UnsendablePart>]) -> Self {
        match parts.iter().flatten().next() {
            Some(UnsendablePart { name, ty }) => {
                let part = match name {
                    Some(name) => format!("argument `{name}`"),
                    None => "result".to_owned(),
                };
                NotRemote::because(format!(
                    "`{function}`, whose {part} is a `{ty}`, which cannot be sent to another \
                     process; derive `joblib::Persist` (or `serde::Serialize` and \
                     `serde::Deserialize`) for the type that lacks it, or run on `threads`"
                ))
            }
            None => NotRemote::because(format!(
                "`{function}`, whose arguments or result cannot be sent to another process; run \
                 on `threads`"
            )),
        }
    }

    fn because(why: String) -> Self {
        NotRemote {
            why,
            is_closure: false,
        }
    }
}

impl Display for NotRemote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

/// An argument, or the result, which has no name, that cannot be sent.
#[derive(Clone, Debug)]
pub struct UnsendablePart {
    name: Option<&'static str>,
    ty: String,
}

/// Returns the argument called `name`, or the result, as one that cannot be sent, unless
/// `is_sendable`.
pub fn unsendable<T: ?Sized>(
    is_sendable: bool,
    name: Option<&'static str>,
) -> Option<UnsendablePart> {
    let ty = || as_written(type_name::<T>());
    (!is_sendable).then(|| UnsendablePart { name, ty: ty() })
}

/// A type, whose `Debug` output is its name.
pub struct TypeName<T: ?Sized>(PhantomData<fn(*const T)>);

impl<T: ?Sized> TypeName<T> {
    /// The only value.
    pub const NEW: Self = TypeName(PhantomData);
}

impl<T: ?Sized> Debug for TypeName<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&as_written(type_name::<T>()))
    }
}

/// Returns the name of a type with the paths of the standard library as they are written
/// in programs.
fn as_written(name: &str) -> String {
    let is_path_char = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let mut text = String::with_capacity(name.len());
    for token in name.split_inclusive(|c| !is_path_char(c)) {
        let path = ["alloc::", "core::"]
            .iter()
            .find_map(|root| token.strip_prefix(root));
        let Some(path) = path else {
            text.push_str(token);
            continue;
        };
        let in_prelude = ["string::String", "vec::Vec", "option::Option"]
            .iter()
            .any(|it| path.starts_with(it));
        match path.split_once("::") {
            Some((_, name)) if in_prelude => text.push_str(name),
            _ => text.extend(["std::", path]),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_show_as_programs_write_them() {
        let shown = format!("{:?}", TypeName::<(Vec<String>, Box<u8>, String)>::NEW);
        assert_eq!(shown, "(Vec<String>, std::boxed::Box<u8>, String)");
        assert_eq!(as_written("my_core::core::A"), "my_core::core::A");
    }

    #[test]
    fn an_instance_that_is_not_listed_is_named_with_what_to_write() {
        let text = NotRemote::unlisted("sum", &[&TypeName::<f32>::NEW, &3]).to_string();
        assert!(text.starts_with("`sum::<f32, 3>`"), "{text}");
        assert!(
            text.contains("`#[parallel(instantiate((f32, 3)))]`"),
            "{text}"
        );
        let text = NotRemote::unlisted("double", &[&TypeName::<u8>::NEW]).to_string();
        assert!(text.contains("`#[parallel(instantiate(u8))]`"), "{text}");
    }

    #[test]
    fn the_first_part_that_stays_is_named() {
        struct Local;
        let parts = [
            crate::__joblib_unsendable!(u8, Some("x")),
            crate::__joblib_unsendable!([Local], Some("y")),
            crate::__joblib_unsendable!(Local, None),
        ];
        let text = NotRemote::part("f", &parts).to_string();
        assert!(
            text.starts_with("`f`, whose argument `y` is a `["),
            "{text}"
        );
        assert!(text.contains("Local]`, which cannot be sent"), "{text}");
        let text = NotRemote::part("f", &parts[2..]).to_string();
        assert!(text.starts_with("`f`, whose result is a `"), "{text}");
    }
}
