"""Does a task with a peer written in Python: the same arguments and loops as
`src/memo/task.rs` and `src/memo/run.rs`."""

import sys
import time

MEMORY_CALLS = 500_000
MEMORY_ARGUMENTS = 1_000
READING = 0.5
STRIDE = 387_911
NUMBERS = 12_500_000

computed = 0


def compute(argument):
    """The memoized work, which does almost nothing."""
    global computed
    computed += 1
    return argument * 31


def main(call, shrink=None, hash_numbers=None):
    """Does the task named on the command line and prints seconds per
    operation."""
    work, entries, start, first = sys.argv[1:]
    entries, start, first = int(entries), float(start), int(first)
    tasks = {
        "miss": lambda: miss(call, entries),
        "memory-hit": lambda: memory_hit(call),
        "disk-hit": lambda: disk_hit(call, entries, start, first),
        "open": lambda: computing(0, lambda: seconds(lambda: call(0))),
        "halve": lambda: seconds(lambda: shrink(entries // 2)),
        "hash": lambda: hashing(hash_numbers),
    }
    print(repr(tasks[work]()))


def miss(call, entries):
    def calls(function):
        for argument in range(entries):
            function(argument)

    time_of_misses = computing(entries, lambda: seconds(lambda: calls(call)))
    bare = seconds(lambda: calls(compute))
    return (time_of_misses - bare) / entries


def memory_hit(call):
    for argument in range(MEMORY_ARGUMENTS):
        call(argument)

    def calls():
        for number in range(MEMORY_CALLS):
            call(number % MEMORY_ARGUMENTS)

    return computing(0, lambda: seconds(calls)) / MEMORY_CALLS


def disk_hit(call, entries, start, first):
    calls = 0

    def read():
        nonlocal calls
        call(first % entries)
        time.sleep(max(0.0, start - time.time()))
        begin = time.perf_counter()
        for calls in range(1, entries):
            call((first + calls * STRIDE) % entries)
            if calls % 64 == 0 and time.perf_counter() - begin > READING:
                break
        return time.perf_counter() - begin

    return computing(0, read) / calls


def hashing(hash_numbers):
    import numpy

    numbers = numpy.arange(NUMBERS) * 0.1
    hash_numbers(numbers)
    return seconds(lambda: hash_numbers(numbers))


def seconds(action):
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def computing(expected, measure):
    before = computed
    result = measure()
    if computed - before != expected:
        sys.exit(f"expected {expected} computations, found {computed - before}")
    return result
