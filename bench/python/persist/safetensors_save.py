"""safetensors with numpy. Strings are in its metadata."""

from safetensors import safe_open
from safetensors.numpy import load_file, save_file

import run

ARRAY = "array"


def dump(value, path):
    if not isinstance(value, dict):
        save_file({ARRAY: value}, path)
        return
    names = {str(index): name for index, name in enumerate(value["names"])}
    save_file({name: value[name] for name in ("weights", "ids")}, path, names)


def load(path):
    tensors = load_file(path)
    if ARRAY in tensors:
        return tensors[ARRAY]
    with safe_open(path, "numpy") as file:
        names = file.metadata()
    return tensors | {"names": [names[str(index)] for index in range(len(names))]}


def number(path, field, index):
    with safe_open(path, "numpy") as file:
        return file.get_slice(field or ARRAY)[index : index + 1][0]


if __name__ == "__main__":
    run.main(dump, load, number)
