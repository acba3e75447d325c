/* leaderless MIB SECONDS [HOW]: the main thread ends at once, and others go on.
 *   hold (as a rule): one thread holds so many MiB.
 *   relay: six threads in turn, each for a sixth of the time; the memory stays.
 *   exec: a thread calls exec, of this program with HOW "main", which holds it in its main thread.
 *   fork: a thread forks a child that holds it, and waits. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TURNS = 6 };

static char **words;
static size_t size;
static double length;
static volatile char *memory;

static void hold(double seconds)
{
	if (!memory) {
		memory = malloc(size);
		if (!memory)
			exit(1);
		memset((char *)memory, 1, size);
	}
	usleep((useconds_t)(seconds * 1e6));
}

static void *run_turn(void *left);

static void start(long turns)
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, run_turn, (void *)turns) != 0)
		exit(1);
	pthread_detach(thread);
}

static void execute(void)
{
	char how[] = "main", *const again[] = { words[0], words[1], words[2], how, NULL };
	hold(length / 2);
	execv("/proc/thread-self/exe", again);
	exit(1);
}

static void fork_one(void)
{
	pid_t pid = fork();
	if (pid == 0) {
		hold(length);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void *run_turn(void *left)
{
	long turns = (long)left;
	const char *how = words[3] ? words[3] : "hold";
	if (strcmp(how, "exec") == 0)
		execute();
	else if (strcmp(how, "fork") == 0)
		fork_one();
	else
		hold(strcmp(how, "relay") == 0 ? length / TURNS : length);
	if (turns > 1)
		start(turns - 1);
	return NULL;
}

int main(int argc, char *argv[])
{
	if (argc < 3)
		return 2;
	words = argv;
	size = (size_t)atoi(argv[1]) << 20;
	length = atof(argv[2]);
	if (argc > 3 && strcmp(argv[3], "main") == 0) {
		hold(length);
		return memory[0] == 1 ? 0 : 1;
	}
	start(argc > 3 && strcmp(argv[3], "relay") == 0 ? TURNS : 1);
	pthread_exit(NULL);
}
