#include "share/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "share/text.h"

static char speaker[32];
static bool is_aside;

/* A path or an argument may hold anything; what reaches the terminal may not. */
static size_t escape(char *out, size_t size, const char *text)
{
	size_t n = 0;
	for (size_t length; n + TEXT_SHOWN < size && (length = text_show(&text, out + n));)
		n += length;
	return n;
}

/* No character is cut in two. */
static void cut(char *sentence, size_t size)
{
	char *end = sentence + size - 4;
	while (end > sentence && (*end & 0xc0) == 0x80)
		end--;
	memcpy(end, "...", 4);
}

static void say(const char *prefix, const char *format, va_list arguments)
{
	char sentence[2048], line[8192];
	if (vsnprintf(sentence, sizeof sentence, format, arguments) >= (int)sizeof sentence)
		cut(sentence, sizeof sentence);
	size_t n = (size_t)snprintf(line, sizeof line, "mprof-c: %s%s", speaker, prefix);
	n += escape(line + n, sizeof line - n - 1, sentence);
	line[n++] = '\n';
	fflush(stdout);
	ssize_t ignored = write(STDERR_FILENO, line, n);
	(void)ignored; /* nobody is left to be told */
}

int fault(int status, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	say("", format, arguments);
	va_end(arguments);
	return status;
}

void fault_speak_as(const char *rank, bool aside)
{
	*speaker = '\0';
	if (rank)
		snprintf(speaker, sizeof speaker, "rank %.20s: ", rank);
	is_aside = aside;
}

void alert(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	say("warning: ", format, arguments);
	va_end(arguments);
}

void warning(const char *format, ...)
{
	va_list arguments;
	if (is_aside)
		return;
	va_start(arguments, format);
	say("warning: ", format, arguments);
	va_end(arguments);
}

void notice(const char *format, ...)
{
	va_list arguments;
	if (is_aside)
		return;
	va_start(arguments, format);
	say("", format, arguments);
	va_end(arguments);
}
