//! `async` functions: a task waits for its future.

use joblib::backend::Processes;
use joblib::parallel;

#[parallel(shared(text))]
async fn later(x: usize, text: &str) -> usize {
    std::future::ready(x).await + text.len()
}

struct Client {
    base: usize,
}

impl Client {
    #[parallel]
    async fn get(&self, x: usize) -> usize {
        self.base + x
    }
}

#[test]
fn a_task_waits_for_the_future() {
    assert_eq!(later::par(0..2, "abc").collect::<Vec<_>>(), [3, 4]);
    let elsewhere: Vec<usize> = later::par([1], "abc").backend(Processes).collect();
    assert_eq!(elsewhere, [4]);
}

#[test]
fn an_asynchronous_method_is_a_task() {
    let client = Client { base: 10 };
    assert_eq!(client.get_par([1, 2]).collect::<Vec<_>>(), [11, 12]);
}
