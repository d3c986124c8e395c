/*
 * A library for LD_PRELOAD: writes down every change of a file below KEYSTATE_RECORD_ROOT, and every sync, to
 * KEYSTATE_RECORD_LOG. Node and SQLite make their calls through the C library, which these functions stand in front of.
 *
 * Each record is a line of words, followed by as many bytes as its last word says, and a line end.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILES_MAX 65536
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static char followed[FILES_MAX];
static int record_file = -1;
static unsigned long syncs;

static int below(const char *path) {
  const char *root = getenv("KEYSTATE_RECORD_ROOT");
  return root != NULL && path != NULL && strncmp(path, root, strlen(root)) == 0;
}

static int is_followed(int fd) { return fd >= 0 && fd < FILES_MAX && followed[fd]; }

/* Called with the turn held. The program ends where nothing can be written down: a record with a gap proves nothing. */
static void record(const void *bytes, size_t length, const char *format, ...) {
  char head[8192];
  va_list words;
  va_start(words, format);
  int used = vsnprintf(head, sizeof head - 32, format, words);
  va_end(words);
  if (used < 0 || used >= (int)sizeof head - 32) abort();
  used += snprintf(head + used, 32, " %zu\n", length);
  if (record_file < 0) {
    const char *log = getenv("KEYSTATE_RECORD_LOG");
    record_file = log == NULL ? -1 : REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (record_file < 0) abort();
  }
  struct iovec parts[3] = {{head, (size_t)used}, {(void *)bytes, length}, {"\n", 1}};
  if (REAL(writev)(record_file, parts, 3) != (ssize_t)(used + length + 1)) abort();
}

#define TURN(call)              \
  pthread_mutex_lock(&turn);    \
  __auto_type result = (call);  \
  int kept = errno;

#define DONE                    \
  pthread_mutex_unlock(&turn);  \
  errno = kept;                 \
  return result;

#define OPEN(name)                                              \
  int name(const char *path, int flags, ...) {                  \
    va_list rest;                                               \
    va_start(rest, flags);                                      \
    mode_t mode = (flags & O_CREAT) ? va_arg(rest, mode_t) : 0; \
    va_end(rest);                                               \
    if (!below(path)) return REAL(name)(path, flags, mode);     \
    TURN(REAL(name)(path, flags, mode))                         \
    if (result >= FILES_MAX) abort();                           \
    if (result >= 0) {                                          \
      followed[result] = 1;                                     \
      record(path, strlen(path), "open %d %d", result, (flags & O_TRUNC) != 0); \
    }                                                           \
    DONE                                                        \
  }

OPEN(open)
OPEN(open64)

int close(int fd) {
  if (!is_followed(fd)) return REAL(close)(fd);
  TURN(REAL(close)(fd))
  followed[fd] = 0;
  record("", 0, "close %d", fd);
  DONE
}

#define PWRITE(name, offset_type)                                              \
  ssize_t name(int fd, const void *bytes, size_t length, offset_type offset) { \
    if (!is_followed(fd)) return REAL(name)(fd, bytes, length, offset);        \
    TURN(REAL(name)(fd, bytes, length, offset))                                \
    if (result > 0) record(bytes, (size_t)result, "write %d %lld", fd, (long long)offset); \
    DONE                                                                       \
  }

PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t write(int fd, const void *bytes, size_t length) {
  if (!is_followed(fd)) return REAL(write)(fd, bytes, length);
  TURN(REAL(write)(fd, bytes, length))
  if (result > 0) record(bytes, (size_t)result, "write %d %lld", fd, (long long)(lseek(fd, 0, SEEK_CUR) - result));
  DONE
}

#define TRUNCATE(name, offset_type)                          \
  int name(int fd, offset_type length) {                     \
    if (!is_followed(fd)) return REAL(name)(fd, length);     \
    TURN(REAL(name)(fd, length))                             \
    if (result == 0) record("", 0, "truncate %d %lld", fd, (long long)length); \
    DONE                                                     \
  }

TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

/* What was written before the sync began is on the disk once it ended. Other threads write during it. */
static int synced(int fd, int (*call)(int)) {
  pthread_mutex_lock(&turn);
  unsigned long sync = ++syncs;
  record("", 0, "sync %d %lu", fd, sync);
  pthread_mutex_unlock(&turn);
  int result = call(fd);
  int kept = errno;
  pthread_mutex_lock(&turn);
  if (result == 0) record("", 0, "synced %lu", sync);
  DONE
}

int fsync(int fd) { return is_followed(fd) ? synced(fd, REAL(fsync)) : REAL(fsync)(fd); }
int fdatasync(int fd) { return is_followed(fd) ? synced(fd, REAL(fdatasync)) : REAL(fdatasync)(fd); }

#define NAMED(name, parameters, given, path, word)           \
  int name parameters {                                      \
    if (!below(path)) return REAL(name) given;               \
    TURN(REAL(name) given)                                   \
    if (result == 0) record(path, strlen(path), word);       \
    DONE                                                     \
  }

NAMED(mkdir, (const char *path, mode_t mode), (path, mode), path, "mkdir")
NAMED(rmdir, (const char *path), (path), path, "rmdir")
NAMED(unlink, (const char *path), (path), path, "unlink")

NAMED(remove, (const char *path), (path), path, "unlink")

/* A name below an open directory. */
int unlinkat(int directory, const char *name, int flags) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
  ssize_t used = name[0] == '/' || directory < 0 ? 0 : readlink(link, path, sizeof path);
  if (used < 0 || used >= (ssize_t)sizeof path - 1) abort();
  int rest = snprintf(path + used, sizeof path - (size_t)used, "%s%s", used == 0 ? "" : "/", name);
  if (rest < 0 || rest >= (int)(sizeof path - (size_t)used)) abort();
  if (!below(path)) return REAL(unlinkat)(directory, name, flags);
  TURN(REAL(unlinkat)(directory, name, flags))
  if (result == 0) record(path, strlen(path), "unlink");
  DONE
}

char *mkdtemp(char *path) {
  if (!below(path)) return REAL(mkdtemp)(path);
  TURN(REAL(mkdtemp)(path))
  if (result != NULL) record(path, strlen(path), "mkdir");
  DONE
}

#define MOVED(name, word)                                                  \
  int name(const char *from, const char *to) {                             \
    if (!below(from) && !below(to)) return REAL(name)(from, to);           \
    TURN(REAL(name)(from, to))                                             \
    if (result == 0) {                                                     \
      char both[8192];                                                     \
      int used = snprintf(both, sizeof both, "%s\n%s", from, to);          \
      if (used < 0 || used >= (int)sizeof both) abort();                   \
      record(both, (size_t)used, word);                                    \
    }                                                                      \
    DONE                                                                   \
  }

MOVED(link, "link")
MOVED(rename, "rename")
