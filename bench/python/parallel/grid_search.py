"""The search of `examples/grid_search` with scikit-learn, joblib's Memory and
joblib's Parallel: the same data, folds, settings and steps, and the same last
line of output.

    python grid_search.py DIGITS JOBS
"""

import itertools
import sys

import joblib
import numpy
from sklearn.decomposition import PCA
from sklearn.kernel_ridge import KernelRidge

FOLDS = 5
CLASSES = numpy.arange(10)

memory = joblib.Memory(".cache", verbose=0)


@memory.cache
def prepare(train, test, components):
    """Scales both parts and projects them onto the principal axes of `train`."""
    mean, deviation = train.mean(axis=0), numpy.maximum(train.std(axis=0), 2.0)
    train, test = (train - mean) / deviation, (test - mean) / deviation
    axes = PCA(components, svd_solver="full").fit(train)
    return axes.transform(train), axes.transform(test)


@memory.cache
def train(points, labels, width, ridge):
    """Kernel ridge regression, one output for each digit."""
    targets = numpy.where(labels[:, None] == CLASSES, 1.0, -1.0)
    model = KernelRidge(alpha=ridge, kernel="rbf", gamma=1 / (2 * width**2))
    return model.fit(points, targets)


@memory.cache
def score(model, points, labels):
    """Returns the share of points that are classified as their own label."""
    return float((model.predict(points).argmax(axis=1) == labels).mean())


def validate(pixels, labels, setting, fold):
    """Returns the accuracy of a setting, with every fifth digit, starting at
    `fold`, for testing."""
    components, width, ridge = setting
    test = numpy.arange(len(labels)) % FOLDS == fold
    features = prepare(pixels[~test], pixels[test], components)
    model = train(features[0], labels[~test], width, ridge)
    return score(model, features[1], labels[test])


def main(path, jobs):
    digits = numpy.loadtxt(path, delimiter=",", skiprows=1)
    pixels, labels = digits[:, :-1], digits[:, -1].astype(int)
    settings = list(itertools.product([16, 24, 32], [4.0, 8.0, 16.0], [0.001, 0.1]))
    accuracies = joblib.Parallel(n_jobs=jobs)(
        joblib.delayed(validate)(pixels, labels, setting, fold)
        for setting in settings
        for fold in range(FOLDS)
    )
    means = numpy.reshape(accuracies, (len(settings), FOLDS)).mean(axis=1)
    # The last of equal maxima, like `Iterator::max_by`.
    best = len(settings) - 1 - int(means[::-1].argmax())
    components, width, ridge = settings[best]
    print(
        f"best: {components} components, width {width:g}, ridge {ridge:g}: "
        f"{100 * means[best]:.2f} % right"
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
