/* timeout(1), and that it ended the program. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "share/growth/peak_known.h"
#include "share/number.h"
#include "share/profile/profile.h"
#include "share/text.h"
#include "share/why/end.h"
#include "share/why/facts.h"

static bool takes_value(const char *word)
{
	static const char *const options[] = { "-s", "--signal", "-k", "--kill-after" };
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (strcmp(word, options[i]) == 0)
			return true;
	return false;
}

/* "5", "2.5m"; 0: it is none. */
static double parse_duration(const char *text)
{
	static const struct {
		char letter;
		double seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	char digits[32];
	double value, unit = 1;
	size_t n = strlen(text);
	if (n == 0 || n >= sizeof digits)
		return 0;
	strcpy(digits, text);
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (digits[n - 1] == units[i].letter) {
			unit = units[i].seconds;
			digits[n - 1] = '\0';
			break;
		}
	return number_decimal(digits, &value) == 0 && value > 0 ? value * unit : 0;
}

static bool keeps_status(const char *word)
{
	return strcmp(word, "-p") == 0 || strcmp(word, "--preserve-status") == 0;
}

/* What `timeout` was told to wait, s; 0: the program is none. Is it to leave with the status of
 * what it ends? */
static double allowed_time(const struct profile *p, bool *keeps)
{
	static const char *const names[] = { "timeout", NULL };
	char word[WHY_WORD];
	*keeps = false;
	if (!why_runs(p, names))
		return 0;
	for (unsigned i = 1; why_word(p, i, word); i++) {
		*keeps = *keeps || keeps_status(word);
		if (takes_value(word))
			i++;
		else if (*word != '-')
			return parse_duration(word);
	}
	return 0;
}

bool why_is_timed_out(struct why *why)
{
	const double early = 0.1; /* s: the first sample comes a moment after the start */
	const struct profile *p = why->profile;
	char length[FORMAT_SIZE];
	bool keeps;
	double allowed = allowed_time(p, &keeps);
	bool fits = p->status == 124 || p->status == 137 || p->status == -SIGKILL ||
		    (keeps && p->status > 128);
	if (allowed == 0 || !fits || why_seconds(p) < allowed - early)
		return false;
	struct why_statement *s = why_state(
		why, WHY_END, "timeout", p->status == 124 && !keeps ? KNOWN_EXACT : KNOWN_ESTIMATE);
	why_say_status(s, p);
	WHY_SAY(s, ": timeout ended it after %s", format_duration(length, allowed));
	WHY_BY(s,
	       keeps ? "timeout was told to leave with the program's status, and the time was over"
		     : "timeout leaves with 124, or 137 after SIGKILL, and the time was over");
	return true;
}
