"""joblib's Parallel on any of its backends, reused between calls."""

import atexit

import joblib

import run


class Peer:
    def __init__(self, backend, jobs):
        self.in_processes = backend != "threading"
        self.settings = {"n_jobs": jobs, "backend": backend}
        self.parallel = joblib.Parallel(**self.settings).__enter__()
        atexit.register(self.parallel.__exit__, None, None, None)

    def map(self, task, arguments):
        return self.parallel(joblib.delayed(task)(argument) for argument in arguments)

    def sample(self, count, stride, numbers):
        sample = joblib.delayed(run.sample)
        return self.parallel(sample(stride, numbers) for _ in range(count))

    def turns(self, count, numbers):
        turn = joblib.delayed(run.turn)
        return self.parallel(turn(numbers) for _ in range(count))

    def stream(self, task, arguments):
        parallel = joblib.Parallel(return_as="generator", **self.settings)
        return parallel(joblib.delayed(task)(argument) for argument in arguments)


def main(backend):
    run.main(lambda jobs: Peer(backend, jobs))
