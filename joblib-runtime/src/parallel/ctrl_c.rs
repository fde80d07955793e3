//! Cancels calls when the user presses Ctrl-C, for programs that ask for it.

use std::sync::{Mutex, PoisonError};

use super::cancel::CancelToken;

/// The token that Ctrl-C cancels, once there is a handler.
static TOKEN: Mutex<Option<CancelToken>> = Mutex::new(None);

/// Why Ctrl-C cannot cancel calls.
#[derive(Debug, thiserror::Error)]
#[error("Ctrl-C cannot cancel calls, because the handler cannot be installed: {0}")]
pub struct CtrlCError(#[from] ctrlc::Error);

impl CancelToken {
    /// Returns the token that Ctrl-C (SIGINT) cancels instead of ending the program, so that
    /// calls with it fail with [`ErrorKind::Cancelled`](crate::outcome::ErrorKind), results
    /// that are done can be used, and destructors run. The second Ctrl-C ends the program as
    /// usual.
    ///
    /// Every call of this function returns the same token. The handler stays installed. In
    /// a program that is started with SIGINT ignored, as shells do for commands in the
    /// background, Ctrl-C stays ignored.
    ///
    /// # Errors
    ///
    /// Fails if the program already has a handler by the crate `ctrlc`, or if the system
    /// refuses one.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # use joblib_runtime::parallel as joblib;
    /// use joblib::CancelToken;
    ///
    /// let token = CancelToken::on_ctrl_c()?;
    /// let call = joblib::par(0..1_000_000_u64).map(|x| x * x).cancel_with(&token);
    /// match call.try_collect::<Vec<_>>() {
    ///     Ok(all) => println!("{} results", all.len()),
    ///     Err(error) => eprintln!("stopped: {error}"),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_ctrl_c() -> Result<CancelToken, CtrlCError> {
        let mut token = TOKEN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = &*token {
            return Ok(token.clone());
        }
        let new = CancelToken::new();
        let cancelled = new.clone();
        if !is_ignored() {
            ctrlc::try_set_handler(move || match cancelled.is_cancelled() {
                false => cancelled.cancel(),
                true => end(),
            })?;
        }
        *token = Some(new.clone());
        Ok(new)
    }
}

/// Returns whether the program ignores SIGINT.
fn is_ignored() -> bool {
    // SAFETY: all bytes zero are a valid `sigaction`.
    let mut now: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: without a new action, `sigaction` only writes the current one to `now`.
    let is_known = unsafe { libc::sigaction(libc::SIGINT, std::ptr::null(), &mut now) } == 0;
    is_known && now.sa_sigaction == libc::SIG_IGN
}

/// Ends the program as SIGINT does without a handler, so that a shell sees why it ended.
fn end() {
    // SAFETY: `signal` and `raise` have no preconditions; the default action is valid for
    // SIGINT.
    unsafe {
        libc::signal(libc::SIGINT, libc::SIG_DFL);
        libc::raise(libc::SIGINT);
    }
}
