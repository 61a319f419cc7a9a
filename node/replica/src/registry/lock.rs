//! A locked table of rates, as the registry has it: what is in the table stands beside the log.

/// A month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// The year, 2000 to 2199.
    pub year: u16,
    /// The month, 1 to 12.
    pub month: u8,
}

impl Month {
    /// That month. `None` if there is none.
    #[must_use]
    pub fn new(year: u16, month: u8) -> Option<Self> {
        ((2000..2200).contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }

    /// The month of a text such as `2026-10`, written in just this way.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        Self::new(year.parse().ok()?, month.parse().ok()?).filter(|parsed| parsed.text() == text)
    }

    /// `2026-10`
    #[must_use]
    pub fn text(self) -> String {
        format!("{}-{:02}", self.year, self.month)
    }

    /// The one after it.
    #[must_use]
    pub const fn next(self) -> Self {
        match self.month {
            12 => Self { year: self.year + 1, month: 1 },
            month => Self { year: self.year, month: month + 1 },
        }
    }
}

/// A table of rates that is locked (封存): what is in it stands beside the log, what it is stands here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Its month.
    pub month: Month,
    /// Its number (封存号), from 1 without a gap.
    pub number: u32,
    /// SHA-256 of its content under `jiesu/locked/1`.
    pub hash: [u8; 32],
}
