#!/usr/bin/env python3
"""Derives the rulebook baltimore311/ from Baltimore 311 service requests.

usage: derive_baltimore311.py OUT SOURCE…        SOURCE: .csv or .csv.gz, columns as Open Baltimore publishes them

One area (the city), every request type as a matter (its category: the letters before the first hyphen, which name the
department's own queue), every agency, and one duty a type: the agency that most of its requests ended with.
"""
import collections
import csv
import gzip
import pathlib
import re
import sys

BASIS = "derived from Open Baltimore 311 sample, 2014-2019"
FROM = "2014-01-01"
AREA = "24510"  # FIPS code of the independent city of Baltimore
CHINESE = {
    "BGE": "燃气电力公司",
    "Call Center": "呼叫中心",
    "Finance": "财政局",
    "Fire Department": "消防局",
    "Health": "卫生局",
    "Housing": "住房局",
    "Parking Authority": "停车管理局",
    "Public Works": "公共工程局",
    "Recreation & Parks": "康乐与公园局",
    "Solid Waste": "固体废物局",
    "Transportation": "交通局",
    "Water Wastewater": "供水排水局",
}


def slug(name):
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def read(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def write(path, header, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows(rows)


def main():
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    out = pathlib.Path(sys.argv[1])
    by_type = collections.defaultdict(collections.Counter)
    for path in sys.argv[2:]:
        for row in read(path):
            by_type[row["SRType"]][row["Agency"]] += 1
    agencies = sorted({agency for seen in by_type.values() for agency in seen})
    usual = {m: min(seen.items(), key=lambda item: (-item[1], item[0]))[0] for m, seen in by_type.items()}

    out.mkdir(parents=True, exist_ok=True)
    write(out / "areas.csv", ["code", "name", "name_en", "level"], [[AREA, "巴尔的摩市", "Baltimore", "city"]])
    write(
        out / "agencies.csv",
        ["id", "name", "name_en", "level", "area", "credit_code", "kind"],
        [[slug(a), CHINESE.get(a, a), a, "city", AREA, "", "department"] for a in agencies],
    )
    write(
        out / "matters.csv",
        ["code", "name", "name_en", "category", "severity", "basis"],
        [[m, m, m, m.split("-", 1)[0], "", BASIS] for m in sorted(by_type)],
    )
    write(
        out / "duties.csv",
        ["matter", "area", "role", "agency", "from", "to", "layer", "basis", "when"],
        [[m, AREA, "first_handler", slug(usual[m]), FROM, "", "city", BASIS, ""] for m in sorted(by_type)],
    )
    print(f"{len(by_type)} matters, {len(agencies)} agencies", file=sys.stderr)


if __name__ == "__main__":
    main()
