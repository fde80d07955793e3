//! Types whose author implements `Key` and `Persist` by hand, with public names only, as a
//! crate outside of this workspace does.

use std::error::Error;

use joblib::persist::{PersistAs, Save};
use joblib::{Key, KeyHasher, Persist};

use super::{Place, as_another, forged, inspected, key, memoized, refused, there_and_back};

/// Rows of one length.
#[derive(Clone, Debug, PartialEq)]
struct Table<T> {
    width: usize,
    cells: Box<[T]>,
}

impl<T: Key> Key for Table<T> {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.nominal(module_path!(), "Table", 0);
        T::feed_type(hasher);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        self.width.feed(hasher);
        self.cells.feed(hasher);
    }
}

impl<T: Persist + Clone> PersistAs for Table<T> {
    type Stored = (usize, Vec<T>);
    const NAME: &'static str = "tables::Table";

    fn to_stored(&self) -> Self::Stored {
        (self.width, self.cells.to_vec())
    }

    fn from_stored((width, cells): Self::Stored) -> Result<Self, Box<dyn Error + Send + Sync>> {
        if width == 0 || !cells.len().is_multiple_of(width) {
            return Err(format!("{} cells in rows of {width}", cells.len()).into());
        }
        Ok(Table {
            width,
            cells: cells.into(),
        })
    }
}

joblib::persist_as!([T: Persist + Clone] Table<T>);

/// The same, of numbers, with a view.
#[derive(Clone, Debug, PartialEq)]
struct Grid(Table<f64>);

impl PersistAs for Grid {
    type Stored = (usize, Vec<f64>);
    const NAME: &'static str = "tables::Grid";

    fn to_stored(&self) -> Self::Stored {
        self.0.to_stored()
    }

    fn from_stored(stored: Self::Stored) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Table::from_stored(stored).map(Grid)
    }
}

joblib::persist_as!(Grid, view = stored);

#[derive(Clone, Debug, PartialEq, Persist)]
struct Holder {
    tables: Vec<Table<String>>,
    grid: Option<Grid>,
}

fn table(rows: usize) -> Table<f64> {
    Table {
        width: 3,
        cells: (0..3 * rows).map(|it| it as f64).collect(),
    }
}

fn holder() -> Holder {
    let text = Table {
        width: 1,
        cells: ["a".to_owned(), "b".to_owned()].into(),
    };
    Holder {
        tables: vec![text.clone(), text],
        grid: Some(Grid(table(1000))),
    }
}

#[test]
fn every_value_comes_back() {
    for rows in [0, 1, 1000] {
        assert_eq!(there_and_back(&table(rows)), table(rows));
    }
    assert_eq!(there_and_back(&holder()), holder());
}

#[test]
fn they_are_arguments_and_results() {
    memoized! { Table<f64>: table(0), table(1000); }
    assert_eq!(key(&table(1)), key(&Box::new(table(1))));
    assert_ne!(key(&table(1)), key(&table(2)));
    assert_ne!(
        key(&table(0)),
        key(&Table::<u8> {
            width: 3,
            cells: [].into()
        })
    );
}

#[test]
fn a_map_shows_the_value_or_what_is_stored() {
    let place = Place::of(&holder());
    let file = joblib::open::<Holder>(&place.path).unwrap();
    assert_eq!(file.view().tables, holder().tables);
    let (width, cells) = file.view().grid.as_ref().unwrap();
    let cells: &[f64] = cells;
    assert_eq!((*width, cells.len()), (3, 3000));
}

#[test]
fn what_the_type_refuses_is_an_error_that_names_the_type_and_the_field() {
    forged!("tables::Table" of (usize, Vec<f64>));
    let error = "not a valid `tables::Table`: 4 cells in rows of 3";
    refused::<Table<f64>>(&Forged((3, vec![0.0; 4])), error);
    refused::<Vec<Table<f64>>>(
        &vec![Forged((3, vec![])), Forged((0, vec![]))],
        "field `[1]",
    );
}

#[test]
fn a_file_with_the_name_of_another_type_is_refused() {
    assert_eq!(inspected(&table(1)), "`tables::Table`");
    refused::<Grid>(
        &table(1),
        "the file has `tables::Table`, `tables::Grid` was expected",
    );
    refused::<Table<f64>>(&(3_usize, vec![0.0; 3]), "`tables::Table` was expected");
    refused::<(usize, Vec<f64>)>(&table(1), "the file has `tables::Table`");
}

#[test]
fn the_stored_type_may_change_as_a_derived_one() {
    forged!("tables::Table" of (u32, Vec<f32>));
    let read = as_another_loaded::<Table<f64>>(&Forged((3, vec![0.5; 6])));
    assert_eq!(
        read,
        Table {
            width: 3,
            cells: [0.5; 6].into()
        }
    );
}

/// A map has no wider numbers.
fn as_another_loaded<T: Persist>(value: &impl Save) -> T {
    joblib::load(Place::of(value).path).unwrap()
}

#[test]
fn values_of_one_type_are_read_as_another_if_both_have_one_name() {
    forged!("tables::Grid" of (usize, Vec<f64>));
    assert_eq!(
        as_another(&Forged((3, table(2).cells.to_vec()))),
        Ok(Grid(table(2)))
    );
}
