//! `async` functions: free functions, methods and trait functions.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use joblib::{Key, memoize};
use serde::Serialize;

#[memoize(dir = "../target/ui-cache")]
async fn square(x: u64) -> u64 {
    std::future::ready(()).await;
    x * x
}

#[memoize(dir = "../target/ui-cache")]
async fn of_borrowed<T: Key + Sync>(values: &[T], (a, mut b): (u64, u64)) -> Result<u64, String> {
    b += a;
    Ok(b + square(values.len() as u64).await)
}

#[derive(Serialize)]
struct Grid {
    side: u64,
}

impl Grid {
    #[memoize(dir = "../target/ui-cache")]
    async fn area(&self, factor: &u64) -> u64 {
        square(self.side).await * factor
    }
}

trait Half {
    async fn half(&self, sides: (u64, u64)) -> Result<u64, String>;
}

impl Half for Grid {
    #[memoize(dir = "../target/ui-cache")]
    async fn half(&self, (x, mut y): (u64, u64)) -> Result<u64, String> {
        y += square(x).await;
        Ok(y / self.side)
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
        std::thread::yield_now();
    }
}

fn main() {
    assert_eq!(block_on(square(3)), 9);
    assert!(square::check(3));
    assert_eq!(block_on(square::recompute(3)), 9);
    assert_eq!(block_on(square::uncached(3)), 9);
    assert_eq!(block_on(square::shelve(3)).get().unwrap(), 9);
    assert_eq!(block_on(of_borrowed(&["a", "b"], (1, 2))), Ok(7));
    assert_eq!(block_on(Grid { side: 2 }.area(&3)), 12);
    assert!(Grid::area_memo().check(&Grid { side: 2 }, &3));
    let grid = Grid { side: 2 };
    assert_eq!(block_on(Grid::area_memo().uncached(&grid, &4)), 16);
    assert_eq!(block_on(Grid::area_memo().recompute(&grid, &4)), 16);
    let shelved = block_on(Grid::area_memo().shelve(&grid, &4));
    assert_eq!(shelved.get().unwrap(), 16);
    assert_eq!(block_on(grid.half((2, 2))), Ok(3));
}
