//! Where a ticket stands.

macro_rules! states {
    ($($variant:ident = $code:literal, $chinese:literal;)*) => {
        /// Where a ticket stands; the lead assignment's state.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum TicketState { $(#[doc = $chinese] $variant,)* }

        impl TicketState {
            /// Every state.
            pub const ALL: [Self; 16] = [$(Self::$variant,)*];

            /// Code name and Chinese name.
            #[must_use]
            pub const fn names(self) -> (&'static str, &'static str) {
                match self { $(Self::$variant => ($code, $chinese),)* }
            }
        }
    };
}

states! {
    Registered = "registered", "已登记";
    AwaitingConfirmation = "awaiting-confirmation", "待受理确认";
    Answered = "answered", "已即时答复";
    Rejected = "rejected", "不予受理";
    Referred = "referred", "已转其他热线";
    AwaitingDispatch = "awaiting-dispatch", "待派发";
    AwaitingSignFor = "awaiting-sign-for", "待签收";
    InProgress = "in-progress", "办理中";
    AwaitingClosure = "awaiting-closure", "待办结认定";
    AwaitingFollowUp = "awaiting-follow-up", "待回访";
    AwaitingVerification = "awaiting-verification", "待核实";
    AwaitingArchive = "awaiting-archive", "待归档";
    Archived = "archived", "已归档";
    OwnMatter = "own-matter", "自办件";
    Withdrawn = "withdrawn", "已撤单";
    Merged = "merged", "已合并";
}

impl TicketState {
    /// The state of that code or Chinese name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.names().0 == text || state.names().1 == text)
    }
}
