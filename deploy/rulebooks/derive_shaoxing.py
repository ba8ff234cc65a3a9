#!/usr/bin/env python3
"""Derives the SAMPLE rulebook shaoxing/ (样例, not an official list) from public lists.

usage: derive_shaoxing.py OUT FOLDER HOLIDAYS

FOLDER holds towns.csv and villages.csv (statistical division codes), matters.csv (97 enforcement matters) and
keqiao_scene_units.csv (a table "scene → units" for 柯桥; plausible, unofficial). HOLIDAYS is chinese-days.json of the
package chinese-days (MIT).

duties.csv  `*` in every county → that county's 综合行政执法局; in 柯桥, for every matter or category whose name contains
            the name of a scene (or the other way round), the scene's first primary unit is first handler, and 综合执法,
            where the scene names it, is the penalty agency. 属地镇街 becomes one row for each town, as a delegation.
"""
import csv
import json
import pathlib
import sys

SAMPLE = "样例（非官方清单）"
FROM = "2026-01-01"
CITY = ("3306", "绍兴市", "Shaoxing")
COUNTIES = {
    "330602": ("越城区", "Yuecheng"),
    "330603": ("柯桥区", "Keqiao"),
    "330604": ("上虞区", "Shangyu"),
    "330624": ("新昌县", "Xinchang"),
    "330681": ("诸暨市", "Zhuji"),
    "330683": ("嵊州市", "Shengzhou"),
}
KEQIAO = "330603"
# The table's words → an agency. What is missing here (责任区单位, 社区物业 …) is not an agency but whoever is responsible
# for a place, and gets no duty.
SECTORS = {
    "环卫保洁": ("hwbj", "环卫保洁单位", "street cleaning"),
    "环卫清运": ("hwqy", "环卫清运单位", "waste collection"),
    "绿化养护": ("lhyh", "绿化养护单位", "green space upkeep"),
    "水域管理": ("sygl", "水域管理单位", "waterways"),
    "水域保洁": ("sybj", "水域保洁单位", "waterway cleaning"),
    "水利": ("sl", "水利局", "water resources"),
    "住建": ("zj", "住房和城乡建设局", "housing and construction"),
    "市政排水": ("szps", "市政排水单位", "drainage"),
    "市场监管": ("scjg", "市场监督管理局", "market regulation"),
    "生态环境": ("sthj", "生态环境分局", "ecology and environment"),
    "公安": ("ga", "公安分局", "police"),
    "交警": ("jj", "交警大队", "traffic police"),
}


def read(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(path, header, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows(rows)


def main():
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    out, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    towns, villages = read(folder / "towns.csv"), read(folder / "villages.csv")
    matters, scenes = read(folder / "matters.csv"), read(folder / "keqiao_scene_units.csv")
    keqiao_towns = [t for t in towns if t["area_code"] == KEQIAO]

    areas = [[*CITY, "city"]]
    areas += [[code, name, english, "county"] for code, (name, english) in COUNTIES.items()]
    areas += [[t["street_code"], t["street"], "", "town"] for t in towns]
    areas += [[v["code"], v["name"], "", "village"] for v in villages]
    codes = {a[0] for a in areas}
    for code, *_, level in areas:
        parent = {"county": 4, "town": 6, "village": 9}.get(level)
        if parent and code[:parent] not in codes:
            raise SystemExit(f"{code} has no parent {code[:parent]}")

    enforcement = "综合行政执法局"
    agencies = [[f"{CITY[0]}-zhzf", f"{CITY[1]}{enforcement}（样例）", "Shaoxing comprehensive enforcement (sample)", "city", CITY[0], "", "comprehensive_enforcement"]]
    for code, (name, english) in COUNTIES.items():
        agencies.append([f"{code}-zhzf", f"{name}{enforcement}（样例）", f"{english} comprehensive enforcement (sample)", "county", code, "", "comprehensive_enforcement"])
    for short, name, english in SECTORS.values():
        agencies.append([f"{KEQIAO}-{short}", f"柯桥区{name}（样例）", f"Keqiao {english} (sample)", "county", KEQIAO, "", "sector"])
    for town in keqiao_towns:
        office = "办事处" if town["street"].endswith("街道") else "人民政府"
        agencies.append([f"{town['street_code']}-zf", f"{town['street']}{office}（样例）", "", "town", town["street_code"], "", "town_government"])

    table = f"{SAMPLE}: 柯桥 scene table, unofficial"
    duties = [["*", code, "first_handler", f"{code}-zhzf", FROM, "", "county", f"{SAMPLE}: territorial default", ""] for code in COUNTIES]
    names = {m["name"]: m["code"] for m in matters} | {m["category"]: m["category"] for m in matters}
    unmatched = []
    for scene in scenes:
        found = [key for name, key in names.items() if scene["scene"] in name or name in scene["scene"]]
        if not found:
            unmatched.append(scene["scene"])
        units = scene["primary_units"].split("|")
        for matter in found:
            if units[0] == "属地镇街":
                for town in keqiao_towns:
                    duties.append([matter, town["street_code"], "first_handler", f"{town['street_code']}-zf", FROM, "", "delegation", table, ""])
            elif units[0] == "综合执法":
                duties.append([matter, KEQIAO, "first_handler", f"{KEQIAO}-zhzf", FROM, "", "county", table, ""])
            else:
                duties.append([matter, KEQIAO, "first_handler", f"{KEQIAO}-{SECTORS[units[0]][0]}", FROM, "", "county", table, ""])
            if "综合执法" in units:
                duties.append([matter, KEQIAO, "penalty", f"{KEQIAO}-zhzf", FROM, "", "county", table, ""])

    days = json.loads(pathlib.Path(sys.argv[3]).read_text(encoding="utf-8"))
    calendar = {
        part: dict(sorted(days[part].items()))
        for part in ("holidays", "workdays")
    }

    out.mkdir(parents=True, exist_ok=True)
    write(out / "areas.csv", ["code", "name", "name_en", "level"], areas)
    write(out / "agencies.csv", ["id", "name", "name_en", "level", "area", "credit_code", "kind"], agencies)
    write(
        out / "matters.csv",
        ["code", "name", "name_en", "category", "severity", "basis"],
        [[m["code"], m["name"], "", m["category"], "", SAMPLE] for m in matters],
    )
    write(out / "duties.csv", ["matter", "area", "role", "agency", "from", "to", "layer", "basis", "when"], duties)
    (out / "holidays.json").write_text(json.dumps(calendar, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"{len(areas)} areas, {len(agencies)} agencies, {len(matters)} matters, {len(duties)} duties", file=sys.stderr)
    print(f"scenes without a matter: {'、'.join(unmatched)}", file=sys.stderr)


if __name__ == "__main__":
    main()
