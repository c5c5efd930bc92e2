//! What a `curl` command sends, without sending it.

use sign_core::form;

use super::call::{Body, Call};
use super::shell;
use crate::exit::Failure;

/// Short options that take a value.
const SHORT: &str = "ACDEFHKPQTUXYbcdemortuwxyz";

/// Long options that take a value, as curl 8 has them; all others are switches.
const LONG: &str = "abstract-unix-socket alt-svc aws-sigv4 cacert capath cert cert-type ciphers config \
    connect-timeout connect-to continue-at cookie cookie-jar create-file-mode crlfile curves data data-ascii \
    data-binary data-raw data-urlencode delegation dns-interface dns-ipv4-addr dns-ipv6-addr dns-servers doh-url \
    dump-header ech egd-file engine etag-compare etag-save expect100-timeout form form-string ftp-account \
    ftp-alternative-to-user ftp-method ftp-port ftp-ssl-ccc-mode happy-eyeballs-timeout-ms haproxy-clientip header \
    hostpubmd5 hostpubsha256 hsts interface ip-tos ipfs-gateway json keepalive-cnt keepalive-time key key-type krb \
    libcurl limit-rate local-port login-options mail-auth mail-from mail-rcpt max-filesize max-redirs max-time \
    netrc-file noproxy oauth2-bearer output output-dir parallel-max pass pinnedpubkey preproxy proto proto-default \
    proto-redir proxy proxy-cacert proxy-capath proxy-cert proxy-cert-type proxy-ciphers proxy-crlfile proxy-header \
    proxy-key proxy-key-type proxy-pass proxy-pinnedpubkey proxy-service-name proxy-tls13-ciphers proxy-tlsauthtype \
    proxy-tlspassword proxy-tlsuser proxy-user proxy1.0 pubkey quote random-file range rate referer request \
    request-target resolve retry retry-delay retry-max-time sasl-authzid service-name socks4 socks4a socks5 \
    socks5-gssapi-service socks5-hostname speed-limit speed-time stderr telnet-option tftp-blksize time-cond tls-max \
    tls13-ciphers tlsauthtype tlspassword tlsuser trace trace-ascii trace-config unix-socket upload-file url \
    url-query user user-agent variable vlan-priority write-out";

/// Reads the file of an `@FILE`, or stdin for `-`.
pub(super) type Files<'a> = &'a dyn Fn(&str) -> Result<String, Failure>;

/// Does a text look like a command of this kind?
pub(super) fn is_curl(text: &str) -> bool {
    let text = text.trim_start().trim_start_matches(['$', '#', '%', '>']).trim_start();
    let first = text.split_whitespace().find(|word| !is_assignment(word)).unwrap_or_default();
    is_program(first)
}

fn is_program(word: &str) -> bool {
    let name = word.rsplit(['/', '\\']).next().unwrap_or_default();
    (name == "curl" || name == "curl.exe") && !word.contains("://")
}

fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map_or("", |(name, _)| name);
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Reads a command.
pub(super) fn read(text: &str, files: Files<'_>) -> Result<Call, Failure> {
    let text = text.trim_start().trim_start_matches(['$', '#', '%', '>']);
    let read = shell::words(text).map_err(|error| Failure::usage(format!("the curl command: {error}")))?;
    if is_curl(&read.rest) {
        return Err(Failure::usage("the input holds more than one curl command: give one"));
    }
    let mut words = read.words.into_iter().skip_while(|word| !is_program(word));
    words.next();
    let mut command = Command::new(files);
    while let Some(word) = words.next() {
        if command.plain {
            command.url(word)?;
        } else if word == "--" {
            command.plain = true;
        } else if word == "--next" || word == "-:" {
            return Err(Failure::usage("the curl command makes several requests (--next): give one"));
        } else if let Some(name) = word.strip_prefix("--") {
            if LONG.split_ascii_whitespace().any(|known| known == name) {
                let value = words.next().ok_or_else(|| missing(&word))?;
                command.long(name, &value)?;
            } else {
                command.switch(name)?;
            }
        } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            command.letters(letters, &mut words)?;
        } else {
            command.url(word)?;
        }
    }
    command.call(read.cut_url)
}

fn missing(option: &str) -> Failure {
    Failure::usage(format!("the curl command: {option} has no value: is it cut off?"))
}

struct Command<'a> {
    files: Files<'a>,
    plain: bool,
    url: Option<String>,
    content_type: Option<String>,
    /// `-d` and its like; [`None`] until the first.
    data: Option<String>,
    json: bool,
    query: Vec<String>,
    parts: Vec<(String, Option<String>)>,
    upload: Option<String>,
    /// `-G`: the data go into the query.
    get: bool,
}

impl<'a> Command<'a> {
    const fn new(files: Files<'a>) -> Self {
        Self {
            files,
            plain: false,
            url: None,
            content_type: None,
            data: None,
            json: false,
            query: Vec::new(),
            parts: Vec::new(),
            upload: None,
            get: false,
        }
    }

    fn url(&mut self, url: String) -> Result<(), Failure> {
        if self.url.is_some() {
            return Err(Failure::usage(
                "the curl command has more than one URL: is a value with blanks without its quotes?",
            ));
        }
        self.url = Some(url);
        Ok(())
    }

    fn letters(&mut self, letters: &str, words: &mut impl Iterator<Item = String>) -> Result<(), Failure> {
        let mut rest = letters.chars();
        while let Some(letter) = rest.next() {
            if !SHORT.contains(letter) {
                self.switch(if letter == 'G' { "get" } else { "" })?;
                continue;
            }
            let value = match rest.as_str() {
                "" => words.next().ok_or_else(|| missing(&format!("-{letter}")))?,
                value => value.to_owned(),
            };
            let name = match letter {
                'd' => "data",
                'H' => "header",
                'F' => "form",
                'T' => "upload-file",
                'K' => "config",
                _ => "",
            };
            return self.long(name, &value);
        }
        Ok(())
    }

    fn switch(&mut self, name: &str) -> Result<(), Failure> {
        match name {
            "get" => self.get = true,
            // `--data=…` is no option that curl knows.
            name if name.contains('=') => {
                let name = name.split('=').next().unwrap_or_default();
                return Err(Failure::usage(format!(
                    "the curl command: curl does not know `--{name}=…`: put a blank between `--{name}` and its value"
                )));
            }
            _ => {}
        }
        Ok(())
    }

    fn long(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        match name {
            "url" => self.url(value.to_owned())?,
            "header" => self.header(value),
            "data" | "data-ascii" => {
                let text = match value.strip_prefix('@') {
                    // curl leaves line ends out of what it reads here.
                    Some(file) => (self.files)(file)?.replace(['\r', '\n', '\0'], ""),
                    None => value.to_owned(),
                };
                self.data('&', &text);
            }
            "data-raw" => self.data('&', value),
            "data-binary" | "json" => {
                let text = self.at_file(value)?;
                if name == "json" {
                    self.json = true;
                    self.data.get_or_insert_default().push_str(&text);
                } else {
                    self.data('&', &text);
                }
            }
            "data-urlencode" => {
                let text = self.encoded(value)?;
                self.data('&', &text);
            }
            "url-query" => {
                let text = match value.strip_prefix('+') {
                    Some(raw) => raw.to_owned(),
                    None => self.encoded(value)?,
                };
                self.query.push(text);
            }
            "form" | "form-string" => self.part(value, name == "form-string")?,
            "upload-file" => self.upload = Some((self.files)(value)?),
            "config" => {
                return Err(Failure::usage(
                    "the curl command takes its options from a file (-K): give the options themselves",
                ));
            }
            _ => {}
        }
        Ok(())
    }

    fn header(&mut self, header: &str) {
        let Some((name, value)) = header.split_once(':') else { return };
        let value = Some(value.trim().to_owned()).filter(|value| !value.is_empty());
        if name.trim().eq_ignore_ascii_case("content-type") {
            self.content_type = value;
        }
    }

    fn data(&mut self, between: char, text: &str) {
        match &mut self.data {
            Some(data) => {
                data.push(between);
                data.push_str(text);
            }
            None => self.data = Some(text.to_owned()),
        }
    }

    fn at_file(&self, value: &str) -> Result<String, Failure> {
        value.strip_prefix('@').map_or_else(|| Ok(value.to_owned()), |file| (self.files)(file))
    }

    /// `text`, `=text`, `name=text`, `@file`, `name@file`: the text is encoded, the name is not.
    fn encoded(&self, value: &str) -> Result<String, Failure> {
        let (name, text) = match value.find(['=', '@']).and_then(|at| value.split_at_checked(at)) {
            Some((name, rest)) => match rest.strip_prefix('@') {
                Some(file) => (name, (self.files)(file)?),
                None => (name, rest.strip_prefix('=').unwrap_or(rest).to_owned()),
            },
            None => ("", value.to_owned()),
        };
        let text = form::encode(&text);
        Ok(if name.is_empty() { text } else { format!("{name}={text}") })
    }

    /// A part of a multipart form; what is a file has no text here.
    fn part(&mut self, value: &str, literal: bool) -> Result<(), Failure> {
        let (name, content) = value.split_once('=').ok_or_else(|| {
            Failure::usage("the curl command: -F takes NAME=CONTENT, and one of them has no `=`")
        })?;
        let text = match content.chars().next() {
            Some('@') if !literal => None,
            Some('<') if !literal => {
                let file = content.get(1..).unwrap_or_default();
                Some((self.files)(file.split(';').next().unwrap_or_default())?)
            }
            _ if literal => Some(content.to_owned()),
            _ => {
                let text = content.split_once(";type=").map_or(content, |(text, _)| text);
                Some(text.trim_matches('"').to_owned())
            }
        };
        self.parts.push((name.to_owned(), text));
        Ok(())
    }

    fn call(mut self, cut_url: bool) -> Result<Call, Failure> {
        let url = self.url.take().ok_or_else(|| {
            Failure::usage("the curl command has no URL: is it cut off, or is a quote missing?")
        })?;
        let mut url = url.split('#').next().unwrap_or_default().to_owned();
        if self.get {
            self.query.extend(self.data.take());
        }
        for piece in &self.query {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(piece);
        }
        if self.json && self.content_type.is_none() {
            self.content_type = Some("application/json".to_owned());
        }
        let body = match (self.data, self.upload) {
            _ if !self.parts.is_empty() => Body::Parts(self.parts),
            (Some(data), _) => Body::Text(data),
            (None, Some(file)) => Body::Text(file),
            (None, None) => Body::Nothing,
        };
        Ok(Call { url, content_type: self.content_type, body, cut_url })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "x=1\ny=2\n";

    fn parse(command: &str) -> Call {
        read(command, &|name| match name {
            "d.data" => Ok(FILE.to_owned()),
            other => panic!("`{other}` is not asked for"),
        })
        .unwrap()
    }

    /// What curl 7.88.1 sends: the request's target, and its body.
    #[track_caller]
    fn check(arguments: &str, target: &str, body: Option<&str>) {
        let call = parse(&format!("curl {arguments}"));
        assert_eq!(call.url, format!("http://h{target}"));
        // Either case of an escape's letters is the same.
        let sent = body.map_or(Body::Nothing, |body| Body::Text(body.to_owned()));
        assert_eq!(call.body, sent);
    }

    #[test]
    fn what_curl_sends() {
        check(
            "-s 'http://h/p?z=1' -d 'a=1' -d b=2 --data-urlencode 'c=x y&z'",
            "/p?z=1",
            Some("a=1&b=2&c=x+y%26z"),
        );
        check(
            "-G 'http://h/p?z=1' -d a=1 --data-urlencode 'c=中 文'",
            "/p?z=1&a=1&c=%E4%B8%AD+%E6%96%87",
            None,
        );
        check("http://h/p -d @d.data -d k=v", "/p", Some("x=1y=2&k=v"));
        check("http://h/p --data-binary @d.data", "/p", Some(FILE));
        check("http://h/p --data-urlencode n@d.data", "/p", Some("n=x%3D1%0Ay%3D2%0A"));
        check(
            "http://h/p --data-urlencode =a=b --data-urlencode 'plain text'",
            "/p",
            Some("a%3Db&plain+text"),
        );
        check("http://h/p --json '{\"a\":1' --json ',\"b\":2}'", "/p", Some("{\"a\":1,\"b\":2}"));
        check(
            "'http://h/p?a=1#frag' --url-query 'q=1 2' --url-query '+raw=%20'",
            "/p?a=1&q=1+2&raw=%20",
            None,
        );
        check("-XPUT http://h/p -T d.data", "/p", Some(FILE));
        check("-sd'a=1&b=%20' http://h/p --data-raw '@x'", "/p", Some("a=1&b=%20&@x"));
        check("-sGd a=1 http://h/p", "/p?a=1", None);
        check(
            "-u me:pw -x http://proxy:1 -o out --max-time 3 -w '%{http_code}' --url http://h/p",
            "/p",
            None,
        );
        check("-d a=1 -- http://h/p", "/p", Some("a=1"));
    }

    #[test]
    fn parts_of_a_multipart_form() {
        let call = parse(
            "curl http://h/p -F 'a=1;type=text/plain' -F 'b=\"q;x\"' -F 'c=<d.data' -F 'e=@d.data' --form-string f=@x",
        );
        let part = |name: &str, text: Option<&str>| (name.to_owned(), text.map(str::to_owned));
        let expected = [
            part("a", Some("1")),
            part("b", Some("q;x")),
            part("c", Some(FILE)),
            part("e", None),
            part("f", Some("@x")),
        ];
        assert_eq!(call.body, Body::Parts(expected.to_vec()));
    }

    #[test]
    fn headers_say_what_a_body_is() {
        let content_type = |arguments: &str| parse(&format!("curl http://h/ {arguments}")).content_type;
        assert_eq!(content_type("-H 'content-type:  text/json '").as_deref(), Some("text/json"));
        assert_eq!(content_type("--json {}").as_deref(), Some("application/json"));
        assert_eq!(content_type("--json {} -H 'Content-Type: x/y'").as_deref(), Some("x/y"));
        assert_eq!(content_type("-H 'Accept: */*' -H 'Content-Type;'"), None);
    }

    #[test]
    fn what_is_a_curl_command() {
        for text in ["curl x", " $ curl x", "/usr/bin/curl x", "A=1 B='' curl x", "curl.exe x", "curl"] {
            assert!(is_curl(text), "{text}");
        }
        for text in ["", "curly x", "http://curl", "echo curl", "{}", "a=1&b=2"] {
            assert!(!is_curl(text), "{text}");
        }
    }
}
