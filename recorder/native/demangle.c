#include "recorder/native/demangle.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 4096 }; /* what a demangler makes of a name may be exponentially long */

#if defined(HAVE_LIBIBERTY)

#include <libiberty/demangle.h>

static char *plain_name(const char *name)
{
	return cplus_demangle(name, DMGL_AUTO);
}

#elif defined(HAVE_CXXABI)

char *__cxa_demangle(const char *name, char *out, size_t *room, int *status);

/* That one tells the parameters as well: the name ends where their list begins. */
static char *plain_name(const char *name)
{
	int status;
	char *made = __cxa_demangle(name, NULL, NULL, &status);
	int depth = 0;
	for (char *end = made ? made + strlen(made) : NULL; end && end > made; end--) {
		depth += (end[-1] == ')') - (end[-1] == '(');
		if (end[-1] == '(' && depth == 0) {
			if (end - 1 > made)
				end[-1] = '\0';
			break;
		}
	}
	return made;
}

#else

static char *plain_name(const char *name)
{
	(void)name;
	return NULL;
}

#endif

/* Rust's elder names are C++'s with a hash behind: "::h" and 16 digits. */
static void drop_hash(char *name)
{
	size_t n = strlen(name);
	char *end = n > 19 ? name + n - 19 : NULL;
	if (end && memcmp(end, "::h", 3) == 0 && strspn(end + 3, "0123456789abcdef") == 16)
		*end = '\0';
}

char *demangle(const char *name)
{
	bool mangled = strncmp(name, "_Z", 2) == 0 || strncmp(name, "_R", 2) == 0;
	if (!mangled || strlen(name) > LONGEST)
		return NULL;
	char *made = plain_name(name);
	if (made)
		drop_hash(made);
	return made;
}
