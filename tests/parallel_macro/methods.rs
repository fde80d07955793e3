//! Functions of an `impl`.

use std::sync::Arc;

use joblib::backend::Processes;
use joblib::parallel;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize, Debug, PartialEq)]
struct Grid {
    side: u64,
}

impl Grid {
    #[parallel]
    fn area(&self, factor: u64) -> u64 {
        self.side * self.side * factor
    }

    #[parallel(shared(offset))]
    fn moved(self, x: u64, offset: &[u64]) -> Self {
        Self {
            side: self.side + x + offset[0],
        }
    }

    #[parallel]
    fn new(side: u64) -> Self {
        Grid { side }
    }

    #[parallel]
    fn counted(self: Arc<Self>, x: u64) -> u64 {
        self.side + x
    }

    #[parallel]
    fn longest<'a>(&self, text: &'a str) -> &'a str {
        text
    }

    #[parallel]
    fn side(&self) -> &u64 {
        &self.side
    }

    #[parallel]
    fn generic<T: Into<u64>>(&self, x: T) -> u64 {
        self.side + x.into()
    }
}

struct Of<T>(T);

impl<T: Clone + Into<u64>> Of<T> {
    #[parallel]
    fn value(&self, x: u64) -> u64 {
        self.0.clone().into() + x
    }
}

impl Of<String> {
    #[parallel]
    fn len(text: String) -> usize {
        text.len()
    }
}

mod inner {
    pub(super) struct Far;
}

impl inner::Far {
    #[parallel]
    fn near(x: u8) -> u8 {
        x
    }
}

#[test]
fn the_receiver_is_shared_by_all_tasks() {
    let grid = Grid { side: 2 };
    assert_eq!(Grid::area_par(&grid, [1, 2]).collect::<Vec<_>>(), [4, 8]);
    let elsewhere: Vec<u64> = grid.area_par([3]).backend(Processes).collect();
    assert_eq!(elsewhere, [12]);
    let moved: Vec<Grid> = grid
        .clone()
        .moved_par([1], &[10])
        .backend(Processes)
        .collect();
    assert_eq!(moved, [Grid { side: 13 }]);
    assert_eq!(
        Grid::counted_par(Arc::new(grid), [1]).collect::<Vec<_>>(),
        [3]
    );
}

#[test]
fn an_associated_function_takes_inputs_alone() {
    let grids: Vec<Grid> = Grid::new_par([7]).backend(Processes).collect();
    assert_eq!(grids, [Grid { side: 7 }]);
    let lengths: Vec<usize> = Of::<String>::len_par(["ab".to_owned()])
        .backend(Processes)
        .collect();
    assert_eq!(lengths, [2]);
    assert_eq!(
        inner::Far::near_par([1])
            .backend(Processes)
            .collect::<Vec<_>>(),
        [1]
    );
}

#[test]
fn results_borrow_from_the_receiver_or_the_argument() {
    let grid = Grid { side: 2 };
    assert_eq!(grid.longest_par(["a", "b"]).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(grid.side_par([()]).collect::<Vec<_>>(), [&2]);
}

#[test]
fn generic_methods_and_types_run_on_threads() {
    assert_eq!(
        Grid { side: 2 }.generic_par([1_u8]).collect::<Vec<_>>(),
        [3]
    );
    assert_eq!(Of(1_u8).value_par([1]).collect::<Vec<_>>(), [2]);
}
