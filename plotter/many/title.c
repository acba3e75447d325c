#include "plotter/many/title.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "plotter/chart/parts.h"
#include "plotter/many/many.h"
#include "share/fleet/fleet.h"
#include "share/format.h"
#include "share/known.h"
#include "share/profile/profile.h"
#include "share/text.h"

/* So much more than the median stands out; so near to what is allowed is worth a word. */
static const double APART = 1.25, NEAR = 0.9;

enum { SENTENCE = 512 };

char *title_name(char out[MEMBER_NAME], const struct fleet_member *member)
{
	if (member->rank < 0)
		snprintf(out, MEMBER_NAME, "%s", text_base_name(member->path ? member->path : "?"));
	else if (member->restart > 0)
		snprintf(out, MEMBER_NAME, "rank %ld, start %d", member->rank, member->restart + 1);
	else
		snprintf(out, MEMBER_NAME, "rank %ld", member->rank);
	return out;
}

char *title_place(char out[MEMBER_NAME], const struct fleet_member *member)
{
	char name[MEMBER_NAME];
	snprintf(out, MEMBER_NAME, "%.80s%s%.60s", title_name(name, member),
		 member->node ? " on " : "", member->node ? member->node : "");
	return out;
}

char *title_peak(char out[MEMBER_NAME], const struct many *many, size_t member)
{
	const struct fleet_member *m = &many->fleet->members[member];
	bool whole = many->wish->chart->from == many->wish->chart->to;
	double seen = standing_peak(&many->grid, member), told = (double)m->highest.umib / 1e6;
	bool known = whole && m->known != KNOWN_UNKNOWN && told >= seen * (1 - 1e-6);
	char size[FORMAT_SIZE];
	snprintf(out, MEMBER_NAME, "%s %s", known ? known_peak(m->known) : "peak",
		 format_memory(size, known ? told : seen));
	return out;
}

char *title_end(char out[MEMBER_NAME], const struct many *many, size_t member)
{
	const struct fleet_member *m = &many->fleet->members[member];
	char when[FORMAT_SIZE], how[FORMAT_SIZE];
	format_duration(when, lay_x(&many->lay, member, m->to));
	if (m->killed)
		snprintf(out, MEMBER_NAME, "%.80s at %s", m->killed, when);
	else if (!m->ended)
		snprintf(out, MEMBER_NAME, "stops at %s, without an end", when);
	else if (m->status == 0 || m->status == PROFILE_STATUS_UNKNOWN)
		snprintf(out, MEMBER_NAME, "ended at %s", when);
	else
		snprintf(out, MEMBER_NAME, "%s at %s", format_end(how, m->status), when);
	return out;
}

static bool are_ranks(const struct many *many)
{
	for (size_t i = 0; i < many->fleet->n; i++)
		if (many->lay.shown[i] && many->fleet->members[i].rank < 0)
			return false;
	return true;
}

/* "rank 7 on n3: SIGKILL at 40.0 s"; of several, how many. What ended well is told where nothing
 * else is. */
static void say_early(char *out, size_t size, const struct many *many)
{
	const struct standing *s = &many->standing;
	char place[MEMBER_NAME], end[MEMBER_NAME];
	title_place(place, &many->fleet->members[s->early[0]]);
	title_end(end, many, s->early[0]);
	size_t n = s->n_bad > 0 ? s->n_bad : s->n_early;
	if (n == 1)
		snprintf(out, size, "%.120s: %.100s", place, end);
	else
		snprintf(out, size, "%zu %s early, first %.100s: %.100s", n,
			 s->n_bad > 0 ? "failed" : "ended", place, end);
}

static bool has_failed(const struct fleet_member *m)
{
	return m->killed || (m->ended && m->status != 0 && m->status != PROFILE_STATUS_UNKNOWN);
}

/* Who failed, though when the others ended: "2 failed, first rank 7 on n3: exit 3 at 40.0 s", or
 * nothing. */
static void say_failed(char *out, size_t size, const struct many *many)
{
	char place[MEMBER_NAME], end[MEMBER_NAME], before[48] = "";
	size_t n = 0, first = 0;
	for (size_t i = 0; i < many->fleet->n; i++) {
		if (!many->lay.shown[i] || !has_failed(&many->fleet->members[i]))
			continue;
		double to = lay_x(&many->lay, i, many->fleet->members[i].to);
		if (n++ == 0 || to < lay_x(&many->lay, first, many->fleet->members[first].to))
			first = i;
	}
	if (n > 1)
		snprintf(before, sizeof before, "%zu failed, first ", n);
	if (n > 0)
		snprintf(out, size, "%s%.100s: %.100s", before,
			 title_place(place, &many->fleet->members[first]),
			 title_end(end, many, first));
}

static void say_alike(char *out, size_t size, const struct many *many)
{
	const struct standing *s = &many->standing;
	char least[FORMAT_SIZE], most[FORMAT_SIZE];
	format_memory(least, standing_peak(&many->grid, s->order[s->n - 1]));
	format_memory(most, standing_peak(&many->grid, s->order[0]));
	const char *what = are_ranks(many) ? "rank" : "recording";
	if (strcmp(least, most) == 0)
		snprintf(out, size, "%zu %s%s: peak %s", s->n, what, s->n == 1 ? "" : "s", most);
	else
		snprintf(out, size, "%zu %ss alike: their peaks are %s to %s", s->n, what, least,
			 most);
}

static void say_near(char *out, size_t size, const struct node *node)
{
	char limit[FORMAT_SIZE];
	format_memory(limit, node->limit);
	snprintf(out, size, "%s is seen at %.0f %% of its %s", node->name,
		 100 * node->peak / node->limit, limit);
}

/* The node that comes nearest to what it is allowed; NULL: none does. */
static const struct node *nearest_node(const struct many *many)
{
	const struct node *found = NULL;
	for (size_t i = 0; i < many->nodes.n; i++) {
		const struct node *node = &many->nodes.items[i];
		if (many->nodes.sums && node->limit > 0 && node->peak >= NEAR * node->limit &&
		    (!found || node->peak / node->limit > found->peak / found->limit))
			found = node;
	}
	return found;
}

static void say(char out[SENTENCE], const struct many *many)
{
	const struct standing *s = &many->standing;
	double most = standing_peak(&many->grid, s->highest[0]);
	const struct node *node = nearest_node(many);
	char place[MEMBER_NAME], more[SENTENCE / 2] = "";
	title_place(place, &many->fleet->members[s->highest[0]]);
	if (s->n_bad == 0)
		say_failed(more, sizeof more, many);
	if (s->n_bad == 0 && !*more && node)
		say_near(more, sizeof more, node);
	else if (s->n_early > 0 && !*more)
		say_early(more, sizeof more, many);
	bool apart = s->n > 1 && s->middle > 0 && most >= APART * s->middle;
	if (apart && (!*more || many->wish->compact))
		snprintf(out, SENTENCE, "%s holds %.1fx the median", place, most / s->middle);
	else if (apart)
		snprintf(out, SENTENCE, "%s holds %.1fx the median; %s", place, most / s->middle,
			 more);
	else if (*more)
		snprintf(out, SENTENCE, "%s", more);
	else
		say_alike(out, SENTENCE, many);
}

static bool is_same_command(const struct many *many)
{
	const struct fleet *fleet = many->fleet;
	for (size_t i = 0; i < fleet->n; i++)
		if (!fleet->members[i].command ||
		    strcmp(fleet->members[i].command, fleet->members[0].command) != 0)
			return false;
	return fleet->n > 0;
}

/* "2023-11-14 22:13:20, by the clock": how they lie on the axis. */
static void say_how(char *out, size_t size, const struct many *many)
{
	time_t start = (time_t)(many->lay.from_us / 1000000);
	struct tm local;
	char date[32] = "";
	if (many->lay.by == LAY_CLOCK && localtime_r(&start, &local))
		strftime(date, sizeof date, "from %Y-%m-%d %H:%M:%S on", &local);
	if (many->lay.by == LAY_CLOCK)
		snprintf(out, size, "by the clock%s%s", *date ? ", " : "", date);
	else if (many->lay.by == LAY_MARK)
		snprintf(out, size, "aligned at the mark %.60s", many->wish->mark);
	else
		snprintf(out, size, "each from its own start");
}

/* "64 ranks", "64 ranks, 65 starts", "13 recordings" */
static void say_count(char *out, size_t size, const struct many *many)
{
	const struct fleet_member *members = many->fleet->members;
	const struct fleet_member *before = NULL;
	size_t ranks = 0, n = many->standing.n;
	for (size_t i = 0; i < many->fleet->n; i++) {
		if (!many->lay.shown[i])
			continue;
		ranks += !before || !lay_is_again(before, &members[i]);
		before = &members[i];
	}
	if (!are_ranks(many))
		snprintf(out, size, "%zu recording%s", n, n == 1 ? "" : "s");
	else if (ranks < n)
		snprintf(out, size, "%zu rank%s, %zu starts,", ranks, ranks == 1 ? "" : "s", n);
	else
		snprintf(out, size, "%zu rank%s", n, n == 1 ? "" : "s");
}

/* ", 2 without an end": they were killed with their recorders, or run. */
static void say_endless(char *out, size_t size, const struct many *many)
{
	size_t n = 0;
	for (size_t i = 0; i < many->fleet->n; i++) {
		const struct fleet_member *m = &many->fleet->members[i];
		n += many->lay.shown[i] && !m->ended && !m->killed;
	}
	*out = '\0';
	if (n > 0)
		snprintf(out, size, ", %zu without an end", n);
}

static char *subtitle_of(const struct many *many)
{
	char how[96], count[64], endless[48], nodes[32] = "";
	say_how(how, sizeof how, many);
	if (many->nodes.n > 1)
		snprintf(nodes, sizeof nodes, " on %zu nodes", many->nodes.n);
	else if (many->nodes.n == 1)
		snprintf(nodes, sizeof nodes, " on %.20s", many->nodes.items[0].name);
	bool same = is_same_command(many);
	say_count(count, sizeof count, many);
	say_endless(endless, sizeof endless, many);
	return parts_text("%s%s%s%s%s · %s", same ? many->fleet->members[0].command : "",
			  same ? " · " : "", count, nodes, endless, how);
}

int title_show(struct chart *chart, const struct many *many)
{
	char sentence[SENTENCE];
	const char *title = many->wish->chart->title;
	say(sentence, many);
	chart->title = parts_text("%s", title ? title : sentence);
	chart->subtitle = subtitle_of(many);
	return chart->title && chart->subtitle ? 0 : -ENOMEM;
}
