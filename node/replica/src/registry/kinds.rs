//! Kinds of units and classes of devices, by numbers that never change.

macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $number:literal, $code:literal, $chinese:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = $chinese] $variant,)*
            /// One of a newer version: it is kept, and allows nothing here.
            Other(u16),
        }

        impl $name {
            /// Every one that this version knows.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Number on the wire.
            #[must_use]
            pub const fn number(self) -> u16 {
                match self { $(Self::$variant => $number,)* Self::Other(number) => number }
            }

            /// The one of that number.
            #[must_use]
            pub const fn from_number(number: u16) -> Self {
                match number { $($number => Self::$variant,)* _ => Self::Other(number) }
            }

            /// Code name and Chinese name.
            #[must_use]
            pub const fn names(self) -> (&'static str, &'static str) {
                match self { $(Self::$variant => ($code, $chinese),)* Self::Other(_) => ("other", "其他") }
            }

            /// The one of that code name.
            #[must_use]
            pub fn parse(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.names().0 == code)
            }
        }
    };
}

numbered! {
    /// What sort of body a unit is. One of a kind that is not known here handles, like any that is no hotline.
    UnitKind {
        CityHotline = 1, "city-hotline", "市热线";
        CountyHotline = 2, "county-hotline", "县热线";
        CountyGovernment = 3, "county-government", "县政府";
        Department = 4, "department", "市直部门";
        Township = 5, "township", "乡镇街道";
        Enterprise = 6, "enterprise", "企事业单位";
    }
}

numbered! {
    /// What a device is for, which decides what it may hold: a hub what its unit and the units below it hold, the others
    /// what their unit holds. One of a class that is not known here gets what everybody gets.
    Class {
        Hub = 1, "hub", "中心节点";
        Office = 2, "office", "办公机";
        Laptop = 3, "laptop", "笔记本";
    }
}
