//! What became of a precedent, in words.

use bihuan_domain::code::RulebookVersion;
use bihuan_domain::lang::Lang;

use super::Words;

impl Words<'_> {
    /// `line`: by which the rulebook of this version has it.
    pub fn precedent_state(self, version: &RulebookVersion, line: Option<u32>) -> String {
        match (line, self.lang) {
            (Some(line), Lang::Zh) => format!("已采纳：规则库 {version} 的 duties.csv 第 {line} 行"),
            (Some(line), Lang::En) => format!("taken over: line {line} of duties.csv, rulebook {version}"),
            (None, Lang::Zh) => format!("待采纳：规则库 {version} 中没有"),
            (None, Lang::En) => format!("proposed: not in rulebook {version}"),
        }
    }
}
