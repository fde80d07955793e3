"""The `imap` of multiprocessing's Pool, in chunks of a hundred."""

import multiprocessing

import run

CHUNK = 100


class Peer:
    in_processes = True

    def __init__(self, jobs):
        self.pool = multiprocessing.Pool(jobs)

    def map(self, task, arguments):
        return list(self.stream(task, arguments))

    def stream(self, task, arguments):
        return self.pool.imap(task, arguments, chunksize=CHUNK)


if __name__ == "__main__":
    run.main(Peer)
