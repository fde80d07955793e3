//! Cases where items are linked by symbol name or collected in linker tables.

use crate::case::{Case, Files, MAIN, PROC_MACRO, case, case_of_f};

pub(crate) fn cases() -> Vec<Case> {
    [symbols(), blocks(), assembly(), tables()]
        .into_iter()
        .flatten()
        .collect()
}

/// Creates a program whose function `hook`, or a function that `hook` calls, adds 1.
fn hook(promise: &'static str, main: &'static str) -> Case {
    case_of_f(promise, main).edit_wide(MAIN, "x + 1", "x + 2", &["f"])
}

const PROVIDER: Files = &[
    (
        "provider/Cargo.toml",
        r#"
[dependencies]
inventory = "0.3"
plugins = { path = "../plugins" }
"#,
    ),
    (
        "provider/src/lib.rs",
        r#"
#[unsafe(no_mangle)] extern "C" fn hook(x: i64) -> i64 { inner(x) }
fn inner(x: i64) -> i64 { x + 1 }
inventory::submit! { plugins::Plugin(40) }
"#,
    ),
    (
        "plugins/Cargo.toml",
        "[dependencies]\ninventory = \"0.3\"\n",
    ),
    (
        "plugins/src/lib.rs",
        r#"
pub struct Plugin(pub i64);
inventory::collect!(Plugin);
pub fn sum() -> i64 { inventory::iter::<Plugin>.into_iter().map(|plugin| plugin.0).sum() }
"#,
    ),
];

fn symbols() -> Vec<Case> {
    vec![
        hook("a function that is linked by its name counts", r#"
mod imp { #[unsafe(no_mangle)] pub extern "Rust" fn hook(x: i64) -> i64 { x + 1 } }
mod decl { unsafe extern "Rust" { pub safe fn hook(x: i64) -> i64; } }
#[memoize] fn f(x: i64) -> i64 { decl::hook(x) }
"#),
        hook("a function that is linked by its name counts, as older editions write it", r#"
mod imp { #[no_mangle] pub extern "Rust" fn hook(x: i64) -> i64 { helper(x) } fn helper(x: i64) -> i64 { x + 1 } }
mod decl { extern "Rust" { pub fn hook(x: i64) -> i64; } }
#[memoize] fn f(x: i64) -> i64 { unsafe { decl::hook(x) } }
"#)
        .edition("2021"),
        hook("a function that is exported under another name counts", r#"
mod imp { #[unsafe(export_name = "stale_hook")] pub extern "C" fn whatever(x: i64) -> i64 { x + 1 } }
mod decl { unsafe extern "C" { #[link_name = "stale_hook"] pub safe fn hook(x: i64) -> i64; } }
#[memoize] fn f(x: i64) -> i64 { decl::hook(x) }
"#),
        hook("a function that a macro exports counts", r#"
macro_rules! export { ($n:ident, $x:ident => $e:expr) => { #[unsafe(no_mangle)] extern "C" fn $n($x: i64) -> i64 { $e } } }
mod imp { export!(stale_hook, x => x + 1); }
macro_rules! import { ($n:ident) => { unsafe extern "C" { safe fn $n(x: i64) -> i64; } } }
import!(stale_hook);
#[memoize] fn f(x: i64) -> i64 { stale_hook(x) }
"#),
        hook("a function that is exported by condition counts", r#"
mod imp { #[cfg_attr(unix, unsafe(no_mangle))] extern "C" fn stale_hook(x: i64) -> i64 { x + 1 } }
#[memoize] fn f(x: i64) -> i64 {
    unsafe extern "C" { safe fn stale_hook(x: i64) -> i64; }
    stale_hook(x)
}
"#),
        case_of_f("a static that is linked by its name counts", r#"
mod imp { #[unsafe(no_mangle)] static STALE_LEVEL: i64 = 12 + MORE; const MORE: i64 = 100; }
unsafe extern "C" { safe static STALE_LEVEL: i64; }
#[memoize] fn f(x: i64) -> i64 { x + STALE_LEVEL }
"#)
        .edit_wide(MAIN, "12 + MORE", "13 + MORE", &["f"])
        .edit_wide(MAIN, "i64 = 100", "i64 = 200", &["f"]),
        case_of_f("a method that is linked by its name counts", r#"
mod imp { pub struct Own; impl Own { #[unsafe(no_mangle)] pub extern "C" fn stale_hook(x: i64) -> i64 { x + 1 } } }
unsafe extern "C" { safe fn stale_hook(x: i64) -> i64; }
#[memoize] fn f(x: i64) -> i64 { stale_hook(x) }
"#)
        .edit_wide(MAIN, "x + 1", "x + 2", &["f"]),
        case_of_f("a function of another crate that is linked by its name counts", r#"
use provider as _;
unsafe extern "C" { safe fn hook(x: i64) -> i64; }
#[memoize] fn f(x: i64) -> i64 { hook(x) }
"#)
        .needs("provider", PROVIDER)
        .edit_wide("provider/src/lib.rs", "x + 1", "x + 2", &["f"]),
        case_of_f("a function that a crate below links by its name counts", r#"
mod imp { #[unsafe(no_mangle)] extern "C" fn hook(x: i64) -> i64 { x + 1 } }
#[memoize] fn f(x: i64) -> i64 { caller::call(x) }
"#)
        .library("caller", r#"
unsafe extern "C" { safe fn hook(x: i64) -> i64; }
pub fn call(x: i64) -> i64 { hook(x) }
"#)
        .edit_wide(MAIN, "x + 1", "x + 2", &["f"]),
    ]
}

fn blocks() -> Vec<Case> {
    vec![
        case("the ABI of a block counts", &["f(3)", "g(3)"], r#"
trait Kind { fn kind(&self) -> i64; }
impl Kind for extern "C" fn(i64) -> i64 { fn kind(&self) -> i64 { 1 } }
impl Kind for extern "system" fn(i64) -> i64 { fn kind(&self) -> i64 { 2 } }
mod decl { unsafe extern "C" { pub safe fn labs(x: i64) -> i64; pub safe fn llabs(x: i64) -> i64; } }
#[memoize] fn f(x: i64) -> i64 { [decl::labs, decl::llabs][0].kind() + decl::labs(x) }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .edit(MAIN, "unsafe extern \"C\"", "unsafe extern \"system\"", &["f"]),
        case("a macro that is attached to a block counts", &["f(3)", "g(3)"], r#"
mod decl { #[binds::bind("stale_add")] unsafe extern "C" { fn one(x: i64) -> i64; fn other(x: i8); } }
fn stale_add(x: i64) -> i64 { x + 1 }
#[memoize] fn f(x: i64) -> i64 { decl::one(x) }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .needs("binds", BINDS)
        .edit(MAIN, "x + 1", "x + 2", &["f"])
        .edit(MAIN, "other(x: i8)", "other(x: i16)", &["f"]),
    ]
}

fn assembly() -> Vec<Case> {
    let case = |promise, main| case(promise, &["f(3)", "g(3)"], main);
    let cases = vec![
        case("inline assembly counts", r#"
fn add(x: i64) -> i64 { let mut y = x; unsafe { core::arch::asm!("add {0}, 1", inout(reg) y) }; y }
#[memoize] fn f(x: i64) -> i64 { add(x) }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .edit(MAIN, "{0}, 1", "{0}, 2", &["f"]),
        case("what inline assembly is given counts", r#"
const STEP: i64 = 1;
fn add(x: i64) -> i64 { let mut y = x; unsafe { core::arch::asm!("add {0}, {step}", inout(reg) y, step = const STEP) }; y }
#[memoize] fn f(x: i64) -> i64 { add(x) }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .edit(MAIN, "i64 = 1", "i64 = 2", &["f"]),
        case("a function that inline assembly takes counts", r#"
extern "C" fn go(x: i64) -> i64 { x + 1 }
fn call(x: i64) -> i64 { let y; unsafe { core::arch::asm!("call {go}", go = sym go, in("rdi") x, out("rax") y, clobber_abi("C")) }; y }
#[memoize] fn f(x: i64) -> i64 { call(x) }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .edit(MAIN, "x + 1", "x + 2", &["f"]),
        case("a function that the text of assembly names counts", r#"
mod imp { #[unsafe(no_mangle)] extern "C" fn stale_asm(x: i64) -> i64 { x + 1 } }
fn call(x: i64) -> i64 { let y; unsafe { core::arch::asm!("call stale_asm", in("rdi") x, out("rax") y, clobber_abi("C")) }; y }
#[memoize] fn f(x: i64) -> i64 { call(x) }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .edit(MAIN, "x + 1", "x + 2", &["f"]),
        case("assembly of the whole program counts", r#"
core::arch::global_asm!(".globl stale_global", "stale_global: lea rax, [rdi + 1]", "ret");
mod decl { unsafe extern "C" { pub safe fn stale_global(x: i64) -> i64; } }
#[memoize] fn f(x: i64) -> i64 { decl::stale_global(x) }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .edit_wide(MAIN, "rdi + 1", "rdi + 2", &["f"]),
        case("a function that assembly of the whole program calls counts", r#"
core::arch::global_asm!(".globl stale_global", "stale_global: jmp stale_behind");
mod imp { #[unsafe(no_mangle)] extern "C" fn stale_behind(x: i64) -> i64 { x + 1 } }
mod decl { unsafe extern "C" { pub safe fn stale_global(x: i64) -> i64; } }
#[memoize] fn f(x: i64) -> i64 { decl::stale_global(x) }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .edit_wide(MAIN, "x + 1", "x + 2", &["f"]),
        case("a function without a prologue counts", r#"
#[unsafe(naked)] extern "C" fn add(_: i64) -> i64 { core::arch::naked_asm!("lea rax, [rdi + 1]", "ret") }
#[memoize] fn f(x: i64) -> i64 { add(x) }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .edit(MAIN, "rdi + 1", "rdi + 2", &["f"]),
    ];
    // The assembly is for x86-64 only.
    match cfg!(target_arch = "x86_64") {
        true => cases,
        false => Vec::new(),
    }
}

/// An attribute macro that turns declarations into functions. Each function calls
/// another function and adds the length of the block.
const BINDS: Files = &[
    ("binds/Cargo.toml", PROC_MACRO),
    (
        "binds/src/lib.rs",
        r##"
use proc_macro::TokenStream;
#[proc_macro_attribute]
pub fn bind(name: TokenStream, block: TokenStream) -> TokenStream {
    let callee = name.to_string().replace('"', "");
    let text = block.to_string();
    format!("pub fn one(x: i64) -> i64 {{ crate::{callee}(x) + {} }}", text.len()).parse().unwrap()
}
"##,
    ),
];

fn tables() -> Vec<Case> {
    vec![
        case_of_f("what is submitted to a registry counts", r#"
struct Plugin(i64);
inventory::collect!(Plugin);
mod first { inventory::submit! { crate::Plugin(12) } }
mod second { const WEIGHT: i64 = 100; inventory::submit! { crate::Plugin(WEIGHT) } }
#[memoize] fn f(x: i64) -> i64 { x + inventory::iter::<Plugin>.into_iter().map(|plugin| plugin.0).sum::<i64>() }
"#)
        .depends("inventory = \"0.3\"")
        .edit_wide(MAIN, "Plugin(12)", "Plugin(13)", &["f"])
        .edit_wide(MAIN, "i64 = 100", "i64 = 200", &["f"]),
        case_of_f("what another crate submits to a registry counts", r#"
use provider as _;
#[memoize] fn f(x: i64) -> i64 { x + plugins::sum() }
"#)
        .needs("provider", PROVIDER)
        .depends("plugins = { path = \"plugins\" }")
        .edit_wide("provider/src/lib.rs", "Plugin(40)", "Plugin(50)", &["f"]),
        case_of_f("what this crate submits to another one's registry counts", r#"
mod deep { inventory::submit! { plugins::Plugin(12) } }
#[memoize] fn f(x: i64) -> i64 { x + plugins::sum() }
"#)
        .needs("provider", PROVIDER)
        .depends("inventory = \"0.3\"")
        .depends("plugins = { path = \"plugins\" }")
        .edit_wide(MAIN, "Plugin(12)", "Plugin(13)", &["f"]),
        case_of_f("what runs before main counts", r#"
use std::sync::atomic::{AtomicI64, Ordering};
static LEVEL: AtomicI64 = AtomicI64::new(1);
mod early {
    extern "C" fn set() { crate::LEVEL.store(12, std::sync::atomic::Ordering::Relaxed); }
    #[used] #[unsafe(link_section = ".init_array")] static SET: extern "C" fn() = set;
}
#[memoize] fn f(x: i64) -> i64 { x + LEVEL.load(Ordering::Relaxed) }
"#)
        .edit_wide(MAIN, "store(12", "store(13", &["f"]),
        case_of_f("what a macro has run before main counts", r#"
use std::sync::atomic::{AtomicI64, Ordering};
static LEVEL: AtomicI64 = AtomicI64::new(1);
macro_rules! ctor { ($($body:tt)*) => { const _: () = {
    extern "C" fn run() { $($body)* }
    #[used] #[unsafe(link_section = ".init_array")] static RUN: extern "C" fn() = run;
}; } }
ctor! { LEVEL.fetch_add(12, Ordering::Relaxed); }
#[memoize] fn f(x: i64) -> i64 { x + LEVEL.load(Ordering::Relaxed) }
"#)
        .edit_wide(MAIN, "fetch_add(12", "fetch_add(13", &["f"]),
        case_of_f("what stands in a section of the linker counts", r#"
mod a { #[used] #[unsafe(link_section = "stale_table")] static A: i64 = 12; }
mod b { #[used] #[unsafe(link_section = "stale_table")] static B: i64 = super::WEIGHT; }
const WEIGHT: i64 = 100;
unsafe extern "C" { static __start_stale_table: i64; static __stop_stale_table: i64; }
fn sum() -> i64 {
    let (start, stop) = (&raw const __start_stale_table, &raw const __stop_stale_table);
    let count = (stop as usize - start as usize) / size_of::<i64>();
    (0..count).map(|n| unsafe { *start.add(n) }).sum()
}
#[memoize] fn f(x: i64) -> i64 { x + sum() }
"#)
        .edit_wide(MAIN, "i64 = 12", "i64 = 13", &["f"])
        .edit_wide(MAIN, "i64 = 100", "i64 = 200", &["f"]),
    ]
}
