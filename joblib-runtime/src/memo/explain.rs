//! Explains why a call computes, by comparing the stored records of a function with its
//! present state. It runs only when explanations are enabled, so it may read the whole
//! directory.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Mutex;

use super::function::{FunctionState, MemoFunction, entry_id};
use super::source_item::{SourceItem, differences};
use crate::store::Store;
use crate::unpoisoned::lock;

/// Why a call is a miss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MissReason {
    Absent,
    Expired,
    Rejected,
    Damaged,
    Undecodable,
    Asked,
    Refreshed,
}

/// The calls whose results were not stored because they were an `Err` or rejected by
/// `cache_if`, as far as they are to be explained.
#[derive(Default)]
pub(crate) struct Rejections(Mutex<HashSet<u128>>);

impl Rejections {
    /// The maximum number of calls that are remembered.
    const MOST: usize = 1 << 16;

    /// Remembers the call with the key `id`, if reasons are reported at the level
    /// `verbose`.
    pub(crate) fn note(&self, verbose: u8, id: u128) {
        let mut ids = match verbose {
            0 => return,
            _ => lock(&self.0),
        };
        if ids.len() < Rejections::MOST {
            ids.insert(id);
        }
    }

    fn contains(&self, id: u128) -> bool {
        lock(&self.0).contains(&id)
    }
}

/// What a directory stores about a function at one fingerprint: the payload of a
/// function record.
pub(crate) struct FunctionRecord {
    pub(crate) name: String,
    pub(crate) fingerprint: String,
    pub(crate) items: Vec<SourceItem>,
}

impl FunctionRecord {
    /// Encodes the payload for `site`.
    pub(crate) fn encode(site: &MemoFunction) -> String {
        // A longer list would fill the log. The name alone still helps to explain
        // misses.
        const LONGEST: usize = 1 << 20;
        let mut items = site.items_of_open();
        if items.len() > LONGEST {
            items = "".into();
        }
        let name = site.name.replace('\n', " ");
        format!("{name}\n{}\n{items}", site.fingerprint_of_open())
    }

    fn decode(payload: &[u8]) -> Option<FunctionRecord> {
        let text = str::from_utf8(payload).ok()?;
        let (name, rest) = text.split_once('\n')?;
        let (fingerprint, items) = rest.split_once('\n')?;
        Some(FunctionRecord {
            name: name.to_owned(),
            fingerprint: fingerprint.to_owned(),
            items: SourceItem::parse(items),
        })
    }
}

/// Returns the names of the functions that a directory knows, by number.
pub(crate) fn function_names(store: &Store) -> HashMap<u64, String> {
    let records = store.functions().unwrap_or_default();
    let named = records
        .into_iter()
        .filter_map(|(function, payload)| Some((function, FunctionRecord::decode(&payload)?.name)));
    named.collect()
}

/// Returns a text that explains why a call of `site` with the arguments `args`
/// computes.
pub(crate) fn reason(
    site: &MemoFunction,
    bound: &FunctionState,
    miss: &MissReason,
    args: u128,
) -> String {
    match miss {
        MissReason::Absent if bound.rejections.contains(entry_id(bound.digest, args)) => {
            "the last result for these arguments was an `Err` or rejected by `cache_if`, so it \
             was not stored"
                .to_owned()
        }
        MissReason::Absent => match &bound.cache.store {
            Some(store) => absence(store, site, bound.function, args as u64),
            None => "the cache directory cannot be used".to_owned(),
        },
        MissReason::Expired => {
            "the stored result has expired, or its time stamp is in the future".to_owned()
        }
        MissReason::Rejected => "`validate` rejected the stored result".to_owned(),
        MissReason::Damaged => "the stored result is damaged".to_owned(),
        MissReason::Undecodable => "the stored result cannot be decoded".to_owned(),
        MissReason::Asked => "`recompute` was called".to_owned(),
        MissReason::Refreshed => {
            "JOBLIB_RS_CACHE=refresh recomputes what was stored before the program started"
                .to_owned()
        }
    }
}

fn absence(store: &Store, site: &MemoFunction, function: u64, args: u64) -> String {
    let source = site.fingerprint_of_open().bits() as u64;
    let entries = store.entries().unwrap_or_default();
    let of_function = entries
        .iter()
        .filter(|entry| entry.meta.function == function);
    let mut known: Vec<_> = of_function.map(|entry| entry.meta).collect();
    if known.is_empty() {
        return unless_lost(store, "never computed");
    }
    known.sort_by_key(|meta| std::cmp::Reverse(meta.created));
    let mut same_args = known.iter().filter(|meta| meta.args == args).peekable();
    let before = match same_args.peek().copied() {
        // The key consists of source, version and arguments.
        Some(_) if same_args.any(|meta| meta.source == source) => {
            return "`version` changed".to_owned();
        }
        Some(last) => last,
        None => return unless_lost(store, "these arguments are new"),
    };
    match changes(store, site, before.source) {
        Some(changes) => format!("source changed: {changes}"),
        None => "source changed: a setting of the compilation".to_owned(),
    }
}

/// A damaged log may have lost the results of this function.
fn unless_lost(store: &Store, reason: &str) -> String {
    match store.invalid_ranges().first() {
        Some(error) => format!("{reason}, or the entry was lost: {error}"),
        None => reason.to_owned(),
    }
}

/// Returns what changed in the source since the fingerprint whose low 64 bits are
/// `before`.
fn changes(store: &Store, site: &MemoFunction, before: u64) -> Option<String> {
    let ends = format!("{before:016x}");
    let records = store.functions().ok()?;
    let descriptions = records
        .iter()
        .filter_map(|(_, payload)| FunctionRecord::decode(payload));
    let old = descriptions
        .filter(|description| description.name == site.name)
        .find(|description| description.fingerprint.ends_with(&ends))?;
    let found = differences(&old.items, &site.reaches_of_open());
    (!found.is_empty()).then(|| ChangeList(found).to_string())
}

/// A list of changes, of which the first few are displayed.
struct ChangeList(Vec<String>);

impl fmt::Display for ChangeList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 5;
        let shown = &self.0[..self.0.len().min(SHOWN)];
        f.write_str(&shown.join(", "))?;
        match self.0.len() - shown.len() {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}
