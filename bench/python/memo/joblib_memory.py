"""joblib's Memory."""

import joblib

import run

memory = joblib.Memory(".", verbose=0)


@memory.cache
def remembered(argument):
    return run.compute(argument)


if __name__ == "__main__":
    run.main(
        remembered,
        shrink=lambda entries: memory.reduce_size(items_limit=entries),
        hash_numbers=joblib.hash,
    )
