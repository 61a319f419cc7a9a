//! Numbered fields: a map by rising number, in which nothing stands that equals its default.
//!
//! A number is never given to another meaning. One that is not known is of a newer program: what becomes of it is said where
//! a map is read ([`Unread`]). See [`crate::newer`] for acts, [`crate::registry`] for entries.

mod values;

use crate::codec::{Malformed, Reader, Writer};
use crate::limits::FIELDS_MAX;
use crate::unknown::Unknown;

/// A value of a field.
pub trait Wire: Sized {
    /// Writes it.
    fn write(&self, out: &mut Writer);
    /// Reads what [`Self::write`] wrote.
    ///
    /// # Errors
    /// Malformed, or of a newer program.
    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed>;
    /// Whether it equals its default, which is never written. What has none always is.
    fn is_default(&self) -> bool {
        false
    }
    /// The default, if it has one.
    #[must_use]
    fn default_value() -> Option<Self> {
        None
    }
}

/// A value that has numbered fields itself.
pub trait Record: Sized {
    /// Writes its fields.
    fn put(&self, out: &mut Fields);
    /// Reads them.
    ///
    /// # Errors
    /// Malformed, or of a newer program.
    fn take(input: &mut Numbered<'_, '_>) -> Result<Self, Malformed>;
}

/// An item of a list, with how many a list holds at most.
pub trait Listed: Wire {
    /// Items of a list.
    const ITEMS_MAX: usize;
}

/// Fields on their way out, by rising numbers.
#[derive(Default)]
pub struct Fields {
    out: Writer,
    count: usize,
    last: Option<u16>,
}

impl Fields {
    /// Writes a field, unless it equals its default.
    pub fn put<T: Wire>(&mut self, number: u16, value: &T) -> &mut Self {
        if value.is_default() { self } else { self.write(number, |out| value.write(out)) }
    }

    /// Writes a field that has fields itself, unless none of them is written.
    pub fn nest(&mut self, number: u16, fields: &Self) -> &mut Self {
        if fields.count == 0 { self } else { self.write(number, |out| fields.finish(out)) }
    }

    /// Writes a field, whatever it is: one value.
    pub fn write(&mut self, number: u16, write: impl FnOnce(&mut Writer)) -> &mut Self {
        debug_assert!(self.last.is_none_or(|last| last < number), "numbers rise");
        self.last = Some(number);
        self.count += 1;
        self.out.uint(number.into());
        write(&mut self.out);
        self
    }

    /// The same, unless there is nothing to say.
    pub fn write_some<T>(&mut self, number: u16, value: Option<T>, write: impl FnOnce(&mut Writer, T)) -> &mut Self {
        match value {
            Some(value) => self.write(number, |out| write(out, value)),
            None => self,
        }
    }

    /// The map of them.
    pub fn finish(&self, out: &mut Writer) {
        out.map(self.count).raw(self.out.written());
    }
}

/// What becomes of a field that is not known: each use says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// The whole of it is of a newer program and waits for that. So acts: half an act would come to another record.
    Held,
    /// It is passed over; whoever keeps the whole keeps its bytes. So the registry, where what must not be passed over is
    /// written critical.
    PassedOver,
}

/// Fields on their way in. They are taken in the order of their numbers.
pub struct Numbered<'r, 'b> {
    input: &'r mut Reader<'b>,
    /// Fields that come behind `next`.
    left: usize,
    /// The number of the field at hand.
    next: Option<u64>,
    unread: Unread,
}

/// Reads the map that comes next, all of it.
///
/// # Errors
/// No map of rising numbers, too many of them, what `read` finds, or, where that is held, a field that it did not take.
pub fn read<'b, T>(
    input: &mut Reader<'b>,
    unread: Unread,
    read: impl FnOnce(&mut Numbered<'_, 'b>) -> Result<T, Malformed>,
) -> Result<T, Malformed> {
    let left = input.map(FIELDS_MAX)?;
    let mut fields = Numbered { input, left, next: None, unread };
    fields.step()?;
    let value = read(&mut fields)?;
    while fields.next.is_some() {
        fields.pass()?;
    }
    Ok(value)
}

impl<'b> Numbered<'_, 'b> {
    /// Goes on to the number behind the one at hand.
    fn step(&mut self) -> Result<(), Malformed> {
        let before = self.next.take();
        if self.left > 0 {
            self.left -= 1;
            let number = self.input.uint()?;
            if before.is_some_and(|before| number <= before) {
                return Err(Malformed::new("fields", "their numbers do not rise"));
            }
            self.next = Some(number);
        }
        Ok(())
    }

    /// Goes past the field at hand, which is not known.
    ///
    /// # Errors
    /// It is held, or no value.
    pub fn pass(&mut self) -> Result<(), Malformed> {
        match (self.unread, self.next) {
            (_, None) => Ok(()),
            (Unread::Held, Some(number)) => Err(Malformed::newer(Unknown::Field(number))),
            (Unread::PassedOver, Some(_)) => {
                self.input.skip()?;
                self.step()
            }
        }
    }

    /// Whether that field is there. One before it that was not taken is not known.
    fn at(&mut self, number: u16) -> Result<bool, Malformed> {
        while self.next.is_some_and(|next| next < u64::from(number)) {
            self.pass()?;
        }
        Ok(self.next == Some(number.into()))
    }

    /// The number of the field at hand, where nobody knows which there are.
    #[must_use]
    pub fn next(&self) -> Option<u64> {
        self.next
    }

    /// The value of that field.
    ///
    /// # Errors
    /// Malformed, or of a newer program, or missing although it has no default.
    pub fn take<T: Wire>(&mut self, number: u16) -> Result<T, Malformed> {
        match self.maybe(number, T::read)? {
            Some(value) => Ok(value),
            None => T::default_value().ok_or_else(|| missing(number)),
        }
    }

    /// What `read` reads of that field, if it is there.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub fn maybe<T>(
        &mut self,
        number: u16,
        read: impl FnOnce(&mut Reader<'b>) -> Result<T, Malformed>,
    ) -> Result<Option<T>, Malformed> {
        if !self.at(number)? {
            return Ok(None);
        }
        let value = read(self.input)?;
        self.step()?;
        Ok(Some(value))
    }

    /// What `read` reads of that field.
    ///
    /// # Errors
    /// As [`Self::maybe`], or it is not there.
    pub fn need<T>(
        &mut self,
        number: u16,
        read: impl FnOnce(&mut Reader<'b>) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        self.maybe(number, read)?.ok_or_else(|| missing(number))
    }

    /// The fields of that field: none, if it is not there.
    ///
    /// # Errors
    /// Malformed, or of a newer program.
    pub fn nested<T>(
        &mut self,
        number: u16,
        read: impl FnOnce(&mut Numbered<'_, 'b>) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        let unread = self.unread;
        if !self.at(number)? {
            return read(&mut Numbered { input: self.input, left: 0, next: None, unread });
        }
        let value = self::read(self.input, unread, read)?;
        self.step()?;
        Ok(value)
    }
}

fn missing(number: u16) -> Malformed {
    Malformed::new("fields", format!("field {number} is missing"))
}

/// In an act: what is not known holds it.
impl<T: Record> Wire for T {
    fn write(&self, out: &mut Writer) {
        let mut fields = Fields::default();
        self.put(&mut fields);
        fields.finish(out);
    }
    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        self::read(input, Unread::Held, T::take)
    }
}

/// Records, each by its fields and their numbers.
macro_rules! records {
    ($($name:ty { $($number:literal $field:ident),+ $(,)? })+) => {$(
        impl Record for $name {
            fn put(&self, out: &mut Fields) {
                $(out.put($number, &self.$field);)+
            }
            fn take(input: &mut Numbered<'_, '_>) -> Result<Self, Malformed> {
                Ok(Self { $($field: input.take($number)?),+ })
            }
        }
    )+};
}
pub(crate) use records;

#[cfg(test)]
mod tests {
    use super::*;

    /// Fields 2, 5 and 9, each with its number as value.
    fn three() -> Vec<u8> {
        let (mut fields, mut out) = (Fields::default(), Writer::default());
        fields.put(2, &2u8).put(4, &0u8).put(5, &5u8).put(9, &9u8).finish(&mut out);
        out.finish()
    }

    fn numbers(bytes: &[u8], unread: Unread, known: &[u16]) -> Result<Vec<u8>, Malformed> {
        read(&mut Reader::new(bytes), unread, |fields| known.iter().map(|number| fields.take(*number)).collect())
    }

    #[test]
    fn what_is_not_known_is_held_or_passed_over_wherever_it_stands() {
        let bytes = three();
        for unread in [Unread::Held, Unread::PassedOver] {
            assert_eq!(numbers(&bytes, unread, &[2, 4, 5, 9]), Ok(vec![2, 0, 5, 9]), "{unread:?}");
        }
        for (known, first) in [([5, 9], 2), ([2, 9], 5), ([2, 5], 9)] {
            let held = numbers(&bytes, Unread::Held, &known).map_err(|malformed| malformed.newer);
            assert_eq!(held, Err(Some(Unknown::Field(first))));
            let passed: Vec<u8> = known.iter().map(|number| u8::try_from(*number).unwrap()).collect();
            assert_eq!(numbers(&bytes, Unread::PassedOver, &known), Ok(passed));
        }
    }

    #[test]
    fn numbers_that_do_not_rise_are_malformed_even_where_nobody_knows_them() {
        for bytes in [&[0xa2, 0x05, 0x01, 0x05, 0x01][..], &[0xa2, 0x05, 0x01, 0x02, 0x01]] {
            let read = numbers(bytes, Unread::PassedOver, &[]);
            assert!(read.is_err_and(|malformed| malformed.newer.is_none()));
        }
    }
}
