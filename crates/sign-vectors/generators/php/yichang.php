<?php
// Golden vectors of 宜昌's two digests: yichang-sha1 and yichang-md5.
//
// Run:     php yichang.php DIRECTORY          (PHP 8.2 or later, 64 bits; nothing but its core)
// Writes:  DIRECTORY/yichang-php.jsonl
//
// The rules below are written from the protocol document (crates/yichang/SPEC.md §2), not from the Rust code: two
// implementations that share no line must agree. Every run writes the same bytes: Mersenne Twister with a fixed seed,
// no clock, no ini setting asked.
declare(strict_types=1);

const FIVE = ['appId', 'deviceId', 'deviceType', 'nonceStr', 'timeStamp'];
const JSON = JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR;

// ---- the rules --------------------------------------------------------------------------------------------------

/** The caller's mistake; the word goes into the vector's `error`. */
final class Refused extends Exception
{
}

/** The text to sign, its digest, the signature and the URL query. */
function sign(string $algorithm, array $params, mixed $secret): array
{
    if ($secret === null || $secret === '') {
        throw new Refused('empty-secret');
    }
    $values = [];
    foreach (FIVE as $name) {
        if (!array_key_exists($name, $params)) {
            throw new Refused('missing-parameter'); // §2.3
        }
        $value = $params[$name];
        if ($value === null || $value === '') { // not empty(): "0" is a value
            throw new Refused('empty-parameter'); // §2.3
        }
        if (!is_string($value) && !is_int($value)) {
            throw new Refused('unsupported-value');
        }
        $values[$name] = (string) $value;
    }
    ksort($values, SORT_STRING); // §2.1
    $pairs = [];
    foreach ($values as $name => $value) {
        $pairs[] = $name . '=' . $value;
    }
    $text = implode('&', $pairs) . '&appSecret=' . $secret; // §2.2
    $digest = hash($algorithm, $text);
    $signature = strtoupper($digest); // §2.3
    return [
        'text' => $text,
        'digest' => $digest,
        'signature' => $signature,
        'request' => query($values + ['signature' => $signature]),
    ];
}

/**
 * §1, in the order of the document's sample URL. Null where encoders differ (PHP writes `*` as `%2A`, others keep it)
 * and where no server would read so long a URL.
 */
function query(array $values): ?string
{
    $all = implode('', $values);
    return str_contains($all, '*') || strlen($all) > 8192 ? null : http_build_query($values, '', '&', PHP_QUERY_RFC1738);
}

// ---- the lines --------------------------------------------------------------------------------------------------

/** An integer that PHP cannot hold; it stands in the line as its digits. */
final class Digits
{
    public function __construct(public readonly string $digits)
    {
    }
}

final class Suite
{
    public string $lines = '';
    private array $numbers = ['sha1' => 0, 'md5' => 0];

    /** One case for each digest. `$secret === false`: the member is absent. */
    public function both(string $note, array $params, mixed $secret): void
    {
        $this->one('sha1', $note, $params, $secret);
        $this->one('md5', $note, $params, $secret);
    }

    public function one(string $algorithm, string $note, array $params, mixed $secret): void
    {
        $scheme = "yichang-$algorithm";
        $input = '{"scheme":' . json_encode($scheme) . ',"params":' . object($params)
            . ($secret === false ? '' : ',"secret":' . json_encode($secret, JSON)) . '}';
        // What is signed is what the line says, read back as any reader would.
        $read = json_decode($input, true, 512, JSON_BIGINT_AS_STRING | JSON_THROW_ON_ERROR);
        try {
            $outcome = array_filter(sign($algorithm, $read['params'], $read['secret'] ?? null), fn ($stage) => $stage !== null);
        } catch (Refused $refused) {
            $outcome = ['error' => $refused->getMessage()];
        }
        $head = [
            'id' => sprintf('%s-php-%04d', $scheme, ++$this->numbers[$algorithm]),
            'scheme' => $scheme,
            'origin' => 'generators/php/yichang.php, PHP 8.2',
            'note' => $note,
        ];
        $this->lines .= rtrim(json_encode($head, JSON), '}') . ',"input":' . $input . ','
            . substr(json_encode($outcome, JSON), 1) . "\n";
    }
}

function object(array $params): string
{
    $members = [];
    foreach ($params as $name => $value) {
        $text = $value instanceof Digits ? $value->digits : json_encode($value, JSON);
        $members[] = json_encode((string) $name, JSON) . ':' . $text;
    }
    return '{' . implode(',', $members) . '}';
}

// ---- the cases --------------------------------------------------------------------------------------------------

/** Texts that have broken signers; each is used as a value and as a secret. */
const ODD = [
    'a&b=c', '&appSecret=x', 'a=b', '100%', '%E4%B8%AD', 'a+b', 'a b', ' around ', "line\nbreak", "cr\r\nlf", "tab\there",
    "quote\"s and 'quotes'", 'back\\slash', '$dollar {$brace}', '/path?x=1#y', '{"a":[1,null]}', '<b>&amp;</b>',
    "~!'()-_.", '*', 'null', 'false', '0', '0.0', '-1', '00', '1e3', '中文', '宜昌市', 'ａ＝１＆ｂ', 'é', "e\u{301}",
    'ß İ ı', 'مرحبا', '😀', '𠮷龥豈', "\u{E000}", "\u{FFFD}", "\u{FEFF}bom", "\u{2028}", "\0", "\x7F", "👩\u{200D}👧", '[]', 'k[]=v',
];
const SECRET = '8e85e612698296b4c522bfa7eb0b82a8';

/** The five, then more (later ones replace earlier ones). */
function five(array $more = []): array
{
    return array_merge([
        'appId' => 'RSJ00001',
        'deviceId' => '67D3D9A8-4D67-2444-71CE-66851AEDCFE1',
        'deviceType' => 'WEB',
        'nonceStr' => '6PQfHMIv',
        'timeStamp' => 1574251924,
    ], $more);
}

function without(string $name): array
{
    return array_diff_key(five(), [$name => true]);
}

function random_from(array $from, int $length): string
{
    $text = '';
    for ($i = 0; $i < $length; $i++) {
        $text .= $from[mt_rand(0, count($from) - 1)];
    }
    return $text;
}

function named_cases(Suite $suite): void
{
    $suite->both('YC-1: the time stamp as an integer', five(), SECRET);
    $suite->both('the time stamp as text', five(['timeStamp' => '1574251924']), SECRET);
    $suite->both('given in reverse order', array_reverse(five()), SECRET);
    $suite->both('other parameters take no part', five(['mobile' => '13800138000', 'url' => 'http://localhost/?a=b&c=d']), SECRET);
    $suite->both('other parameters, null and empty, take no part', five(['url' => null, 'mobile' => '', 'zero' => 0]), SECRET);
    $suite->both('names that sort before, between and behind take no part', ['A' => '1', 'deviceJ' => '2', 'zz' => '3'] + five(), SECRET);
    $suite->both('an earlier `signature` takes no part', five(['signature' => '6FF704C5DF1FB65BE046EC202BE353E0']), SECRET);
    $suite->both('a parameter `appSecret` takes no part: the secret is given beside', five(['appSecret' => 'not-this-one']), SECRET);
    $suite->both('names are case-sensitive: `appid`, `AppId` take no part', five(['appid' => 'x', 'AppId' => 'y']), SECRET);
    $suite->both('values are case-sensitive: `web`', five(['deviceType' => 'web']), SECRET);
    $suite->both('values are case-sensitive: lower-case device id', five(['deviceId' => '67d3d9a8-4d67-2444-71ce-66851aedcfe1']), SECRET);
    $suite->both('device id is an address', five(['deviceId' => '192.168.1.254']), SECRET);
    $suite->both('device id is an IPv6 address', five(['deviceId' => '2001:db8::1']), SECRET);
    $suite->both('shortest documented nonce', five(['nonceStr' => 'aB3dE6']), SECRET);
    $suite->both('longest documented nonce', five(['nonceStr' => 'aB3dE6gH9jK2mN5pQ8rS']), SECRET);
    $suite->both('nonce of digits only stays text', five(['nonceStr' => '00123456']), SECRET);
    $suite->both('integers for texts', five(['appId' => 1001, 'nonceStr' => 123456]), SECRET);
    $suite->both('integer 0 is not empty', five(['timeStamp' => 0]), SECRET);
    $suite->both('the text `0` is not empty', five(['appId' => '0']), SECRET);
    $suite->both('a blank is not empty', five(['appId' => ' ']), SECRET);
    $suite->both('negative integer', five(['timeStamp' => -1]), SECRET);
    $suite->both('integer above 2^53', five(['timeStamp' => 9007199254740993]), SECRET);
    $suite->both('the least 64-bit integer', five(['timeStamp' => PHP_INT_MIN]), SECRET);
    $suite->both('the greatest unsigned 64-bit integer', five(['timeStamp' => new Digits('18446744073709551615')]), SECRET);
    $suite->both('an integer that fits no machine word', five(['timeStamp' => new Digits('123456789012345678901234567890')]), SECRET);
    $suite->both('milliseconds', five(['timeStamp' => 1574251924123]), SECRET);
    $suite->both('all five alike', array_fill_keys(FIVE, 'x'), SECRET);
    $suite->both('the secret is also a value', five(['appId' => SECRET]), SECRET);
    $suite->both('64 KiB in one value', five(['deviceId' => str_repeat('宜a😀z', intdiv(65536, 9)) . '0123456']), SECRET);
    foreach (ODD as $odd) {
        $suite->both('odd value ' . json_encode($odd, JSON), five(['deviceId' => $odd]), SECRET);
    }
    foreach (ODD as $odd) {
        $suite->both('odd secret ' . json_encode($odd, JSON), five(), $odd);
    }
}

function random_cases(Suite $suite): void
{
    $alphanumeric = str_split('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789');
    $any = characters("abcXYZ0189-_.~!'()+%&=:;<>?@/ \"\\\n中文张三é～豈\u{E000}\u{F8FF}\u{FFFD}😀𠮷🎉*");
    mt_srand(20191120);
    foreach (['sha1', 'md5'] as $algorithm) {
        for ($i = 0; $i < 40; $i++) {
            $plain = $i % 2 === 0;
            $stamp = 1574251924 + mt_rand(0, 300000000);
            $members = [
                ['appId', $plain ? 'RSJ' . random_from($alphanumeric, 5) : random_from($any, mt_rand(1, 8))],
                ['deviceId', $plain ? '10.0.' . mt_rand(0, 255) . '.' . mt_rand(1, 254) : random_from($any, mt_rand(1, 20))],
                ['deviceType', $plain ? 'WEB' : random_from($any, mt_rand(1, 3))],
                ['nonceStr', random_from($alphanumeric, mt_rand(6, 20))],
                ['timeStamp', mt_rand(0, 1) === 1 ? $stamp : (string) $stamp],
                ['x' . random_from($any, 2), random_from($any, 4)],
            ];
            for ($n = count($members) - 1; $n > 0; $n--) { // Fisher–Yates: shuffle()'s own sequence is not promised
                $other = mt_rand(0, $n);
                [$members[$n], $members[$other]] = [$members[$other], $members[$n]];
            }
            $secret = $plain ? md5((string) mt_rand()) : random_from($any, mt_rand(1, 32));
            $suite->one($algorithm, $plain ? 'random login' : 'random texts', array_column($members, 1, 0), $secret);
        }
    }
}

/** mbstring is an extension that not every PHP has; PCRE is part of the core. */
function characters(string $text): array
{
    return preg_split('//u', $text, -1, PREG_SPLIT_NO_EMPTY);
}

function refusals(Suite $suite): void
{
    $suite->both('empty secret', five(), '');
    $suite->both('null secret', five(), null);
    $suite->both('absent secret', five(), false);
    foreach (FIVE as $name) {
        $suite->both("`$name` missing", without($name), SECRET);
        $suite->both("`$name` empty", five([$name => '']), SECRET);
        $suite->both("`$name` null", five([$name => null]), SECRET);
    }
    $suite->both('names are case-sensitive: `appid` is not `appId`', without('appId') + ['appid' => 'RSJ00001'], SECRET);
    $suite->both('no parameter at all', [], SECRET);
    $suite->both('a fraction', five(['timeStamp' => 1.5]), SECRET);
    $suite->both('true is not 1', five(['deviceType' => true]), SECRET);
    $suite->both('false is not empty text', five(['deviceType' => false]), SECRET);
    $suite->both('a nested object', five(['deviceId' => ['ip' => '10.0.0.1']]), SECRET);
    $suite->both('a nested list', five(['deviceId' => ['10.0.0.1']]), SECRET);
}

if ($argc !== 2) {
    fwrite(STDERR, "usage: php yichang.php DIRECTORY\n");
    exit(2);
}
$suite = new Suite();
named_cases($suite);
random_cases($suite);
refusals($suite);
if (file_put_contents($argv[1] . '/yichang-php.jsonl', $suite->lines) === false) {
    exit(1);
}
