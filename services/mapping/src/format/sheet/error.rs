//! Why a workbook cannot be read, for whoever has to mend it.

use std::io;

use super::SheetName;
use crate::problem::Bilingual;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("it is no workbook (.xlsx, .xls, .ods)")]
    NotAWorkbook,
    #[error("the workbook is protected by a password; save it without one")]
    Password,
    #[error("the workbook is damaged ({0}); open it in a spreadsheet program and save it again")]
    Damaged(String),
    /// `workbook_too_large`: a small file that unpacks into more than memory holds.
    #[error(
        "the workbook is too large when unpacked: {part} has more than {most} MB; send it as CSV, or as several workbooks"
    )]
    TooLarge { part: String, most: u64 },
    #[error("the workbook has no sheet {}; it has {}", named(wanted.as_ref(), "that is visible"), sheets.join(", "))]
    SheetMissing {
        wanted: Option<SheetName>,
        sheets: Vec<String>,
    },
    #[error("the sheet {0} is empty")]
    SheetEmpty(String),
    #[error("row {row} of the sheet {sheet} is no header; say where it is with header_row")]
    HeaderMissing { sheet: String, row: u32 },
    #[error(
        "the cells {0} of the header are merged; say with header_row in which row each column has a name of its own"
    )]
    HeaderMerged(String),
}

fn named(wanted: Option<&SheetName>, any: &str) -> String {
    match wanted {
        None => any.to_owned(),
        Some(SheetName::Name(name)) => format!("{name:?}"),
        Some(SheetName::Number(number)) => number.to_string(),
    }
}

impl Error {
    /// The same in both languages.
    pub fn say(&self) -> Bilingual {
        Bilingual {
            zh: self.chinese(),
            en: self.to_string(),
        }
    }

    fn chinese(&self) -> String {
        match self {
            Self::Io(error) => error.to_string(),
            Self::NotAWorkbook => "不是工作簿（.xlsx、.xls、.ods）".to_owned(),
            Self::Password => "工作簿有密码保护；请去掉密码后另存".to_owned(),
            Self::Damaged(why) => format!("工作簿已损坏（{why}）；请用电子表格软件打开并重新保存"),
            Self::TooLarge { part, most } => {
                format!("工作簿解压后过大：{part} 超过 {most} MB；请改用 CSV，或拆成几个工作簿")
            }
            Self::SheetMissing { wanted, sheets } => format!(
                "工作簿中没有工作表 {}；现有：{}",
                named(wanted.as_ref(), "（可见的）"),
                sheets.join("、")
            ),
            Self::SheetEmpty(sheet) => format!("工作表 {sheet} 是空的"),
            Self::HeaderMissing { sheet, row } => {
                format!("工作表 {sheet} 的第 {row} 行不是表头；请用 header_row 指明表头所在行")
            }
            Self::HeaderMerged(cells) => {
                format!("表头中的单元格 {cells} 是合并的；请用 header_row 指明每列各有名称的那一行")
            }
        }
    }
}

impl From<calamine::XlsxError> for Error {
    fn from(error: calamine::XlsxError) -> Self {
        match error {
            calamine::XlsxError::Password => Self::Password,
            calamine::XlsxError::Io(error) => Self::Io(error),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<calamine::XlsError> for Error {
    fn from(error: calamine::XlsError) -> Self {
        match error {
            calamine::XlsError::Password => Self::Password,
            calamine::XlsError::Io(error) => Self::Io(error),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<calamine::OdsError> for Error {
    fn from(error: calamine::OdsError) -> Self {
        match error {
            calamine::OdsError::Password => Self::Password,
            calamine::OdsError::Io(error) => Self::Io(error),
            other => Self::Damaged(other.to_string()),
        }
    }
}
