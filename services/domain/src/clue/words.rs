//! Every code by which a command can be refused, with what to tell the person who asked, in Chinese and English: what stands
//! in the way and what to do about it. A rule can only refuse with a code of this list, so none goes without words.

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $zh:literal, $en:literal;)+) => {
        /// Why a command is refused; the stable code of a `Rejection`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $variant),+ }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// Chinese, English.
            pub const fn words(self) -> (&'static str, &'static str) {
                match self { $(Self::$variant => ($zh, $en)),+ }
            }

            pub fn parse(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|it| it.as_str() == code)
            }
        }
    };
}

pub(crate) use codes;

codes! {
    ClueUnknown = "clue_unknown",
        "没有这条线索。请核对来源与来源编号，或先上报。",
        "There is no such clue. Check source and source id, or report it first.";
    VersionConflict = "version_conflict",
        "线索在您查看之后已有变化。请刷新后再提交。",
        "The clue has changed since you looked at it. Reload it and ask again.";
    WrongStage = "wrong_stage",
        "线索当前阶段不能这样操作。请查看当前阶段可用的操作。",
        "The clue's stage does not allow this. See which steps its stage offers.";
    NotOpen = "not_open",
        "线索已结束（闭环、不予受理或作废）。已闭环的可在期限内重开。",
        "The clue is closed, rejected or voided. A closed one can be reopened within the window.";
    NotEntitled = "not_entitled",
        "您的身份无权进行此操作。请交由有权限的人员办理。",
        "Your role may not do this. Hand it to somebody who may.";
    NotHolder = "not_holder",
        "只有当前主办单位可以这样操作。请核对主办单位。",
        "Only the agency that holds the clue may do this. Check who holds it.";
    ReasonMissing = "reason_missing",
        "必须说明理由。请填写理由后再提交。",
        "A reason is mandatory. State it and ask again.";
    NothingToCorrect = "nothing_to_correct",
        "没有给出要更正的事项或区划。请至少填写一项。",
        "Neither matter nor area is given. Fill in at least one.";
    AgencyUnknown = "agency_unknown",
        "规则库中没有这个单位。请改用规则库中的单位，或更新规则库。",
        "The rulebook knows no such agency. Use one it knows, or update the rulebook.";
    SameAgency = "same_agency",
        "线索已在该单位。请选择其他单位。",
        "That agency holds the clue already. Choose another one.";
    MatterUnknown = "matter_unknown",
        "规则库中没有这个事项。请核对事项编码。",
        "The rulebook knows no such matter. Check its code.";
    AreaUnknown = "area_unknown",
        "规则库中没有这个区划。请核对区划编码。",
        "The rulebook knows no such area. Check its code.";
    AlreadyAcknowledged = "already_acknowledged",
        "该线索已签收，无需重复签收。",
        "The clue was signed for already; nothing is left to do.";
    NotInLine = "not_in_line",
        "只能下派给本单位辖区之内的单位。跨线请走转办或退单。",
        "A clue is handed down only within the holder's own area. Across lines, transfer or return it.";
    DutyMissing = "duty_missing",
        "退单必须写明所依据的职责。请填写职责条目。",
        "A return must cite the duty it relies on. Name the duty.";
    ProposedAgencyUnknown = "proposed_agency_unknown",
        "建议的承办单位不在规则库中。请选择规则库中的单位。",
        "The rulebook does not know the proposed agency. Propose one that it knows.";
    ProposedAgencyIsHolder = "proposed_agency_is_holder",
        "建议的承办单位就是本单位。请建议其他单位。",
        "The proposed agency is the one that holds the clue. Propose another one.";
    ReturnWindowOver = "return_window_over",
        "已超过退单期限，不能再退单。请先行处置；确有争议的，请提出争议，由协调部门处理。",
        "The window for returning the clue is over. Handle it; if it is not your duty, raise a dispute before the coordinator.";
    DesignatedMayNotReturn = "designated_may_not_return",
        "经裁定、协商或协调指定的承办单位不得退单。请签收并处置。",
        "An agency that was designated in a dispute may not return the clue. Sign for it and handle it.";
    InDispute = "in_dispute",
        "线索正在争议处理中，承办单位由争议处理结果确定。请先处理争议，再进行此操作。",
        "The clue is in dispute, and the dispute says whose duty it is. Have the dispute decided first.";
    DisputeUnknown = "dispute_unknown",
        "线索没有这一未结争议。请核对争议编号；争议或线索可能已结束。",
        "The clue has no such open dispute. Check its id; the dispute or the clue may have ended.";
    CauseByItself = "cause_by_itself",
        "退单达到上限的争议由系统自动提出。请选择其他争议事由。",
        "A dispute over too many returns comes up by itself. Choose another cause.";
    HolderClaims = "holder_claims",
        "线索已在本单位，无需主张。认为不属于本单位职责的，请以其他事由提出争议。",
        "Your agency has the clue already and need not claim it. If it is not your duty, raise the dispute for another cause.";
    ReturnNotRefused = "return_not_refused",
        "本单位的退单没有被驳回。请先申请退单，或以单位提出为事由。",
        "No return of your agency was refused. Request a return first, or raise the dispute as an agency.";
    PositionOfOther = "position_of_other",
        "只能陈述本单位的主张。请删去其他单位的主张，由其自行陈述。",
        "An agency states its own position alone. Leave the others without one; they state theirs themselves.";
    PartyRepeated = "party_repeated",
        "同一单位被列了多次。请每个当事单位只列一次。",
        "A party is named more than once. Name each once.";
    TooManyParties = "too_many_parties",
        "一次最多列 20 个当事单位。请只列真正有争议的单位。",
        "At most 20 parties can be named. Name only those that quarrel.";
    HolderOfSource = "holder_of_source",
        "该线索由谁承办以来源的流转记录为准，不能在此提出争议。请在来源平台处理。",
        "Who has this clue is what the log of its source says. Settle it on the source's platform.";
    PartiesMissing = "parties_missing",
        "争议至少要有两个不同的当事单位。请补充当事单位。",
        "A dispute takes at least two different parties. Name the others.";
    ClaimsMissing = "claims_missing",
        "争管须由本单位主张职责，且至少有两个单位主张。请写明本单位的主张及依据的职责。",
        "To claim a clue, state your own claim and its duty; it takes at least two agencies that claim it.";
    TaskUnknown = "task_unknown",
        "线索没有这一编号的协办任务。请核对任务编号。",
        "The clue has no task with this number. Check the number.";
    TaskOver = "task_over",
        "该协办任务已结束（已办复、已说明不能协办、已撤回，或线索已结束）。",
        "The task is over: answered, declined, withdrawn, or ended with its clue.";
    TaskAcknowledged = "task_acknowledged",
        "该协办任务已签收，无需重复签收。",
        "The task was signed for already; nothing is left to do.";
    AlreadyAssisting = "already_assisting",
        "该单位已有未结的协办任务。请等待其办复，或先撤回原任务。",
        "That agency has an open task of this clue. Wait for its answer, or withdraw the task first.";
    TooManyTasks = "too_many_tasks",
        "一条线索最多 100 项协办任务（含已结束的），一次最多指定 100 个协办单位。请使用已有任务。",
        "A clue has at most 100 tasks, those that are over included, and an assignment names at most 100 agencies beside the responsible one. Use the tasks that there are.";
    NotAssisting = "not_assisting",
        "该协办任务不属于本单位。请核对任务编号与单位。",
        "The task is another agency's. Check its number and your agency.";
    NotACall = "not_a_call",
        "只有吹哨任务可以登记到场和评价。",
        "Only of a call somebody arrives, and only a call is rated.";
    AlreadyArrived = "already_arrived",
        "该任务已登记到场，无需重复登记。",
        "The arrival was noted already; nothing is left to do.";
    NotArrived = "not_arrived",
        "吹哨任务尚未到场。请先登记到场；不能到场的，请说明理由。",
        "Nobody has arrived yet. Note the arrival first; if nobody can come, decline the task and say why.";
    RatingOutOfRange = "rating_out_of_range",
        "评价只能为 1 至 5 分。",
        "A rating is 1 to 5.";
    AlreadyRated = "already_rated",
        "该任务已评价，不能重复评价。",
        "The task was rated already.";
    DidNotAsk = "did_not_ask",
        "只有提出任务的一方可以这样操作。",
        "Only whoever asked for the task may do this.";
    OpenTasks = "open_tasks",
        "尚有协办任务未办复。请等待办复，或说明不再等待的理由。",
        "An agency that assists has not answered yet. Wait for it, or say in words why the clue does not.";
    AlreadyTagged = "already_tagged",
        "该线索已属于这一专项行动。",
        "The clue belongs to that campaign already.";
    NotTagged = "not_tagged",
        "该线索不属于任何专项行动。",
        "The clue belongs to no campaign.";
    ApproverMissing = "approver_missing",
        "挂账必须有批准人。请填写批准人工号。",
        "A suspension needs an approver. Give the approver's staff reference.";
    ApproverIsRequester = "approver_is_requester",
        "批准人不能是申请人本人。请由他人批准。",
        "Nobody approves their own suspension. Have somebody else approve it.";
    UntilInPast = "until_in_past",
        "挂账截止时间已过。请填写将来的时间。",
        "The suspension would end before it starts. Give a later time.";
    UntilTooFar = "until_too_far",
        "挂账时间超过规定上限。请缩短挂账时间。",
        "The suspension is longer than the policy allows. Shorten it.";
    ExtensionPending = "extension_pending",
        "已有延期申请待批。请等待批复后再申请。",
        "An extension is asked for already. Wait for the answer before asking again.";
    ExtensionNotRequested = "extension_not_requested",
        "没有待批的延期申请。请刷新后查看。",
        "No extension is asked for. Reload the clue.";
    ExtensionByRequester = "extension_by_requester",
        "延期不能由申请人本人批复。请由他人批复。",
        "Nobody decides about their own request for more time. Have somebody else decide.";
    AnswererMissing = "answerer_missing",
        "延期申请须由具名人员批复。请填写工号。",
        "A request for more time is answered by a named person. Give the staff reference.";
    ExtensionTooLong = "extension_too_long",
        "每次延期不得超过原时限。请缩短延期时间。",
        "An extension is at most as long as the original limit. Ask for less.";
    ExtensionsUsedUp = "extensions_used_up",
        "延期次数已用完。请按期办结，或由协调部门处理。",
        "No further extension can be granted. Finish in time, or turn to the coordinator.";
    Overdue = "overdue",
        "期限已过，不能再延期。请尽快办结。",
        "The deadline has passed: it can no longer be extended. Finish the clue.";
    DeadlineMissing = "deadline_missing",
        "该线索没有期限，无需延期。",
        "The clue has no deadline; there is nothing to extend.";
    DeadlineOfSource = "deadline_of_source",
        "期限由来源平台规定。请向来源平台申请延期。",
        "The deadline is the source's. Ask the source platform for more time.";
    IssuerMissing = "issuer_missing",
        "督办通知与通报须由具名人员签发。请填写工号。",
        "A notice or bulletin is issued by a named person. Give the staff reference.";
    NoticeUnknown = "notice_unknown",
        "没有这样的待签发文稿。请查看该线索的督办记录。",
        "There is no such draft. See which steps of the ladder the clue has reached.";
    NoticeIssued = "notice_issued",
        "该文稿已签发，无需重复签发。",
        "That notice was issued already; nothing is left to do.";
    NoticeDiscarded = "notice_discarded",
        "该文稿已决定不予签发。",
        "It was decided that this draft is not issued.";
    ClueEnded = "clue_ended",
        "线索已闭环、作废或不予受理。仍要签发请注明，否则请弃用该文稿并写明理由。",
        "The clue is closed, voided or rejected. Say that it is to be issued all the same, or discard the draft with a reason.";
    ConclusionNotAllowed = "conclusion_not_allowed",
        "处置反馈必须有明确结论。请选择结论。",
        "A resolution needs a stated conclusion. Choose one.";
    EducationRequired = "education_required",
        "首违不罚必须进行教育（行政处罚法第三十三条）。请补充教育劝导措施。",
        "Waiving a first violation requires education (Administrative Penalty Law, art. 33). Add that measure.";
    ReceiptMissing = "receipt_missing",
        "移送必须有接收单位的回执文号。请填写文号。",
        "A transfer out needs the receiver's receipt. Give its document number.";
    CheckerIsHandler = "checker_is_handler",
        "核查人不能是处置人。请由处置人以外的人员核查，并注明人员。",
        "Nobody checks their own work. Have somebody other than the handler check, and name them.";
    AlreadyChecked = "already_checked",
        "该线索已核查通过，无需重复核查。",
        "The check was passed already; nothing is left to do.";
    CheckMissing = "check_missing",
        "尚未核查，不能闭环。请先核查。",
        "The clue is not checked yet. Check it before closing.";
    CallBackMissing = "call_back_missing",
        "尚未回访，不能闭环。请先回访诉求人。",
        "The reporter was not called back yet. Call back before closing.";
    NoDiscrepancy = "no_discrepancy",
        "来源与此处没有这样的不一致，无需处理。请刷新后查看。",
        "Source and clue do not differ in this; nothing is left to decide. Reload the clue.";
    SecondPersonMissing = "second_person_missing",
        "来源已撤回的线索须由承办单位与另一人共同确认方可作废，两人均须注明工号。",
        "Giving up a clue that its source took back takes the agency that has it and a second person, both by staff reference.";
    LogBackwards = "log_backwards",
        "该行流转记录早于线索的最新环节，未作处理。请按时间顺序提供流转记录；确属漏报的，请由来源更正后重新导入到空的安装。",
        "The row of the hand-over log is older than the clue's newest step, so it changed nothing. Hand the log over in the order of its times; a row that was left out needs a fresh import.";
    ReopenWindowOver = "reopen_window_over",
        "已超过重开期限。请作为新线索上报。",
        "The window for reopening is over. Report it as a new clue.";
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
    fn every_code_has_words_in_both_languages_and_codes_are_unique() {
        for (i, code) in Code::ALL.iter().enumerate() {
            let (zh, en) = rejection_words(code.as_str());
            assert!(!zh.is_ascii() && zh.ends_with('。'), "{code:?}: {zh}");
            assert!(en.is_ascii() && en.ends_with('.'), "{code:?}: {en}");
            assert_eq!(
                Code::ALL.iter().position(|it| it.as_str() == code.as_str()),
                Some(i)
            );
        }
        assert_ne!(
            rejection_words("of_a_later_version"),
            rejection_words("wrong_stage")
        );
    }

    #[test]
    fn every_code_is_used_by_a_rule() {
        let rules = [
            include_str!("decide/mod.rs"),
            include_str!("decide/admission.rs"),
            include_str!("decide/asked.rs"),
            include_str!("decide/assignment.rs"),
            include_str!("decide/campaign.rs"),
            include_str!("decide/closing.rs"),
            include_str!("decide/designation.rs"),
            include_str!("decide/discrepancy.rs"),
            include_str!("decide/dispute.rs"),
            include_str!("decide/extension.rs"),
            include_str!("decide/log.rs"),
            include_str!("decide/notice.rs"),
            include_str!("decide/resolution.rs"),
            include_str!("decide/returns.rs"),
            include_str!("decide/suspension.rs"),
            include_str!("decide/task.rs"),
            include_str!("decide/transfer.rs"),
            include_str!("decide/verification.rs"),
        ];
        for code in Code::ALL {
            let name = format!("Code::{code:?}");
            assert!(rules.iter().any(|rule| rule.contains(&name)), "{name}");
        }
    }
}
