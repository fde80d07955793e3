//! Identifiers of `uuid`.

use std::collections::{HashMap, VecDeque};

use joblib::Persist;
use uuid::Uuid;

use super::{Place, as_another, golden, inspected, key, memoized, refused, there_and_back};

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn many(count: u128) -> Vec<Uuid> {
    (0..count)
        .map(|it| id(it.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834)))
        .collect()
}

#[derive(Debug, PartialEq, Persist)]
struct Row {
    id: Uuid,
    weight: f64,
    parents: [Uuid; 2],
}

#[derive(Debug, PartialEq, Persist)]
struct Table {
    rows: Vec<Row>,
    ids: Vec<Uuid>,
    pairs: Vec<[Uuid; 2]>,
    by_id: HashMap<Uuid, u8>,
    queue: VecDeque<Uuid>,
    one: Option<Uuid>,
}

fn table(count: u128) -> Table {
    let ids = many(count);
    let row = |it: &Uuid| Row {
        id: *it,
        weight: 0.5,
        parents: [id(1), *it],
    };
    let mut queue: VecDeque<Uuid> = ids.clone().into();
    queue.rotate_left(count as usize / 3);
    queue.push_front(id(7));
    Table {
        rows: ids.iter().map(row).collect(),
        pairs: ids.iter().map(|it| [*it, id(2)]).collect(),
        by_id: ids.iter().map(|it| (*it, it.as_bytes()[0])).collect(),
        queue,
        one: Some(id(3)),
        ids,
    }
}

#[test]
fn every_value_comes_back() {
    for number in [0, 1, u128::MAX] {
        assert_eq!(there_and_back(&id(number)), id(number));
    }
    for count in [0, 1, 10, 1000] {
        let table = table(count);
        assert_eq!(there_and_back(&table), table);
    }
}

#[test]
fn many_of_them_are_one_array_that_is_borrowed_from_the_map() {
    let table = table(1000);
    let place = Place::of(&table);
    let file = joblib::open::<Table>(&place.path).unwrap();
    let ids: &[Uuid] = file.view().ids;
    assert_eq!(ids, table.ids);
    let pairs: &[[Uuid; 2]] = file.view().pairs;
    assert_eq!(pairs, table.pairs);
    assert_eq!(file.view().rows[999].id, table.rows[999].id);
    assert_eq!(file.view().rows[999].parents, table.rows[999].parents);
    let inspection = joblib::inspect(&place.path).unwrap();
    let array = inspection.parts.iter().find(|it| it.name == "ids").unwrap();
    assert_eq!(
        (&*array.what, &*array.shape),
        ("an array of u8 with 2 dimensions", &[1000, 16][..])
    );
    let mut file = joblib::open_cow::<Table>(&place.path).unwrap();
    file.view_mut().unwrap().ids[3] = id(9);
    assert_eq!(file.view_mut().unwrap().ids[3], id(9));
}

#[test]
fn they_are_arguments_and_results() {
    memoized! {
        Uuid: id(1), id(u128::MAX);
        Vec<Uuid>: many(0), many(1000);
        Option<[Uuid; 2]>: None, Some([id(1), id(2)]);
    }
}

#[test]
fn keys_are_equal_exactly_if_the_values_are() {
    assert_eq!(key(&id(1)), key(&id(1)));
    assert_ne!(key(&id(1)), key(&id(2)));
    assert_ne!(key(&id(1)), key(&1_u128.to_be_bytes()));
    assert_ne!(key(&many(2)), key(&many(3)));
    assert_eq!(key(&many(3)), key(&many(3).into_boxed_slice()));
    assert_ne!(key(&vec![id(1), id(2)]), key(&vec![id(2), id(1)]));
}

#[test]
fn they_and_their_bytes_are_read_as_one_another() {
    assert_eq!(as_another::<[u8; 16]>(&id(1)), Ok(1_u128.to_be_bytes()));
    assert_eq!(as_another::<Uuid>(&1_u128.to_be_bytes()), Ok(id(1)));
    let bytes: Vec<[u8; 16]> = many(500).iter().map(|it| *it.as_bytes()).collect();
    assert_eq!(as_another::<Vec<[u8; 16]>>(&many(500)), Ok(bytes));
    refused::<Uuid>(&vec![1_u8; 15], "15");
    refused::<Vec<Uuid>>(&vec![[1_u8; 17]; 100], "17");
    refused::<u128>(&id(1), "the file has an array of u8, u128 was expected");
    assert_eq!(inspected(&id(1)), "an array of u8");
}

#[test]
fn keys_and_files_never_change() {
    golden! {
        id(1) => 0xb407f60dd9018f688b7212ef2a39711a, "8193de5dc26de8651cdf35cec5107b96";
        many(3) => 0x15e997875a0ca5ab4d76b48f420f85e3, "d0ddf9df3f1a8f337f994e2ca53ecd9b";
        many(1000) => 0x402c7128375adc2d21f3b80bbbe09410, "34cb7a1a003a3933ee126bb608205062";
    }
}
