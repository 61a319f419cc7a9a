//! What can be set, and why the rest cannot.

use super::{EDITION, Setting, Settings};
use crate::rates::Weights;

/// Why something cannot be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSetting {
    /// No setting has that number here.
    #[error("there is no setting of the number {0}; this version of the program knows those of docs/regulation.md")]
    Unknown(u16),
    /// Out of its range.
    #[error("setting {} ({}) cannot be {value}; it can be {} to {} {}", .setting.number, .setting.code, .setting.least, .setting.most, .setting.counts.names().1)]
    Range {
        /// Which.
        setting: &'static Setting,
        /// What it was to be.
        value: u32,
    },
    /// The weights of the rates.
    #[error("the weights of response, solution and satisfaction are set together, and are 100 in all")]
    Weights,
    /// An edition comes by itself.
    #[error("which edition of the rules holds is set by itself, with no other setting")]
    Alone,
    /// One number twice, or not by rising number.
    #[error("settings are named once each, by rising number")]
    Order,
}

impl BadSetting {
    /// The sentence for screens.
    #[must_use]
    pub fn chinese(&self) -> String {
        match self {
            Self::Unknown(number) => format!("没有第 {number} 号设置；本机程序认识的设置见《规则表》"),
            Self::Range { setting, value } => {
                let Setting { number, chinese, least, most, counts, .. } = setting;
                format!("第 {number} 号设置“{chinese}”不能设为 {value}；可设 {least} 至 {most} {}", counts.names().0)
            }
            Self::Weights => "响应、解决、满意三项权重须一并设定，合计须为 100".to_owned(),
            Self::Alone => "规则版次须单独设定，不与其他设置一并变更".to_owned(),
            Self::Order => "各项设置须按编号从小到大，每项一次".to_owned(),
        }
    }
}

impl Settings {
    /// Whether these numbers can be set to that together.
    ///
    /// # Errors
    /// Why not.
    pub fn check(set: &[(u16, u32)]) -> Result<(), BadSetting> {
        if set.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
            return Err(BadSetting::Order);
        }
        for (number, value) in set {
            let setting = Self::of_number(*number).ok_or(BadSetting::Unknown(*number))?;
            if !(setting.least..=setting.most).contains(value) {
                return Err(BadSetting::Range { setting, value: *value });
            }
        }
        if set.len() > 1 && set.iter().any(|(number, _)| *number == EDITION) {
            return Err(BadSetting::Alone);
        }
        // The fourth of them is a worth, and is set alone or with them.
        let rates: Vec<u32> =
            set.iter().filter(|(number, _)| (60..=62).contains(number)).map(|(_, value)| *value).collect();
        match rates.as_slice() {
            [] => Ok(()),
            [response, solution, satisfaction] if response + solution + satisfaction == Weights::ALL => Ok(()),
            _ => Err(BadSetting::Weights),
        }
    }
}
