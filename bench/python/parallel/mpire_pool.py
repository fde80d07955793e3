"""mpire's WorkerPool, kept alive, with its default chunks."""

import mpire

import run


def sample(numbers, stride):
    return run.sample(stride, numbers)


def turn(numbers, _task):
    return run.turn(numbers)


class Peer:
    in_processes = True

    def __init__(self, jobs):
        self.jobs = jobs
        self.pool = mpire.WorkerPool(jobs, keep_alive=True)
        self.sampling = None

    def map(self, task, arguments):
        return self.pool.map(task, arguments)

    def sample(self, count, stride, numbers):
        return self.sharing(numbers).map(sample, [stride] * count, chunk_size=1)

    def turns(self, count, numbers):
        return self.sharing(numbers).map(turn, range(count), chunk_size=1)

    def sharing(self, numbers):
        # The pool passes the shared numbers to its workers when it forks
        # them, so they need their own pool.
        if self.sampling is None:
            self.sampling = mpire.WorkerPool(
                self.jobs, keep_alive=True, shared_objects=numbers
            )
        return self.sampling

    def stream(self, task, arguments):
        return self.pool.imap(task, arguments)


if __name__ == "__main__":
    run.main(Peer)
