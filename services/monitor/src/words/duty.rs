//! The words for the counts of disputes over duty.

use super::Words;

impl Words<'_> {
    /// A key of [`DutyCounts`](bihuan_domain::figures::DutyCounts).
    pub fn duty_count(self, key: &str) -> String {
        let (zh, en) = match key {
            "opened" => ("提出的争议", "disputes opened"),
            "open" => ("未结", "open"),
            "open_overdue" => ("未结且环节超期", "open, step overdue"),
            "open_late" => ("最后层级超期未裁定", "open, decision late at the last level"),
            "settled" => ("协商一致", "settled"),
            "settled_by_negotiation" => ("其中：经协商", "of these by negotiation"),
            "settled_by_opinion" => ("其中：接受协调意见", "of these by the opinion"),
            "refused" => ("不予受理", "refused"),
            "withdrawn" => ("撤回", "withdrawn"),
            "carried_out" => ("已按裁定执行", "carried out"),
            "clue_ended" => ("随线索结束", "ended with the clue"),
            "decided" => ("作出裁定的", "decided"),
            "rulings" => ("裁定（次）", "rulings (times)"),
            "appealed" => ("申请复核的", "appealed"),
            "appeals" => ("复核（次）", "appeals (times)"),
            "breached" => ("拒不执行的", "breached"),
            "breaches" => ("拒不执行（次）", "breaches (times)"),
            "determined" => ("已定责的", "settled or decided"),
            "routed" => ("按规则派遣的线索", "clues dispatched by a rule"),
            "routed_by_precedent" => ("其中：按先例", "of these by a precedent"),
            other => (other, other),
        };
        self.lang.choose(zh, en).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use bihuan_domain::dispute::DocumentKind;
    use bihuan_domain::figures::DutyCounts;
    use bihuan_domain::lang::Lang;
    use bihuan_domain::routing::Rulebook;

    use super::*;

    #[test]
    fn every_count_and_kind_of_paper_has_its_own_words_in_both_languages() {
        let rulebook = Rulebook::none();
        for lang in [Lang::Zh, Lang::En] {
            let words = Words {
                lang,
                rulebook: &rulebook,
            };
            let kinds = DocumentKind::ALL
                .iter()
                .map(|it| words.document_kind(*it).to_owned());
            let counts: Vec<_> = DutyCounts::default()
                .entries()
                .map(|(key, _)| words.duty_count(key))
                .collect();
            for said in [kinds.collect::<Vec<_>>(), counts] {
                let distinct: std::collections::BTreeSet<_> = said.iter().collect();
                assert_eq!(distinct.len(), said.len(), "{said:?}");
                assert!(
                    said.iter().all(|it| it.is_ascii() == (lang == Lang::En)),
                    "{said:?}"
                );
            }
        }
    }
}
