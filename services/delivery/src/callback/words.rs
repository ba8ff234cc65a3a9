//! Why a callback was not taken, in words.

/// Chinese and English for a reason code.
pub fn words(reason: &str) -> (&'static str, &'static str) {
    match reason {
        "address_refused" => (
            "地址不是公网地址，配置也未允许（delivery.allow_private）",
            "the address is not a public one, and the configuration does not allow it (delivery.allow_private)",
        ),
        "url" => ("地址无效", "no valid address"),
        "erased" => (
            "内容已被清除，不再发送",
            "its content was erased: it is not sent again",
        ),
        "connect" => ("无法连接接收方", "the receiver cannot be reached"),
        "timeout" => ("接收方没有及时应答", "the receiver did not answer in time"),
        "answer_broken" => ("应答中途断开", "the answer broke off"),
        "answer_too_long" => ("应答超过 64 KiB", "the answer is longer than 64 KiB"),
        "redirect" => (
            "接收方要求转到别的地址，不会跟随：请改映射里的地址",
            "the receiver redirects, which is not followed: mend the address in the mapping",
        ),
        "gone" => (
            "接收方已停用此地址（410）",
            "the receiver has given this address up (410)",
        ),
        "refused_by_receiver" => (
            "应答里没有映射的 success 所要的值",
            "the answer does not hold what the mapping's success asks for",
        ),
        "secret_missing" => (
            "读不到密钥：检查映射所指的环境变量或文件",
            "the secret cannot be read: look at the variable or file that the mapping names",
        ),
        "not_configured" => (
            "此来源的映射不再有这个环节的回传",
            "the mapping of the source has no callback for this step any more",
        ),
        "files_not_configured" => (
            "没有配置写文件的目录（delivery.callback_files）",
            "no folder for files is configured (delivery.callback_files)",
        ),
        "topic" => ("无法写入主题", "the topic cannot be written"),
        "topic_refused" => (
            "主题不收这条消息：过大，或没有它的分区",
            "the topic does not take the message: it is too large, or its partition is not there",
        ),
        "echoed" => (
            "来源自己的记录已是此状态，视为送达",
            "the source's own record says so, which is its receipt",
        ),
        "file" => ("无法写入文件", "the file cannot be written"),
        other if other.starts_with("status_") => (
            "接收方应答了错误状态",
            "the receiver answered with an error status",
        ),
        _ => ("未知原因", "for an unknown reason"),
    }
}
