//! Types and functions that print alike but are different are distinguished within a
//! process, and are memoized nevertheless.

use std::fmt::Debug;

use joblib::{Key, memoize};

trait Kind {
    const K: i64;

    fn k(&self) -> i64 {
        Self::K
    }
}

#[memoize(dir = "target/test-cache/identity")]
fn keyed<T: Kind + Key>(_t: &T, _case: &str) -> i64 {
    T::K * 100
}

#[memoize(dir = "target/test-cache/identity")]
fn described<T: Kind + serde::Serialize>(_t: &T, _case: &str) -> i64 {
    T::K * 100
}

#[memoize(dir = "target/test-cache/identity")]
fn unnamed(
    _t: &(impl Kind + serde::Serialize),
    t: impl Kind + serde::Serialize,
    _case: &str,
) -> i64 {
    t.k() * 100
}

#[memoize(dir = "target/test-cache/identity")]
fn parameter<T: Kind>(_case: &str) -> i64 {
    T::K * 100
}

#[memoize(dir = "target/test-cache/identity", ignore(t))]
fn ignored<T: Kind + ?Sized>(t: &T, _case: &str) -> i64 {
    t.k() * 100
}

#[memoize(dir = "target/test-cache/identity", ignore(f))]
fn applied<F: Fn(i64) -> i64>(x: i64, f: F, _case: &str) -> i64 {
    f(x)
}

#[memoize(dir = "target/test-cache/identity", ignore(f))]
fn applied_unnamed(x: i64, f: impl Fn(i64) -> i64, _case: &str) -> i64 {
    f(x)
}

#[memoize(dir = "target/test-cache/identity", key(f = "said"))]
fn keyed_by_text<F: Fn(i64) -> i64>(x: i64, f: F) -> i64 {
    f(x)
}

/// Makes the call twice; the second is a hit if the call can be cached.
fn twice<T: PartialEq + Debug>(call: impl Fn() -> T) -> T {
    let first = call();
    assert_eq!(call(), first);
    first
}

#[test]
fn local_types_of_two_functions_are_distinguished() {
    fn one() -> i64 {
        #[derive(Key)]
        struct Conf {
            n: i64,
        }
        impl Kind for Conf {
            const K: i64 = 1;
        }
        twice(|| keyed(&Conf { n: 5 }, "functions"))
    }
    fn two() -> i64 {
        #[derive(Key)]
        struct Conf {
            n: i64,
        }
        impl Kind for Conf {
            const K: i64 = 2;
        }
        twice(|| keyed(&Conf { n: 5 }, "functions"))
    }
    assert_eq!((one(), two()), (100, 200));
}

/// A block with a local type `Conf`; tests write the block out by hand where its position
/// matters.
macro_rules! conf {
    ($k:literal, $($derive:path),*; |$conf:ident| $call:expr) => {{
        #[derive($($derive),*)]
        #[allow(dead_code)]
        struct Conf {
            n: i64,
        }
        impl Kind for Conf {
            const K: i64 = $k;
        }
        let $conf = Conf { n: 5 };
        twice(|| $call)
    }};
}

#[test]
fn local_types_of_sibling_blocks_are_distinguished() {
    let one = {
        #[derive(Key)]
        struct Conf {
            n: i64,
        }
        impl Kind for Conf {
            const K: i64 = 1;
        }
        let conf = [Conf { n: 5 }];
        let given = twice(|| keyed(&conf[0], "blocks"));
        assert!(keyed::check(&conf[0], "blocks"));
        given
    };
    let two = {
        #[derive(Key)]
        struct Conf {
            n: i64,
        }
        impl Kind for Conf {
            const K: i64 = 2;
        }
        let conf = [Conf { n: 5 }];
        let given = twice(|| keyed(&conf[0], "blocks"));
        assert!(keyed::check(&conf[0], "blocks"));
        given
    };
    assert_eq!((one, two), (100, 200));
}

#[test]
fn local_types_generated_by_a_macro_are_distinguished() {
    let one = conf!(1, Key; |conf| keyed(&conf, "made"));
    let two = conf!(2, Key; |conf| keyed(&conf, "made"));
    assert_eq!((one, two), (100, 200));
}

#[test]
fn local_types_with_only_serialize_are_distinguished() {
    let one = conf!(1, serde::Serialize; |conf| described(&conf, "described"));
    let two = conf!(2, serde::Serialize; |conf| described(&conf, "described"));
    assert_eq!((one, two), (100, 200));
    let one = conf!(1, serde::Serialize, Clone; |conf| unnamed(&conf, conf.clone(), "a"));
    let two = conf!(2, serde::Serialize, Clone; |conf| unnamed(&conf, conf.clone(), "a"));
    assert_eq!((one, two), (100, 200));
}

/// Wraps a type; the key covers both the wrapper and the wrapped type.
#[derive(Key)]
struct Wrap<T>(T);

impl<T: Kind> Kind for Wrap<T> {
    const K: i64 = T::K + 10;
}

#[test]
fn types_generic_over_local_types_are_distinguished() {
    let one = conf!(1, Key; |conf| keyed(&Wrap(Conf { n: conf.n }), "wrapped"));
    let two = conf!(2, Key; |conf| keyed(&Wrap(Conf { n: conf.n }), "wrapped"));
    assert_eq!((one, two), (1100, 1200));
    let one = conf!(1, Clone; |_conf| parameter::<Wrap<Conf>>("wrapped"));
    let two = conf!(2, Clone; |_conf| parameter::<Wrap<Conf>>("wrapped"));
    assert_eq!((one, two), (1100, 1200));
}

#[test]
fn trait_objects_of_local_traits_are_distinguished() {
    fn one() -> i64 {
        trait Local {}
        impl Kind for dyn Local {
            const K: i64 = 1;
        }
        twice(|| parameter::<Box<dyn Local>>("dyn"))
    }
    fn two() -> i64 {
        trait Local {}
        impl Kind for dyn Local {
            const K: i64 = 2;
        }
        twice(|| parameter::<Box<dyn Local>>("dyn"))
    }
    assert_eq!((one(), two()), (100, 200));
}

impl<T: Kind + ?Sized> Kind for Box<T> {
    const K: i64 = T::K;
}

#[test]
fn closures_of_one_function_are_distinguished() {
    assert_eq!(twice(|| applied(1, |x| x + 1, "closures")), 2);
    assert_eq!(twice(|| applied(1, |x| x * 100, "closures")), 100);
    assert_eq!(twice(|| applied_unnamed(1, |x| x + 1, "closures")), 2);
    assert_eq!(twice(|| applied_unnamed(1, |x| x * 100, "closures")), 100);
}

#[test]
fn functions_passed_as_arguments_are_distinguished() {
    fn one(x: i64) -> i64 {
        x + 1
    }
    fn two(x: i64) -> i64 {
        x + 2
    }
    assert_eq!(twice(|| applied(1, one, "functions")), 2);
    assert_eq!(twice(|| applied(1, two, "functions")), 3);
}

#[test]
fn a_key_expression_replaces_a_closure() {
    assert_eq!(keyed_by_text(1, |x| x + 1), 2);
    assert_eq!(keyed_by_text(1, |x| x * 100), 2);
}

/// A closure in a tuple implements the trait of the test types.
impl<F: Fn() -> i64> Kind for (F,) {
    const K: i64 = 0;

    fn k(&self) -> i64 {
        (self.0)()
    }
}

#[test]
fn closures_within_other_types_are_distinguished() {
    assert_eq!(twice(|| ignored(&(|| 1,), "within")), 100);
    assert_eq!(twice(|| ignored(&(|| 2,), "within")), 200);
}

#[test]
fn memoized_functions_of_sibling_blocks_are_distinguished() {
    let one = {
        const K: i64 = 1;
        #[memoize(dir = "target/test-cache/identity")]
        fn f(x: i64) -> i64 {
            x + K
        }
        let given = twice(|| f(1));
        assert!(f::check(1));
        given
    };
    let two = {
        const K: i64 = 2;
        #[memoize(dir = "target/test-cache/identity")]
        fn f(x: i64) -> i64 {
            x + K
        }
        let given = twice(|| f(1));
        assert!(f::check(1));
        f::clear();
        assert!(!f::check(1));
        given
    };
    assert_eq!((one, two), (2, 3));
}

macro_rules! block {
    ($k:literal) => {{
        const K: i64 = $k;
        #[memoize(dir = "target/test-cache/identity")]
        fn made(x: i64) -> i64 {
            x + K
        }
        let given = twice(|| made(1));
        assert!(made::check(1));
        given
    }};
}

#[test]
fn memoized_functions_that_a_macro_generates_in_blocks_are_distinguished() {
    assert_eq!((block!(1), block!(2)), (2, 3));
}

macro_rules! named_block {
    ($k:literal) => {{
        const K: i64 = $k;
        #[memoize(dir = "target/test-cache/identity", name = "made and named")]
        fn made(x: i64) -> i64 {
            x + K
        }
        twice(|| made(1))
    }};
}

#[test]
fn memoized_functions_that_a_macro_gives_one_name_are_distinguished() {
    assert_eq!((named_block!(1), named_block!(2)), (2, 3));
}

mod before {
    use joblib::memoize;

    #[memoize(dir = "target/test-cache/identity", name = "moved")]
    pub(super) fn moved(x: i64) -> i64 {
        x + 3
    }
}

mod after {
    use joblib::memoize;

    #[memoize(dir = "target/test-cache/identity", name = "moved")]
    pub(super) fn moved(x: i64) -> i64 {
        x + 3
    }
}

#[test]
fn a_named_function_keeps_its_results_when_it_moves() {
    assert_eq!(before::moved::key(1), after::moved::key(1));
    assert_eq!(before::moved(1), 4);
    assert!(before::moved::check(1));
    // Two functions with one name conflict: the second is computed.
    assert_eq!(after::moved(1), 4);
    assert!(!after::moved::check(1));
}

struct Scale<T>(T);

impl Scale<f32> {
    const EPS: i64 = 12;

    #[memoize(dir = "target/test-cache/identity", ignore(self))]
    fn eps(&self, x: i64) -> i64 {
        let _ = self.0;
        Self::EPS + x
    }
}

impl Scale<f64> {
    const EPS: i64 = 6;

    #[memoize(dir = "target/test-cache/identity", ignore(self))]
    fn eps(&self, x: i64) -> i64 {
        let _ = self.0;
        Self::EPS + x
    }
}

#[test]
fn methods_of_two_instances_of_a_type_are_distinguished() {
    assert_eq!(twice(|| Scale(1_f32).eps(1)), 13);
    assert_eq!(twice(|| Scale(1_f64).eps(1)), 7);
}

trait First {
    const N: i64;
    fn go(&self, x: i64) -> i64;
}

trait Second<T> {
    const N: i64;
    fn go(&self, x: i64) -> i64;
}

struct Unit;

impl First for Unit {
    const N: i64 = 1;

    #[memoize(dir = "target/test-cache/identity", ignore(self))]
    fn go(&self, x: i64) -> i64 {
        <Self as First>::N + x
    }
}

impl<T: Kind> Second<T> for Unit {
    const N: i64 = T::K;

    #[memoize(dir = "target/test-cache/identity", ignore(self))]
    fn go(&self, x: i64) -> i64 {
        <Self as Second<T>>::N + x
    }
}

#[test]
fn a_parameter_that_only_the_trait_of_an_impl_names_counts() {
    assert_eq!(twice(|| First::go(&Unit, 0)), 1);
    let one = conf!(1, Clone; |_conf| Second::<Conf>::go(&Unit, 0));
    let two = conf!(2, Clone; |_conf| Second::<Conf>::go(&Unit, 0));
    assert_eq!((one, two), (1, 2));
}

trait Defaulted<const N: i64> {
    const M: i64;

    #[memoize(dir = "target/test-cache/identity", ignore(self))]
    fn both(&self, _case: &str) -> i64 {
        Self::M * N
    }
}

impl<T: Kind, const N: i64> Defaulted<N> for Wrap<T> {
    const M: i64 = T::K;
}

#[test]
fn parameters_of_a_trait_count_in_its_functions() {
    let one = conf!(1, Clone; |_conf| Defaulted::<5>::both(&Wrap(Conf { n: 1 }), ""));
    let two = conf!(2, Clone; |_conf| Defaulted::<5>::both(&Wrap(Conf { n: 1 }), ""));
    let three = conf!(2, Clone; |_conf| Defaulted::<7>::both(&Wrap(Conf { n: 1 }), ""));
    assert_eq!((one, two, three), (5, 10, 14));
}
