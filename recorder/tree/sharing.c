#include "recorder/tree/sharing.h"

#include <ctype.h>
#include <errno.h>
#include <linux/kcmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "recorder/kernel/machine.h"
#include "recorder/kernel/procfs.h"

enum { TRIES = 3, MOST_FIGURES = 32, TEXT = 4096 };

/* ---- what can be read of both ---- */

struct figures {
	uint64_t value[MOST_FIGURES];
	size_t n;
};

/* All the numbers of the file, whatever they stand for; its text is left in `text`. */
static bool read_figures(pid_t pid, const char *name, struct figures *figures, char text[TEXT])
{
	*figures = (struct figures){ 0 };
	if (procfs_once(pid, name, text, TEXT) <= 0)
		return false;
	for (char *at = text; *at && figures->n < MOST_FIGURES;) {
		if (isdigit((unsigned char)*at))
			figures->value[figures->n++] = strtoull(at, &at, 10);
		else
			at++;
	}
	return true;
}

static bool is_between(uint64_t value, uint64_t a, uint64_t b)
{
	return value >= (a < b ? a : b) && value <= (a > b ? a : b);
}

/* One memory that changes meanwhile still shows the child what it showed the parent just before, or
 * will show right after. 1 or 0; -1: it cannot be read. */
static int fits_once(pid_t parent, pid_t child, const char *name, char text[TEXT])
{
	struct figures before, own, after;
	char scratch[TEXT];
	if (!read_figures(parent, name, &before, scratch) ||
	    !read_figures(child, name, &own, text) || !read_figures(parent, name, &after, scratch))
		return -1;
	bool fits = own.n == before.n && own.n == after.n;
	for (size_t i = 0; i < own.n && fits; i++)
		fits = is_between(own.value[i], before.value[i], after.value[i]);
	return fits;
}

static int fits(pid_t parent, pid_t child, const char *name, char text[TEXT])
{
	int r = 0;
	for (int i = 0; i < TRIES && r == 0; i++)
		r = fits_once(parent, child, name, text);
	return r;
}

/* What a fork leaves to both is pages that each may still see: some of them nobody ever writes to
 * again (what the loader has relocated). In a memory of two users each page is mapped once. */
static bool has_pages_of_a_fork(const char *rollup)
{
	uint64_t shared = 1;
	return procfs_parse_kb(rollup, "Shared_Dirty:", &shared) < 0 || shared > 0;
}

/* The kernel lets nobody but the killer interrupt a parent in vfork: it is in state D. */
static bool is_in_vfork(pid_t parent)
{
	struct procfs_stat stat;
	return procfs_stat(parent, &stat) == 0 && stat.state == 'D';
}

static enum sharing judge(pid_t parent, pid_t child, bool known)
{
	char text[TEXT];
	if (fits(parent, child, "statm", text) <= 0)
		return SHARING_NOT;
	if (known || is_in_vfork(parent))
		return SHARING_IS;
	int r = fits(parent, child, "smaps_rollup", text);
	if (r == 0)
		return SHARING_NOT;
	return r < 0 || has_pages_of_a_fork(text) ? SHARING_UNKNOWN : SHARING_IS;
}

/* ---- what the kernel says ---- */

/* Of a machine that is made up no kernel can be asked. */
static long compare(pid_t parent, pid_t child)
{
	errno = ENOSYS;
	return *machine_root() ? -1 : syscall(SYS_kcmp, parent, child, KCMP_VM, 0UL, 0UL);
}

enum sharing sharing_memory(pid_t parent, pid_t child, bool known)
{
	long order = compare(parent, child);
	if (order >= 0) /* two that have ended share the memory that they do not have */
		return order == 0 && procfs_has_memory(child) ? SHARING_IS : SHARING_NOT;
	if (errno == ESRCH)
		return SHARING_NOT;
	return procfs_has_memory(child) ? judge(parent, child, known) : SHARING_NOT;
}
