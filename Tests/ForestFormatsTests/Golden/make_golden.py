"""Writes the models and margins in this folder with xgboost 3.2.0, lightgbm 4.7.0 and catboost 1.2.10.

    python Tests/ForestFormatsTests/Golden/make_golden.py

All data are synthetic and seeded. Features 0 to 3 are numbers on a grid of quarters (so that cuts and midpoints of
cuts are met exactly), 4 and 5 categories with 8 and 40 values. `rows.txt` holds the rows that are predicted: missing values, zeros,
exact thresholds, unseen and negative categories among them. `NAME.margins.txt` has one line of margins a row.
"""

import json
import os

import catboost
import lightgbm
import numpy as np
import pandas
import xgboost

HERE = os.path.dirname(os.path.abspath(__file__))
RANDOM = np.random.default_rng(7)


def table(rows, step, wild):
    numbers = RANDOM.integers(-12, 13, (rows, 4)) * 0.25
    if step == 0.125:
        numbers = RANDOM.integers(-26, 27, (rows, 4)) * step
    numbers[RANDOM.random((rows, 4)) < 0.12] = np.nan
    numbers[RANDOM.random((rows, 4)) < 0.12] = 0
    small = RANDOM.integers(0, 8, rows).astype(float)
    large = RANDOM.integers(0, 40, rows).astype(float)
    if wild:
        for column in (small, large):
            odd = RANDOM.random(rows)
            column[odd < 0.2] = np.nan
            column[(odd > 0.2) & (odd < 0.3)] = 1000
            column[(odd > 0.3) & (odd < 0.4)] = -1
            column[(odd > 0.4) & (odd < 0.45)] = 45
    return np.column_stack([numbers, small, large]).astype(np.float32)


def target(x):
    z = np.nan_to_num(x)
    return (
        z[:, 0] - 0.7 * z[:, 1] * (z[:, 2] > 0.3) + 0.8 * (z[:, 4].astype(int) % 3 == 1)
        - 0.9 * (z[:, 5].astype(int) % 5 == 2) + 0.6 * np.isnan(x[:, 3]) + RANDOM.normal(0, 0.3, len(x))
    )


X = table(3000, 0.25, False)
Y = target(X)
BINARY = (Y > 0).astype(float)
CLASSES = np.digitize(Y, [-1, 0.8]).astype(float)
COUNTS = RANDOM.poisson(np.exp(np.clip(Y / 3, -2, 2))).astype(float)
ROWS = table(150, 0.125, True)
NUMERIC = [0, 1, 2, 3]


def save(name, margins):
    with open(os.path.join(HERE, name + ".margins.txt"), "w") as file:
        for row in np.asarray(margins).reshape(len(ROWS), -1):
            print(*[repr(float(v)) for v in row], file=file)


with open(os.path.join(HERE, "rows.txt"), "w") as file:
    for row in ROWS:
        print(*[repr(float(v)) for v in row], file=file)


def xgb(name, label, rounds=8, columns=range(6), formats=("json",), **parameters):
    columns = list(columns)
    types = ["q" if c < 4 else "c" for c in columns]
    names = [f"f{c}" for c in columns]
    data = xgboost.DMatrix(X[:, columns], label, feature_types=types, feature_names=names, enable_categorical=True)
    settings = dict(max_depth=4, eta=0.3, nthread=1, seed=3, max_cat_to_onehot=9) | parameters
    booster = xgboost.train(settings, data, rounds)
    for form in formats:
        booster.save_model(os.path.join(HERE, f"{name}.{form}"))
    test = xgboost.DMatrix(ROWS[:, columns], feature_types=types, feature_names=names, enable_categorical=True)
    save(name, booster.predict(test, output_margin=True))


xgb("xgboost-regression", Y, columns=NUMERIC, formats=("json", "ubj"))
xgb("xgboost-categorical", BINARY, objective="binary:logistic", formats=("json", "ubj"))
xgb("xgboost-softmax", CLASSES, 4, objective="multi:softprob", num_class=3, columns=NUMERIC, num_parallel_tree=2,
    subsample=0.7)
xgb("xgboost-dart", BINARY, 10, objective="binary:logistic", booster="dart", rate_drop=0.4, columns=NUMERIC,
    formats=("json", "ubj"))
xgb("xgboost-poisson", COUNTS, 5, objective="count:poisson", columns=NUMERIC, base_score=1.7)

# Each colour has an effect of its own, so that a mistaken name shows.
COLOURS = ["red", "green", "blue", "cyan", "pink", "grey", "white", "black"]
CODES = np.nan_to_num(X[:, 4]).astype(int)
COLOURED = Y + np.array([3.0, -2.0, 0.5, 5.0, -4.0, 1.5, -0.5, 7.0])[CODES]
frame = pandas.DataFrame({"a": X[:, 0], "colour": pandas.Categorical.from_codes(CODES, COLOURS)})
booster = xgboost.train(dict(max_depth=4, nthread=1), xgboost.DMatrix(frame, COLOURED, enable_categorical=True), 4)
booster.save_model(os.path.join(HERE, "xgboost-names.json"))


def lgb(name, label, rounds=8, columns=range(6), **parameters):
    columns = list(columns)
    categorical = [i for i, c in enumerate(columns) if c >= 4]
    settings = dict(num_leaves=9, num_threads=1, seed=3, verbose=-1, deterministic=True, min_data_per_group=20,
                    cat_smooth=2) | parameters
    data = lightgbm.Dataset(X[:, columns].astype(np.float64), label, categorical_feature=categorical,
                            params=dict(linear_tree=True) if settings.get("linear_tree") else {})
    booster = lightgbm.train(settings, data, rounds)
    booster.save_model(os.path.join(HERE, f"{name}.txt"))
    # LightGBM averages the trees of a random forest only on the way to the link, not for raw scores.
    count = rounds if settings.get("boosting") == "rf" else 1
    save(name, booster.predict(ROWS[:, columns].astype(np.float64), raw_score=True) / count)


lgb("lightgbm-regression", Y, columns=NUMERIC)
lgb("lightgbm-categorical", BINARY, objective="binary", sigmoid=0.7, max_cat_to_onehot=4)
lgb("lightgbm-multiclass", CLASSES, 4, objective="multiclass", num_class=3)
lgb("lightgbm-zero", Y, zero_as_missing=True)
lgb("lightgbm-none", Y, use_missing=False)
lgb("lightgbm-linear", Y, linear_tree=True, columns=NUMERIC)
lgb("lightgbm-forest", BINARY, objective="binary", boosting="rf", bagging_freq=1, bagging_fraction=0.6)
frame = pandas.DataFrame({"a": X[:, 0].astype(float), "colour": pandas.Categorical.from_codes(CODES, COLOURS)})
lightgbm.train(
    dict(num_leaves=12, verbose=-1, num_threads=1, min_data_per_group=20), lightgbm.Dataset(frame, COLOURED), 4
).save_model(os.path.join(HERE, "lightgbm-names.txt"))


def strings(x, columns):
    frame = pandas.DataFrame({f"f{c}": x[:, c] for c in columns})
    for c in columns:
        if c >= 4:
            frame[f"f{c}"] = ["missing" if np.isnan(v) else f"c{int(v)}" for v in x[:, c]]
    return frame


def cat(name, label, rounds=8, columns=range(6), regressor=False, **parameters):
    columns = list(columns)
    categorical = [f"f{c}" for c in columns if c >= 4]
    pool = catboost.Pool(strings(X, columns), label, cat_features=categorical)
    settings = dict(iterations=rounds, depth=4, thread_count=1, random_seed=3, verbose=False, learning_rate=0.3,
                    allow_writing_files=False) | parameters
    model = (catboost.CatBoostRegressor if regressor else catboost.CatBoostClassifier)(**settings)
    model.fit(pool)
    model.save_model(os.path.join(HERE, f"{name}.json"), format="json", pool=pool)
    test = catboost.Pool(strings(ROWS, columns), cat_features=categorical)
    save(name, model.predict(test, prediction_type="RawFormulaVal"))
    if name in EXPLAINED:
        values = np.asarray(model.get_feature_importance(test, type="ShapValues", thread_count=1))
        np.savetxt(os.path.join(HERE, f"{name}.shapley.txt"), values[:24].reshape(24, -1), "%.12g")


# Their Shapley values of the first 24 rows, feature by feature and last the expectation, output by output.
EXPLAINED = ["catboost-regression", "catboost-multiclass", "catboost-onehot"]
cat("catboost-regression", Y, columns=NUMERIC, regressor=True)
cat("catboost-nanmax", BINARY, columns=NUMERIC, nan_mode="Max")
cat("catboost-multiclass", CLASSES, 4, columns=NUMERIC, loss_function="MultiClass")
cat("catboost-onehot", BINARY, one_hot_max_size=60)
cat("catboost-lossguide", Y, columns=NUMERIC, regressor=True, grow_policy="Lossguide", max_leaves=9)
# Targets that only categories explain, so that statistics of them and of their combinations are in the trees.
SMALL, LARGE = X[:, 4].astype(int), X[:, 5].astype(int)
EFFECT = (RANDOM.normal(0, 1, (8, 40)) + RANDOM.normal(0, 1, 40))[SMALL, LARGE] + 0.3 * (X[:, 0] > 0.5)
cat("catboost-ctr", (EFFECT > 0).astype(int), 6, one_hot_max_size=2, max_ctr_complexity=2, depth=3)
cat("catboost-ctr-regression", EFFECT, 6, regressor=True, one_hot_max_size=8, depth=3, simple_ctr=[
    "Borders:TargetBorderCount=2", "Buckets:TargetBorderCount=2", "BinarizedTargetMeanValue", "Counter"],
    combinations_ctr=["Borders", "Counter"], max_ctr_complexity=3)
cat("catboost-ctr-multiclass", np.digitize(EFFECT, [-1, 1]), 4, one_hot_max_size=2, depth=2, columns=[0, 4, 5],
    loss_function="MultiClass", max_ctr_complexity=1)
