#include "recorder/tree/exits.h"

#include <errno.h>
#include <linux/acct.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/taskstats.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	ROOM = 4 << 20,       /* bytes of notes that the kernel keeps for us */
	SINCE_PROCESSES = 12, /* the version that tells a process from its threads */
};

/* ---- attributes ---- */

/* The attribute `type` among `n` bytes of them: its payload and length, or NULL. */
static const void *find_attribute(const void *bytes, size_t n, int type, size_t *length)
{
	const char *at = bytes;
	struct nlattr head;
	while (n >= sizeof head) {
		memcpy(&head, at, sizeof head);
		if (head.nla_len < sizeof head || head.nla_len > n)
			return NULL;
		*length = head.nla_len - sizeof head;
		if ((head.nla_type & NLA_TYPE_MASK) == type)
			return at + sizeof head;
		size_t step = NLA_ALIGN((size_t)head.nla_len);
		at += step < n ? step : n;
		n -= step < n ? step : n;
	}
	return NULL;
}

/* The attributes of a generic message; NULL when it is another's, or an error. */
static const void *open_message(const void *bytes, size_t n, size_t *length)
{
	struct nlmsghdr head;
	if (n < NLMSG_HDRLEN + GENL_HDRLEN)
		return NULL;
	memcpy(&head, bytes, sizeof head);
	if (head.nlmsg_len > n || head.nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN ||
	    head.nlmsg_type < NLMSG_MIN_TYPE)
		return NULL;
	*length = head.nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;
	return (const char *)bytes + NLMSG_HDRLEN + GENL_HDRLEN;
}

/* ---- notes ---- */

static void take_note(const struct taskstats *stats, struct exit_note *note)
{
	int code = (int)stats->ac_exitcode;
	note->pid = (pid_t)stats->ac_pid;
	note->parent = (pid_t)stats->ac_ppid;
	note->status = WIFSIGNALED(code) ? -WTERMSIG(code) : WEXITSTATUS(code);
	note->high_water = stats->hiwater_rss * 1024;
	note->age = (int64_t)stats->ac_etime * 1000;
	memcpy(note->name, stats->ac_comm, sizeof note->name - 1);
#if TASKSTATS_VERSION >= 12
	if (stats->version >= SINCE_PROCESSES) {
		note->pid = (pid_t)stats->ac_tgid;
		note->last = stats->ac_flag & AGROUP;
	}
#endif
}

int exits_parse(const void *bytes, size_t n, struct exit_note *note)
{
	struct taskstats stats = { 0 };
	*note = (struct exit_note){ 0 };
	const void *at = open_message(bytes, n, &n);
	if (at)
		at = find_attribute(at, n, TASKSTATS_TYPE_AGGR_PID, &n);
	if (at)
		at = find_attribute(at, n, TASKSTATS_TYPE_STATS, &n);
	/* Older kernels send less, newer ones more. */
	if (!at || n < offsetof(struct taskstats, hiwater_vm))
		return -EINVAL;
	memcpy(&stats, at, n < sizeof stats ? n : sizeof stats);
	take_note(&stats, note);
	return 0;
}

/* ---- the socket ---- */

struct request {
	struct nlmsghdr head;
	struct genlmsghdr generic;
	struct nlattr attribute;
	char text[32];
};

static int ask(int fd, uint16_t family, uint8_t command, uint16_t attribute, const char *text)
{
	struct request request = {
		.head = { .nlmsg_type = family, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.generic = { .cmd = command, .version = 1 },
		.attribute = { .nla_type = attribute },
	};
	size_t n = strlen(text) + 1;
	memcpy(request.text, text, n);
	request.attribute.nla_len = (uint16_t)(sizeof request.attribute + n);
	request.head.nlmsg_len =
		(uint32_t)(offsetof(struct request, attribute) + request.attribute.nla_len);
	return send(fd, &request, request.head.nlmsg_len, 0) < 0 ? -errno : 0;
}

/* What the kernel acknowledges with: 0 or -errno. */
static int await_answer(int fd)
{
	_Alignas(struct nlmsghdr) char bytes[1024];
	for (;;) {
		ssize_t n = recv(fd, bytes, sizeof bytes, 0);
		const struct nlmsghdr *head = (const void *)bytes;
		if (n < 0)
			return -errno;
		if (n >= (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr)) &&
		    head->nlmsg_type == NLMSG_ERROR)
			return ((const struct nlmsgerr *)NLMSG_DATA(head))->error;
	}
}

/* The number that the family has on this machine, or -errno. */
static int find_family(int fd)
{
	char bytes[1024];
	uint16_t number;
	int r = ask(fd, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME,
		    TASKSTATS_GENL_NAME);
	if (r < 0)
		return r;
	ssize_t got = recv(fd, bytes, sizeof bytes, 0);
	size_t n = got > 0 ? (size_t)got : 0;
	const void *at = open_message(bytes, n, &n);
	if (at)
		at = find_attribute(at, n, CTRL_ATTR_FAMILY_ID, &n);
	if (!at || n < sizeof number)
		return -ENOENT;
	memcpy(&number, at, sizeof number);
	r = await_answer(fd);
	return r < 0 ? r : number;
}

static int open_socket(void)
{
	const struct sockaddr_nl own = { .nl_family = AF_NETLINK };
	const struct timeval patience = { 0, 100000 };
	const int room = ROOM;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&own, sizeof own) < 0) {
		int e = -errno;
		close(fd);
		return e;
	}
	/* A kernel that stands in for Linux may take the question and never answer. */
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
	return fd;
}

int exits_open(struct exits *exits, size_t cpus)
{
	char mask[32];
	exits->fd = -1;
	/* Only root is told: others need not ask, which spares them the time. */
	int fd = geteuid() == 0 ? open_socket() : -EPERM;
	if (fd < 0)
		return fd;
	int r = find_family(fd);
	if (r > 0) {
		snprintf(mask, sizeof mask, "0-%ld",
			 cpus > 0 ? (long)cpus - 1 : sysconf(_SC_NPROCESSORS_CONF) - 1);
		r = ask(fd, (uint16_t)r, TASKSTATS_CMD_GET, TASKSTATS_CMD_ATTR_REGISTER_CPUMASK,
			mask);
		r = r < 0 ? r : await_answer(fd);
	}
	if (r < 0) {
		close(fd);
		return r;
	}
	exits->fd = fd;
	return 0;
}

int exits_next(struct exits *exits, struct exit_note *note)
{
	char bytes[4096];
	while (exits->fd >= 0) {
		ssize_t n = recv(exits->fd, bytes, sizeof bytes, MSG_DONTWAIT);
		if (n < 0 && errno != ENOBUFS && errno != EINTR)
			return 0;
		if (n > 0 && exits_parse(bytes, (size_t)n, note) == 0)
			return 1;
	}
	return 0;
}

void exits_close(struct exits *exits)
{
	if (exits->fd >= 0)
		close(exits->fd);
	exits->fd = -1;
}
