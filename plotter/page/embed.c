/* Makes text files one array of characters in C: embed NAME FILE… For the build alone. A reader of
 * the page has no need of indentation, nor of lines that are comments: those are left out. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static size_t written;

static void put(char c)
{
	printf("%s%d,", written++ % 16 ? "" : "\n", c);
}

/* A comment has its lines for itself. */
static void put_line(const char *line, bool *comment)
{
	line += strspn(line, " \t");
	*comment |= strncmp(line, "/*", 2) == 0;
	for (const char *c = line; *c && *line != '\n' && !*comment; c++)
		put(*c);
	*comment &= !strstr(line, "*/");
}

static bool put_file(const char *path)
{
	char line[4096];
	bool comment = false;
	FILE *in = fopen(path, "r");
	if (!in)
		return false;
	while (fgets(line, sizeof line, in))
		put_line(line, &comment);
	bool fine = !ferror(in);
	fclose(in);
	return fine;
}

int main(int argc, char *argv[])
{
	bool fine = true;
	if (argc < 3)
		return 1;
	printf("extern const char %s[];\nconst char %s[] = {", argv[1], argv[1]);
	for (int i = 2; i < argc; i++)
		fine &= put_file(argv[i]);
	puts("0 };");
	return fine && !ferror(stdout) ? 0 : 1;
}
