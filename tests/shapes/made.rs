//! Types that `macro_rules!` macros generate from fragments of every kind.

use joblib::{Key, Persist};
use serde::{Deserialize, Serialize};

use crate::check;

macro_rules! of_identifiers {
    ($name:ident, $view:ident, $($field:ident: $ty:ident),*) => {
        #[derive(Persist, Key, Serialize, Deserialize)]
        #[persist(view = $view)]
        pub(crate) struct $name { $($field: $ty),* }
    };
}

of_identifiers!(Identifiers, IdentifiersSeen, a: u8, b: String);

macro_rules! of_types {
    ($vis:vis $name:ident($($ty:ty),*)) => {
        #[derive(Persist, Key, Serialize, Deserialize)]
        $vis struct $name($($vis $ty),*);
    };
}

of_types!(pub(crate) Types(Vec<u8>, (u8, Option<String>), [u16; 3], Box<[u8]>));
of_types!(PrivateTypes(Vec<Vec<u8>>));

macro_rules! of_item {
    ($item:item) => {
        #[derive(Persist, Key, Serialize, Deserialize)]
        $item
    };
}

of_item! {
    /// A struct as a whole.
    struct Item<T> where T: Clone {
        a: Vec<T>,
        #[persist(skip)]
        #[key(skip)]
        #[serde(skip)]
        b: u8,
    }
}

of_item! {
    enum ItemEnum {
        A(Vec<u8>),
        B { a: u8 },
    }
}

macro_rules! of_meta {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Persist, Key, Serialize, Deserialize)]
        struct $name {
            $(#[$meta])*
            a: Vec<u8>,
        }
    };
}

of_meta!(
    /// Documented.
    #[allow(dead_code)]
    Meta
);

macro_rules! of_literals {
    ($name:ident, $length:literal, $rename:literal) => {
        #[derive(Persist, Key, Serialize, Deserialize)]
        struct $name {
            a: [u8; $length],
            #[persist(rename = $rename)]
            #[serde(rename = $rename)]
            b: Vec<u8>,
        }
    };
}

of_literals!(Literals, 3, "c");

macro_rules! of_expression {
    ($name:ident, $length:expr) => {
        #[derive(Persist, Key, Serialize, Deserialize)]
        struct $name([u8; $length], Vec<[u16; { $length }]>);
    };
}

of_expression!(Expression, 1 + 2);
of_expression!(OfConstant, LENGTH * 2);

const LENGTH: usize = 2;

macro_rules! of_lifetime {
    ($name:ident, $life:lifetime) => {
        #[derive(Persist, Key, Serialize, Deserialize)]
        struct $name<$life>(std::borrow::Cow<$life, str>);
    };
}

of_lifetime!(Lifetime, 'a);

macro_rules! of_tokens {
    ($name:ident { $($tokens:tt)* }) => {
        #[derive(Persist, Key, Serialize, Deserialize)]
        struct $name { $($tokens)* }
    };
}

of_tokens!(Tokens { a: Vec<u8>, r#type: u8, pub(crate) c: Option<Box<Tokens>> });

macro_rules! of_path {
    ($name:ident, $path:path, $default:path) => {
        #[derive(Persist, Key, Serialize, Deserialize)]
        struct $name {
            a: $path,
            #[persist(default = $default)]
            #[serde(default)]
            b: u8,
        }
    };
}

of_path!(Path, std::string::String, crate::made::nine);

fn nine() -> u8 {
    9
}

macro_rules! generic {
    ($name:ident<$($parameter:ident),*>) => {
        #[derive(Persist, Key, Serialize, Deserialize)]
        struct $name<$($parameter),*>($(Vec<$parameter>),*);
    };
}

generic!(Generic<A, B>);

macro_rules! bounded {
    ($name:ident<$parameter:ident: $bound:path> where $($clause:tt)*) => {
        #[derive(Persist, Key, Serialize, Deserialize)]
        struct $name<$parameter: $bound>($parameter, Vec<u8>) where $($clause)*;
    };
}

bounded!(Bounded<T: Clone> where T: std::fmt::Debug, Vec<T>: Clone);

macro_rules! enumeration {
    ($name:ident { $($variant:ident $(= $text:literal)?),* $(,)? }) => {
        #[derive(Persist, Key, Serialize, Deserialize)]
        enum $name { $($(#[persist(rename = $text)])? $variant,)* Last(Vec<u8>) }
    };
}

enumeration!(Enumeration { A = "a", B, C = "c" });

macro_rules! nested {
    ($($name:ident)*) => {
        $(of_item! { struct $name { a: Vec<u8>, next: Option<Box<Self>> } })*
    };
}

nested!(NestedOne NestedTwo);

macro_rules! of_crate {
    ($name:ident) => {
        #[derive(Persist, Key, Serialize, Deserialize)]
        struct $name {
            a: $crate::made::Identifiers,
            b: Vec<$crate::made::Identifiers>,
        }
    };
}

of_crate!(OfCrate);

macro_rules! in_module {
    ($module:ident) => {
        mod $module {
            #[derive(joblib::Persist, joblib::Key, serde::Serialize, serde::Deserialize)]
            pub(super) struct Inner(pub(super) Vec<u8>, pub(super) super::Types);
        }
    };
}

in_module!(module);

#[test]
fn types_of_fragments_come_back() {
    let types = || Types(vec![1], (2, None), [3; 3], [4].into());
    let identifiers = || Identifiers {
        a: 1,
        b: "b".to_owned(),
    };
    check((
        identifiers(),
        types(),
        PrivateTypes(vec![vec![1]]),
        Item { a: vec![1], b: 2 },
        [ItemEnum::A(vec![1]), ItemEnum::B { a: 2 }],
        Meta { a: vec![1] },
        Literals {
            a: [1; 3],
            b: vec![2],
        },
        Expression([1; 3], vec![[2; 3]]),
        OfConstant([1; 4], vec![]),
        Tokens {
            a: vec![1],
            r#type: 2,
            c: None,
        },
        Path {
            a: "a".to_owned(),
            b: 1,
        },
        Generic::<u8, String>(vec![1], vec![]),
    ));
    check((
        Bounded(1, vec![2]),
        [Enumeration::A, Enumeration::B, Enumeration::Last(vec![1])],
        [Enumeration::C],
        NestedOne {
            a: vec![1],
            next: None,
        },
        NestedTwo {
            a: vec![1],
            next: None,
        },
        OfCrate {
            a: identifiers(),
            b: vec![identifiers()],
        },
        module::Inner(vec![1], types()),
        Lifetime("a".into()),
    ));
    let _: Option<IdentifiersSeen<'_>> = None;
}

/// Types inside functions, where names resolve to items of the function.
#[test]
fn types_in_functions_come_back() {
    #[derive(Persist, Key, Serialize, Deserialize)]
    struct Inside {
        a: Within,
        b: Vec<Local>,
    }
    #[derive(Persist, Key, Serialize, Deserialize)]
    struct Within(Vec<u8>);
    #[derive(Persist, Key, Serialize, Deserialize)]
    enum Local {
        A,
        B(Box<Inside>),
    }
    fn deeper<T: Clone>(_: T) {
        #[derive(Persist, Key, Serialize, Deserialize)]
        struct Inside<T>(Vec<T>);
        check(Inside(vec![1]));
    }
    deeper(1);
    let inside = || Inside {
        a: Within(vec![1]),
        b: vec![Local::A],
    };
    check(Inside {
        a: Within(vec![]),
        b: vec![Local::B(Box::new(inside()))],
    });
    let closure = || {
        #[derive(Persist, Key, Serialize, Deserialize)]
        struct InClosure(Vec<u8>);
        check(InClosure(vec![1]));
    };
    closure();
}
