/* A line of a source file, where the file is still there. */
#pragma once

/* Without the blanks around it, cut, printable; the caller frees it. NULL: no such file or line. */
char *source_text(const char *path, int line);
