/*
 * A library for LD_PRELOAD: every change of a file below ROOT fails with EROFS, as on a file system that is mounted
 * read-only. Node and SQLite make their calls through the C library, which these functions stand in front of.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* readOnlyDisk.ts defines ROOT. */
static int below(const char *path) { return strncmp(path, ROOT, strlen(ROOT)) == 0; }

static int refuse(void) {
  errno = EROFS;
  return -1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define WRITES(flags) (((flags) & O_ACCMODE) != O_RDONLY || ((flags) & (O_CREAT | O_TRUNC)) != 0)

#define OPEN(name)                                               \
  int name(const char *path, int flags, ...) {                   \
    va_list rest;                                                \
    va_start(rest, flags);                                       \
    mode_t mode = (flags & O_CREAT) ? va_arg(rest, mode_t) : 0;  \
    va_end(rest);                                                \
    if (below(path) && WRITES(flags)) return refuse();           \
    return REAL(name)(path, flags, mode);                        \
  }

OPEN(open)
OPEN(open64)

int access(const char *path, int mode) {
  if (below(path) && (mode & W_OK) != 0) return refuse();
  return REAL(access)(path, mode);
}

int mkdir(const char *path, mode_t mode) { return below(path) ? refuse() : REAL(mkdir)(path, mode); }
int chmod(const char *path, mode_t mode) { return below(path) ? refuse() : REAL(chmod)(path, mode); }
int rmdir(const char *path) { return below(path) ? refuse() : REAL(rmdir)(path); }
int unlink(const char *path) { return below(path) ? refuse() : REAL(unlink)(path); }
int link(const char *from, const char *to) { return below(to) ? refuse() : REAL(link)(from, to); }
int rename(const char *from, const char *to) { return below(from) || below(to) ? refuse() : REAL(rename)(from, to); }
