//! An article that two write at once: what its row says, what is refused, and how it is decided.

use kernel::{BadInput, Command, Done, Edit, Refusal};
use regulation::{ActId, Body, DeviceId, Rule};
use replica::{Block, Draft};
use store::CorrectionFilter;

use crate::city::{self, COUNTY_HUB, HUB, LAPTOP, NOON, OFFICE};
use crate::net::Net;

fn write(net: &mut Net, device: DeviceId, doc: ActId, text: &str) {
    let edit = Edit::Replace { base: Vec::new(), text: text.to_owned() };
    let command = Command::Write { doc, draft: Draft::new(Body::ArticleEdit), edit };
    ask(net, device, 0, command).unwrap();
}

/// One of the two people of the device's unit asks.
fn ask(net: &mut Net, device: DeviceId, person: usize, command: Command) -> Result<Done, Refusal> {
    let kernel = net.node(device);
    let unit = kernel.registry().now().device(device).unwrap().unit;
    let (result, effects) = city::ask(kernel, NOON, Some(city::people(unit)[person]), command);
    net.spread(device, effects);
    result
}

fn row(net: &mut Net, device: DeviceId, doc: ActId) -> store::ArticleRow {
    let store = net.node(device).store();
    store.article(store.doc_no(&doc).unwrap().unwrap()).unwrap().unwrap()
}

fn blocks(net: &mut Net, device: DeviceId, doc: ActId) -> Vec<Block> {
    let kernel = net.node(device);
    kernel::read::history(kernel.store(), kernel.registry(), doc).unwrap().blocks_at(&[]).unwrap()
}

#[test]
fn article_with_two_wordings_is_published_when_one_was_chosen_and_everywhere_the_same() {
    let mut net = Net::new(&[HUB, LAPTOP]);
    let begun = ask(&mut net, HUB, 0, Command::Begin(city::article())).unwrap();
    let Done::Made { doc, .. } = begun else { panic!("{begun:?}") };
    net.connect(HUB, LAPTOP);
    net.run();
    net.cut();
    write(&mut net, HUB, doc, "拨打热线，12小时内答复。");
    write(&mut net, LAPTOP, doc, "拨打热线，48小时内答复。\n附：电话簿");
    net.connect(HUB, LAPTOP);
    net.run();
    assert_eq!(row(&mut net, HUB, doc), row(&mut net, LAPTOP, doc));
    assert_eq!(row(&mut net, HUB, doc).conflicts, 1);
    let publish = || Command::Act { doc, draft: Draft::new(Body::ArticlePublish) };
    assert_eq!(ask(&mut net, HUB, 1, publish()), Err(Refusal::Rule(Rule::TextUndecided)));
    let open = blocks(&mut net, HUB, doc).into_iter().find(Block::open).unwrap();
    let choose = |act| {
        let edit = Edit::Choose { base: Vec::new(), block: open.id, act };
        Command::Write { doc, draft: Draft::new(Body::ArticleEdit), edit }
    };
    let nobody = ask(&mut net, HUB, 0, choose(ActId([3; 32])));
    assert_eq!(nobody, Err(BadInput::NoSuchValue.into()));
    let chosen = &open.values[1];
    ask(&mut net, HUB, 0, choose(chosen.act)).unwrap();
    let Done::Made { act, .. } = ask(&mut net, HUB, 0, publish()).unwrap() else { panic!("not made") };
    let confirm = Draft::new(Body::Confirm).answering(Some(act));
    ask(&mut net, HUB, 1, Command::Act { doc, draft: confirm }).unwrap();
    net.run();
    let row_here = row(&mut net, HUB, doc);
    assert_eq!(row_here, row(&mut net, LAPTOP, doc));
    let text = format!("{}\n附：电话簿", chosen.text.as_deref().unwrap().trim());
    assert_eq!((row_here.conflicts, row_here.published.as_deref()), (0, Some(text.as_str())));
    // What is published stays what it was, whatever is written afterwards.
    write(&mut net, LAPTOP, doc, "改写。");
    net.run();
    let row_here = row(&mut net, HUB, doc);
    assert_eq!((row_here.published.as_deref(), row_here.body.as_str()), (Some(text.as_str()), "改写。"));
}

#[test]
fn what_others_find_wrong_is_in_the_list_of_its_unit_until_it_is_answered() {
    let mut net = Net::new(&[HUB, COUNTY_HUB, OFFICE]);
    net.connect(HUB, COUNTY_HUB);
    net.connect(COUNTY_HUB, OFFICE);
    let Ok(Done::Made { doc, .. }) = ask(&mut net, OFFICE, 0, Command::Begin(city::article())) else { panic!() };
    net.run();
    let listed = |net: &mut Net, owner, due_before| {
        let filter = CorrectionFilter { owner, due_before };
        let store = net.node(HUB).store();
        let rows = store.corrections(filter, None, 9).unwrap();
        assert_eq!(store.corrections_counted(filter).unwrap(), rows.len() as u64);
        rows.iter().map(|row| row.correction_due.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(listed(&mut net, None, None), [0; 0]);
    let correct = Draft::new(Body::ArticleCorrect).text(["电话有变"]);
    ask(&mut net, HUB, 1, Command::Act { doc, draft: correct }).unwrap();
    net.run();
    // Five working days from 2 November: until the 9th is over.
    let due = NOON + 7 * city::DAY_MS + 43_200_000;
    assert_eq!(row(&mut net, OFFICE, doc).correction_due, Some(due));
    for (owner, due_before, expected) in [
        (None, None, &[due][..]),
        (Some(city::TOWN), None, &[due]),
        (Some(city::CITY), None, &[]),
        (None, Some(due), &[]),
        (Some(city::TOWN), Some(due + 1), &[due]),
    ] {
        assert_eq!(listed(&mut net, owner, due_before), expected, "{owner:?} {due_before:?}");
    }
    // Somebody of its unit mends it.
    write(&mut net, OFFICE, doc, "拨打新号码。");
    net.run();
    assert_eq!(listed(&mut net, None, None), [0; 0]);
}

#[test]
fn a_county_looks_at_the_articles_of_units_below_it_and_at_no_others() {
    let mut net = Net::new(&[HUB, COUNTY_HUB, OFFICE]);
    net.connect(HUB, COUNTY_HUB);
    net.connect(COUNTY_HUB, OFFICE);
    let mut begin = |device| match ask(&mut net, device, 0, Command::Begin(city::article())).unwrap() {
        Done::Made { doc, .. } => doc,
        other => panic!("{other:?}"),
    };
    let (of_town, of_city) = (begin(OFFICE), begin(HUB));
    net.run();
    let mut review = |doc| ask(&mut net, COUNTY_HUB, 0, Command::Act { doc, draft: Draft::new(Body::ArticleReview) });
    assert!(matches!(review(of_town), Ok(Done::Made { .. })));
    assert_eq!(review(of_city), Err(Refusal::Rule(Rule::OwnerOnly)));
}
