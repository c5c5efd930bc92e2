//! Runs printed code. Requests go in as lines of hexadecimal words, signatures come out, one a line.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use sign_doctor::{Language, Recipe};

use crate::recipes::Run;

const PYTHON: &str = r#"

import sys
for line in sys.stdin:
    secret, *words = line.split(" ")
    read = lambda word: bytes.fromhex(word.strip()).decode("utf-8")
    pairs = [word.strip().split("=") for word in words]
    values = [(read(pair[0]), read(pair[1]) if len(pair) > 1 else None) for pair in pairs]
    signed = lambda values: sign([value for _, value in values] if BARE else dict(values), read(secret))
    number = lambda text: int(text) if text and len(text) < 20 and text.isascii() and text.isdecimal() else text
    numbers = [(name, number(value) if str(number(value)) == value else value) for name, value in values]
    assert signed(numbers) == signed(values), numbers
    print(signed(values))
"#;

const PHP: &str = r#"
while (($line = fgets(STDIN)) !== false) {
    $words = explode(" ", rtrim($line, "\n"));
    $secret = hex2bin(array_shift($words));
    $params = [];
    foreach ($words as $word) {
        $pair = explode("=", $word);
        $value = count($pair) > 1 ? hex2bin($pair[1]) : null;
        if (BARE) { $params[] = $value; } else { $params[hex2bin($pair[0])] = $value; }
    }
    echo sign($params, $secret), "\n";
}
"#;

const JAVASCRIPT: &str = r#"
const read = (word) => Buffer.from(word, "hex").toString();
for (const line of require("fs").readFileSync(0, "utf8").split("\n")) {
  if (line === "") continue;
  const [secret, ...words] = line.split(" ");
  const pairs = words.map((word) => word.split("="));
  const values = pairs.map((pair) => [read(pair[0]), pair.length > 1 ? read(pair[1]) : null]);
  console.log(sign(BARE ? values.map((pair) => pair[1]) : Object.fromEntries(values), read(secret)));
}
"#;

const JAVA: &str = r#"
    static String read(String word) {
        byte[] bytes = new byte[word.length() / 2];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) Integer.parseInt(word.substring(2 * i, 2 * i + 2), 16);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    public static void main(String[] arguments) throws Exception {
        java.io.BufferedReader in = new java.io.BufferedReader(new java.io.InputStreamReader(System.in));
        for (String line; (line = in.readLine()) != null; ) {
            String[] words = line.split(" ");
            Map<String, String> params = new LinkedHashMap<>();
            List<String> values = new ArrayList<>();
            for (int i = 1; i < words.length; i++) {
                String[] pair = words[i].split("=", -1);
                String value = pair.length > 1 ? read(pair[1]) : null;
                params.put(read(pair[0]), value);
                values.add(value);
            }
            System.out.println(sign(INPUT, read(words[0])));
        }
    }
}
"#;

const GO: &str = r#"
func main() {
	in := bufio.NewReader(os.Stdin)
	read := func(word string) string {
		bytes, _ := hexdriver.DecodeString(word)
		return string(bytes)
	}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		words := strings.Split(strings.TrimRight(line, "\n"), " ")
		var params []Param
		for _, word := range words[1:] {
			pair := strings.Split(word, "=")
			it := Param{Name: read(pair[0])}
			if len(pair) > 1 {
				value := read(pair[1])
				it.Value = &value
			}
			params = append(params, it)
		}
		fmt.Println(Sign(params, read(words[0])))
	}
}
"#;

/// What has to be installed.
pub(crate) const fn tool(language: Language) -> &'static str {
    match language {
        Language::Java => "needs java",
        Language::Python => "needs python3",
        Language::Php => "needs php",
        Language::Go => "needs go",
        Language::JavaScript => "needs node",
        _ => "",
    }
}

const fn program(language: Language) -> (&'static str, &'static [&'static str], &'static str) {
    match language {
        Language::Java => ("java", &["-Xshare:auto", "-XX:TieredStopAtLevel=1"], "Signer.java"),
        Language::Python => ("python3", &[], "signer.py"),
        Language::Php => ("php", &[], "signer.php"),
        Language::Go => ("go", &["run"], "signer.go"),
        _ => ("node", &[], "signer.js"),
    }
}

pub(crate) fn is_installed(language: Language) -> bool {
    let version = if language == Language::Go { "version" } else { "--version" };
    let mut command = Command::new(program(language).0);
    command.arg(version).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn driven(language: Language, recipe: &Recipe) -> Option<String> {
    let code = recipe.code(language).ok()?;
    let bare = recipe.signs_bare_values();
    Some(match language {
        Language::Python => code + &PYTHON.replace("BARE", if bare { "True" } else { "False" }),
        Language::Php => code + &PHP.replace("BARE", if bare { "true" } else { "false" }),
        Language::JavaScript => code + &JAVASCRIPT.replace("BARE", if bare { "true" } else { "false" }),
        Language::Java => {
            let open = code.trim_end().strip_suffix('}').unwrap();
            open.to_owned() + &JAVA.replace("INPUT", if bare { "values" } else { "params" })
        }
        _ => {
            let more = "import (\n\t\"bufio\"\n\thexdriver \"encoding/hex\"\n\t\"fmt\"\n\t\"os\"\n";
            code.replacen("import (\n", more, 1) + GO
        }
    })
}

/// Prints a recipe, runs it on all of its requests, and compares.
pub(crate) fn check(language: Language, recipe: &Recipe, runs: &[Run]) {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let Some(code) = driven(language, recipe) else {
        // A language that lacks a step says so; this is the one step that is lacking here.
        let error = recipe.code(language).unwrap_err();
        assert_eq!(error.step, "GBK", "{error}");
        return;
    };
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let folder: PathBuf =
        std::env::temp_dir().join(format!("sign-doctor-printed-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (name, arguments, file) = program(language);
    std::fs::write(folder.join(file), &code).unwrap();
    let mut input = String::new();
    for run in runs {
        write!(input, "{}", hex(&run.secret)).unwrap();
        for parameter in run.request.parameters() {
            write!(input, " {}", hex(&parameter.name)).unwrap();
            if let Some(text) = parameter.value.text() {
                write!(input, "={}", hex(text)).unwrap();
            }
        }
        input.push('\n');
    }
    let mut command = Command::new(name);
    command.args(arguments).arg(file).current_dir(&folder);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let feeder = std::thread::spawn(move || {
        // A program that fails closes its end; what it says follows below.
        let _ = stdin.write_all(input.as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    let _ = std::fs::remove_dir_all(&folder);
    assert!(output.status.success(), "{}\n{code}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let got: Vec<_> = said.lines().collect();
    let want: Vec<_> = runs.iter().map(|run| run.signature.as_str()).collect();
    for (at, run) in runs.iter().enumerate() {
        assert_eq!(got.get(at).copied(), Some(want[at]), "{language}, {:?}\n{code}", run.request);
    }
    assert_eq!(got.len(), want.len());
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").unwrap();
        out
    })
}
