//! Mapped files show the written values without copying them.

use std::collections::HashMap;
use std::path::PathBuf;

use joblib::Persist;

use super::{Place, assert_contains};

#[derive(Persist)]
struct Model {
    weights: Vec<f64>,
    few: Vec<u16>,
    labels: Vec<String>,
    layers: Vec<Layer>,
    by_name: HashMap<String, Vec<f32>>,
    path: PathBuf,
    next: Option<Box<Model>>,
    kind: Kind,
}

#[derive(Persist)]
struct Layer {
    weights: Vec<f32>,
    bias: f64,
}

#[derive(Persist)]
enum Kind {
    Dense(Vec<u64>),
    Sparse { at: Vec<u32>, name: String },
    None,
}

fn model(next: Option<Box<Model>>) -> Model {
    let layer = |it| Layer {
        weights: vec![it as f32; 1000],
        bias: f64::from(it),
    };
    Model {
        weights: (0..100_000).map(f64::from).collect(),
        few: vec![1, 2, 3],
        labels: vec!["a".to_owned(), "b".to_owned()],
        layers: (0..5).map(layer).collect(),
        by_name: HashMap::from([("x".to_owned(), vec![1.5; 2000])]),
        path: "/p".into(),
        kind: match next {
            Some(_) => Kind::Dense(vec![7; 300]),
            None => Kind::Sparse {
                at: vec![1; 300],
                name: "n".to_owned(),
            },
        },
        next,
    }
}

#[test]
fn a_view_shows_every_field() {
    let place = Place::new();
    joblib::dump(&model(Some(Box::new(model(None)))), &place.path).unwrap();
    let file = joblib::open::<Model>(&place.path).unwrap();
    let view = file.view();
    assert_eq!(view.weights[99_999], 99_999.0);
    assert_eq!(*view.few, [1, 2, 3]);
    assert_eq!(view.labels, ["a", "b"]);
    assert_eq!(view.layers[4].weights[999], 4.0);
    assert_eq!(view.layers[3].bias, 3.0);
    assert_eq!(view.by_name["x"][1999], 1.5);
    assert_eq!(view.path, std::path::Path::new("/p"));
    assert!(matches!(view.kind, KindView::Dense(numbers) if numbers == [7; 300]));
    let next = view.next.as_ref().unwrap();
    assert_eq!(next.weights.len(), 100_000);
    match &next.kind {
        KindView::Sparse { at, name } => assert_eq!((at.len(), *name), (300, "n")),
        KindView::Dense(_) | KindView::None => panic!(),
    }
    file.verify().unwrap();
    file.check(&view.weights[..10]).unwrap();
    file.check(view.few).unwrap();
    assert!(file.check(&[1.0]).is_err());
    let _ = Kind::None;
}

#[test]
fn a_map_outlives_its_file_and_can_be_dumped_over() {
    let place = Place::new();
    joblib::dump(&vec![1.0; 10_000], &place.path).unwrap();
    let file = joblib::open::<Vec<f64>>(&place.path).unwrap();
    let doubled: Vec<f64> = file.view().iter().map(|it| it * 2.0).collect();
    joblib::dump(&doubled, &place.path).unwrap();
    assert_eq!(file.view()[9999], 1.0);
    file.verify().unwrap();
    joblib::dump(*file.view(), &place.path).unwrap();
    assert_eq!(joblib::load::<Vec<f64>>(&place.path).unwrap()[0], 1.0);
    std::fs::remove_file(&place.path).unwrap();
    assert_eq!(file.view()[5000], 1.0);
}

#[test]
fn what_is_written_to_a_copy_on_write_map_stays_in_it() {
    let place = Place::new();
    joblib::dump(&model(None), &place.path).unwrap();
    let mut file = joblib::open_cow::<Model>(&place.path).unwrap();
    {
        let view = file.view_mut().unwrap();
        view.weights[0] = -1.0;
        view.few[2] = 9;
        assert_eq!(view.labels, ["a", "b"]);
    }
    let view = file.view_mut().unwrap();
    assert_eq!((view.weights[0], view.few[2]), (-1.0, 9));
    let loaded: Model = joblib::load(&place.path).unwrap();
    assert_eq!((loaded.weights[0], loaded.few[2]), (0.0, 3));
}

#[test]
fn views_go_to_other_threads() {
    let place = Place::new();
    joblib::dump(&model(None), &place.path).unwrap();
    let file = joblib::open::<Model>(&place.path).unwrap();
    let sums: Vec<f64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| file.view().weights.iter().sum::<f64>()))
            .collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(sums, [4_999_950_000.0; 3]);
}

#[test]
fn truncation_of_a_mapped_file_is_reported_before_the_lost_pages_are_read() {
    let place = Place::new();
    joblib::dump(&vec![1.0; 1 << 20], &place.path).unwrap();
    let file = joblib::open::<Vec<f64>>(&place.path).unwrap();
    let handle = std::fs::File::options()
        .write(true)
        .open(&place.path)
        .unwrap();
    handle.set_len(4096).unwrap();
    for error in [
        file.check(&file.view()[1 << 19..][..1]).unwrap_err(),
        file.verify().unwrap_err(),
    ] {
        assert!(
            error.to_string().contains("the file is truncated"),
            "{error}"
        );
    }
}

#[test]
fn compressed_values_are_loaded_and_not_mapped() {
    let place = Place::called("value.joblib");
    let zstd = joblib::Dump::new().compress(joblib::Compress::Zstd(3));
    zstd.to(&place.path, &model(None)).unwrap();
    let loaded: Model = joblib::load(&place.path).unwrap();
    assert_eq!(loaded.weights[5], 5.0);
    let error = joblib::open::<Model>(&place.path).unwrap_err().to_string();
    assert_contains(&error, "`weights` cannot be mapped: it is compressed");
    // The whole file is compressed.
    let place = Place::called("value.joblib.zst");
    joblib::dump(&model(None), &place.path).unwrap();
    let loaded: Model = joblib::load(&place.path).unwrap();
    assert_eq!(loaded.weights[5], 5.0);
    let error = joblib::open::<Model>(&place.path).unwrap_err().to_string();
    assert!(error.contains("a file compressed with zstd"), "{error}");
}
