"""The `map` of multiprocessing's Pool, with its default chunks."""

import multiprocessing

import run


shared = None


def share(numbers):
    global shared
    shared = numbers


def sample(stride):
    return run.sample(stride, shared)


def turn(_task):
    return run.turn(shared)


class Peer:
    in_processes = True

    def __init__(self, jobs):
        self.jobs = jobs
        self.pool = multiprocessing.Pool(jobs)
        self.sampling = None

    def map(self, task, arguments):
        return self.pool.map(task, arguments)

    def sample(self, count, stride, numbers):
        return self.sharing(numbers).map(sample, [stride] * count, chunksize=1)

    def turns(self, count, numbers):
        return self.sharing(numbers).map(turn, range(count), chunksize=1)

    def sharing(self, numbers):
        # The pool passes the shared numbers to its workers when it forks
        # them, so they need their own pool.
        if self.sampling is None:
            self.sampling = multiprocessing.Pool(
                self.jobs, initializer=share, initargs=(numbers,)
            )
        return self.sampling


if __name__ == "__main__":
    run.main(Peer)
