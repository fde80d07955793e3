//! User-chosen names do not conflict with derived names.

#![allow(dead_code, unused_imports, non_camel_case_types)]

use std::io::*;

use joblib::Persist;

mod shadowed {
    //! This module redefines the names of the prelude.

    pub(crate) struct Ok;
    pub(crate) struct Err;
    pub(crate) struct Some;
    pub(crate) struct None;
    pub(crate) struct Result;
    pub(crate) struct Option;
    pub(crate) struct Vec;
    pub(crate) struct Box;
    pub(crate) struct From;
    pub(crate) struct Default;
    pub(crate) struct Self_;
    pub(crate) struct u32;
    pub(crate) struct bool;
    pub(crate) mod core {}
    pub(crate) mod std {}

    #[derive(joblib::Persist)]
    pub(crate) struct String {
        pub(crate) text: ::std::string::String,
        pub(crate) numbers: ::std::vec::Vec<f64>,
        #[persist(default)]
        pub(crate) later: ::std::option::Option<i64>,
        #[persist(skip)]
        pub(crate) skipped: u64,
    }

    #[derive(joblib::Persist)]
    pub(crate) enum Kind {
        Ok(::std::vec::Vec<f32>),
        Err,
        None { some: i8 },
    }
}

/// Fields with the names of variables in derived code.
#[derive(Persist)]
struct Fields {
    writer: u8,
    reader: u8,
    viewer: Vec<u8>,
    schemas: u8,
    value: u8,
    load: u8,
    save: u8,
    view: u8,
}

#[derive(Persist)]
struct r#type {
    r#fn: u64,
    r#match: Vec<f64>,
    #[persist(rename = "loop")]
    cycle: u8,
}

#[derive(Persist)]
enum r#enum {
    r#struct { r#in: Vec<f64> },
}

mod inner {
    pub(crate) mod again {
        pub(crate) use joblib as other;
    }
}

#[derive(Persist)]
#[persist(crate = inner::again::other)]
struct Elsewhere {
    weights: Vec<f64>,
    #[persist(serde)]
    text: String,
    grid: Fields,
}

macro_rules! model {
    ($(#[$attr:meta])* $vis:vis $name:ident, $ty:ty, $text:literal, $default:path) => {
        $(#[$attr])*
        #[derive(Persist)]
        $vis struct $name {
            items: Vec<$ty>,
            #[persist(rename = $text)]
            item: $ty,
            #[persist(default = $default)]
            steps: u64,
        }
    };
}

fn steps() -> u64 {
    100
}

model!(#[derive(Clone)] pub(crate) Made, f32, "one", steps);

macro_rules! wrapped {
    ($item:item) => {
        #[derive(Persist)]
        $item
    };
}

wrapped!(
    struct Wrapped(Vec<Made>);
);

fn within() -> usize {
    #[derive(Persist)]
    struct Local {
        numbers: Vec<u16>,
        inner: Inner,
    }

    #[derive(Persist)]
    struct Inner(Vec<f64>);

    fn len(view: &LocalView<'_>) -> usize {
        view.numbers.len() + view.inner.0.len()
    }

    let local = Local {
        numbers: vec![1, 2],
        inner: Inner(vec![1.0]),
    };
    there_and_back(&local, len)
}

/// Calls `look` with the view of the value in a map.
fn there_and_back<T: Persist, R>(
    value: &T,
    look: impl FnOnce(&T::View<'_, joblib::persist::ReadOnly>) -> R,
) -> R {
    let path = std::env::temp_dir().join(format!(
        "joblib-persist-names-{}-{:p}",
        std::process::id(),
        value
    ));
    joblib::dump(value, &path).unwrap();
    joblib::load::<T>(&path).unwrap();
    let file = joblib::open::<T>(&path).unwrap();
    let seen = look(file.view());
    std::fs::remove_file(&path).unwrap();
    seen
}

fn main() {
    let text = shadowed::String {
        text: "a".to_owned(),
        numbers: vec![1.5],
        later: Some(1),
        skipped: 3,
    };
    let seen = |view: &shadowed::StringView<'_>| (view.text.to_owned(), view.numbers[0]);
    assert_eq!(there_and_back(&text, seen), ("a".to_owned(), 1.5));
    let kind = shadowed::Kind::Ok(vec![2.0]);
    there_and_back(&kind, |view| {
        assert!(matches!(view, shadowed::KindView::Ok(numbers) if numbers[0] == 2.0));
    });
    let raw = r#type {
        r#fn: 1,
        r#match: vec![1.0],
        cycle: 2,
    };
    assert_eq!(
        there_and_back(&raw, |view: &typeView<'_>| view.r#match[0] as u64
            + view.r#fn),
        2
    );
    let variant = r#enum::r#struct { r#in: vec![1.0] };
    there_and_back(&variant, |view| {
        let enumView::r#struct { r#in } = view;
        assert_eq!(r#in.len(), 1);
    });
    let made = Made {
        items: vec![1.0],
        item: 2.0,
        steps: steps(),
    };
    assert_eq!(
        there_and_back(&made, |view: &MadeView<'_>| view.items[0]),
        1.0
    );
    let wrapped = Wrapped(vec![made.clone(), made]);
    assert_eq!(
        there_and_back(&wrapped, |view: &WrappedView<'_>| view.0.len()),
        2
    );
    let fields = Fields {
        writer: 1,
        reader: 2,
        viewer: vec![3],
        schemas: 4,
        value: 5,
        load: 6,
        save: 7,
        view: 8,
    };
    let elsewhere = Elsewhere {
        weights: vec![1.0],
        text: "t".to_owned(),
        grid: fields,
    };
    let seen = |view: &ElsewhereView<'_>| view.grid.viewer[0];
    assert_eq!(there_and_back(&elsewhere, seen), 3);
    assert_eq!(within(), 3);
}
