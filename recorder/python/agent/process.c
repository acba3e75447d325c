#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "recorder/python/agent/agent.h"
#include "recorder/python/agent/card.h"
#include "recorder/python/agent/cpython.h"
#include "recorder/python/agent/decorator.h"
#include "recorder/python/agent/environment.h"
#include "recorder/python/agent/greenlets.h"
#include "recorder/python/agent/hook.h"
#include "recorder/python/agent/marks.h"
#include "recorder/python/agent/memory.h"
#include "recorder/python/agent/modules.h"
#include "recorder/python/agent/monitoring.h"
#include "recorder/python/agent/records.h"
#include "recorder/python/agent/runs.h"

static bool running;      /* the interpreter is up, and we take part in it */
static bool functions;    /* … and look at what runs */
static void *interpreter; /* this one: objects of another are not ours to touch */

/* ---- the interpreter starts the program ---- */

static void forked(void)
{
	if (!running)
		return;
	atomic_fetch_add(&agent_shared->attached, 1);
	if (!functions)
		return;
	subjects_forked();
	runs_forked();
	records_forked();
	memory_forked();
}

static void open_functions(void)
{
	if (agent_minor >= 12)
		monitoring_open();
	else
		hook_open();
	decorator_open();
	greenlets_open();
}

static void start(void)
{
	static bool started;
	if (started)
		return;
	started = true;
	interpreter = PyInterpreterState_Get();
	environment_restore();
	atomic_fetch_add(&agent_shared->attached, 1);
	running = true;
	functions = agent_shared->calls || agent_shared->lines;
	if (functions)
		open_functions();
	pthread_atfork(NULL, NULL, forked);
}

/* cpython.run_*: the interpreter is up, site has been imported, and the program is next. */
static bool is_start(const char *event)
{
	static const char *const ways[] = { "file", "module", "command", "stdin" };
	static const char prefix[] = "cpython.run_";
	if (strncmp(event, prefix, sizeof prefix - 1) != 0)
		return false;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		if (strcmp(event + sizeof prefix - 1, ways[i]) == 0)
			return true;
	return false;
}

static PyObject *first_of(PyObject *arguments)
{
	PyObject *first = PyTuple_Size(arguments) > 0 ? PyTuple_GetItem(arguments, 0) : NULL;
	if (!first)
		PyErr_Clear();
	return first;
}

static void importing(PyObject *arguments)
{
	PyObject *first = first_of(arguments);
	const char *name = first ? PyUnicode_AsUTF8AndSize(first, NULL) : NULL;
	if (name) {
		decorator_import(name);
		greenlets_import(name);
	} else {
		PyErr_Clear();
	}
}

/* Every module is executed through here, from source or from cache, and so is what the program
 * compiles itself: its functions are known before any of them runs. */
static void executing(PyObject *arguments)
{
	PyObject *code = first_of(arguments);
	if (code && (agent_shared->call_words[0] || agent_shared->line_words[0]))
		modules_walk(code);
}

/* A function of a code object that was made here, as unpickling one does. */
static void making(PyObject *arguments)
{
	PyObject *code = first_of(arguments);
	if (code && !marks_take(code) &&
	    (agent_shared->call_words[0] || agent_shared->line_words[0]))
		modules_walk_made(code);
}

/* Another interpreter of this process (PEP 684) may run at the same time, under a lock of its own.
 */
static bool is_foreign(void)
{
	if (PyInterpreterState_Get() == interpreter)
		return false;
	agent_note(AGENT_SAW_INTERPRETERS, NULL, NULL);
	return true;
}

static void happening(const char *event, PyObject *arguments)
{
	if (agent_shared->card && strcmp(event, "import") == 0 && !is_foreign()) {
		card_importing();
		card_watch_threads();
	} else if (agent_shared->card && *event == 's' && !is_foreign())
		card_ending(arguments);
	if (!functions)
		return;
	if (strcmp(event, "exec") == 0 && !is_foreign())
		executing(arguments);
	else if (strcmp(event, "import") == 0 && !is_foreign())
		importing(arguments);
	else if (strcmp(event, "function.__new__") == 0 && !is_foreign())
		making(arguments);
}

static int audit(const char *event, PyObject *arguments, void *context)
{
	static _Thread_local bool inside; /* what we ask of Python may be audited too */
	(void)context;
	if (inside || (!strchr("cefi", event[0]) && strcmp(event, "sys.excepthook") != 0))
		return 0;
	inside = true;
	if (!running && is_start(event))
		start();
	else if (running)
		happening(event, arguments);
	inside = false;
	return 0;
}

/* ---- the library is loaded ---- */

/* PySys_AddAuditHook before Py_Initialize, as documented, allocates before the allocators are set:
 * debug builds and -X dev abort at exit. So it is called from the first import of a built-in module
 * that every start imports; the table of those is exported. */
static PyObject *(*init_posix)(void);

static PyObject *init_posix_first(void)
{
	static bool done;
	if (!done) {
		done = true;
		environment_hide();
		if (PySys_AddAuditHook(audit, NULL) < 0)
			PyErr_Clear();
	}
	return init_posix();
}

static void wrap_posix(void)
{
	enum { MOST = 256 };
	static struct python_builtin table[MOST];
	size_t n = 0;
	for (const struct python_builtin *b = PyImport_Inittab; b->name && n < MOST - 1; b++, n++) {
		table[n] = *b;
		if (strcmp(b->name, "posix") == 0) {
			init_posix = b->init;
			table[n].init = init_posix_first;
		}
	}
	if (init_posix && n < MOST - 1)
		PyImport_Inittab = table;
}

static void *map_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	void *memory = MAP_FAILED;
	if (fd < 0)
		return NULL;
	if (lseek(fd, 0, SEEK_END) == AGENT_BYTES)
		memory = mmap(NULL, AGENT_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return memory == MAP_FAILED ? NULL : memory;
}

static void *attach_segment(const char *number)
{
	struct shmid_ds segment;
	int id = atoi(number);
	void *memory = (void *)-1;
	if (shmctl(id, IPC_STAT, &segment) == 0 && segment.shm_segsz == AGENT_BYTES)
		memory = shmat(id, NULL, 0);
	return memory == (void *)-1 ? NULL : memory;
}

/* What the variable names is the recorder's and no other's: it begins with the token. */
static struct agent_shared *map_shared(const char *setting)
{
	char place[64];
	const char *comma = strchr(setting, ',');
	if (!comma || (size_t)(comma - setting) >= sizeof place)
		return NULL;
	snprintf(place, sizeof place, "%.*s", (int)(comma - setting), setting);
	bool is_file = *place == '/';
	struct agent_shared *shared = is_file ? map_file(place) : attach_segment(place);
	if (!shared ||
	    (shared->token == strtoull(comma + 1, NULL, 16) && shared->format == AGENT_FORMAT))
		return shared;
	if (is_file)
		munmap(shared, AGENT_BYTES);
	else
		shmdt(shared);
	return NULL;
}

/* The version, and that what we need is there: -1 when it cannot be. */
static int minor_version(void)
{
	const char *version = Py_GetVersion();
	bool known = version[0] == '3' && version[1] == '.';
	int minor = known ? atoi(version + 2) : 0;
	unsigned note = 0;
	if (minor < 9)
		note = AGENT_SAW_OLD;
	else if (strstr(version, "free-threading"))
		note = AGENT_SAW_THREADED;
	else if (!PySys_AddAuditHook || !&PyImport_Inittab || !PyImport_Inittab ||
		 !PyCFunction_NewEx || !PyFrame_GetCode || !PyEval_GetFrame ||
		 !PyInterpreterState_Get ||
		 (minor < 12 && (!_PyInterpreterState_SetEvalFrameFunc ||
				 !_PyInterpreterState_GetEvalFrameFunc || !PyEval_SetTrace)))
		note = AGENT_SAW_STRANGE;
	if (note)
		agent_note(note, NULL, NULL);
	return note ? -1 : minor;
}

__attribute__((constructor)) static void load(void)
{
	int saved = errno;
	const char *setting = getenv(AGENT_VARIABLE);
	if (Py_GetVersion && setting)
		agent_shared = map_shared(setting);
	if (agent_shared) {
		agent_minor = minor_version();
		if (agent_minor > 0)
			wrap_posix();
		else
			agent_shared = NULL;
	}
	errno = saved;
}
