//! Progress bars on standard error.

use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

use crate::sched::core_budget;
use crate::standard_error::BARS;
use crate::task::current;

static IS_QUIET: AtomicBool = AtomicBool::new(false);

/// How often the displayed time is updated while no task finishes.
const TICK: Duration = Duration::from_millis(250);

#[derive(Debug)]
pub(super) struct Bar {
    bar: ProgressBar,
    failed: AtomicUsize,
    /// Whether the bar disappears at the end, which nested bars do.
    is_passing: bool,
}

impl Bar {
    /// Creates a bar named `name` over `total` tasks. Returns `None` if standard error is
    /// not a terminal.
    pub(super) fn new(name: Cow<'static, str>, total: Option<usize>) -> Option<Bar> {
        if IS_QUIET.load(Ordering::Relaxed) || BARS.is_hidden() {
            return None;
        }
        let is_inside = core_budget::is_nested() || current::get().is_some();
        let bar = Bar::among(&BARS, name, total, is_inside);
        bar.bar.enable_steady_tick(TICK);
        Some(bar)
    }

    fn among(
        bars: &MultiProgress,
        name: Cow<'static, str>,
        total: Option<usize>,
        is_passing: bool,
    ) -> Bar {
        let bar = match total {
            Some(total) => ProgressBar::new(total as u64).with_style(style(OF_TOTAL)),
            None => ProgressBar::no_length().with_style(style(WITHOUT_TOTAL)),
        };
        let bar = bars.add(bar.with_prefix(name));
        bar.tick();
        Bar {
            bar,
            failed: AtomicUsize::new(0),
            is_passing,
        }
    }

    /// Records one more finished task.
    pub(super) fn advance(&self, is_ok: bool) {
        if !is_ok {
            let failed = self.failed.fetch_add(1, Ordering::Relaxed) + 1;
            self.bar.set_message(format!(", {failed} failed"));
        }
        self.bar.inc(1);
    }

    /// Ends the bar. It stays visible at its last position.
    pub(super) fn finish(&self) {
        if self.bar.is_finished() {
            return;
        }
        if self.is_passing {
            self.bar.finish_and_clear();
        } else {
            self.bar.abandon();
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.finish();
    }
}

const OF_TOTAL: &str = "{prefix} {bar:30} {pos}/{len} [{elapsed}, {eta} left, {rate}{msg}]";
const WITHOUT_TOTAL: &str = "{prefix} {spinner} {pos} [{elapsed}, {rate}{msg}]";

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template);
    let style = style.expect("the template is a constant and valid");
    style.with_key("rate", |state: &ProgressState, f: &mut dyn fmt::Write| {
        let _ = f.write_str(&rate(state.per_sec()));
    })
}

/// Formats tasks per second with few digits, or seconds per task if they are slow.
fn rate(per_second: f64) -> String {
    match per_second {
        fast if fast >= 100.0 => format!("{fast:.0}/s"),
        slow if slow > 0.0 && slow < 1.0 => format!("{:.1}s each", 1.0 / slow),
        other => format!("{other:.1}/s"),
    }
}

/// Disables bars in this process. Workers do this because the terminal belongs to their
/// parent.
pub(crate) fn disable() {
    IS_QUIET.store(true, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use indicatif::{InMemoryTerm, ProgressDrawTarget};

    use super::*;

    fn terminal() -> (InMemoryTerm, MultiProgress) {
        let terminal = InMemoryTerm::new(10, 100);
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        (terminal, MultiProgress::with_draw_target(target))
    }

    #[test]
    fn a_finished_bar_stays_with_all_it_counted() {
        let (terminal, bars) = terminal();
        let bar = Bar::among(&bars, "folds".into(), Some(3), false);
        bar.advance(true);
        bar.advance(false);
        bar.advance(true);
        bar.finish();
        drop(bar);
        let shown = terminal.contents();
        assert!(shown.starts_with("folds ██████"), "{shown}");
        assert!(shown.contains(" 3/3 ["), "{shown}");
        assert!(shown.ends_with(", 1 failed]"), "{shown}");
    }

    #[test]
    fn a_bar_called_off_stays_where_it_was() {
        let (terminal, bars) = terminal();
        let bar = Bar::among(&bars, "folds".into(), Some(4), false);
        bar.advance(true);
        drop(bar);
        assert!(
            terminal.contents().contains(" 1/4 ["),
            "{}",
            terminal.contents()
        );
    }

    #[test]
    fn bars_one_in_another_have_lines_of_their_own() {
        let (terminal, bars) = terminal();
        let outer = Bar::among(&bars, "outer".into(), Some(2), false);
        let inner = Bar::among(&bars, "inner".into(), None, true);
        inner.advance(true);
        inner.bar.tick();
        let shown = terminal.contents();
        let lines: Vec<_> = shown.lines().collect();
        assert_eq!(lines.len(), 2, "{shown}");
        assert!(
            lines[0].starts_with("outer") && lines[1].starts_with("inner"),
            "{shown}"
        );
        drop(inner);
        outer.advance(true);
        outer.finish();
        let shown = terminal.contents();
        assert_eq!(shown.lines().count(), 1, "{shown}");
        assert!(shown.starts_with("outer"), "{shown}");
    }

    #[test]
    fn a_call_after_another_begins_a_line_below() {
        let (terminal, bars) = terminal();
        for name in ["first", "second"] {
            let bar = Bar::among(&bars, name.into(), Some(1), false);
            bar.advance(true);
            bar.finish();
        }
        let shown = terminal.contents();
        let lines: Vec<_> = shown.lines().collect();
        assert_eq!(lines.len(), 2, "{shown}");
        assert!(
            lines[0].starts_with("first") && lines[1].starts_with("second"),
            "{shown}"
        );
    }

    #[test]
    fn rates_have_few_digits() {
        assert_eq!(rate(1234.5), "1234/s");
        assert_eq!(rate(33.0592), "33.1/s");
        assert_eq!(rate(0.0), "0.0/s");
        assert_eq!(rate(0.04), "25.0s each");
    }

    #[test]
    fn no_bar_is_made_where_standard_error_is_no_terminal() {
        if BARS.is_hidden() {
            assert!(Bar::new("folds".into(), Some(1)).is_none());
        }
    }
}
