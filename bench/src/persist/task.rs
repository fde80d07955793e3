//! The tasks that a peer does in its own process. They are encoded as command-line
//! arguments, so that peers in other languages can read them too. The file is [`FILE`]
//! in the working directory.

use crate::Result;

/// The file that is written, read and mapped.
pub(crate) const FILE: &str = "value";

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Writing the file, which stays for later works: seconds.
    Dump,
    /// Reading the file that an earlier process wrote: seconds.
    Load,
    /// Mapping the file, reading one number and closing it: seconds.
    Open,
    /// The peak memory while writing, minus that before: bytes.
    DumpMemory,
    /// The peak memory while reading, minus that before and that of the value: bytes.
    LoadMemory,
}

/// The value that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// 100 MB of numbers.
    Array,
    /// Two arrays and a thousand strings.
    Model,
    /// 10⁶ integers and strings.
    Map,
    /// 10⁵ small structs.
    Records,
    /// 1 GiB of numbers.
    Gibibyte,
    /// 100 MB of rows of three numbers.
    Rows,
    /// 100 MB of structs of three numbers.
    Points,
    /// 100 MB of structs of numbers of several kinds.
    Mixed,
    /// 10⁶ numbers by number, ordered.
    Tree,
    /// 10⁶ numbers by number, hashed.
    Hashed,
    /// 10⁶ numbers, ordered.
    Set,
    /// 10⁶ numbers by string, ordered.
    Names,
}

/// The cores that the process may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cores {
    One,
    All,
}

/// One measurement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task {
    pub(crate) work: Work,
    pub(crate) value: Value,
    pub(crate) cores: Cores,
}

const WORKS: [(Work, &str); 5] = [
    (Work::Dump, "dump"),
    (Work::Load, "load"),
    (Work::Open, "open"),
    (Work::DumpMemory, "dump-memory"),
    (Work::LoadMemory, "load-memory"),
];

const VALUES: [(Value, &str); 12] = [
    (Value::Array, "array"),
    (Value::Model, "model"),
    (Value::Map, "map"),
    (Value::Records, "records"),
    (Value::Gibibyte, "gibibyte"),
    (Value::Rows, "rows"),
    (Value::Points, "points"),
    (Value::Mixed, "mixed"),
    (Value::Tree, "tree"),
    (Value::Hashed, "hashed"),
    (Value::Set, "set"),
    (Value::Names, "names"),
];

const CORES: [(Cores, &str); 2] = [(Cores::One, "one-core"), (Cores::All, "all-cores")];

impl Task {
    /// Parses the arguments that [`Task::args`] returns.
    pub(crate) fn parse(args: &[&str]) -> Result<Self> {
        let &[work, value, cores] = args else {
            return Err(format!("expected three arguments of a task, found {args:?}").into());
        };
        Ok(Self {
            work: meaning(&WORKS, work)?,
            value: meaning(&VALUES, value)?,
            cores: meaning(&CORES, cores)?,
        })
    }

    /// Returns the task as command-line arguments.
    pub(crate) fn args(&self) -> [String; 3] {
        [
            word(&WORKS, self.work),
            word(&VALUES, self.value),
            word(&CORES, self.cores),
        ]
    }
}

fn word<T: PartialEq>(names: &[(T, &str)], meaning: T) -> String {
    let found = names.iter().find(|(it, _)| *it == meaning);
    found.map_or("", |(_, word)| word).to_owned()
}

fn meaning<T: Copy>(names: &[(T, &str)], word: &str) -> Result<T> {
    let found = names.iter().find(|(_, it)| *it == word);
    let found = found.ok_or_else(|| format!("unknown argument of a task: {word:?}"))?;
    Ok(found.0)
}

#[cfg(test)]
mod tests {
    use super::{CORES, Task, VALUES, WORKS};

    #[test]
    fn every_task_is_understood_by_the_process_that_does_it() {
        for (work, _) in WORKS {
            for (value, _) in VALUES {
                for (cores, _) in CORES {
                    let args = Task { work, value, cores }.args();
                    let read = Task::parse(&args.each_ref().map(String::as_str)).unwrap();
                    assert_eq!((read.work, read.value, read.cores), (work, value, cores));
                }
            }
        }
    }
}
