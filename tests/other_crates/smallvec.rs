//! `SmallVec` of `smallvec`.

use joblib::Persist;
use smallvec::{SmallVec, smallvec};

use super::{Place, as_another, dumped, golden, key, memoized, refused, there_and_back};

type Small = SmallVec<[f64; 4]>;

#[derive(Clone, Debug, PartialEq, Persist)]
struct Later {
    weights: Small,
    names: SmallVec<[String; 1]>,
    points: SmallVec<[[u16; 2]; 3]>,
}

#[derive(Debug, PartialEq, Persist)]
struct Earlier {
    weights: Vec<f64>,
    names: Vec<String>,
    points: Vec<[u16; 2]>,
}

fn later(count: usize) -> Later {
    Later {
        weights: (0..count).map(|it| it as f64).collect(),
        names: (0..count).map(|it| it.to_string()).collect(),
        points: (0..count).map(|it| [it as u16, 7]).collect(),
    }
}

fn earlier(count: usize) -> Earlier {
    let Later {
        weights,
        names,
        points,
    } = later(count);
    Earlier {
        weights: weights.into_vec(),
        names: names.into_vec(),
        points: points.into_vec(),
    }
}

#[test]
fn every_value_comes_back() {
    for count in [0, 1, 4, 5, 1000] {
        let back = there_and_back(&later(count));
        assert_eq!(back, later(count));
        assert_eq!(back.weights.spilled(), count > 4);
    }
}

#[test]
fn a_field_may_become_a_vec_and_a_vec_a_field() {
    for count in [0, 3, 1000] {
        assert_eq!(dumped(&later(count)), dumped(&later(count)));
        assert_eq!(as_another::<Earlier>(&later(count)), Ok(earlier(count)));
        assert_eq!(as_another::<Later>(&earlier(count)), Ok(later(count)));
    }
    assert_eq!(dumped(&later(9).weights), dumped(&earlier(9).weights));
    refused::<Small>(&vec!["text".to_owned()], "the file has a sequence of text");
}

#[test]
fn a_map_shows_slices() {
    let place = Place::of(&later(1000));
    let file = joblib::open::<Later>(&place.path).unwrap();
    let weights: &[f64] = file.view().weights;
    let points: &[[u16; 2]] = file.view().points;
    assert_eq!((weights[999], points[999]), (999.0, [999, 7]));
    assert_eq!(file.view().names[999], "999");
}

#[test]
fn they_are_arguments_and_results() {
    memoized! {
        Small: smallvec![], smallvec![1.0, 2.0], smallvec![0.5; 1000];
        SmallVec<[String; 1]>: later(0).names, later(3).names;
    }
}

#[test]
fn the_key_is_that_of_a_vec_wherever_the_elements_are() {
    let mut spilled: Small = smallvec![1.0; 5];
    spilled.truncate(2);
    assert!(spilled.spilled());
    let inline: Small = smallvec![1.0; 2];
    assert_eq!(key(&spilled), key(&inline));
    assert_eq!(key(&inline), key(&vec![1.0, 1.0]));
    assert_eq!(
        key(&inline),
        key(&SmallVec::<[f64; 1]>::from_slice(&inline))
    );
    assert_ne!(
        key(&inline),
        key(&SmallVec::<[f32; 4]>::from_slice(&[1.0, 1.0]))
    );
}

#[test]
fn keys_and_files_never_change() {
    golden! {
        later(2).weights => 0x83fa1ad2f3ff646b37a458ad6923f2ec, "6013dea3553c6a19e3c0850264f260dc";
        later(2).names => 0xdedc6cc902100cc32c271a8b6a00909c, "e1e9c0377df777c380be412eb19780ab";
    }
}
