// Golden vectors of the schemes whose platforms are written in Java: jinlaiban, webank, webank-callback.
//
// Run:     java -Dfile.encoding=UTF-8 SignVectors.java DIRECTORY     (Java 17 or later, nothing but the JDK;
//          before Java 18 the encoding of a source file is the machine's unless it is named)
// Writes:  DIRECTORY/{jinlaiban-java,webank-java,webank-callback-java}.jsonl
//
// The rules below are written from the protocol documents (each protocol crate's SPEC.md), not from the Rust code:
// two implementations that share no line must agree. Every run writes the same bytes: the seeds are fixed, no clock
// and no locale is asked, and java.util.Random's sequence is part of its specification.

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

import static java.nio.charset.StandardCharsets.UTF_8;

public final class SignVectors {
    public static void main(String[] args) throws IOException {
        if (args.length != 1) {
            System.err.println("usage: java SignVectors.java DIRECTORY");
            System.exit(2);
        }
        if ("中".length() != 1) {
            System.err.println("this source was not read as UTF-8: run java -Dfile.encoding=UTF-8 SignVectors.java DIRECTORY");
            System.exit(2);
        }
        Path directory = Path.of(args[0]);
        for (Suite suite : List.of(new Jinlaiban(), new WeBank(), new Callback())) {
            suite.cases();
            Files.writeString(directory.resolve(suite.scheme + "-java.jsonl"), suite.lines, UTF_8);
        }
    }

    // ---- the rules -------------------------------------------------------------------------------------------------

    record Signed(String text, String digest, String signature) {}

    /** The caller's mistake; the word goes into the vector's `error`. */
    static final class Refused extends Exception {
        Refused(String kind) {
            super(kind);
        }
    }

    static final Set<String> REQUIRED = Set.of("appcode", "modulecode", "timestamp", "nonce");

    /** jinlaiban SPEC.md §2 */
    static Signed jinlaiban(Map<String, ?> params, Object secret) throws Refused {
        String appsecret = secret(secret);
        List<String> pairs = new ArrayList<>();
        for (var param : params.entrySet()) {
            String name = param.getKey();
            if (name.equals("sign") || name.equals("data")) { // §2.1
                continue;
            }
            String value = textOrInteger(param.getValue());
            if (value == null || value.isEmpty()) { // §2.2
                if (REQUIRED.contains(name)) {
                    throw new Refused("empty-parameter");
                }
                continue;
            }
            pairs.add(name + "=" + value); // §2.3
        }
        Collections.sort(pairs); // String.compareTo: by UTF-16 code unit
        String text = String.join("&", pairs) + appsecret; // §2.4
        String digest = digest("MD5", text);
        return new Signed(text, digest, digest);
    }

    /** webank SPEC.md §3.1: the document's SignUtils.sign, line by line */
    static Signed webank(List<?> given, Object ticket) throws Refused {
        String signTicket = secret(ticket);
        List<String> values = new ArrayList<>();
        for (Object value : given) {
            values.add(textOrNull(value));
        }
        values.removeAll(Collections.singleton(null));
        values.add(signTicket);
        Collections.sort(values);
        StringBuilder text = new StringBuilder();
        for (String value : values) {
            text.append(value);
        }
        String digest = digest("SHA-1", text.toString());
        return new Signed(text.toString(), digest, upper(digest));
    }

    /** webank SPEC.md §5: Plain as it travels */
    static Signed callback(Object plain, Object salt, Object timestamp) throws Refused {
        String certSalt = secret(salt);
        if (!(plain instanceof String) || !(timestamp instanceof String)) {
            throw new Refused("unsupported-value");
        }
        String text = plain + certSalt + timestamp;
        String digest = digest("SHA-256", text);
        return new Signed(text, digest, digest);
    }

    static String secret(Object secret) throws Refused {
        if (secret == null || secret.equals("")) {
            throw new Refused("empty-secret");
        }
        return (String) secret;
    }

    static String textOrInteger(Object value) throws Refused {
        if (value instanceof Integer || value instanceof Long || value instanceof BigInteger) {
            return value.toString();
        }
        return textOrNull(value);
    }

    static String textOrNull(Object value) throws Refused {
        if (value != null && !(value instanceof String)) {
            throw new Refused("unsupported-value");
        }
        return (String) value;
    }

    static String digest(String algorithm, String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible); // every JDK has these three
        }
    }

    static String upper(String digest) {
        return digest.toUpperCase(Locale.ROOT);
    }

    static String form(String text) {
        return URLEncoder.encode(text, UTF_8);
    }

    // ---- the cases -------------------------------------------------------------------------------------------------

    /** Texts that have broken signers; each is used as a value and as a secret. */
    static final String[] ODD = {
        "a&b=c", "a=b", "100%", "%E4%B8%AD", "a+b", "a b", " around ", "line\nbreak", "cr\r\nlf", "tab\there",
        "quote\"s and 'quotes'", "back\\slash", "/path?x=1#y", "{\"a\":[1,null]}", "<b>&amp;</b>", "~!*'()-_.", "null",
        "0", "-1", "00", "true", "中文", "未认证用户", "ａ＝１＆ｂ", "é", "e\u0301", "ß İ ı", "مرحبا", "😀", "𠮷龥豈",
        "\uE000", "\uFFFD", "\uFEFFbom", "\u2028", "\u0000", "\u007F", "👩\u200D👩\u200D👧",
    };

    /** What random texts are made of: below and above `=`, Chinese, and both sides of the surrogates. */
    static final int[] POOL =
        "abcXYZ0189-_.~!*'()+%&=:;<>?@/ \"\\\n中文张三é～豈\uE000\uF8FF\uFFFD😀𠮷\uD83C\uDF89".codePoints().toArray();

    static String random(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.appendCodePoint(POOL[random.nextInt(POOL.length)]);
        }
        return text.toString();
    }

    /** Short texts that begin alike and part at a surrogate or behind it: where the two orders differ. */
    static String border(Random random) {
        String[] parts = {"", "a", "😀", "𠮷", "～", "豈", "\uE000", "\uFFFD", "\uD7FF", "中", "z", "0"};
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(4); i >= 0; i--) {
            text.append(parts[random.nextInt(parts.length)]);
        }
        return text.toString();
    }

    static String letters(Random random, int length) {
        String from = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(from.charAt(random.nextInt(from.length())));
        }
        return text.toString();
    }

    static String hex(Random random, int bytes) {
        byte[] some = new byte[bytes];
        random.nextBytes(some);
        return HexFormat.of().formatHex(some);
    }

    static String uuid(Random random) {
        return new UUID(random.nextLong() & ~0xF000L | 0x4000L, random.nextLong() >>> 2 | Long.MIN_VALUE).toString();
    }

    /** An invented person, as WeBank's bodies carry them. */
    static String person(Random random) {
        String[] names = {"张三", "李四", "欧阳娜娜", "𠮷田", "O'Neil \"Al\""};
        return json(map("REQUEST_TIME", "2019082916353" + random.nextInt(10), "USER_NAME", names[random.nextInt(names.length)],
            "ID_NO", "11010119000101" + (1000 + random.nextInt(9000)), "MOBILE", "1380000" + (1000 + random.nextInt(9000)),
            "AMT", new BigDecimal("121313.77"), "NOTE", random(random, random.nextInt(6))));
    }

    /** How two orders of the same texts compare: the reason why a case is there. */
    static boolean utf8Differs(List<String> texts) {
        List<String> utf16 = new ArrayList<>(texts);
        Collections.sort(utf16);
        List<String> utf8 = new ArrayList<>(texts);
        utf8.sort((a, b) -> Arrays.compareUnsigned(a.getBytes(UTF_8), b.getBytes(UTF_8)));
        return !utf16.equals(utf8);
    }

    /** A map that keeps its order and allows null. */
    static Map<String, Object> map(Object... namesAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            map.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return map;
    }

    /** The lines of one file. */
    abstract static class Suite {
        final String scheme;
        final StringBuilder lines = new StringBuilder();
        private int number;

        Suite(String scheme) {
            this.scheme = scheme;
        }

        abstract void cases();

        abstract Signed sign(Map<String, Object> input) throws Refused;

        /** The request that carries the signature, or null where the input is not a whole request. */
        abstract String request(Map<String, Object> input, Signed signed);

        void add(String note, Object... input) {
            Map<String, Object> asked = map("scheme", scheme);
            asked.putAll(map(input));
            Map<String, Object> line = map("id", String.format(Locale.ROOT, "%s-java-%04d", scheme, ++number), "scheme", scheme,
                "origin", "generators/java/SignVectors.java, OpenJDK 17", "note", note, "input", asked);
            try {
                Signed signed = sign(asked);
                line.putAll(map("text", signed.text, "digest", signed.digest, "signature", signed.signature));
                String request = request(asked, signed);
                if (request != null) {
                    line.put("request", request);
                }
            } catch (Refused refused) {
                line.put("error", refused.getMessage());
            }
            lines.append(json(line)).append('\n');
        }
    }

    static final class Jinlaiban extends Suite {
        static final String SECRET = "58b31d465652be856d7ed80977aa4ce4";

        Jinlaiban() {
            super("jinlaiban");
        }

        @Override
        @SuppressWarnings("unchecked")
        Signed sign(Map<String, Object> input) throws Refused {
            return jinlaiban((Map<String, ?>) input.get("params"), input.get("secret"));
        }

        /** SPEC.md §3: a whole push has the four required parameters and `data`, nothing else. */
        @Override
        String request(Map<String, Object> input, Signed signed) {
            Map<?, ?> params = (Map<?, ?>) input.get("params");
            if (params.size() != 5 || !params.keySet().containsAll(REQUIRED) || !(params.get("data") instanceof String)) {
                return null;
            }
            StringBuilder body = new StringBuilder();
            for (String name : List.of("appcode", "modulecode", "timestamp", "nonce")) {
                body.append(name).append('=').append(form(params.get(name).toString())).append('&');
            }
            return body + "sign=" + signed.signature + "&data=" + form(params.get("data").toString());
        }

        /** The four required parameters, then more (later ones replace earlier ones). */
        static Map<String, Object> with(Object... more) {
            Map<String, Object> params = map("appcode", "JLB0001", "modulecode", "M_2021", "timestamp", "1615978623", "nonce",
                "0b5c3a1e-8a53-4c5f-9d7e-2f7a4c1d9e10");
            params.putAll(map(more));
            return params;
        }

        void signs(String note, Map<String, Object> params) {
            add(note, "params", params, "secret", SECRET);
        }

        @Override
        void cases() {
            String record = "[{\"id\":\"1000\",\"user_phone\":\"137*****381\",\"user_name\":\"张三\",\"busi_item\":\"无房证明查询\"}]";
            signs("a push without its data", with());
            signs("a whole push: `data` travels and is not signed", with("data", record));
            signs("`data` differs, the signature does not", with("data", "[]"));
            signs("`sign` and `data` present and ignored", with("sign", "ffffffffffffffffffffffffffffffff", "data", record));
            signs("empty `sign` and `data` ignored", with("sign", "", "data", ""));
            signs("null `sign` and `data` ignored", with("sign", null, "data", null));
            signs("names are case-sensitive: `Sign`, `DATA` take part", with("Sign", "1", "DATA", "2"));
            signs("names are case-sensitive: an empty `AppCode` is an optional one", with("AppCode", ""));
            signs("names are case-sensitive: upper before lower", with("B", "1", "b", "2", "A", "3", "a", "4"));
            signs("names that only contain `sign` or `data` take part", with("signature", "s", "database", "d", "resign", "r"));
            signs("null optional dropped", with("remark", null));
            signs("empty optional dropped", with("remark", ""));
            signs("several null and empty optional dropped", with("a", null, "b", "", "c", "kept", "z", null));
            signs("a blank is not empty", with("remark", " "));
            signs("the text `0` is not empty", with("remark", "0"));
            signs("the text `null` is not null", with("remark", "null"));
            signs("JL-3: `k10=` sorts before `k1=`", with("k1", "v", "k10", "v"));
            signs("JL-3: `k1-=` before `k10=` before `k1=`", with("k1", "1", "k10", "1", "k1-", "1", "k1_", "1"));
            signs("JL-3: `<` is before `=`, `>` behind it", with("k", "v", "k<", "v", "k>", "v"));
            signs("JL-3: a name that continues a required one", with("nonce2", "x", "timestamp1", "y", "appcode.", "z"));
            signs("JL-3: three names, each a prefix of the next", with("a", "1", "a1", "2", "a11", "3"));
            signs("JL-3: Chinese names, prefix continued by a digit", with("键", "一", "键1", "二", "键键", "三"));
            signs("UTF-16 order: an astral name before a full-width one", with("～", "1", "😀", "2"));
            signs("UTF-16 order: private use behind astral", with("\uE000", "1", "𠮷", "2", "中", "3"));
            signs("UTF-16 order: same beginning, then astral or U+FFFD", with("k\uFFFD", "1", "k😀", "2", "k", "3"));
            signs("integer as a JSON number", with("timestamp", 1615978623L));
            signs("integer 0 is not empty", with("count", 0));
            signs("integer above 2^53", with("id", 9007199254740993L));
            signs("negative integer", with("delta", -42));
            signs("the least 64-bit integer", with("id", Long.MIN_VALUE));
            signs("the greatest unsigned 64-bit integer", with("id", new BigInteger("18446744073709551615")));
            signs("an integer that fits no machine word", with("id", new BigInteger("123456789012345678901234567890")));
            signs("a negative integer that fits no machine word", with("id", new BigInteger("-98765432109876543210")));
            signs("optional parameters only: the family's other endpoints have other names", map("uid", 1000, "token", "t"));
            signs("one parameter only", map("uid", "1000"));
            signs("a value that looks like another pair", map("a", "1&b=2", "c", "3"));
            signs("64 KiB in one value", with("remark", "晋a😀z".repeat(65536 / 9) + "0123456"));
            for (String odd : ODD) {
                signs("odd value " + printable(odd), with("remark", odd));
            }
            for (String odd : ODD) {
                add("odd secret " + printable(odd), "params", with("data", record), "secret", odd);
            }
            Random random = new Random(20210317);
            for (int i = 0; i < 60; i++) {
                randomCase(random, i % 3 == 0);
            }
            refusals();
        }

        private void randomCase(Random random, boolean push) {
            long stamp = 1548047628L + random.nextInt(200_000_000);
            List<Map.Entry<String, Object>> entries = new ArrayList<>(map("appcode", letters(random, 8), "modulecode",
                push ? random(random, 4) : letters(random, 6), "timestamp", random.nextBoolean() ? stamp : Long.toString(stamp),
                "nonce", uuid(random)).entrySet());
            if (push) {
                String user = random(random, 5);
                entries.add(Map.entry("data", json(List.of(map("id", letters(random, 6), "user_name", user)))));
            } else {
                String[] stems = {"k", "k1", "nonce", "k～", "k😀", border(random)};
                String[] tails = {"", "", "0", "1", "10", "-", "_", "\uE000", "𠮷", "A"};
                Map<String, Object> more = new LinkedHashMap<>();
                for (int n = 2 + random.nextInt(6); n > 0; n--) {
                    String name = stems[random.nextInt(stems.length)] + tails[random.nextInt(tails.length)];
                    Object value = switch (random.nextInt(8)) {
                        case 0 -> null;
                        case 1 -> "";
                        case 2 -> random.nextLong();
                        default -> random(random, random.nextInt(12));
                    };
                    if (!name.isEmpty() && !REQUIRED.contains(name)) {
                        more.put(name, value);
                    }
                }
                entries.addAll(more.entrySet());
            }
            Collections.shuffle(entries, random);
            Map<String, Object> params = new LinkedHashMap<>();
            entries.forEach(entry -> params.put(entry.getKey(), entry.getValue()));
            String secret = push ? hex(random, 16) : random(random, 16);
            add("random" + (push ? " push" : "") + orders(params), "params", params, "secret", secret);
        }

        /** Which wrong orders this case would catch. */
        private static String orders(Map<String, Object> params) {
            List<String> names = new ArrayList<>();
            List<String> pairs = new ArrayList<>();
            params.forEach((name, value) -> {
                if (value != null && !value.equals("") && !name.equals("data")) {
                    names.add(name);
                    pairs.add(name + "=" + value);
                }
            });
            Collections.sort(pairs);
            List<String> byName = new ArrayList<>(names);
            byName.sort(Comparator.naturalOrder());
            byName.replaceAll(name -> name + "=" + params.get(name));
            return (byName.equals(pairs) ? "" : "; JL-3: sorting names gives another order")
                + (utf8Differs(pairs) ? "; UTF-8 byte order differs" : "");
        }

        private void refusals() {
            add("empty secret", "params", with(), "secret", "");
            add("null secret", "params", with(), "secret", null);
            add("absent secret", "params", with());
            for (String name : List.of("appcode", "modulecode", "timestamp", "nonce")) {
                signs("required `" + name + "` empty", with(name, ""));
                signs("required `" + name + "` null", with(name, null));
            }
            signs("a fraction", with("amount", new BigDecimal("1.5")));
            signs("a fraction in a required parameter", with("timestamp", new BigDecimal("1615978623.5")));
            signs("a boolean", with("flag", true));
            signs("false is not empty", with("flag", false));
            signs("a nested object", with("more", map("a", "b")));
            signs("a nested list", with("more", List.of("a", "b")));
            signs("an empty list is not empty text", with("more", List.of()));
        }
    }

    static final class WeBank extends Suite {
        static final String APP_ID = "wxhiw5xt6q4qtmwcrn";
        static final String NONCE = "489c60c97daef599efd10cfda46860a1";
        static final String BODY = "{\"SERVICE_CODE\":\"10002\"}";
        static final String TICKET = "3f0a7c55d1b24e8e9a6f1c2d3e4b5a69788c9d0e1f2a3b4c5d6e7f8091a2b3c4";

        WeBank() {
            super("webank");
        }

        @Override
        Signed sign(Map<String, Object> input) throws Refused {
            return webank((List<?>) input.get("values"), input.get("ticket"));
        }

        /** SPEC.md §3: five values are a whole call, `app_id, version, nonce, type or null, body`. */
        @Override
        String request(Map<String, Object> input, Signed signed) {
            List<?> values = (List<?>) input.get("values");
            if (values.size() != 5 || values.get(0) == null || values.get(1) == null || values.get(2) == null) {
                return null;
            }
            String type = (String) values.get(3);
            return "app_id=" + form((String) values.get(0)) + "&nonce=" + form((String) values.get(2)) + "&sign=" + signed.signature
                + "&version=" + form((String) values.get(1)) + (type == null || type.isEmpty() ? "" : "&type=" + form(type));
        }

        void call(String note, String type, String body, String ticket) {
            add(note, "values", Arrays.asList(APP_ID, "2.0.0", NONCE, type, body), "ticket", ticket);
        }

        void list(String note, String ticket, Object... values) {
            add(note, "values", Arrays.asList(values), "ticket", ticket);
        }

        @Override
        void cases() {
            call("a call without type", null, BODY, TICKET);
            call("a call with type", "sign", BODY, TICKET);
            call("WB-6: an empty type signs like none", "", BODY, TICKET);
            call("the text `null` as type is text", "null", BODY, TICKET);
            call("the text `null` as body is text", null, "null", TICKET);
            call("no body", null, null, TICKET);
            call("empty body signs like none", null, "", TICKET);
            call("files: type sign, the content is not signed", "sign", null, TICKET);
            call("pretty-printed body, signed as it is", null, "{\n  \"SERVICE_CODE\" : \"10002\"\n}\n", TICKET);
            call("body with a byte order mark", null, "\uFEFF{}", TICKET);
            call("body in Chinese", null, "{\"姓名\":\"张三\"}", TICKET);
            call("body escapes stay as sent", null, "{\"a\":\"\\u5f20\\/\"}", TICKET);
            call("body is a list", null, "[1,2,3]", TICKET);
            call("ticket sorts first", null, BODY, "!ticket");
            call("ticket sorts in the middle", null, BODY, "9ticket");
            call("ticket sorts last", null, BODY, "~ticket");
            call("ticket equals the nonce", null, BODY, NONCE);
            call("ticket begins with the nonce", null, BODY, NONCE + "0");
            call("ticket is a prefix of the nonce", null, BODY, NONCE.substring(0, 8));
            call("ticket full-width, body astral: UTF-8 byte order differs", null, "😀", "～");
            call("ticket astral, body private use: UTF-8 byte order differs", null, "\uE000", "𠮷");
            list("file version", TICKET, APP_ID, "1.0.0", NONCE, "sign", null);
            list("one value", TICKET, "only");
            list("no value but nulls", TICKET, null, null);
            list("only empty texts", TICKET, "", "", null);
            list("nulls between values are removed", TICKET, null, "b", null, "a", null);
            list("duplicates stay", TICKET, "b", "a", "b", "a", "a");
            list("duplicate astral values", TICKET, "😀", "～", "😀", "～");
            list("prefixes: the shorter first", TICKET, "abc", "ab", "a", "abcd");
            list("digits sort as text", TICKET, "10", "9", "2.0.0", "010", "1e3", "1000");
            list("upper before lower", TICKET, "b", "B", "a", "A", "_", "~");
            list("UTF-16 order: astral before full-width", TICKET, "～", "😀", "z");
            list("UTF-16 order: U+D7FF, astral, U+E000, U+FFFD", TICKET, "\uFFFD", "\uE000", "😀", "\uD7FF", "z");
            list("UTF-16 order inside the text", TICKET, "a～", "a😀", "a");
            list("UTF-16 order: ideographs within and outside the first plane", TICKET, "𠮷", "龥", "豈");
            list("ticket between astral and private use", "\uE000", "\uFFFD", "😀", "中");
            call("64 KiB body", null, "{\"a\":\"" + "信a😀z".repeat(65536 / 9) + "\"}", TICKET);
            for (String odd : ODD) {
                call("odd body " + printable(odd), null, odd, TICKET);
            }
            for (String odd : ODD) {
                call("odd ticket " + printable(odd), "sign", BODY, odd);
            }
            Random random = new Random(20190829);
            for (int i = 0; i < 60; i++) {
                randomCase(random, i % 2 == 0);
            }
            refusals();
        }

        private void randomCase(Random random, boolean call) {
            List<String> values = new ArrayList<>();
            String ticket;
            if (call) {
                String type = random.nextInt(3) == 0 ? "sign" : null;
                values.addAll(Arrays.asList("wb" + letters(random, 16), "2.0.0", letters(random, 32), type, person(random)));
                ticket = hex(random, 32);
            } else {
                for (int n = 2 + random.nextInt(7); n > 0; n--) {
                    values.add(random.nextInt(6) == 0 ? null : border(random));
                }
                values.add(values.get(random.nextInt(values.size())));
                ticket = random(random, 1) + border(random);
            }
            List<String> all = new ArrayList<>(values);
            all.removeAll(Collections.singleton(null));
            all.add(ticket);
            String differs = utf8Differs(all) ? "; UTF-8 byte order differs" : "";
            String what = call ? "random call with an invented person" : "random values, one of them twice";
            add(what + differs, "values", values, "ticket", ticket);
        }

        private void refusals() {
            call("empty ticket", null, BODY, "");
            call("null ticket", null, BODY, null);
            add("absent ticket", "values", List.of(APP_ID, "2.0.0", NONCE, BODY));
            list("no value, empty ticket", "");
            list("a fraction", TICKET, APP_ID, new BigDecimal("1.5"));
            list("a boolean", TICKET, APP_ID, true);
            list("a nested object: a body is sent and signed as text", TICKET, APP_ID, map("SERVICE_CODE", "10002"));
            list("a nested list", TICKET, APP_ID, List.of("a"));
        }
    }

    static final class Callback extends Suite {
        static final String SALT = "c4ca4238a0b923820dcc509a6f75849b";
        static final String STAMP = "1519700632680";

        Callback() {
            super("webank-callback");
        }

        @Override
        Signed sign(Map<String, Object> input) throws Refused {
            return callback(input.get("plain"), input.get("salt"), input.get("timestamp"));
        }

        /** SPEC.md §5; transName and SeqNo are unsigned. A Plain that no bank would send makes no envelope. */
        @Override
        String request(Map<String, Object> input, Signed signed) {
            String plain = (String) input.get("plain");
            if (!plain.startsWith("%7B")) {
                return null;
            }
            return json(map("Plain", plain, "Signature", signed.signature, "Timestamp", input.get("timestamp"), "transName",
                "TLMerchantQuery", "SeqNo", input.get("timestamp") + "112122"));
        }

        void signs(String note, Object plain, Object salt, Object timestamp) {
            add(note, "plain", plain, "salt", salt, "timestamp", timestamp);
        }

        @Override
        void cases() {
            String query = form("{\"merchantno\":\"00000006\",\"product_cd\":\"230001\",\"req_nbr\":\"tbt001\"}");
            String done = form("{\"CODE\":\"0000\",\"DESC\":\"系统处理成功\"}");
            signs("the document's request; WB-4: its printed signature does not reproduce", query, SALT, STAMP);
            signs("WB-3: the answer's CODE is 0000", done, SALT, STAMP);
            signs("as printed in 5.5, damage included: `%78` for `%7B`", query.replaceFirst("%7B", "%78"), SALT, STAMP);
            signs("signed as received: lower-case escapes", query.replace("%7B", "%7b").replace("%2C", "%2c"), SALT, STAMP);
            signs("signed as received: `%20` is not `+`", form("{\"a\":\"b c\"}").replace("+", "%20"), SALT, STAMP);
            signs("space as `+`, plus as `%2B`", form("{\"a\":\"b c+d\"}"), SALT, STAMP);
            signs("kept: `*-_.`; escaped: `~!'()`", form("{\"a\":\"*-_.~!'()\"}"), SALT, STAMP);
            signs("not encoded at all", "{\"CODE\":\"0000\",\"DESC\":\"系统处理成功\"}", SALT, STAMP);
            signs("empty Plain", "", SALT, STAMP);
            signs("absent Timestamp signs as the empty text", done, SALT, "");
            signs("Timestamp is signed as text: leading zeros", done, SALT, "0001519700632680");
            signs("Timestamp is signed as text: spaces", done, SALT, " 1519700632680 ");
            signs("Timestamp is signed as text: not digits", done, SALT, "yesterday");
            signs("Timestamp in Chinese", done, SALT, "二〇一八年");
            String head = SALT.substring(0, 4);
            signs("no border is marked: Plain takes the salt's beginning", done + head, SALT.substring(4), STAMP);
            signs("no border is marked: the salt takes the Timestamp's beginning", done, SALT + "1519", "700632680");
            signs("one character of salt", done, "s", STAMP);
            signs("salt equals the Timestamp", done, STAMP, STAMP);
            signs("salt is contained in Plain", done, "CODE", STAMP);
            signs("nested objects and lists", form("{\"a\":[{\"b\":null},1.50,true],\"c\":{}}"), SALT, STAMP);
            signs("64 KiB Plain", form("{\"a\":\"" + "回a😀z".repeat(65536 / 24) + "\"}"), SALT, STAMP);
            for (String odd : ODD) {
                signs("odd business text " + printable(odd), form(json(map("NOTE", odd))), SALT, STAMP);
            }
            for (String odd : ODD) {
                signs("odd salt " + printable(odd), query, odd, STAMP);
            }
            for (String odd : ODD) {
                signs("odd Plain, not encoded: " + printable(odd), odd, SALT, STAMP);
            }
            Random random = new Random(20180227);
            for (int i = 0; i < 40; i++) {
                String salt = i % 2 == 0 ? letters(random, 32) : random(random, 24);
                String stamp = Long.toString(1519700632680L + random.nextInt());
                signs("random, with an invented person", form(person(random)), salt, stamp);
            }
            signs("empty salt", query, "", STAMP);
            signs("null salt", query, null, STAMP);
            add("absent salt", "plain", query, "timestamp", STAMP);
            signs("null Plain", null, SALT, STAMP);
            signs("Plain is a nested object", map("CODE", "0000"), SALT, STAMP);
            signs("Plain is a boolean", true, SALT, STAMP);
            signs("Timestamp is a fraction", query, SALT, new BigDecimal("1519700632.68"));
        }
    }

    // ---- JSON ------------------------------------------------------------------------------------------------------

    static String printable(String text) {
        return text.length() > 24 ? "…" : json(text);
    }

    static String json(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private static void write(Object value, StringBuilder out) {
        if (value instanceof CharSequence text) {
            quote(text, out);
        } else if (value instanceof Map<?, ?> map) {
            char before = '{';
            for (var member : map.entrySet()) {
                quote((String) member.getKey(), out.append(before));
                write(member.getValue(), out.append(':'));
                before = ',';
            }
            out.append(map.isEmpty() ? "{}" : "}");
        } else if (value instanceof List<?> list) {
            char before = '[';
            for (Object item : list) {
                write(item, out.append(before));
                before = ',';
            }
            out.append(list.isEmpty() ? "[]" : "]");
        } else {
            out.append(value); // null, booleans, numbers
        }
    }

    /** Escapes what a reader of the file could not see: controls, private use, line separators, byte order marks. */
    private static void quote(CharSequence text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    boolean unseen = c < ' ' || c >= 0x7F && c < 0xA0 || c >= 0x2000 && c < 0x2010 || c >= 0x2028 && c < 0x2030
                        || c >= 0xE000 && c < 0xF900 || c == 0xFEFF || c >= 0xFFF0;
                    out.append(unseen ? String.format(Locale.ROOT, "\\u%04x", (int) c) : String.valueOf(c));
                }
            }
        }
        out.append('"');
    }
}
