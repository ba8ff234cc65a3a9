//! Why something was quarantined and what to do about it, in words.

/// Chinese, English.
type Words = (&'static str, &'static str);

/// Of any service's quarantine: their reasons are words of one list.
pub fn words(reason: &str) -> Words {
    of_record(reason)
        .or_else(|| of_mapping(reason))
        .or_else(|| of_feedback(reason))
        .or_else(|| of_message(reason))
        .unwrap_or(("无法读取", "it cannot be read"))
}

/// What is wrong with the record itself.
fn of_record(reason: &str) -> Option<Words> {
    Some(match reason {
        "id_missing" => (
            "记录没有编号；补上编号后重放",
            "the record has no id; mend the mapping or the source, then replay",
        ),
        "same_as_invalid" => (
            "指明了另一记录，但编号或平台不确定：请平台更正，或补充映射",
            "it names another record, and not for certain which: have it mended, or complete the mapping",
        ),
        "id_invalid" => (
            "编号过长，含控制字符或损坏的字符，或在 JSON 中不是文字或数字",
            "the id is too long, holds control characters or broken ones, or is neither text nor number in JSON",
        ),
        "csv_quote" => (
            "CSV 引号未闭合；修正文件后重新导入该行",
            "a CSV quote is broken; mend the line and import it again",
        ),
        "csv_fields" => (
            "列数与表头不符；修正文件后重新导入该行",
            "the row has not as many fields as the header; mend the line and import it again",
        ),
        "json" | "not_json" => ("不是有效的 JSON", "it is not valid JSON"),
        "xml" => ("不是有效的 XML", "it is not well-formed XML"),
        "xml_doctype" => (
            "XML 声明了文档类型（可能含实体），不予读取；请让来源去掉 DOCTYPE 后重发",
            "the XML declares a document type, which may hold entities, and is not read; have it sent without DOCTYPE",
        ),
        "xml_depth" => ("XML 嵌套过深", "the XML is nested too deeply"),
        "not_protobuf" => ("不是有效的 protobuf 消息", "it is not a valid protobuf message"),
        "time_missing" => (
            "该行没有时间，无法排入流转记录；补充 at 后重放",
            "the row has no time, so it has no place in the log; mend at in the mapping or the source, then replay",
        ),
        "time_in_future" => (
            "该行的时间在将来；核对时区（time_zone）后重放",
            "the time of the row lies ahead; check time_zone, then replay",
        ),
        "record_too_long" => ("记录过长", "the record is too long"),
        "text_too_long" => ("文本过长", "a text is too long"),
        "closed_before_reported" => (
            "办结时间早于上报时间（按策略隔离）",
            "closed before it was reported (quarantined by policy)",
        ),
        _ => return None,
    })
}

/// Message and mapping do not fit.
fn of_mapping(reason: &str) -> Option<Words> {
    Some(match reason {
        "json_rows" => (
            "消息中没有 rows 所指的记录数组；修正映射后重放",
            "the message has no array of records where rows points; mend the mapping, then replay",
        ),
        "envelope" => (
            "不是映射所写的变更信封；修正映射的 envelope 后重放",
            "the message is not of the envelope that the mapping names; mend envelope, then replay",
        ),
        "op_unknown" => (
            "不认识的行变更类型；核对后丢弃，或请来源重发整条记录",
            "an operation on rows that is not known here; look at it, discard it or have the source send the records",
        ),
        "value_unavailable" => (
            "数据库没有发出未变的长文本；把表设为 REPLICA IDENTITY FULL，并请来源重发该行",
            "the database did not send a long text that had not changed; set REPLICA IDENTITY FULL and have the row sent again",
        ),
        "key_unmapped" => (
            "消息没有值（墓碑），而映射没有写 key；写上 key 后重放",
            "the message has no value (a tombstone) and the mapping names no key; say key, then replay",
        ),
        "mapping_unknown" => (
            "库中没有所指的映射",
            "the mapping that it names is not in the store",
        ),
        "mapping_columns" => (
            "映射所用的列不在表头中；修正映射后重放",
            "the mapping names columns that are not there; mend it, then replay",
        ),
        _ => return None,
    })
}

/// What an agency said cannot be led to a command.
fn of_feedback(reason: &str) -> Option<Words> {
    Some(match reason {
        "action_missing" | "action_unknown" => (
            "映射的 action 不认识该状态；补充 values 后重放",
            "the mapping's action does not know the status; add it to values, then replay",
        ),
        "clue_missing" | "clue_invalid" => (
            "反馈没有指明是哪条线索；修正映射的 clue 或来源后重放",
            "the feedback does not name its clue; mend clue in the mapping or the source, then replay",
        ),
        "agency_unknown" => (
            "映射或规则库不认识该执法单位；补充后重放",
            "the mapping or the rulebook does not know the agency; add it, then replay",
        ),
        "value_unknown" => (
            "该字段的值不能使用；补充 values 后重放",
            "the value of the field is not one that can be used; add it to values, then replay",
        ),
        "time_unreadable" => (
            "时间无法读取；修正映射的 time 后重放",
            "the time cannot be read; mend time in the mapping, then replay",
        ),
        _ => return None,
    })
}

/// What is wrong with a message of our own kinds, or with us.
fn of_message(reason: &str) -> Option<Words> {
    Some(match reason {
        "wrong_partition" => (
            "消息位于错误的分区；请按约定的分区发送，重放会改发到约定的分区",
            "the message is on the wrong partition; send it to the one that the contract gives, as a replay does",
        ),
        "raised_at_clue" => (
            "争议须对线索提出（raise_dispute），不能直接立案；请对线索提出",
            "a dispute is raised at its clue (raise_dispute), not opened by itself; raise it there",
        ),
        "field_missing" => ("缺少必填字段", "a mandatory field is missing"),
        "field_invalid" => ("字段无效", "a field is invalid"),
        "type_unknown" => ("未知的消息类型", "the type of the message is unknown"),
        "version_unknown" => (
            "未知的消息版本；请升级闭环",
            "the version of the message is unknown; upgrade bihuan",
        ),
        "clue_unknown" => (
            "没有所指的线索；线索到达后重放",
            "no clue has this number; replay it once the clue is there",
        ),
        "actor_not_agency" => ("操作者不是执法单位", "the actor is no agency"),
        "actor_not_sender" => ("该主题属于另一执法单位", "the topic belongs to another agency"),
        "command_not_allowed" => ("执法单位不得发送该命令", "agencies may not send this command"),
        "processing_failed" => (
            "处理失败；请查看日志，修复后重放",
            "processing failed; see the log, and replay it after the fix",
        ),
        _ => return None,
    })
}
