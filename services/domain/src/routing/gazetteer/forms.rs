//! The ways in which a Chinese place is written besides its full name.

use super::SHORTEST_CONTAINED;
use crate::code::Level;

/// What follows the name proper of a town.
pub(super) const TOWN: [&str; 3] = ["街道", "镇", "乡"];
const COUNTY: [&str; 3] = ["区", "县", "市"];

/// How a list names the committee of a village or a neighbourhood, and what people call the place.
const COMMITTEES: [(&str, &str); 4] = [
    ("村民委员会", "村"),
    ("社区居民委员会", "社区"),
    ("村委会", "村"),
    ("社区居委会", "社区"),
];

/// 汉溪村 for 汉溪村委会: as good as the full name.
pub(super) fn plain(name: &str) -> Option<String> {
    COMMITTEES.iter().find_map(|(committee, place)| {
        let proper = name.strip_suffix(committee)?;
        (!proper.is_empty()).then(|| format!("{proper}{place}"))
    })
}

/// 柯桥 for 柯桥街道 and for 柯桥区. Of villages it would be a word found anywhere.
pub(super) fn short(name: &str, level: Level) -> Option<String> {
    let suffixes = match level {
        Level::Town => &TOWN,
        Level::County | Level::City => &COUNTY,
        Level::Village | Level::Grid => return None,
    };
    let proper = suffixes.iter().find_map(|suffix| name.strip_suffix(suffix))?;
    (proper.chars().count() >= SHORTEST_CONTAINED).then(|| proper.to_owned())
}
