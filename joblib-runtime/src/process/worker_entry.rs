//! The entry point of worker processes: a constructor of the binary, which runs before
//! `main`, or [`init`] if the constructor cannot take over.
//!
//! Functions are registered by constructors too, in an order that the linker chooses.
//! Our constructor therefore first runs all constructors that follow it, which the
//! system would run next. After that every function is registered, and since a worker
//! never returns to the system, no constructor runs twice.

use std::ffi::{c_char, c_int};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::handshake::{self, WorkerEnv};
use super::{ContextHooks, binary_id, child, descriptors};
use crate::secure_execution;
use crate::task::registry_digest;

/// The signature of a constructor.
pub(crate) type Constructor = extern "C" fn(c_int, *const *const c_char, *const *const c_char);

/// The parameters of this process as a worker; empty in other processes.
static MARKER: OnceLock<WorkerEnv> = OnceLock::new();

/// Returns the worker parameters, if this process is a worker that took over.
pub(super) fn worker() -> Option<&'static WorkerEnv> {
    MARKER.get()
}

/// Whether this process called [`init`]; if so, its worker processes will too.
static IS_INITIALIZED: AtomicBool = AtomicBool::new(false);

/// Our constructor, as the system called it.
static CONSTRUCTOR: OnceLock<Constructor> = OnceLock::new();

/// Returns why processes that this one starts would not become workers, if there is a
/// reason.
pub(super) fn startup_obstacle() -> Option<String> {
    if secure_execution::is_required() {
        let why = "this program runs with privileges that its caller lacks (set-user-ID, \
            set-group-ID or file capabilities), so it ignores the environment variable that \
            makes a process a worker; use `backend::Threads`";
        return Some(why.to_owned());
    }
    if worker().is_none() && std::env::var_os(handshake::VARIABLE).is_some() {
        let why = "this process was started as a worker but did not become one; \
            put `#[joblib::main]` on `main`, or call `joblib::init()` first in it";
        return Some(why.to_owned());
    }
    match is_in_binary() != Some(false) || IS_INITIALIZED.load(Ordering::Relaxed) {
        true => None,
        false => Some(format!(
            "this code is in a library that {} loaded at run time, and worker processes of that \
             program would not load it; use `backend::Threads`, or, if the program itself is \
             linked with the library, call `joblib::init()` first in its `main`",
            binary_id::path()
        )),
    }
}

/// Runs this process as a worker and never returns if it was started as one; otherwise
/// returns at once. For `main`.
pub(crate) fn init(context: &'static ContextHooks) {
    IS_INITIALIZED.store(true, Ordering::Relaxed);
    if let Some(marker) = worker_env() {
        take_over(marker, context);
    }
}

/// Does the same for `constructor`, which the system calls before `main` with these arguments.
pub(crate) fn at_start(
    constructor: Constructor,
    argc: c_int,
    argv: *const *const c_char,
    environment: *const *const c_char,
    context: &'static ContextHooks,
) {
    CONSTRUCTOR.get_or_init(|| constructor);
    descriptors::note();
    let Some(marker) = worker_env() else {
        return;
    };
    match following_constructors() {
        Some(constructors) => constructors
            .iter()
            .for_each(|constructor| constructor(argc, argv, environment)),
        None if registry_digest() != marker.registry => return,
        None => {}
    }
    take_over(marker, context);
}

fn worker_env() -> Option<WorkerEnv> {
    let text = secure_execution::var_os(handshake::VARIABLE)?;
    if text.to_str().is_some_and(handshake::is_for_other_copy) {
        return None;
    }
    match text.to_str().and_then(|text| text.parse().ok()) {
        Some(marker) => Some(marker),
        None => child::give_up("was started as a worker by another version of joblib"),
    }
}

fn take_over(marker: WorkerEnv, context: &'static ContextHooks) -> ! {
    child::run(MARKER.get_or_init(|| marker), context)
}

/// Returns the constructors that follow ours in the table of this binary, or `None` if
/// ours is not in the table.
fn following_constructors() -> Option<&'static [Constructor]> {
    let ours = *CONSTRUCTOR.get()? as usize;
    let all = constructors()?;
    let ours = all
        .iter()
        .position(|&constructor| constructor as usize == ours)?;
    Some(&all[ours + 1..])
}

/// Whether this code is in the binary that the process runs, and not in a library;
/// `None` if the kernel does not provide the address of the binary.
fn is_in_binary() -> Option<bool> {
    let headers = headers()?;
    let load_bias = load_bias(headers).unwrap_or_default();
    let ours = is_in_binary as *const () as u64;
    let mut loaded = headers
        .iter()
        .filter(|header| header.p_type == libc::PT_LOAD);
    Some(loaded.any(|header| {
        let start = load_bias.wrapping_add(header.p_vaddr);
        ours.wrapping_sub(start) < header.p_memsz
    }))
}

/// Returns the program headers of the binary.
fn headers() -> Option<&'static [libc::Elf64_Phdr]> {
    // SAFETY: the call only reads the auxiliary vector of the kernel.
    let (headers, count) = unsafe {
        (
            libc::getauxval(libc::AT_PHDR),
            libc::getauxval(libc::AT_PHNUM),
        )
    };
    if headers == 0 {
        return None;
    }
    // SAFETY: the kernel provides the address and the number of the program headers of
    // the running binary; they stay mapped as long as it runs.
    Some(unsafe { std::slice::from_raw_parts(headers as *const libc::Elf64_Phdr, count as usize) })
}

/// Returns the difference between the load address and the link address of the binary.
fn load_bias(headers: &[libc::Elf64_Phdr]) -> Option<u64> {
    let own = of_type(headers, libc::PT_PHDR)?;
    Some((headers.as_ptr() as u64).wrapping_sub(own.p_vaddr))
}

fn of_type(headers: &[libc::Elf64_Phdr], kind: u32) -> Option<&libc::Elf64_Phdr> {
    headers.iter().find(|header| header.p_type == kind)
}

/// Returns the table of constructors that the dynamic section of this binary refers to.
///
/// Programs that do not call `joblib::init` in `main`, such as `cargo test`, have workers
/// too, and parallel output equals sequential output only if all functions are registered
/// and all statics of linked libraries initialized. The system calls nothing of ours
/// between the last constructor and `main`, and not every linker has symbols for the table.
fn constructors() -> Option<&'static [Constructor]> {
    let headers = headers()?;
    let load_bias = load_bias(headers)?;
    let dynamic = of_type(headers, libc::PT_DYNAMIC)?;
    let count = dynamic.p_memsz as usize / size_of::<ElfDynamic>();
    let dynamic = load_bias.wrapping_add(dynamic.p_vaddr) as *const ElfDynamic;
    // SAFETY: the program headers contain the address and length of the dynamic
    // section.
    let dynamic = unsafe { std::slice::from_raw_parts(dynamic, count) };
    let value = |tag| {
        let entries = dynamic.iter().take_while(|entry| entry.tag != 0);
        let mut values = entries.filter(|entry| entry.tag == tag);
        values.next().map(|entry| entry.value)
    };
    let len = value(DT_INIT_ARRAYSZ)? as usize / size_of::<Constructor>();
    let table = load_bias.wrapping_add(value(DT_INIT_ARRAY)?) as *const Constructor;
    // SAFETY: the dynamic section contains the address and length of the table; the
    // system relocated its elements before it called the first constructor.
    Some(unsafe { std::slice::from_raw_parts(table, len) })
}

/// An entry of the dynamic section.
#[repr(C)]
struct ElfDynamic {
    tag: u64,
    value: u64,
}

const DT_INIT_ARRAY: u64 = 25;
const DT_INIT_ARRAYSZ: u64 = 27;
