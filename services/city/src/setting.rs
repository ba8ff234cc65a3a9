//! What of the mechanism is on. Each is a policy that a rulebook can express; only that precedents are taken over is what people do.

use std::fmt::Write as _;

use bihuan_domain::lang::Lang;
use serde::Serialize;

use crate::place::{CITY, COUNTIES, county};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// Returns are free, and no number of them leads to a dispute.
    Nothing,
    /// "Not my duty" can be said within two working days.
    Window,
    /// And the second return brings the clue into dispute.
    Count,
    /// And what a dispute settled becomes a row of the duties.
    Precedents,
    /// The same with short limits for every step of a dispute.
    Swift,
}

/// Longer than anybody waits: a return can always be asked for.
const NO_WINDOW: &str = "3650d";
const WINDOW: &str = "2wd";
/// More returns than any clue sees.
const NO_COUNT: u32 = 1_000_000;
const COUNT: u32 = 2;

/// What [`Setting::Swift`] writes beside the window.
const SHORT: &str = "negotiation = \"2wd\"
acceptance = \"1wd\"
forwarding = \"at_once\"
answering = \"2wd\"
opinion = \"3wd\"
consent = \"1wd\"
decision = \"3wd\"
appeal_window = \"2wd\"
";

impl Setting {
    pub const ALL: [Self; 5] = [
        Self::Nothing,
        Self::Window,
        Self::Count,
        Self::Precedents,
        Self::Swift,
    ];

    pub const fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::Nothing => lang.choose("全部关闭", "nothing"),
            Self::Window => lang.choose("退单时限", "window"),
            Self::Count => lang.choose("＋退单次数", "+ count"),
            Self::Precedents => lang.choose("＋先例", "+ precedents"),
            Self::Swift => lang.choose("＋短时限", "+ short limits"),
        }
    }

    pub const fn has_window(self) -> bool {
        !matches!(self, Self::Nothing)
    }

    pub const fn has_disputes(self) -> bool {
        !matches!(self, Self::Nothing | Self::Window)
    }

    /// Whether a person takes over what disputes settled.
    pub const fn has_precedents(self) -> bool {
        matches!(self, Self::Precedents | Self::Swift)
    }

    /// `rulebook.toml`
    pub(crate) fn manifest(self) -> String {
        let window = if self.has_window() { WINDOW } else { NO_WINDOW };
        let count = if self.has_disputes() { COUNT } else { NO_COUNT };
        let short = if self == Self::Swift { SHORT } else { "" };
        let mut text = format!(
            "label = \"simulated\"
title = \"模拟城市\"
title_en = \"a simulated city\"
time_zone = \"Asia/Shanghai\"

[policy.returns]
limit = {count}
approval = false

[policy.verification.default]
check = true
auto_close = true

[policy.disputes.limits]
return_window = \"{window}\"
{short}"
        );
        let mut office = |level: &str, area: &str, agency: &str| {
            let _ = write!(
                text,
                "\n[[policy.disputes.coordinators]]\nlevel = \"{level}\"\n{area}agency = \"{agency}\"\n"
            );
        };
        for number in 0..COUNTIES {
            let code = county(number);
            office(
                "county",
                &format!("area = \"{code}\"\n"),
                &format!("{code}-coordinator"),
            );
        }
        office("city", "", &format!("{CITY}-coordinator"));
        office("city_government", "", &format!("{CITY}-government"));
        text
    }
}
