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

#[cfg(not(feature = "tokio"))]
#[parallel]
async fn needs_a_runtime(x: u64) -> u64 {
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    x
}

#[cfg(not(feature = "tokio"))]
#[test]
fn a_future_that_needs_a_runtime_fails_with_advice_and_does_not_hang() {
    let runtimes = [
        tokio::runtime::Builder::new_current_thread(),
        tokio::runtime::Builder::new_multi_thread(),
    ];
    for mut runtime in runtimes {
        let runtime = runtime.enable_all().build().unwrap();
        runtime.block_on(async {
            for n_jobs in [1, 2] {
                let call = || needs_a_runtime::par(0..8).n_jobs(n_jobs);
                for outcome in call().outcomes() {
                    let text = outcome.unwrap_err().to_string();
                    assert!(text.contains("no reactor running"), "{text}");
                    assert!(text.contains("enable the feature `tokio`"), "{text}");
                }
                let call = std::panic::AssertUnwindSafe(|| call().collect::<Vec<_>>());
                let panic = std::panic::catch_unwind(call).unwrap_err();
                let text = panic.downcast_ref::<String>().unwrap();
                assert!(text.contains("enable the feature `tokio`"), "{text}");
            }
            let elsewhere = needs_a_runtime::par([1]).backend(Processes);
            let text = elsewhere.try_collect::<Vec<_>>().unwrap_err().to_string();
            assert!(text.contains("enable the feature `tokio`"), "{text}");
        });
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
