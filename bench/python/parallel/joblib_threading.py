"""joblib's Parallel on its backend `threading`."""

import joblib_parallel

if __name__ == "__main__":
    joblib_parallel.main("threading")
