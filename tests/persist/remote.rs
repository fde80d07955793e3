//! Fields of types from other crates, described by a type with the same fields.

use joblib::Persist;

use crate::Place;

/// Types of another crate, without `Persist` and without serde.
mod other {
    #[derive(Clone, Debug, PartialEq)]
    pub(super) struct Grid<T> {
        pub(super) cells: Vec<T>,
        pub(super) shape: [usize; 2],
    }

    #[derive(Clone, Debug, PartialEq)]
    pub(super) enum Outcome {
        Converged { steps: u64 },
        Failed(String),
        Pending,
    }

    #[derive(Clone, Debug, PartialEq)]
    pub(super) struct Seam {
        columns: Vec<u32>,
        cost: f64,
    }

    impl Seam {
        pub(super) fn new(columns: Vec<u32>, cost: f64) -> Self {
            Seam { columns, cost }
        }

        pub(super) fn columns(&self) -> &[u32] {
            &self.columns
        }

        pub(super) fn cost(&self) -> f64 {
            self.cost
        }
    }
}

#[derive(Persist)]
#[persist(remote = other::Grid<T>)]
struct GridDef<T> {
    cells: Vec<T>,
    shape: [usize; 2],
}

#[derive(Persist)]
#[persist(remote = other::Outcome)]
enum OutcomeDef {
    Converged { steps: u64 },
    Failed(String),
    Pending,
}

#[derive(Persist)]
#[persist(remote = other::Seam)]
struct SeamDef {
    #[persist(getter = columns)]
    columns: Vec<u32>,
    #[persist(getter = other::Seam::cost)]
    cost: f64,
}

fn columns(seam: &other::Seam) -> Vec<u32> {
    seam.columns().to_vec()
}

impl From<SeamDef> for other::Seam {
    fn from(def: SeamDef) -> Self {
        other::Seam::new(def.columns, def.cost)
    }
}

#[derive(Persist, Clone, Debug, PartialEq)]
struct Run {
    #[persist(remote = GridDef<f64>)]
    grid: other::Grid<f64>,
    #[persist(remote = OutcomeDef)]
    outcome: other::Outcome,
    #[persist(remote = SeamDef)]
    seam: other::Seam,
    name: String,
}

fn run(outcome: other::Outcome) -> Run {
    Run {
        grid: other::Grid {
            cells: (0..6000).map(f64::from).collect(),
            shape: [60, 100],
        },
        outcome,
        seam: other::Seam::new(vec![3, 4, 4], 0.5),
        name: "run".to_owned(),
    }
}

#[test]
fn a_type_with_the_same_fields_writes_and_reads_a_foreign_type() {
    use other::Outcome::{Converged, Failed, Pending};
    for outcome in [Converged { steps: 7 }, Failed("no".to_owned()), Pending] {
        let (
            run,
            Place {
                path,
                directory: _directory,
            },
        ) = (run(outcome), Place::new());
        joblib::dump(&run, &path).unwrap();
        assert_eq!(joblib::load::<Run>(&path).unwrap(), run);
    }
}

#[test]
fn the_view_of_a_foreign_type_is_that_of_its_description() {
    let Place {
        path,
        directory: _directory,
    } = Place::new();
    let run = run(other::Outcome::Pending);
    joblib::dump(&run, &path).unwrap();
    let mapped = joblib::open::<Run>(&path).unwrap();
    let view = mapped.view();
    assert_eq!(view.grid.cells, &run.grid.cells[..]);
    assert_eq!(view.grid.shape, [60, 100]);
    assert_eq!(view.seam.cost, 0.5);
    assert!(matches!(view.outcome, OutcomeDefView::Pending));
}

#[test]
fn a_file_of_the_described_form_is_the_same_file() {
    #[derive(Persist)]
    struct Alike {
        grid: GridDef<f64>,
        outcome: OutcomeDef,
        seam: SeamDef,
        name: String,
    }
    let Place {
        path,
        directory: _directory,
    } = Place::new();
    let run = run(other::Outcome::Converged { steps: 3 });
    joblib::dump(&run, &path).unwrap();
    let alike: Alike = joblib::load(&path).unwrap();
    assert_eq!(alike.grid.cells, run.grid.cells);
    assert!(matches!(alike.outcome, OutcomeDef::Converged { steps: 3 }));
    assert_eq!(
        (alike.seam.columns, alike.name),
        (vec![3, 4, 4], "run".to_owned())
    );
}
