//! `sign --batch`: JSON lines in, one JSON line out for each.

use std::io::{self, Write};

use super::line::sign_line;
use crate::{exit::Exit, lines::MAX_LINE};

/// Signs a line, or says why not.
pub(super) fn answer(number: u64, line: &[u8], out: &mut dyn Write) -> io::Result<Exit> {
    let signed =
        if line.len() > MAX_LINE { Err(format!("longer than {MAX_LINE} bytes")) } else { sign_line(line) };
    match signed {
        // Hexadecimal needs no escaping.
        Ok(signature) => {
            writeln!(out, "{{\"signature\":\"{signature}\"}}")?;
            Ok(Exit::Done)
        }
        Err(reason) => {
            let error = serde_json::json!({ "error": format!("line {number}: {reason}") });
            writeln!(out, "{error}")?;
            Ok(Exit::Failed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::answers;

    #[track_caller]
    fn check(input: &str, expected: &str, exit: Exit) {
        assert_eq!(answers(input, answer), (expected.to_owned(), exit));
    }

    #[test]
    fn one_line_out_for_each_line_in() {
        check("\n \r\n\t\n", "", Exit::Done);
        let good = r#"{"scheme":"webank","values":["a","b",null],"ticket":"t"}"#;
        let signature = "{\"signature\":\"8F890318CDB4079B0AC999F477EA8807FFD0FDBD\"}\n";
        check(&format!("{good}\r\n\n{good}"), &signature.repeat(2), Exit::Done);
        let long = format!("{good}{}\n{good}", " ".repeat(MAX_LINE));
        check(
            &long,
            &format!("{{\"error\":\"line 1: longer than {MAX_LINE} bytes\"}}\n{signature}"),
            Exit::Failed,
        );
        let broken = format!("{good}\n\nno\n{good}\n");
        let expected = format!("{signature}{{\"error\":\"line 3: not a JSON object\"}}\n{signature}");
        check(&broken, &expected, Exit::Failed);
    }
}
