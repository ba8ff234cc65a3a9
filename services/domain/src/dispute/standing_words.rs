//! Where a dispute stands, in words.

use super::{Ask, Step};
use crate::lang::Lang;

impl Step {
    /// What it waits for.
    pub const fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::Negotiation => lang.choose("协商", "negotiation"),
            Self::Application => lang.choose("申请", "application"),
            Self::Acceptance => lang.choose("受理", "acceptance"),
            Self::Forwarding => lang.choose("转送", "forwarding"),
            Self::Replies => lang.choose("答辩", "replies"),
            Self::Opinion => lang.choose("协调意见", "the coordinator's opinion"),
            Self::Consent => lang.choose("意见反馈", "consent to the opinion"),
            Self::Decision => lang.choose("裁定", "decision"),
            Self::AppealWindow => lang.choose("复核期", "appeal window"),
            Self::TakingUp => lang.choose("待接办", "taking up"),
            Self::Breach => lang.choose("拒不执行", "breach"),
            Self::Compliance => lang.choose("执行", "compliance"),
        }
    }
}

impl Ask {
    pub const fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::StatePosition => lang.choose("陈述主张", "state a position"),
            Self::RecordMinutes => lang.choose("提交协商记录", "record the minutes"),
            Self::Apply => lang.choose("申请协调", "apply"),
            Self::AcceptApplication => lang.choose("受理申请", "accept the application"),
            Self::RefuseApplication => lang.choose("不予受理", "refuse the application"),
            Self::ForwardApplication => lang.choose("转送申请", "forward the application"),
            Self::Reply => lang.choose("提交答辩意见", "reply"),
            Self::RecordMeeting => lang.choose("记录协调会", "record a meeting"),
            Self::GiveOpinion => lang.choose("出具协调意见", "give an opinion"),
            Self::AcceptOpinion => lang.choose("接受协调意见", "accept the opinion"),
            Self::DeclineOpinion => lang.choose("不接受协调意见", "decline the opinion"),
            Self::DecideDispute => lang.choose("作出裁定", "make a ruling"),
            Self::WithdrawDispute => lang.choose("撤回", "withdraw"),
            Self::AppealRuling => lang.choose("申请复核", "appeal the ruling"),
            Self::AddParty => lang.choose("追加当事单位", "add a party"),
            Self::NameLead => lang.choose("指定牵头单位", "name a lead"),
            Self::NoteTakenUp => lang.choose("接办", "take it up"),
        }
    }
}
