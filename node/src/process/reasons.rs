//! What the link says of a peer that is not reached, for people.

use desk::problem::in_chinese;
use link::reasons;

/// Why a peer is not reached, and what to do, in Chinese. What is not known stays as the system says it.
pub(super) fn chinese(reason: &str) -> String {
    let known = match reason {
        reasons::PEER_KNOWS_NOT => "对方的名册里没有本机：请联系市热线操作员，换一个目录用新的邀请码重新加入",
        reasons::PEER_SAYS_RETIRED => {
            "本机已由市热线停用：不再同步。请停止本机的节点，保留整个目录，换一个目录用新的邀请码加入"
        }
        reasons::RETIRED => "那台设备已由市热线停用：请从 --peer 或 config.toml 的 peers 里去掉这个地址",
        reasons::PEER_HAS_OTHER => {
            "对方已有用本机密钥的另一条连接：有两台机器在使用同一份数据目录，请停用其中一台并联系市热线操作员"
        }
        reasons::PEER_FOUND_SLOW => "对方嫌本机太慢而断开；网络不好时会这样，稍后自动再连",
        reasons::PEER_UNDERSTOOD_NOT => "对方看不懂本机的话：两边的程序版本可能不同，请联系操作员",
        reasons::PEER_BUSY => "对方正忙，稍后自动再连",
        reasons::OWN_ADDRESS => "这是本机自己的地址：请改正 --peer 或 config.toml 里的 peers",
        reasons::NOT_ENROLLED => "那个地址上的设备不在名册里：请核对地址",
        reasons::NO_ANSWER | "timed out" => "没有应答：对方没有运行，或网络、防火墙不通",
        reasons::CLOSED => "连接断开，稍后自动再连",
        other => return in_chinese(other),
    };
    known.to_owned()
}
