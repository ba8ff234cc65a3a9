//! How a command ends when it does not do what it was asked: exit code, and words in the language of the person.
//!
//! 1: the answer is "no" · 2: wrong usage, configuration or input file · 3: a part that it needs cannot be reached.

use std::process::ExitCode;

use bihuan_domain::lang::Lang;

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    zh: String,
    en: String,
}

pub(crate) type Outcome = Result<ExitCode, Failure>;

impl Failure {
    /// Wrong usage, configuration or input.
    pub(crate) fn usage(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            code: 2,
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// Something needed cannot be reached.
    pub(crate) fn unreachable(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            code: 3,
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// Whether waiting can help.
    pub(crate) const fn is_outage(&self) -> bool {
        self.code == 3
    }

    /// In Chinese and in English.
    pub(crate) fn words(&self) -> (&str, &str) {
        (&self.zh, &self.en)
    }

    /// Tells the person and gives the exit code.
    pub(crate) fn report(&self, lang: Lang) -> ExitCode {
        eprintln!("bihuan: {}", lang.choose(&self.zh, &self.en));
        ExitCode::from(self.code)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.en)
    }
}

impl From<bihuan_store::Error> for Failure {
    fn from(error: bihuan_store::Error) -> Self {
        use bihuan_store::Error;
        match &error {
            Error::InUse(directory) => Self::usage(
                format!("数据目录 {} 正被另一个 bihuan 进程使用", directory.display()),
                format!("{error}; stop it, or let this command go through it"),
            ),
            Error::Newer { .. } => Self::usage(
                format!("数据来自更新版本的 bihuan：{error}"),
                format!("{error}; use the newer program"),
            ),
            Error::Fixed { .. } => Self::usage(format!("首次启动后不可更改：{error}"), error.to_string()),
            Error::Directory(..) => Self::usage(format!("数据目录不可用：{error}"), error.to_string()),
            Error::Corrupt { .. } | Error::RowCount { .. } => {
                Self::usage(format!("数据损坏：{error}"), error.to_string())
            }
            Error::Address(_) => Self::usage(format!("数据库地址无效：{error}"), error.to_string()),
            Error::Database(_) => Self::unreachable(
                format!("数据库不可用：{error}"),
                format!("the database cannot be used: {error}"),
            ),
        }
    }
}

impl From<bihuan_stream::Error> for Failure {
    fn from(error: bihuan_stream::Error) -> Self {
        use bihuan_stream::Error;
        match error {
            Error::Store(error) => error.into(),
            Error::Kafka(_) | Error::Closed | Error::Fenced | Error::Unavailable(_) => {
                Self::unreachable(format!("Kafka 不可用：{error}"), error.to_string())
            }
            other => Self::usage(format!("无法继续：{other}"), other.to_string()),
        }
    }
}

impl From<bihuan_rulebook::LibraryError> for Failure {
    fn from(error: bihuan_rulebook::LibraryError) -> Self {
        match error {
            bihuan_rulebook::LibraryError::Store(error) => error.into(),
            other => Self::usage(format!("规则库不可用：{other}"), other.to_string()),
        }
    }
}

impl From<bihuan_monitor::Error> for Failure {
    fn from(error: bihuan_monitor::Error) -> Self {
        match error {
            bihuan_monitor::Error::Store(error) => error.into(),
            other => Self::usage(format!("投影不可读：{other}"), other.to_string()),
        }
    }
}

impl From<bihuan_runtime::config::Error> for Failure {
    fn from(error: bihuan_runtime::config::Error) -> Self {
        Self::usage(format!("配置错误：{error}"), error.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::usage(format!("读写错误：{error}"), error.to_string())
    }
}
