//! A frame as a tree, so that it can be changed anywhere: maps of numbered fields, lists, what was packed, and the rest.

use minicbor::data::Type;
use minicbor::{Decoder, Encoder};

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Map(Vec<(u64, Value)>),
    List(Vec<Value>),
    /// What decompresses to this.
    Packed(Box<Value>),
    /// As it stands.
    Plain(Vec<u8>),
}

impl Value {
    /// A frame as a tree.
    pub fn of(bytes: &[u8]) -> Self {
        let mut input = Decoder::new(bytes);
        let value = Self::read(&mut input);
        assert_eq!(input.position(), bytes.len());
        value
    }

    fn read(input: &mut Decoder<'_>) -> Self {
        match input.datatype().unwrap() {
            Type::Map => {
                let len = input.map().unwrap().unwrap();
                Self::Map((0..len).map(|_| (input.u64().unwrap(), Self::read(input))).collect())
            }
            Type::Array => {
                let len = input.array().unwrap().unwrap();
                Self::List((0..len).map(|_| Self::read(input)).collect())
            }
            Type::Bytes => {
                let from = input.position();
                match zstd::bulk::decompress(input.bytes().unwrap(), 1 << 20) {
                    Ok(plain) if !plain.is_empty() => Self::Packed(Box::new(Self::of(&plain))),
                    _ => Self::Plain(input.input()[from..input.position()].to_vec()),
                }
            }
            _ => {
                let from = input.position();
                input.skip().unwrap();
                Self::Plain(input.input()[from..input.position()].to_vec())
            }
        }
    }

    /// Its bytes; the stated length of what is packed follows it.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Encoder::new(Vec::new());
        match self {
            Self::Map(fields) => {
                out.map(fields.len() as u64).unwrap();
                let mut plain: Option<u64> = fields.iter().find_map(|(_, value)| value.plain_len());
                for (at, (number, value)) in fields.iter().enumerate() {
                    out.u64(*number).unwrap();
                    // The field before what is packed states its length.
                    let states = matches!(fields.get(at + 1), Some((next, Self::Packed(_))) if *next == number + 1);
                    match plain.take_if(|_| states) {
                        Some(len) => drop(out.u64(len).unwrap()),
                        None => out.writer_mut().extend(value.bytes()),
                    }
                }
            }
            Self::List(values) => {
                out.array(values.len() as u64).unwrap();
                values.iter().for_each(|value| out.writer_mut().extend(value.bytes()));
            }
            Self::Packed(value) => drop(out.bytes(&zstd::bulk::compress(&value.bytes(), 3).unwrap()).unwrap()),
            Self::Plain(bytes) => out.writer_mut().extend(bytes),
        }
        out.into_writer()
    }

    fn plain_len(&self) -> Option<u64> {
        if let Self::Packed(value) = self { Some(value.bytes().len() as u64) } else { None }
    }

    /// How many maps there are, at every level.
    pub fn maps(&self) -> usize {
        match self {
            Self::Map(fields) => 1 + fields.iter().map(|(_, value)| value.maps()).sum::<usize>(),
            Self::List(values) => values.iter().map(Self::maps).sum(),
            Self::Packed(value) => value.maps(),
            Self::Plain(_) => 0,
        }
    }

    /// The same with one of its maps changed.
    pub fn changed(mut self, at: usize, change: impl FnOnce(&mut Vec<(u64, Value)>)) -> Self {
        let mut left = at;
        change(self.map_at(&mut left).unwrap());
        self
    }

    fn map_at(&mut self, left: &mut usize) -> Option<&mut Vec<(u64, Value)>> {
        match self {
            Self::Map(fields) => {
                if *left == 0 {
                    return Some(fields);
                }
                *left -= 1;
                fields.iter_mut().find_map(|(_, value)| value.map_at(left))
            }
            Self::List(values) => values.iter_mut().find_map(|value| value.map_at(left)),
            Self::Packed(value) => value.map_at(left),
            Self::Plain(_) => None,
        }
    }
}
