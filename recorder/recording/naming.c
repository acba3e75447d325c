#include "recorder/recording/naming.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorder/recording/launcher.h"
#include "share/default_name.h"
#include "share/profile/profile.h"

enum {
	STAMP_SIZE = 32,
	TRIES = 100000,
	MOST_TOGETHER = 256, /* ranks, in one folder */
	FOLDER_SIZE = 2 * DEFAULT_NAME_WORD + 2,
};

static const char *stamp(char out[STAMP_SIZE], time_t now)
{
	struct tm local;
	if (!localtime_r(&now, &local) || strftime(out, STAMP_SIZE, "%Y%m%d%H%M%S", &local) == 0)
		strcpy(out, "00000000000000");
	return out;
}

/* What one letter stands for; NULL: nothing does. */
static const char *value_of(char letter, const struct naming *naming,
			    char scratch[HOST_NAME_MAX + 1])
{
	switch (letter) {
	case '%': return "%";
	case 'p': snprintf(scratch, STAMP_SIZE, "%d", (int)naming->pid); return scratch;
	case 't': return stamp(scratch, naming->now);
	case 'r': return naming->launcher->rank;
	case 'j': return naming->launcher->job;
	case 'h':
		if (gethostname(scratch, HOST_NAME_MAX + 1) < 0)
			return "localhost";
		scratch[HOST_NAME_MAX] = '\0';
		return scratch;
	default: return NULL;
	}
}

int naming_expand(const char *template, const struct naming *naming, char **name, char *bad)
{
	char scratch[HOST_NAME_MAX + 1];
	size_t size = 0;
	FILE *out = open_memstream(name, &size);
	int r = out ? 0 : -ENOMEM;
	for (const char *p = template; r == 0 && *p; p++) {
		if (*p != '%') {
			fputc(*p, out);
			continue;
		}
		const char *value = value_of(*++p, naming, scratch);
		*bad = *p;
		if (!value)
			r = *p == 'r' || *p == 'j' ? -ENOENT : -EINVAL;
		/* A job's name is no path: its slashes would be folders. */
		for (; value && *value; value++)
			fputc(*value == '/' ? '_' : *value, out);
	}
	if (out && fclose(out) != 0 && r == 0)
		r = -ENOMEM;
	if (r < 0 && out)
		free(*name);
	return r;
}

/* ---- a name of our own ---- */

static int create_alone(struct profile_writer *writer, time_t now, int how, char **name)
{
	char text[STAMP_SIZE];
	int r = -EEXIST;
	for (int i = 0; i < TRIES && r == -EEXIST; i++) {
		if (asprintf(name, "mprofile_%s.dat", stamp(text, now + i)) < 0)
			return -ENOMEM;
		r = profile_create(writer, *name, how);
		if (r < 0)
			free(*name);
	}
	return r;
}

/* Another rank may make it at the same moment. */
static int make_folder(const char *path)
{
	return mkdir(path, 0777) < 0 && errno != EEXIST ? -errno : 0;
}

/* Many files in one folder make each of them slow on a cluster's disk. */
static int make_folders(const struct launcher *l, char out[FOLDER_SIZE])
{
	char job[DEFAULT_NAME_WORD], node[DEFAULT_NAME_WORD];
	default_name_word(job, l->job);
	default_name_word(node, l->node);
	*out = '\0';
	if (launcher_ranks(l) <= MOST_TOGETHER || !*job || !*node)
		return 0;
	int r = make_folder(job);
	snprintf(out, FOLDER_SIZE, "%s/%s", job, node);
	if (r == 0)
		r = make_folder(out);
	strcat(out, "/");
	return r;
}

/* What stands behind the moment; NULL: no memory. */
static char *words_of(const struct launcher *l)
{
	char *text = NULL, word[DEFAULT_NAME_WORD];
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	if (l->job)
		fprintf(out, "_%s", default_name_word(word, l->job));
	if (l->job && l->step)
		fprintf(out, ".%s", default_name_word(word, l->step));
	if (l->rank)
		fprintf(out, "_r%05ld", strtol(l->rank, NULL, 10));
	fprintf(out, "_%s", *l->node ? default_name_word(word, l->node) : "unknown");
	if (l->restart && strtol(l->restart, NULL, 10) > 0)
		fprintf(out, "_a%ld", strtol(l->restart, NULL, 10));
	return fclose(out) == 0 ? text : NULL;
}

static int create_ranked(struct profile_writer *writer, const struct naming *naming, int how,
			 char **name)
{
	char text[STAMP_SIZE], folder[FOLDER_SIZE], again[STAMP_SIZE] = "";
	char *words = words_of(naming->launcher);
	int r = words ? make_folders(naming->launcher, folder) : -ENOMEM;
	for (int i = 1; r == 0 && i < TRIES; i++) {
		if (i > 1)
			snprintf(again, sizeof again, "_%d", i);
		if (asprintf(name, "%smprofile_%s%s%s.dat", folder, stamp(text, naming->now), words,
			     again) < 0)
			r = -ENOMEM;
		else if ((r = profile_create(writer, *name, how)) == 0)
			break;
		else
			free(*name);
		r = r == -EEXIST ? 0 : r;
	}
	free(words);
	return r == 0 && writer->fd < 0 ? -EEXIST : r;
}

int naming_create(struct profile_writer *writer, const struct naming *naming, int how, char **name)
{
	return naming->launcher->name ? create_ranked(writer, naming, how, name)
				      : create_alone(writer, naming->now, how, name);
}
