//! What became of a precedent, in words.

use bihuan_domain::code::RulebookVersion;
use bihuan_domain::lang::Lang;

use super::Words;

impl Words<'_> {
    pub const fn precedent_state(self, is_taken_over: bool) -> &'static str {
        if is_taken_over {
            self.say("已采纳", "taken over")
        } else {
            self.say("待采纳", "proposed")
        }
    }

    /// `line`: by which the rulebook of this version has it.
    pub fn precedent_place(self, version: &RulebookVersion, line: Option<u32>) -> String {
        match (line, self.lang) {
            (Some(line), Lang::Zh) => format!("规则库 {version} 的 duties.csv 第 {line} 行"),
            (Some(line), Lang::En) => format!("line {line} of duties.csv, rulebook {version}"),
            (None, Lang::Zh) => format!("规则库 {version} 中没有"),
            (None, Lang::En) => format!("not in rulebook {version}"),
        }
    }
}
