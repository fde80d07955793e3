//! Prints the report of a search.

use joblib::Stats;

use crate::Setting;

/// Prints the best setting in one line.
pub(crate) fn best(setting: &Setting, accuracy: f64) {
    let Setting {
        components,
        training,
    } = setting;
    println!(
        "best: {components} components, width {}, ridge {}: {:.2} % right\n",
        training.width,
        training.ridge,
        100.0 * accuracy
    );
}

/// Prints the statistics of each memoized function in this run.
pub(crate) fn functions(functions: &[(&str, Stats)]) {
    println!("function   hits (memory, disk)   misses   time saved");
    for (name, stats) in functions {
        println!(
            "{name:<10} {:>10} {:>9} {:>8} {:>12}",
            stats.memory_hits,
            stats.disk_hits,
            stats.misses,
            format!("{:.2?}", stats.time_saved)
        );
    }
    println!();
}
