"""joblib's Parallel on its backend `multiprocessing`."""

import joblib_parallel

if __name__ == "__main__":
    joblib_parallel.main("multiprocessing")
