//! Activations of rulebooks in words.

use bihuan_domain::lang::Lang;
use bihuan_rulebook::State;

use super::Words;

impl Words<'_> {
    /// How far an activation has come; by whom and why it was withdrawn, or should have been.
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
        let word = match (withdrawn, state) {
            (Some(_), State::Holds | State::Replaced) => {
                format!(
                    "{word}{}",
                    self.say("，撤销未及时", "; the withdrawal came too late")
                )
            }
            _ => word.to_owned(),
        };
        match (withdrawn, self.lang) {
            (Some((by, why)), Lang::Zh) => format!("{word}（{by}：{why}）"),
            (Some((by, why)), Lang::En) => format!("{word} ({by}: {why})"),
            (None, _) => word,
        }
    }
}

#[cfg(test)]
mod tests {
    use bihuan_domain::routing::Rulebook;

    use super::*;

    #[test]
    fn a_withdrawal_that_came_too_late_is_told() {
        let rulebook = Rulebook::none();
        let told = |lang, state| {
            let words = Words {
                lang,
                rulebook: &rulebook,
            };
            words.activation(state, Some(("8", "delayed")))
        };
        assert_eq!(told(Lang::En, State::Withdrawn), "withdrawn (8: delayed)");
        assert_eq!(
            told(Lang::En, State::Holds),
            "holds; the withdrawal came too late (8: delayed)"
        );
        assert_eq!(
            told(Lang::Zh, State::Replaced),
            "已被取代，撤销未及时（8：delayed）"
        );
    }
}
