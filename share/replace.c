#include "share/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD = 64 << 10, TAIL = 64 }; /* bytes that are looked at */

struct look {
	const char *head, *tail;
	size_t n_head, n_tail;
};

/* ---- what a file is ---- */

static bool begins(const struct look *look, const char *text)
{
	size_t n = strlen(text);
	return look->n_head >= n && memcmp(look->head, text, n) == 0;
}

static bool has(const struct look *look, const char *bytes, size_t n)
{
	return memmem(look->head, look->n_head, bytes, n) != NULL;
}

/* A note of someone's may begin with MEM; with a figure behind it, it does not. */
static bool begins_with_figure(const struct look *look, const char *tag)
{
	size_t n = strlen(tag);
	return begins(look, tag) && look->n_head > n && look->head[n] >= '0' &&
	       look->head[n] <= '9';
}

static bool is_recording(const struct look *look)
{
	return begins(look, "CMDLINE ") || begins(look, "META format=") ||
	       begins_with_figure(look, "MEM ") || begins_with_figure(look, "CHLD ");
}

/* The corner where the axes meet: " 0 └──", or "0.0 +---" in ASCII. */
static bool is_corner(const char *line, const char *end)
{
	static const char *const corners[] = { " └", " +-" };
	while (line < end && *line == ' ')
		line++;
	if (line == end || *line != '0')
		return false;
	while (line < end && (*line == '0' || *line == '.'))
		line++;
	size_t left = (size_t)(end - line);
	for (size_t i = 0; i < sizeof corners / sizeof *corners; i++)
		if (left > strlen(corners[i]) && memcmp(line, corners[i], strlen(corners[i])) == 0)
			return true;
	return false;
}

static bool is_text_picture(const struct look *look)
{
	const char *end = look->head + look->n_head;
	for (const char *line = look->head, *next; line < end; line = next) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		next = newline ? newline + 1 : end;
		if (is_corner(line, next))
			return true;
	}
	return false;
}

/* What other programs read names who wrote it; a trace is no text. */
static bool is_export(const struct look *look)
{
	static const char scope[] = "\"exporter\": \"mprof-c ";
	static const char fox[] = "\"importedFrom\":\"mprof-c ";
	static const char trace[] = "recorded by mprof-c";
	if (begins(look, "{\"$schema\": \"https://www.speedscope.app/"))
		return has(look, scope, sizeof scope - 1);
	if (begins(look, "{\"meta\":{\"interval\":"))
		return has(look, fox, sizeof fox - 1);
	if (look->n_head > 2 && look->head[0] == '\n' && look->head[2] == '2')
		return has(look, trace, sizeof trace - 1);
	return begins(look, "# TYPE mprof_") ||
	       begins(look, "profile,series,seconds,epoch,mib\n") ||
	       begins(look, "[{\n  \"unit\": \"MiB\"");
}

/* A picture names its painter: any other is a photograph, for all that we know. */
static bool is_picture(const struct look *look)
{
	static const char software[] = "tEXtSoftware\0mprof-c";
	static const char family[] = "font-family=\"DejaVu Sans,Verdana,";
	static const char page[] = "<meta name=\"generator\" content=\"mprof-c\">";
	static const char gnuplot[] = "<desc>Produced by GNUPLOT";
	if (begins(look, "\x89PNG\r\n"))
		return has(look, software, sizeof software - 1);
	if (begins(look, "<svg "))
		return has(look, family, sizeof family - 1);
	if (begins(look, "<?xml "))
		return has(look, gnuplot, sizeof gnuplot - 1);
	if (begins(look, "<!DOCTYPE html>"))
		return has(look, page, sizeof page - 1);
	if (begins(look, "%PDF-"))
		return memmem(look->tail, look->n_tail, "\n%mprof-c", 9) != NULL;
	return is_export(look) || is_text_picture(look);
}

static bool is_report(const struct look *look)
{
	static const char titles[] = "\n\nLine #    Mem usage";
	static const char held[] = "\n\nWho holds it, ";
	static const char growth[] = "\n\nGrowth by ", ended[] = ",\n  \"ended\": ";
	if (begins(look, "Filename: "))
		return has(look, titles, sizeof titles - 1);
	if (begins(look, "peak "))
		return has(look, growth, sizeof growth - 1);
	if (begins(look, "The heap, sampled every "))
		return has(look, held, sizeof held - 1);
	if (begins(look, "{\n  \"profile\": "))
		return has(look, ended, sizeof ended - 1);
	if (begins(look, "Memory snapshot of torch: ") ||
	    begins(look, "{\n  \"kind\": \"torch-memory-snapshot\""))
		return true;
	return begins(look, "[\n  {\"file\": ") || begins(look, "[\n]\n");
}

/* Not a recording that somebody made, which is all that there is of it. */
static bool is_merged(const struct look *look)
{
	static const char told[] = "META format=1 merged=", comment[] = "mprof-c merge";
	if (begins(look, "\x1f\x8b"))
		return look->n_head > 10 && has(look, comment, sizeof comment);
	return begins(look, told) || (begins(look, "CMDLINE ") && has(look, told, sizeof told - 1));
}

static bool (*const is_kind[])(const struct look *look) = {
	[REPLACE_RECORDING] = is_recording,
	[REPLACE_PICTURE] = is_picture,
	[REPLACE_REPORT] = is_report,
	[REPLACE_MERGED] = is_merged,
};

/* ---- looking ---- */

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static int judge(int fd, const struct stat *status, enum replace_kind kind)
{
	char tail[TAIL], *head = malloc(HEAD);
	if (!head)
		return -ENOMEM;
	off_t last = status->st_size > TAIL ? status->st_size - TAIL : 0;
	ssize_t n = pread(fd, head, HEAD, 0), k = pread(fd, tail, sizeof tail, last);
	int r = n < 0 || k < 0 ? -errno : 0;
	const struct look look = { head, tail, n > 0 ? (size_t)n : 0, k > 0 ? (size_t)k : 0 };
	if (n > 0 && k >= 0 && !is_kind[kind](&look))
		r = -EEXIST;
	free(head);
	return r;
}

int replace_allows(const char *path, enum replace_kind kind, int fd)
{
	struct stat written, status;
	if ((fd >= 0 ? fstat(fd, &written) : stat(path, &written)) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISREG(written.st_mode) || written.st_size == 0)
		return 0;
	int reading = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (reading < 0)
		return -errno;
	int r = fstat(reading, &status) < 0 ? -errno : 0;
	if (r == 0)
		r = is_same(&written, &status) ? judge(reading, &status, kind) : -EEXIST;
	close(reading);
	return r;
}

static bool is_file(const char *path, const struct stat *status)
{
	struct stat other;
	return *path && stat(path, &other) == 0 && is_same(status, &other);
}

bool replace_is_among(const char *path, const char *const words[])
{
	struct stat status;
	if (!words || stat(path, &status) < 0 || !S_ISREG(status.st_mode))
		return false;
	for (; *words; words++) {
		const char *value = strchr(*words, '=');
		if (is_file(*words, &status) || (value && is_file(value + 1, &status)))
			return true;
	}
	return false;
}

bool replace_is_stream(const char *path, bool output)
{
	struct stat status, stream;
	if (stat(path, &status) < 0 || !S_ISREG(status.st_mode))
		return false;
	for (int fd = STDIN_FILENO; fd <= (output ? STDERR_FILENO : STDIN_FILENO); fd++)
		if (fstat(fd, &stream) == 0 && is_same(&status, &stream))
			return true;
	return false;
}
