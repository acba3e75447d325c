#include "recorder/python/given.h"

#include <stdio.h>
#include <string.h>

enum { LIST = sizeof GIVEN_LIST - 1 };

static bool is_of(const char *one, const char *name, size_t n)
{
	return strncmp(one, name, n) == 0 && one[n] == '=';
}

const char *given_value(char *const list[], const char *name)
{
	size_t n = strlen(name);
	for (; *list; list++)
		if (is_of(*list, name, n))
			return *list + n + 1;
	return NULL;
}

void given_without(const char *libraries, const char *library, char *out)
{
	size_t length = strlen(library), n = 0;
	while (*libraries) {
		size_t word = strcspn(libraries, ": ");
		if (word != length || strncmp(libraries, library, length) != 0) {
			if (n > 0)
				out[n++] = ':';
			memcpy(out + n, libraries, word);
			n += word;
		}
		libraries += word + (libraries[word] != '\0');
	}
	out[n] = '\0';
}

static bool has_setting(const struct given *given, char *const list[])
{
	size_t n = strcspn(given->setting, "=");
	for (; *list; list++)
		if (is_of(*list, given->setting, n))
			return true;
	return false;
}

static bool is_complete(const struct given *given, char *const list[])
{
	const char *libraries = given_value(list, GIVEN_LIST);
	return has_setting(given, list) && libraries && strstr(libraries, given->library);
}

/* Any thread's stack holds that twice, as there are two such libraries. A longer list is passed on
 * as it is: some thousand variables are no program's, and far more the kernel refuses anyway. */
enum { MOST_ROOM = 48 << 10 };

size_t given_room(const struct given *given, char *const list[])
{
	size_t n = 0;
	if (!list || !list[0] || is_complete(given, list))
		return 0;
	const char *libraries = given_value(list, GIVEN_LIST);
	while (list[n])
		n++;
	size_t room = (n + 3) * sizeof *list + sizeof GIVEN_LIST + strlen(given->library) +
		      (libraries ? strlen(libraries) : 0) + 2;
	return room <= MOST_ROOM ? room : 0;
}

char **given_complete(const struct given *given, char *const list[], void *room)
{
	const char *libraries = given_value(list, GIVEN_LIST);
	size_t most = 0, n = 0;
	while (list[most])
		most++;
	char **out = room, *text = (char *)(out + most + 3);
	sprintf(text, "%s=%s%s%s", GIVEN_LIST, given->library, libraries ? ":" : "",
		libraries ? libraries : "");
	for (size_t i = 0; i < most; i++)
		if (!is_of(list[i], GIVEN_LIST, LIST))
			out[n++] = list[i];
	if (!has_setting(given, list))
		out[n++] = (char *)given->setting;
	out[n++] = text;
	out[n] = NULL;
	return out;
}
