#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "share/profile/profile.h"
#include "share/text.h"

enum { LONGEST_RECORD = 128 }; /* of those that hold numbers only */

/* ---- numbers: printf would cost more than the sample itself ---- */

static const char two_digits[] = "00010203040506070809101112131415161718192021222324"
				 "25262728293031323334353637383940414243444546474849"
				 "50515253545556575859606162636465666768697071727374"
				 "75767778798081828384858687888990919293949596979899";

/* Two digits at a time, from the right. */
static char *put_whole(char *out, uint64_t value)
{
	char digits[20], *at = digits + sizeof digits;
	for (; value >= 100; value /= 100)
		memcpy(at -= 2, two_digits + 2 * (value % 100), 2);
	if (value >= 10)
		memcpy(at -= 2, two_digits + 2 * value, 2);
	else
		*--at = (char)('0' + value);
	size_t n = (size_t)(digits + sizeof digits - at);
	memcpy(out, at, n);
	return out + n;
}

static char *put_signed(char *out, int64_t value)
{
	if (value < 0)
		*out++ = '-';
	return put_whole(out, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

/* Fixed point with six decimals, as %.6f writes it. */
static char *put_millionths(char *out, int64_t value)
{
	uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
	uint32_t fraction = (uint32_t)(magnitude % 1000000);
	if (value < 0)
		*out++ = '-';
	out = put_whole(out, magnitude / 1000000);
	*out = '.';
	memcpy(out + 1, two_digits + 2 * (fraction / 10000), 2);
	memcpy(out + 3, two_digits + 2 * (fraction / 100 % 100), 2);
	memcpy(out + 5, two_digits + 2 * (fraction % 100), 2);
	return out + 7;
}

static char *put_text(char *out, const char *text)
{
	size_t n = strlen(text);
	memcpy(out, text, n);
	return out + n;
}

/* ---- the buffer ---- */

/* Room for `n` more bytes at the returned place, or NULL, upon which the writer has failed. */
static char *reserve(struct profile_writer *w, size_t n)
{
	if (w->error)
		return NULL;
	if (w->used + n > w->allocated) {
		size_t wanted = w->allocated ? w->allocated : 4096;
		while (wanted < w->used + n)
			wanted *= 2;
		char *buffer = realloc(w->buffer, wanted);
		if (!buffer) {
			w->error = -ENOMEM;
			return NULL;
		}
		w->buffer = buffer;
		w->allocated = wanted;
	}
	return w->buffer + w->used;
}

static int end_record(struct profile_writer *w, char *end)
{
	*end++ = '\n';
	w->used = (size_t)(end - w->buffer);
	return 0;
}

int profile_create(struct profile_writer *w, const char *path, bool replace)
{
	const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY;
	*w = (struct profile_writer){ 0 };
	w->fd = open(path, flags | O_EXCL, 0666);
	w->created = w->fd >= 0;
	if (w->fd < 0 && errno == EEXIST && replace)
		w->fd = open(path, flags, 0666);
	if (w->fd < 0)
		w->error = -errno;
	return w->error;
}

int profile_clear(struct profile_writer *w)
{
	struct stat status;
	if (!w->error && !w->created && fstat(w->fd, &status) == 0 && S_ISREG(status.st_mode) &&
	    ftruncate(w->fd, 0) < 0)
		w->error = -errno;
	return w->error;
}

/* The disk is full in the middle of a line: what is left of it would only look like damage. */
static void take_back(const struct profile_writer *w, size_t n)
{
	off_t end = lseek(w->fd, 0, SEEK_CUR);
	if (end >= (off_t)n && ftruncate(w->fd, end - (off_t)n) < 0)
		return; /* a device or a pipe; readers drop an unfinished last line */
}

/* Bytes of the buffer's start that end in a whole line. */
static size_t whole_lines(const struct profile_writer *w, size_t n)
{
	while (n > 0 && w->buffer[n - 1] != '\n')
		n--;
	return n;
}

int profile_flush(struct profile_writer *w)
{
	size_t done = 0;
	if (w->error || w->used == 0)
		return w->error;
	while (!w->error && done < w->used) {
		ssize_t n = write(w->fd, w->buffer + done, w->used - done);
		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			w->error = -errno;
	}
	if (w->error && done > whole_lines(w, done)) {
		take_back(w, done - whole_lines(w, done));
		done = whole_lines(w, done);
	}
	w->bytes += done;
	w->used = 0;
	return w->error;
}

int profile_finish(struct profile_writer *w)
{
	int r = profile_flush(w);
	if (w->fd >= 0 && close(w->fd) < 0 && errno != EINTR && r == 0)
		r = -errno;
	free(w->buffer);
	*w = (struct profile_writer){ .fd = -1, .error = r };
	return r;
}

/* ---- records ---- */

/* Appends a quoted text behind `prefix`; both may be of any length. */
static int put_quoted(struct profile_writer *w, const char *prefix, const char *text)
{
	size_t before = strlen(prefix), n = profile_quote(NULL, 0, text);
	char *out = reserve(w, before + n + 1);
	if (!out)
		return w->error;
	memcpy(out, prefix, before);
	profile_quote(out + before, n + 1, text);
	w->used += before + n;
	return 0;
}

int profile_put_cmdline(struct profile_writer *w, char *const argv[])
{
	int r = 0;
	for (size_t i = 0; argv[i] && r == 0; i++)
		r = put_quoted(w, i == 0 ? "CMDLINE " : " ", argv[i]);
	char *out = argv[0] ? reserve(w, 1) : NULL;
	return out ? end_record(w, out) : w->error;
}

int profile_put_meta(struct profile_writer *w, const struct profile_pair *pairs, size_t n)
{
	char prefix[64];
	int r = 0;
	for (size_t i = 0; i < n && r == 0; i++) {
		snprintf(prefix, sizeof prefix, "%s%s=", i == 0 ? "META " : " ", pairs[i].key);
		r = put_quoted(w, prefix, pairs[i].value);
	}
	char *out = n > 0 ? reserve(w, 1) : NULL;
	return out ? end_record(w, out) : w->error;
}

int profile_put_memory(struct profile_writer *w, int64_t us, uint64_t bytes)
{
	char *out = reserve(w, LONGEST_RECORD);
	if (!out)
		return w->error;
	out = put_millionths(put_text(out, "MEM "), sample_umib(bytes));
	*out++ = ' ';
	return end_record(w, put_millionths(out, us));
}

int profile_put_child(struct profile_writer *w, pid_t pid, int64_t us, uint64_t bytes)
{
	char *out = reserve(w, LONGEST_RECORD);
	if (!out)
		return w->error;
	out = put_signed(put_text(out, "CHLD "), pid);
	*out++ = ' ';
	out = put_millionths(out, sample_umib(bytes));
	*out++ = ' ';
	return end_record(w, put_millionths(out, us));
}

/* A process may call itself anything; what reaches the file is UTF-8 in one line. */
static int put_name(struct profile_writer *w, const char *name)
{
	char *text = text_printable(name);
	size_t n = text ? strlen(text) : 0;
	char *out = text ? reserve(w, n + 1) : NULL;
	if (out)
		end_record(w, put_text(out, text));
	else if (!text)
		w->error = -ENOMEM;
	free(text);
	return w->error;
}

int profile_put_born(struct profile_writer *w, pid_t pid, pid_t ppid, int64_t us, const char *name)
{
	char *out = reserve(w, LONGEST_RECORD);
	if (!out)
		return w->error;
	out = put_signed(put_text(out, "PROC "), pid);
	*out++ = ' ';
	out = put_signed(out, ppid);
	*out++ = ' ';
	out = put_millionths(out, us);
	*out++ = ' ';
	w->used = (size_t)(out - w->buffer);
	return put_name(w, name);
}

/* Appends "TAG word MiB moment", a blank in front of each number. */
static char *put_figure(char *out, uint64_t bytes, int64_t us)
{
	*out++ = ' ';
	out = put_millionths(out, sample_umib(bytes));
	*out++ = ' ';
	return put_millionths(out, us);
}

/* A word: blanks would make several of it, and controls several lines. */
static char *put_word(char *out, const char *word)
{
	for (; *word; word++)
		*out++ = (unsigned char)*word <= ' ' || *word == 0x7f ? '_' : *word;
	return out;
}

static char *put_moment(char *out, struct sample at)
{
	*out++ = ' ';
	out = put_millionths(out, at.umib);
	*out++ = ' ';
	return put_millionths(out, at.us);
}

int profile_put_function(struct profile_writer *w, const char *name, struct sample from,
			 struct sample to, int level)
{
	char *out = reserve(w, LONGEST_RECORD + strlen(name));
	if (!out)
		return w->error;
	out = put_moment(put_moment(put_word(put_text(out, "FUNC "), name), from), to);
	*out++ = ' ';
	return end_record(w, put_signed(out, level));
}

int profile_put_enter(struct profile_writer *w, const char *name, struct sample at, int level,
		      pid_t thread)
{
	char *out = reserve(w, LONGEST_RECORD + strlen(name));
	if (!out)
		return w->error;
	out = put_moment(put_word(put_text(out, "ENTER "), name), at);
	*out++ = ' ';
	out = put_signed(out, level);
	*out++ = ' ';
	return end_record(w, put_signed(out, thread));
}

int profile_put_lines(struct profile_writer *w, const char *text, size_t n)
{
	char *out = reserve(w, n);
	if (!out)
		return w->error;
	memcpy(out, text, n);
	w->used += n;
	return 0;
}

int profile_put_line(struct profile_writer *w, const char *file, const char *function, pid_t pid,
		     const struct profile_line *line)
{
	size_t size = strlen(file) + 16;
	char *place = malloc(size);
	if (!place)
		return w->error = -ENOMEM;
	snprintf(place, size, "%s:%d", file, line->line);
	put_quoted(w, "LINE ", place);
	free(place);
	char *out = reserve(w, LONGEST_RECORD + strlen(function));
	if (!out)
		return w->error;
	*out++ = ' ';
	out = put_word(out, function);
	const int64_t figures[] = { line->umib, line->increment, line->peak };
	for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
		*out++ = ' ';
		out = put_millionths(out, figures[i]);
	}
	*out++ = ' ';
	out = put_whole(out, line->occurrences);
	*out++ = ' ';
	return end_record(w, put_signed(out, pid));
}

static char *put_number(char *out, uint64_t value)
{
	*out++ = ' ';
	return put_whole(out, value);
}

int profile_put_path(struct profile_writer *w, uint64_t number, const char *path)
{
	char *out = reserve(w, LONGEST_RECORD);
	if (!out)
		return w->error;
	out = put_number(put_text(out, "PATH"), number);
	*out++ = ' ';
	w->used = (size_t)(out - w->buffer);
	return put_name(w, path);
}

int profile_put_frame(struct profile_writer *w, uint64_t number, uint64_t caller, uint64_t path,
		      int line, const char *function)
{
	char *out = reserve(w, LONGEST_RECORD);
	if (!out)
		return w->error;
	out = put_number(put_text(out, "FRAME"), number);
	out = put_number(put_number(out, caller), path);
	out = put_number(out, (uint64_t)(line > 0 ? line : 0));
	*out++ = ' ';
	w->used = (size_t)(out - w->buffer);
	return put_name(w, function);
}

int profile_put_grow(struct profile_writer *w, int64_t delta, int64_t us, uint64_t held, pid_t pid,
		     pid_t thread, uint64_t frame)
{
	char *out = reserve(w, LONGEST_RECORD);
	if (!out)
		return w->error;
	int64_t size = sample_umib(delta < 0 ? -(uint64_t)delta : (uint64_t)delta);
	out = put_millionths(put_text(out, "GROW "), delta < 0 ? -size : size);
	*out++ = ' ';
	out = put_millionths(out, us);
	*out++ = ' ';
	out = put_millionths(out, sample_umib(held));
	out = put_number(put_number(out, (uint64_t)pid), (uint64_t)thread);
	return end_record(w, put_number(out, frame));
}

int profile_put_mark(struct profile_writer *w, int64_t us, uint64_t bytes, const char *label)
{
	char *out = reserve(w, LONGEST_RECORD);
	if (!out)
		return w->error;
	out = put_figure(put_text(out, "MARK"), bytes, us);
	*out++ = ' ';
	w->used = (size_t)(out - w->buffer);
	return put_name(w, label);
}

int profile_put_peak(struct profile_writer *w, int64_t since, int64_t us, uint64_t bytes)
{
	char *out = reserve(w, LONGEST_RECORD);
	if (!out)
		return w->error;
	out = put_figure(put_text(out, "PEAK"), bytes, us);
	*out++ = ' ';
	return end_record(w, put_millionths(out, since));
}

int profile_put_value(struct profile_writer *w, const char *metric, int64_t us, uint64_t bytes)
{
	char *out = reserve(w, LONGEST_RECORD + strlen(metric));
	if (!out)
		return w->error;
	return end_record(w, put_figure(put_text(put_text(out, "VAL "), metric), bytes, us));
}

int profile_put_gpu(struct profile_writer *w, const char *device, int64_t us, uint64_t bytes,
		    bool whole_device)
{
	char *out = reserve(w, LONGEST_RECORD + strlen(device));
	if (!out)
		return w->error;
	out = put_figure(put_text(put_text(out, "GPU "), device), bytes, us);
	return end_record(w, put_text(out, whole_device ? " device" : " tree"));
}

static char *put_status(char *out, int status)
{
	return status == PROFILE_STATUS_UNKNOWN ? put_text(out, "?") : put_signed(out, status);
}

int profile_put_gone(struct profile_writer *w, pid_t pid, int64_t us, uint64_t peak, int status)
{
	char *out = reserve(w, LONGEST_RECORD);
	if (!out)
		return w->error;
	out = put_signed(put_text(out, "GONE "), pid);
	*out++ = ' ';
	out = put_millionths(out, us);
	*out++ = ' ';
	out = put_millionths(out, sample_umib(peak));
	*out++ = ' ';
	return end_record(w, put_status(out, status));
}

int profile_put_exit(struct profile_writer *w, int status, int64_t us, uint64_t ru_maxrss,
		     uint64_t samples, uint64_t missed)
{
	char *out = reserve(w, LONGEST_RECORD);
	if (!out)
		return w->error;
	out = put_status(put_text(out, "EXIT "), status);
	*out++ = ' ';
	out = put_millionths(out, us);
	*out++ = ' ';
	out = put_millionths(out, sample_umib(ru_maxrss));
	*out++ = ' ';
	out = put_whole(out, samples);
	*out++ = ' ';
	return end_record(w, put_whole(out, missed));
}
