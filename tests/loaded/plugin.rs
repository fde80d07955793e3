//! A library that other programs load at run time.

use joblib::backend::Processes;
use joblib::parallel;

#[parallel]
fn square(x: u64) -> u64 {
    x * x
}

/// Prints the results of a call on threads and of a call on worker processes.
#[unsafe(no_mangle)]
pub extern "C" fn call() {
    let on_threads: Vec<u64> = square::par(0..4).collect();
    println!("threads: {on_threads:?}");
    match square::par(0..4).backend(Processes).try_collect::<Vec<_>>() {
        Ok(squares) => println!("processes: {squares:?}"),
        Err(error) => println!("refused: {error}"),
    }
}
