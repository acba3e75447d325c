#include "share/fault.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

/* A path or an argument may hold anything; what reaches the terminal may not. */
static size_t escape(char *out, size_t size, const char *text)
{
	size_t n = 0;
	for (; *text && n + 5 < size; text++) {
		if (is_control((unsigned char)*text))
			n += (size_t)snprintf(out + n, size - n, "\\x%02x", (unsigned char)*text);
		else
			out[n++] = *text;
	}
	return n;
}

static void say(const char *prefix, const char *format, va_list arguments)
{
	char sentence[2048], line[4096];
	if (vsnprintf(sentence, sizeof sentence, format, arguments) >= (int)sizeof sentence)
		memcpy(sentence + sizeof sentence - 4, "...", 4);
	size_t n = (size_t)snprintf(line, sizeof line, "mprof-c: %s", prefix);
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

void warning(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	say("warning: ", format, arguments);
	va_end(arguments);
}

void notice(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	say("", format, arguments);
	va_end(arguments);
}
