//! What may stand beside a function that a macro makes, as far as the macro and
//! its calls in the same file tell.

use super::around::{Around, Groups, Kind};
use crate::place::Place;

/// Where a macro puts what is written inside the groups `around`; nothing where that
/// depends on what is not in the file.
pub(super) fn place(file: &Groups, around: &[Around]) -> Option<Place> {
    let mut inner = around.iter().rev();
    // Within what the macro is given or makes, an item tells by itself.
    for group in inner.by_ref() {
        match &group.kind {
            Kind::Impl { .. } | Kind::Trait { .. } => return Some(group.place()),
            Kind::Function(_) | Kind::Module(_) => return Some(Place::Free),
            Kind::Definition(name) => return of_calls(file, name),
            Kind::Invocation(name) => {
                // What it is called in takes what it makes.
                let caller = inner.find(|group| !group.is_macro());
                return match caller.map(Around::place) {
                    Some(Place::Free) | None => of_definition(file, name),
                    place => place,
                };
            }
            Kind::Block | Kind::Parens => {}
        }
    }
    Some(Place::Free)
}

/// Where the calls of the macro called `name` stand, if they all stand alike.
fn of_calls(groups: &Groups, name: &str) -> Option<Place> {
    let file = &groups.file;
    let is_call =
        |&at: &usize| file.is_word(at, name) && file.is(at + 1, b'!') && file.opens(at + 2);
    let mut places = file
        .all()
        .filter(is_call)
        .map(|at| match groups.around(at).last() {
            Some(group) if group.is_macro() => None,
            group => Some(group.map_or(Place::Free, Around::place)),
        });
    let first = places.next()??;
    places.all(|place| place == Some(first)).then_some(first)
}

/// Nothing if the macro called `name` may put what it is given in an impl.
fn of_definition(groups: &Groups, name: &str) -> Option<Place> {
    let file = &groups.file;
    let is_definition =
        |&at: &usize| file.is_word(at, name) && at >= 2 && file.is_word(at - 2, "macro_rules");
    let Some(at) = file.all().find(is_definition) else {
        return Some(Place::Free);
    };
    let inside = file.inside(at + 1);
    let has_owner = inside
        .into_iter()
        .any(|at| file.is_word(at, "impl") || file.is_word(at, "trait"));
    (!has_owner).then_some(Place::Free)
}
