// A vector of strings that is never cleared: prints the MiB of what it holds.
#include <cstdio>
#include <string>
#include <vector>

static std::vector<std::string> &kept = *new std::vector<std::string>;

__attribute__((noinline)) void keep(char c)
{
	kept.push_back(std::string(999, c)); // the leak
}

int main()
{
	size_t held = 0;
	for (int i = 0; i < 220000; i++)
		keep((char)('a' + i % 26));
	for (const std::string &one : kept)
		held += one.capacity() + 1;
	held += kept.capacity() * sizeof kept[0];
	printf("%.3f\n", (double)held / (1 << 20));
}
