#include "share/default_name.h"

#include <string.h>

#include "share/text.h"

static const char digits[] = "0123456789", prefix[] = "mprofile_";
enum { STAMP = 14, RANK = 5 };

/* What stands between two '_'. */
struct part {
	const char *text;
	size_t n;
};

static bool all_digits(const char *text, size_t n)
{
	return n > 0 && strspn(text, digits) >= n;
}

static bool next_part(const char **at, const char *end, struct part *part)
{
	if (*at >= end || **at != '_')
		return false;
	part->text = ++*at;
	while (*at < end && **at != '_')
		++*at;
	part->n = (size_t)(*at - part->text);
	return part->n > 0;
}

static bool is_rank(const struct part *p)
{
	return p->n > RANK && *p->text == 'r' && all_digits(p->text + 1, p->n - 1);
}

static bool is_batch(const struct part *p)
{
	static const char batch[] = ".batch";
	const size_t n = sizeof batch - 1;
	return p->n > n && memcmp(p->text + p->n - n, batch, n) == 0;
}

static bool is_restart(const struct part *p)
{
	return *p->text == 'a' && all_digits(p->text + 1, p->n - 1);
}

/* What stands behind the moment, under a launcher. */
static bool read_ranked(const char *at, const char *end, struct part *job, struct part *node)
{
	struct part part;
	*job = (struct part){ "", 0 };
	if (!next_part(&at, end, &part))
		return false;
	if (!is_rank(&part)) {
		*job = part;
		if (!is_batch(job) && (!next_part(&at, end, &part) || !is_rank(&part)))
			return false;
	}
	if (!next_part(&at, end, node))
		return false;
	if (at == end)
		return true;
	if (!next_part(&at, end, &part))
		return false;
	if (is_restart(&part) && at == end)
		return true;
	if (is_restart(&part) && !next_part(&at, end, &part))
		return false;
	return at == end && all_digits(part.text, part.n);
}

/* The moment's end, and the name's without its ending; false: it is no such name. */
static bool read_frame(const char *name, const char **stamp, const char **end)
{
	size_t n = strlen(name);
	if (strncmp(name, prefix, sizeof prefix - 1) != 0 || strchr(name, '/'))
		return false;
	*stamp = name + sizeof prefix - 1 + STAMP;
	*end = name + n - (text_ends_in(name, ".dat.gz") ? 7 : 4);
	if (!text_ends_in(name, ".dat") && !text_ends_in(name, ".dat.gz"))
		return false;
	return *end >= *stamp && strspn(*stamp - STAMP, digits) == STAMP;
}

bool default_name_is(const char *name)
{
	const char *stamp, *end;
	struct part job, node;
	return read_frame(name, &stamp, &end) &&
	       (stamp == end || read_ranked(stamp, end, &job, &node));
}

static bool begins(const struct part *p, const char *word)
{
	size_t n = strlen(word);
	return n > 0 && p->n >= n && memcmp(p->text, word, n) == 0 &&
	       (p->n == n || p->text[n] == '.');
}

bool default_name_belongs(const char *name, const char *job, const char *node)
{
	const char *stamp, *end;
	struct part j, n;
	return read_frame(name, &stamp, &end) && read_ranked(stamp, end, &j, &n) &&
	       begins(&j, job) && n.n == strlen(node) && begins(&n, node);
}

char *default_name_word(char out[DEFAULT_NAME_WORD], const char *text)
{
	static const char good[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ.+-";
	size_t n = 0;
	for (; text && text[n] && n + 1 < DEFAULT_NAME_WORD; n++)
		out[n] = strchr(good, text[n]) ? text[n] : '-';
	if (n > 0 && (*out == '.' || *out == '-')) /* no hidden folder, and no option */
		*out = '+';
	out[n] = '\0';
	return out;
}
