//! The function whose tasks a worker runs, instantiated once for all tasks of a call.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::path::Path;

use memmap2::Mmap;
use serde::{Deserialize, Serialize};

use super::panic::{PanicInfo, catch_panic};
use crate::process::recv_buffer::AlignedBuf;
use crate::process::{ContextHooks, memfd};
use crate::task::{self, Instance, Key, Registration};
use crate::wire::{MessageReader, MessageWriter};

/// The parent's description of the function.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::process) struct FunctionRequest {
    /// Its key in the registry.
    pub(in crate::process) key: Key,
    /// The working directory of the parent, which relative paths start from; `None` if
    /// it has no path because it was removed.
    pub(in crate::process) directory: Option<OsString>,
    /// The seed of all tasks.
    pub(in crate::process) seed: Option<u64>,
    /// Whether the output of tasks is sent to the parent.
    pub(in crate::process) captures: bool,
    /// The captured context of the call; see [`ContextHooks`].
    pub(in crate::process) surroundings: Vec<u8>,
    /// The number of threads for parallel calls inside tasks.
    pub(in crate::process) threads: usize,
    /// The maximum number of workers of the call.
    pub(in crate::process) workers: usize,
    /// A function that runs first, once.
    pub(in crate::process) initializer: Option<Key>,
}

/// The reason why the function cannot run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::process) enum Refusal {
    /// The worker does not know the function, or cannot decode the shared argument.
    Transport(String),
    /// Decoding the shared argument panicked.
    Panicked(PanicInfo),
    /// The initializer panicked.
    Initializer(PanicInfo),
}

/// A function that is ready to run.
pub(super) struct LoadedFunction {
    instance: Instance,
    /// What `instance` may borrow from. Fields are dropped in order of declaration, so
    /// it is declared after `instance`.
    _shared: SharedArgument,
    pub(super) call: FunctionRequest,
}

/// The bytes of the shared argument.
enum SharedArgument {
    Inline(AlignedBuf, usize),
    Mapped(Mmap),
}

impl SharedArgument {
    fn new(message: &[u8], fd: Option<(OwnedFd, usize)>) -> Result<SharedArgument, Refusal> {
        if let Some((fd, len)) = fd {
            let map = memfd::map_sealed(fd, len).map_err(transport_error)?;
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
    /// Instantiates the function that `call` describes. The shared argument is
    /// `message`, or the memory that the descriptor refers to.
    pub(super) fn open(
        call: FunctionRequest,
        message: &[u8],
        fd: Option<(OwnedFd, usize)>,
        context: &ContextHooks,
    ) -> Result<LoadedFunction, Refusal> {
        match &call.directory {
            Some(directory) => enter(Path::new(directory))?,
            None => enter_parent_directory()?,
        }
        (context.enter)(&call.surroundings, call.threads);
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

/// Changes to the directory of the parent, unless this process is already there.
fn enter(directory: &Path) -> Result<(), Refusal> {
    let is_there = || std::env::current_dir().is_ok_and(|here| here == directory);
    if is_there() {
        return Ok(());
    }
    match std::env::set_current_dir(directory) {
        // The path may be longer than the system accepts at once, or contain
        // directories that this process may not enter.
        Err(_) if enter_parent_directory().is_ok() && is_there() => Ok(()),
        entered => {
            entered.map_err(|error| transport_error(format!("{}: {error}", directory.display())))
        }
    }
}

/// Changes to the directory of the parent if that has no path, that is, after its
/// removal.
fn enter_parent_directory() -> Result<(), Refusal> {
    let parent = std::os::unix::process::parent_id();
    match std::env::set_current_dir(format!("/proc/{parent}/cwd")) {
        // This process was started in the same directory and inherited it.
        Err(_) if std::env::current_dir().is_err() => Ok(()),
        entered => entered.map_err(|error| {
            transport_error(format!(
                "cannot enter the working directory of the program, which was removed: {error}"
            ))
        }),
    }
}

fn find(key: &Key) -> Result<&'static Registration, Refusal> {
    let unknown = || {
        Refusal::Transport(format!(
            "the function `{}` is not registered in the worker",
            key.0
        ))
    };
    task::find(key).ok_or_else(unknown)
}

fn transport_error(error: impl ToString) -> Refusal {
    Refusal::Transport(error.to_string())
}

/// Instantiates the function with the shared argument. The instance must be dropped
/// before `shared`.
fn instance(registration: &Registration, shared: &[u8]) -> Result<Instance, Refusal> {
    // SAFETY: an instance borrows from `shared` as long as it lives and lends it out
    // only for the duration of a call. It is dropped before what it borrows from: in
    // `LoadedFunction` by the order of the fields, in `initialize` because `shared` is
    // static.
    let shared: &'static [u8] = unsafe { std::mem::transmute(shared) };
    let opened = catch_panic(|| (registration.open)(&mut MessageReader::trusting(shared)));
    match opened.map_err(Refusal::Panicked)? {
        Some(instance) => instance.map_err(transport_error),
        None => Err(transport_error(format!(
            "`{}` cannot travel",
            registration.name
        ))),
    }
}

fn initialize(registration: &Registration) -> Result<(), Refusal> {
    let instance = instance(registration, &[])?;
    let empty = MessageWriter::new();
    let mut message = Vec::new();
    empty.append_to(&mut message);
    let run = catch_panic(|| instance(&mut MessageReader::new(&message), &mut |_| ()));
    run.map_err(Refusal::Initializer)?.map_err(transport_error)
}
