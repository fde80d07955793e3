//! The function that a worker runs tasks of, made ready once for all of them.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::path::Path;

use memmap2::Mmap;
use serde::{Deserialize, Serialize};

use super::super::recv_buffer::AlignedBuf;
use super::super::{context_hooks, memfd};
use super::panic::{Told, caught};
use crate::task::{self, Instance, Key, Registration};
use crate::wire::{MessageReader, MessageWriter};

/// What a parent says of the function.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::process) struct FunctionRequest {
    /// By what the registry knows it.
    pub(in crate::process) key: Key,
    /// Where the parent is, which relative paths start from; nothing if that has no
    /// path any more.
    pub(in crate::process) directory: Option<OsString>,
    /// The seed of all tasks.
    pub(in crate::process) seed: Option<u64>,
    /// Whether what tasks print is to be sent to the parent.
    pub(in crate::process) captures: bool,
    /// What the call is made in.
    pub(in crate::process) surroundings: Vec<u8>,
    /// How many threads there are for what runs inside of tasks.
    pub(in crate::process) threads: usize,
    /// A function to be run first, once.
    pub(in crate::process) initializer: Option<Key>,
}

/// Why the function cannot be run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::process) enum Refusal {
    /// The worker does not know it, or cannot read what all tasks share.
    Travel(String),
    /// Reading what all tasks share panicked.
    Panicked(Told),
    /// The initializer panicked.
    Initializer(Told),
}

/// A function ready to run.
pub(super) struct LoadedFunction {
    instance: Instance,
    /// What `instance` may borrow from; it is declared after it, so that it
    /// is dropped after it.
    _shared: SharedArgument,
    pub(super) call: FunctionRequest,
}

/// What all tasks share, where it lies.
enum SharedArgument {
    Inline(AlignedBuf, usize),
    Mapped(Mmap),
}

impl SharedArgument {
    fn new(message: &[u8], fd: Option<(OwnedFd, usize)>) -> Result<SharedArgument, Refusal> {
        if let Some((fd, len)) = fd {
            let map = memfd::mapped(fd, len).map_err(travel)?;
            return Ok(SharedArgument::Mapped(map));
        }
        let mut copy = AlignedBuf::default();
        copy.grow(message.len());
        copy.bytes_mut()[..message.len()].copy_from_slice(message);
        Ok(SharedArgument::Inline(copy, message.len()))
    }

    fn bytes(&self) -> &[u8] {
        match self {
            SharedArgument::Inline(bytes, len) => &bytes.bytes()[..*len],
            SharedArgument::Mapped(map) => map,
        }
    }
}

impl LoadedFunction {
    /// Makes ready what `call` says. What all tasks share is `message`, or
    /// the memory that the descriptor refers to.
    pub(super) fn open(
        call: FunctionRequest,
        message: &[u8],
        fd: Option<(OwnedFd, usize)>,
    ) -> Result<LoadedFunction, Refusal> {
        match &call.directory {
            Some(directory) => enter(Path::new(directory))?,
            None => enter_that_of_parent()?,
        }
        context_hooks::enter(&call.surroundings, call.threads);
        if let Some(key) = &call.initializer {
            initialize(find(key)?)?;
        }
        let shared = SharedArgument::new(message, fd)?;
        let instance = instance(find(&call.key)?, shared.bytes())?;
        Ok(LoadedFunction {
            instance,
            _shared: shared,
            call,
        })
    }

    pub(super) fn instance(&self) -> &Instance {
        &self.instance
    }
}

/// Goes where the parent is, if this process is not there already.
fn enter(directory: &Path) -> Result<(), Refusal> {
    let is_there = || std::env::current_dir().is_ok_and(|here| here == directory);
    if is_there() {
        return Ok(());
    }
    match std::env::set_current_dir(directory) {
        // The path may be longer than the system takes at once, or lead through
        // directories that may no longer be entered.
        Err(_) if enter_that_of_parent().is_ok() && is_there() => Ok(()),
        entered => entered.map_err(|error| travel(format!("{}: {error}", directory.display()))),
    }
}

/// Goes where the parent is, which has no path: somebody removed it.
fn enter_that_of_parent() -> Result<(), Refusal> {
    let parent = std::os::unix::process::parent_id();
    match std::env::set_current_dir(format!("/proc/{parent}/cwd")) {
        // This process was started there.
        Err(_) if std::env::current_dir().is_err() => Ok(()),
        entered => entered.map_err(|error| {
            travel(format!(
                "the directory of the program, which has no path any more: {error}"
            ))
        }),
    }
}

fn find(key: &Key) -> Result<&'static Registration, Refusal> {
    let unknown = || Refusal::Travel(format!("the worker knows no `{}`", key.0));
    task::find(key).ok_or_else(unknown)
}

fn travel(error: impl ToString) -> Refusal {
    Refusal::Travel(error.to_string())
}

/// The function with what all tasks share in it. It must be dropped before
/// `shared` is.
fn instance(registration: &Registration, shared: &[u8]) -> Result<Instance, Refusal> {
    // SAFETY: an instance borrows for as long as it lives and hands out what
    // it borrowed to nobody for longer than a call; it is dropped before what
    // it borrows from, in `Function` by the order of its fields.
    let shared: &'static [u8] = unsafe { std::mem::transmute(shared) };
    let opened = caught(|| (registration.open)(&mut MessageReader::trusting(shared)));
    match opened.map_err(Refusal::Panicked)? {
        Some(instance) => instance.map_err(travel),
        None => Err(travel(format!("`{}` cannot travel", registration.name))),
    }
}

fn initialize(registration: &Registration) -> Result<(), Refusal> {
    let instance = instance(registration, &[])?;
    let empty = MessageWriter::new();
    let mut message = Vec::new();
    empty.append_to(&mut message);
    let run = caught(|| instance(&mut MessageReader::new(&message), &mut |_| ()));
    run.map_err(Refusal::Initializer)?.map_err(travel)
}
