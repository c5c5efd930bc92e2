//! The conditions the platform's editor offers: getAuthConditions (SPEC.md §1, RP-12).
//!
//! ```text
//!  JSON ──node─┐                        ┌─▶ to_json: what the editor shows
//!  TOML ──toml─┴▶ read ─▶ Offer ─shape─▶ Catalogue
//!  code ──────────────────┘             └─▶ compare: a saved setting ─▶ Finding
//! ```

mod compare;
mod error;
mod finding;
mod nearest;
mod node;
mod offer;
mod read;
mod shape;
#[cfg(feature = "toml")]
mod toml;

use std::collections::HashSet;

use serde::Serialize;

pub use self::error::CatalogueError;
pub use self::finding::{Finding, FindingKind};
use self::node::{Misread, Node, line_and_column};
pub use self::offer::{Choice, Offer, Scalar};
use crate::settings::Setting;
use crate::value::NULL;
use crate::wire::SaveRequest;

/// The conditions on offer, each of the shape its type wants.
///
/// ```
/// use rabbitpre_auth::{Catalogue, Choice, Offer, ParamType};
///
/// let catalogue = Catalogue::new(vec![
///     Offer::new("年龄", "age", ParamType::Number),
///     Offer::new("会员", "level", ParamType::Checkbox).with([Choice::new("金", "gold"), Choice::new("银", "silver")]),
/// ])?;
/// assert!(catalogue.to_json().starts_with(r#"{"code":"200","msg":"ok","data":[{"label":"年龄","name":"age""#));
/// assert_eq!(Catalogue::parse(catalogue.to_json().as_bytes())?, catalogue);
/// # Ok::<(), rabbitpre_auth::CatalogueError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Catalogue(Vec<Offer>);

impl Catalogue {
    /// Takes conditions from code.
    ///
    /// `text` and `number` have no children; `select` and `checkbox` labelled ones; `cascader` a tree of labelled ones,
    /// of at most 30 levels; `area` and `dateTimeRange` two without labels, the lower bound first, either may be `""`.
    ///
    /// # Errors
    /// [`CatalogueError`]: an empty or doubled name, or children that are not of the shape of SPEC.md §1.
    pub fn new(offers: Vec<Offer>) -> Result<Self, CatalogueError> {
        let mut names = HashSet::new();
        for (place, offer) in (1..).zip(&offers) {
            let empty = [("name", &offer.name), ("label", &offer.label)]
                .into_iter()
                .find(|(_, text)| text.is_empty());
            if let Some((member, _)) = empty {
                return Err(CatalogueError::Unnamed { place, member });
            }
            if !names.insert(&offer.name) {
                return Err(CatalogueError::DoubledName { place, name: offer.name.clone() });
            }
            shape::check(place, offer)?;
        }
        Ok(Catalogue(offers))
    }

    /// Reads the array of SPEC.md §1, alone or within its envelope `{"code","msg","data":[…]}`.
    ///
    /// Numbers keep their digits. Members that are not known are kept and shown to the editor; one that is almost a
    /// known one is refused as a slip.
    ///
    /// # Errors
    /// [`CatalogueError`]: not such an array, or what [`Catalogue::new`] refuses; each with line and column.
    ///
    /// ```
    /// use rabbitpre_auth::Catalogue;
    ///
    /// let slip = r#"[{"label":"会员","name":"level","type":"checkbox",
    ///     "chlidren":[{"label":"金","value":"gold"}]}]"#;
    /// assert_eq!(
    ///     Catalogue::parse(slip.as_bytes()).unwrap_err().to_string(),
    ///     "the conditions are not understood at line 2, column 16: condition 1: `chlidren` is unknown; \
    ///      did you mean `children`?"
    /// );
    /// ```
    pub fn parse(json: &[u8]) -> Result<Self, CatalogueError> {
        let text = text(json)?;
        let advice = "write an array of conditions `{\"label\",\"name\",\"type\",…}`, alone or as the `data` of an object";
        Self::read(text, node::json(text), "data", advice)
    }

    /// Reads a file of `[[conditions]]` tables, with the members of SPEC.md §1.
    ///
    /// # Errors
    /// As [`Catalogue::parse`].
    ///
    /// ```
    /// use rabbitpre_auth::{Catalogue, CatalogueError};
    ///
    /// let file = r#"
    ///     [[conditions]]
    ///     label = "年龄"
    ///     name = "age"
    ///     type = "area"
    ///     children = [{ value = 18 }, { value = 65.50 }]
    /// "#;
    /// let data = r#"[{"label":"年龄","name":"age","type":"area","value":"","children":[{"value":18},{"value":65.50}]}]"#;
    /// assert_eq!(Catalogue::parse_toml(file)?, Catalogue::parse(data.as_bytes())?);
    ///
    /// let error = Catalogue::parse_toml("[[conditions]]\nlabel = '年龄'\nname = 'age'\ntype = 'nubmer'\n").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the conditions are not understood at line 4, column 1: `type` of condition 1 is none that is known; \
    ///      did you mean `number`?"
    /// );
    /// # Ok::<(), CatalogueError>(())
    /// ```
    #[cfg(feature = "toml")]
    pub fn parse_toml(text: &str) -> Result<Self, CatalogueError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let advice = "write a table `[[conditions]]` with `label`, `name` and `type` for each condition";
        Self::read(text, toml::toml(text), "conditions", advice)
    }

    fn read(
        text: &str,
        file: Result<Node, Misread>,
        within: &str,
        advice: &str,
    ) -> Result<Self, CatalogueError> {
        let placed =
            file.and_then(|file| read::offers(&file, within, advice)).map_err(|error| error.of(text))?;
        let (places, offers): (Vec<usize>, Vec<Offer>) = placed.into_iter().unzip();
        Self::new(offers).map_err(|error| {
            let place = error.place().and_then(|place| places.get(place.saturating_sub(1)));
            let (line, column) = line_and_column(text, place.copied().unwrap_or_default());
            CatalogueError::At { line, column, error: Box::new(error) }
        })
    }

    /// The conditions.
    #[must_use]
    pub fn offers(&self) -> &[Offer] {
        &self.0
    }

    /// The answer of getAuthConditions: `{"code":"200","msg":"ok","data":[…]}`.
    #[must_use]
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Reply<'a> {
            code: &'static str,
            msg: &'static str,
            data: &'a [Offer],
        }
        crate::wire::json(&Reply { code: "200", msg: "ok", data: &self.0 })
    }

    /// What a save has that the catalogue does not offer, or that can never hold; at most 100 findings, in order.
    ///
    /// It is saved all the same (SPEC.md §4.10 Limits): the evaluation denies what it does not know, and an older
    /// setting may name conditions that are no longer on offer.
    ///
    /// ```
    /// use rabbitpre_auth::{Catalogue, Offer, ParamType, SaveRequest};
    ///
    /// let catalogue = Catalogue::new(vec![Offer::new("年龄", "age", ParamType::Number)])?;
    /// let save = r#"{"userId":"u","settingData":[{"label":"年龄","name":"agee","type":"number","value":18}]}"#;
    /// let findings = catalogue.findings(&SaveRequest::parse(save.as_bytes())?);
    /// assert_eq!(findings[0].to_string(), "condition 1 `agee` is not in the catalogue; did you mean `age`?");
    /// assert_eq!(findings[0].chinese(), "第1个条件「agee」不在条件目录中，是否应为「age」？");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn findings(&self, save: &SaveRequest<'_>) -> Vec<Finding> {
        compare::findings(&self.0, save.member("settingData").unwrap_or(&NULL))
    }

    /// The same of a setting that is kept; nothing if it cannot be read as one.
    #[must_use]
    pub fn findings_in(&self, setting: &Setting) -> Vec<Finding> {
        setting.read_again(|body| {
            let data = body.as_object().map_or(&NULL, |body| body.member("settingData"));
            compare::findings(&self.0, data)
        })
    }

    /// The names of a save that the catalogue does not offer, each once, in order; at most 100.
    #[must_use]
    pub fn unknown_names(&self, save: &SaveRequest<'_>) -> Vec<String> {
        let unknown = |finding: Finding| {
            matches!(finding.kind, FindingKind::UnknownName { .. }).then_some(finding.name)
        };
        let mut seen = HashSet::new();
        let names = self.findings(save).into_iter().filter_map(unknown);
        names.filter(|name| seen.insert(name.clone())).collect()
    }
}

/// The text of a file, without the mark that some editors begin it with.
fn text(bytes: &[u8]) -> Result<&str, CatalogueError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let before = String::from_utf8_lossy(before);
        Misread::new(before.len(), "not UTF-8; save the file as UTF-8").of(&before)
    })
}
