//! Edits of traits that the crate defines.

use crate::edit::{Topic, edit, edits, unrelated};

const FILE: &str = "app/src/traits.rs";

pub(super) const TRAITS: Topic = Topic {
    name: "traits",
    edits: edits![
        edit(FILE, "2 * self.size()" => "3 * self.size()", ["inherited"]),
        edit(FILE, "self.0 * 5" => "self.0 * 7", ["inherited"]),
        edit(FILE, "self.0 * 6" => "self.0 * 8", ["typed"]),
        edit(FILE, "        30\n" => "        31\n", ["typed"]),
        edit(FILE, "CORNERS: u64 = 4" => "CORNERS: u64 = 5", ["typed"]),
        edit(FILE, "    const CORNERS: u64 = 4;\n\n" => "", ["typed"]),
        edit(FILE, "type Unit = Foot" => "type Unit = Metre", ["typed"]),
        edit(FILE, "self.size() * Self" => "self.size() + Self", ["typed"]),
        edit(FILE, "impl Shape for Disc {\n"
            => "impl Shape for Disc {\n    fn double(&self) -> u64 {\n        9\n    }\n\n", ["inherited"]),
        edit(FILE, "it is {self:?}" => "there is {self:?}", ["blanket"]),
        edit(FILE, "\"woof\"" => "\"wuff\"", ["objects"]),
        edit(FILE, "\"meow\"" => "\"miau\"", ["objects"]),
        edit(FILE, "Box::new(Dog), Box::new(Cat)" => "Box::new(Cat), Box::new(Dog)", ["objects"]),
        edit(FILE, "self.0 + 14" => "self.0 + 16", ["bounded"]),
        unrelated(FILE, "self.0 + 15" => "self.0 + 17"),
        edit(FILE, "map(T::grow).sum()" => "map(T::grow).product()", ["bounded"]),
        edit(FILE, "self + self" => "self * self", ["extended"]),
        edit(FILE, "{self}{self}" => "{self}-{self}", []).also(["extended"]),
        unrelated(FILE, "        100\n" => "        101\n"),
        unrelated(FILE, "        444\n" => "        445\n"),
    ],
};
