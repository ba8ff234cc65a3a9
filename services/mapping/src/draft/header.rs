//! What a column most likely holds, by the words of its header in Chinese or English.

use serde::Serialize;

use super::times::Numbers;

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    Id,
    ReportedAt,
    DueAt,
    ClosedAt,
    UpdatedAt,
    Status,
    Deleted,
    Conclusion,
    Matter,
    Area,
    Agency,
    Severity,
    Title,
    Description,
    Place,
    Longitude,
    Latitude,
    Personal,
}

impl Role {
    pub(super) const ALL: [Self; 18] = [
        Self::Id,
        Self::ReportedAt,
        Self::DueAt,
        Self::ClosedAt,
        Self::UpdatedAt,
        Self::Status,
        Self::Deleted,
        Self::Conclusion,
        Self::Matter,
        Self::Area,
        Self::Agency,
        Self::Severity,
        Self::Title,
        Self::Description,
        Self::Place,
        Self::Longitude,
        Self::Latitude,
        Self::Personal,
    ];
}

/// Words of headers for each role, divided by `|`. Chinese ones are fragments, English ones whole words in a row.
const LEXICON: &[(Role, &str, &str)] = &[
    (
        Role::Id,
        "编号|单号|流水号|主键|工单号|案件号|事件号|受理号|唯一标识|序号",
        "id|case|uuid|guid|key|unique key|number|num|no|record id|case id|request id|reference|ref",
    ),
    (
        Role::ReportedAt,
        "上报时间|上报|报告时间|创建|登记|受理时间|留言时间|诉求时间|来电时间|来件时间|提交|发现时间|采集时间|发生时间|立案|接报",
        "created|create|reported|report|opened|open|submitted|received|requested|logged|entered|occurred|registered",
    ),
    (
        Role::DueAt,
        "截止|期限|时限|到期|应办|应结|要求办结|限办",
        "due|deadline|target|sla|expected|promised|limit",
    ),
    (
        Role::ClosedAt,
        "办结时间|办结日期|结案|闭环|关闭|完成|答复时间|回复时间|办毕|归档|办结",
        "closed|close|resolved|completed|completion|finished|end|closing|done",
    ),
    (
        Role::UpdatedAt,
        "更新|修改|变更|状态时间|最后操作|版本",
        "updated|update|modified|last activity|status|changed|version|last|action",
    ),
    (
        Role::Status,
        "状态|办理情况|办理进度|环节|阶段",
        "status|state|stage",
    ),
    (Role::Deleted, "删除", "deleted|del|del flag|is deleted|removed"),
    (
        Role::Conclusion,
        "结论|处理结果|处置结果|办理结果|结果",
        "conclusion|outcome|result|resolution|disposition",
    ),
    (
        Role::Matter,
        "事项|类型|类别|分类|小类|大类|案由|性质|事件编码|问题",
        "type|category|complaint type|request type|service|matter|problem|sr type|event code|topic|class|kind",
    ),
    (
        Role::Area,
        "区划|行政区|区县|县区|街道|乡镇|镇街|社区|村|区域|属地|辖区|网格",
        "area|borough|district|region|ward|town|township|county|division|zone|area code|address code|neighborhood|precinct",
    ),
    (
        Role::Agency,
        "承办单位|主办单位|责任单位|处置单位|承办部门|处置部门|责任部门|办理单位|部门|单位|机构",
        "agency|department|dept|unit|owner|team|responsible|assigned|agency responsible|handler|division",
    ),
    (
        Role::Severity,
        "等级|级别|紧急|优先级|严重",
        "severity|priority|urgency|level",
    ),
    (
        Role::Title,
        "标题|主题|题目|摘要|事件名称|案件名称",
        "title|subject|summary|headline|caption",
    ),
    (
        Role::Description,
        "详情|内容|描述|说明|情况|正文|备注",
        "description|detail|details|content|text|body|message|narrative|comment|comments|note|notes|remark|remarks",
    ),
    (
        Role::Place,
        "地址|地点|位置|事发地",
        "address|street address|location|place|street|neighborhood|site|city",
    ),
    (Role::Longitude, "经度|x坐标|坐标x", "longitude|lng|lon|long|x"),
    (Role::Latitude, "纬度|y坐标|坐标y", "latitude|lat|y"),
    (
        Role::Personal,
        "姓名|联系人|联系方式|电话|手机|身份证|证件号|诉求人|举报人|投诉人|来电人|来电号码|报告人|上报人|留言用户|用户|昵称|\
         邮箱|当事人|申请人|经办人|网格员|微信",
        "name|reporter|caller|contact|phone|mobile|tel|telephone|email|e mail|mail|citizen|complainant|applicant|customer|\
         id card|idcard|ssn|passport|wechat|user|username|nickname|person",
    ),
];

/// What follows a person's word and makes it a category instead: the type of a caller names nobody.
const IMPERSONAL: &str =
    "type|method|channel|category|类型|类别|渠道|举报方式|上报方式|受理方式|来源方式|性别";
/// What is named where the header says `name`: a thing.
const THINGS: &str = "agency|department|dept|area|street|event|case|type|category|service|file|city|status|place|town|district|\
                      matter|unit";

/// A header cut into words.
#[derive(Clone, Debug)]
pub(super) struct Header {
    /// The last part of a pointer, or the column.
    text: String,
    words: Vec<String>,
    /// The words of the objects around it.
    outer: Vec<String>,
}

impl Header {
    pub(super) fn of(name: &str) -> Self {
        let tokens = crate::format::json::tokens(name);
        let (last, outer) = match tokens.split_last() {
            Some((last, outer)) => (last.clone(), outer),
            None => (name.to_owned(), &[][..]),
        };
        Self {
            words: words(&last),
            outer: outer.iter().flat_map(|token| words(token)).collect(),
            text: last.to_lowercase(),
        }
    }

    /// How well it fits; 0 if not at all.
    pub(super) fn score(&self, role: Role) -> u32 {
        let Some((_, zh, en)) = LEXICON.iter().find(|(it, ..)| *it == role) else {
            return 0;
        };
        let chinese = zh.split('|').filter(|part| self.text.contains(part)).map(|part| {
            let length = part.chars().count() as u32;
            6 * length + 5 * u32::from(self.text.ends_with(part))
        });
        let english = en.split('|').map(|phrase| self.english(phrase));
        chinese.chain(english).max().unwrap_or(0)
    }

    fn english(&self, phrase: &str) -> u32 {
        let parts: Vec<&str> = phrase.split(' ').collect();
        let holds = |words: &[String]| words.windows(parts.len()).position(|window| window == parts);
        let length = parts.len() as u32;
        match holds(&self.words) {
            Some(at) => {
                let (is_whole, is_last) = (
                    self.words.len() == parts.len(),
                    at + parts.len() == self.words.len(),
                );
                10 * length + 5 * u32::from(is_whole) + 3 * u32::from(is_last)
            }
            // the code of an event is an event code
            None if length > 1 && self.whole().ends_with(&parts) => 10 * length,
            None => 4 * u32::from(holds(&self.outer).is_some()),
        }
    }

    fn whole(&self) -> Vec<&str> {
        let words = self.outer.iter().chain(&self.words);
        words.map(String::as_str).collect()
    }

    /// Whether it names a person or a way to reach one.
    pub(super) fn is_personal(&self) -> bool {
        let is = |list: &str| {
            list.split('|')
                .any(|word| self.text.ends_with(word) || self.words.iter().any(|own| own == word))
        };
        if is(IMPERSONAL) {
            return false;
        }
        let only_name = self.words.iter().any(|word| word == "name");
        if only_name
            && (is(THINGS)
                || self
                    .outer
                    .iter()
                    .any(|outer| THINGS.split('|').any(|word| word == outer)))
        {
            return false;
        }
        self.text.ends_with(['人', '员']) || self.score(Role::Personal) > 0
    }

    pub(super) fn has_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| {
            self.text.contains(word) && (!word.is_ascii() || self.words.iter().any(|own| own == word))
        })
    }

    /// Whether times may stand below it.
    pub(super) fn speaks_of_time(&self) -> bool {
        const TIMES: [Role; 4] = [Role::ReportedAt, Role::ClosedAt, Role::DueAt, Role::UpdatedAt];
        self.numbers() == Numbers::MayBeTimes || TIMES.iter().any(|role| self.score(*role) > 0)
    }

    /// What numbers below it may be.
    pub(super) fn numbers(&self) -> Numbers {
        let english = [
            "time",
            "date",
            "at",
            "on",
            "timestamp",
            "ts",
            "created",
            "updated",
            "closed",
            "due",
        ];
        let says_time = ["时间", "日期", "时刻", "时限"]
            .iter()
            .any(|word| self.text.contains(word))
            || self.words.iter().any(|word| english.contains(&&**word));
        if says_time {
            Numbers::MayBeTimes
        } else {
            Numbers::AreNumbers
        }
    }
}

/// Words of `created_date`, `SRRecordID`, `reportTime`, `2010 Census`; Chinese stays in one piece.
fn words(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut words = vec![String::new()];
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let after = chars.get(at + 1);
        let starts = c.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || (before.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase))
            });
        if starts || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_cut_into_words() {
        for (text, expected) in [
            ("created_date", &["created", "date"][..]),
            ("SRRecordID", &["sr", "record", "id"]),
            ("reportTime", &["report", "time"]),
            ("2010 Census Wards", &["2010", "census", "wards"]),
            ("留言时间", &["留言时间"]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn persons_are_told_from_things() {
        for (name, expected) in [
            ("联系电话", true),
            ("caller", true),
            ("/reporter/name", true),
            ("/agency/name", false),
            ("reporter_type", false),
            ("agency_name", false),
            ("留言用户", true),
            ("来电人姓名", true),
            ("举报方式", false),
            ("联系方式", true),
            ("用户编码", true),
            ("MethodReceived", false),
            ("unique_key", false),
        ] {
            assert_eq!(Header::of(name).is_personal(), expected, "{name}");
        }
    }

    #[test]
    fn the_better_word_scores_more() {
        for (role, better, worse) in [
            (Role::Matter, "complaint_type", "location_type"),
            (Role::ClosedAt, "CloseDate", "CreatedDate"),
            (Role::UpdatedAt, "StatusDate", "DueDate"),
            (Role::Area, "borough", "city"),
            (Role::ReportedAt, "留言时间", "答复时间"),
            (Role::ReportedAt, "上报时间", "立案时间"),
            (Role::Place, "STREET_ADDRESS", "LOCATION"),
            (Role::ClosedAt, "答复时间", "留言时间"),
        ] {
            let score = |name| Header::of(name).score(role);
            assert!(score(better) > score(worse), "{role:?}: {better} {worse}");
        }
    }
}
