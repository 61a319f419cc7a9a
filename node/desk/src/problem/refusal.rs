//! Why the kernel has not carried out a command, and what of the registry says no.

use kernel::BadCover;
use regulation::{Article, Rule};
use replica::registry::Clash;

use super::Problem;

impl From<kernel::Refusal> for Problem {
    fn from(refusal: kernel::Refusal) -> Self {
        use kernel::Refusal;
        match refusal {
            Refusal::Rule(rule) => rule.into(),
            Refusal::NotFound => Self::not_found("本机没有这份文件", "no such document here"),
            Refusal::Left => Self::new(
                "left",
                409,
                1,
                "此件已转出本机各单位，在这里办理的内容到不了市热线；没有办理。请电话告知市热线",
                "the ticket was given elsewhere: what is done here would not reach the city; tell it by telephone",
            ),
            Refusal::NeedsUpgrade { acts } => Self::new(
                "needs-upgrade",
                409,
                1,
                format!(
                    "此件有 {acts} 条办理记录是用更新版本的程序办的，本机程序看不懂，可能与要办的冲突；没有办理。请先升级本机程序（需升级）"
                ),
                format!("{acts} acts on this document are of a newer version of this program; upgrade this node first"),
            ),
            Refusal::BadInput(bad) => bad.into(),
            Refusal::OtherText { number, unit, .. } => Self::new(
                "other-text",
                409,
                1,
                format!(
                    "{unit}已用同一来源编号登记过工单 {number}，内容不同，未登记。同一诉求有补充的，请补充到该工单；\
                     确是两件的，请向来源系统核实编号"
                ),
                format!(
                    "{unit} has registered ticket {number} under the same number of the other system, with another text; \
                     nothing was added. Add to that ticket what is new of the same request; if these are two, ask the \
                     other system for the right number"
                ),
            ),
            Refusal::OtherRequest => Self::new(
                "other-request",
                409,
                1,
                "同一请求编号先前已办理了另一份内容，这次的内容没有保存；确要另办，请重新提交（网页上再点一次，命令换一个 --request-id）",
                "something else was done under the id of this request before, and this was not saved; send it anew if it is meant (press the button again, or take another --request-id)",
            ),
            Refusal::Cover(bad) => Self::bad_input(said(bad), bad.to_string()),
            Refusal::Covers => Self::not_permitted(
                "代班期间不能复核、审核被代班人提出或办理的事项：由另一人（人手不足的由上级热线）复核，或待其销假、改由他人代班后再办",
                "whoever covers for somebody does not confirm or review what that one did: another person does, or the hotline above",
            ),
            Refusal::Clash(clash) => clash.into(),
            Refusal::OtherTime => Self::bad_input(
                "本机时钟与所说的时间相差五分钟以上；请先改正系统时间，再确认",
                "the clock of this machine is more than five minutes off that time; set it right, then confirm",
            ),
            Refusal::LockDoubtful => Self::refused(
                "clock-doubtful",
                Some(Article(38, 0)),
                "本机时钟存疑，封存后不能撤销，现在不能提出或复核封存：请先改正系统时间，或核对无误后用 jiesu clock 确认",
                "the clock of this machine is in doubt, and what is locked stays so: set it right, or confirm it with jiesu clock, then lock",
            ),
            Refusal::LockEarly => Self::refused(
                "not-over",
                Some(Article(38, 0)),
                "按本机时钟，这个月尚未结束，不能提出或复核封存",
                "the month is not over by the clock of this machine, and is neither proposed to be locked nor confirmed",
            ),
            Refusal::Changed => Self::new(
                "changed",
                409,
                1,
                "刚刚有人改过，请重新查看后再试",
                "it was changed by somebody else meanwhile; look at it again",
            ),
            Refusal::RegistryUnsure { unheard } => registry_unsure(&unheard),
            Refusal::HubPutBack { unheard } => hub_put_back(&unheard),
            Refusal::NothingToWaive => Self::new(
                "nothing-to-waive",
                409,
                1,
                "中心节点没有在等待任何节点，不需要这样做",
                "the city hub waits for nobody; there is nothing to waive",
            ),
            Refusal::NoRootKey => Self::not_permitted(
                "本机不保存全市根密钥，请在市热线中心节点上操作",
                "this node does not hold the root key; do this on the city hub",
            ),
            Refusal::NoNeedToKnow => Self::not_permitted(
                "您的岗位不需要查看诉求人的联系方式（第十三条）",
                "no role of yours needs the requester's personal data (article 13)",
            ),
            Refusal::ShownTooOften { wait_s } => shown_too_often(wait_s),
            Refusal::NotEnrolled(_) => Self::not_permitted(
                "本机尚未加入，或已停用；先运行 jiesu join（已停用的，换一个目录用新的邀请码加入）",
                "this device is not enrolled, or out of use; run jiesu join first (if out of use, in another folder with a new invitation)",
            ),
        }
    }
}

fn shown_too_often(wait_s: u64) -> Problem {
    let minutes = wait_s.div_ceil(60);
    Problem::later(
        429,
        wait_s,
        format!("一小时内查看联系方式的次数已到上限，请 {minutes} 分钟后再看；确有需要请找本单位负责人"),
        format!("as much personal data as an hour allows was shown to you; again in {minutes} minutes"),
    )
}

impl From<Clash> for Problem {
    fn from(clash: Clash) -> Self {
        let (chinese, english) = (clash.chinese(), clash.to_string());
        match clash {
            Clash::NotTheirs | Clash::NotOfThePair => Self::not_permitted(chinese, english),
            // The same rules as of acts, with their codes and articles.
            Clash::SamePerson => Self::of_rule(Rule::SecondPerson, chinese, english),
            Clash::NothingProposed => Self::of_rule(Rule::NothingToConfirm, chinese, english),
            Clash::ProposerGone => Self::of_rule(Rule::ProposerGone, chinese, english),
            Clash::Overtaken => Self::refused("overtaken", None, chinese, english),
            Clash::ProposedAlready => Self::refused("already-proposed", None, chinese, english),
            Clash::ProposedMany => Self::refused("too-many-proposals", None, chinese, english),
            _ => Self::bad_input(chinese, english),
        }
    }
}

/// What is wrong with what is said of deputies and leave, in Chinese.
fn said(bad: BadCover) -> String {
    match bad {
        BadCover::NotHere => "A/B 岗和请假只能在本单位、就本单位的人员设定，不能跨单位代班".to_owned(),
        BadCover::NotTheirs => "B 岗、请假和销假由本人登记；本人不能登记的，由本单位系统管理岗位的人员登记".to_owned(),
        BadCover::Oneself => "不能由本人代本人的班".to_owned(),
        BadCover::NoDeputy => "没有 B 岗：请用 --by 写明由谁代班，或先设 B 岗".to_owned(),
        BadCover::Days { most, ahead } => {
            format!("请假须止于今天或以后，在 {ahead} 天内开始，一次不超过 {most} 天")
        }
        BadCover::OnLeave => "此人在这几天已有请假；须改的请先销假：jiesu cover back 登录名".to_owned(),
        BadCover::Away => "代班的人在这几天也请假，请另指一人".to_owned(),
        BadCover::Covering => "此人在这几天要代别人的班；请先给那位同事另指代班的人".to_owned(),
        BadCover::Many { most } => format!("一人同时至多代 {most} 人的班"),
        BadCover::NoLeave => "此人没有进行中或将开始的请假".to_owned(),
    }
}

fn registry_unsure(unheard: &[String]) -> Problem {
    Problem::new(
        "registry-unsure",
        409,
        1,
        format!(
            "本机数据库放回过旧的拷贝，其他节点可能持有本机缺少的名册记录，现在不能变更名册。请先让这些节点连上一次：{}；不能再连上的，由市热线两名系统管理岗位的人员分别运行 jiesu hub waive",
            unheard.join("、")
        ),
        format!(
            "the database was put back, and other nodes may hold entries of the registry that are missing here; it is not changed now. Let these connect first: {}; for those that will not come, two people of the city hotline with the role administer each run jiesu hub waive",
            unheard.join(", ")
        ),
    )
}

fn hub_put_back(unheard: &[String]) -> Problem {
    Problem::new(
        "hub-put-back",
        409,
        1,
        format!(
            "市热线中心节点放回过旧的拷贝，先要取回各县手里它签过的记录，现在不办理。还没有连上或没有传完的：{}；急件请在市热线的别的设备上办",
            unheard.join("、")
        ),
        format!(
            "the city hub was put back, and first takes back from the counties what it has signed; nothing was done. Not heard to the end: {}; use another device of the city hotline for what is urgent",
            unheard.join(", ")
        ),
    )
}
