"""joblib's Parallel on its backend `loky`."""

import joblib_parallel

if __name__ == "__main__":
    joblib_parallel.main("loky")
