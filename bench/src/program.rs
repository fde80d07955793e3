//! Starts a peer: this program again, or a Python program.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;

/// One of the comparisons of this program, identified by its command-line argument.
#[derive(Clone, Copy)]
pub(crate) struct Half(pub(crate) &'static str);

/// The program that does the work of a peer.
#[derive(Clone, Copy)]
pub(crate) enum Program {
    /// This program, for the peer of this name.
    Rust(&'static str),
    /// A Python program.
    Python(&'static str),
}

impl Half {
    /// Returns a command that does the work described by `args` and prints its
    /// measurements.
    pub(crate) fn command(
        self,
        program: Program,
        python: &Path,
        args: &[String],
    ) -> Result<Command> {
        let mut command = match program {
            Program::Rust(name) => {
                let mut command = Command::new(std::env::current_exe()?);
                command.args(["work", self.0, name]);
                command
            }
            Program::Python(file) => {
                let mut command = Command::new(python);
                command.arg(self.python_program(file));
                command
            }
        };
        command.args(args);
        Ok(command)
    }

    /// Returns the path of the Python program of this half called `file`.
    pub(crate) fn python_program(self, file: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
        folder.join(self.0).join(file)
    }
}

/// Returns the work with this name.
pub(crate) fn work_named<W: Copy>(
    word: &str,
    names: &[(W, &str)],
) -> std::result::Result<W, String> {
    let found = names.iter().find(|(_, name)| *name == word);
    found
        .map(|(work, _)| *work)
        .ok_or_else(|| format!("unknown work {word:?}"))
}
