//! Renders a table with a row per work and a column per peer. Each value has its ratio
//! to ours.

use std::array::from_fn;
use std::fmt::Write as _;
use std::thread;

use crate::Result;

/// The result of one peer for one work.
#[derive(Clone, Debug)]
pub(crate) enum Cell {
    /// The peer does not support the work, or not in reasonable time.
    Absent,
    /// The peer was stopped after this many seconds.
    Longer(u64),
    /// The peer failed with this error message.
    Failed(String),
    /// One value per round.
    Measured(Vec<f64>),
}

/// The unit of the values of a row.
#[derive(Clone, Copy)]
pub(crate) enum Unit {
    Seconds,
    /// A multiple of another value. Not compared across peers.
    Times,
    /// Memory. Not compared across peers.
    Bytes,
}

/// A table under construction.
pub(crate) struct Table {
    text: String,
    failures: Vec<String>,
    titles: Vec<&'static str>,
}

impl Table {
    /// Creates an empty table. `corner` describes the table.
    pub(crate) fn new(corner: &str, titles: impl Iterator<Item = &'static str>) -> Self {
        let titles: Vec<_> = titles.collect();
        let text = format!(
            "| {corner} | {} |\n|---|{}\n",
            titles.join(" | "),
            "---:|".repeat(titles.len())
        );
        Self {
            text,
            failures: Vec::new(),
            titles,
        }
    }

    /// Adds a row. The first cell is ours.
    pub(crate) fn row(&mut self, title: &str, unit: Unit, cells: impl IntoIterator<Item = Cell>) {
        let cells: Vec<Cell> = cells.into_iter().collect();
        let ours = cells.first().cloned().unwrap_or(Cell::Absent);
        let mut row = format!("| {title} |");
        for (index, cell) in cells.iter().enumerate() {
            let _ = write!(row, " {} |", cell.show(unit, (index > 0).then_some(&ours)));
            if let Cell::Failed(reason) = cell {
                self.failures
                    .push(format!("{}, {title}: {reason}", self.titles[index]));
            }
        }
        // Show the progress of a long run.
        eprintln!("{row}");
        self.text += &row;
        self.text.push('\n');
    }

    /// Returns the table, followed by the failures in it.
    pub(crate) fn render(self) -> String {
        let mut text = self.text;
        for failure in self.failures {
            let _ = write!(text, "\nFailed: {failure}.");
        }
        text
    }
}

/// Returns the legend of the cells, after up to `rounds` rounds.
pub(crate) fn legend(rounds: usize) -> Result<String> {
    let cores = thread::available_parallelism()?;
    Ok(format!(
        "Median of up to {rounds} rounds on {cores} cores; in brackets, how many times ours, \
         as the median of the rounds. –: no such thing, or no such size in reasonable time."
    ))
}

impl Cell {
    pub(crate) fn is_measured(&self) -> bool {
        matches!(self, Self::Measured(_))
    }

    /// Returns whether nothing failed, so that the measurement can be repeated.
    pub(crate) fn is_sound(&self) -> bool {
        matches!(self, Self::Measured(_) | Self::Absent)
    }

    /// Adds another round. A failure in any round is a failure.
    pub(crate) fn extend(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::Measured(values), Self::Measured(more)) => values.extend(more),
            (_, other) => *self = other,
        }
    }

    fn show(&self, unit: Unit, ours: Option<&Self>) -> String {
        match (self, unit, ours) {
            (Self::Absent, ..) => "–".into(),
            (Self::Longer(seconds), ..) => format!("> {seconds} s"),
            (Self::Failed(_), ..) => "fails".into(),
            (Self::Measured(values), Unit::Times, _) => format!("{:.2}", median(values.clone())),
            (Self::Measured(values), Unit::Bytes, _) => size(median(values.clone())),
            (Self::Measured(values), Unit::Seconds, Some(Self::Measured(ours))) => {
                let ratios = values
                    .iter()
                    .zip(ours)
                    .map(|(theirs, ours)| theirs / ours)
                    .collect();
                format!(
                    "{} (×{})",
                    time(median(values.clone())),
                    significant(median(ratios))
                )
            }
            (Self::Measured(values), Unit::Seconds, _) => time(median(values.clone())),
        }
    }
}

impl From<Result<f64>> for Cell {
    fn from(result: Result<f64>) -> Self {
        let [cell] = cells(result.map(|value| [value]));
        cell
    }
}

/// Returns the cells of `N` numbers that were measured together.
pub(crate) fn cells<const N: usize>(result: Result<[f64; N]>) -> [Cell; N] {
    match result {
        Ok(values) => values.map(|value| Cell::Measured(vec![value])),
        Err(error) => from_fn(|_| Cell::Failed(error.to_string())),
    }
}

fn time(seconds: f64) -> String {
    let (value, unit) = match seconds {
        s if s < 1e-6 => (s * 1e9, "ns"),
        s if s < 1e-3 => (s * 1e6, "µs"),
        s if s < 1.0 => (s * 1e3, "ms"),
        s => (s, "s"),
    };
    format!("{} {unit}", significant(value))
}

fn size(bytes: f64) -> String {
    let (value, unit) = match bytes.abs() {
        b if b < 1e6 => (bytes / 1e3, "kB"),
        b if b < 1e9 => (bytes / 1e6, "MB"),
        _ => (bytes / 1e9, "GB"),
    };
    format!("{} {unit}", significant(value))
}

/// Formats a value with at most three digits, since more would be noise.
fn significant(value: f64) -> String {
    match value.abs() {
        v if v < 10.0 => format!("{value:.2}"),
        v if v < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::{Cell, Table, Unit};

    #[test]
    fn ratios_are_medians_of_the_rounds() {
        let mut table = Table::new("", ["ours", "theirs"].into_iter());
        let ours = Cell::Measured(vec![1e-6, 2e-6, 3e-6]);
        let theirs = Cell::Measured(vec![2e-6, 4e-6, 30e-6]);
        table.row("hit", Unit::Seconds, [ours, theirs]);
        assert!(
            table
                .render()
                .contains("| hit | 2.00 µs | 4.00 µs (×2.00) |")
        );
    }

    #[test]
    fn failures_are_named_below_the_table() {
        let mut table = Table::new("", ["ours", "theirs"].into_iter());
        table.row(
            "hit",
            Unit::Seconds,
            [Cell::Absent, Cell::Failed("locked".into())],
        );
        let text = table.render();
        assert!(text.contains("| hit | – | fails |"));
        assert!(text.contains("Failed: theirs, hit: locked."));
    }

    #[test]
    fn less_memory_than_nothing_is_shown_as_such() {
        let mut table = Table::new("", ["ours"].into_iter());
        table.row("growth", Unit::Bytes, [Cell::Measured(vec![-2_500_000.0])]);
        assert!(table.render().contains("| growth | -2.50 MB |"));
    }

    #[test]
    fn a_failure_in_a_later_round_is_a_failure() {
        let mut cell = Cell::Measured(vec![1.0]);
        cell.extend(Cell::Failed("gone".into()));
        assert!(!cell.is_measured());
    }
}
