#!/usr/bin/env python3
"""Derives the rulebook nyc311/ from New York 311 service requests.

usage: derive_nyc311.py OUT SOURCE…        SOURCE: .csv or .csv.gz, columns as NYC Open Data publishes them

matters.csv   every complaint type of the sources, exactly as they write it
agencies.csv  every agency of the sources
duties.csv    complaint type → the agency that most of its requests ended with; for a borough a row of its own where
              at least MIN_ROWS requests were seen there and MIN_SHARE of them ended with another agency
The Chinese names and the categories are ours (below); a type that is not in the table keeps its own name.
"""
import collections
import csv
import gzip
import pathlib
import sys

BASIS = "derived from NYC Open Data 311 sample, 2026"
FROM = "2026-01-01"
MIN_ROWS, MIN_SHARE = 5, 0.75

AREAS = [  # the city's code is the common prefix of its counties' (FIPS) codes
    ("36", "纽约市", "New York City", "city"),
    ("36005", "布朗克斯", "Bronx", "county"),
    ("36047", "布鲁克林", "Brooklyn (Kings County)", "county"),
    ("36061", "曼哈顿", "Manhattan (New York County)", "county"),
    ("36081", "皇后区", "Queens", "county"),
    ("36085", "史泰登岛", "Staten Island (Richmond County)", "county"),
]
BOROUGHS = {"BRONX": "36005", "BROOKLYN": "36047", "MANHATTAN": "36061", "QUEENS": "36081", "STATEN ISLAND": "36085"}

AGENCIES = {
    "DCWP": ("消费者与劳工保护局", "Department of Consumer and Worker Protection"),
    "DEP": ("环境保护局", "Department of Environmental Protection"),
    "DHS": ("无家可归者服务局", "Department of Homeless Services"),
    "DOB": ("楼宇局", "Department of Buildings"),
    "DOHMH": ("健康与心理卫生局", "Department of Health and Mental Hygiene"),
    "DOT": ("交通局", "Department of Transportation"),
    "DPR": ("公园与康乐局", "Department of Parks and Recreation"),
    "DSNY": ("环卫局", "Department of Sanitation"),
    "EDC": ("经济发展公司", "Economic Development Corporation"),
    "HPD": ("住房维护与发展局", "Department of Housing Preservation and Development"),
    "NYPD": ("警察局", "Police Department"),
    "OOS": ("治安官办公室", "Office of the Sheriff"),
    "TLC": ("出租车与豪华轿车委员会", "Taxi and Limousine Commission"),
}

# category: complaint type = Chinese name; …
NAMES = """
噪声类: Noise = 噪声; Noise - Commercial = 商业噪声; Noise - Helicopter = 直升机噪声; Noise - House of Worship = 宗教场所噪声; Noise - Park = 公园噪声; Noise - Residential = 居民区噪声; Noise - Street/Sidewalk = 街道噪声; Noise - Vehicle = 车辆噪声
停车类: Abandoned Bike = 废弃自行车; Abandoned Vehicle = 废弃车辆; Blocked Driveway = 堵塞车道出入口; Derelict Vehicles = 报废车辆; Illegal Parking = 违法停车
住房维修类: APPLIANCE = 家用设备损坏; DOOR/WINDOW = 门窗损坏; ELECTRIC = 住宅电气; ELEVATOR = 住宅电梯; FLOORING/STAIRS = 地板楼梯; GENERAL = 住宅一般问题; HEAT/HOT WATER = 供暖与热水; Non-Residential Heat = 非住宅供暖; OUTSIDE BUILDING = 建筑外部; PAINT/PLASTER = 油漆与抹灰; PLUMBING = 住宅管道; SAFETY = 住宅安全; UNSANITARY CONDITION = 住宅不卫生; WATER LEAK = 渗漏水
建筑施工类: BEST/Site Safety = 工地安全; Boilers = 锅炉; Building/Use = 建筑用途; Construction Lead Dust = 施工铅尘; Electrical = 电气施工; Elevator = 电梯; Emergency Response Team (ERT) = 建筑应急处置; General Construction/Plumbing = 一般施工与管道; Investigations and Discipline (IAD) = 建筑从业调查; Plumbing = 管道施工; Real Time Enforcement = 施工即时执法; Scaffold Safety = 脚手架安全; Special Projects Inspection Team (SPIT) = 建筑专项检查
环境卫生类: Commercial Disposal Complaint = 商业垃圾处置; Dead Animal = 动物尸体; Dirty Condition = 环境脏乱; Dumpster Complaint = 垃圾箱问题; Graffiti = 涂鸦; Illegal Dumping = 非法倾倒; Illegal Posting = 非法张贴; Litter Basket Complaint = 果皮箱问题; Litter Basket Request = 申请果皮箱; Lot Condition = 空地脏乱; Missed Collection = 漏收垃圾; Obstruction = 占道障碍; Residential Disposal Complaint = 居民垃圾处置; Sanitation Worker or Vehicle Complaint = 环卫人员或车辆投诉; Street Sweeping Complaint = 道路清扫
道路设施类: Bike Rack = 自行车架; Bridge Condition = 桥梁状况; Bus Stop Shelter Complaint = 公交候车亭; Curb Condition = 路缘石; Highway Condition = 快速路状况; Root/Sewer/Sidewalk Condition = 树根或下水道损坏人行道; Sidewalk Condition = 人行道状况; Street Condition = 道路破损; Street Light Condition = 路灯; Street Sign - Damaged = 路牌损坏; Street Sign - Dangling = 路牌松脱; Street Sign - Missing = 路牌缺失; Traffic = 交通; Traffic Signal Condition = 交通信号灯
水务与污染类: Air Quality = 空气质量; Asbestos = 石棉; Drinking Water = 饮用水; Hazardous Materials = 危险物质; Industrial Waste = 工业废物; Sewer = 下水道; Water Conservation = 节约用水; Water Quality = 水质; Water System = 供水系统
公园树木类: Animal in a Park = 公园动物; Damaged Tree = 树木受损; Dead/Dying Tree = 枯死树木; Illegal Tree Damage = 非法损坏树木; Maintenance or Facility = 公园维护与设施; New Tree Request = 申请种树; Overgrown Tree/Branches = 树枝过长; Violation of Park Rules = 违反公园规定
卫生健康类: Animal Facility - No Permit = 无证动物场所; Animal-Abuse = 虐待动物; Cooling Tower = 冷却塔; Day Care = 托幼机构; Food Establishment = 餐饮单位; Food Poisoning = 食物中毒; Illegal Animal Kept as Pet = 违法饲养动物; Indoor Air Quality = 室内空气质量; Indoor Sewage = 室内污水; Lead = 铅; Mobile Food Vendor = 流动食品摊贩; Mold = 霉菌; Pet Sale = 宠物销售; Poison Ivy = 毒藤; Rodent = 鼠害; Smoking or Vaping = 吸烟; Standing Water = 积水; Tattooing = 纹身; Tobacco or Non-Tobacco Sale = 烟草销售; Unleashed Dog = 未拴犬; Unsanitary Animal Pvt Property = 私人场地动物不卫生; Unsanitary Pigeon Condition = 鸽粪污染
经营秩序类: Cannabis Retailer = 大麻零售; Consumer Complaint = 消费投诉; Outdoor Dining = 户外餐饮; Vendor Enforcement = 摊贩执法
客运类: E-Scooter = 电动滑板车; Ferry Inquiry = 轮渡咨询; For Hire Vehicle Complaint = 网约车投诉; For Hire Vehicle Report = 网约车反映; Green Taxi Complaint = 绿色出租车投诉; Lost Property = 失物; Taxi Complaint = 出租车投诉; Taxi Report = 出租车反映
公共秩序类: Bike/Roller/Skate = 骑行滑行扰民; Disorderly Youth = 青少年滋扰; Drinking = 公共场所饮酒; Drug Activity = 毒品活动; Encampment = 露宿营地; Homeless Person Assistance = 无家可归者救助; Illegal Fireworks = 违法燃放烟花; Non-Emergency Police Matter = 非紧急警务; Panhandling = 乞讨; Urinating in Public = 随地便溺
"""


def names():
    table = {}
    for line in NAMES.strip().splitlines():
        category, rest = line.split(": ", 1)
        for pair in rest.split("; "):
            code, name = pair.split(" = ")
            table[code] = (name, category)
    return table


def read(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def write(path, header, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows(rows)


def majority(counter):
    return min(counter.items(), key=lambda item: (-item[1], item[0]))


def main():
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    out = pathlib.Path(sys.argv[1])
    by_type = collections.defaultdict(collections.Counter)
    by_type_and_area = collections.defaultdict(collections.Counter)
    agencies = set()
    for path in sys.argv[2:]:
        for row in read(path):
            matter, agency = row["complaint_type"], row["agency"]
            agencies.add(agency)
            by_type[matter][agency] += 1
            if row["borough"] in BOROUGHS:
                by_type_and_area[matter, BOROUGHS[row["borough"]]][agency] += 1

    known = names()
    duties = []
    for matter in sorted(by_type):
        usual = majority(by_type[matter])[0]
        duties.append([matter, "36", "first_handler", usual, FROM, "", "city", BASIS, ""])
        for area in sorted(BOROUGHS.values()):
            seen = by_type_and_area[matter, area]
            if not seen:
                continue
            there, count = majority(seen)
            if there != usual and seen.total() >= MIN_ROWS and count >= MIN_SHARE * seen.total():
                duties.append([matter, area, "first_handler", there, FROM, "", "county", BASIS, ""])

    out.mkdir(parents=True, exist_ok=True)
    write(out / "areas.csv", ["code", "name", "name_en", "level"], AREAS)
    write(
        out / "agencies.csv",
        ["id", "name", "name_en", "level", "area", "credit_code", "kind"],
        [[a, *AGENCIES.get(a, (a, a)), "city", "36", "", "department"] for a in sorted(agencies)],
    )
    write(
        out / "matters.csv",
        ["code", "name", "name_en", "category", "severity", "basis"],
        [[m, known.get(m, (m, ""))[0], m, known.get(m, (m, "其他类"))[1], "", BASIS] for m in sorted(by_type)],
    )
    write(out / "duties.csv", ["matter", "area", "role", "agency", "from", "to", "layer", "basis", "when"], duties)
    for matter in sorted(set(by_type) - set(known)):
        print(f"no Chinese name for {matter!r}", file=sys.stderr)
    print(f"{len(by_type)} matters, {len(agencies)} agencies, {len(duties)} duties", file=sys.stderr)


if __name__ == "__main__":
    main()
