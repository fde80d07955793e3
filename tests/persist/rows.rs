//! Rows of numbers: one array in the file and one slice in a map, and read as compatible
//! types.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, LinkedList, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use joblib::Persist;

use super::{Place, assert_contains, there_and_back};

/// Returns `count` rows without a repeated number.
fn points(count: usize) -> Vec<[f32; 3]> {
    let point = |at: usize| [at as f32, at as f32 + 0.25, -(at as f32) - 0.5];
    (0..count).map(point).collect()
}

/// Returns each row as a sequence of its own, as older files store rows.
fn apart<const LEN: usize>(rows: &[[f32; LEN]]) -> Vec<Vec<f32>> {
    rows.iter().map(|row| row.to_vec()).collect()
}

#[track_caller]
pub(crate) fn read_as<T: Persist, Other: Persist>(value: &T) -> Result<Other, String> {
    let place = Place::new();
    joblib::dump(value, &place.path).unwrap();
    let path = place.path.display().to_string();
    joblib::load(&place.path).map_err(|error| error.to_string().replace(&path, "file"))
}

#[derive(Clone, Debug, PartialEq, Persist)]
struct Mesh {
    name: String,
    points: Vec<[f32; 3]>,
    triangles: Box<[[u32; 3]]>,
    turn: [[f64; 3]; 4],
    many: Vec<[[f64; 3]; 4]>,
    none: Vec<[u8; 0]>,
}

fn mesh(count: usize) -> Mesh {
    let turn = [[1.0, 0.0, 0.5], [0.0; 3], [-0.0; 3], [2.0; 3]];
    Mesh {
        name: "mesh".to_owned(),
        points: points(count),
        triangles: (0..count as u32).map(|at| [at, at + 1, at + 2]).collect(),
        turn,
        many: vec![turn; count],
        none: vec![[]; count],
    }
}

#[derive(Debug, PartialEq, Persist)]
enum Shape {
    Points(Vec<[f32; 3]>),
    Turned {
        by: [[f64; 2]; 2],
        mask: Vec<[bool; 5]>,
    },
    Nothing,
}

#[test]
fn any_number_of_rows_comes_back() {
    // 341 rows are the most that fit in the body.
    for count in [0, 1, 2, 341, 342, 100_000] {
        let rows = points(count);
        assert!(there_and_back(&rows) == rows, "{count}");
        let mesh = mesh(count.min(1000));
        assert_eq!(there_and_back(&mesh), mesh);
    }
}

#[test]
fn rows_of_every_number_come_back() {
    macro_rules! each {
        ($($ty:ty)*) => {$(
            for count in [0, 3, 700] {
                let rows: Vec<[$ty; 3]> = (0..count).map(|at| [at as $ty, 7 as $ty, 0 as $ty]).collect();
                assert_eq!(there_and_back(&rows), rows);
                let nested: Vec<[[$ty; 3]; 2]> = rows.iter().map(|row| [*row; 2]).collect();
                assert_eq!(there_and_back(&nested), nested);
            }
        )*};
    }
    each!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64);
    let bools = vec![[true, false, true]; 500];
    assert_eq!(there_and_back(&bools), bools);
}

#[test]
fn rows_come_back_in_every_container() {
    let rows = points(500);
    let boxed: Box<[[f32; 3]]> = rows.clone().into();
    assert_eq!(there_and_back(&boxed), boxed);
    let shared: Arc<[[f32; 3]]> = rows.clone().into();
    assert_eq!(there_and_back(&shared), shared);
    let counted: Rc<[[f32; 3]]> = rows.clone().into();
    assert_eq!(there_and_back(&counted), counted);
    let mut deque: VecDeque<[f32; 3]> = rows.iter().copied().collect();
    deque.rotate_left(100);
    assert_eq!(there_and_back(&deque), deque);
    let cow: Cow<'static, [[f32; 3]]> = Cow::Owned(rows.clone());
    assert_eq!(there_and_back(&cow), cow);
    let some = (
        Some(rows.clone()),
        None::<Vec<[f32; 3]>>,
        Ok::<_, u8>(rows.clone()),
    );
    assert_eq!(there_and_back(&some), some);
    let map = HashMap::from([("a".to_owned(), rows.clone()), ("b".to_owned(), vec![])]);
    assert_eq!(there_and_back(&map), map);
    let list: LinkedList<[f32; 3]> = rows.iter().copied().collect();
    assert_eq!(there_and_back(&list), list);
    let keys: BTreeMap<Vec<[u8; 2]>, u8> = [(vec![[1, 2]], 3), (vec![], 4)].into();
    assert_eq!(there_and_back(&keys), keys);
    let many = vec![rows.clone(), vec![], points(3)];
    assert_eq!(there_and_back(&many), many);
    let large = Box::new([[0.5_f32; 1000]; 300]);
    assert!(there_and_back(&large) == large);
    for shape in [
        Shape::Points(rows),
        Shape::Turned {
            by: [[1.0, 0.0], [0.0, 1.0]],
            mask: vec![[true, false, true, true, false]; 9],
        },
        Shape::Nothing,
    ] {
        assert_eq!(there_and_back(&shape), shape);
    }
}

#[test]
fn rows_of_other_types_come_back() {
    let texts = vec![
        ["a".to_owned(), "b".to_owned()],
        ["c".to_owned(), String::new()],
    ];
    assert_eq!(there_and_back(&texts), texts);
    let nested = vec![[[Some(1_u8), None], [None, Some(2)]]; 3];
    assert_eq!(there_and_back(&nested), nested);
    let place = Place::new();
    joblib::dump(&texts, &place.path).unwrap();
    let file = joblib::open::<Vec<[String; 2]>>(&place.path).unwrap();
    assert_eq!(*file.view(), [["a", "b"], ["c", ""]]);
}

#[test]
fn rows_are_one_array_in_the_file() {
    let place = Place::new();
    joblib::dump(&mesh(1000), &place.path).unwrap();
    let inspection = joblib::inspect(&place.path).unwrap();
    let parts: Vec<_> = inspection
        .parts
        .iter()
        .map(|it| (it.name.as_str(), it.what.as_str(), it.shape.as_slice()))
        .collect();
    let expected: [(&str, &str, &[u64]); 6] = [
        ("name", "text", &[]),
        ("points", "an array of f32 with 2 dimensions", &[1000, 3]),
        ("triangles", "an array of u32 with 2 dimensions", &[1000, 3]),
        ("turn", "an array of f64 with 2 dimensions", &[4, 3]),
        ("many", "an array of f64 with 3 dimensions", &[1000, 4, 3]),
        ("none", "an array of u8 with 2 dimensions", &[1000, 0]),
    ];
    assert_eq!(parts, expected);
}

#[test]
fn rows_are_mapped_as_one_slice() {
    let place = Place::new();
    let mesh = mesh(50_000);
    joblib::dump(&mesh, &place.path).unwrap();
    let file = joblib::open::<Mesh>(&place.path).unwrap();
    let view = file.view();
    let points: &[[f32; 3]] = view.points;
    let many: &[[[f64; 3]; 4]] = view.many;
    let turn: &[[f64; 3]] = view.turn;
    assert!(points == mesh.points && many == mesh.many && turn == mesh.turn);
    file.check(&points[40_000..40_010]).unwrap();
    file.verify().unwrap();
    // A mapped value is written as the value that it shows.
    let again = Place::new();
    joblib::dump(view.points, &again.path).unwrap();
    assert!(joblib::load::<Vec<[f32; 3]>>(&again.path).unwrap() == mesh.points);
}

#[test]
fn mapped_rows_can_be_written() {
    let place = Place::new();
    joblib::dump(&mesh(5000), &place.path).unwrap();
    let mut file = joblib::open_cow::<Mesh>(&place.path).unwrap();
    let view = file.view_mut().unwrap();
    view.points[4999][1] = 7.0;
    view.turn[0] = [9.0; 3];
    let view = file.view_mut().unwrap();
    assert_eq!((view.points[4999][1], view.turn[0]), (7.0, [9.0; 3]));
    assert_eq!(joblib::load::<Mesh>(&place.path).unwrap(), mesh(5000));
}

#[test]
fn rows_stored_one_by_one_as_in_older_files_are_read_and_mapped() {
    for count in [0, 1, 2, 400, 5000] {
        let rows = points(count);
        assert_eq!(read_as::<_, Vec<[f32; 3]>>(&apart(&rows)).unwrap(), rows);
        let wider: Vec<[f64; 3]> = read_as(&apart(&rows)).unwrap();
        assert!(
            wider
                .iter()
                .flatten()
                .copied()
                .eq(rows.iter().flatten().map(|it| f64::from(*it)))
        );
        let place = Place::new();
        joblib::dump(&apart(&rows), &place.path).unwrap();
        let file = joblib::open::<Vec<[f32; 3]>>(&place.path).unwrap();
        assert_eq!(*file.view(), rows);
    }
}

#[test]
fn long_rows_of_older_files_are_read_and_mapped() {
    // Each row is an array of its own.
    let rows: Vec<[f32; 300]> = (0..40).map(|at| [at as f32; 300]).collect();
    let before = (apart(&rows), vec![1.5_f64; 500], apart(&rows[..2]));
    type After = (Vec<[f32; 300]>, Vec<f64>, Vec<[f64; 300]>);
    let (first, between, last) = read_as::<_, After>(&before).unwrap();
    assert!(first == rows && between == before.1 && last[1] == [1.0; 300]);
    let place = Place::new();
    joblib::dump(&before, &place.path).unwrap();
    let file = joblib::open::<(Vec<[f32; 300]>, Vec<f64>, Vec<Vec<f32>>)>(&place.path).unwrap();
    assert!(file.view().0 == rows && file.view().2[1] == [1.0; 300]);
}

#[test]
fn nested_rows_of_older_files_are_read() {
    let nested = vec![[[0.5_f32, 1.5], [2.5, 3.5], [4.5, 5.5]]; 7];
    let before: Vec<Vec<Vec<f32>>> = nested.iter().map(|rows| apart(rows)).collect();
    assert_eq!(read_as::<_, Vec<[[f32; 2]; 3]>>(&before).unwrap(), nested);
    let half: Vec<Vec<[f32; 2]>> = nested.iter().map(|rows| rows.to_vec()).collect();
    assert_eq!(
        read_as::<_, Vec<[[f64; 2]; 3]>>(&half).unwrap()[6][2],
        [4.5, 5.5]
    );
    assert_eq!(read_as::<_, Vec<Vec<[f32; 2]>>>(&nested).unwrap(), half);
    assert_eq!(read_as::<_, Vec<Vec<Vec<f32>>>>(&nested).unwrap(), before);
    let empty: Vec<Vec<Vec<f32>>> = vec![vec![]; 3];
    let empty: Vec<[[f32; 2]; 0]> = read_as(&empty).unwrap();
    assert_eq!(empty.len(), 3);
}

#[test]
fn rows_are_read_as_sequences_of_arrays() {
    for count in [0, 3, 90_000] {
        let rows = points(count);
        assert!(read_as::<_, Vec<Vec<f32>>>(&rows).unwrap() == apart(&rows));
        let list: LinkedList<[f32; 3]> = read_as(&rows).unwrap();
        assert!(list.into_iter().eq(rows.iter().copied()));
        let wider: Vec<Box<[f64]>> = read_as(&rows).unwrap();
        assert_eq!(wider.len(), count);
    }
}

#[test]
fn rows_become_wider() {
    let rows: Vec<[u8; 4]> = (0..1000).map(|at| [at as u8, 1, 2, 255]).collect();
    let wider: Vec<[i64; 4]> = read_as(&rows).unwrap();
    assert!(
        wider
            .iter()
            .zip(&rows)
            .all(|(one, other)| *one == other.map(i64::from))
    );
    let error = read_as::<_, Vec<[i8; 4]>>(&rows).unwrap_err();
    assert_contains(&error, "the file has an array of u8 with 2 dimensions");
    let place = Place::new();
    joblib::dump(&rows, &place.path).unwrap();
    let error = joblib::open::<Vec<[u16; 4]>>(&place.path)
        .unwrap_err()
        .to_string();
    assert_contains(&error, "the file has u8, u16 was expected");
}

#[test]
fn rows_of_another_length_are_reported_with_their_field() {
    #[derive(Debug, Persist)]
    #[allow(dead_code)]
    struct Four {
        points: Vec<[f32; 4]>,
    }
    #[derive(Debug, Persist)]
    #[allow(dead_code)]
    struct Deep {
        many: Vec<[[f64; 4]; 3]>,
    }
    let message = read_as::<_, Four>(&mesh(9)).unwrap_err();
    let expected =
        "field `points`: the file has an array of rows of 3, one of rows of 4 was expected";
    assert!(message.ends_with(expected), "{message}");
    let message = read_as::<_, Deep>(&mesh(9)).unwrap_err();
    let expected =
        "field `many`: the file has an array of rows of 4 × 3, one of rows of 3 × 4 was expected";
    assert!(message.ends_with(expected), "{message}");
    // Of the same type but for the length, and of before.
    let message = read_as::<_, Vec<[f32; 4]>>(&points(2)).unwrap_err();
    assert_contains(&message, "rows of 3, one of rows of 4 was expected");
    let message = read_as::<_, Vec<[f32; 4]>>(&apart(&points(2))).unwrap_err();
    assert_contains(&message, "rows of 3, one of rows of 4 was expected");
    let message = read_as::<_, [[f32; 3]; 2]>(&points(3)).unwrap_err();
    assert_contains(&message, "an array of 3 values, one of 2 was expected");
}

#[test]
fn rows_of_several_lengths_are_not_read_as_an_array() {
    #[derive(Persist)]
    struct Ragged {
        points: Vec<Vec<f32>>,
    }
    #[derive(Debug, Persist)]
    #[allow(dead_code)]
    struct Even {
        points: Vec<[f32; 2]>,
    }
    let ragged = Ragged {
        points: vec![vec![1.0, 2.0], vec![3.0]],
    };
    let message = read_as::<_, Even>(&ragged).unwrap_err();
    assert_contains(&message, "field `points`: rows have 2 and 1 values");
}

#[test]
fn rows_and_sequences_of_other_types_are_not_interchangeable() {
    let message = read_as::<_, Vec<[f32; 3]>>(&vec!["a".to_owned()]).unwrap_err();
    assert_contains(&message, "an array of f32 with 2 dimensions was expected");
    let message = read_as::<_, Vec<Vec<Vec<f32>>>>(&points(2)).unwrap_err();
    assert_contains(&message, "the file has an array of f32 with 2 dimensions");
    assert!(read_as::<_, Vec<f32>>(&points(2)).is_err());
    assert!(read_as::<_, Vec<[f32; 3]>>(&vec![1.0_f32; 3]).is_err());
}

#[test]
fn a_type_with_rows_may_change_its_other_fields() {
    #[derive(Debug, Persist)]
    struct Later {
        many: Vec<Vec<[f64; 3]>>,
        points: Vec<[f64; 3]>,
        #[persist(default)]
        added: Vec<[u8; 2]>,
        triangles: Vec<[u64; 3]>,
    }
    let later: Later = read_as(&mesh(800)).unwrap();
    assert_eq!(later.points[799], [799.0, 799.25, -799.5]);
    assert_eq!(later.triangles[799], [799, 800, 801]);
    assert_eq!(later.many[7], mesh(1).turn);
    assert!(later.added.is_empty());
}

#[test]
fn compressed_rows_come_back() {
    #[derive(Debug, PartialEq, Persist)]
    struct Packed {
        #[persist(compress = "none")]
        plain: Vec<[f32; 3]>,
        rows: Vec<[f32; 3]>,
    }
    let packed = Packed {
        plain: points(1000),
        rows: points(200_000),
    };
    assert!(there_and_back(&packed) == packed);
}

#[cfg(feature = "ndarray")]
#[test]
fn rows_and_two_dimensional_arrays_are_interchangeable() {
    use ndarray::{Array2, Array3, ArrayD, ShapeBuilder};

    let rows = points(600);
    let array: Array2<f32> = read_as(&rows).unwrap();
    assert_eq!(array.dim(), (600, 3));
    assert!(
        array
            .rows()
            .into_iter()
            .zip(&rows)
            .all(|(one, other)| one.as_slice() == Some(other))
    );
    assert_eq!(read_as::<_, Vec<[f32; 3]>>(&array).unwrap(), rows);
    let any: ArrayD<f64> = read_as(&apart(&rows)).unwrap();
    assert_eq!(any.shape(), [600, 3]);
    assert_eq!(
        read_as::<_, Vec<[f64; 3]>>(&any).unwrap()[599],
        rows[599].map(f64::from)
    );
    // Columns that are contiguous become contiguous rows.
    let turned = Array3::from_shape_fn((5, 4, 3).f(), |(a, b, c)| (a * 12 + b * 3 + c) as u16);
    let read: Vec<[[u16; 3]; 4]> = read_as(&turned).unwrap();
    let numbers: Vec<u16> = read.into_iter().flatten().flatten().collect();
    assert_eq!(numbers, (0..60).collect::<Vec<_>>());
    let apart: Vec<Vec<Vec<u32>>> = read_as(&turned).unwrap();
    assert_eq!(apart[4][3], [57, 58, 59]);
    let place = Place::new();
    joblib::dump(&turned, &place.path).unwrap();
    let error = joblib::open::<Vec<[[u16; 3]; 4]>>(&place.path)
        .unwrap_err()
        .to_string();
    assert_contains(&error, "it is stored in column-major order");
    let message = read_as::<_, Vec<[u16; 3]>>(&ArrayD::<u16>::zeros(vec![3])).unwrap_err();
    assert_contains(&message, "an array with 1 dimensions, 2 were expected");
}
