"""Measures a peer written in Python: the same arguments, values and checks as in
`src/persist/`."""

import dataclasses
import os
import sys
import time

import numpy

FILE = "value"
TIMES, OPENS = 3, 100
INDEX = 9_000_000


@dataclasses.dataclass(slots=True)
class Record:
    id: int
    name: str
    score: float
    parent: int | None


def numbers(count):
    return numpy.arange(count) * 0.1


def model():
    ids = numpy.arange(1 << 23, dtype=numpy.uint32) * numpy.uint32(2_654_435_761)
    names = [f"column {n}" for n in range(1_000)]
    return {"weights": numbers(1 << 24), "ids": ids, "names": names}


def record(n):
    return Record(n, f"record {n}", n * 0.1, n // 2 if n % 3 else None)


VALUES = {
    "array": lambda: numbers(12_500_000),
    "gibibyte": lambda: numbers(1 << 27),
    "model": model,
    "map": lambda: {n: f"value {n}" for n in range(1_000_000)},
    "records": lambda: [record(n) for n in range(100_000)],
}


def main(dump, load, number=None):
    """Does the work named on the command line and prints its number.

    `dump(value, path)` and `load(path)` write and read the file. `number(path,
    field, index)` maps it and reads one number of an array, or of that field
    of a struct."""
    work, value, cores = sys.argv[1:]
    if cores != "all-cores":
        sys.exit("pinning to one core is not supported")
    make, field = VALUES[value], "weights" if value == "model" else None
    print(
        {
            "dump": lambda: dumping(dump, load, make()),
            "load": lambda: loading(load, make),
            "open": lambda: opening(lambda: number(FILE, field, INDEX)),
            "dump-memory": lambda: dump_memory(dump, make()),
            "load-memory": lambda: load_memory(load, make),
        }[work]()
    )


def dumping(dump, load, value):
    def once():
        remove()
        return timed(lambda: dump(value, FILE))[0]

    seconds = min(once() for _ in range(TIMES))
    check(load(FILE), value)
    return seconds


def loading(load, make):
    seconds, value = float("inf"), None
    for _ in range(TIMES):
        value = None
        now, value = timed(lambda: load(FILE))
        seconds = min(seconds, now)
    check(value, make())
    return seconds


def opening(number):
    def once():
        seconds, found = timed(number)
        check(float(found), INDEX * 0.1)
        return seconds

    return min(once() for _ in range(OPENS))


def dump_memory(dump, value):
    remove()
    before = memory("VmRSS")
    return peak(lambda: dump(value, FILE))[0] - before


def load_memory(load, make):
    empty = memory("VmRSS")
    value = make()
    before = memory("VmRSS")
    most, read = peak(lambda: load(FILE))
    check(read, value)
    return most - before - (before - empty)


def timed(action):
    begin = time.perf_counter()
    result = action()
    return time.perf_counter() - begin, result


def check(read, written):
    if not same(read, written):
        sys.exit("the read value differs from the written value")


def same(read, written):
    if isinstance(written, numpy.ndarray):
        return read.dtype == written.dtype and numpy.array_equal(read, written)
    if isinstance(written, dict) and "weights" in written:
        return read.keys() == written.keys() and all(
            same(read[name], written[name]) for name in written
        )
    return type(read) is type(written) and read == written


def remove():
    if os.path.exists(FILE):
        os.remove(FILE)


def peak(action):
    """Returns the peak resident size during the action, and its result."""
    # The value 5 resets the peak to the current size.
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    result = action()
    return memory("VmHWM"), result


def memory(name):
    with open("/proc/self/status") as lines:
        for line in lines:
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    sys.exit(f"/proc/self/status: the field {name} is missing")
