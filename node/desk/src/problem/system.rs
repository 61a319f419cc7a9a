//! What the system says went wrong, in Chinese.

/// What kind of error of the system's a text tells of, by the number that stands in it.
pub(super) fn os_error(text: &str) -> Option<std::io::ErrorKind> {
    let (_, after) = text.split_once("(os error ")?;
    Some(std::io::Error::from_raw_os_error(after.split_once(')')?.0.parse().ok()?).kind())
}

/// What is said of a path at which there is something that is read without end, or keeps whoever reads it waiting.
pub(crate) const NO_FILE: &str = "it is a pipe, a socket or a device, and no file";

/// The system's own words are English; those that people meet are said in Chinese.
#[must_use]
pub fn in_chinese(error: &str) -> String {
    use std::io::ErrorKind;
    if error == NO_FILE {
        return "是管道、套接字或设备，不是文件".to_owned();
    }
    let known = match os_error(error) {
        Some(ErrorKind::StorageFull) => "磁盘已满",
        Some(ErrorKind::QuotaExceeded) => "超过磁盘配额",
        Some(ErrorKind::PermissionDenied) => "没有权限",
        Some(ErrorKind::ReadOnlyFilesystem) => "磁盘只读",
        Some(ErrorKind::NotFound) => "没有这个文件或目录",
        Some(ErrorKind::AlreadyExists) => "文件已存在",
        Some(ErrorKind::IsADirectory) => "是目录，不是文件",
        Some(ErrorKind::NotADirectory) => "路径中间有一段不是目录",
        Some(ErrorKind::AddrInUse) => "地址已被别的程序占用",
        Some(ErrorKind::AddrNotAvailable) => "本机没有这个地址",
        Some(ErrorKind::ConnectionRefused) => "对方没有开放这个端口",
        Some(ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable) => "网络不通",
        Some(ErrorKind::TimedOut) => "没有应答",
        _ => return error.to_owned(),
    };
    known.to_owned()
}
