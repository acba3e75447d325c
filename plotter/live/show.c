#include "plotter/live/show.h"

#include <errno.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "plotter/live/frame.h"
#include "plotter/live/fullscreen.h"
#include "plotter/live/keys.h"
#include "plotter/live/marker.h"
#include "share/commands/recording.h"
#include "share/environment.h"
#include "share/fault.h"
#include "share/why/writer.h"

struct showing {
	struct session *session;
	struct fullscreen terminal;
	struct view view;
	struct keys keys;
	char label[128]; /* of a mark, as it is typed */
	int signals;     /* a signalfd */
	sigset_t held;
	int64_t message_until; /* monotonic ns */
	bool changed;          /* there is something else to be shown */
	bool leave;
	int ended_by; /* a signal */
	int error;    /* -errno of reading the recording, or of the terminal */
};

/* ---- what is said in the last row ---- */

static void say(struct showing *s, const char *words)
{
	const int64_t lasts = 5000000000;
	snprintf(s->view.message, sizeof s->view.message, "%s", words);
	s->message_until = session_now() + lasts;
	s->changed = true;
}

static void ask_for_label(struct showing *s)
{
	snprintf(s->view.message, sizeof s->view.message, "mark: %s", s->label);
	s->changed = true;
}

/* ---- keys ---- */

static void say_over(struct showing *s)
{
	s->view.prompt = false;
	say(s, "the recording is over: there is nothing to mark");
}

static void write_mark(struct showing *s)
{
	char words[VIEW_MESSAGE];
	const char *label = *s->label ? s->label : "mark";
	/* It may have ended while the name was typed, or nothing was looked at; and what is no
	 * recording under way is not marked, without a word. */
	if (session_is_over(s->session) ||
	    why_find_writer(s->session->follow.path) == WHY_WRITER_GONE) {
		say_over(s);
		return;
	}
	int r = marker_write(s->session->follow.path, label);
	if (r < 0)
		snprintf(words, sizeof words, "the mark cannot be written: %s", strerror(-r));
	else
		snprintf(words, sizeof words, "marked: %s", label);
	s->view.prompt = false;
	say(s, words);
}

static void type(struct showing *s, enum key key, const char *text)
{
	size_t n = strlen(s->label);
	if (key == KEY_ENTER) {
		write_mark(s);
		return;
	}
	if (key == KEY_ESCAPE) {
		s->view.prompt = false;
		*s->view.message = '\0';
		s->changed = true;
		return;
	}
	if (key == KEY_TEXT && (unsigned char)*text >= ' ' && n + strlen(text) < sizeof s->label)
		strcat(s->label, text);
	while (key == KEY_ERASE && n > 0 && ((unsigned char)s->label[--n] & 0xc0) == 0x80)
		continue;
	if (key == KEY_ERASE)
		s->label[n] = '\0';
	ask_for_label(s);
}

static void begin_mark(struct showing *s)
{
	*s->label = '\0';
	if (session_is_over(s->session)) {
		say_over(s);
		return;
	}
	s->view.prompt = true;
	ask_for_label(s);
}

static void turn(struct showing *s, bool wider)
{
	static const unsigned windows[] = { RECENT_MINUTE, RECENT_MINUTES, 0 };
	enum { LAST = sizeof windows / sizeof *windows - 1 };
	size_t i = 0;
	while (windows[i] != s->view.seconds)
		i++;
	if (wider ? i < LAST : i > 0)
		s->view.seconds = windows[wider ? i + 1 : i - 1];
	s->changed = true;
}

static void press(struct showing *s, char key)
{
	struct view *v = &s->view;
	s->changed = true;
	switch (key) {
	case 'q': s->leave = true; break;
	case '?':
	case 'h': v->help = !v->help; break;
	case ' ': v->frozen = !v->frozen; break;
	case 'c': v->hide_children = !v->hide_children; break;
	case 'l': v->hide_lines = !v->hide_lines; break;
	case 'g': v->hide_gpu = !v->hide_gpu; break;
	case 'm': begin_mark(s); break;
	case 'L' - '@': fullscreen_forget(&s->terminal); break;
	default: break;
	}
}

static void handle_keys(struct showing *s)
{
	char text[8];
	for (enum key key; (key = keys_next(&s->keys, text)) != KEY_NONE && !s->leave;) {
		if (s->view.prompt)
			type(s, key, text);
		else if (key == KEY_LEFT || key == KEY_RIGHT)
			turn(s, key == KEY_RIGHT);
		else if (key == KEY_TEXT)
			press(s, *text);
		else if (key == KEY_ESCAPE && s->view.help)
			press(s, '?');
	}
}

static void read_keys(struct showing *s)
{
	size_t room;
	char *at = keys_room(&s->keys, &room);
	ssize_t n = read(s->terminal.in, at, room);
	if (n > 0)
		s->keys.n += (size_t)n;
	handle_keys(s);
}

/* ---- signals ---- */

static const int heeded[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH };

static void hold_signals(struct showing *s)
{
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof heeded / sizeof *heeded; i++)
		sigaddset(&set, heeded[i]);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &set, &s->held);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Stops here, with the terminal as it was before us. */
static void stop(struct showing *s)
{
	sigset_t only;
	sigemptyset(&only);
	sigaddset(&only, SIGTSTP);
	fullscreen_leave(&s->terminal);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &only, NULL);
	sigprocmask(SIG_BLOCK, &only, NULL);
}

static void enter_again(struct showing *s)
{
	int r = fullscreen_enter(&s->terminal);
	if (r < 0) {
		s->error = r;
		s->leave = true;
	}
	fullscreen_measure(&s->terminal);
	fullscreen_forget(&s->terminal);
	s->changed = true;
}

static void handle_signals(struct showing *s)
{
	struct signalfd_siginfo info;
	bool stopped = false, continued = false;
	while (read(s->signals, &info, sizeof info) == (ssize_t)sizeof info) {
		int number = (int)info.ssi_signo;
		stopped |= number == SIGTSTP;
		continued |= number == SIGCONT;
		if (number == SIGWINCH)
			s->changed |= fullscreen_measure(&s->terminal);
		else if (number != SIGTSTP && number != SIGCONT)
			s->ended_by = number;
	}
	s->leave |= s->ended_by != 0;
	if (stopped && !s->leave) {
		stop(s);
		handle_signals(s);
		continued = true;
	}
	if (continued && !s->leave)
		enter_again(s);
}

/* ---- drawing ---- */

static void draw(struct showing *s, int64_t now)
{
	char *text;
	const struct view_of of = session_view(s->session);
	if (!s->view.prompt && *s->view.message && now >= s->message_until)
		*s->view.message = '\0';
	if (fullscreen_is_busy(&s->terminal))
		return;
	s->view.width = s->terminal.width;
	s->view.height = s->terminal.height;
	int r = frame_make(&text, &of, &s->view);
	if (r == 0)
		r = fullscreen_show(&s->terminal, text, figures_percent(&s->session->figures));
	s->changed = false;
	if (r < 0) {
		s->error = r;
		s->leave = true;
	}
}

/* ---- the loop ---- */

static void step(struct showing *s, int64_t now)
{
	int r = s->view.frozen ? 0 : session_step(s->session, now);
	if (r < 0) {
		s->error = r;
		s->leave = true;
		return;
	}
	s->changed |= r > 0;
	if (*s->session->note)
		say(s, s->session->note);
	*s->session->note = '\0';
	if (!s->view.prompt && *s->view.message && now >= s->message_until)
		s->changed = true;
	if (s->changed)
		draw(s, now);
}

static void wait_for_something(struct showing *s, int64_t now)
{
	enum { FROZEN = 1000 }; /* ms */
	bool busy = fullscreen_is_busy(&s->terminal);
	struct pollfd events[] = {
		{ .fd = s->terminal.in, .events = POLLIN },
		{ .fd = s->signals, .events = POLLIN },
		{ .fd = s->view.frozen ? -1 : s->session->watch.fd, .events = POLLIN },
		{ .fd = busy ? s->terminal.out : -1, .events = POLLOUT },
	};
	int wait = s->view.frozen ? FROZEN : session_wait(s->session, now);
	if (poll(events, 4, wait) <= 0)
		return;
	if (events[1].revents)
		handle_signals(s);
	if (events[0].revents & POLLIN && !s->leave)
		read_keys(s);
	else if (events[0].revents & (POLLHUP | POLLERR | POLLNVAL))
		s->leave = true;
	if (events[2].revents)
		watch_take(&s->session->watch);
	if (events[3].revents && fullscreen_flush(&s->terminal) < 0)
		s->leave = true;
}

static int end(const struct showing *s, const struct show_options *o)
{
	const struct session *session = s->session;
	if (s->error == -EIO)
		return STATUS_FAULT; /* the terminal has gone: nobody is there to be told */
	if (s->error < 0)
		return fault(STATUS_FAULT, "cannot go on showing %s: %s", session->follow.path,
			     recording_reason(s->error));
	if (s->ended_by && s->ended_by != SIGINT)
		return -s->ended_by;
	if (o->beside && !session_is_over(session) && !s->ended_by)
		notice("%s is recorded on; Ctrl-C ends that", session->follow.path);
	return STATUS_OK;
}

int show(struct session *session, const struct show_options *o)
{
	struct showing s = {
		.session = session,
		.view.seconds = RECENT_MINUTES,
		.view.ascii = o->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
		.view.colour = !environment_word("NO_COLOR"),
		.changed = true,
	};
	hold_signals(&s);
	int r = fullscreen_open(&s.terminal);
	r = r < 0 ? r : fullscreen_enter(&s.terminal);
	s.error = r;
	while (r == 0 && !s.leave) {
		int64_t now = session_now();
		step(&s, now);
		if (!s.leave)
			wait_for_something(&s, now);
	}
	fullscreen_close(&s.terminal);
	close(s.signals);
	sigprocmask(SIG_SETMASK, &s.held, NULL);
	return end(&s, o);
}
