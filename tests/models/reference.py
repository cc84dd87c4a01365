"""Writes what scikit-learn says of its own data sets, for the test beside this file.

    pip install scikit-learn && python3 reference.py

Data sets: iris (Fisher 1936) and diabetes (Efron, Hastie, Johnstone, Tibshirani 2004), as scikit-learn has them.
"""
import csv
import pathlib

from sklearn.datasets import load_diabetes, load_iris
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, Ridge

FOLDER = pathlib.Path(__file__).parent / "sklearn"


def write(name, header, rows):
    with open(FOLDER / name, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main():
    FOLDER.mkdir(exist_ok=True)
    iris = load_iris().data
    diabetes = load_diabetes(scaled=False)
    data, target = diabetes.data, diabetes.target
    write("iris.csv", [f"x{i + 1}" for i in range(iris.shape[1])], iris.tolist())
    columns = [f"x{i + 1}" for i in range(data.shape[1])] + ["y"]
    write("diabetes.csv", columns, [[*row, y] for row, y in zip(data.tolist(), target.tolist())])
    values = []
    for name, model in [("linear", LinearRegression()), ("ridge 0.5", Ridge(0.5)), ("ridge 100", Ridge(100))]:
        model.fit(data, target)
        values.append((name, "intercept", model.intercept_))
        values += [(name, f"coefficient {i + 1}", value) for i, value in enumerate(model.coef_)]
        values.append((name, "r squared", model.score(data, target)))
    components = PCA().fit(iris)
    for i, (variance, direction) in enumerate(zip(components.explained_variance_, components.components_)):
        sign = 1 if max(direction, key=abs) > 0 else -1
        values.append(("components", f"variance {i + 1}", variance))
        values += [("components", f"direction {i + 1} {j + 1}", sign * part) for j, part in enumerate(direction)]
    write("expected.csv", ["set", "quantity", "value"], [(a, b, repr(float(c))) for a, b, c in values])


main()
