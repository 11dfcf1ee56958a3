"""Turns the trees of XGBoost, LightGBM, CatBoost and YDF into the plain arrays that `tern-bench prediction` reads.

Every node becomes the test "x >= threshold goes right" on float32 values; converted thresholds send each float32 value the
same way as the peer's own comparison does.
"""

import json
import os
import tempfile

import numpy as np


class ForestArrays:
    """Trees of one output, appended node by node."""

    def __init__(self, features):
        self.features = features
        self.base = 0.0
        self.offsets = [0]
        self.nodes = []

    def append(self, root, split, leaf):
        """Adds a tree; split(node) gives (feature, threshold, left, right) or None, leaf(node) a leaf's value."""
        start = len(self.nodes)
        queue = [root]
        for node in queue:
            parts = split(node)
            if parts is None:
                self.nodes.append((-1, 0.0, 0, -1, -1, leaf(node)))
                continue
            feature, threshold, left, right = parts
            self.nodes.append((feature, threshold, 0, len(queue), len(queue) + 1, 0.0))
            queue += [left, right]
        self.offsets.append(start + len(queue))

    def write(self, path):
        columns = list(zip(*self.nodes))
        kinds = [np.int32, np.float32, np.int32, np.int32, np.int32, np.float64]
        with open(path, "wb") as file:
            np.array([len(self.offsets) - 1, len(self.nodes), self.features], np.int32).tofile(file)
            np.array(self.offsets, np.int32).tofile(file)
            for column, kind in zip(columns, kinds):
                np.array(column, kind).tofile(file)
            np.array([self.base], np.float64).tofile(file)


def above(limit):
    """The float32 t for which x >= t holds exactly when x > limit, for every float32 x."""
    nearest = np.float32(limit)
    below = np.nextafter(nearest, np.float32(-np.inf)) if float(nearest) > limit else nearest
    return np.nextafter(below, np.float32(np.inf))


def from_xgboost(model, features):
    forest = ForestArrays(features)
    learner = json.loads(model.save_raw("json"))["learner"]
    base = float(learner["learner_model_param"]["base_score"].strip("[]"))
    forest.base = float(np.log(base / (1 - base)))
    for tree in learner["gradient_booster"]["model"]["trees"]:
        left, right = tree["left_children"], tree["right_children"]
        conditions, indices = tree["split_conditions"], tree["split_indices"]

        def split(node):
            return None if left[node] < 0 else (indices[node], conditions[node], left[node], right[node])

        forest.append(0, split, lambda node: conditions[node])
    return forest


def from_lightgbm(model, features):
    def split(node):
        if "split_feature" not in node:
            return None
        return node["split_feature"], above(node["threshold"]), node["left_child"], node["right_child"]

    forest = ForestArrays(features)
    for tree in model.dump_model()["tree_info"]:
        forest.append(tree["tree_structure"], split, lambda node: node["leaf_value"])
    return forest


def from_catboost(model, features):
    forest = ForestArrays(features)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.json")
        model.save_model(path, format="json")
        with open(path) as file:
            dump = json.load(file)
    scale, bias = dump["scale_and_bias"]
    forest.base = bias[0]
    for tree in dump["oblivious_trees"]:
        splits, values = tree["splits"], tree["leaf_values"]

        # A node is (level, leaf bits so far); the last split is the highest bit of a leaf's number.
        def split(node):
            level, leaf = node
            if level < 0:
                return None
            test = splits[level]
            right = (level - 1, leaf | 1 << level)
            return test["float_feature_index"], above(test["border"]), (level - 1, leaf), right

        forest.append((len(splits) - 1, 0), split, lambda node: values[node[1]] * scale)
    return forest


def from_ydf(model, features):
    columns = model.data_spec().columns

    def split(node):
        if node.is_leaf:
            return None
        condition = node.condition
        column = columns[condition.attribute]
        if hasattr(condition, "threshold_idx"):
            threshold = column.discretized_numerical.boundaries[condition.threshold_idx - 1]
        else:
            threshold = condition.threshold
        return int(column.name[1:]), threshold, node.neg_child, node.pos_child

    forest = ForestArrays(features)
    forest.base = float(model.initial_predictions()[0])
    for tree in model.iter_trees():
        forest.append(tree.root, split, lambda node: node.value.value)
    return forest
