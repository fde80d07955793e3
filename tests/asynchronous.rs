//! `async` functions are memoized without blocking the executor.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use joblib::memoize;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// A future that is pending once, so that other tasks run in between.
async fn pause() {
    let mut paused = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut paused, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

static CALLS: AtomicU32 = AtomicU32::new(0);

#[memoize(dir = "target/test-cache/async")]
async fn fetch(name: &str) -> Result<String, String> {
    CALLS.fetch_add(1, Ordering::SeqCst);
    pause().await;
    if name.is_empty() {
        Err("no name".to_owned())
    } else {
        Ok(name.to_uppercase())
    }
}

#[test]
fn an_async_function_computes_once() {
    block_on(fetch::recompute("a")).unwrap();
    CALLS.store(0, Ordering::SeqCst);
    assert_eq!(block_on(fetch("a")).unwrap(), "A");
    assert_eq!(CALLS.load(Ordering::SeqCst), 0);
    assert!(fetch::check("a"));
    assert_eq!(block_on(fetch::shelve("a")).get().unwrap().unwrap(), "A");
    assert!(block_on(fetch("")).is_err());
    assert!(!fetch::check(""));
}

struct Client;

impl joblib::Key for Client {
    fn feed_type(hasher: &mut joblib::KeyHasher) {
        hasher.nominal(module_path!(), "Client", 0);
    }

    fn feed(&self, _: &mut joblib::KeyHasher) {}
}

impl Client {
    #[memoize(dir = "target/test-cache/async")]
    async fn double(&self, x: u32) -> u32 {
        pause().await;
        x * 2
    }
}

#[test]
fn an_async_method_has_a_handle() {
    Client::double_memo().clear();
    assert_eq!(block_on(Client.double(4)), 8);
    assert!(Client::double_memo().check(&Client, 4));
    assert_eq!(Client::double_memo().stats().misses, 1);
}

#[test]
fn the_handle_of_an_async_method_computes_too() {
    static CALLS: AtomicU32 = AtomicU32::new(0);

    struct Server<'a>(&'a str);

    impl<'a> Server<'a> {
        #[memoize(dir = "target/test-cache/async", key(self = self.0))]
        async fn answer<T: joblib::Key + Sync>(
            &self,
            to: &[T],
            _quick: impl joblib::Key + Send + Sync,
        ) -> Result<usize, String> {
            CALLS.fetch_add(1, Ordering::SeqCst);
            pause().await;
            if to.is_empty() {
                return Err(self.0.to_owned());
            }
            Ok(to.len())
        }
    }

    fn sent<F: Future + Send>(future: F) -> F::Output {
        block_on(future)
    }

    let (name, to) = ("a".to_owned(), vec![1, 2, 3]);
    let server = Server(&name);
    Server::answer_memo::<u8, bool>().clear();
    assert_eq!(
        sent(Server::answer_memo().uncached(&server, &to[..], true)),
        Ok(3)
    );
    assert!(!Server::answer_memo().check(&server, &to[..], true));
    let shelved = sent(Server::answer_memo().shelve(&server, &to[..], true));
    assert_eq!(shelved.get().unwrap(), Ok(3));
    assert_eq!(CALLS.load(Ordering::SeqCst), 2);
    assert_eq!(
        sent(Server::answer_memo().recompute(&server, &to[..], true)),
        Ok(3)
    );
    assert_eq!(sent(server.answer(&to, true)), Ok(3));
    assert_eq!(CALLS.load(Ordering::SeqCst), 3);
    let none = sent(Server::answer_memo().recompute(&server, &to[..0], true));
    assert_eq!(none, Err("a".to_owned()));
}

#[memoize(dir = "target/test-cache/async")]
async fn slow(x: u64) -> u64 {
    CALLS.fetch_add(1, Ordering::SeqCst);
    for _ in 0..20 {
        std::thread::sleep(std::time::Duration::from_millis(1));
        pause().await;
    }
    x + 1
}

#[test]
fn futures_can_be_sent_and_threads_share_one_computation() {
    slow::clear();
    let threads: Vec<_> = (0..4)
        .map(|_| std::thread::spawn(|| block_on(slow(1))))
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), 2);
    }
    assert_eq!(slow::stats().misses, 1);
}

static FETCHED: AtomicU32 = AtomicU32::new(0);

trait Fetch {
    async fn fetch(&self, from: (&str, u16)) -> Result<String, std::num::ParseIntError>;

    #[memoize(dir = "target/test-cache/async")]
    async fn reversed(self, mut text: String) -> String
    where
        Self: Sized + joblib::Key,
    {
        pause().await;
        drop(self);
        text = text.chars().rev().collect();
        text
    }
}

impl Fetch for Client {
    #[memoize(dir = "target/test-cache/async", memory_tier = false)]
    async fn fetch(
        &self,
        (host, mut port): (&str, u16),
    ) -> Result<String, std::num::ParseIntError> {
        FETCHED.fetch_add(1, Ordering::SeqCst);
        pause().await;
        if host.is_empty() {
            return Ok(String::new());
        }
        port += host.parse::<u16>()?;
        Ok(format!("{port}"))
    }
}

#[test]
fn async_functions_of_traits_are_memoized() {
    fn sent<F: Future + Send>(future: F) -> F::Output {
        block_on(future)
    }

    assert_eq!(sent(Client.fetch(("12", 1))).unwrap(), "13");
    let before = FETCHED.load(Ordering::SeqCst);
    assert_eq!(sent(Client.fetch(("12", 1))).unwrap(), "13");
    assert_eq!(FETCHED.load(Ordering::SeqCst), before);
    assert!(sent(Client.fetch(("x", 1))).is_err());
    assert_eq!(sent(Client.fetch(("", 1))).unwrap(), "");
    assert_eq!(sent(Client.reversed("abc".to_owned())), "cba");
}
