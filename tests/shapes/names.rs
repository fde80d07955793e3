//! Names with another meaning where a type is derived, and user methods with the names of
//! generated code.

#![allow(dead_code)]

use crate::check;

/// A module without the prelude.
mod bare {
    #![no_implicit_prelude]

    #[derive(::joblib::Persist, ::joblib::Key, ::serde::Serialize, ::serde::Deserialize)]
    pub(super) struct Struct {
        pub(super) a: u8,
        pub(super) b: ::std::vec::Vec<u8>,
        #[persist(default)]
        pub(super) c: ::std::string::String,
        #[persist(skip)]
        #[key(skip)]
        #[serde(skip)]
        pub(super) d: ::std::option::Option<u8>,
        #[persist(serde)]
        pub(super) e: ::std::string::String,
        #[persist(compress = "none")]
        pub(super) f: ::std::vec::Vec<u8>,
    }

    #[derive(::joblib::Persist, ::joblib::Key, ::serde::Serialize, ::serde::Deserialize)]
    pub(super) enum Enum {
        A,
        B(::std::vec::Vec<u8>),
        C { a: u8 },
    }

    #[derive(::joblib::Persist, ::joblib::Key, ::serde::Serialize, ::serde::Deserialize)]
    pub(super) struct Generic<T, const N: usize>(pub(super) T, pub(super) ::std::vec::Vec<T>);

    #[derive(::joblib::Persist)]
    #[persist(write_only)]
    pub(super) struct Written<'a>(pub(super) &'a str);

    #[derive(::joblib::Persist)]
    #[persist(from = Struct)]
    pub(super) struct New(pub(super) u8);

    impl ::std::convert::From<Struct> for New {
        fn from(old: Struct) -> Self {
            New(old.a)
        }
    }

    #[derive(::joblib::Persist)]
    #[persist(transparent)]
    pub(super) struct Transparent(pub(super) ::std::vec::Vec<u8>);
}

/// A module in which every name of the prelude, and more, is shadowed.
mod shadowed {
    pub(super) struct Ok;
    pub(super) struct Err;
    pub(super) struct Some;
    pub(super) struct None;
    pub(super) struct Result;
    pub(super) struct Option;
    pub(super) struct Vec;
    pub(super) struct Box;
    pub(super) struct String;
    pub(super) struct Default;
    pub(super) struct From;
    pub(super) struct Into;
    pub(super) struct Sized;
    pub(super) struct Clone;
    pub(super) struct Debug;
    pub(super) struct PhantomData;
    pub(super) struct Persist;
    pub(super) struct Save;
    pub(super) struct Key;
    pub(super) struct Reader;
    pub(super) struct Writer;
    pub(super) struct Error;
    pub(super) struct Mode;
    pub(super) mod std {}
    pub(super) mod core {}
    pub(super) mod alloc {}
    pub(super) mod joblib {}
    pub(super) mod serde {}
    #[allow(unused_macros)]
    macro_rules! unimplemented {
        () => {
            compile_error!("not this one")
        };
    }
    #[allow(unused_macros)]
    macro_rules! panic {
        () => {
            compile_error!("not this one")
        };
    }

    #[derive(::joblib::Persist, ::joblib::Key, ::serde::Serialize, ::serde::Deserialize)]
    pub(super) struct Struct<T> {
        pub(super) a: T,
        pub(super) b: ::std::vec::Vec<T>,
        #[persist(default)]
        pub(super) c: ::std::string::String,
        #[persist(skip)]
        #[key(skip)]
        #[serde(skip)]
        pub(super) d: ::std::option::Option<u8>,
        pub(super) e: ::std::marker::PhantomData<T>,
    }

    #[derive(::joblib::Persist, ::joblib::Key, ::serde::Serialize, ::serde::Deserialize)]
    pub(super) enum Enum {
        Ok(::std::vec::Vec<u8>),
        Err,
        None { some: u8 },
    }
}

/// Fields with names that generated code uses.
#[derive(joblib::Persist, joblib::Key, serde::Serialize, serde::Deserialize)]
struct Fields {
    writer: u8,
    reader: Vec<u8>,
    viewer: u8,
    schemas: u8,
    hasher: u8,
    value: u8,
    serializer: u8,
    deserializer: u8,
    f: u8,
    load: u8,
    save: u8,
    view: u8,
    this: u8,
    other: u8,
}

/// Parameters with the names of types that generated code uses.
#[derive(joblib::Persist, joblib::Key, serde::Serialize, serde::Deserialize)]
struct Parameters<Mode, Reader, Writer, View, Result, Option, Vec, Error, C>(
    Mode,
    Reader,
    Writer,
    View,
    Result,
    Option,
    Vec,
    Error,
    C,
);

#[derive(joblib::Persist, joblib::Key, serde::Serialize, serde::Deserialize)]
struct Lifetimes<'m, 'v, 's, 'd, 'joblib> {
    a: std::borrow::Cow<'m, str>,
    b: std::borrow::Cow<'v, str>,
    c: std::borrow::Cow<'s, str>,
    #[persist(skip)]
    #[key(skip)]
    #[serde(skip)]
    d: std::marker::PhantomData<&'joblib ()>,
    #[persist(skip)]
    #[key(skip)]
    #[serde(skip)]
    e: std::marker::PhantomData<std::borrow::Cow<'m, str>>,
    f: Named<'v>,
    #[persist(skip)]
    #[key(skip)]
    #[serde(skip)]
    g: std::marker::PhantomData<fn(&'d u8)>,
}

#[derive(joblib::Persist, joblib::Key, serde::Serialize, serde::Deserialize)]
struct Named<'a>(std::borrow::Cow<'a, str>);

/// A module in which every type has methods with the names of generated code.
mod clashing {
    macro_rules! methods {
        ($($name:ident)*) => {
            pub(super) trait Clashing {
                $(fn $name(self) -> Clash where Self: Sized { Clash })*
            }
        };
    }

    pub(super) struct Clash;

    methods!(
        into from load save schema save_many save_pieces contents view view_many load_many
        enter enter_own leave varint no_variant no_old at with serde temporary compressing
        reader field finish shown debug_struct debug_tuple structure enumeration transparent
        rank save_rank order schema_within save_within load_within view_within transparent_within
        element bytes raw length many feed feed_type feed_field feed_argument declared
        write_u64 write type_name clone default fmt deref as_ref borrow to_owned next iter map
        unwrap ok err expect is_some drop eq cmp hash
    );

    impl<T> Clashing for T {}

    #[derive(joblib::Persist, joblib::Key, serde::Serialize, serde::Deserialize)]
    pub(super) struct Struct {
        pub(super) a: u8,
        pub(super) b: Vec<f64>,
        #[persist(default)]
        pub(super) c: String,
        #[persist(serde)]
        pub(super) d: String,
        #[persist(compress = "none")]
        pub(super) e: Vec<u8>,
        #[persist(with = text)]
        #[serde(with = "text")]
        pub(super) f: u8,
    }

    #[derive(joblib::Persist, joblib::Key, serde::Serialize, serde::Deserialize)]
    pub(super) enum Enum<T> {
        A(Vec<T>),
        B { a: T },
        C,
    }

    #[derive(joblib::Persist)]
    #[persist(from = Struct)]
    pub(super) struct New(pub(super) Vec<u8>);

    impl From<Struct> for New {
        fn from(old: Struct) -> Self {
            New(old.e)
        }
    }

    mod text {
        use serde::{Deserialize, Deserializer, Serializer};

        pub(super) fn serialize<S: Serializer>(number: &u8, to: S) -> Result<S::Ok, S::Error> {
            to.serialize_u8(*number)
        }

        pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u8, D::Error> {
            u8::deserialize(from)
        }
    }
}

/// Inherent methods and constants with the names of trait items.
#[derive(joblib::Persist, joblib::Key, serde::Serialize, serde::Deserialize)]
struct Own {
    a: Vec<u8>,
}

impl Own {
    const IS: u8 = 1;

    fn save(&self) {}

    fn load() {}

    fn view() {}

    fn schema() {}

    fn feed(&self) {}

    fn feed_type() {}
}

/// The crate under another name.
mod elsewhere {
    pub(super) use joblib as other;

    #[derive(other::Persist, other::Key, serde::Serialize, serde::Deserialize)]
    #[persist(crate = self::other)]
    #[key(crate = self::other)]
    pub(super) struct Renamed(pub(super) Vec<u8>);
}

#[test]
fn types_come_back_where_names_mean_something_else() {
    check((
        bare::Struct {
            a: 1,
            b: vec![2],
            c: "c".to_owned(),
            d: None,
            e: "e".to_owned(),
            f: vec![3],
        },
        [
            bare::Enum::A,
            bare::Enum::B(vec![1]),
            bare::Enum::C { a: 1 },
        ],
        bare::Generic::<u8, 1>(1, vec![2]),
        shadowed::Struct {
            a: 1,
            b: vec![2],
            c: "c".to_owned(),
            d: None,
            e: std::marker::PhantomData,
        },
        [
            shadowed::Enum::Ok(vec![1]),
            shadowed::Enum::None { some: 1 },
        ],
        Fields {
            writer: 1,
            reader: vec![2],
            viewer: 3,
            schemas: 4,
            hasher: 5,
            value: 6,
            serializer: 7,
            deserializer: 8,
            f: 9,
            load: 10,
            save: 11,
            view: 12,
            this: 13,
            other: 14,
        },
        Parameters(1, 2, 3, 4, 5, 6, 7, 8, vec![9]),
        Own { a: vec![1] },
        elsewhere::Renamed(vec![1]),
    ));
    crate::persisted(&bare::New(1));
    crate::persisted(&bare::Transparent(vec![1]));
    let _ = joblib::hash(&bare::Written("a"));
}

#[test]
fn types_come_back_where_methods_clash() {
    let value = clashing::Struct {
        a: 1,
        b: vec![2.0],
        c: "c".to_owned(),
        d: "d".to_owned(),
        e: vec![3],
        f: 4,
    };
    check((
        value,
        clashing::Enum::A(vec![1]),
        clashing::Enum::B { a: "a".to_owned() },
        clashing::Enum::<u8>::C,
    ));
    crate::persisted(&clashing::New(vec![1]));
}

#[test]
fn lifetimes_of_every_name_come_back() {
    let lent = Lifetimes {
        a: "a".into(),
        b: "b".into(),
        c: "c".into(),
        d: std::marker::PhantomData,
        e: std::marker::PhantomData,
        f: Named("f".into()),
        g: std::marker::PhantomData,
    };
    crate::persisted(&lent);
    let _ = (Own::IS, Own::load(), Own::view(), Own::schema());
}
