/* Whether it goes on growing. */
#include <stdlib.h>

#include "share/commands/report.h"
#include "share/growth/outlook.h"
#include "share/text.h"

/* Who asks for the heap is told of it even where it does not grow. */
static bool is_told(const struct outlook *outlook, size_t at, const struct report_options *o)
{
	bool asked = o->heap && at > 0 && at == outlook->heap;
	return outlook_is_told(outlook, at) ||
	       (asked && outlook->curves[at].answer.kind != ANSWER_TOO_SHORT);
}

int report_print_outlook(const struct report *p, const struct report_options *o)
{
	struct outlook outlook;
	char of[OUTLOOK_PLACE], sentence[OUTLOOK_SENTENCE];
	int r = outlook_make(&outlook, p->profile, o->own.globs);
	for (size_t i = 0; i < outlook.n && r == 0; i++) {
		if (!is_told(&outlook, i, o))
			continue;
		char *name = text_printable(outlook_name(of, &outlook.curves[i]));
		char *said = text_printable(outlook_say(sentence, &outlook, i));
		printf("%s%s: %s\n", i ? "" : "\n", name && *name ? name : "Memory",
		       said ? said : "");
		free(said);
		free(name);
	}
	return r;
}

int report_put_outlook(const struct report *p, const struct report_options *o)
{
	struct outlook outlook;
	int r = outlook_make(&outlook, p->profile, o->own.globs);
	if (r < 0)
		return r;
	fputs(",\n  \"growth\": ", stdout);
	outlook_json(stdout, &outlook);
	return 0;
}
