// SPDX-License-Identifier: MIT
/*
 * For host.c: what a program in C loads that is in C++. With HOLD in the environment,
 * dlopen(3) does not return until a thread has used new and delete.
 */
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <new>
#include <thread>

/* The compiler may leave out what it sees to be of no use. */
static void *volatile hidden;

static void *hide(void *pointer)
{
	hidden = pointer;
	return hidden;
}

struct alignas(256) wide {
	char bytes[256];
};

/* Every form of the operators, of small and of large blocks. */
extern "C" void use_operators(void)
{
	for (std::size_t size : { 1, 40, 1 << 20 }) {
		::operator delete(hide(::operator new(size)));
		::operator delete(hide(::operator new(size, std::nothrow)), std::nothrow);
		::operator delete[](hide(::operator new[](size)));
		::operator delete[](hide(::operator new[](size, std::nothrow)), std::nothrow);
		::operator delete(hide(::operator new(size)), size);
		::operator delete[](hide(::operator new[](size)), size);
		::operator delete(hide(::operator new(size, std::align_val_t(64))),
				  std::align_val_t(64));
		::operator delete(hide(::operator new(size, std::align_val_t(64), std::nothrow)),
				  std::align_val_t(64), std::nothrow);
		::operator delete[](hide(::operator new[](size, std::align_val_t(64))),
				    std::align_val_t(64));
		::operator delete[](hide(::operator new[](size, std::align_val_t(64),
							  std::nothrow)),
				    std::align_val_t(64), std::nothrow);
	}
	/* As the C++ library has it, they are blocks of the program's malloc(3). */
	std::free(hide(::operator new(40)));
	std::free(hide(::operator new(40, std::align_val_t(64))));
	wide *one = static_cast<wide *>(hide(new wide));
	if (reinterpret_cast<std::uintptr_t>(one) % 256)
		std::abort();
	delete one;
}

static int handled;

static void handle()
{
	if (++handled == 3)
		std::set_new_handler(nullptr);
}

static int throws(std::size_t size)
{
	try {
		hide(::operator new(size));
	} catch (const std::bad_alloc &) {
		return 1;
	}
	return 0;
}

/* There is no memory: the handler is called as long as there is one, then new throws. */
extern "C" int use_too_much(void)
{
	std::size_t volatile most = SIZE_MAX / 4;

	if (!throws(most) || hide(::operator new(most, std::nothrow)))
		return 1;
	handled = 0;
	std::set_new_handler(handle);
	if (!throws(most) || handled != 3)
		return 2;
	handled = 0;
	std::set_new_handler(handle);
	if (hide(::operator new[](most, std::nothrow)) || handled != 3)
		return 3;
	try {
		hide(::operator new[](most, std::align_val_t(64)));
		return 4;
	} catch (const std::bad_alloc &) {
	}
	return 0;
}

static __attribute__((constructor)) void begin()
{
	if (std::getenv("HOLD"))
		std::thread(use_operators).join();
}
