//! Methods with every kind of receiver, associated functions, and functions of
//! traits, in plain and in generic types.

use std::rc::Rc;
use std::sync::Arc;

use joblib::{Key, memoize};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize, PartialEq, Debug)]
struct Grid<T> {
    side: T,
}

impl<T: Key + Clone + Serialize + for<'de> Deserialize<'de>> Grid<T> {
    #[memoize(dir = "../target/ui-cache", ignore(self))]
    fn by_reference(&self, x: &str) -> String {
        x.to_owned()
    }

    #[memoize(dir = "../target/ui-cache", key(self = self.side.clone()))]
    fn by_value(self) -> T {
        self.side
    }

    #[memoize(dir = "../target/ui-cache", key(self = self.side.clone()))]
    fn by_mutable_value(mut self, side: T) -> T {
        std::mem::replace(&mut self.side, side)
    }

    #[memoize(dir = "../target/ui-cache")]
    fn associated(x: T) -> Vec<T> {
        vec![x]
    }

    #[memoize(dir = "../target/ui-cache")]
    fn with_parameters<U: Key, const N: usize>(x: [U; N], _y: &T) -> usize {
        x.len()
    }
}

#[derive(Clone, Serialize, Deserialize, PartialEq, Debug)]
struct Plain(u64);

impl Plain {
    #[memoize(dir = "../target/ui-cache")]
    fn new(x: u64) -> Self {
        Self(x)
    }

    #[memoize(dir = "../target/ui-cache")]
    #[allow(deprecated)]
    fn none() {}

    #[memoize(dir = "../target/ui-cache")]
    fn boxed(self: Box<Self>) -> u64 {
        self.0
    }

    #[memoize(dir = "../target/ui-cache")]
    fn counted(self: Rc<Self>) -> u64 {
        self.0
    }

    #[memoize(dir = "../target/ui-cache")]
    fn shared(self: &Arc<Self>, x: u64) -> u64 {
        self.0 + x
    }

    #[memoize(dir = "../target/ui-cache")]
    #[allow(clippy::needless_arbitrary_self_type)]
    fn typed(self: &Self) -> u64 {
        self.0
    }

    #[memoize(dir = "../target/ui-cache")]
    fn longest<'a>(&'a self, left: &'a str, _right: &str) -> String {
        left.to_owned()
    }

    #[memoize(dir = "../target/ui-cache", ignore(self))]
    fn change(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }

    #[memoize(dir = "../target/ui-cache")]
    fn implementation(&self, x: impl Key + Into<u64>, _y: &impl Key) -> u64 {
        x.into()
    }
}

trait Area {
    fn area(&self, sides: (u64, u64)) -> u64;

    #[memoize(dir = "../target/ui-cache")]
    fn default_area(&self, x: u64) -> u64
    where
        Self: Serialize,
    {
        x
    }
}

impl Area for Plain {
    #[memoize(dir = "../target/ui-cache")]
    fn area(&self, (x, mut y): (u64, u64)) -> u64 {
        y += x;
        y + self.0
    }
}

impl From<u8> for Plain {
    #[memoize(dir = "../target/ui-cache")]
    fn from(x: u8) -> Self {
        Self(x.into())
    }
}

fn main() {
    let grid = Grid { side: 2u64 };
    assert_eq!(grid.by_reference("a"), "a");
    assert_eq!(grid.clone().by_value(), 2);
    assert_eq!(grid.clone().by_mutable_value(3), 2);
    assert_eq!(Grid::associated(1u8), [1]);
    assert_eq!(Grid::<u8>::with_parameters(["a", "b"], &1), 2);
    assert!(Grid::<u8>::associated_memo().check(1));
    assert_eq!(Grid::<u64>::by_reference_memo().uncached(&grid, "b"), "b");

    assert_eq!(Plain::new(1), Plain(1));
    Plain::none();
    assert_eq!(Box::new(Plain(2)).boxed(), 2);
    assert_eq!(Rc::new(Plain(3)).counted(), 3);
    assert_eq!(Arc::new(Plain(4)).shared(1), 5);
    assert_eq!(Plain(5).typed(), 5);
    assert_eq!(Plain(5).longest("a", "b"), "a");
    assert_eq!(Plain(5).implementation(1u8, &2), 1);
    Plain::change_memo().clear();
    assert_eq!(Plain(5).change(), 6);
    assert_eq!(Plain(5).area((1, 2)), 8);
    assert_eq!(Plain(5).default_area(1), 1);
    assert_eq!(Plain::from(1u8), Plain(1));
    assert!(Plain::new_memo().check(1));
    assert!(Plain::shared_memo().forget(&Arc::new(Plain(4)), 1));
}
