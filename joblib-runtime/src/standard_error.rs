//! Standard error, which messages and progress bars share: the bars are one block of lines
//! at the end, and everything else is above them.

use std::fmt::Display;
#[cfg(feature = "progress")]
use std::io::IsTerminal;
use std::io::{self, Write};

#[cfg(feature = "progress")]
use indicatif::MultiProgress;

/// The bars of the process. All are in one block, so that nested and concurrent calls do
/// not overwrite each other.
#[cfg(feature = "progress")]
pub(crate) static BARS: std::sync::LazyLock<MultiProgress> =
    std::sync::LazyLock::new(MultiProgress::new);

/// Writes a line to standard error, above the progress bars, which would overwrite a part of
/// what `eprintln!` writes. The line is written in one piece, so that lines of other threads
/// and processes stay whole. Errors are ignored; unlike `eprintln!`, it does not panic where
/// standard error is closed.
///
/// Messages of joblib itself are written this way. A logger can use it for its records.
///
/// # Example
///
/// ```
/// # use joblib_runtime::parallel as joblib;
/// let call = joblib::par(0..3).map(|x| {
///     joblib::print_above_bars(format_args!("computing {x}"));
///     x
/// });
/// call.progress("numbers").for_each(drop);
/// ```
pub fn print_above_bars(line: impl Display) {
    write(format!("{line}\n"));
}

/// Writes `text` above the progress bars.
pub(crate) fn write(text: impl Display) {
    // Formatted before the bars are locked, because it may call anything.
    let text = text.to_string();
    let write = || io::stderr().write_all(text.as_bytes());
    // `suspend` panics if it cannot clear the bars, for example on a terminal that was
    // closed meanwhile, which is no terminal any more.
    #[cfg(feature = "progress")]
    let written = match io::stderr().is_terminal() {
        true => BARS.suspend(write),
        false => write(),
    };
    #[cfg(not(feature = "progress"))]
    let written = write();
    drop(written);
}
