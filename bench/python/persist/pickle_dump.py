"""pickle with its protocol 5."""

import pickle

import run


def dump(value, path):
    with open(path, "wb") as file:
        pickle.dump(value, file, protocol=5)


def load(path):
    with open(path, "rb") as file:
        return pickle.load(file)


if __name__ == "__main__":
    run.main(dump, load)
