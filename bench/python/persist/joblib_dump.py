"""joblib's dump and load, without compression."""

import joblib

import run


def number(path, field, index):
    value = joblib.load(path, mmap_mode="r")
    return (value[field] if field else value)[index]


if __name__ == "__main__":
    run.main(joblib.dump, joblib.load, number)
