#include "recorder/python/executable.h"

#include <ctype.h>
#include <elf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "share/environment.h"
#include "share/regular.h"

/* ---- which file ---- */

static ssize_t read_head(const char *path, char *head, size_t size)
{
	struct stat status;
	int fd = regular_open(path, 0, &status);
	ssize_t n = fd < 0 ? -1 : pread(fd, head, size - 1, 0);
	if (fd >= 0)
		close(fd);
	head[n > 0 ? n : 0] = '\0';
	return n;
}

/* "#!/usr/bin/env python3" names python3; false: it names nothing. */
static bool interpreter_of(char *head, char path[PATH_MAX])
{
	char *rest, *word = strtok_r(head + 2, " \t\n", &rest);
	const char *slash = word ? strrchr(word, '/') : NULL;
	bool is_env = slash && strcmp(slash + 1, "env") == 0;
	while (is_env && (word = strtok_r(NULL, " \t\n", &rest)) &&
	       (*word == '-' || strchr(word, '=')))
		continue;
	return word && environment_find(word, environment_is_executable, path);
}

/* ---- what it is ---- */

/* The loader that an ELF file asks for; "" when it asks for none. NULL: it is no such file. */
static const char *loader_of(const char *head, size_t n)
{
	Elf64_Ehdr elf;
	Elf64_Phdr part;
	if (n < sizeof elf || memcmp(head, ELFMAG, SELFMAG) != 0 || head[EI_CLASS] != ELFCLASS64)
		return NULL;
	memcpy(&elf, head, sizeof elf);
	if (elf.e_phentsize != sizeof part || elf.e_phoff > n)
		return NULL;
	for (size_t i = 0; i < elf.e_phnum; i++) {
		size_t at = (size_t)elf.e_phoff + i * sizeof part;
		if (at > n - sizeof part)
			return NULL;
		memcpy(&part, head + at, sizeof part);
		if (part.p_type == PT_INTERP)
			return part.p_offset < n &&
					       memchr(head + part.p_offset, '\0', n - part.p_offset)
				       ? head + part.p_offset
				       : NULL;
	}
	return "";
}

static bool is_pypy(const char *path)
{
	char real[PATH_MAX];
	const char *slash = realpath(path, real) ? strrchr(real, '/') : NULL;
	return slash && strncmp(slash + 1, "pypy", 4) == 0;
}

/* Of this machine's kind? What is no ELF file is not known to be another's. */
static bool is_foreign(const char *head, size_t n)
{
	enum { OURS = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32 };
	Elf64_Ehdr us, elf;
	char own[sizeof us + 1];
	if (n < sizeof elf || memcmp(head, ELFMAG, SELFMAG) != 0)
		return false;
	memcpy(&elf, head, sizeof elf);
	if (head[EI_CLASS] != OURS)
		return true;
	if (read_head("/proc/self/exe", own, sizeof own) < (ssize_t)sizeof us)
		return false;
	memcpy(&us, own, sizeof us);
	return us.e_machine != elf.e_machine;
}

/* The loader lets nobody in where the rights are not those of whoever starts it. */
static bool has_other_rights(const char *path)
{
	struct stat status;
	if (getuid() == 0 || stat(path, &status) < 0)
		return false;
	return (status.st_mode & (S_ISUID | S_ISGID)) ||
	       getxattr(path, "security.capability", NULL, 0) > 0;
}

/* What is executed in the end, and how it begins; its length, below 0: nothing can be read. */
static ssize_t find_program(const char *file, char path[PATH_MAX], char *head, size_t size)
{
	if (!environment_find(file, environment_is_executable, path))
		return -1;
	ssize_t n = read_head(path, head, size);
	if (n <= 2 || memcmp(head, "#!", 2) != 0)
		return n;
	return interpreter_of(head, path) ? read_head(path, head, size) : -1;
}

const char *executable_obstacle(const char *file)
{
	char path[PATH_MAX], head[4096];
	ssize_t n = find_program(file, path, head, sizeof head);
	if (n < 0)
		return NULL;
	if (has_other_rights(path))
		return "it runs with another user's rights";
	if (is_foreign(head, (size_t)n))
		return "it is made for another machine than mprof-c";
	const char *loader = n > 0 ? loader_of(head, (size_t)n) : NULL;
	if (loader && !*loader)
		return "it is linked statically";
	if (loader && strstr(loader, "ld-musl"))
		return "it is linked with musl, and not with the GNU C library";
	return NULL;
}

bool executable_loader(const char *file, char loader[PATH_MAX])
{
	char path[PATH_MAX], head[4096];
	ssize_t n = find_program(file, path, head, sizeof head);
	const char *asked = n > 0 ? loader_of(head, (size_t)n) : NULL;
	if (!asked || !*asked)
		return false;
	strcpy(loader, asked); /* shorter than the head that it stands in */
	return true;
}

bool executable_is_pypy(const char *file)
{
	char path[PATH_MAX], head[4096];
	return find_program(file, path, head, sizeof head) >= 0 && is_pypy(path);
}

/* python3.12, bash, and the like; links are followed. */
static bool is_starter(const char *path)
{
	static const char *const names[] = { "python", "sh",      "bash",    "dash",    "zsh",
					     "env",    "uv",      "mpirun",  "mpiexec", "srun",
					     "nice",   "timeout", "prterun", "busybox" };
	char real[PATH_MAX];
	const char *slash = realpath(path, real) ? strrchr(real, '/') : NULL;
	for (size_t i = 0; slash && i < sizeof names / sizeof *names; i++) {
		size_t n = strlen(names[i]);
		if (strncmp(slash + 1, names[i], n) == 0 && !isalpha((unsigned char)slash[1 + n]))
			return true;
	}
	return false;
}

bool executable_may_run_python(const char *file)
{
	char path[PATH_MAX], head[4];
	if (!environment_find(file, environment_is_executable, path))
		return false;
	return is_starter(path) ||
	       (read_head(path, head, sizeof head) > 2 && memcmp(head, "#!", 2) == 0);
}

/* ---- what a script says ---- */

static bool is_in_word(char c)
{
	return c == '_' || c == '.' || isalnum((unsigned char)c);
}

/* `word` as a word of its own in the line. */
static bool has_word(const char *line, size_t n, const char *word)
{
	size_t length = strlen(word);
	const char *end = line + n, *at = line;
	while ((at = memmem(at, (size_t)(end - at), word, length))) {
		if ((at == line || !is_in_word(at[-1])) &&
		    (at + length == end || !is_in_word(at[length])))
			return true;
		at += length;
	}
	return false;
}

static bool is_decorator(const char *line, size_t n)
{
	static const char mark[] = "@profile";
	size_t length = sizeof mark - 1;
	return n >= length && memcmp(line, mark, length) == 0 &&
	       (n == length || strchr(" \t\r(#.", line[length]));
}

static bool is_import(const char *line, size_t n)
{
	bool begins = (n > 5 && memcmp(line, "from ", 5) == 0) ||
		      (n > 7 && memcmp(line, "import ", 7) == 0);
	return begins && has_word(line, n, "profile");
}

/* Only a regular file: a pipe's content would be gone for the program. */
static FILE *open_script(const char *script)
{
	enum { MOST = 4 << 20 };
	struct stat status;
	int fd = regular_open(script, 0, &status);
	FILE *file = fd >= 0 && status.st_size < MOST ? fdopen(fd, "r") : NULL;
	if (!file && fd >= 0)
		close(fd);
	return file;
}

/* Hands each line over, from its first word on, until `look` says that it has seen enough. */
static void read_lines(const char *script, bool (*look)(void *, const char *, size_t),
		       void *context)
{
	FILE *file = open_script(script);
	char *line = NULL;
	size_t size = 0;
	bool enough = false;
	while (file && !enough && getline(&line, &size, file) >= 0) {
		const char *first = line + strspn(line, " \t");
		enough = look(context, first, strcspn(first, "\r\n"));
	}
	free(line);
	if (file)
		fclose(file);
}

struct asking {
	bool decorated, imported;
};

static bool look_for_profile(void *context, const char *line, size_t n)
{
	struct asking *asking = context;
	asking->decorated |= is_decorator(line, n);
	asking->imported = is_import(line, n);
	return asking->imported;
}

bool executable_asks_for_profile(const char *script)
{
	struct asking asking = { false, false };
	read_lines(script, look_for_profile, &asking);
	return asking.decorated && !asking.imported;
}

static bool look_for_memory_profiler(void *context, const char *line, size_t n)
{
	bool *found = context;
	*found = (n > 5 && memcmp(line, "from ", 5) == 0 &&
		  has_word(line + 5, strcspn(line + 5, " \t\r\n"), "memory_profiler")) ||
		 (n > 7 && memcmp(line, "import ", 7) == 0 && has_word(line, n, "memory_profiler"));
	return *found;
}

bool executable_imports_memory_profiler(const char *script)
{
	bool found = false;
	read_lines(script, look_for_memory_profiler, &found);
	return found;
}
