"""Writes peers.json: small models of xgboost and lightgbm as Tern's node arrays, rows, and the peers' own Shapley values.

Run with xgboost 3.2.0, lightgbm 4.7.0, shap 0.51.0, numpy: python make_golden.py
Thresholds are single precision: for lightgbm's "x <= t" the smallest single above t, so that "x < threshold" is the same.
"""
import json
import pathlib
import warnings

import lightgbm
import numpy
import shap
import xgboost

# The largest single has no next one: the threshold of a split that parts missing values only.
warnings.simplefilter("ignore", RuntimeWarning)
random = numpy.random.default_rng(7)
features = 6
x = random.normal(size=(400, features)).astype(numpy.float32)
x[random.random(x.shape) < 0.1] = numpy.nan
filled = numpy.nan_to_num(x, nan=0.5)
signal = filled[:, 0] * filled[:, 1] + numpy.sin(2 * filled[:, 2]) + 0.5 * (filled[:, 3] > 0) * filled[:, 0]
labels = {
    "regression": signal + random.normal(size=400) * 0.3,
    "binary": (signal + random.normal(size=400) * 0.5 > 0.3).astype(int),
    "classes": numpy.digitize(signal + random.normal(size=400) * 0.3, [-0.5, 0.6]),
}
rows = x[:24]
# The same with a category of twelve in the last column, which shifts the target.
mixed = x.copy()
mixed[:, 5] = random.integers(0, 12, size=400)
mixed[random.random(400) < 0.1, 5] = numpy.nan
shifts = random.normal(size=13)
mixed_label = signal + 1.5 * shifts[numpy.nan_to_num(mixed[:, 5], nan=12).astype(int)]


def short(values):
    """Nine digits carry a single, twelve are more than a comparison asks for."""
    return [float(f"{value:.12g}") for value in numpy.asarray(values, dtype=float).ravel()]


class Nodes:
    def __init__(self):
        self.arrays = {key: [] for key in ("feature", "threshold", "missing", "left", "right", "value", "cover", "count", "categories")}
        self.offsets = [0]

    def add(self, categories=None, **node):
        """`categories` of a node that asks for membership: its flags as Tern has them, then the members."""
        for key, value in {**node, "categories": categories}.items():
            self.arrays[key].append(value)

    def close(self):
        self.offsets.append(len(self.arrays["feature"]))

    def document(self):
        arrays = dict(self.arrays)
        if not any(arrays["categories"]):
            del arrays["categories"]
        return {"offsets": self.offsets, **arrays}


def xgboost_nodes(booster):
    model = json.loads(booster.save_raw("json"))["learner"]
    nodes = Nodes()
    for tree in model["gradient_booster"]["model"]["trees"]:
        for i, left in enumerate(tree["left_children"]):
            leaf = left < 0
            condition = float(tree["split_conditions"][i])
            categories = None
            if not leaf and tree["split_type"][i] == 1:
                place = tree["categories_nodes"].index(i)
                first = tree["categories_segments"][place]
                members = tree["categories"][first:first + tree["categories_sizes"][place]]
                # Members go right.
                condition, categories = 0.0, [1, *members]
            nodes.add(
                categories=categories,
                feature=-1 if leaf else tree["split_indices"][i], threshold=0 if leaf else condition,
                missing=int(tree["default_left"][i]), left=left, right=tree["right_children"][i],
                value=condition if leaf else 0, cover=tree["sum_hessian"][i], count=0)
        nodes.close()
    return nodes


def lightgbm_nodes(booster):
    nodes = Nodes()
    for tree in booster.dump_model()["tree_info"]:
        queue = [tree["tree_structure"]]
        head = 0
        while head < len(queue):
            node = queue[head]
            head += 1
            if "leaf_value" in node:
                nodes.add(
                    feature=-1, threshold=0, missing=0, left=-1, right=-1, value=node["leaf_value"], cover=0,
                    count=node.get("leaf_count", 0))
                continue
            place = {"left": len(queue), "right": len(queue) + 1, "value": 0, "cover": 0, "count": node["internal_count"]}
            queue += [node["left_child"], node["right_child"]]
            if node["decision_type"] == "==":
                # Members go left, missing values right, and fractions are cut off.
                members = [int(member) for member in node["threshold"].split("||")]
                nodes.add(
                    feature=node["split_feature"], threshold=0, missing=0, categories=[7, *members], **place)
                continue
            limit = node["threshold"]
            single = numpy.float32(limit)
            if float(single) > limit:
                single = numpy.nextafter(single, numpy.float32(-numpy.inf))
            single = numpy.nextafter(single, numpy.float32(numpy.inf))
            assert node["missing_type"] == "NaN" and node["decision_type"] == "<="
            nodes.add(
                feature=node["split_feature"], threshold=float(single), missing=int(node["default_left"]),
                **place)
        nodes.close()
    return nodes


cases = []
for name, task, parameters, rounds in [
    ("xgboost regression", "regression", {"objective": "reg:squarederror", "max_depth": 5, "base_score": 0.25}, 4),
    ("xgboost binary", "binary", {"objective": "binary:logistic", "max_depth": 4, "base_score": 0.5}, 4),
    ("xgboost classes", "classes", {"objective": "multi:softprob", "num_class": 3, "max_depth": 3, "base_score": 0.0}, 2),
]:
    booster = xgboost.train({**parameters, "eta": 0.5, "nthread": 2}, xgboost.DMatrix(x, labels[task]), rounds)
    table = xgboost.DMatrix(rows)
    case = {
        "name": name, "outputs": 3 if task == "classes" else 1, "cover": "hessians",
        "base": [{"regression": 0.25}.get(task, 0.0)] * (3 if task == "classes" else 1),
        "nodes": xgboost_nodes(booster).document(),
        "values": short(booster.predict(table, pred_contribs=True)),
        "interactions": short(booster.predict(xgboost.DMatrix(rows[:8]), pred_interactions=True)),
    }
    if task == "binary":
        # shap wants a whole background; leave the missing values in.
        explainer = shap.TreeExplainer(booster, data=x[24:64], feature_perturbation="interventional")
        values = explainer.shap_values(rows, check_additivity=False)
        case["background"] = [None if numpy.isnan(v) else float(v) for v in x[24:64].ravel()]
        case["interventional"] = short(numpy.column_stack([values, numpy.full(len(rows), explainer.expected_value)]))
    cases.append(case)
for name, task, parameters, rounds in [
    ("lightgbm regression", "regression", {"objective": "regression", "num_leaves": 15}, 4),
    ("lightgbm classes", "classes", {"objective": "multiclass", "num_class": 3, "num_leaves": 7}, 2),
]:
    booster = lightgbm.train(
        {**parameters, "learning_rate": 0.5, "min_data_in_leaf": 5, "verbose": -1, "num_threads": 2},
        lightgbm.Dataset(x.astype(numpy.float64), labels[task]), rounds)
    cases.append({
        "name": name, "outputs": 3 if task == "classes" else 1, "cover": "rows",
        "base": [0.0] * (3 if task == "classes" else 1), "nodes": lightgbm_nodes(booster).document(),
        "values": short(booster.predict(rows.astype(numpy.float64), pred_contrib=True)),
    })
booster = xgboost.train(
    {"objective": "reg:squarederror", "max_depth": 4, "eta": 0.5, "base_score": 0.0, "nthread": 2, "max_cat_to_onehot": 3},
    xgboost.DMatrix(mixed, mixed_label, feature_types=["q"] * 5 + ["c"], enable_categorical=True), 4)
table = xgboost.DMatrix(mixed[:24], feature_types=["q"] * 5 + ["c"], enable_categorical=True)
cases.append({
    "name": "xgboost categorical", "outputs": 1, "cover": "hessians", "base": [0.0], "isMixed": True,
    "nodes": xgboost_nodes(booster).document(), "values": short(booster.predict(table, pred_contribs=True)),
})
booster = lightgbm.train(
    {"objective": "regression", "num_leaves": 12, "learning_rate": 0.5, "min_data_in_leaf": 5, "verbose": -1,
     "num_threads": 2, "min_data_per_group": 5, "cat_smooth": 1, "cat_l2": 1},
    lightgbm.Dataset(mixed.astype(numpy.float64), mixed_label, categorical_feature=[5]), 4)
cases.append({
    "name": "lightgbm categorical", "outputs": 1, "cover": "rows", "base": [0.0], "isMixed": True,
    "nodes": lightgbm_nodes(booster).document(),
    "values": short(booster.predict(mixed[:24].astype(numpy.float64), pred_contrib=True)),
})
assert all("categories" in case["nodes"] for case in cases[-2:])
document = {
    "mixed": [None if numpy.isnan(value) else float(value) for value in mixed[:24].ravel()],
    "features": features, "rows": [None if numpy.isnan(value) else float(value) for value in rows.ravel()],
    "cases": cases,
}
path = pathlib.Path(__file__).with_name("peers.json")
path.write_text(json.dumps(document, separators=(",", ":")) + "\n")
