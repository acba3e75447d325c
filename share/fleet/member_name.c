#include "share/fleet/member_name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/fleet/member.h"
#include "share/text.h"

static const char digits[] = "0123456789";

/* "_r00007", behind which a name goes on or ends; NULL: there is none. */
static const char *find_rank(const char *name)
{
	for (const char *at = strstr(name, "_r"); at; at = strstr(at + 1, "_r")) {
		size_t n = strspn(at + 2, digits);
		if (n > 0 && n < 10 && (at[2 + n] == '_' || at[2 + n] == '.'))
			return at;
	}
	return NULL;
}

static int tell(struct fleet_member *m, const char *key, const char *from, size_t n)
{
	char *value = strndup(from, n);
	if (!value)
		return -ENOMEM;
	int r = n > 0 ? member_tell(m, key, value) : 0;
	free(value);
	return r;
}

/* "_n3_a1.dat": the node, and which start it was. */
static int tell_node(struct fleet_member *m, const char *at)
{
	size_t n = strcspn(at, "_");
	bool again = at[n] == '_' && at[n + 1] == 'a' && strspn(at + n + 2, digits) > 0;
	if (!again) {
		const char *ending = strstr(at, ".dat");
		n = ending && ending < at + n ? (size_t)(ending - at) : n;
	}
	int r = tell(m, "node", at, n);
	if (r == 0 && again)
		r = tell(m, "restart", at + n + 2, strspn(at + n + 2, digits));
	return r;
}

/* "mprofile_20261129073000_123.0": the job, without its step. */
static int tell_job(struct fleet_member *m, const char *name, const char *end)
{
	static const char prefix[] = "mprofile_";
	if (strncmp(name, prefix, sizeof prefix - 1) != 0)
		return 0;
	const char *job = name + sizeof prefix - 1;
	job += strspn(job, digits);
	if (job >= end || *job != '_')
		return 0;
	size_t n = strcspn(++job, ".");
	size_t most = (size_t)(end - job);
	return tell(m, "job", job, n < most ? n : most);
}

int member_tell_name(struct fleet_member *m, const char *path)
{
	const char *name = text_base_name(path), *rank = find_rank(name);
	if (!rank)
		return 0;
	size_t n = strspn(rank + 2, digits);
	int r = tell(m, "rank", rank + 2, n);
	if (r == 0 && rank[2 + n] == '_')
		r = tell_node(m, rank + 2 + n + 1);
	return r < 0 ? r : tell_job(m, name, rank);
}
