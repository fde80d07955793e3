//! `savefile` 0.20 with the schema in the file, as in the first example of its
//! documentation.

use std::path::Path;

use savefile::{Deserialize, Serialize, WithSchema, load_file, save_file};

use crate::Result;
use crate::persist::format::Format;

pub(crate) struct Savefile;

const VERSION: u32 = 0;

impl<T: Serialize + Deserialize + WithSchema + PartialEq> Format<T> for Savefile {
    type Held = T;

    fn hold(value: T) -> Result<T> {
        Ok(value)
    }

    fn dump(value: &T, path: &Path) -> Result {
        Ok(save_file(path, VERSION, value)?)
    }

    fn load(path: &Path) -> Result<T> {
        Ok(load_file(path, VERSION)?)
    }
}
