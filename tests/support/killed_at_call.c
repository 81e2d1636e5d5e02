/* Preloaded: ends the process, as kill -9 does, at the n-th system call that changes one of a database's files.
 *
 * arm(prefix, at, torn) begins to count; at = 0 only counts. torn: half of what a write holds is written first.
 * counted() is how many calls there were. The files are those whose path begins with prefix: the database, its rollback
 * journal, its write-ahead log.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static char prefix[PATH_MAX];
static long at, count;
static int armed, torn;

void arm(const char *path, long number, int partly) {
    strncpy(prefix, path, sizeof prefix - 1);
    at = number;
    torn = partly;
    count = 0;
    armed = 1;
}

long counted(void) { return count; }

static int of_path(const char *path) { return armed && strncmp(path, prefix, strlen(prefix)) == 0; }

static int of_file(int fd) {
    char link[64], path[PATH_MAX];
    ssize_t length;
    if (!armed) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return of_path(path);
}

/* Whether this is the call at which the process ends. */
static int last(int ours) { return ours && ++count == at; }

static void die(void) { kill(getpid(), SIGKILL); pause(); }

#define REAL(name, result, ...) \
    static result (*real)(__VA_ARGS__); \
    if (!real) real = (result (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

ssize_t write(int fd, const void *data, size_t size) {
    REAL("write", ssize_t, int, const void *, size_t);
    if (last(of_file(fd))) {
        if (torn) real(fd, data, size / 2);
        die();
    }
    return real(fd, data, size);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset) {
    REAL("pwrite", ssize_t, int, const void *, size_t, off_t);
    if (last(of_file(fd))) {
        if (torn) real(fd, data, size / 2, offset);
        die();
    }
    return real(fd, data, size, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset) {
    REAL("pwrite64", ssize_t, int, const void *, size_t, off64_t);
    if (last(of_file(fd))) {
        if (torn) real(fd, data, size / 2, offset);
        die();
    }
    return real(fd, data, size, offset);
}

int fsync(int fd) {
    REAL("fsync", int, int);
    if (last(of_file(fd))) die();
    return real(fd);
}

int fdatasync(int fd) {
    REAL("fdatasync", int, int);
    if (last(of_file(fd))) die();
    return real(fd);
}

int ftruncate(int fd, off_t size) {
    REAL("ftruncate", int, int, off_t);
    if (last(of_file(fd))) die();
    return real(fd, size);
}

int ftruncate64(int fd, off64_t size) {
    REAL("ftruncate64", int, int, off64_t);
    if (last(of_file(fd))) die();
    return real(fd, size);
}

int unlink(const char *path) {
    REAL("unlink", int, const char *);
    if (last(of_path(path))) die();
    return real(path);
}
