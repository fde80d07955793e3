//! Parses the command line.

/// The options of the search.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// The number of workers. -1, like the default, is one for each core.
    pub(crate) jobs: Option<i32>,
    /// `threads`, `processes` or `sequential`.
    pub(crate) backend: Option<String>,
}

const USAGE: &str = "usage: grid_search [--jobs N] [--backend threads|processes|rayon|sequential]";

impl Options {
    /// Parses the arguments that follow the program name.
    pub(crate) fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        while let Some(arg) = args.next() {
            let value = args.next();
            match (arg.as_str(), value) {
                ("--jobs", Some(jobs)) => {
                    let number = jobs.parse();
                    let refused = |error| format!("--jobs {jobs}: {error}\n{USAGE}");
                    options.jobs = Some(number.map_err(refused)?);
                }
                ("--backend", Some(name)) => options.backend = Some(name),
                ("--jobs" | "--backend", None) => {
                    return Err(format!("{arg} needs a value\n{USAGE}"));
                }
                _ => return Err(format!("unknown option {arg}\n{USAGE}")),
            }
        }
        Ok(options)
    }
}
