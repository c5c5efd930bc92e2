//! What the crates say in one language only: English meanings of the platforms' Chinese words, Chinese advice.

/// English meaning and Chinese advice of a platform's code. Empty where somebody forgot one; a test looks for that.
pub(super) fn of(platform: &str, code: &str) -> (&'static str, &'static str) {
    let table = match platform {
        "jinlaiban" => JINLAIBAN,
        "yichang" => YICHANG,
        "webank" => WEBANK,
        _ => CALLBACK,
    };
    table.iter().find(|row| row.0 == code).map_or(("", ""), |row| (row.1, row.2))
}

type Rows = &'static [(&'static str, &'static str, &'static str)];

const JINLAIBAN: Rows = &[
    ("200", "accepted", "无需处理"),
    ("300", "error over there", "稍等后重发同样的记录，平台按 `id` 识别重复；消息为 `签名错误` 时先查签名"),
    ("302", "no permission for this interface", "不要重发：请平台方为 appcode 和 modulecode 开通接口"),
];

const YICHANG: Rows = &[
    ("1", "success", "无需处理"),
    ("0 签名错误", "the signature is wrong", "核对 appId、appSecret、时钟，以及平台要求的摘要算法"),
    ("0", "refused", "原因见返回的消息；若仍不清楚，把 appId 和时间告知平台方"),
];

const WEBANK: Rows = &[
    ("60850000", "credentials granted", "无需处理"),
    ("60856999", "unknown error", "稍后重试；若持续出现，把时间和流水号告知银行"),
    ("60851001", "no such type of ticket", "只能申请 `sign` 或 `user` 类型"),
    ("60851002", "wrong access token", "重新获取 token，再获取 ticket；确保只有一处在获取"),
    ("60851003", "wrong ticket", "重新获取 ticket"),
    ("60851004", "access token expired", "重新获取 token，再获取 ticket"),
    ("60851005", "ticket expired", "重新获取 ticket"),
    ("60851007", "request not known", "与文档核对路径、参数和密钥"),
    ("60851009", "app id not known", "核对 app_id，以及是否已在该环境开通；重试无用"),
    ("60851010", "ticket not obtained", "稍后重试；若持续出现，联系银行"),
    ("60840000", "the gateway is content", "无需处理，业务结果见 `jsonData`"),
    ("60846999", "unknown error", "凭流水号向银行查询，这次调用的结果以银行答复为准"),
    (
        "60840002",
        "the request is not as the interface wants it",
        "app_id、version、nonce、sign 放在 URL，业务字段直接放在请求体",
    ),
    ("60840003", "the business system did not answer", "重发之前先向业务方确认是否已生效"),
    ("60840110", "path not opened", "与银行分配的路径核对"),
    ("60841017", "ticket not valid", "刷新一次 token 和 ticket 后重试；确保只有一处在获取"),
    (
        "60841018",
        "signature wrong",
        "刷新一次 token 和 ticket 后重试；若仍出现，核对待签名文本和请求体的字节",
    ),
];

const CALLBACK: Rows = &[
    ("0000", "done", "无需处理"),
    ("0001", "the body is not the documented JSON", "查看途中是否有代理改写或截断了请求体"),
    (
        "0002",
        "a member is missing, or the transName is not known",
        "为该 `transName` 配置处理程序；缺少字段则联系银行",
    ),
    ("0010", "the signature is wrong", "核对 salt；按收到的原始字节验证 `Plain`"),
    ("0012", "the time stamp lies outside the window", "与银行对时；查看是否有队列积压了请求"),
    ("0016", "TLS failed", "检查服务器证书及其证书链"),
    ("0099", "the handler failed", "查看业务应用的日志；银行会重试"),
    ("0103", "`Plain` does not decode to a JSON object", "联系银行；`Plain` 是表单编码的 JSON 对象"),
];

/// What to do about a reason of 兔展's evaluation, by its code.
pub(super) fn reason(code: &str) -> (&'static str, &'static str) {
    match code {
        "holds" => ("nothing to do", "无需处理"),
        "not-satisfied" => ("nothing, if the user's value is right", "若用户的值无误，则无需处理"),
        "missing-attribute" => (
            "see that the source knows this user, by `audid` as written, and this attribute",
            "确认属性来源中有该用户（`audid` 逐字相同）和该属性",
        ),
        "unreadable-attribute" => {
            ("correct the value in the source, or the condition's type", "修正属性来源中的值，或条件的类型")
        }
        "no-name" => ("give the condition an attribute's name", "为条件指定属性名"),
        "unknown-type" => ("use one of the seven documented types", "使用文档中的七种类型之一"),
        "unknown-operator" => ("use a documented operator", "使用文档中的运算符"),
        "operator-not-for-type" => {
            ("use an operator that the type knows (§4)", "改用该类型支持的运算符（§4）")
        }
        "empty-values" => ("configure a value", "为条件配置值"),
        "wrong-number-of-values" => {
            ("one number for an order operator, two for BETWEEN", "比较运算符配一个数，BETWEEN 配两个数")
        }
        "unreadable-values" => ("correct the configured value, or the type", "修正配置的值，或条件的类型"),
        "empty-range" => ("exchange the bounds", "交换上下限"),
        "attribute-without-content" => {
            ("nothing, if the user's value is right", "若用户的值无误，则无需处理")
        }
        "no-setting-id" => (
            "send `externalConfigId`, or `checkType` false",
            "发送 `externalConfigId`，或将 `checkType` 设为 false",
        ),
        "unknown-setting" => {
            ("save it again; let all instances share one store", "重新保存该配置；所有实例共用一个存储")
        }
        "unreadable-setting" => {
            ("save it again; see which version wrote it", "重新保存该配置；查看由哪个版本写入")
        }
        "unknown-combination" => ("use ALL or IN", "使用 ALL 或 IN"),
        "unreadable-external-values" => ("send a text or a list", "发送文本或列表"),
        "nothing-to-check" => ("save a condition, or send values", "保存至少一个条件，或发送配置值"),
        "no-saved-condition-holds" | "no-external-value-holds" => {
            ("see the entries of the trace, one by one", "逐条查看 trace 中的各项")
        }
        _ => ("", ""),
    }
}
