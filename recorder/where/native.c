#include "recorder/where/native.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "recorder/kernel/detach.h"
#include "recorder/native/wire.h"
#include "share/array.h"
#include "share/beside.h"

enum {
	MOST_ASKED = 64,  /* questions that are not answered, or whose answer is not taken … */
	MOST_NAMES = 256, /* … where they are of single addresses, which are soon named */
	MOST_TOLD = 512 << 10, /* bytes that wait to be told */
	ROOM = 2 << 20,        /* bytes of questions that the kernel may hold for us */
	MOST_STARTS = 2,
};

struct answer {
	uint64_t ticket;
	uint32_t *numbers; /* of frames */
	size_t n;
	bool python;
};

struct native {
	char path[PATH_MAX];
	int socket; /* -1: it does not run */
	pid_t pid;
	unsigned starts;
	bool lost; /* something was not told */

	unsigned char *backlog; /* messages, each behind its length, a uint32_t */
	size_t n_backlog, room_backlog;

	struct native_frame *frames;
	size_t n_frames;
	size_t base; /* of the numbers of the helper that runs */
	char *lacking, *advice;

	uint64_t asked[MOST_NAMES]; /* the oldest first */
	size_t n_asked;
	struct answer ready[MOST_NAMES]; /* likewise */
	size_t n_ready;
	struct native_frame told[NATIVE_FRAMES];
};

struct native *native_open(void)
{
	struct native *n = calloc(1, sizeof *n);
	if (!n || beside_find("mprof-c-native", n->path) < 0) {
		free(n);
		return NULL;
	}
	n->socket = -1;
	return n;
}

pid_t native_pid(const struct native *n)
{
	return n ? n->pid : 0;
}

/* ---- its life ---- */

static _Noreturn void become_helper(const struct native *n, int socket, pid_t parent)
{
	char wire[12];
	char *const words[] = { (char[]){ "mprof-c-native" }, wire, NULL }, *const environment[] = {
		NULL
	};
	snprintf(wire, sizeof wire, "%d", NATIVE_WIRE);
	detach(socket, parent);
	execve(n->path, words, environment);
	_exit(127);
}

static bool start(struct native *n)
{
	int ends[2], room = ROOM;
	pid_t parent = getpid();
	if (n->socket >= 0 || n->starts == MOST_STARTS)
		return n->socket >= 0;
	n->starts++;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return false;
	if (setsockopt(ends[0], SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room) < 0)
		setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	n->pid = vfork(); /* a copy of our page tables would make each page of ours dear again */
	if (n->pid == 0)
		become_helper(n, ends[1], parent);
	close(ends[1]);
	if (n->pid < 0) {
		n->pid = 0;
		close(ends[0]);
		return false;
	}
	n->socket = ends[0];
	n->base = n->n_frames;
	return true;
}

static void make_ready(struct native *n, const struct answer *answer)
{
	memmove(n->asked, n->asked + 1, --n->n_asked * sizeof *n->asked);
	n->ready[n->n_ready++] = *answer;
}

/* What was asked is answered with nothing. */
static void bury(struct native *n)
{
	close(n->socket);
	n->socket = -1;
	kill(n->pid, SIGKILL); /* if it has only hung up */
	waitpid(n->pid, NULL, WNOHANG);
	n->pid = 0;
	n->lost = true;
	n->n_backlog = 0;
	while (n->n_asked > 0)
		make_ready(n, &(struct answer){ .ticket = n->asked[0] });
}

/* ---- telling ---- */

static bool deliver(struct native *n, const struct iovec *parts, size_t n_parts)
{
	struct msghdr message = { .msg_iov = (struct iovec *)parts, .msg_iovlen = n_parts };
	ssize_t r;
	do
		r = sendmsg(n->socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	if (r < 0 && errno != EAGAIN && errno != ENOBUFS)
		bury(n);
	return r >= 0;
}

/* What could not be told yet, in order. Is all told? */
static bool catch_up(struct native *n)
{
	const struct native_head lost = { NATIVE_LOST, 0 };
	uint32_t size;
	size_t at = 0;
	if (n->lost && n->socket >= 0 &&
	    deliver(n, &(struct iovec){ (void *)&lost, sizeof lost }, 1))
		n->lost = false;
	while (!n->lost && at < n->n_backlog) {
		memcpy(&size, n->backlog + at, sizeof size);
		if (!deliver(n, &(struct iovec){ n->backlog + at + sizeof size, size }, 1))
			break;
		at += sizeof size + size;
	}
	if (n->n_backlog > 0 && n->socket >= 0) {
		memmove(n->backlog, n->backlog + at, n->n_backlog - at);
		n->n_backlog -= at;
	}
	return n->socket >= 0 && !n->lost && n->n_backlog == 0;
}

static void keep(struct native *n, const struct iovec *parts, size_t n_parts)
{
	uint32_t size = 0;
	for (size_t i = 0; i < n_parts; i++)
		size += (uint32_t)parts[i].iov_len;
	size_t wanted = n->n_backlog + sizeof size + size, room = n->room_backlog;
	while (room < wanted)
		room = room ? room * 2 : 4096;
	unsigned char *more = room <= MOST_TOLD ? realloc(n->backlog, room) : NULL;
	if (!more) {
		n->lost = true;
		n->n_backlog = 0;
		return;
	}
	n->backlog = more;
	n->room_backlog = room;
	memcpy(more + n->n_backlog, &size, sizeof size);
	n->n_backlog += sizeof size;
	for (size_t i = 0; i < n_parts; i++) {
		memcpy(more + n->n_backlog, parts[i].iov_base, parts[i].iov_len);
		n->n_backlog += parts[i].iov_len;
	}
}

static void tell(struct native *n, const struct iovec *parts, size_t n_parts)
{
	if (n->lost && n->socket < 0)
		return; /* all is read anew anyhow */
	if (n->socket < 0 || !catch_up(n) || !deliver(n, parts, n_parts))
		keep(n, parts, n_parts);
}

static void tell_map(struct native *n, const struct event *event)
{
	struct native_map map = {
		{ NATIVE_MAP, event->pid }, event->start, event->length, event->offset
	};
	size_t length = event->path ? strnlen(event->path, NATIVE_TEXT) : NATIVE_TEXT;
	const struct iovec parts[] = { { &map, sizeof map }, { (void *)event->path, length + 1 } };
	if (length < NATIVE_TEXT)
		tell(n, parts, 2);
}

void native_tell(struct native *n, const struct event *event)
{
	static const uint32_t words[] = {
		[EVENT_FORK] = NATIVE_FORK + 1,
		[EVENT_EXEC] = NATIVE_EXEC + 1,
		[EVENT_EXIT] = NATIVE_EXIT + 1,
		[EVENT_LOST] = NATIVE_LOST + 1,
	};
	if (!n || (n->starts == MOST_STARTS && n->socket < 0))
		return;
	if (event->kind == EVENT_MAP)
		tell_map(n, event);
	else if ((size_t)event->kind < sizeof words / sizeof *words && words[event->kind])
		tell(n,
		     &(struct iovec){ &(struct native_fork){ { words[event->kind] - 1, event->pid },
							     event->parent },
				      sizeof(struct native_fork) },
		     1);
}

bool native_ask(struct native *n, uint64_t ticket, const struct fault *fault)
{
	if (!n || !fault->registers || n->n_asked + n->n_ready >= MOST_ASKED || !start(n) ||
	    !catch_up(n))
		return false;
	struct native_question is = {
		.head = { NATIVE_ASK, fault->pid },
		.ticket = ticket,
		.n_stack = (uint32_t)(!fault->stack                   ? 0
				      : fault->n_stack < NATIVE_STACK ? fault->n_stack
								      : NATIVE_STACK),
		.in_kernel = fault->in_kernel,
	};
	memcpy(is.registers, fault->registers, sizeof is.registers);
	const struct iovec parts[] = { { &is, sizeof is }, { (void *)fault->stack, is.n_stack } };
	if (!deliver(n, parts, is.n_stack ? 2 : 1))
		return false;
	n->asked[n->n_asked++] = ticket;
	return true;
}

bool native_name(struct native *n, uint64_t ticket, const struct native_address *at)
{
	size_t length = strlen(at->path);
	if (!n || n->n_asked + n->n_ready >= MOST_NAMES || length >= NATIVE_TEXT || !start(n) ||
	    !catch_up(n))
		return false;
	struct native_place is = {
		{ NATIVE_NAME, at->pid }, ticket, at->address, at->start, at->length, at->offset
	};
	const struct iovec parts[] = { { &is, sizeof is }, { (void *)at->path, length + 1 } };
	if (!deliver(n, parts, 2))
		return false;
	n->asked[n->n_asked++] = ticket;
	return true;
}

/* ---- answers; a helper that was taken over by what it reads may say anything ---- */

/* Two texts, each with its NUL; false: they are not whole. */
static bool take_texts(const char *texts, size_t n, const char **second)
{
	const char *end = memchr(texts, '\0', n);
	*second = end ? end + 1 : NULL;
	return end && memchr(*second, '\0', n - (size_t)(*second - texts)) != NULL;
}

static void take_frame(struct native *n, const struct native_new_frame *is, size_t size)
{
	const char *function;
	if (size < sizeof *is || is->number != n->n_frames - n->base || n->n_frames >= 1 << 20 ||
	    !take_texts(is->texts, size - sizeof *is, &function))
		return;
	struct native_frame made = { strdup(is->texts), strdup(function), is->line };
	struct native_frame *frame = made.path && made.function
					     ? array_more(&n->frames, &n->n_frames, sizeof *frame)
					     : NULL;
	if (frame) {
		*frame = made;
		return;
	}
	free((char *)made.path);
	free((char *)made.function);
}

static void take_advice(struct native *n, const struct native_advice *is, size_t size)
{
	const char *advice;
	if (n->lacking || size < sizeof *is || !take_texts(is->texts, size - sizeof *is, &advice))
		return;
	n->lacking = strdup(is->texts);
	n->advice = strdup(advice);
}

static void take_answer(struct native *n, const struct native_reply *is, size_t size)
{
	if (size < sizeof *is || is->n > NATIVE_FRAMES ||
	    size - sizeof *is != is->n * sizeof(uint32_t) || n->n_asked == 0 ||
	    is->ticket != n->asked[0])
		return;
	struct answer made = { .ticket = is->ticket, .python = is->python };
	made.numbers = is->n ? malloc(is->n * sizeof *made.numbers) : NULL;
	for (size_t i = 0; made.numbers && i < is->n; i++)
		if (is->frames[i] < n->n_frames - n->base)
			made.numbers[made.n++] = (uint32_t)n->base + is->frames[i];
	make_ready(n, &made);
}

/* Takes a message, if one is there. */
static bool take(struct native *n)
{
	static _Alignas(8) unsigned char message[NATIVE_MESSAGE];
	struct native_head head;
	ssize_t r;
	if (n->socket < 0)
		return false;
	do
		r = recv(n->socket, message, sizeof message, MSG_DONTWAIT);
	while (r < 0 && errno == EINTR);
	if (r < (ssize_t)sizeof head) {
		if (r >= 0 || errno != EAGAIN)
			bury(n);
		return r > 0;
	}
	memcpy(&head, message, sizeof head);
	if (head.word == NATIVE_FRAME)
		take_frame(n, (void *)message, (size_t)r);
	else if (head.word == NATIVE_ANSWER)
		take_answer(n, (void *)message, (size_t)r);
	else if (head.word == NATIVE_HINT)
		take_advice(n, (void *)message, (size_t)r);
	return true;
}

bool native_next(struct native *n, struct native_answer *answer)
{
	while (n && n->n_ready == 0 && take(n)) {
	}
	if (!n || n->n_ready == 0)
		return false;
	struct answer is = n->ready[0];
	memmove(n->ready, n->ready + 1, --n->n_ready * sizeof *n->ready);
	for (size_t i = 0; i < is.n; i++)
		n->told[i] = n->frames[is.numbers[i]];
	*answer = (struct native_answer){ is.ticket, n->told, is.n, is.python };
	free(is.numbers);
	return true;
}

bool native_settle(struct native *n, int64_t patience)
{
	int64_t until = clock_now() + patience, left = patience;
	while (n && n->n_asked > 0 && left > 0) {
		struct pollfd wait = { .fd = n->socket, .events = POLLIN };
		if (poll(&wait, 1, (int)(left / 1000000) + 1) > 0)
			while (take(n)) {
			}
		left = until - clock_now();
	}
	return !n || n->n_asked == 0;
}

bool native_advice(const struct native *n, const char **path, const char **advice)
{
	if (!n || !n->lacking || !n->advice)
		return false;
	*path = n->lacking;
	*advice = n->advice;
	return true;
}

void native_close(struct native *n)
{
	if (!n)
		return;
	if (n->socket >= 0)
		bury(n);
	for (size_t i = 0; i < n->n_ready; i++)
		free(n->ready[i].numbers);
	for (size_t i = 0; i < n->n_frames; i++) {
		free((char *)n->frames[i].path);
		free((char *)n->frames[i].function);
	}
	free(n->frames);
	free(n->backlog);
	free(n->lacking);
	free(n->advice);
	free(n);
}
