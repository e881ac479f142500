"""Score field-mapping proposals against gold mappings.  Standard library only.

Adapted from the scoring script of the field-mapping development set (tests/data/mapping/ORIGIN.md):
same measures to the digit, laid out for this repository.

usage: score.py [PROPOSALS.json | -] [--cases DIR] [--threshold T] [--json]

PROPOSALS: {case_id: {source_field: [[dest_field, confidence], ...], ...,
                      "__values__": {source_field: {source_value: [[dest_value, confidence]]}}}}
dest_field may be "__custom__" (create a custom field) or "__skip__" (leave behind). A list need
not be sorted; ties keep the given order. A labelled source field without proposals counts as
"__custom__" at 0.0.

Only labelled source fields count: those with a gold pair ("gold") or action ("gold_actions").
  P@1      share of gold pairs whose first proposal is right (gold or a listed alternative)
  MRR      mean reciprocal rank of the first right proposal, over gold pairs
  R@GT     recall at size of ground truth: pool all (source, dest) proposals of the case, keep the
           |gold| most confident, share of gold pairs among them
  F1       of the best one-to-one assignment (Hungarian, maximum total confidence, a field may stay
           unassigned via __custom__/__skip__), after dropping pairs below --threshold
  Act      share of gold actions (custom/skip) proposed first, exact
  Null     same, custom and skip not told apart
  Acc      first proposal right over all labelled fields (gold pairs and actions)
  ECE      expected calibration error of the first proposal's confidence, 10 equal-width bins
  P>=.9    precision of first proposals with confidence >= 0.9
  Cov>=.9  the share of labelled fields they cover
  Val@1    share of gold option values whose first proposed destination value is right
"""

import argparse
import glob
import json
import os
import sys

CUSTOM, SKIP = "__custom__", "__skip__"
NULLS = (CUSTOM, SKIP)


def load_cases(path):
    out = {}
    for fn in sorted(glob.glob(os.path.join(path, "*.json"))):
        with open(fn, encoding="utf-8") as fh:
            c = json.load(fh)
        out[c["case_id"]] = c
    if not out:
        sys.exit("no cases in " + path)
    return out


def assign(profit):
    """Return the column of each row with the largest total (Kuhn-Munkres, rows <= columns)."""
    n, m = len(profit), len(profit[0])
    inf = float("inf")
    u, v, p, way = [0.0] * (n + 1), [0.0] * (m + 1), [0] * (m + 1), [0] * (m + 1)
    for i in range(1, n + 1):
        p[0], j0 = i, 0
        minv, used = [inf] * (m + 1), [False] * (m + 1)
        while True:
            used[j0] = True
            i0, delta, j1 = p[j0], inf, 0
            for j in range(1, m + 1):
                if not used[j]:
                    cur = -profit[i0 - 1][j - 1] - u[i0] - v[j]
                    if cur < minv[j]:
                        minv[j], way[j] = cur, j0
                    if minv[j] < delta:
                        delta, j1 = minv[j], j
            for j in range(m + 1):
                if used[j]:
                    u[p[j]] += delta
                    v[j] -= delta
                else:
                    minv[j] -= delta
            j0 = j1
            if p[j0] == 0:
                break
        while j0:
            j1 = way[j0]
            p[j0], j0 = p[j1], j1
    res = [-1] * n
    for j in range(1, m + 1):
        if p[j]:
            res[p[j] - 1] = j - 1
    return res


def ranked(props):
    seen, out = set(), []
    for d, c in sorted(((x[0], float(x[1])) for x in props or []), key=lambda t: -t[1]):
        if d not in seen:
            seen.add(d)
            out.append((d, c))
    return out


def score_case(case, prop, threshold=0.0):
    gold = dict(case["gold"])
    acts = {a: f"__{b}__" for a, b in case.get("gold_actions", {}).items()}
    alt = case.get("gold_alternatives", {})
    ok = {s: {d} | set(alt.get(s, [])) for s, d in list(gold.items()) + list(acts.items())}
    labelled = [f["name"] for f in case["source_fields"] if f["name"] in ok]
    dests = [f["name"] for f in case["dest_fields"]]
    r = {s: ranked(prop.get(s)) or [(CUSTOM, 0.0)] for s in labelled}
    st = dict.fromkeys(
        ("n_gold", "n_act", "hit1", "rr", "rgt", "act", "null", "acc", "nv", "vhit", "tp", "pred"),
        0,
    )
    st.update(n_gold=len(gold), n_act=len(acts), bins=[])
    for s in labelled:
        d1, c1 = r[s][0]
        right = d1 in ok[s]
        st["acc"] += right
        st["bins"].append((min(max(c1, 0.0), 1.0), right))
        if s in gold:
            st["hit1"] += right
            st["rr"] += next((1.0 / (i + 1) for i, (d, _) in enumerate(r[s]) if d in ok[s]), 0.0)
        else:
            st["act"] += right
            st["null"] += right or d1 in NULLS
    pool = sorted(
        ((c, s, d) for s in labelled for d, c in r[s] if d not in NULLS), key=lambda t: -t[0]
    )[: len(gold)]
    st["rgt"] = len({s for _, s, d in pool if s in gold and d in ok[s]})
    if labelled:
        col = {d: j for j, d in enumerate(dests)}
        profit = []
        for i, s in enumerate(labelled):
            row = [0.0] * (len(dests) + len(labelled))
            for d, c in r[s]:
                if d in col and c >= threshold:
                    row[col[d]] = max(c, 1e-9)
                elif d in NULLS:
                    row[len(dests) + i] = max(row[len(dests) + i], c)
            profit.append(row)
        for i, j in enumerate(assign(profit)):
            if j < len(dests) and profit[i][j] > 0:
                st["pred"] += 1
                st["tp"] += dests[j] in ok[labelled[i]]
    vals = prop.get("__values__", {}) if isinstance(prop.get("__values__", {}), dict) else {}
    for vm in case.get("value_maps", []):
        for sv, dvs in vm["map"].items():
            st["nv"] += 1
            top = ranked(vals.get(vm["source_field"], {}).get(sv))
            st["vhit"] += bool(top) and top[0][0] in dvs
    return st


def merge(sts):
    out = None
    for s in sts:
        out = (
            {k: (list(v) if isinstance(v, list) else v) for k, v in s.items()}
            if out is None
            else {k: out[k] + s[k] for k in s}
        )
    return out


def metrics(st):
    n, a = st["n_gold"], st["n_act"]
    tot = n + a
    prec = st["tp"] / st["pred"] if st["pred"] else 0.0
    rec = st["tp"] / n if n else 0.0
    ece = 0.0
    for b in range(10):
        xs = [
            (c, y) for c, y in st["bins"] if (b / 10 <= c < (b + 1) / 10) or (b == 9 and c == 1.0)
        ]
        if xs:
            ece += (
                len(xs)
                / tot
                * abs(sum(c for c, _ in xs) / len(xs) - sum(y for _, y in xs) / len(xs))
            )
    hi = [y for c, y in st["bins"] if c >= 0.9]

    def f(x, y):
        return x / y if y else None

    return {
        "pairs": n,
        "actions": a,
        "P@1": f(st["hit1"], n),
        "MRR": f(st["rr"], n),
        "R@GT": f(st["rgt"], n),
        "P": prec,
        "R": rec,
        "F1": 2 * prec * min(rec, 1) / (prec + min(rec, 1)) if prec + rec else 0.0,
        "Act": f(st["act"], a),
        "Null": f(st["null"], a),
        "Acc": f(st["acc"], tot),
        "ECE": ece,
        "P>=.9": f(sum(hi), len(hi)),
        "Cov>=.9": f(len(hi), tot),
        "values": st["nv"],
        "Val@1": f(st["vhit"], st["nv"]),
    }


def evaluate(cases, props, threshold=0.0):
    sts = {cid: score_case(c, props.get(cid, {}), threshold) for cid, c in cases.items()}
    res = {"cases": {cid: metrics(s) for cid, s in sts.items()}, "groups": {}}
    for kind in sorted({c["kind"] for c in cases.values()}):
        res["groups"][kind] = metrics(merge([sts[i] for i in cases if cases[i]["kind"] == kind]))
    res["overall"] = metrics(merge(list(sts.values())))
    keys = ("P@1", "MRR", "R@GT", "F1", "Acc")
    res["macro"] = {
        k: sum(m[k] for m in res["cases"].values() if m[k] is not None)
        / max(1, sum(m[k] is not None for m in res["cases"].values()))
        for k in keys
    }
    return res


COLS = [
    "pairs",
    "actions",
    "P@1",
    "MRR",
    "R@GT",
    "F1",
    "Act",
    "Null",
    "Acc",
    "ECE",
    "P>=.9",
    "Cov>=.9",
    "Val@1",
]


def fmt(v):
    return "-" if v is None else (str(v) if isinstance(v, int) else f"{v:.3f}")


def table(res):
    w = max([len(c) for c in res["cases"]] + [20])
    lines = ["case".ljust(w) + "".join(c.rjust(9) for c in COLS)]
    rows = (
        list(res["cases"].items())
        + [("= " + k, v) for k, v in res["groups"].items()]
        + [("= overall (pooled)", res["overall"]), ("= macro average", res["macro"])]
    )
    for name, m in rows:
        lines.append(name.ljust(w) + "".join(fmt(m.get(c)).rjust(9) for c in COLS))
    return "\n".join(lines)


def main():
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("proposals", nargs="?", default="-")
    ap.add_argument(
        "--cases", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases")
    )
    ap.add_argument("--threshold", type=float, default=0.0)
    ap.add_argument("--json", action="store_true")
    a = ap.parse_args()
    if a.proposals == "-":
        props = json.load(sys.stdin)
    else:
        with open(a.proposals, encoding="utf-8") as fh:
            props = json.load(fh)
    cases = load_cases(a.cases)
    unknown = sorted(set(props) - set(cases))
    if unknown:
        print("ignored, no such case here: " + ", ".join(unknown), file=sys.stderr)
    res = evaluate(cases, props, a.threshold)
    print(json.dumps(res, indent=1) if a.json else table(res))


if __name__ == "__main__":
    main()
