/* Quoting of the values of CMDLINE, META and LINE. */
#pragma once

#include <stddef.h>

/* Quotes for a POSIX shell so that the result is one printable UTF-8 line: 'a b', $'\n' for control
 * characters, \xNN inside $'…' for bytes that are not UTF-8. Writes at most size - 1 bytes and a
 * NUL; returns the whole length. */
size_t profile_quote(char *out, size_t size, const char *text);

/* Takes the next quoted word from *cursor in place (*word points into the text); 1, 0 at the end,
 * -EINVAL when a quote stays open. unquote(quote(x)) == x for any bytes without NUL. */
int profile_unquote(char **cursor, char **word);
