//! What whom it concerns answered to an act that was overruled, and whom it still concerns.

/// What was answered to an act that was overruled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    /// Its own unit has seen that it fell.
    pub seen: bool,
    /// Its own unit says that the work was done.
    pub shown_done: bool,
    /// A hotline recognised the work, or upheld what stands.
    pub decided: bool,
}

impl Answered {
    /// Whether its own unit has something to take note of: that it fell, or what a hotline decided on what the unit showed.
    #[must_use]
    pub const fn concerns_its_unit(self) -> bool {
        !self.seen && (!self.shown_done || self.decided)
    }

    /// Whether a hotline has something to look at: until it decides, unless the unit has seen it and does not say that the
    /// work was done.
    #[must_use]
    pub const fn concerns_hotlines(self) -> bool {
        !self.decided && (!self.seen || self.shown_done)
    }
}
