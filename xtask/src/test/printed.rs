//! Parses the output of the grid search: the best setting, and how often each function
//! computed.

use crate::shell::Result;

/// The parsed output of one run.
#[derive(Debug, PartialEq)]
pub(crate) struct Printed {
    /// The line with the best setting.
    pub(crate) best: String,
    /// The line with the classifier's predictions.
    pub(crate) predictions: String,
    misses: Vec<(String, u64)>,
}

impl Printed {
    /// Parses the line of the best setting and the table of functions.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let best = text.lines().find(|line| line.starts_with("best: "));
        let misses: Option<Vec<_>> = text
            .lines()
            .skip_while(|line| !line.starts_with("function "))
            .skip(1)
            .take_while(|line| !line.is_empty())
            .map(name_and_misses)
            .collect();
        let predictions = text.lines().find(|line| line.starts_with("predictions: "));
        match (best, predictions, misses) {
            (Some(best), Some(predictions), Some(misses)) if !misses.is_empty() => Ok(Self {
                best: best.into(),
                predictions: predictions.into(),
                misses,
            }),
            _ => Err(format!(
                "the best setting, the predictions or the table of functions is missing in:\n{text}"
            )
            .into()),
        }
    }

    /// Returns the names of the functions that computed something.
    pub(crate) fn computed(&self) -> Vec<&str> {
        let computed = self.misses.iter().filter(|(_, misses)| *misses > 0);
        computed.map(|(name, _)| name.as_str()).collect()
    }
}

fn name_and_misses(row: &str) -> Option<(String, u64)> {
    let mut columns = row.split_whitespace();
    let name = columns.next()?;
    Some((name.into(), columns.nth(2)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::Printed;

    const TEXT: &str = "\
best: 24 components: 99.05 % right

function   hits (memory, disk)   misses   time saved
prepare            75         0       15         2.1s
train               0        90        0        19.0s

predictions: 9 of 10 right, 0a
90 fits";

    #[test]
    fn functions_with_misses_are_those_that_computed() {
        assert_eq!(Printed::read(TEXT).unwrap().computed(), ["prepare"]);
    }

    #[test]
    fn the_best_setting_is_found_among_other_lines() {
        let best = Printed::read(TEXT).unwrap().best;
        assert_eq!(best, "best: 24 components: 99.05 % right");
        let predictions = Printed::read(TEXT).unwrap().predictions;
        assert_eq!(predictions, "predictions: 9 of 10 right, 0a");
    }

    #[test]
    fn output_without_a_table_is_an_error() {
        assert!(Printed::read("best: nothing").is_err());
        assert!(Printed::read("best: nothing\npredictions: none\nfunction   hits\n\n").is_err());
    }
}
