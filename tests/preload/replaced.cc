// SPDX-License-Identifier: MIT
/*
 * A program that has some of C++'s operators itself: all other forms come to these, with
 * blocks that are not where malloc(3) says.
 */
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <new>

/* Sized delete comes to the other one, too. */
#pragma GCC diagnostic ignored "-Wsized-deallocation"

static long live, made;

void *operator new(std::size_t size)
{
	char *block = static_cast<char *>(std::malloc(size + 64));

	if (!block)
		throw std::bad_alloc();
	live++;
	made++;
	return block + 64;
}

void operator delete(void *block) noexcept
{
	if (!block)
		return;
	live--;
	std::free(static_cast<char *>(block) - 64);
}

/* The compiler may leave out what it sees to be of no use. */
static void *volatile hidden;

static void *hide(void *pointer)
{
	hidden = pointer;
	return hidden;
}

int main()
{
	for (std::size_t size : { 10, 1 << 20, 10 << 20 }) {
		::operator delete(hide(::operator new(size)));
		::operator delete(hide(::operator new(size)), size);
		::operator delete(hide(::operator new(size, std::nothrow)), std::nothrow);
		::operator delete[](hide(::operator new[](size)));
		::operator delete[](hide(::operator new[](size)), size);
		::operator delete[](hide(::operator new[](size, std::nothrow)), std::nothrow);
	}
	if (live || made != 18) {
		std::printf("%ld made, %ld live\n", made, live);
		return 1;
	}
	std::puts("well");
	return 0;
}
