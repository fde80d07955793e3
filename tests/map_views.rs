//! What `open` and `open_cow` return has the same views.

#[derive(joblib::Persist)]
struct Model {
    weights: Vec<f64>,
    few: Vec<u16>,
    flags: Vec<bool>,
    name: String,
}

#[test]
fn both_kinds_of_maps_have_a_view_and_a_writable_one_shows_its_changes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model");
    let model = Model {
        weights: (0..100_000).map(f64::from).collect(),
        few: vec![1, 2, 3],
        flags: vec![true; 5000],
        name: "a".to_owned(),
    };
    joblib::dump(&model, &path).unwrap();
    let shared = joblib::open::<Model>(&path).unwrap();
    let mut own = joblib::open_cow::<Model>(&path).unwrap();
    assert_eq!(own.path(), shared.path());
    {
        let (view, again) = (own.view().unwrap(), own.view().unwrap());
        assert_eq!(view.weights, shared.view().weights);
        assert_eq!(view.weights.as_ptr(), again.weights.as_ptr(), "not copied");
        assert_eq!(
            (&view.flags, &view.name),
            (&shared.view().flags, &shared.view().name)
        );
    }
    {
        let writable = own.view_mut().unwrap();
        writable.weights[7] = -1.0;
        writable.few[2] = 9;
        writable.flags[1] = false;
    }
    let view = own.view().unwrap();
    assert_eq!((view.weights[7], view.weights[8]), (-1.0, 8.0));
    assert_eq!(view.few[..], [1, 2, 9]);
    assert!(!view.flags[1] && view.flags[2]);
    std::thread::scope(|scope| {
        scope.spawn(|| assert_eq!(own.view().unwrap().weights[7], -1.0));
    });
    assert_eq!(shared.view().few[..], [1, 2, 3], "the file is unchanged");
}
