//! Memory maps of this process (proc_pid_maps(5)).

/// Returns the fields of the line for the map that contains `address`.
pub(crate) fn words_of(address: usize) -> Vec<String> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let line = maps.lines().find(|line| {
        let (range, _) = line.split_once(' ').unwrap();
        let (start, end) = range.split_once('-').unwrap();
        let number = |text| usize::from_str_radix(text, 16).unwrap();
        (number(start)..number(end)).contains(&address)
    });
    let fields = line.unwrap().split_whitespace();
    fields.map(str::to_owned).collect()
}
