//! `Debug` output of views of mapped values.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::marker::PhantomData;

use joblib::__private::persist::{BodyReader, BodyWriter, OneByOne, SchemaBuilder, Viewer};
use joblib::Persist;
#[cfg(all(feature = "nalgebra", feature = "ndarray", feature = "sprs"))]
use joblib::persist::Number;
use joblib::persist::{Error, MapMode, Save};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Place;

/// Returns the `Debug` output of a mapped value, which is the same read-only and
/// writable.
macro_rules! shown {
    ($ty:ty, $value:expr) => {{
        let place = Place::new();
        joblib::dump(&$value, &place.path).unwrap();
        let read_only = joblib::open::<$ty>(&place.path).unwrap();
        let read_only = format!("{:?}", read_only.view());
        let mut writable = joblib::open_cow::<$ty>(&place.path).unwrap();
        assert_eq!(format!("{:?}", writable.view_mut().unwrap()), read_only);
        read_only
    }};
}

#[derive(Persist)]
struct Inner {
    many: Vec<f32>,
}

#[derive(Persist)]
enum Kind {
    Dense(Vec<u64>, u8),
    Sparse { at: Vec<u32>, r#type: String },
    Empty,
}

#[derive(Persist)]
struct Outer {
    weights: Vec<f64>,
    inner: Vec<Inner>,
    by_name: BTreeMap<String, Vec<u8>>,
    kinds: Vec<Kind>,
    next: Option<Box<Outer>>,
    #[persist(skip)]
    _cache: u8,
}

fn outer(next: Option<Box<Outer>>) -> Outer {
    Outer {
        weights: vec![0.5, 1.5],
        inner: vec![Inner { many: vec![2.0] }],
        by_name: BTreeMap::from([("a".to_owned(), vec![7])]),
        kinds: vec![
            Kind::Dense(vec![1], 2),
            Kind::Sparse {
                at: vec![3],
                r#type: "t".to_owned(),
            },
            Kind::Empty,
        ],
        next,
        _cache: 1,
    }
}

#[test]
fn every_field_is_shown_as_derived_debug_shows_it() {
    let own = "weights: [0.5, 1.5], inner: [InnerView { many: [2.0] }], by_name: {\"a\": [7]}, \
               kinds: [Dense([1], 2), Sparse { at: [3], type: \"t\" }, Empty]";
    assert_eq!(
        shown!(Outer, outer(Some(Box::new(outer(None))))),
        format!("OuterView {{ {own}, next: Some(OuterView {{ {own}, next: None }}) }}")
    );
}

#[derive(Persist)]
struct Pair(Vec<u16>, i8);

#[test]
fn a_tuple_struct_is_shown_as_one() {
    assert_eq!(shown!(Pair, Pair(vec![1, 2], -3)), "PairView([1, 2], -3)");
}

/// Has no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
struct Silent(u8);

mod silently {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Silent;

    pub(super) fn serialize<S: Serializer>(silent: &Silent, to: S) -> Result<S::Ok, S::Error> {
        silent.0.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Silent, D::Error> {
        u8::deserialize(from).map(Silent)
    }
}

/// Its view has no `Debug`.
impl Save for Silent {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        u8::schema(schemas)
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        Save::save(&self.0, writer)
    }
}

impl Persist for Silent {
    type View<'m, M: MapMode> = Silent;
    type Views<'m, M: MapMode> = Vec<Silent>;
    type Rows = OneByOne;

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        Persist::load(reader).map(Silent)
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Silent, Error> {
        <Silent as Persist>::load(viewer.reader())
    }

    fn view_many<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Vec<Silent>, Error> {
        viewer.many::<Silent>()
    }
}

#[derive(Persist)]
struct Unspoken {
    values: Vec<f64>,
    plain: Silent,
    #[persist(serde)]
    described: Silent,
    #[persist(with = silently)]
    by_functions: Silent,
}

#[test]
fn a_field_without_debug_is_shown_by_its_type() {
    let unspoken = Unspoken {
        values: vec![1.0],
        plain: Silent(1),
        described: Silent(2),
        by_functions: Silent(3),
    };
    let silent = "<persist::view_debug::Silent>";
    assert_eq!(
        shown!(Unspoken, unspoken),
        format!(
            "UnspokenView {{ values: [1.0], plain: {silent}, described: {silent}, \
             by_functions: {silent} }}"
        )
    );
}

#[derive(Persist)]
struct Holder(Pairs<u8, Silent>, u8);

#[test]
fn a_generic_field_is_shown_by_its_type_if_a_parameter_has_no_debug() {
    let pairs = Pairs {
        one: None,
        many: vec![Silent(1)],
        next: None,
    };
    let place = Place::new();
    joblib::dump(&Holder(pairs, 7), &place.path).unwrap();
    let file = joblib::open::<Holder>(&place.path).unwrap();
    let shown = format!("{:?}", file.view());
    let start = "HolderView(<persist::view_debug::PairsView<";
    assert!(
        shown.starts_with(start) && shown.ends_with(">, 7)"),
        "{shown}"
    );
}

#[derive(Persist)]
struct Pairs<K, V> {
    one: Option<(K, V)>,
    many: Vec<V>,
    next: Option<Box<Pairs<K, V>>>,
}

trait Family {
    type Item;
}

struct Floats;

impl Family for Floats {
    type Item = f32;
}

#[derive(Persist)]
struct Generic<K, V, S: Serialize + DeserializeOwned, F: Family, const N: usize> {
    pairs: Pairs<K, V>,
    by_key: BTreeMap<K, V>,
    fixed: [V; N],
    #[persist(serde)]
    described: Vec<S>,
    items: Vec<F::Item>,
    family: PhantomData<F>,
}

#[test]
fn a_generic_type_is_shown_with_the_views_of_its_parameters() {
    let pairs = |next| Pairs {
        one: Some(("a".to_owned(), 0.5)),
        many: vec![1.5],
        next,
    };
    let generic = Generic::<String, f64, u16, Floats, 2> {
        pairs: pairs(Some(Box::new(pairs(None)))),
        by_key: BTreeMap::from([("b".to_owned(), 2.5)]),
        fixed: [3.5, 4.5],
        described: vec![5],
        items: vec![6.5],
        family: PhantomData,
    };
    let pairs = "one: Some((\"a\", 0.5)), many: [1.5]";
    assert_eq!(
        shown!(Generic<String, f64, u16, Floats, 2>, generic),
        format!(
            "GenericView {{ \
             pairs: PairsView {{ {pairs}, next: Some(PairsView {{ {pairs}, next: None }}) }}, \
             by_key: {{\"b\": 2.5}}, fixed: [3.5, 4.5], described: [5], items: [6.5], \
             family: PhantomData<persist::view_debug::Floats> }}"
        )
    );
}

/// Generic over the parameters of a view and over the map mode.
fn any<'m, K: Persist, V: Persist, M: MapMode>(view: &PairsView<'m, K, V, M>) -> String
where
    K::View<'m, M>: Debug,
    K::Views<'m, M>: Debug,
    V::View<'m, M>: Debug,
    V::Views<'m, M>: Debug,
{
    format!("{view:?}")
}

#[test]
fn generic_code_shows_views_whose_parameters_it_can_show() {
    let pairs: PairsView<'_, u8, String> = PairsView {
        one: Some((1, "a")),
        many: vec!["b"],
        next: None,
    };
    assert_eq!(
        any(&pairs),
        "PairsView { one: Some((1, \"a\")), many: [\"b\"], next: None }"
    );
}

#[cfg(all(feature = "nalgebra", feature = "ndarray", feature = "sprs"))]
#[test]
fn arrays_of_other_crates_are_shown_as_they_show_themselves() {
    #[derive(Persist)]
    struct Arrays<A: Number> {
        grid: ndarray::Array2<f32>,
        generic: ndarray::Array1<A>,
        matrix: nalgebra::DMatrix<f64>,
        sparse: sprs::CsVec<f64>,
    }

    let arrays = || Arrays {
        grid: ndarray::array![[1.0, 2.0], [3.0, 4.0]],
        generic: ndarray::array![5_u8],
        matrix: nalgebra::DMatrix::from_element(1, 2, 6.0),
        sparse: sprs::CsVec::new(3, vec![1], vec![7.0]),
    };
    let Arrays {
        grid,
        generic,
        sparse,
        ..
    } = &arrays();
    let (grid, generic, sparse) = (grid.view(), generic.view(), sparse.view());
    let place = Place::new();
    joblib::dump(&arrays(), &place.path).unwrap();
    let file = joblib::open::<Arrays<u8>>(&place.path).unwrap();
    let matrix = &file.view().matrix;
    assert_eq!(
        format!("{:?}", file.view()),
        format!(
            "ArraysView {{ grid: {grid:?}, generic: {generic:?}, matrix: {matrix:?}, \
             sparse: {sparse:?} }}"
        )
    );
}
