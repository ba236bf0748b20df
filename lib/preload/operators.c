// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * C++'s operators new and delete. The C++ library's own call malloc(3) and free(3), but other
 * allocators bring operators along that do not: they would get all the large blocks, and
 * would take some of ours for theirs. So these take what is ours and pass on the rest,
 * and what there is no memory for, to those of the next library, which know how to throw.
 *
 * Where there are none when the program starts, it is one in C, and may load a library in
 * C++ later. What that brings along is not looked for in advance, for it may be unloaded again,
 * nor when it allocates, for that would take the loader's lock. It need not be: these do
 * here what the C++ library's do, until there is no memory. Then it is searched for
 * without that lock, and its operator is called: it knows the new_handler and how to throw.
 */
#include "loaded.h"
#include "preload.h"

/* By the program's malloc(3) and free(3), whoever's these are. */
static void *allocate(size_t size, size_t alignment)
{
	/* No two blocks are at one address. */
	if (!size)
		size = 1;
	if (next.is_bypassed)
		return alignment > 1 ? next.program_aligned_alloc(alignment, size) :
				       next.program_malloc(size);
	return alignment > 1 ? preload_memalign(alignment, size) : preload_malloc(size);
}

static void give_back(void *block)
{
	if (next.is_bypassed)
		next.program_free(block);
	else
		preload_free(block);
}

/*
 * Only that of a C++ library will do, which has the type of what it throws: an allocator's
 * might find memory, of a kind that delete is not told of here.
 */
static __attribute__((cold, noinline)) void *find_thrower(const char *name, const void *caller)
{
	return loaded_find(name, "_ZTISt9bad_alloc", caller);
}

/* Which alignment, and whether the operator throws, say the parameters. */
#define NEW(symbol, alignment, can_throw, parameters, arguments)			\
	PUBLIC void *operator_##symbol parameters __asm__(#symbol);			\
	void *operator_##symbol parameters						\
	{										\
		void *block = size < next.new_threshold ?				\
				      NULL : preload_large(size, alignment, false);	\
		void *(*thrower)parameters;						\
											\
		if (__builtin_expect(!!block, 0))					\
			return block;							\
		if (next.symbol)							\
			return next.symbol arguments;					\
		block = allocate(size, alignment);					\
		if (block)								\
			return block;							\
		*(void **)&thrower = find_thrower(#symbol, __builtin_return_address(0)); \
		if (thrower)								\
			return thrower arguments;					\
		if (can_throw)								\
			misuse("operator new", (void *)size, "there is no memory, and no " \
			       "C++ library that could throw bad_alloc");		\
		return NULL;								\
	}

#define DELETE(symbol, parameters, arguments)						\
	PUBLIC void operator_##symbol parameters __asm__(#symbol);			\
	void operator_##symbol parameters						\
	{										\
		if (map_owns(block) && next.new_threshold != SIZE_MAX)			\
			preload_free_large(block);					\
		else if (next.symbol)							\
			next.symbol arguments;						\
		else									\
			give_back(block);						\
	}

OPERATORS(NEW, DELETE)
