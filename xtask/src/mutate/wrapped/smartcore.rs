//! Functions over smartcore.

use joblib::memoize;
use smartcore::cluster::dbscan::{DBSCAN, DBSCANParameters};
use smartcore::cluster::kmeans::{KMeans, KMeansParameters};
use smartcore::decomposition::pca::{PCA, PCAParameters};
use smartcore::ensemble::random_forest_regressor::{
    RandomForestRegressor, RandomForestRegressorParameters,
};
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::linear::lasso::{Lasso, LassoParameters};
use smartcore::linear::linear_regression::{LinearRegression, LinearRegressionParameters};
use smartcore::linear::logistic_regression::{LogisticRegression, LogisticRegressionParameters};
use smartcore::linear::ridge_regression::{RidgeRegression, RidgeRegressionParameters};
use smartcore::metrics;
use smartcore::naive_bayes::gaussian::GaussianNB;
use smartcore::neighbors::knn_classifier::{KNNClassifier, KNNClassifierParameters};
use smartcore::neighbors::knn_regressor::{KNNRegressor, KNNRegressorParameters};
use smartcore::tree::decision_tree_classifier::{
    DecisionTreeClassifier, DecisionTreeClassifierParameters,
};
use smartcore::tree::decision_tree_regressor::{
    DecisionTreeRegressor, DecisionTreeRegressorParameters,
};

fn points(n: u64) -> DenseMatrix<f64> {
    let rows: Vec<Vec<f64>> = (0..16u64)
        .map(|i| {
            let place = |k: u64| ((i * k + n) % 13) as f64 + if i % 2 == 0 { 9.5 } else { 0.25 };
            vec![place(5), place(7), place(11)]
        })
        .collect();
    DenseMatrix::from_2d_vec(&rows).unwrap()
}

fn values() -> Vec<f64> {
    (0..16).map(|i| (i * i % 17) as f64 + 0.5).collect()
}

fn labels() -> Vec<u32> {
    (0..16).map(|i| i % 2).collect()
}

#[memoize]
pub fn linear(n: u64) -> Vec<f64> {
    let x = points(n);
    let model = LinearRegression::fit(&x, &values(), LinearRegressionParameters::default());
    model.unwrap().predict(&x).unwrap()
}

#[memoize]
pub fn ridge(n: u64) -> Vec<f64> {
    let x = points(n);
    let model = RidgeRegression::fit(&x, &values(), RidgeRegressionParameters::default());
    model.unwrap().predict(&x).unwrap()
}

#[memoize]
pub fn lasso(n: u64) -> Vec<f64> {
    let x = points(n);
    let model = Lasso::fit(&x, &values(), LassoParameters::default());
    model.unwrap().predict(&x).unwrap()
}

#[memoize]
pub fn logistic(n: u64) -> Vec<u32> {
    let x = points(n);
    let model = LogisticRegression::fit(&x, &labels(), LogisticRegressionParameters::default());
    model.unwrap().predict(&x).unwrap()
}

#[memoize]
pub fn bayes(n: u64) -> Vec<u32> {
    let x = points(n);
    let model = GaussianNB::fit(&x, &labels(), Default::default());
    model.unwrap().predict(&x).unwrap()
}

#[memoize]
pub fn neighbours(n: u64) -> Vec<u32> {
    let x = points(n);
    let model = KNNClassifier::fit(&x, &labels(), KNNClassifierParameters::default());
    model.unwrap().predict(&x).unwrap()
}

#[memoize]
pub fn neighbours_mean(n: u64) -> Vec<f64> {
    let x = points(n);
    let model = KNNRegressor::fit(&x, &values(), KNNRegressorParameters::default());
    model.unwrap().predict(&x).unwrap()
}

#[memoize]
pub fn tree(n: u64) -> Vec<u32> {
    let x = points(n);
    let model = DecisionTreeClassifier::fit(
        &x,
        &labels(),
        DecisionTreeClassifierParameters::default().with_max_depth(3),
    );
    model.unwrap().predict(&x).unwrap()
}

#[memoize]
pub fn tree_mean(n: u64) -> Vec<f64> {
    let x = points(n);
    let model = DecisionTreeRegressor::fit(
        &x,
        &values(),
        DecisionTreeRegressorParameters::default().with_max_depth(3),
    );
    model.unwrap().predict(&x).unwrap()
}

#[memoize]
pub fn forest(n: u64) -> Vec<f64> {
    let x = points(n);
    let model = RandomForestRegressor::fit(
        &x,
        &values(),
        RandomForestRegressorParameters::default().with_n_trees(4),
    );
    model.unwrap().predict(&x).unwrap()
}

#[memoize]
pub fn clusters(n: u64) -> Vec<u32> {
    let x = points(n);
    let model: KMeans<f64, u32, _, _> =
        KMeans::fit(&x, KMeansParameters::default().with_k(3)).unwrap();
    model.predict(&x).unwrap()
}

#[memoize]
pub fn dense_clusters(n: u64) -> Vec<i32> {
    let x = points(n);
    let model: DBSCAN<f64, i32, _, _, _> =
        DBSCAN::fit(&x, DBSCANParameters::default().with_eps(4.0)).unwrap();
    model.predict(&x).unwrap()
}

#[memoize]
pub fn components(n: u64) -> String {
    let x = points(n);
    let model = PCA::fit(&x, PCAParameters::default().with_n_components(2)).unwrap();
    format!("{:?}", model.transform(&x).unwrap())
}

#[memoize]
pub fn errors(n: u64) -> Vec<f64> {
    let guess: Vec<f64> = values().iter().map(|value| value + n as f64).collect();
    vec![
        metrics::mean_squared_error(&values(), &guess),
        metrics::mean_absolute_error(&values(), &guess),
        metrics::r2(&values(), &guess),
    ]
}

#[memoize]
pub fn accuracy(n: u64) -> f64 {
    let guess: Vec<u32> = (0..16).map(|i| (i + n as u32) % 3 % 2).collect();
    metrics::accuracy(&labels(), &guess)
}
