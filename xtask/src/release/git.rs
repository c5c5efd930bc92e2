//! What git says about the repository, and the commit and the tag of a release.

use super::version::Version;
use crate::command::program;

/// The files that differ from the last commit, or that git does not know.
pub(super) fn changes() -> Result<Vec<String>, String> {
    let said = git(&["status", "--porcelain"])?;
    Ok(said.lines().map(str::to_owned).collect())
}

/// The versions that have a tag: all, and those of the commit that is checked out.
pub(super) fn tags() -> Result<(Vec<Version>, Vec<Version>), String> {
    let versions = |said: String| said.lines().filter_map(Version::of_tag).collect();
    Ok((versions(git(&["tag", "--list", "v*"])?), versions(git(&["tag", "--points-at", "HEAD"])?)))
}

/// The commit that is checked out.
pub(super) fn head() -> Result<String, String> {
    git(&["rev-parse", "HEAD"]).map(|said| said.trim().to_owned())
}

/// Is there such a file in the commit of a tag?
pub(super) fn had(tag: &str, path: &str) -> bool {
    git(&["cat-file", "-e", &format!("{tag}:{path}")]).is_ok()
}

/// Commits some files, and nothing else.
pub(super) fn commit(version: Version, files: &[&str]) -> Result<(), String> {
    let message = format!("Release {version}");
    git(&[&["commit", "--quiet", "--message", &message, "--"], files].concat()).map(|_| ())
}

/// Tags the commit that is checked out.
pub(super) fn tag(version: Version) -> Result<(), String> {
    git(&["tag", "--annotate", &version.tag(), "--message", &format!("Release {version}")]).map(|_| ())
}

/// Today, where the committer is: `2026-01-31`. Git's own clock, as it would stand in the commit.
pub(crate) fn today() -> Result<String, String> {
    let committer = git(&["var", "GIT_COMMITTER_IDENT"])?;
    day(&committer).ok_or_else(|| format!("git does not say what day it is: `{}`", committer.trim()))
}

/// The day in `Name <mail> 1767225600 +0800`.
fn day(committer: &str) -> Option<String> {
    let mut words = committer.split_whitespace().rev();
    let (zone, seconds) = (words.next()?, words.next()?.parse::<i64>().ok()?);
    let (hours, minutes) = zone.split_at_checked(3)?;
    let (hours, minutes) = (hours.parse::<i64>().ok()?, minutes.parse::<i64>().ok()?);
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let local = seconds + hours * 3600 + sign * minutes * 60;
    // The days since 1970 in the calendar of 400 years, which begin in March.
    let days = local.div_euclid(86_400) + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    Some(format!("{:04}-{month:02}-{day:02}", era * 400 + year + next))
}

fn git(args: &[&str]) -> Result<String, String> {
    program("git", args).output()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(committer: &str, expected: Option<&str>) {
        assert_eq!(day(committer).as_deref(), expected);
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        check("A B <a@b> 0 +0000", Some("1970-01-01"));
        check("A B <a@b> 1767225599 +0000", Some("2025-12-31"));
        check("A B <a@b> 1767225599 +0800", Some("2026-01-01"));
        check("A B <a@b> 1767225600 -0030", Some("2025-12-31"));
        check("A B <a@b> 1709164800 +0000\n", Some("2024-02-29"));
        check("A B <a@b> 951868800 +0000", Some("2000-03-01"));
        check("A B <a@b>", None);
        check("", None);
    }
}
