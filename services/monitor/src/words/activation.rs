//! Activations of rulebooks in words.

use bihuan_domain::lang::Lang;
use bihuan_rulebook::State;

use super::Words;

impl Words<'_> {
    /// How far an activation has come; by whom and why it was withdrawn.
    pub fn activation(self, state: State, withdrawn: Option<(&str, &str)>) -> String {
        let (zh, en) = match state {
            State::UnderWay => ("正在启用", "under way"),
            State::Waits => ("等待生效", "waits"),
            State::Holds => ("生效中", "holds"),
            State::Replaced => ("已被取代", "replaced"),
            State::BeingWithdrawn => ("正在撤销", "being withdrawn"),
            State::Withdrawn => ("已撤销", "withdrawn"),
        };
        let word = self.say(zh, en);
        match (withdrawn, self.lang) {
            (Some((by, why)), Lang::Zh) => format!("{word}（{by}：{why}）"),
            (Some((by, why)), Lang::En) => format!("{word} ({by}: {why})"),
            (None, _) => word.to_owned(),
        }
    }
}
