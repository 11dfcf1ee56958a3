"""Writes metrics.json, calibration.json and significance.json beside this file.

Reference values come from scikit-learn and scipy, or from a direct (quadratic, unoptimised) evaluation of the cited
formula in numpy. Written with Python 3, numpy 2.4.6, scipy 1.17.1 and scikit-learn 1.9.1 by

    python generate.py

which records the versions it finds in each file under "versions".
"""

import json
import pathlib

import numpy as np
import scipy
import sklearn
from scipy import optimize, stats
from sklearn import metrics
from sklearn.calibration import _SigmoidCalibration, calibration_curve
from sklearn.isotonic import IsotonicRegression

HERE = pathlib.Path(__file__).parent
VERSIONS = {"numpy": np.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__}
rng = np.random.default_rng(20260101)


def write(name, content):
    def plain(value):
        if isinstance(value, np.ndarray):
            return value.tolist()
        if isinstance(value, np.generic):
            return value.item()
        raise TypeError(type(value))

    text = json.dumps({"versions": VERSIONS, **content}, default=plain, allow_nan=False)
    (HERE / name).write_text(text + "\n")


def nullable(values):
    return [None if np.isnan(v) else float(v) for v in values]


# Metrics. Scores are rounded so that ties are frequent.
n = 240
y = rng.integers(0, 2, n)
p = np.clip(np.round(rng.beta(2, 2, n) * 0.7 + 0.25 * y, 2), 0.0, 1.0)
p[:2] = [0.0, 1.0]
y[:2] = [1, 0]
w = np.round(rng.uniform(0.1, 2.0, n), 3)
w[5:9] = 0.0


def binary_scores(weights):
    return {
        "logLoss": metrics.log_loss(y, p, sample_weight=weights),
        "accuracy": metrics.accuracy_score(y, p > 0.5, sample_weight=weights),
        "auc": metrics.roc_auc_score(y, p, sample_weight=weights),
        "brier": metrics.brier_score_loss(y, p, sample_weight=weights),
    }


observed, mean = calibration_curve(y, p, n_bins=15, strategy="uniform")
counts = np.histogram(np.searchsorted(np.linspace(0, 1, 16)[1:-1], p), bins=np.arange(16))[0]
binary = {
    "labels": y, "p": p, "weights": w, "unweighted": binary_scores(None), "weighted": binary_scores(w),
    "curve": {"observed": observed, "mean": mean, "counts": counts[counts > 0],
              "ece": np.sum(counts[counts > 0] / n * np.abs(observed - mean))},
}

k = 3
ym = rng.integers(0, k, n)
logits = np.round(rng.normal(0, 1, (n, k)) + 1.1 * np.eye(k)[ym], 1)
pm = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
hat = pm.argmax(axis=1)


def multiclass_scores(weights):
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        ym, hat, sample_weight=weights, zero_division=np.nan)
    return {
        "logLoss": metrics.log_loss(ym, pm, sample_weight=weights),
        "accuracy": metrics.accuracy_score(ym, hat, sample_weight=weights),
        "balancedAccuracy": metrics.balanced_accuracy_score(ym, hat, sample_weight=weights),
        "auc": [metrics.roc_auc_score(ym == c, pm[:, c], sample_weight=weights) for c in range(k)],
        "macroAUC": metrics.roc_auc_score(ym, pm, multi_class="ovr", average="macro", sample_weight=weights),
        "brier": metrics.brier_score_loss(ym, pm, sample_weight=weights, scale_by_half=False),
        "precision": nullable(precision), "recall": nullable(recall), "f1": nullable(f1), "support": support.astype(float),
        "confusion": metrics.confusion_matrix(ym, hat, sample_weight=weights).astype(float),
    }


multiclass = {"labels": ym, "p": pm.ravel(), "weights": w,
              "unweighted": multiclass_scores(None), "weighted": multiclass_scores(w)}

target = np.round(rng.normal(0, 2, n), 3)
guess = np.round(target + rng.normal(0, 1, n), 3)


def regression_scores(weights):
    return {
        "rmse": metrics.root_mean_squared_error(target, guess, sample_weight=weights),
        "mae": metrics.mean_absolute_error(target, guess, sample_weight=weights),
        "r2": metrics.r2_score(target, guess, sample_weight=weights),
    }


regression = {"targets": target, "predictions": guess, "weights": w,
              "unweighted": regression_scores(None), "weighted": regression_scores(w)}
write("metrics.json", {"binary": binary, "multiclass": multiclass, "regression": regression})

# Calibration.
score = np.round(rng.beta(2, 3, 300), 2)
event = (rng.uniform(0, 1, 300) < score**1.7).astype(int)
cw = np.round(rng.uniform(0.2, 1.5, 300), 3)
grid = np.linspace(0, 1, 41)
log_odds = np.log(np.clip(score, 1e-15, 1 - 1e-15) / (1 - np.clip(score, 1e-15, 1 - 1e-15)))


def isotonic(weights):
    model = IsotonicRegression(out_of_bounds="clip", y_min=0, y_max=1).fit(score, event, sample_weight=weights)
    return {"inputs": model.X_thresholds_, "outputs": model.y_thresholds_, "grid": model.predict(grid)}


def platt(weights):
    model = _SigmoidCalibration().fit(log_odds, event, sample_weight=weights)
    return {"slope": model.a_, "offset": model.b_, "grid": model.predict(np.linspace(-4, 4, 41))}


sharp = np.exp(1.8 * logits) / np.exp(1.8 * logits).sum(axis=1, keepdims=True)


def temperature(weights):
    z = np.log(sharp)
    weights = np.ones(n) if weights is None else weights

    def loss(beta):
        return np.sum(weights * (scipy.special.logsumexp(beta * z, axis=1) - beta * z[np.arange(n), ym])) / weights.sum()

    found = optimize.minimize_scalar(loss, bounds=(0.01, 100), method="bounded", options={"xatol": 1e-12})
    return {"temperature": 1 / found.x, "loss": found.fun}


ovr = np.stack([IsotonicRegression(out_of_bounds="clip", y_min=0, y_max=1).fit(sharp[:, c], ym == c).predict(sharp[:, c])
                for c in range(k)], axis=1)
write("calibration.json", {
    "scores": score, "events": event, "weights": cw, "gridPoints": grid, "logOdds": log_odds,
    "isotonic": isotonic(None), "isotonicWeighted": isotonic(cw),
    "platt": platt(None), "plattWeighted": platt(cw),
    "multiclass": {"labels": ym, "p": sharp.ravel(), "weights": w, "temperature": temperature(None),
                   "temperatureWeighted": temperature(w),
                   "oneVersusRestIsotonic": (ovr / ovr.sum(axis=1, keepdims=True)).ravel()},
})


# Significance.
def delong(positive, scores, level):
    """The structural components of DeLong et al. (1988), pair by pair."""
    a, b = scores[positive], scores[~positive]
    kernel = (a[:, None] > b[None, :]) + 0.5 * (a[:, None] == b[None, :])
    auc = kernel.mean()
    variance = kernel.mean(axis=1).var(ddof=1) / len(a) + kernel.mean(axis=0).var(ddof=1) / len(b)
    half = stats.norm.ppf(0.5 + level / 2) * np.sqrt(variance)
    return {"auc": auc, "lower": auc - half, "upper": auc + half, "level": level}


def psr(returns, benchmark):
    t = len(returns)
    sr = returns.mean() / returns.std(ddof=1)
    skewness, kurtosis = stats.skew(returns), stats.kurtosis(returns, fisher=False)
    spread = np.sqrt(1 - skewness * sr + (kurtosis - 1) / 4 * sr**2)
    return stats.norm.cdf((sr - benchmark) * np.sqrt(t - 1) / spread), sr, skewness, kurtosis, spread


returns = np.round(stats.t(4).rvs(250, random_state=7) * 0.01 + 0.0045, 6)
trials, variance = 45, 0.0036
gamma = np.euler_gamma
benchmark = np.sqrt(variance) * ((1 - gamma) * stats.norm.ppf(1 - 1 / trials) + gamma * stats.norm.ppf(1 - 1 / (trials * np.e)))
probabilistic, sr, skewness, kurtosis, spread = psr(returns, 0.0)
wilson = []
for hits, total, level in [(0, 7, 0.95), (7, 7, 0.95), (130, 190, 0.95), (13, 19, 0.9), (1, 1000, 0.99)]:
    interval = stats.binomtest(hits, total).proportion_ci(confidence_level=level, method="wilson")
    wilson.append({"hits": hits, "count": total, "level": level, "lower": interval.low, "upper": interval.high})
probabilities = np.array([1e-300, 1e-20, 1e-9, 1e-4, 0.02, 0.074, 0.0751, 0.3, 0.5, 0.7, 0.95, 0.975, 1 - 1e-6, 1 - 1e-12])
points = np.array([-37.0, -20.0, -8.0, -3.0, -1.0, 0.0, 0.5, 2.0, 6.0, 8.2])
write("significance.json", {
    "labels": y, "scores": p, "delong": delong(y == 1, p, 0.95), "returns": returns,
    "sharpe": {"sharpe": sr, "skewness": skewness, "kurtosis": kurtosis, "probabilistic": probabilistic,
               "trials": trials, "trialVariance": variance, "expectedMaximum": benchmark,
               "deflated": psr(returns, benchmark)[0],
               "minimumTrackRecord": 1 + (spread * stats.norm.ppf(0.95) / sr) ** 2},
    "wilson": wilson, "quantile": {"p": probabilities, "z": stats.norm.ppf(probabilities)},
    "cumulative": {"x": points, "p": stats.norm.cdf(points)},
})
