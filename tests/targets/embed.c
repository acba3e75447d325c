/* embed LIBRARY SCRIPT: has a Python inside only once it has read a line, and under no name that
 * tells. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char *argv[])
{
	char line[16];
	printf("waits\n");
	fflush(stdout);
	if (argc < 3 || !fgets(line, sizeof line, stdin))
		return 1;
	void *library = dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL);
	void (*begin)(void) = library ? (void (*)(void))dlsym(library, "Py_Initialize") : NULL;
	int (*run)(const char *) =
		library ? (int (*)(const char *))dlsym(library, "PyRun_SimpleString") : NULL;
	if (!begin || !run)
		return 1;
	begin();
	return run(argv[2]);
}
