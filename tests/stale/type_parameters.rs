//! Cases where callers choose types of the program itself for a function, or where
//! `dyn` hides such types. The function requires a trait of another crate and names
//! none of the types.

use crate::case::{Case, MAIN, case, edit};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case(
            "a conversion of a type that a caller chooses counts",
            &["f(&Num(1), 3)", "g(&Num(1), 3)", "plain(3)"],
            CONVERSION,
        )
        .edit("src/main.rs", "+ 10", "+ 20", &["f", "g"]),
        case(
            "an operator of a type that a caller chooses counts",
            &["g(&Num(1), 3)", "plain(3)"],
            CONVERSION,
        )
        .edit("src/main.rs", "- 50", "- 60", &["g"]),
        case(
            "how a type is shown that a caller chooses counts",
            &["f(&Num(1), 3)", "g(&Mark::default(), 3)", "of(&[Num(2)], 3)", "plain(3)"],
            SHOWN,
        )
        .edit("src/main.rs", "width 10", "width 20", &["f", "of"])
        .edit("src/main.rs", "first: u8", "other: u8", &["g"]),
        case(
            "a type around one of the program that a caller chooses counts",
            &["f(&std::collections::HashSet::<u8, State>::default(), 3)", "plain(3)"],
            "
use std::hash::{BuildHasher, DefaultHasher, Hasher};
#[derive(Clone, Default)] struct State;
struct Hash10(DefaultHasher);
impl BuildHasher for State { type Hasher = Hash10; fn build_hasher(&self) -> Hash10 { COUNT.set(10); Hash10(DefaultHasher::new()) } }
impl Hasher for Hash10 { fn finish(&self) -> u64 { self.0.finish() } fn write(&mut self, bytes: &[u8]) { self.0.write(bytes) } }
thread_local! { static COUNT: std::cell::Cell<i64> = const { std::cell::Cell::new(0) }; }
#[joblib::memoize(ignore(t))] fn f<T: Extend<u8> + Clone>(t: &T, x: i64) -> i64 { t.clone().extend([1]); COUNT.get() + x }
#[joblib::memoize] fn plain(x: i64) -> i64 { x }
",
        )
        .edit("src/main.rs", "set(10)", "set(20)", &["f"]),
        case(
            "what is dropped of a type that a caller chooses counts",
            &["f(Num(1), 3)", "plain(3)"],
            "
thread_local! { static COUNT: std::cell::Cell<i64> = const { std::cell::Cell::new(0) }; }
struct Num(i64);
impl Drop for Num { fn drop(&mut self) { COUNT.set(self.0 + 10); } }
#[joblib::memoize(ignore(t))] fn f<T>(t: T, x: i64) -> i64 { drop(t); COUNT.get() + x }
#[joblib::memoize] fn plain(x: i64) -> i64 { x }
",
        )
        .edit("src/main.rs", "self.0 + 10", "self.0 + 20", &["f"]),
        case(
            "the layout of a type that a caller chooses counts",
            &["f(P, 3)", "g(P, 3)", "h(P, 3)", "plain(3)"],
            "
use std::marker::PhantomData;
struct Num(u32);
const P: PhantomData<Num> = PhantomData;
trait Part { type Of; }
impl<T> Part for T { type Of = T; }
#[joblib::memoize(ignore(t))] fn f<T>(t: PhantomData<T>, x: i64) -> i64 { size_of::<T>() as i64 + x }
#[joblib::memoize(ignore(t))] fn g<T>(t: PhantomData<T>, x: i64) -> i64 { size_of::<Option<[T; 3]>>() as i64 + x }
#[joblib::memoize(ignore(t))] fn h<T: ?Sized + Part>(t: PhantomData<T>, x: i64) -> i64 { size_of::<T::Of>() as i64 + x }
#[joblib::memoize] fn plain(x: i64) -> i64 { x }
",
        )
        .step(edit(MAIN, "Num(u32)", "Num(std::num::NonZeroU32)").changes(&["g"]).keeps(&["plain"]))
        .step(edit(MAIN, "Num(u32)", "Num([u32; 2])").changes(&["f", "g", "h"]).keeps(&["plain"])),
        case(
            "the name of the crate counts where a function has its own and asks where it stands",
            &["f(3)", "plain(3)"],
            "
#[joblib::memoize(name = \"told\")] fn f(_: i64) -> String { module_path!().to_owned() }
#[joblib::memoize(name = \"plain\")] fn plain(x: i64) -> i64 { x }
",
        )
        .step(edit("Cargo.toml", "name = \"app\"", "name = \"other\"").changes(&["f"]).keeps(&["plain"])),
        case(
            "a type that hides behind another crate's trait counts",
            &["f(&Scene(Box::new(Num(1))), 3)", "g(&Scene(Box::new(Num(1))), 3)", "plain(3)"],
            "
use std::fmt::{Display, Formatter, Result};
struct Scene(Box<dyn Display>);
struct Num(i64);
impl Display for Num { fn fmt(&self, f: &mut Formatter) -> Result { write!(f, \"{}\", self.0 + 10) } }
trait Shape { fn area(&self) -> i64; }
impl<T: Display> Shape for T { fn area(&self) -> i64 { self.to_string().len() as i64 } }
#[joblib::memoize(ignore(s))] fn f(s: &Scene, x: i64) -> i64 { s.0.to_string().parse::<i64>().unwrap() + x }
#[joblib::memoize(ignore(s))] fn g(s: &Scene, x: i64) -> i64 { s.0.area() + x }
#[joblib::memoize] fn plain(x: i64) -> i64 { x }
",
        )
        .edit("src/main.rs", "self.0 + 10", "self.0 + 1000", &["f", "g"]),
        case(
            "a type that hides behind a trait of the crate for whatever is shown counts",
            &["f(&Scene(Box::new(Wrap(Num(1)))), 3)", "plain(3)"],
            "
use std::fmt::{Display, Formatter, Result};
trait Shape { fn area(&self) -> i64; }
struct Scene(Box<dyn Shape>);
struct Wrap<T>(T);
impl<T: Display> Shape for Wrap<T> { fn area(&self) -> i64 { self.0.to_string().parse().unwrap() } }
struct Num(i64);
impl Display for Num { fn fmt(&self, f: &mut Formatter) -> Result { write!(f, \"{}\", self.0 + 10) } }
#[joblib::memoize(ignore(s))] fn f(s: &Scene, x: i64) -> i64 { s.0.area() + x }
#[joblib::memoize] fn plain(x: i64) -> i64 { x }
",
        )
        .edit("src/main.rs", "self.0 + 10", "self.0 + 20", &["f"]),
    ]
}

const CONVERSION: &str = "
#[derive(Clone, joblib::Key)] struct Num(i64);
impl From<Num> for i64 { fn from(n: Num) -> i64 { n.0 + 10 } }
impl std::ops::Neg for Num { type Output = Num; fn neg(self) -> Num { Num(-self.0 - 50) } }
#[joblib::memoize] fn f<T: Into<i64> + Clone + joblib::Key>(t: &T, x: i64) -> i64 { let y: i64 = t.clone().into(); y + x }
#[joblib::memoize] fn g<T: std::ops::Neg<Output = T> + Into<i64> + Clone + joblib::Key>(t: &T, x: i64) -> i64 { let y: i64 = (-t.clone()).into(); y + x }
#[joblib::memoize] fn plain(x: i64) -> i64 { x }
";

const SHOWN: &str = "
use std::fmt::{Debug, Display, Formatter, Result};
#[derive(joblib::Key)] struct Num(i64);
impl Display for Num { fn fmt(&self, f: &mut Formatter) -> Result { write!(f, \"width 10\") } }
#[derive(Debug, Default)] struct Mark { part: Part }
#[derive(Debug, Default)] struct Part { first: u8 }
#[joblib::memoize] fn f<T: Display + joblib::Key>(t: &T, x: i64) -> String { format!(\"{t} {x}\") }
#[joblib::memoize(ignore(t))] fn g(t: &impl Debug, x: i64) -> String { format!(\"{t:?} {x}\") }
#[joblib::memoize] fn of<T>(t: &[T; 1], x: i64) -> String where T: ToString + joblib::Key { format!(\"{} {x}\", t[0].to_string()) }
#[joblib::memoize] fn plain(x: i64) -> i64 { x }
";
