"""Measures a peer written in Python: the same arguments, tasks and checks as in
`src/parallel/`."""

import os
import sys
import threading
import time

JOBS = 2
WARM = 1_000
CALLING = 0.3
PAGE = 512
SHORT, LONG = 20e-6, 20e-3
TURN, TURNS, CALLS = 1e-3, 200, 5


def no_op(argument):
    return argument * 31


def micro(argument):
    """Takes about a microsecond."""
    return argument + sum(range(80))


def duration(task):
    return LONG if task % 100 == (task // 100 * 37 + 11) % 100 else SHORT


def uneven(task):
    """Keeps a core busy for the duration of the task."""
    end = time.thread_time() + duration(task)
    while time.thread_time() < end:
        pass
    return task


def sample(stride, numbers):
    return float(numbers[::stride].sum())


def turn(numbers):
    """Reads a number and sleeps."""
    begin = time.monotonic()
    numbers[0]
    time.sleep(TURN)
    return os.getpid(), begin, time.monotonic()


def main(start):
    """Does the work named on the command line and prints its numbers.

    `start(jobs)` returns a peer with the attribute `in_processes` and the
    methods `map(task, arguments)`, `sample(count, stride, numbers)`,
    `turns(count, numbers)` and `stream(task, arguments)`, the last three of
    which are optional."""
    work, tasks, slow = sys.argv[1:]
    tasks, slow = int(tasks), int(slow) / 1e9
    if work == "cold":
        numbers = cold(start)
    else:
        peer = start(1 if work == "one-job" else JOBS)
        check(peer.map(no_op, range(WARM)), map(no_op, range(WARM)))
        if peer.in_processes:
            has_workers()
        numbers = {
            "no-ops": lambda: per_task(peer, tasks, no_op),
            "one-job": lambda: per_task(peer, tasks, no_op),
            "micros": lambda: per_task(peer, tasks, micro),
            "single": lambda: single(peer, tasks),
            "tail": lambda: tail(peer, tasks),
            "shared": lambda: shared(peer, tasks),
            "slow-consumer": lambda: stream(peer, tasks, 0.0, slow),
            "slow-producer": lambda: stream(peer, tasks, slow, 0.0),
        }[work]()
    print(*map(repr, numbers))


def per_task(peer, tasks, task):
    seconds, results = timed(lambda: peer.map(task, range(tasks)))
    check(results, map(task, range(tasks)))
    return [seconds / tasks]


def single(peer, calls):
    seconds, results = timed(
        lambda: [result for _ in range(calls) for result in peer.map(no_op, [7])]
    )
    check(results, [no_op(7)] * calls)
    return [seconds / calls]


def cold(start):
    def first():
        peer = start(JOBS)
        return peer, peer.map(no_op, range(JOBS))

    seconds, (peer, results) = timed(first)
    check(results, map(no_op, range(JOBS)))
    has_workers()
    return [seconds]


def tail(peer, tasks):
    seconds, results = timed(lambda: peer.map(uneven, range(tasks)))
    check(results, range(tasks))
    return [seconds / max(sum(map(duration, range(tasks))) / JOBS, LONG)]


def shared(peer, count):
    import numpy

    numbers = numpy.arange(count) * 0.1

    def touch():
        return peer.sample(JOBS, count, numbers)

    first, touched = timed(touch)
    check(touched, [0.0] * JOBS)
    later, calls = 0.0, 0
    while calls == 0 or later < CALLING:
        later, calls = later + timed(touch)[0], calls + 1
    watched = between(lambda: peer.turns(TURNS, numbers))
    many = 16 * JOBS
    most, sums = used_during(lambda: peer.sample(many, PAGE, numbers))
    check(sums, [sample(PAGE, numbers)] * many)
    return [first, later / calls, *watched, *most]


def between(call):
    """Returns the median seconds between the first task of the first worker and
    that of the last worker, and between two tasks of one worker."""
    arrivals, waits = [], []
    for _ in range(CALLS):
        workers = {}
        for worker, *turn in sorted(call(), key=lambda turn: turn[1]):
            workers.setdefault(worker, []).append(turn)
        if len(workers) != JOBS:
            sys.exit(f"expected {JOBS} workers, found {len(workers)}")
        begins = [turns[0][0] for turns in workers.values()]
        arrivals.append(max(begins) - min(begins))
        for turns in workers.values():
            waits += [begin - end for (_, end), (begin, _) in zip(turns, turns[1:])]
    return [median(arrivals), median(waits)]


def median(values):
    return sorted(values)[len(values) // 2]


def stream(peer, tasks, producing, consuming):
    def inputs():
        for argument in range(tasks):
            wait(producing)
            yield argument

    def consume():
        count = 0
        for output in peer.stream(no_op, inputs()):
            if output != no_op(count):
                sys.exit(f"the result {count} is wrong")
            wait(consuming)
            count += 1
        return count

    before = peak()
    seconds, count = timed(consume)
    if count != tasks:
        sys.exit(f"expected {tasks} results, found {count}")
    return [seconds / tasks - producing - consuming, peak() - before]


def wait(seconds):
    if seconds:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            pass


def timed(action):
    begin = time.perf_counter()
    result = action()
    return time.perf_counter() - begin, result


def check(results, expected):
    if list(results) != list(expected):
        sys.exit("the results differ from those of a plain loop")


def has_workers():
    if len(workers()) < JOBS:
        sys.exit(f"expected {JOBS} workers, found {len(workers())}")


def workers():
    """Returns the pids of all descendants of this process."""
    found = [os.getpid()]
    for parent in found:
        for thread in os.listdir(f"/proc/{parent}/task"):
            with open(f"/proc/{parent}/task/{thread}/children") as file:
                found += map(int, file.read().split())
    return found[1:]


def used():
    """Returns the bytes of all processes, and of the workers among them. A page
    that several processes have mapped counts once."""
    own, *others = (field(process, "smaps_rollup", "Pss") for process in ["self", *workers()])
    return own + sum(others), sum(others)


def used_during(action):
    """Returns the peak use during the action, and its result."""
    most, ended = (0, 0), threading.Event()

    def watch():
        nonlocal most
        while not ended.is_set():
            most = tuple(map(max, most, used()))

    watcher = threading.Thread(target=watch)
    watcher.start()
    result = action()
    ended.set()
    watcher.join()
    return most, result


def peak():
    return field("self", "status", "VmHWM") + sum(
        field(worker, "status", "VmHWM") for worker in workers()
    )


def field(process, file, name):
    with open(f"/proc/{process}/{file}") as lines:
        for line in lines:
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    sys.exit(f"/proc/{process}/{file}: the field {name} is missing")
