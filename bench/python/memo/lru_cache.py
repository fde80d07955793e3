"""functools.lru_cache."""

import functools

import run

remembered = functools.lru_cache(maxsize=None)(run.compute)

if __name__ == "__main__":
    run.main(remembered)
