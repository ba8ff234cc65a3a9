//! The smallest files of the old kind: a compound file with one stream, and a workbook of BIFF records in it.

const SECTOR: usize = 512;
const END: u32 = 0xffff_fffe;
const FREE: u32 = 0xffff_ffff;

/// A compound file that holds one stream.
pub(super) fn compound(stream: &str, content: &[u8]) -> Vec<u8> {
    // what is shorter lies elsewhere
    let mut content = content.to_vec();
    content.resize(content.len().max(4096).next_multiple_of(SECTOR), 0);
    let mut file = header();
    let sectors = content.len() / SECTOR;
    let mut table = vec![0xffff_fffd, END];
    table.extend((0..sectors).map(|at| if at + 1 == sectors { END } else { at as u32 + 3 }));
    table.resize(SECTOR / 4, FREE);
    file.extend(table.iter().flat_map(|next| next.to_le_bytes()));
    let mut folder = [
        entry("Root Entry", 5, END, 0),
        entry(stream, 2, 2, content.len() as u32),
    ]
    .concat();
    folder.resize(SECTOR, 0);
    [file, folder, content].concat()
}

fn header() -> Vec<u8> {
    let mut header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    header.resize(24, 0);
    for number in [0x3e_u16, 3, 0xfffe, 9, 6] {
        header.extend(number.to_le_bytes());
    }
    header.resize(44, 0);
    for number in [1_u32, 1, 0, 4096, END, 0, END, 0, 0] {
        header.extend(number.to_le_bytes());
    }
    header.resize(SECTOR, 0xff);
    header
}

fn entry(name: &str, kind: u8, first: u32, length: u32) -> Vec<u8> {
    let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let size = entry.len() as u16 + 2;
    entry.resize(64, 0);
    entry.extend(size.to_le_bytes());
    entry.extend([kind, 1]);
    for link in [FREE, FREE, if kind == 5 { 1 } else { FREE }] {
        entry.extend(link.to_le_bytes());
    }
    entry.resize(116, 0);
    entry.extend(first.to_le_bytes());
    entry.extend(u64::from(length).to_le_bytes());
    entry
}

pub(super) enum Value<'v> {
    Text(&'v str),
    Number(f64),
}

/// An `.xls` with one sheet, of so many cells and one merged region (first row, last row, first column, last column).
pub(super) fn xls(cells: &[(u16, u16, Value<'_>)], merged: [u16; 4]) -> Vec<u8> {
    let begin = |kind: u16| record(0x0809, &[words(&[0x0600, kind, 0, 0]), vec![0; 8]].concat());
    let end = record(0x000a, &[]);
    let bound = |at: u32| record(0x0085, &[&at.to_le_bytes()[..], &[0, 0, 2, 0], b"S1"].concat());
    let start = begin(5).len() + bound(0).len() + end.len();
    let mut sheet = begin(0x10);
    for (row, column, value) in cells {
        let place = words(&[*row, *column, 0]);
        sheet.extend(match value {
            Value::Text(text) => {
                let wide: Vec<u16> = text.encode_utf16().collect();
                let length = words(&[wide.len() as u16]);
                record(0x0204, &[&place[..], &length, &[1], &words(&wide)].concat())
            }
            Value::Number(number) => record(0x0203, &[&place[..], &number.to_le_bytes()].concat()),
        });
    }
    sheet.extend(record(0x00e5, &[words(&[1]), words(&merged)].concat()));
    let book = [begin(5), bound(start as u32), end.clone(), sheet, end].concat();
    compound("Workbook", &book)
}

fn words(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    [&words(&[kind, data.len() as u16])[..], data].concat()
}
