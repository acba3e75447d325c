// A vector that is never cleared, nor when the program ends, beside strings that are.
#include <string>
#include <vector>

struct event {
	long when;
	std::string text;
};

static std::vector<event> &history = *new std::vector<event>;

__attribute__((noinline)) void note(long when)
{
	history.push_back(event{ when, std::string(400, 'x') }); // the leak
}

__attribute__((noinline)) size_t answer(long n)
{
	std::vector<std::string> parts;
	for (long i = 0; i < n; i++)
		parts.push_back(std::string(1000, 'y'));
	return parts.size();
}

int main()
{
	size_t all = 0;
	for (long i = 0; i < 150000; i++) {
		note(i);
		if (i % 100 == 0)
			all += answer(100);
	}
	return all == 0;
}
