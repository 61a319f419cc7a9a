/* A disk that fails when it is told to: loaded before the C library of a real process (LD_PRELOAD). Files below $DISK_DIR obey
   the word in $DISK_WORD: "full", no file grows; "room N", no file grows beyond N bytes; "sync", nothing is forced to the disk; "read", nothing is read. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Whether the word is said, and the file is one of those; then what is said after the word, or 1. */
static long told(const char *word, int fd) {
    const char *dir = getenv("DISK_DIR"), *file = getenv("DISK_WORD");
    char link[64], path[4096], said[16] = {0};
    int at, saved = errno;
    ssize_t length;
    if (!dir || !file) return 0;
    at = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDONLY | O_CLOEXEC);
    if (at < 0) { errno = saved; return 0; }
    length = syscall(SYS_read, at, said, sizeof said - 1);
    syscall(SYS_close, at);
    errno = saved;
    if (length <= 0 || strncmp(said, word, strlen(word))) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path - 1);
    errno = saved;
    if (length <= 0) return 0;
    path[length] = 0;
    if (strncmp(path, dir, strlen(dir))) return 0;
    return said[strlen(word)] == ' ' ? atol(said + strlen(word)) : 1;
}

/* The index of the log (-shm) is cut off and grows again at every start: the blocks that it gave back are there. */
static int grows(int fd, off_t end) {
    struct stat found;
    char link[64], path[4096];
    ssize_t length;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path);
    if (length > 4 && !strncmp(path + length - 4, "-shm", 4)) return 0;
    return !fstat(fd, &found) && S_ISREG(found.st_mode) && end > found.st_size;
}

/* Whether there is no room for what ends there. */
static int no_room(int fd, off_t end) {
    long most = told("room", fd);
    return (told("full", fd) || (most && end > most)) && grows(fd, end);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real) real = (ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
    if (no_room(fd, at + (off_t)count)) { errno = ENOSPC; return -1; }
    return real(fd, bytes, count, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { return pwrite64(fd, bytes, count, at); }

ssize_t write(int fd, const void *bytes, size_t count) {
    static ssize_t (*real)(int, const void *, size_t);
    if (!real) real = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    if (no_room(fd, lseek(fd, 0, SEEK_CUR) + (off_t)count)) { errno = ENOSPC; return -1; }
    return real(fd, bytes, count);
}

int fsync(int fd) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    if (told("sync", fd)) { errno = EIO; return -1; }
    return real(fd);
}

int fdatasync(int fd) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    if (told("sync", fd)) { errno = EIO; return -1; }
    return real(fd);
}

ssize_t pread64(int fd, void *bytes, size_t count, off64_t at) {
    static ssize_t (*real)(int, void *, size_t, off64_t);
    if (!real) real = (ssize_t (*)(int, void *, size_t, off64_t))dlsym(RTLD_NEXT, "pread64");
    if (told("read", fd)) { errno = EIO; return -1; }
    return real(fd, bytes, count, at);
}

ssize_t pread(int fd, void *bytes, size_t count, off_t at) { return pread64(fd, bytes, count, at); }
