//! The words for codes: stages, flags, roles, reasons.

use bihuan_domain::clue::{
    Codes, Discrepancy, Field, Flag, Measure, Repeat, Role, RoutingDecision, SourceStatus, TimeBasis,
};
use bihuan_domain::code::Level;
use bihuan_domain::figures::Standing;

use super::Words;

impl Words<'_> {
    pub(super) const fn role(self, role: Role) -> &'static str {
        match role {
            Role::Source => self.say("来源平台", "source"),
            Role::Routing => self.say("自动派遣", "routing"),
            Role::Clock => self.say("时限时钟", "clock"),
            Role::Agency => self.say("单位", "agency"),
            Role::Coordinator => self.say("协调员", "coordinator"),
            Role::Checker => self.say("核查员", "checker"),
            Role::CallBack => self.say("回访员", "call-back"),
            Role::Operator => self.say("操作员", "operator"),
            Role::Dispute => self.say("争议处理", "settling of disputes"),
        }
    }

    pub(crate) const fn level(self, level: Level) -> &'static str {
        match level {
            Level::Grid => self.say("网格", "grid"),
            Level::Village => self.say("村社", "village"),
            Level::Town => self.say("乡镇街道", "town"),
            Level::County => self.say("县级", "county"),
            Level::City => self.say("市级", "city"),
        }
    }

    pub(super) const fn measure(self, measure: Measure) -> &'static str {
        match measure {
            Measure::OrderCorrect => self.say("责令改正", "ordered to correct"),
            Measure::Education => self.say("教育劝导", "education"),
            Measure::Mitigation => self.say("从轻减轻", "mitigation"),
            Measure::FastProcedure => self.say("简易快办", "fast procedure"),
            Measure::Seizure => self.say("查封扣押", "seizure"),
            Measure::Other => self.say("其他措施", "another measure"),
        }
    }

    pub(super) const fn link_repeat(self, repeat: Repeat) -> &'static str {
        match repeat {
            Repeat::Updated => self.say("关联记录已在来源删除", "linked record removed at its source"),
            Repeat::Unchanged => self.say("关联记录重复，内容相同", "linked record repeated, unchanged"),
            Repeat::Stale => self.say("关联记录重复，不采用", "linked record repeated, not followed"),
        }
    }

    pub(super) const fn repeat(self, repeat: Repeat) -> &'static str {
        match repeat {
            Repeat::Unchanged => self.say("重复上报，内容未变", "reported again, unchanged"),
            Repeat::Updated => self.say("重复上报，有更新", "reported again with news"),
            Repeat::Stale => self.say("重复上报，内容不采用", "reported again, not applied"),
        }
    }

    /// Why a clue went where it went; the code itself where a later program made it.
    pub fn decision(self, decision: &RoutingDecision) -> &'static str {
        let (zh, en) = match decision.reason.as_str() {
            "matched" => ("按职责规则", "by the duty rows"),
            "recorded" => ("按来源记录", "by the source's record"),
            "returned" => ("退单获准", "its agency was let go of it"),
            "dispute_over" => (
                "争议结束，未确定承办单位",
                "its dispute ended and named no agency",
            ),
            "by_person" => ("人工分派", "by a person"),
            "rulebook_missing" => ("尚未启用规则库", "no rulebook is active"),
            "matter_missing" => ("没有事项", "the matter is missing"),
            "matter_unknown" => ("规则库没有该事项", "the rulebook does not know the matter"),
            "area_missing" => ("没有区域", "the area is missing"),
            "no_duty" => ("没有适用的职责规则", "no duty row holds there on that day"),
            "tie" => (
                "同级规则指向不同单位",
                "rows of equal rank name different agencies",
            ),
            _ => return self.say("其他原因", "for another reason"),
        };
        self.lang.choose(zh, en)
    }

    pub const fn stage(self, stage: Standing) -> &'static str {
        match stage {
            Standing::Reported => self.say("已上报，待受理", "reported, waits for admission"),
            Standing::Rejected => self.say("不予受理", "rejected"),
            Standing::Admitted => self.say("已受理，待派遣", "admitted, waits for routing"),
            Standing::Triage => self.say("待人工分派", "in triage"),
            Standing::Coordination => self.say("协调中", "in coordination"),
            Standing::Dispatched => self.say("已派遣，待签收", "dispatched"),
            Standing::Acknowledged => self.say("已签收", "acknowledged"),
            Standing::Handling => self.say("处置中", "being handled"),
            Standing::ReturnRequested => self.say("申请退单", "return requested"),
            Standing::Suspended => self.say("挂账", "suspended"),
            Standing::Resolved => self.say("已反馈，待核查", "resolved, waits for verification"),
            Standing::Closed => self.say("已闭环", "closed"),
            Standing::Voided => self.say("作废", "voided"),
        }
    }

    /// What should happen next to a clue of this stage, and by whom; `None`: nothing need happen any more.
    pub const fn next(self, stage: Standing) -> Option<&'static str> {
        Some(match stage {
            Standing::Reported => self.say("受理或不予受理", "somebody admits or rejects it"),
            Standing::Admitted => self.say("自动派遣", "routing assigns it"),
            Standing::Triage => self.say(
                "人工分派，或更正事项、区域",
                "a person assigns it, or corrects matter or area",
            ),
            Standing::Coordination => self.say("协调员指定主办单位", "the coordinator names the agency"),
            Standing::Dispatched => self.say(
                "主办单位签收或申请退单",
                "the agency signs for it or asks to return it",
            ),
            Standing::Acknowledged => self.say("主办单位开始处置", "the agency starts handling"),
            Standing::Handling => self.say("主办单位反馈处置结果", "the agency reports its resolution"),
            Standing::ReturnRequested => self.say("同意或不同意退单", "the return is approved or refused"),
            Standing::Suspended => self.say("到期或提前恢复办理", "it is resumed, by the date at the latest"),
            Standing::Resolved => self.say("核查、回访后闭环", "it is checked, called back and closed"),
            Standing::Rejected | Standing::Closed | Standing::Voided => return None,
        })
    }

    /// In what state the record is at its source.
    pub const fn source_status(self, status: SourceStatus) -> &'static str {
        match status {
            SourceStatus::Open => self.say("在办", "open"),
            SourceStatus::Withdrawn => self.say("已撤回", "withdrawn"),
            SourceStatus::Deleted => self.say("已删除", "deleted"),
            SourceStatus::Closed => self.say("已闭环", "closed"),
            SourceStatus::Reopened => self.say("已重开", "reopened"),
            SourceStatus::Urged => self.say("催办", "urged"),
        }
    }

    pub const fn discrepancy(self, discrepancy: Discrepancy) -> &'static str {
        match discrepancy {
            Discrepancy::SourceCorrected => self.say(
                "来源已更正事项、区域或等级，待人工决定",
                "the source corrected matter, area or severity: a person decides",
            ),
            Discrepancy::SourceWithdrawn => self.say(
                "源已撤回、此处未结束，待两人确认",
                "withdrawn at the source, open here: two persons decide",
            ),
            Discrepancy::SourceClosed => self.say("源已闭环、此处未闭环", "closed at the source, open here"),
            Discrepancy::SourceReopened => self.say("源在办、此处已结束", "open at the source, over here"),
            Discrepancy::SourceMissing => self.say(
                "连续两份完整清单中没有，此处未结束",
                "missing in two complete files of the source, open here",
            ),
        }
    }

    pub(super) fn reopened(self, recorded: bool) -> String {
        format!("{}{}", self.say("重开", "reopened"), self.recorded(recorded))
    }

    pub(super) fn corrected(self, head: &str, codes: &Codes) -> String {
        let matter = codes.matter.as_ref();
        let matter = matter.map(|it| format!("{} {}", self.say("事项", "matter"), self.matter(it)));
        let area = codes.area.as_ref();
        let area = area.map(|it| format!("{} {}", self.say("区域", "area"), self.area(it)));
        let severity = codes.severity.as_ref();
        let severity = severity.map(|it| format!("{} {it}", self.field(Field::Severity)));
        let unknown = self.say("不明", "no longer known");
        let cleared = codes
            .cleared
            .iter()
            .map(|it| format!("{} {unknown}", self.field(*it)));
        let parts: Vec<_> = [matter, area, severity]
            .into_iter()
            .flatten()
            .chain(cleared)
            .collect();
        format!(
            "{head}{}{}",
            self.say("：", ": "),
            parts.join(self.say("，", ", "))
        )
    }

    pub(super) const fn field(self, field: Field) -> &'static str {
        match field {
            Field::ReportedAt => self.say("上报时间", "time of report"),
            Field::Matter => self.say("事项", "matter"),
            Field::Area => self.say("区域", "area"),
            Field::Title => self.say("标题", "title"),
            Field::Description => self.say("描述", "description"),
            Field::Place => self.say("地点", "place"),
            Field::Class => self.say("类别", "class"),
            Field::Severity => self.say("等级", "severity"),
            Field::Location => self.say("坐标", "location"),
            Field::Attributes => self.say("属性", "attributes"),
            Field::DueAt => self.say("时限", "due time"),
            Field::Status => self.say("状态", "status"),
            Field::Agency => self.say("承办单位", "agency"),
            Field::Attachments => self.say("附件", "attachments"),
        }
    }

    pub(super) const fn basis(self, basis: TimeBasis) -> &'static str {
        match basis {
            TimeBasis::StatusTime => self.say("按状态时间", "by the time of its status"),
            TimeBasis::Version => self.say("按版本", "by its version"),
            TimeBasis::Receipt => self.say("按接收时间", "by the time of receipt"),
        }
    }

    pub const fn flag(self, flag: Flag) -> &'static str {
        match flag {
            Flag::MatterMissing => self.say("没有事项", "no matter"),
            Flag::MatterUnknown => self.say("事项未知", "matter unknown"),
            Flag::AreaMissing => self.say("没有区域", "no area"),
            Flag::AreaUnknown => self.say("区域未知", "area unknown"),
            Flag::AgencyUnknown => self.say("单位未知", "agency unknown"),
            Flag::ConclusionUnknown => self.say("结论未知", "conclusion unknown"),
            Flag::ReportedAtMissing => self.say(
                "没有上报时间，以接收时间代替",
                "no time of report; time of receipt stands in",
            ),
            Flag::ReportedAtUnreadable => self.say(
                "上报时间无法读取，以接收时间代替",
                "time of report unreadable; time of receipt stands in",
            ),
            Flag::ReportedInFuture => self.say("上报时间在将来", "reported in the future"),
            Flag::ClosedAtUnreadable => self.say("办结时间无法读取", "time of closing unreadable"),
            Flag::DueAtUnreadable => self.say("时限无法读取", "due time unreadable"),
            Flag::ClosedBeforeReported => self.say("办结早于上报", "closed before it was reported"),
            Flag::LocationUnreadable => self.say("坐标无法读取", "location unreadable"),
            Flag::ValueUnknown => self.say("有未知的取值", "a value is unknown"),
            Flag::ValueUnreadable => self.say("有无法读取的取值", "a value is unreadable"),
            Flag::VersionUnreadable => self.say(
                "版本无法读取，按读取先后",
                "version unreadable; the order of reading counts",
            ),
            Flag::SourceStatusUnknown => {
                self.say("来源状态未知，按在办", "source status unknown; counts as open")
            }
            Flag::AreaAmbiguous => self.say("地点可指多个区域", "the place may be several areas"),
            Flag::AreaDisagrees => self.say("坐标不在所报区域内", "coordinates lie in another area"),
            Flag::IdImprecise => self.say(
                "编号按数字存放，末位可能已失真",
                "the id was kept as a number and may have lost its last digits",
            ),
            Flag::SameAsDisagrees => self.say(
                "所指的同一线索的另一编号来得太迟或前后不一，未合并",
                "the other id of the same clue was told too late, or not as before: nothing was merged",
            ),
        }
    }
}
