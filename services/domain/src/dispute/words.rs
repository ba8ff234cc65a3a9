//! Every code by which a command about a dispute can be refused, with what to tell the person who asked: what stands in the way
//! and what to do about it. A rule can only refuse with a code of this list, so none goes without words.

use crate::clue::codes;

codes! {
    DisputeUnknown = "dispute_unknown",
        "没有这项争议。请核对编号，或先提出争议。",
        "There is no such dispute. Check its id, or open it first.";
    AlreadyOpened = "already_opened",
        "该争议已提出，无需重复提出。",
        "The dispute was opened already; nothing is left to do.";
    VersionConflict = "version_conflict",
        "争议在您查看之后已有变化。请刷新后再提交。",
        "The dispute has changed since you looked at it. Reload it and ask again.";
    WrongStep = "wrong_step",
        "争议当前环节不能这样操作。请查看当前环节可用的操作。",
        "The open step of the dispute does not allow this. See what it offers.";
    Ended = "ended",
        "争议已结束。如仍有争议，请重新提出。",
        "The dispute has ended. Open another one if it is still disputed.";
    NotEntitled = "not_entitled",
        "您的身份无权进行此操作。请交由有权限的人员办理。",
        "Your role may not do this. Hand it to somebody who may.";
    NotParty = "not_party",
        "只有争议各方可以这样操作，且只能代表本单位。请先请协调部门将本单位列为当事单位。",
        "Only a party may do this, and for itself alone. Ask the coordinator to add your agency first.";
    OfficeMissing = "office_missing",
        "协调人员须注明所代表的协调部门。请填写单位。",
        "A coordinator acts for an office. Name it.";
    WrongCoordinator = "wrong_coordinator",
        "该争议不由您所在的部门协调。请交由有权处理的层级办理。",
        "The dispute is not before your office. Hand it to the one that is competent.";
    NotDeciding = "not_deciding",
        "该争议不由您所在的部门裁定。请交由本级政府确定的裁定部门办理。",
        "Your office does not decide this dispute. Hand it to the one that decides for the government of the level.";
    OwnCoordinator = "own_coordinator",
        "当事单位不能协调或裁定涉及本单位的争议。请交由他人或上一级处理。",
        "A party neither coordinates nor decides its own dispute. Hand it to another office or to the next level.";
    PartiesMissing = "parties_missing",
        "争议至少要有两个当事单位。请补充当事单位。",
        "A dispute has at least two parties. Name the other ones.";
    PartyRepeated = "party_repeated",
        "同一单位重复列出。请每个单位只列一次。",
        "An agency is named twice. Name each party once.";
    AlreadyParty = "already_party",
        "该单位已是当事单位。请选择其他单位。",
        "That agency is a party already. Choose another one.";
    TooManyParties = "too_many_parties",
        "一项争议最多 20 个当事单位。请不再追加；仍需听取意见的，请在会议上听取。",
        "A dispute has at most 20 parties. Add no more; hear the others at the meeting.";
    AgencyUnknown = "agency_unknown",
        "规则库中没有这个单位。请改用规则库中的单位，或更新规则库。",
        "The rulebook knows no such agency. Use one it knows, or update the rulebook.";
    ClaimsMissing = "claims_missing",
        "争管须有至少两个单位主张职责。请注明各方主张，或改用其他事由。",
        "At least two agencies must claim the duty. State their positions, or give another cause.";
    DutyMissing = "duty_missing",
        "必须写明所依据的职责。请填写职责条目或法律依据。",
        "A position must cite the duty it relies on. Name the row or the law.";
    ReferenceMissing = "reference_missing",
        "必须附上文书编号或存放位置。请补充后再提交。",
        "The document needs a reference. Give its number or where it lies.";
    ReasonMissing = "reason_missing",
        "必须说明理由。请填写理由后再提交。",
        "A reason is mandatory. State it and ask again.";
    MinutesMissing = "minutes_missing",
        "尚未协商。请先协商并提交协商记录，或等待协商期满。",
        "The parties have not talked yet. Record the minutes, or wait until the time for that is over.";
    NamedNotParty = "named_not_party",
        "所指单位不是当事单位。请先将其列为当事单位，听取其意见。",
        "That agency is no party. Have it added first, so that it is heard.";
    AgreedBehindBack = "agreed_behind_back",
        "商定的单位未主张职责。请由该单位或协调部门提交协商记录。",
        "The agency agreed on does not claim the duty. Have that agency or the coordinator record the minutes.";
    GroundNotAllowed = "ground_not_allowed",
        "本地规则不以此为由不予受理。请改用规则允许的事由，或予以受理。",
        "The policy refuses nothing on this ground. Choose one that it allows, or accept.";
    AlreadyReplied = "already_replied",
        "本单位已发表意见，无需重复答辩。如有补充，请提交主张。",
        "Your agency has been heard. To add something, state your position again.";
    AlreadyAnswered = "already_answered",
        "本单位已答复协调意见，无需重复答复。",
        "Your agency has answered the opinion already; nothing is left to do.";
    AssistingIsResponsible = "assisting_is_responsible",
        "协办单位不能同时是主办单位。请从协办单位中删去。",
        "The responsible agency cannot assist itself. Leave it out of those who assist.";
    BasisMissing = "basis_missing",
        "裁定必须写明依据。请填写法律依据。",
        "A ruling states its legal basis. Fill it in.";
    NoAppealLeft = "no_appeal_left",
        "裁定已不能申请复核（已过期限、已复核过或已是最高层级）。请按裁定执行。",
        "The ruling can no longer be appealed: too late, appealed before, or nobody is above. Carry it out.";
    NotAppellant = "not_appellant",
        "只有申请复核的单位可以撤回复核申请。请由该单位办理。",
        "Only who appealed may withdraw the appeal. Have that agency do it.";
    NotResponsible = "not_responsible",
        "该单位不是裁定的主办单位。请核对裁定。",
        "The ruling designates another agency. Check it.";
    AlreadyTakenUp = "already_taken_up",
        "已按裁定接办，无需重复。",
        "It was taken up already; nothing is left to do.";
    AlreadyWithdrawn = "already_withdrawn",
        "本单位已同意撤回，须其他各方同意后才终止。",
        "Your agency has agreed to withdraw already. It ends when the other parties do too.";
    LeadNotUsed = "lead_not_used",
        "本地规则不采用指定牵头单位的办法，指定不起作用。请按规则确定临时承办单位。",
        "By the policy no designated lead holds the clue meanwhile. Go by the policy's interim holder.";
}

/// What to tell the person whose command was refused with `code`: Chinese, English. A code of a later version gets general words.
pub fn rejection_words(code: &str) -> (&'static str, &'static str) {
    Code::parse(code).map_or(
        (
            "操作被拒绝。请根据代码查阅文档。",
            "The command was refused. Look the code up in the documentation.",
        ),
        Code::words,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_words_in_both_languages_and_is_used_by_a_rule() {
        let rules = [
            include_str!("decide/mod.rs"),
            include_str!("decide/application.rs"),
            include_str!("decide/asked.rs"),
            include_str!("decide/ending.rs"),
            include_str!("decide/hearing.rs"),
            include_str!("decide/negotiation.rs"),
            include_str!("decide/opening.rs"),
            include_str!("decide/party.rs"),
            include_str!("decide/ruling.rs"),
        ];
        for (i, code) in Code::ALL.iter().enumerate() {
            let (zh, en) = rejection_words(code.as_str());
            assert!(!zh.is_ascii() && zh.ends_with('。'), "{code:?}: {zh}");
            assert!(en.is_ascii() && en.ends_with('.'), "{code:?}: {en}");
            assert_eq!(
                Code::ALL.iter().position(|it| it.as_str() == code.as_str()),
                Some(i)
            );
            let name = format!("Code::{code:?}");
            assert!(rules.iter().any(|rule| rule.contains(&name)), "{name}");
        }
        assert_ne!(
            rejection_words("of_a_later_version"),
            rejection_words("wrong_step")
        );
    }
}
