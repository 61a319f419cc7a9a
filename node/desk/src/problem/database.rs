//! What became of the database and its disk: what is lost, damaged or full, and how to go on.

use store::{Loss, StoreError};

use super::Problem;
use super::system::in_chinese;
use crate::home::ROOM_BYTES;

impl Problem {
    /// The database lacks what people were told is saved: nothing is done until somebody says how to go on.
    fn lost(loss: Loss) -> Self {
        let chinese = match loss {
            Loss::Behind { held, told } => {
                format!("数据库缺少已告知“已保存”的记录：应有 {told} 次写入，只有 {held} 次")
            }
            Loss::Log => "数据库缺少已告知“已保存”的记录：node.db-wal 丢失或损坏".to_owned(),
            Loss::Unmarked => "node.db.mark 丢失或损坏，无法确认已告知“已保存”的记录是否都在".to_owned(),
            Loss::Foreign => "node.db 与 node.db.mark 不属于同一个数据库".to_owned(),
            Loss::Database => "node.db 不见了".to_owned(),
        };
        let (way, english) = match loss {
            Loss::Database => (
                "请先找回 node.db 或从备份放回，再用 jiesu serve --after-loss 启动；找不回、也没有备份的，保留整个目录，换一个目录用新的邀请码加入（jiesu join）：上传过的记录从其他节点取回",
                "put node.db back, from a backup if need be, then start with jiesu serve --after-loss; where there is none keep the folder, and join anew in another one with a new invitation (jiesu join): what was uploaded is fetched from other nodes",
            ),
            _ => (
                "请先复制整个目录留存；能找回原文件就放回原文件，不能则用 jiesu serve --after-loss 启动：缺少的记录从其他节点取回，编号跳过一段",
                "copy the whole folder first; put the right files back if there are any, else start with jiesu serve --after-loss: what is missing is fetched from other nodes, and numbers are skipped",
            ),
        };
        Self::new("lost", 500, 7, format!("{chinese}。{way}"), format!("{}; {english}", StoreError::Lost(loss)))
    }

    /// The database of a node that runs, or ran, is not what its writer wrote.
    fn database_damaged(title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new("damaged", 500, 7, title, detail)
    }

    /// The files that are attached to tickets cannot be used; what was typed is given back.
    pub(crate) fn files_unusable(error: &StoreError) -> Self {
        let title = format!(
            "附件库 files.db 用不了，工单不受影响：{error}。请查看文件的属主、权限和磁盘；已损坏的，从备份放回，没有备份的移走它，另起一个"
        );
        let detail = format!(
            "files.db, the attachments, cannot be used; no ticket is touched by it: {error}. See to its owner, rights and disk; put a damaged one back from a backup, or move it away and begin anew"
        );
        Self { retry_s: Some(60), ..Self::new("storage", 503, 7, title, detail) }
    }

    /// Going on after a loss was asked for, and nothing is missing.
    #[must_use]
    pub fn nothing_lost() -> Self {
        Self::bad_input(
            "数据库完整，没有丢失记录：请去掉 --after-loss 再启动。确是从备份放回了整个目录的，用 --after-loss=backup：节点另起编号段，跳过一千个号",
            "the database lacks nothing: start without --after-loss. If the whole folder was put back from a backup, use --after-loss=backup: the node counts anew and skips a thousand numbers",
        )
    }

    /// There is no room on the disk. Whoever knows the folder says how much is free too: [`Home::disk_full`](crate::Home::disk_full).
    #[must_use]
    pub fn disk_full() -> Self {
        Self::disk_full_with(None)
    }

    /// There is no room on the disk, of which so many bytes are free.
    #[must_use]
    pub fn disk_full_with(free: Option<u64>) -> Self {
        let (room, room_en) = room_wanted(free);
        Self::new(
            "disk-full",
            507,
            7,
            format!(
                "磁盘已满，未保存。请腾出空间后再试：{room}；已保存的内容不受影响，仍可查看，空间够了节点几秒内自行恢复"
            ),
            format!(
                "the disk is full, nothing was saved; make room and try again: {room_en}; what was saved is safe and can be read, and the node goes on by itself seconds after there is room"
            ),
        )
    }

    /// The disk failed, and the node with it.
    #[must_use]
    pub fn disk_failed(why: &str) -> Self {
        Self::new(
            "storage",
            500,
            7,
            format!("写入磁盘时出错，节点已停止：{why}。请检查磁盘；重新启动后可看到最后一次操作是否保存"),
            format!(
                "the disk failed and the node has stopped: {why}; look after the disk; whether the last request was saved shows after the next start"
            ),
        )
    }

    /// The disk failed while it was being saved: neither done nor refused.
    #[must_use]
    pub fn unknown_result() -> Self {
        Self::new(
            "unknown-result",
            500,
            9,
            "结果未知，请稍后查看：写入磁盘时出错，节点已停止，重新启动后才知道是否保存",
            "the result is unknown, look again later: the disk failed while it was being saved, and the node has stopped; whether it was saved shows when it runs again",
        )
    }
}

/// How much room a node whose disk is full wants, and how much there is, in Chinese and English.
pub(crate) fn room_wanted(free: Option<u64>) -> (String, String) {
    let mebibytes = |bytes: u64| format!("{}.{} MiB", bytes >> 20, ((bytes & ((1 << 20) - 1)) * 10) >> 20);
    let needed = mebibytes(ROOM_BYTES);
    match free {
        None => (format!("至少要有 {needed}"), format!("{needed} at least")),
        Some(free) if free < ROOM_BYTES => {
            let free = mebibytes(free);
            (format!("至少要有 {needed}，现有 {free}"), format!("{needed} at least, {free} are free now"))
        }
        Some(free) => {
            let free = mebibytes(free);
            (
                format!(
                    "至少要有 {needed}；磁盘现有 {free}，仍写不进去的，是达到了磁盘配额或文件大小的限制（ulimit -f）"
                ),
                format!(
                    "{needed} at least; the disk has {free}: if it still takes nothing a quota or a limit of file sizes (ulimit -f) is reached"
                ),
            )
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if matches!(error, StoreError::Locked) {
            return Self::busy(
                "数据库正被另一个进程使用，请稍后再试",
                "another process has the database; try again later",
            );
        }
        let chinese = match &error {
            StoreError::WrongKey => "密钥打不开 node.db：keys.toml 不是它的，或 node.db 的开头已损坏。请保留整个目录，从备份放回 keys.toml 或 node.db；单位的电脑也可换一个目录，用新的邀请码重新加入"
                .to_owned(),
            StoreError::Newer { .. } => "数据库由更新版本的程序写成，请先升级本程序".to_owned(),
            StoreError::Missing => "数据库 node.db 不在节点的目录里了：目录可能在节点运行时被移走或改名。请停止节点，把目录放回原处，或从它现在的位置启动".to_owned(),
            StoreError::Full => return Self::disk_full(),
            StoreError::ReadOnly => "数据库（node.db 和同一目录里的 node.db-wal、node.db-shm、node.db.mark）不可写，所以查看也不行：打开数据库就要在同一目录里加锁、写日志。请检查这些文件和目录的属主、权限，以及磁盘是否只读；节点正在运行的，请用运行它的那个用户执行命令".to_owned(),
            StoreError::Corrupt(_) => {
                return Self::database_damaged(
                    "数据库已损坏。请先复制整个目录留存；再从备份恢复，用 jiesu serve --after-loss 启动：缺少的记录从其他节点取回",
                    format!(
                        "{error}; copy the whole folder first, then restore it from a backup and start with \
                         jiesu serve --after-loss: what is missing is fetched from other nodes"
                    ),
                );
            }
            StoreError::Io(why) => {
                return Self::database_damaged(format!("读取磁盘时出错：{why}。请检查磁盘"), error.to_string());
            }
            StoreError::Disturbed(file) => {
                return Self::database_damaged(
                    format!(
                        "节点运行时，{file} 被别的程序替换、改写、截短或删除，节点已停止；本次未保存。\
                         请先复制整个目录留存，把原文件放回；没有原文件的从备份恢复，用 jiesu serve --after-loss 启动"
                    ),
                    format!(
                        "{error}: the node has stopped and this was not saved; copy the whole folder first, then put the \
                         right file back, or restore it from a backup and start with jiesu serve --after-loss"
                    ),
                );
            }
            StoreError::Unopened(_) => "打不开数据库（node.db 和同一目录里的 node.db-wal、node.db-shm、node.db.mark），没有办理：请检查这些文件和目录的属主、权限（用 sudo 或别的用户运行过命令的，会留下属主不同的文件，请改回节点的用户）；属主、权限无误的，是系统打开的文件已到上限，请重新启动节点".to_owned(),
            StoreError::Lost(loss) => return Self::lost(*loss),
            StoreError::Unknown(_) => return Self::unknown_result(),
            other => format!("数据库故障：{}", in_chinese(&other.to_string())),
        };
        let english = match error {
            StoreError::WrongKey => "the key does not open node.db: keys.toml is not its own, or its beginning is damaged. Keep the whole folder and put keys.toml or node.db back from a backup; a unit's computer can also join anew in another folder".to_owned(),
            StoreError::Missing => "node.db is no longer in the node's folder: it may have been moved or renamed while the node ran. Stop the node, and put the folder back or start from where it is now".to_owned(),
            StoreError::ReadOnly => "the database (node.db, node.db-wal, node.db-shm, node.db.mark) cannot be written, so that nothing can be shown either: opening it takes a lock and a log in the same folder. Look at the owner and the permissions of these files and their folder, and whether the disk is read-only".to_owned(),
            StoreError::Unopened(why) => format!("the database (node.db, node.db-wal, node.db-shm, node.db.mark) cannot be opened ({why}), nothing was done: look at the owner and the permissions of these files and their folder (a command run with sudo or by somebody else leaves files that are not the node's: give them back to its user); if these are right the system opens no more files, start the node again"),
            other => other.to_string(),
        };
        Self::new("storage", 500, 7, chinese, english)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_lost_the_database_and_has_no_copy_is_told_another_way_on() {
        let problem = Problem::from(StoreError::Lost(Loss::Database));
        assert!(problem.title.contains("没有备份") && problem.title.contains("jiesu join"), "{problem:?}");
        assert!(problem.detail.contains("join anew"), "{problem:?}");
    }

    #[test]
    fn a_full_disk_says_how_much_must_be_free_and_how_much_is() {
        let problem = Problem::disk_full_with(Some(3 << 19));
        assert!(problem.title.contains("16.0 MiB，现有 1.5 MiB"), "{problem:?}");
        assert!(problem.detail.contains("16.0 MiB at least, 1.5 MiB are free now"), "{problem:?}");
        let problem = Problem::disk_full_with(Some(1 << 30));
        assert!(problem.title.contains("1024.0 MiB") && problem.title.contains("配额"), "{problem:?}");
        assert!(Problem::disk_full().title.contains("16.0 MiB"));
    }

    #[test]
    fn a_database_that_cannot_be_opened_names_its_files_and_whose_they_must_be() {
        for error in [StoreError::ReadOnly, StoreError::Unopened("unable to open database file".to_owned())] {
            let problem = Problem::from(error);
            assert!(problem.title.contains("node.db-wal") && problem.title.contains("属主"), "{problem:?}");
            assert!(problem.detail.contains("node.db-wal") && problem.detail.contains("owner"), "{problem:?}");
            assert!(!problem.title.contains("暂时") && !problem.title.contains("unable"), "{problem:?}");
        }
    }
}
