#include "share/why/state.h"

#include <stdarg.h>
#include <string.h>

void why_add(char *out, size_t size, const char *format, ...)
{
	size_t used = strlen(out);
	va_list values;
	va_start(values, format);
	vsnprintf(out + used, size - used, format, values);
	va_end(values);
}

struct why_statement *why_state(struct why *why, enum why_topic topic, const char *kind,
				enum known known)
{
	if (why->n == WHY_MOST)
		return NULL;
	struct why_statement *s = &why->statements[why->n++];
	s->topic = topic;
	s->kind = kind;
	s->known = known;
	s->weight = 0;
	*s->words = *s->evidence = '\0';
	return s;
}

const struct why_statement *why_about(const struct why *why, enum why_topic topic)
{
	for (size_t i = 0; i < why->n; i++)
		if (why->statements[i].topic == topic)
			return &why->statements[i];
	return NULL;
}
