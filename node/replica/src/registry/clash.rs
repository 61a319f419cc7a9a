//! Why an entry of the registry contradicts what is held.

use regulation::Edition;
use regulation::settings::BadSetting;

/// Why an entry contradicts what is held: a number, login, key or name that is another's, or something unknown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Clash {
    /// Entries begin with 1, in the city's log.
    #[error("no such place in the city's log")]
    Place,
    /// The first entry founds.
    #[error("the first entry must found the city")]
    NotFounded,
    /// Only the first entry founds.
    #[error("the city is founded already")]
    Founded,
    /// A unit that is not in the registry.
    #[error("there is no such unit")]
    NoSuchUnit,
    /// Two units of one code.
    #[error("the code {0} is that of another unit")]
    UnitCode(String),
    /// Units stand under hotlines that are known, and never in a circle.
    #[error("the unit {0} stands under one that is not known, or under itself")]
    UnitAbove(String),
    /// A government and superiors are other units that are known.
    #[error("the government or a superior of the unit {0} is not known, or is that unit itself")]
    UnitAsks(String),
    /// There is one city hotline, and it stays.
    #[error("a city has one city hotline")]
    CityHotline,
    /// Two categories of one code.
    #[error("the category {0} is there twice")]
    Category(String),
    /// A device that is not in the registry.
    #[error("there is no such device")]
    NoSuchDevice,
    /// The number is that of a device with another key.
    #[error("the device has another key already")]
    DeviceNumber,
    /// The key is that of another device.
    #[error("the key belongs to another device, or did once")]
    DeviceKey,
    /// A device stays with its unit.
    #[error("a device stays with its unit; enrol it anew for another")]
    DeviceMoved,
    /// The name is that of another device.
    #[error("the name {0} is that of another device")]
    DeviceName(String),
    /// The hub is a device of the class hub of the city hotline.
    #[error("the hub is not a device of the class hub of the city hotline")]
    Hub,
    /// Only a hub is taken out of use, and not the one by which the city settles.
    #[error("only a hub can be taken out of use, and not the city's own")]
    Retire,
    /// What is out of use stays so.
    #[error("the device is out of use, for good; enrol its successor by an invitation")]
    Retired,
    /// The number is that of another person.
    #[error("the number is that of another person")]
    PersonNumber,
    /// The login is that of another person.
    #[error("the login {0} is taken")]
    Login(String),
    /// Whoever had it written has no role that allows it.
    #[error("only who has the role administer at the city hotline may have that written")]
    NotTheirs,
    /// Nobody would be left who may name another.
    #[error("the city hotline keeps at least one person with the role administer")]
    LastAdministrator,
    /// 三员 exclude each other.
    #[error("one person has one of the roles administer, security and audit: they look after each other")]
    Officers,
    /// Whoever looks for a supervision organ has no hand in the work (36).
    #[error("whoever has the role inspect has no other role")]
    Inspector,
    /// No login.
    #[error("a login has 1 to 32 letters, digits or - _ .")]
    BadLogin,
    /// No name of a person.
    #[error("a name has 1 to 20 characters, on one line")]
    BadName,
    /// No name of a device.
    #[error("the name of a device has 1 to 40 characters, on one line")]
    BadDeviceName,
    /// What cannot be set.
    #[error("{0}")]
    Setting(BadSetting),
    /// An edition of the rules holds until a later one does.
    #[error("an edition of the rules is never taken back, nor set twice; a correction of it is a later edition")]
    EditionBack,
    /// An edition of the rules that this program does not carry.
    #[error("this version of the program carries the rules up to edition {}; upgrade all nodes, then set a later one", .0.0)]
    EditionUnknown(Edition),
    /// An edition of the rules that some hubs, of those names, have no program for.
    #[error("these hubs have not said yet that their program carries that edition: {}; upgrade and connect them, then set it", .0.join(", "))]
    EditionAhead(Vec<String>),
    /// An edition of the rules for a day.
    #[error("an edition of the rules holds from its entry on, never from a day")]
    EditionDated,
    /// No day.
    #[error("what is set holds from a day on that has not begun: name it")]
    Undated,
    /// A day that has begun.
    #[error("what is set for a day must be written, and confirmed, before that day begins")]
    Begun,
    /// Nothing new that a hub has said of its program.
    #[error("that is nothing new that a hub has said of its own program")]
    Carried,
    /// Something before it is not understood here.
    #[error("the registry says something that this version of the program does not understand; upgrade it, then write")]
    Beyond,
    /// One person alone may not change that.
    #[error("two people change that: one proposes, another confirms")]
    NeedsSecond,
    /// One person changes that.
    #[error("that is changed by one person, without a proposal")]
    Alone,
    /// Nothing of that hash waits.
    #[error("there is no such proposal waiting: it was confirmed, declined or taken back")]
    NothingProposed,
    /// Who proposed it could not propose it any more.
    #[error("who proposed it has lost the role that this needs since; somebody who has it proposes it anew")]
    ProposerGone,
    /// The same waits already.
    #[error(
        "the same is proposed already and waits: another person than who proposed it confirms it (jiesu proposals)"
    )]
    ProposedAlready,
    /// Too much of one person waits.
    #[error("16 changes that you have proposed wait already; have them confirmed, or take some back (jiesu proposals)")]
    ProposedMany,
    /// No reason why it is declined.
    #[error("say why, in 1 to 200 characters on one line")]
    Reason,
    /// Who proposed it does not confirm it.
    #[error("another person than who proposed it must confirm")]
    SamePerson,
    /// Something of the same was changed since it was proposed.
    #[error("it was changed since this was proposed; propose it anew")]
    Overtaken,
    /// No role of theirs allows to propose or confirm that.
    #[error("no role of theirs at the city hotline allows that")]
    NotOfThePair,
    /// No numbers, or no reason.
    #[error("name the first and the last number, and why, in 1 to 100 characters on one line")]
    Void,
    /// All of it is voided already.
    #[error("these numbers are voided already")]
    Voided,
    /// Too much was voided.
    #[error("numbers were voided 256 times already; name a wider range")]
    Voids,
    /// Nothing is stated.
    #[error("no entry of the duty list is named")]
    DutyNone,
    /// An entry that is not there.
    #[error("the duty list has no entry {0}")]
    NoSuchDuty(u32),
    /// What was retired stays so.
    #[error("entry {0} of the duty list was retired, and its number is never given again; take another number")]
    DutyRetired(u32),
    /// An entry stays with whose duty it is.
    #[error("entry {0} of the duty list is another's duty; retire it and state the duty under another number")]
    DutyHolder(u32),
    /// No number, holder, text or basis.
    #[error(
        "entry {0} of the duty list: a number from 1 on, whose duty it is, the duty in 1 to 300 and its basis in 1 to 200 characters, each on one line"
    )]
    DutyWords(u32),
    /// A category that is not in the registry.
    #[error("entry {0} of the duty list names a category that is not in the registry")]
    DutyCategory(u32),
    /// The months are locked once, in their turn.
    #[error("{0}")]
    Lock(&'static str),
}

impl Clash {
    /// The sentence for screens.
    #[must_use]
    pub fn chinese(&self) -> String {
        match self {
            Self::Place => "不是全市名册中的位置".to_owned(),
            Self::NotFounded => "名册第一条须为建市".to_owned(),
            Self::Founded => "已经建市".to_owned(),
            Self::NoSuchUnit => "名册中没有这个单位".to_owned(),
            Self::UnitCode(code) => format!("单位代码 {code} 已由另一单位使用"),
            Self::UnitAbove(code) => format!("单位 {code} 的上级热线不在名册中，或是它自己"),
            Self::UnitAsks(code) => format!("单位 {code} 的本级政府或上级主管部门不在名册中，或是它自己"),
            Self::Setting(bad) => bad.chinese(),
            Self::EditionBack => "规则版次只升不降，也不重复设定；更正须用更新的版次".to_owned(),
            Self::EditionUnknown(Edition(newest)) => {
                format!("本机程序只带有至第 {newest} 版的规则：请先升级各节点的程序，再换用更新的版次")
            }
            Self::EditionAhead(hubs) => {
                format!("下列中心节点尚未报告其程序带有该版次：{}；请先升级并接通，再换用", hubs.join("、"))
            }
            Self::EditionDated => "规则版次自设定时起换用，不能定在某一日".to_owned(),
            Self::Undated => "设定须自以后的某一日起执行，请写明日期".to_owned(),
            Self::Begun => "定自某一日起执行的，须在当日零时之前设定并复核".to_owned(),
            Self::Carried => "不是中心节点就其程序版次新作的报告".to_owned(),
            Self::Beyond => "名册中有本机程序版本不认识的重要变更：请先升级程序，再变更名册".to_owned(),
            Self::CityHotline => "一市只有一个市热线，且不变更".to_owned(),
            Self::Category(code) => format!("事项分类 {code} 重复"),
            Self::NoSuchDevice => "名册中没有这台设备".to_owned(),
            Self::DeviceNumber => "这个设备编号已有另一台设备使用".to_owned(),
            Self::DeviceKey => "这把设备密钥属于（或曾属于）另一台设备".to_owned(),
            Self::DeviceMoved => "设备不能换单位；请重新邀请加入".to_owned(),
            Self::DeviceName(name) => format!("设备名称 {name} 已有另一台设备使用"),
            Self::Hub => "中心节点须为市热线的中心节点类设备".to_owned(),
            Self::Retire => "只能停用中心节点类设备，且不能停用市热线的中心节点".to_owned(),
            Self::Retired => "这台设备已停用，不再恢复；请另行邀请接替的设备加入".to_owned(),
            Self::PersonNumber => "这个人员编号已有另一人使用".to_owned(),
            Self::Login(login) => format!("登录名 {login} 已有人使用"),
            Self::NotTheirs => "须由市热线的系统管理（administer）岗位办理".to_owned(),
            Self::LastAdministrator => "市热线须至少保留一名系统管理（administer）人员".to_owned(),
            Self::Officers => "系统管理、安全管理、安全审计三个岗位互相制约，一人只能担任其中一个".to_owned(),
            Self::Inspector => "监察（inspect）岗位的人员不得兼任其他岗位（第三十六条）".to_owned(),
            Self::BadLogin => "登录名须为 1 至 32 个字母、数字或 - _ .".to_owned(),
            Self::BadName => "姓名须为 1 至 20 个字，不含换行".to_owned(),
            Self::BadDeviceName => "设备名称须为 1 至 40 个字，不含换行".to_owned(),
            Self::NeedsSecond => "须由两人办理：一人提出，另一人复核".to_owned(),
            Self::Alone => "此项由一人办理，不须提出".to_owned(),
            Self::NothingProposed => "没有待复核的提议，或已复核、已撤回".to_owned(),
            Self::ProposerGone => "提出人已不再有此项所需的岗位，不能再复核；请由在岗人员重新提出".to_owned(),
            Self::ProposedAlready => {
                "同样的事项已提出，正在等候复核：请由提出人以外的另一人复核（jiesu proposals 可列出），不必再提"
                    .to_owned()
            }
            Self::ProposedMany => {
                "您提出的名册变更已有 16 项等候复核；请先请人复核，或撤回几项（jiesu proposals 可列出）".to_owned()
            }
            Self::Reason => "须写明理由（1 至 200 个字，不含换行）".to_owned(),
            Self::SamePerson => "须由提出人以外的另一人复核".to_owned(),
            Self::Overtaken => "提出之后同一设置已有变更，请重新提出".to_owned(),
            Self::NotOfThePair => "须由市热线有相应岗位的人员办理".to_owned(),
            Self::Void => "须写明起止编号和作废的理由（1 至 100 个字，不含换行）".to_owned(),
            Self::Voided => "这些时间编号已经作废".to_owned(),
            Self::Voids => "作废的次数已达 256 次上限".to_owned(),
            Self::DutyNone => "没有写明职责清单的条目".to_owned(),
            Self::NoSuchDuty(number) => format!("职责清单没有第 {number} 条"),
            Self::DutyRetired(number) => format!("职责清单第 {number} 条已停用，编号不再使用；请另用编号"),
            Self::DutyHolder(number) => {
                format!("职责清单第 {number} 条是别的单位的职责；职责移交的，请停用此条，另用编号设定")
            }
            Self::DutyWords(number) => format!(
                "职责清单第 {number} 条：编号自 1 起，须写明是谁的职责、职责内容（1 至 300 个字）和依据（1 至 200 个字），均不含换行"
            ),
            Self::DutyCategory(number) => format!("职责清单第 {number} 条所写的事项分类不在名册中"),
            Self::Lock(_) => "考评表的封存与已封存的月份或编号不符：考评表按月依次封存，同一个月只封存一次；请用 jiesu proposals 查看待复核的，撤回（jiesu decline）后对下一个月重新提出（jiesu report lock）"
                .to_owned(),
        }
    }
}
