//! What people call the keys of a report. A key that the rulebook does not know stays under its own name.

use bihuan_domain::clue::Conclusion;
use bihuan_domain::figures::By;
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Rulebook;

/// The name of `key` among the rows by `by`.
pub(crate) fn name(rulebook: &Rulebook, lang: Lang, by: By, key: &str) -> String {
    if key.is_empty() {
        return nothing(lang, by).to_owned();
    }
    let named = match by {
        By::Agency => rulebook
            .agencies
            .get(key)
            .map(|agency| (&agency.name, &agency.name_en)),
        By::Area => rulebook.areas.get(key).map(|area| (&area.name, &area.name_en)),
        By::Matter => rulebook
            .matters
            .get(key)
            .map(|matter| (&matter.name, &matter.name_en)),
        By::Conclusion => return conclusion(lang, key).unwrap_or(key).to_owned(),
        By::Source | By::Month | By::Campaign => None,
    };
    let named = named.map(|(zh, en)| if en.is_empty() { zh } else { lang.choose(zh, en) });
    named
        .filter(|name| !name.is_empty())
        .map_or_else(|| key.to_owned(), ToString::to_string)
}

const fn nothing(lang: Lang, by: By) -> &'static str {
    match by {
        By::Agency => lang.choose("无主办单位", "no agency"),
        By::Area => lang.choose("无区划", "no area"),
        By::Matter => lang.choose("无事项", "no matter"),
        By::Source => lang.choose("来源不明", "unknown source"),
        By::Conclusion => lang.choose("未闭环", "not closed"),
        By::Month => "",
        By::Campaign => lang.choose("不属于专项行动", "no campaign"),
    }
}

fn conclusion(lang: Lang, word: &str) -> Option<&'static str> {
    let (zh, en) = match Conclusion::parse(word)? {
        Conclusion::Penalty => ("立案处罚", "penalty"),
        Conclusion::NoPenaltyMinor => ("轻微免罚", "no penalty, minor"),
        Conclusion::NoPenaltyFirst => ("首违不罚", "no penalty, first violation"),
        Conclusion::NoFault => ("无主观过错", "no fault"),
        Conclusion::NotMadeOut => ("不属实", "not made out"),
        Conclusion::Unverifiable => ("无法核实", "cannot be verified"),
        Conclusion::Rectified => ("整改到位", "rectified"),
        Conclusion::Explained => ("解释答复", "explained"),
        Conclusion::NotFiled => ("不予立案", "not filed"),
        Conclusion::CaseFiled => ("转立案", "case filed"),
        Conclusion::TransferCriminal => ("移送司法", "transferred, criminal"),
        Conclusion::TransferJurisdiction => ("移送", "transferred, jurisdiction"),
        Conclusion::Unstated => ("未说明", "unstated"),
    };
    Some(lang.choose(zh, en))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_stays_under_its_own_name_and_none_has_words() {
        let book = Rulebook::none();
        assert_eq!(name(&book, Lang::Zh, By::Agency, "NYPD"), "NYPD");
        assert_eq!(name(&book, Lang::En, By::Agency, ""), "no agency");
        assert_eq!(name(&book, Lang::Zh, By::Conclusion, "rectified"), "整改到位");
    }
}
