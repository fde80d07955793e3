//! Tests that an argument is hash by its `Key`, else by its `Serialize`.

use serde::{Serialize, Serializer, ser};

use crate::key::select::*;
use crate::key::{Key, KeyError, KeyHasher, of};

#[derive(Serialize)]
struct Described {
    level: u8,
}

/// A type that implements both traits, with different results.
struct Both;

impl Key for Both {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.nominal("here", "Both", 0);
    }

    fn feed(&self, _: &mut KeyHasher) {}
}

impl Serialize for Both {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(ser::Error::custom("its `Key` is to be used"))
    }
}

macro_rules! key {
    ($value:expr) => {{
        let mut arguments = KeyArguments::new();
        (&&&&KeyProbe($value)).__joblib_feed_argument(&mut arguments);
        arguments.finish()
    }};
}

#[test]
fn a_key_goes_before_serialize() {
    assert_eq!(key!(&Both).unwrap(), of(&Both));
    assert_eq!(key!(&vec![Both]).unwrap(), of(&[Both][..]));
}

#[test]
fn serialize_is_used_where_there_is_no_key() {
    let level = |level| key!(&Described { level }).unwrap();
    assert_eq!(level(1), level(1));
    assert_ne!(level(1), level(2));
    assert_ne!(key!(&vec![Described { level: 1 }]).unwrap(), level(1));
}

#[test]
fn unsized_and_generic_arguments_are_fed() {
    fn generic<T: Key + ?Sized>(value: &T) -> Result<u128, KeyError> {
        key!(value)
    }
    assert_eq!(generic("text").unwrap(), of("text"));
    assert_eq!(key!("text").unwrap(), of("text"));
    assert_eq!(key!(&[1u8][..]).unwrap(), of(&[1u8][..]));
}

#[test]
fn the_first_failure_is_reported() {
    struct Broken(&'static str);
    impl Serialize for Broken {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(ser::Error::custom(self.0))
        }
    }
    let broken = ["first", "second"].map(Broken);
    let mut arguments = KeyArguments::new();
    SelectSerialize::__joblib_feed_argument(&&KeyProbe(&broken[0]), &mut arguments);
    SelectSerialize::__joblib_feed_argument(&&KeyProbe(&broken[1]), &mut arguments);
    let failure = arguments.finish().unwrap_err();
    assert!(failure.reason.ends_with(": first"), "{failure}");
    assert!(failure.type_name.ends_with("Broken"));
}

#[test]
fn an_argument_has_one_key_however_its_annotation_feeds_it() {
    fn hash<T>(value: &T, way: impl KeyPolicy<T>) -> u128 {
        let mut arguments = KeyArguments::new();
        way.feed(value, &mut arguments);
        arguments.finish().unwrap()
    }
    macro_rules! same {
        ($($value:expr),*) => {
            $(assert_eq!(hash(&$value, UseKey), key!(&$value).unwrap());)*
        };
    }
    same!(
        7u64,
        -0.0f64,
        "text",
        [1.5f32, 2.0],
        &[1u8, 2][..],
        true,
        'c'
    );
    let by = UseFn(|value: &Described, arguments: &mut KeyArguments| {
        (&&KeyProbe(value)).__joblib_feed_argument(arguments);
    });
    let described = Described { level: 3 };
    assert_eq!(hash(&described, by), key!(&described).unwrap());
    assert_eq!(hash(&1, Ignored), hash(&"another", Ignored));
}

#[test]
fn a_type_without_a_key_counts_by_what_can_be_asked_of_it() {
    macro_rules! hash {
        ($ty:ty) => {{
            let mut arguments = KeyArguments::new();
            (&&&TypeProbe::<$ty>::NEW).__joblib_feed_type(&mut arguments);
            arguments.finish().unwrap()
        }};
    }
    fn sized<T>() -> u128 {
        hash!(T)
    }
    fn unsized_too<T: ?Sized>() -> u128 {
        hash!(T)
    }
    fn keyed<T: Key>() -> u128 {
        hash!(T)
    }
    fn named<T: ?Sized>(feed: impl FnOnce(&mut KeyHasher)) -> u128 {
        let mut hasher = KeyHasher::new();
        hasher.type_name::<T>();
        feed(&mut hasher);
        hasher.finish()
    }
    let layout = |numbers: [u64; 4]| {
        named::<Both>(|hasher| numbers.into_iter().for_each(|it| hasher.write_u64(it)))
    };
    assert_eq!(sized::<Both>(), layout([0, 1, 1, 0]));
    assert_eq!(keyed::<Both>(), of_type::<Both>());
    assert_eq!(unsized_too::<[String]>(), named::<[String]>(|_| ()));
    assert_ne!(unsized_too::<Both>(), named::<Both>(|_| ()));
}

fn of_type<T: Key>() -> u128 {
    let mut hasher = KeyHasher::new();
    T::feed_type(&mut hasher);
    hasher.finish()
}
