//! Clocks, extensions and the ladder in words.

use std::borrow::Cow;

use bihuan_domain::calendar::{Limit, Step};
use bihuan_domain::clue::{Event, Recipient, RungKind};
use bihuan_domain::code::Rung;
use bihuan_domain::lang::Lang;
use bihuan_domain::time::Timestamp;

use super::Words;
use crate::clocks::Began;

impl Words<'_> {
    /// A step that has a clock.
    pub const fn step(self, step: Step) -> &'static str {
        match step {
            Step::Dispatch => self.say("派遣", "dispatch"),
            Step::Triage => self.say("人工分派", "triage"),
            Step::Acknowledge => self.say("签收", "acknowledge"),
            Step::Handle => self.say("处置", "handle"),
            Step::Check => self.say("核查", "check"),
            Step::Overall => self.say("全程", "overall"),
            Step::Assist => self.say("协办", "assist"),
            Step::Arrive => self.say("到场", "arrive"),
        }
    }

    /// What a clock began with.
    pub const fn began(self, began: Began) -> &'static str {
        let start = began.words();
        self.say(start.zh, start.en)
    }

    /// How much time is left, by the clock on the wall; of a negative number, for how long it has been overdue.
    pub fn left(self, seconds: i64) -> String {
        let length = self.length(seconds);
        match (seconds < 0, self.lang) {
            (false, Lang::Zh) => format!("还有{length}"),
            (true, Lang::Zh) => format!("已超期{length}"),
            (false, Lang::En) => format!("{length} left"),
            (true, Lang::En) => format!("overdue for {length}"),
        }
    }

    /// The same of a clock, which may stand still.
    pub fn clock_left(self, seconds: i64, stands: bool) -> String {
        let left = self.left(seconds);
        match (stands, self.lang) {
            (false, _) => left,
            (true, Lang::Zh) => format!("{left}（因争议暂停计时）"),
            (true, Lang::En) => format!("{left} (stands still: in dispute)"),
        }
    }

    /// In the two largest units that it has.
    pub fn length(self, seconds: i64) -> String {
        let minutes = seconds.unsigned_abs() / 60;
        let (days, hours, minutes) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
        match (days, hours, self.lang) {
            (0, 0, Lang::Zh) => format!(" {minutes} 分钟"),
            (0, 0, Lang::En) => format!("{minutes} min"),
            (0, _, Lang::Zh) => format!(" {hours} 小时 {minutes} 分钟"),
            (0, _, Lang::En) => format!("{hours} h {minutes} min"),
            (_, _, Lang::Zh) => format!(" {days} 天 {hours} 小时"),
            (_, _, Lang::En) => format!("{days} d {hours} h"),
        }
    }

    /// A step of the ladder: by the names that it has by default, else as the policy names it.
    pub fn rung(self, rung: &Rung) -> Cow<'static, str> {
        Cow::Borrowed(match rung.as_str() {
            "blue" => self.say("蓝色提示", "blue"),
            "yellow" => self.say("黄色预警", "yellow"),
            "red" => self.say("红色超期", "red"),
            "reminder" => self.say("催办提醒", "reminder"),
            "overdue_notice" => self.say("督办通知", "overdue notice"),
            "bulletin" => self.say("通报", "bulletin"),
            "escalation" => self.say("提级督办", "escalation"),
            "escalation_2" => self.say("再次提级督办", "second escalation"),
            "dispatch_overdue" => self.say("派遣超时", "dispatch overdue"),
            "triage_overdue" => self.say("人工分派超时", "triage overdue"),
            "acknowledge_overdue" => self.say("签收超时", "acknowledgement overdue"),
            "handle_overdue" => self.say("处置超时", "handling overdue"),
            "check_overdue" => self.say("核查超时", "check overdue"),
            other => return Cow::Owned(other.to_owned()),
        })
    }

    const fn rung_kind(self, kind: RungKind) -> &'static str {
        match kind {
            RungKind::Reminder => self.say("已提醒", "reminded"),
            RungKind::Colour => self.say("已标色", "marked"),
            RungKind::Notice | RungKind::Bulletin => {
                self.say("已拟稿，待签发", "drafted, to be issued by a person")
            }
            RungKind::Escalation => self.say("已上报", "shown to"),
        }
    }

    pub(super) fn extension_requested(self, limit: Limit) -> String {
        format!(
            "{}{}",
            self.say("申请延期 ", "asks for more time: "),
            limit.words(self.lang)
        )
    }

    pub(super) fn extension_granted(self, limit: Limit) -> String {
        format!(
            "{}{}",
            self.say("同意延期 ", "more time granted: "),
            limit.words(self.lang)
        )
    }

    pub(super) fn notice_issued(self, rung: &Rung, due_at: Timestamp) -> String {
        let (rung, due_at) = (self.rung(rung), self.time(due_at));
        match self.lang {
            Lang::Zh => format!("签发{rung}（期限 {due_at}）"),
            Lang::En => format!("{rung} issued (deadline {due_at})"),
        }
    }

    pub(super) fn notice_discarded(self, rung: &Rung, due_at: Timestamp) -> String {
        let (rung, due_at) = (self.rung(rung), self.time(due_at));
        match self.lang {
            Lang::Zh => format!("弃用{rung}，不予签发（期限 {due_at}）"),
            Lang::En => format!("{rung} discarded, it is not issued (deadline {due_at})"),
        }
    }

    /// `RungReached`.
    pub(super) fn rung_reached(self, event: &Event) -> String {
        let Event::RungReached {
            step,
            rung,
            kind,
            due_at,
            late,
            to,
        } = event
        else {
            return event.name().to_owned();
        };
        let (name, step, due_at) = (self.rung(rung), self.step(*step), self.time(*due_at));
        let to = self.recipient(to);
        let done = self.rung_kind(*kind);
        let late = if *late {
            self.say("，补发", ", late")
        } else {
            ""
        };
        match self.lang {
            Lang::Zh => format!("{name}：{step}期限 {due_at}，{done}{to}{late}"),
            Lang::En => format!("{name}: {step} due {due_at}, {done}{to}{late}"),
        }
    }

    fn recipient(self, to: &Recipient) -> String {
        let level = to.level.map(|level| self.level(level));
        let area = to.area.as_ref().map(|area| self.area(area));
        let agency = to.agency.as_ref().map(|agency| self.agency(agency));
        let parts = [agency, area, level.map(str::to_owned)];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        if parts.is_empty() {
            return String::new();
        }
        format!(" → {}", parts.join(self.say("，", ", ")))
    }
}
