//! Ordinary structs and variants: a few fields of many types.

use std::collections::{BTreeMap, HashMap};

use joblib::{Key, Persist};
use serde::{Deserialize, Serialize};

use crate::check;

/// For each name, a struct with named fields, one with unnamed fields, and an enum with a
/// variant of each kind.
macro_rules! shapes {
    ($($module:ident: $a:ty, $b:ty = $x:expr, $y:expr;)*) => {$(
        mod $module {
            use super::*;

            #[derive(Persist, Key, Serialize, Deserialize)]
            struct Named { a: $a, b: $b }

            #[derive(Persist, Key, Serialize, Deserialize)]
            struct Unnamed($a, $b);

            #[derive(Persist, Key, Serialize, Deserialize)]
            enum Either { Named { a: $a, b: $b }, Unnamed($a, $b), Neither }

            #[derive(Persist, Key, Serialize, Deserialize)]
            struct Generic<A, B> { a: A, b: Vec<B>, c: Option<Box<Self>> }

            #[derive(Persist, Key, Serialize, Deserialize)]
            struct Skipped {
                a: $a,
                #[persist(skip)]
                #[key(skip)]
                #[serde(skip)]
                b: Option<$b>,
            }

            #[test]
            fn comes_back() {
                check((
                    Named { a: $x, b: $y },
                    Unnamed($x, $y),
                    Either::Named { a: $x, b: $y },
                    vec![Either::Unnamed($x, $y), Either::Neither],
                    Generic::<$a, $b> { a: $x, b: vec![$y], c: None },
                    Skipped { a: $x, b: Some($y) },
                ));
            }
        }
    )*};
}

shapes! {
    numbers: u8, f64 = 1, 2.0;
    texts: String, char = "a".to_owned(), 'b';
    arrays: Vec<f64>, [u16; 4] = vec![1.0; 200], [2; 4];
    options: Option<u8>, Result<u8, String> = Some(1), Ok(2);
    pairs: (u8, String), ((), u8) = (1, "a".to_owned()), ((), 2);
    maps: HashMap<String, u8>, BTreeMap<u8, Vec<u8>> = [("a".to_owned(), 1)].into(), [(1, vec![2])].into();
    boxes: Box<u8>, Box<[String]> = Box::new(1), ["b".to_owned()].into();
    flags: bool, () = true, ();
    rows: Vec<Vec<f32>>, Vec<[f32; 3]> = vec![vec![1.0], vec![]], vec![[1.0; 3]];
    lists: Vec<String>, Vec<(u8, bool)> = vec!["a".to_owned()], vec![(1, true)];
}
