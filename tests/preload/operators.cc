// SPDX-License-Identifier: MIT
/* What C++ makes of malloc(3). */
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

static void need(bool condition, const char *what)
{
	if (condition)
		return;
	std::fprintf(stderr, "not so: %s\n", what);
	std::exit(1);
}

/* The compiler may leave out what it sees to be of no use. */
static void *volatile hidden;

struct alignas(8192) wide {
	char bytes[3 << 20];
};

struct member {
	member() : value(42) {}
	~member() { need(value == 42, "each member is destroyed as it was"); }
	int value;
};

int main(int argc, char **argv)
{
	/* It ends the program where there is no memory, and does not throw. */
	bool has_mimalloc = argc > 1 && !std::strncmp(argv[1], "libmimalloc", 11);

	for (int round = 0; round < 20; round++) {
		char *bytes = new char[10 << 20]();
		member *members = new member[300000];
		wide *one = new wide;
		std::vector<std::string> strings;
		std::vector<int> numbers;

		need(!bytes[0] && !bytes[5 << 20], "what is initialized is zero");
		std::memset(bytes, 1, 10 << 20);
		need(reinterpret_cast<std::uintptr_t>(one) % 8192 == 0, "aligned new");
		for (int i = 0; i < 1000000; i++)
			numbers.push_back(i);
		for (int i = 0; i < 20; i++)
			strings.emplace_back(static_cast<std::size_t>(i) * 100000, 'x');
		for (int i = 0; i < 1000000; i++)
			need(numbers[static_cast<std::size_t>(i)] == i, "a vector that grows");
		std::unique_ptr<char[]> owned(new char[2 << 20]);
		owned[1] = 2;
		delete[] members;
		delete[] bytes;
		delete one;
		if (has_mimalloc)
			continue;
		try {
			std::size_t volatile huge = SIZE_MAX / 2 - (1 << 20);

			hidden = new char[huge];
			need(false, "too large is too large");
		} catch (const std::bad_alloc &) {
		}
		hidden = new (std::nothrow) char[SIZE_MAX / 4];
		need(!hidden, "nor is it without exceptions");
	}
	std::puts("well");
	return 0;
}
