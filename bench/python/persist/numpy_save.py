"""numpy's save and load. A struct is stored as a file of several arrays."""

import numpy

import run


def dump(value, path):
    # An open file, because numpy would append an extension to a name.
    with open(path, "wb") as file:
        if isinstance(value, dict):
            numpy.savez(file, **value)
        else:
            numpy.save(file, value)


def load(path):
    value = numpy.load(path)
    if isinstance(value, numpy.ndarray):
        return value
    with value as arrays:
        value = dict(arrays)
    return value | {"names": value["names"].tolist()}


def number(path, _field, index):
    return numpy.load(path, mmap_mode="r")[index]


if __name__ == "__main__":
    run.main(dump, load, number)
