"""diskcache, bounded only by `shrink`."""

import diskcache

import run

cache = diskcache.Cache(".", eviction_policy="none", size_limit=2**40)


@cache.memoize()
def remembered(argument):
    return run.compute(argument)


def shrink(entries):
    with cache.transact():
        for key in list(cache.iterkeys())[: len(cache) - entries]:
            del cache[key]


if __name__ == "__main__":
    run.main(remembered, shrink=shrink)
