//! WeBank's file host, simulated: upload, download, upload with notice.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod wire;

use bytes::Bytes;
use platform_http::{BaseUrl, Body, Client, Config, Method, Request};
use platform_sandbox::{HashValue, Pattern, Sandbox, WebankOptions};
use serde_json::Value;
use sign_core::{Case, Hasher, Md5};
use wire::{NONCE, file_query, get, json, post, reason, sandbox, send, standing, text, ticket, webank_sign};

const MULTIPART: &str = "multipart/form-data; boundary=BOUNDARY";
const KIND: &str = "&fileType=001&fileFormat=png";
const UPLOAD: &str = "/api/s/up/upload";

fn part(name: &str, file_name: &str, content: &str) -> String {
    let file_name = if file_name.is_empty() { String::new() } else { format!("; filename=\"{file_name}\"") };
    format!("--BOUNDARY\r\nContent-Disposition: form-data; name=\"{name}\"{file_name}\r\n\r\n{content}\r\n")
}

fn form(parts: &[String]) -> String {
    parts.concat() + "--BOUNDARY--\r\n"
}

async fn upload(sandbox: &Sandbox, body: String) -> Value {
    let query = file_query(sandbox, &ticket(sandbox).await, "1.0.0", KIND);
    let reply = post(&sandbox.urls().webank_files, &format!("{UPLOAD}?{query}"), MULTIPART, body).await;
    assert_eq!(json(&reply)["code"], "60840000", "{}", reason(&reply));
    serde_json::from_str(json(&reply)["jsonData"].as_str().unwrap()).unwrap()
}

async fn download(sandbox: &Sandbox, id: &str, hash: &str, further: &str) -> platform_http::Response {
    let further = format!("&fileId={id}&hashValue={hash}{further}");
    let query = file_query(sandbox, &ticket(sandbox).await, "1.0.0", &further);
    get(&sandbox.urls().webank_files, &format!("/api/s/up/download?{query}")).await
}

#[tokio::test]
async fn a_file_goes_up_and_comes_down() {
    let sandbox = sandbox().await;
    let data = upload(&sandbox, form(&[part("file", "身份证 1.png", "内容\r\n--x")])).await;
    assert_eq!((&data["CODE"], &data["DESC"]), (&"60840000".into(), &"系统处理成功".into()));
    let file = &data["FILE_LIST"][0];
    let (id, hash) = (file["FILE_ID"].as_str().unwrap(), file["HASH_VALUE"].as_str().unwrap());
    assert_eq!(file["FILE_NAME"], "身份证 1.png");
    let md5 = Hasher::<Md5>::of("内容\r\n--x".as_bytes()).signature(Case::Lower);
    assert_eq!(hash, md5.as_str());
    assert_eq!(sandbox.webank().file(id).unwrap().length, 11);

    let reply = download(&sandbox, id, hash, "").await;
    assert_eq!((text(&reply).as_str(), reply.content_type.as_deref()), ("内容\r\n--x", Some("image/jpeg")));
    let reply = download(&sandbox, id, &hash.to_uppercase(), "&contentType=application/pdf").await;
    assert_eq!(reply.content_type.as_deref(), Some("application/pdf"));
    for (id, hash) in [("1", hash), (id, "00")] {
        let reply = download(&sandbox, id, hash, "").await;
        assert_eq!(json(&reply)["code"], "60840002");
        assert!(reply.content_type.unwrap().starts_with("application/json"));
    }
}

async fn check_upload(edit: impl FnOnce(String) -> String, media: &str, body: String, code: &str, why: &str) {
    let sandbox = sandbox().await;
    let query = edit(file_query(&sandbox, &ticket(&sandbox).await, "1.0.0", KIND));
    let reply = post(&sandbox.urls().webank_files, &format!("{UPLOAD}?{query}"), media, body).await;
    assert_eq!(json(&reply)["code"], code, "{}", reason(&reply));
    assert!(reason(&reply).contains(why), "{}", reason(&reply));
}

#[tokio::test]
async fn uploads_are_checked() {
    let good = || form(&[part("file", "a.png", "x")]);
    let same = |query| query;
    check_upload(|query| query.replace("=sign", "="), MULTIPART, good(), "60840002", "`type` is not").await;
    check_upload(|query| query.replace("1.0.0", "2.0.0"), MULTIPART, good(), "60840002", "`version` is not")
        .await;
    check_upload(|query| query.replace("&sign=", "&sign=0"), MULTIPART, good(), "60841018", "fits no").await;
    check_upload(|query| query.replace("001", "009"), MULTIPART, good(), "60840002", "fileType").await;
    check_upload(|query| query.replace("fileType", "filetype"), MULTIPART, good(), "60840002", "`filetype`")
        .await;
    check_upload(|query| query.replace("=png", "=.p/"), MULTIPART, good(), "60840002", "fileFormat").await;
    check_upload(same, "application/octet-stream", good(), "60840002", "content type").await;
    check_upload(same, MULTIPART, form(&[part("upload", "a", "x")]), "60840002", "another name").await;
    check_upload(same, MULTIPART, form(&[part("file", "", "x")]), "60840002", "no file name").await;
    check_upload(same, MULTIPART, form(&[]), "60840002", "no part `file`").await;
    check_upload(same, MULTIPART, part("file", "a", "x"), "60840002", "not a whole multipart").await;
    let coded = good().replace("filename=\"a.png\"", "filename=\"a.png\"; filename*=UTF-8''a.png");
    check_upload(same, MULTIPART, coded, "60840002", "raw UTF-8").await;
}

#[tokio::test]
async fn other_paths_and_methods_are_refused() {
    let sandbox = sandbox().await;
    let files = &sandbox.urls().webank_files;
    assert_eq!(json(&get(files, UPLOAD).await)["code"], "60840110");
    assert_eq!(json(&post(files, "/api/s/up/download", "", "").await)["code"], "60840110");
    assert_eq!(json(&post(files, "/up/s/x/upload", "", "").await)["code"], "60840110");
    assert_eq!(json(&post(files, "/api/s/yh/10002", "", "").await)["code"], "60840110");
}

#[tokio::test]
async fn a_notice_carries_one_file_as_json() {
    let sandbox = sandbox().await;
    let query = file_query(&sandbox, &ticket(&sandbox).await, "2.0.0", KIND);
    let url = format!("/up/s/loan/uploadJson?{query}");
    let body = r#"{"file":"5YaF5a65","fileName":"合同.pdf","bizContent":"{\"A\":1}"}"#;
    let reply = json(&post(&sandbox.urls().webank_files, &url, "application/json", body).await);
    let file = &reply["fileList"][0];
    assert_eq!((&reply["code"], &file["fileName"]), (&"60840000".into(), &"合同.pdf".into()));
    let kept = sandbox.webank().file(file["fileId"].as_str().unwrap()).unwrap();
    assert_eq!(kept.content().unwrap(), "内容");
    for (from, to, why) in [
        ("5YaF5a65", "5YaF5a6", "not base64"),
        ("合同.pdf", "", "`fileName` is empty"),
        ("fileName", "filename", "texts file"),
        ("1}\"", "1\"", "holds JSON"),
    ] {
        let reply =
            post(&sandbox.urls().webank_files, &url, "application/json", body.replace(from, to)).await;
        assert_eq!(json(&reply)["code"], "60840002");
        assert!(reason(&reply).contains(why), "{}", reason(&reply));
    }
}

#[tokio::test]
async fn a_notices_body_is_signed_only_where_that_is_configured() {
    let options = WebankOptions { upload_json_signed: true, ..WebankOptions::default() };
    let sandbox = Sandbox::builder().clock(standing()).webank(options).start().await.unwrap();
    let (ticket, app_id) = (ticket(&sandbox).await, &sandbox.access().webank.app_id);
    let body = r#"{"file":"","fileName":"a"}"#;
    let code = async |query: String| {
        let url = format!("/up/s/loan/uploadJson?{query}");
        json(&post(&sandbox.urls().webank_files, &url, "application/json", body).await)["code"].clone()
    };
    assert_eq!(code(file_query(&sandbox, &ticket, "2.0.0", KIND)).await, "60841018");
    let sign = webank_sign(&[app_id, "2.0.0", NONCE, "sign", body, &ticket]);
    let query = format!("app_id={app_id}&nonce={NONCE}&sign={sign}&version=2.0.0&type=sign{KIND}");
    assert_eq!(code(query).await, "60840000");
}

#[tokio::test]
async fn a_notice_carries_several_files_as_a_form() {
    let sandbox = sandbox().await;
    let query = file_query(&sandbox, &ticket(&sandbox).await, "2.0.0", KIND);
    let url = format!("/up/s/loan/uploadForm?{query}");
    let parts = [part("file", "a", "1"), part("bizContent", "", "{}"), part("file", "b", "2")];
    let reply = json(&post(&sandbox.urls().webank_files, &url, MULTIPART, form(&parts)).await);
    assert_eq!(
        (&reply["fileList"][0]["fileName"], &reply["fileList"][1]["fileName"]),
        (&"a".into(), &"b".into())
    );
    let bad = form(&[part("file", "a", "1"), part("bizContent", "", "{")]);
    assert_eq!(json(&post(&sandbox.urls().webank_files, &url, MULTIPART, bad).await)["code"], "60840002");
}

#[tokio::test]
async fn another_hash_is_no_md5_but_finds_the_file() {
    let options = WebankOptions { hash: HashValue::Other, ..WebankOptions::default() };
    let sandbox = Sandbox::builder().clock(standing()).webank(options).start().await.unwrap();
    let file = &upload(&sandbox, form(&[part("file", "a", "abc")])).await["FILE_LIST"][0];
    assert_eq!(file["HASH_VALUE"], "ba7816bf8f01cfea414140de5dae2223");
    let id = file["FILE_ID"].as_str().unwrap();
    assert_eq!(text(&download(&sandbox, id, "ba7816bf8f01cfea414140de5dae2223", "").await), "abc");
}

#[tokio::test]
async fn a_large_file_is_streamed_up_and_made_again_on_the_way_down() {
    const LENGTH: u64 = 17 * 1024 * 1024 + 5;
    let sandbox = sandbox().await;
    let query = file_query(&sandbox, &ticket(&sandbox).await, "1.0.0", KIND);
    let head = Bytes::from(part("file", "large.zip", "").trim_end_matches("\r\n").to_owned() + "\r\n\r\n");
    let tail = Bytes::from_static(b"\r\n--BOUNDARY--\r\n");
    let pieces = [head].into_iter().chain(Pattern::pieces(LENGTH)).chain([tail]).map(Ok);
    let body = Body::stream(futures_util::stream::iter(pieces), None);
    let config =
        Config::new(BaseUrl::parse(&sandbox.urls().webank_files).unwrap()).max_body(64 * 1024 * 1024);
    let client = Client::new(config).unwrap();
    let request = Request::new("test", "upload", Method::POST, UPLOAD).query(query).content_type(MULTIPART);
    let reply = json(&client.send(request.body(body)).await.unwrap());
    let data: Value = serde_json::from_str(reply["jsonData"].as_str().unwrap()).unwrap();
    let (id, hash) = (
        data["FILE_LIST"][0]["FILE_ID"].as_str().unwrap(),
        data["FILE_LIST"][0]["HASH_VALUE"].as_str().unwrap(),
    );
    let stored = sandbox.webank().file(id).unwrap();
    assert_eq!((stored.length, stored.content()), (LENGTH, None));
    assert_eq!(sandbox.webank().plant("same.zip", LENGTH).hash, hash);

    let query =
        file_query(&sandbox, &ticket(&sandbox).await, "1.0.0", &format!("&fileId={id}&hashValue={hash}"));
    let request = Request::new("test", "download", Method::GET, "/api/s/up/download").query(query);
    let mut reply = client.stream(request).await.unwrap();
    assert_eq!(reply.content_length, Some(LENGTH));
    let mut md5 = Hasher::<Md5>::new();
    while let Some(piece) = reply.chunk().await.unwrap() {
        md5.update(&piece);
    }
    assert_eq!(md5.finish().signature(Case::Lower).as_str(), hash);
}

#[tokio::test]
async fn a_file_that_was_not_kept_says_so() {
    let options = WebankOptions { keep_file: 2, ..WebankOptions::default() };
    let sandbox = Sandbox::builder().clock(standing()).webank(options).start().await.unwrap();
    let file = &upload(&sandbox, form(&[part("file", "a", "abc")])).await["FILE_LIST"][0];
    let reply =
        download(&sandbox, file["FILE_ID"].as_str().unwrap(), file["HASH_VALUE"].as_str().unwrap(), "").await;
    assert_eq!(json(&reply)["code"], "60846999");
    assert!(reason(&reply).contains("length and hash"), "{}", reason(&reply));
    let query = file_query(&sandbox, "x", "1.0.0", KIND);
    let reply =
        send(Method::POST, &sandbox.urls().webank_files, &format!("{UPLOAD}?{query}"), MULTIPART, "x").await;
    assert_eq!(json(&reply.unwrap())["code"], "60841018");
}
