//! Cases about imports in unusual positions, and imports that import less than they
//! seem to.

use crate::case::{Case, MAIN, case, case_of_f};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case("an import after a constant block counts", &["f(3)", "g(3)", "h(3)"], "
mod one { pub fn pick() -> i64 { 10 } }
mod two { pub fn pick() -> i64 { 20 } }
trait Step { fn step(&self) -> i64; }
struct Own;
fn made() { const { assert!(true) } impl Step for Own { fn step(&self) -> i64 { 30 } } }
#[memoize] fn f(x: i64) -> i64 { const { assert!(size_of::<u8>() == 1) } use one::*; pick() + x }
#[memoize] fn g(x: i64) -> i64 { if x > 0 { const {} use two::*; return pick() + x } 1 }
#[memoize] fn h(x: i64) -> i64 { Own.step() + x }
")
        .edit(MAIN, "{ 10 }", "{ 11 }", &["f"])
        .edit(MAIN, "{ 20 }", "{ 21 }", &["g"])
        .edit(MAIN, "{ 30 }", "{ 31 }", &["h"]),
        case("an import within a length, a discriminant or a default counts", &["f(3)", "g(3)", "h(3)"], "
mod one { pub const N: usize = 10; }
mod two { pub const N: isize = 20; }
mod three { pub const N: usize = 30; }
struct Row([u8; { use one::*; N }]);
enum Kind { Only = { use two::*; N } }
struct Grid<const N: usize = { use three::*; N }>;
impl<const N: usize> Grid<N> { fn size(&self) -> i64 { N as i64 } }
#[memoize] fn f(x: i64) -> i64 { size_of::<Row>() as i64 + x }
#[memoize] fn g(x: i64) -> i64 { Kind::Only as i64 + x }
#[memoize] fn h(x: i64) -> i64 { let grid: Grid = Grid; grid.size() + x }
")
        .edit(MAIN, "= 10", "= 11", &["f"])
        .edit(MAIN, "= 20", "= 21", &["g"])
        .edit(MAIN, "= 30", "= 31", &["h"]),
        case("an import within a signature counts", &["f(3)", "g(3)", "h(3)"], "
mod one { pub const N: usize = 10; }
mod two { pub const N: usize = 20; }
mod three { pub const N: usize = 30; }
trait Size { fn size(&self) -> i64; }
impl Size for [u8; { use two::*; N }] { fn size(&self) -> i64 { 1 } }
impl Size for [u8; 25] { fn size(&self) -> i64 { 2 } }
trait Row { fn row() -> [u8; { use three::*; N }]; }
impl Row for i64 { fn row() -> [u8; three::N] { [0; three::N] } }
fn zeros<T: Default + Copy, const N: usize>(of: fn([T; N])) -> i64 { of([T::default(); N]); N as i64 }
fn taken(_: [u8; { use one::*; N }]) {}
#[memoize] fn f(x: i64) -> i64 { zeros(taken) + x }
#[memoize] fn g(x: i64) -> i64 { [0_u8; 2 * two::N - 20].size() + x }
#[memoize] fn h(x: i64) -> i64 { i64::row().len() as i64 + x }
")
        .edit(MAIN, "= 10", "= 11", &["f"])
        .edit(MAIN, "= 30", "= 31", &["h"]),
        case("braces around self in an import count", &["f(3)", "g(3)", "h(3)"], "
mod a { pub mod m { pub fn x() -> i64 { 1 } } pub fn m() -> i64 { 10 } }
mod b { pub mod m { pub fn x() -> i64 { 2 } } pub fn m() -> i64 { 20 } }
mod c { pub mod m { pub fn x() -> i64 { 3 } } pub fn m() -> i64 { 30 } }
mod other { pub fn m() -> i64 { 40 } }
mod below { use super::other::*; use super::b::m::{self}; pub fn go() -> i64 { m() + m::x() } }
mod more { pub use super::other::*; pub use super::c::m::{self}; }
fn m() -> i64 { 50 }
#[memoize] fn f(x: i64) -> i64 { use a::m::{self}; m() + m::x() + x }
#[memoize] fn g(x: i64) -> i64 { below::go() + x }
#[memoize] fn h(x: i64) -> i64 { more::m() + x }
")
        .edit(MAIN, "use a::m::{self}", "use a::m", &["f"])
        .edit(MAIN, "use super::b::m::{self}", "use super::b::m", &["g"])
        .edit(MAIN, "use super::c::m::{self}", "use super::c::m", &["h"]),
        case("an identifier counts in both of its spellings", &["f(3)", "g(3)", "h(3)"], "
fn caf\u{e9}() -> i64 { 10 }
mod cr\u{e8}me { pub fn go() -> i64 { 20 } }
const \u{e0}: i64 = 30;
#[memoize] fn f(x: i64) -> i64 { cafe\u{301}() + x }
#[memoize] fn g(x: i64) -> i64 { cre\u{300}me::go() + x }
#[memoize] fn h(x: i64) -> String { format!(\"{} {x}\", a\u{300}) }
")
        .edit(MAIN, "{ 10 }", "{ 11 }", &["f"])
        .edit(MAIN, "{ 20 }", "{ 21 }", &["g"])
        .edit(MAIN, "= 30", "= 31", &["h"]),
        case_of_f("modules that open each other are looked through in good time", GLOBS)
            .edit(MAIN, "x + 10", "x + 11", &["f"]),
    ]
}

/// A prelude and twelve modules that glob-import it. Each module has a name that others
/// have too.
const GLOBS: &str = "
mod prelude { pub use crate::c0::*; pub use crate::c1::*; pub use crate::c2::*; pub use crate::c3::*; pub use crate::c4::*; pub use crate::c5::*; }
pub mod h0 { #[allow(unused)] use crate::prelude::*; pub fn run(x: i64) -> i64 { x + 10 } }
pub mod h1 { #[allow(unused)] use crate::prelude::*; pub fn run(x: i64) -> i64 { x + 20 } }
pub mod h2 { #[allow(unused)] use crate::prelude::*; pub fn run(x: i64) -> i64 { x + 30 } }
pub mod h3 { #[allow(unused)] use crate::prelude::*; pub fn run(x: i64) -> i64 { x + 40 } }
pub mod h4 { #[allow(unused)] use crate::prelude::*; pub fn run(x: i64) -> i64 { x + 50 } }
pub mod h5 { #[allow(unused)] use crate::prelude::*; pub fn run(x: i64) -> i64 { x + 60 } }
pub mod c0 { #[allow(unused)] use crate::prelude::*; use crate::h0::run; pub fn go0(x: i64) -> i64 { run(x) } }
pub mod c1 { #[allow(unused)] use crate::prelude::*; use crate::h1::run; pub fn go1(x: i64) -> i64 { run(x) } }
pub mod c2 { #[allow(unused)] use crate::prelude::*; use crate::h2::run; pub fn go2(x: i64) -> i64 { run(x) } }
pub mod c3 { #[allow(unused)] use crate::prelude::*; use crate::h3::run; pub fn go3(x: i64) -> i64 { run(x) } }
pub mod c4 { #[allow(unused)] use crate::prelude::*; use crate::h4::run; pub fn go4(x: i64) -> i64 { run(x) } }
pub mod c5 { #[allow(unused)] use crate::prelude::*; use crate::h5::run; pub fn go5(x: i64) -> i64 { run(x) } }
#[memoize] fn f(x: i64) -> i64 { prelude::go0(x) }
";
