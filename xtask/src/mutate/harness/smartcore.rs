//! Functions over smartcore.

use joblib::memoize;
use smartcore::api::{SupervisedEstimator, Transformer, UnsupervisedEstimator};
use smartcore::cluster::agglomerative::{
    AgglomerativeClustering, AgglomerativeClusteringParameters,
};
use smartcore::cluster::dbscan::{DBSCAN, DBSCANParameters};
use smartcore::cluster::kmeans::{KMeans, KMeansParameters};
use smartcore::decomposition::lda::{LDA, LDAParameters};
use smartcore::decomposition::pca::{PCA, PCAParameters};
use smartcore::decomposition::svd::{SVD, SVDParameters};
use smartcore::ensemble::extra_trees_regressor::{
    ExtraTreesRegressor, ExtraTreesRegressorParameters,
};
use smartcore::ensemble::random_forest_classifier::{
    RandomForestClassifier, RandomForestClassifierParameters,
};
use smartcore::ensemble::random_forest_regressor::{
    RandomForestRegressor, RandomForestRegressorParameters,
};
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::linear::elastic_net::{ElasticNet, ElasticNetParameters};
use smartcore::linear::lasso::{Lasso, LassoParameters};
use smartcore::linear::linear_regression::{LinearRegression, LinearRegressionParameters};
use smartcore::linear::logistic_regression::{LogisticRegression, LogisticRegressionParameters};
use smartcore::linear::ridge_regression::{RidgeRegression, RidgeRegressionParameters};
use smartcore::metrics;
use smartcore::model_selection::{KFold, cross_validate};
use smartcore::naive_bayes::bernoulli::BernoulliNB;
use smartcore::naive_bayes::categorical::CategoricalNB;
use smartcore::naive_bayes::gaussian::GaussianNB;
use smartcore::naive_bayes::multinomial::MultinomialNB;
use smartcore::neighbors::knn_classifier::{KNNClassifier, KNNClassifierParameters};
use smartcore::neighbors::knn_regressor::{KNNRegressor, KNNRegressorParameters};
use smartcore::preprocessing::numerical::{StandardScaler, StandardScalerParameters};
use smartcore::svm::Kernels;
use smartcore::svm::svc::{SVC, SVCParameters};
use smartcore::svm::svr::{SVR, SVRParameters};
use smartcore::tree::decision_tree_classifier::{
    DecisionTreeClassifier, DecisionTreeClassifierParameters,
};
use smartcore::tree::decision_tree_regressor::{
    DecisionTreeRegressor, DecisionTreeRegressorParameters,
};
use smartcore::xgboost::{XGRegressor, XGRegressorParameters};

fn points(n: u64) -> DenseMatrix<f64> {
    let rows: Vec<Vec<f64>> = (0..16u64)
        .map(|i| {
            let place = |k: u64| ((i * k + n) % 13) as f64 + if i % 2 == 0 { 3.5 } else { 0.25 };
            vec![place(5), place(7), place(11)]
        })
        .collect();
    DenseMatrix::from_2d_vec(&rows).unwrap()
}

fn counts(n: u64) -> DenseMatrix<u32> {
    let row = |i| (5..9).map(|k| ((i * k + n) % 11 % 3) as u32).collect();
    let rows: Vec<Vec<u32>> = (0..16u64).map(row).collect();
    DenseMatrix::from_2d_vec(&rows).unwrap()
}

fn values() -> Vec<f64> {
    (0..16).map(|i| (i * i % 17) as f64 + 0.5).collect()
}

fn labels() -> Vec<u32> {
    (0..16).map(|i| i * i % 5 % 2).collect()
}

#[memoize]
pub fn linear(n: u64) -> Vec<f64> {
    let x = points(n);
    let model = LinearRegression::fit(&x, &values(), LinearRegressionParameters::default());
    model.unwrap().predict(&points(n + 3)).unwrap()
}

#[memoize]
pub fn ridge(n: u64) -> Vec<f64> {
    let x = points(n);
    let model = RidgeRegression::fit(&x, &values(), RidgeRegressionParameters::default());
    model.unwrap().predict(&points(n + 3)).unwrap()
}

#[memoize]
pub fn lasso(n: u64) -> Vec<f64> {
    let x = points(n);
    let model = Lasso::fit(&x, &values(), LassoParameters::default());
    model.unwrap().predict(&points(n + 3)).unwrap()
}

#[memoize]
pub fn elastic_net(n: u64) -> Vec<f64> {
    let x = points(n);
    let model = ElasticNet::fit(
        &x,
        &values(),
        ElasticNetParameters::default().with_alpha(0.3),
    );
    model.unwrap().predict(&points(n + 3)).unwrap()
}

#[memoize]
pub fn neighbours_mean(n: u64) -> Vec<f64> {
    let x = points(n);
    let model = KNNRegressor::fit(&x, &values(), KNNRegressorParameters::default());
    model.unwrap().predict(&points(n + 3)).unwrap()
}

#[memoize]
pub fn tree_mean(n: u64) -> Vec<f64> {
    let x = points(n);
    let model = DecisionTreeRegressor::fit(
        &x,
        &values(),
        DecisionTreeRegressorParameters::default().with_max_depth(3),
    );
    model.unwrap().predict(&points(n + 3)).unwrap()
}

#[memoize]
pub fn forest(n: u64) -> Vec<f64> {
    let x = points(n);
    let model = RandomForestRegressor::fit(
        &x,
        &values(),
        RandomForestRegressorParameters::default().with_n_trees(4),
    );
    model.unwrap().predict(&points(n + 3)).unwrap()
}

#[memoize]
pub fn extra_trees(n: u64) -> Vec<f64> {
    let x = points(n);
    let model = ExtraTreesRegressor::fit(
        &x,
        &values(),
        ExtraTreesRegressorParameters::default().with_n_trees(4),
    );
    model.unwrap().predict(&points(n + 3)).unwrap()
}

#[memoize]
pub fn boosted(n: u64) -> Vec<f64> {
    let x = points(n);
    let model = XGRegressor::fit(
        &x,
        &values(),
        XGRegressorParameters::default().with_n_estimators(4),
    );
    model.unwrap().predict(&points(n + 3)).unwrap()
}

#[memoize]
pub fn logistic(n: u64) -> String {
    let x = points(n);
    let model =
        LogisticRegression::fit(&x, &labels(), LogisticRegressionParameters::default()).unwrap();
    format!("{model:?} {:?}", model.predict(&points(n + 3)).unwrap())
}

#[memoize]
pub fn bayes(n: u64) -> String {
    let x = points(n);
    let model = GaussianNB::fit(&x, &labels(), Default::default()).unwrap();
    format!("{model:?} {:?}", model.predict(&points(n + 3)).unwrap())
}

#[memoize]
pub fn bayes_of_counts(n: u64) -> String {
    let x = counts(n);
    let model = MultinomialNB::fit(&x, &labels(), Default::default()).unwrap();
    format!("{model:?} {:?}", model.predict(&counts(n + 3)).unwrap())
}

#[memoize]
pub fn bayes_of_bits(n: u64) -> String {
    let x = counts(n);
    let model = BernoulliNB::fit(&x, &labels(), Default::default()).unwrap();
    format!("{model:?} {:?}", model.predict(&counts(n + 3)).unwrap())
}

#[memoize]
pub fn bayes_of_kinds(n: u64) -> String {
    let x = counts(n);
    let model = CategoricalNB::fit(&x, &labels(), Default::default()).unwrap();
    format!("{model:?} {:?}", model.predict(&counts(n + 3)).unwrap())
}

#[memoize]
pub fn neighbours(n: u64) -> String {
    let x = points(n);
    let model = KNNClassifier::fit(&x, &labels(), KNNClassifierParameters::default()).unwrap();
    format!("{model:?} {:?}", model.predict(&points(n + 3)).unwrap())
}

#[memoize]
pub fn tree(n: u64) -> String {
    let x = points(n);
    let model = DecisionTreeClassifier::fit(
        &x,
        &labels(),
        DecisionTreeClassifierParameters::default().with_max_depth(3),
    )
    .unwrap();
    format!("{model:?} {:?}", model.predict(&points(n + 3)).unwrap())
}

#[memoize]
pub fn forest_vote(n: u64) -> String {
    let x = points(n);
    let model = RandomForestClassifier::fit(
        &x,
        &labels(),
        RandomForestClassifierParameters::default().with_n_trees(4),
    )
    .unwrap();
    format!("{model:?} {:?}", model.predict(&points(n + 3)).unwrap())
}

#[memoize]
pub fn support(n: u64) -> Vec<f64> {
    let x = points(n);
    let sides: Vec<i32> = labels().iter().map(|&label| label as i32 * 2 - 1).collect();
    let kernel = Kernels::rbf().with_gamma(0.05);
    let parameters = SVCParameters::default().with_c(2.0).with_kernel(kernel);
    SVC::fit(&x, &sides, &parameters)
        .unwrap()
        .decision_function(&points(n + 3))
        .unwrap()
}

#[memoize]
pub fn support_mean(n: u64) -> Vec<f64> {
    let x = points(n);
    let kernel = Kernels::rbf().with_gamma(0.05);
    let parameters = SVRParameters::default()
        .with_eps(0.5)
        .with_c(2.0)
        .with_kernel(kernel);
    SVR::fit(&x, &values(), &parameters)
        .unwrap()
        .predict(&x)
        .unwrap()
}

#[memoize]
pub fn clusters(n: u64) -> String {
    let x = points(n);
    let model: KMeans<f64, u32, _, Vec<u32>> =
        KMeans::fit(&x, KMeansParameters::default().with_k(3)).unwrap();
    format!("{model:?} {:?}", model.predict(&points(n + 3)).unwrap())
}

#[memoize]
pub fn dense_clusters(n: u64) -> Vec<i32> {
    let x = points(n);
    let model: DBSCAN<f64, i32, _, _, _> = DBSCAN::fit(
        &x,
        DBSCANParameters::default()
            .with_eps(n as f64 * 0.9)
            .with_min_samples(3),
    )
    .unwrap();
    model.predict(&x).unwrap()
}

#[memoize]
pub fn joined_clusters(n: u64) -> Vec<usize> {
    let parameters = AgglomerativeClusteringParameters::default().with_n_clusters(4);
    let model: AgglomerativeClustering<f64, usize, _, Vec<usize>> =
        AgglomerativeClustering::fit(&points(n), parameters).unwrap();
    model.labels
}

#[memoize]
pub fn components(n: u64) -> String {
    let x = points(n);
    let model = PCA::fit(&x, PCAParameters::default().with_n_components(2)).unwrap();
    format!("{:?}", model.transform(&x).unwrap())
}

#[memoize]
pub fn singular(n: u64) -> String {
    let x = points(n);
    let model = SVD::fit(&x, SVDParameters::default().with_n_components(2)).unwrap();
    format!("{:?}", model.transform(&x).unwrap())
}

#[memoize]
pub fn discriminant(n: u64) -> String {
    let x = points(n);
    let model = LDA::fit(&x, &labels(), LDAParameters::default()).unwrap();
    format!("{:?}", model.transform(&x).unwrap())
}

#[memoize]
pub fn scaled(n: u64) -> String {
    let x = points(n);
    let scaler = StandardScaler::fit(&x, StandardScalerParameters::default()).unwrap();
    format!("{:?}", scaler.transform(&x).unwrap())
}

#[memoize]
pub fn validated(n: u64) -> String {
    let folds = KFold::default().with_n_splits(3).with_shuffle(false);
    let parameters = RidgeRegressionParameters::default();
    let score = cross_validate(
        RidgeRegression::new(),
        &points(n),
        &values(),
        parameters,
        &folds,
        &metrics::r2,
    );
    format!("{:?}", score.unwrap())
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
pub fn scores(n: u64) -> [f64; 4] {
    let truth: Vec<f64> = labels().iter().map(|&label| label.into()).collect();
    let guess: Vec<f64> = (0..16)
        .map(|i| f64::from((i + n as u32) * i % 7 % 2))
        .collect();
    [
        metrics::accuracy(
            &labels(),
            &guess.iter().map(|&label| label as u32).collect(),
        ),
        metrics::precision(&truth, &guess),
        metrics::recall(&truth, &guess),
        metrics::f1(&truth, &guess, 0.5),
    ]
}
