//! A rulebook small enough to know by heart: one city, two counties, three agencies, four matters. Every clue is checked by
//! somebody else, and closed by hand.

use std::fs;
use std::path::{Path, PathBuf};

pub const CITY: &str = "9901";
pub const EAST: &str = "990101";
pub const WEST: &str = "990102";
/// No area of the rulebook.
pub const NOWHERE: &str = "880000";
/// Matters that somebody handles.
pub const MATTERS: [&str; 3] = ["noise", "waste", "sign"];
/// A matter that nobody handles.
pub const ORPHAN: &str = "orphan";

pub const TOML: &str = r#"label = "e2e"
title = "端到端测试"
title_en = "End-to-end test"
time_zone = "Asia/Shanghai"

[policy.intake]
future_tolerance_minutes = 10
closed_before_reported = "flag"

[policy.verification]
default = { check = true, call_back = false, auto_close = false }
"#;

pub const AREAS: &str = "code,name,name_en,level
9901,测试市,Test city,city
990101,东区,East,county
990102,西区,West,county
";

pub const AGENCIES: &str = "id,name,name_en,level,area
east,东区综合执法局,East enforcement,county,990101
west,西区综合执法局,West enforcement,county,990102
city,市综合执法局,City enforcement,city,9901
";

pub const MATTER_ROWS: &str = "code,name,name_en,category
noise,噪声,Noise,environment
waste,垃圾,Waste,environment
sign,招牌,Sign,street
orphan,无主事项,Nobody's matter,other
";

pub const DUTIES: &str = "matter,area,role,agency,from,to,layer,basis
noise,990101,first_handler,east,2020-01-01,,county,test
noise,990102,first_handler,west,2020-01-01,,county,test
waste,990101,first_handler,east,2020-01-01,,county,test
waste,990102,first_handler,west,2020-01-01,,county,test
sign,9901,first_handler,city,2020-01-01,,city,test
";

/// Writes it to `FOLDER/rulebook`.
pub fn write(folder: &Path) -> PathBuf {
    let path = folder.join("rulebook");
    fs::create_dir_all(&path).expect("a folder");
    let files = [
        ("rulebook.toml", TOML),
        ("areas.csv", AREAS),
        ("agencies.csv", AGENCIES),
        ("matters.csv", MATTER_ROWS),
        ("duties.csv", DUTIES),
    ];
    for (name, text) in files {
        fs::write(path.join(name), text).expect("written");
    }
    path
}

/// Whom a clue of this matter in this area goes to.
pub fn agency(matter: &str, area: &str) -> &'static str {
    match (matter, area) {
        ("sign", _) => "city",
        (_, EAST) => "east",
        _ => "west",
    }
}
