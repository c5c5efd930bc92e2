//! Worked examples that platforms publish in their documents, each with its source. Secrets are the documents'.
#![allow(dead_code, reason = "each test uses its part")]

use sign_doctor::Example;

/// One published example.
pub(crate) struct Family {
    pub(crate) name: &'static str,
    /// Where it is printed.
    pub(crate) source: &'static str,
    pub(crate) json: &'static str,
    /// What the recipe says about the secret.
    pub(crate) secret: &'static str,
}

pub(crate) const FAMILIES: &[Family] = &[
    Family {
        name: "WeChat Pay v2, MD5",
        source: "pay.weixin.qq.com, API v2, 安全规范: 签名算法",
        json: r#"{"params":{"appid":"wxd930ea5d5a258f4f","mch_id":"10000100","device_info":"1000","body":"test",
            "nonce_str":"ibuaiVcKdpRxkhJA"},"secret":"192006250b4c09247ec02edce69f6a2d",
            "signature":"9A0A8659F005D6984697E2CA0A9CF3B7"}"#,
        secret: "`…&key=SECRET`",
    },
    Family {
        name: "WeChat Pay v2, HMAC-SHA256",
        source: "pay.weixin.qq.com, API v2, 安全规范: 签名算法",
        json: r#"{"params":{"appid":"wxd930ea5d5a258f4f","mch_id":"10000100","device_info":"1000","body":"test",
            "nonce_str":"ibuaiVcKdpRxkhJA"},"secret":"192006250b4c09247ec02edce69f6a2d",
            "signature":"6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6"}"#,
        secret: "`…&key=SECRET`; it is the key of the HMAC",
    },
    Family {
        name: "Taobao TOP, MD5",
        source: "open.taobao.com, API调用方法详解: 签名算法",
        json: r#"{"params":{"method":"taobao.item.seller.get","app_key":"12345678","session":"test",
            "timestamp":"2016-01-01 12:00:00","format":"json","v":"2.0","sign_method":"md5",
            "fields":"num_iid,title,nick,price,num","num_iid":"11223344"},"secret":"helloworld",
            "signature":"66987CB115214E59E6EC978214934FB8"}"#,
        secret: "at both ends as `SECRET…SECRET`",
    },
    Family {
        name: "WeChat JS-SDK, SHA-1",
        source: "developers.weixin.qq.com, JS-SDK说明文档, 附录1: JS-SDK使用权限签名算法",
        json: r#"{"params":{"noncestr":"Wm3WZYTPz0wzccnW","timestamp":1414587457,
            "url":"http://mp.weixin.qq.com?params=value"},
            "secret":"sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg",
            "signature":"0f9de62fce790f9a083d5c99e95740ceb90c27ed"}"#,
        secret: "`jsapi_ticket`",
    },
    Family {
        name: "Tencent AI open platform, MD5",
        source: "ai.qq.com, 接口鉴权",
        json: r#"{"params":{"app_id":"10000","time_stamp":"1493449657","nonce_str":"20e3408a79",
            "key1":"腾讯AI开放平台","key2":"示例仅供参考"},"secret":"a95eceb1ac8c24ee28b70f7dbba912bf",
            "signature":"BE918C28827E0783D1E5F8E6D7C37A61"}"#,
        secret: "`…&app_key=SECRET`",
    },
    Family {
        name: "Baidu Translate, MD5",
        source: "api.fanyi.baidu.com, 通用翻译API技术文档",
        json: r#"{"values":["2015063000000001","apple","1435660288"],"secret":"12345678",
            "signature":"f89f9594663708c1605f3d736d01d2d4"}"#,
        secret: "at the end as `…SECRET`",
    },
];

pub(crate) fn example(family: &Family) -> Example {
    Example::parse(family.json).unwrap_or_else(|error| panic!("{} ({}): {error}", family.name, family.source))
}
