#include "plotter/screen/answer.h"

#include <stdlib.h>
#include <string.h>

/* kitty: may a picture be sent? The colour of the paper. The size of a cell. How many colours there
 * are for a sixel picture. What it is (DA1). */
const char answer_questions[] = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
				"\x1b]11;?\x1b\\"
				"\x1b[16t"
				"\x1b[?1;1;0S"
				"\x1b[c";

enum { MOST_NUMBERS = 24, FOR_SIXEL = 4, ABOUT_CELL = 6, ABOUT_REGISTERS = 1 };

/* The numbers between semicolons. */
static size_t numbers_of(const char *text, long numbers[MOST_NUMBERS])
{
	size_t n = 0;
	for (char *end; n < MOST_NUMBERS; text = end + 1) {
		numbers[n++] = strtol(text, &end, 10);
		if (*end != ';')
			break;
	}
	return n;
}

static bool is_size(long pixels)
{
	return pixels > 0 && pixels < 1000;
}

static bool take_device(struct answer *answer, const long numbers[], size_t n)
{
	for (size_t i = 1; i < n; i++) /* the first is its class */
		answer->sixel |= numbers[i] == FOR_SIXEL;
	answer->done = true;
	return true;
}

static bool take_registers(struct answer *answer, const long numbers[], size_t n)
{
	if (n >= 3 && numbers[0] == ABOUT_REGISTERS && numbers[1] == 0 && numbers[2] > 0)
		answer->registers = numbers[2] > 4096 ? 4096 : (int)numbers[2];
	return true;
}

static bool take_cell(struct answer *answer, const long numbers[], size_t n)
{
	if (n < 3 || numbers[0] != ABOUT_CELL || !is_size(numbers[1]) || !is_size(numbers[2]))
		return false;
	answer->cell_height = (int)numbers[1];
	answer->cell_width = (int)numbers[2];
	return true;
}

/* ESC [ … letter; false: a key. */
static bool take_control(struct answer *answer)
{
	long numbers[MOST_NUMBERS];
	bool private = answer->held[2] == '?';
	char last = answer->held[answer->n - 1];
	answer->held[answer->n] = '\0';
	size_t n = numbers_of(answer->held + 2 + private, numbers);
	return private && last == 'c'    ? take_device(answer, numbers, n)
	       : private && last == 'S'  ? take_registers(answer, numbers, n)
	       : !private && last == 't' ? take_cell(answer, numbers, n)
					 : false;
}

/* ESC ] 11 ; rgb:RRRR/GGGG/BBBB, of one to four digits each. */
static bool take_paper(struct answer *answer)
{
	static const char head[] = "\x1b]11;rgb:";
	const char *at = answer->held + sizeof head - 1;
	double light = 0;
	if (strncmp(answer->held, head, sizeof head - 1) != 0)
		return false;
	for (int i = 0; i < 3; i++) {
		static const double parts[] = { 0.299, 0.587, 0.114 };
		char *end;
		unsigned long value = strtoul(at, &end, 16);
		if (end == at || end - at > 4)
			return true;
		light += parts[i] * (double)value / (double)((1UL << 4 * (end - at)) - 1);
		at = end + (*end == '/');
	}
	answer->dark = light < 0.5;
	return true;
}

/* ESC _ G … ESC \ is kitty's. */
static bool take_string(struct answer *answer)
{
	answer->held[answer->n] = '\0';
	if (answer->held[1] == ']')
		return take_paper(answer);
	if (answer->held[2] != 'G')
		return false;
	answer->kitty |= strstr(answer->held, "i=31") && strstr(answer->held, ";OK\x1b");
	return true;
}

/* Has the sequence that is held come to its end? `taken`: it was an answer. */
static bool ends(struct answer *answer, bool *taken)
{
	const char *held = answer->held;
	size_t n = answer->n;
	*taken = false;
	if (held[0] != '\x1b' || (n == 2 && !strchr("[_]", held[1])))
		return true;
	if (n > 2 && held[1] == '[' && held[n - 1] >= '@' && held[n - 1] <= '~') {
		*taken = take_control(answer);
		return true;
	}
	bool at_bell = held[n - 1] == '\a' && held[1] == ']';
	if (n > 3 && held[1] != '[' &&
	    (at_bell || (held[n - 2] == '\x1b' && held[n - 1] == '\\'))) {
		*taken = take_string(answer);
		return true;
	}
	return n == ANSWER_LONGEST - 1;
}

size_t answer_take(struct answer *answer, char byte)
{
	bool taken;
	answer->held[answer->n++] = byte;
	if (!ends(answer, &taken))
		return 0;
	size_t n = taken ? 0 : answer->n;
	answer->n = 0;
	return n;
}
