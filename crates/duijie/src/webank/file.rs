//! `duijie webank upload`, `download` and `upload-notify`: what they share.

mod download;
mod notify;
mod progress;
mod upload;

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use sign_core::{Case, Hasher, Md5};
use webank::{FileFormat, FileType, HashCheck};

pub(crate) use download::{Args as DownloadArgs, run as download};
pub(crate) use notify::{Args as NotifyArgs, run as notify};
pub(crate) use upload::{Args as UploadArgs, run as upload};

use crate::{
    context::{Context, required},
    exit::Failure,
};

/// What kind of file it is.
#[derive(clap::Args)]
struct Kind {
    /// 001 身份证, 002 营业执照, 003 开户许可证, 004 企业授权函, 005 发票, 006 合同, 007 资金证明文件, 008 压缩文件, 999.
    #[arg(long, value_name = "CODE")]
    file_type: String,
    /// `jpg`, `png`, `zip`, …
    #[arg(long, value_name = "FORMAT")]
    file_format: String,
}

impl Kind {
    fn read(&self) -> Result<(FileType, FileFormat), Failure> {
        let file_type = FileType::new(&self.file_type).map_err(Failure::usage)?;
        Ok((file_type, FileFormat::new(&self.file_format).map_err(Failure::usage)?))
    }
}

/// Where files go.
#[derive(clap::Args)]
struct Host {
    /// The file host.
    #[arg(long, value_name = "URL", env = "WEBANK_FILES_URL")]
    files_url: Option<String>,
}

impl Host {
    fn url(&self, context: &Context) -> Result<String, Failure> {
        let configured = context.profile.webank.files_url.as_ref();
        required("--files-url", "WEBANK_FILES_URL", self.files_url.as_ref(), configured)
    }
}

/// A file on disk that can be sent, found to be so before anything is fetched.
struct Local {
    path: PathBuf,
    name: String,
    length: u64,
}

impl Local {
    fn look(path: &Path) -> Result<Self, Failure> {
        let shown = path.display();
        if path == Path::new("-") {
            let why =
                "a file is sent under its name and after its length: write what you have into a file first";
            return Err(Failure::usage(format!("`-` is no file: {why}")));
        }
        let cannot = |error: io::Error| Failure::usage(format!("cannot read `{shown}`: {error}"));
        // A pipe would be waited for, so its kind is looked at before it is opened.
        if !fs::metadata(path).map_err(cannot)?.is_file() {
            return Err(Failure::usage(format!("`{shown}` is no regular file")));
        }
        let length = fs::File::open(path).and_then(|file| file.metadata()).map_err(cannot)?.len();
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| Failure::usage(format!("the name of `{shown}` is not UTF-8")))?;
        Ok(Self { path: path.to_owned(), name: name.to_owned(), length })
    }

    /// What stands for the content in a preview. Reads it piece by piece.
    fn preview(&self) -> Result<String, Failure> {
        let shown = self.path.display();
        let cannot = |error: io::Error| Failure::usage(format!("cannot read `{shown}`: {error}"));
        let mut file = fs::File::open(&self.path).map_err(cannot)?;
        let (mut hasher, mut piece) = (Hasher::<Md5>::new(), vec![0; 64 * 1024]);
        loop {
            let read = file.read(&mut piece).map_err(cannot)?;
            match piece.get(..read) {
                Some(read) if !read.is_empty() => hasher.update(read),
                _ => break,
            }
        }
        let md5 = hasher.finish().signature(Case::Lower);
        Ok(format!("‹file {} B, md5 {md5}›", self.length))
    }
}

fn verdict(check: HashCheck) -> &'static str {
    match check {
        HashCheck::Proven => "hash proven",
        _ => "hash not comparable",
    }
}
