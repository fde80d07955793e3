//! The CPU quota that the control groups of this process impose.
//!
//! The standard library's `available_parallelism` reads the same files, but rounds down:
//! a quota of one and a half cores would be one.

use std::path::{Path, PathBuf};

/// Returns the smallest quota of the control groups of this process, in cores and rounded
/// up, or `None` if there is none. `read` returns the text of a file.
pub(crate) fn quota(read: &dyn Fn(&Path) -> Option<String>) -> Option<usize> {
    let groups = read(Path::new("/proc/self/cgroup"))?;
    let all = groups.lines().flat_map(|group| quotas_of_line(group, read));
    all.min()
}

/// Returns the quotas along the path of one line, `id:controllers:path`.
fn quotas_of_line(line: &str, read: &dyn Fn(&Path) -> Option<String>) -> Vec<usize> {
    let mut fields = line.splitn(3, ':').skip(1);
    let (Some(controllers), Some(group)) = (fields.next(), fields.next()) else {
        return Vec::new();
    };
    if controllers.is_empty() {
        collect_along("/sys/fs/cgroup", group, |dir| v2_quota(dir, read))
    } else if controllers.split(',').any(|name| name == "cpu") {
        let mut found = collect_along("/sys/fs/cgroup/cpu", group, |dir| v1_quota(dir, read));
        let combined = "/sys/fs/cgroup/cpu,cpuacct";
        found.extend(collect_along(combined, group, |dir| v1_quota(dir, read)));
        found
    } else {
        Vec::new()
    }
}

/// Collects the results of `of` for each directory from `root` down to `group`.
///
/// A container may see its own group as the root although the path names it from outside.
/// Missing directories are therefore skipped.
fn collect_along(root: &str, group: &str, of: impl Fn(&Path) -> Option<usize>) -> Vec<usize> {
    let mut dir = PathBuf::from(root);
    let names = group.split('/').filter(|name| !name.is_empty());
    let mut found: Vec<_> = of(&dir).into_iter().collect();
    for name in names {
        dir.push(name);
        found.extend(of(&dir));
    }
    found
}

/// Reads a quota of version 2: `cpu.max` is `quota period` or `max period`.
fn v2_quota(dir: &Path, read: &dyn Fn(&Path) -> Option<String>) -> Option<usize> {
    let text = read(&dir.join("cpu.max"))?;
    let (quota, period) = text.trim().split_once(' ')?;
    cores(quota, period)
}

/// Reads a quota of version 1, where -1 means no quota.
fn v1_quota(dir: &Path, read: &dyn Fn(&Path) -> Option<String>) -> Option<usize> {
    let quota = read(&dir.join("cpu.cfs_quota_us"))?;
    let period = read(&dir.join("cpu.cfs_period_us"))?;
    cores(quota.trim(), period.trim())
}

fn cores(quota: &str, period: &str) -> Option<usize> {
    let (quota, period) = (quota.parse::<usize>().ok()?, period.parse().ok()?);
    (period > 0).then(|| quota.div_ceil(period).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(files: &[(&str, &str)]) -> Option<usize> {
        quota(&|path| {
            let found = files.iter().find(|(name, _)| Path::new(name) == path)?;
            Some(found.1.to_owned())
        })
    }

    #[test]
    fn no_control_group_is_no_quota() {
        assert_eq!(with(&[]), None);
        assert_eq!(with(&[("/proc/self/cgroup", "0::/\n")]), None);
    }

    #[test]
    fn a_quota_is_rounded_up() {
        let cpu_max = |text| {
            with(&[
                ("/proc/self/cgroup", "0::/\n"),
                ("/sys/fs/cgroup/cpu.max", text),
            ])
        };
        assert_eq!(cpu_max("150000 100000\n"), Some(2));
        assert_eq!(cpu_max("200000 100000\n"), Some(2));
        assert_eq!(cpu_max("1000 100000\n"), Some(1));
        assert_eq!(cpu_max("max 100000\n"), None);
        assert_eq!(cpu_max("150000 0\n"), None);
        assert_eq!(cpu_max("nonsense\n"), None);
    }

    #[test]
    fn the_smallest_quota_of_the_groups_around_counts() {
        let found = with(&[
            ("/proc/self/cgroup", "0::/slice/job\n"),
            ("/sys/fs/cgroup/slice/cpu.max", "300000 100000"),
            ("/sys/fs/cgroup/slice/job/cpu.max", "800000 100000"),
        ]);
        assert_eq!(found, Some(3));
    }

    #[test]
    fn a_group_of_version_1_counts_under_both_names_of_its_directory() {
        for root in ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"] {
            let quota = format!("{root}/job/cpu.cfs_quota_us");
            let period = format!("{root}/job/cpu.cfs_period_us");
            let groups = (
                "/proc/self/cgroup",
                "4:memory:/x\n3:cpu,cpuacct:/job\n0::/\n",
            );
            assert_eq!(
                with(&[groups, (&quota, "250000\n"), (&period, "100000\n")]),
                Some(3)
            );
            assert_eq!(
                with(&[groups, (&quota, "-1\n"), (&period, "100000\n")]),
                None
            );
        }
    }

    #[test]
    fn a_container_that_sees_its_group_as_the_root_keeps_its_quota() {
        let found = with(&[
            ("/proc/self/cgroup", "2:cpu:/docker/1234\n"),
            ("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "400000"),
            ("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000"),
        ]);
        assert_eq!(found, Some(4));
    }
}
