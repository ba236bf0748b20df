/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * C++'s operators new and delete, one by one: NEW(symbol, alignment, whether it throws,
 * parameters, arguments) and DELETE(symbol, parameters, arguments).
 */
#ifndef PRELOAD_OPERATORS_H
#define PRELOAD_OPERATORS_H

#define OPERATORS(NEW, DELETE)								\
	NEW(_Znwm, 1, true, (size_t size), (size))					\
	NEW(_Znam, 1, true, (size_t size), (size))					\
	NEW(_ZnwmRKSt9nothrow_t, 1, false,						\
	    (size_t size, const void *nothrow), (size, nothrow))			\
	NEW(_ZnamRKSt9nothrow_t, 1, false,						\
	    (size_t size, const void *nothrow), (size, nothrow))			\
	NEW(_ZnwmSt11align_val_t, alignment, true,					\
	    (size_t size, size_t alignment), (size, alignment))				\
	NEW(_ZnamSt11align_val_t, alignment, true,					\
	    (size_t size, size_t alignment), (size, alignment))				\
	NEW(_ZnwmSt11align_val_tRKSt9nothrow_t, alignment, false,			\
	    (size_t size, size_t alignment, const void *nothrow), (size, alignment, nothrow)) \
	NEW(_ZnamSt11align_val_tRKSt9nothrow_t, alignment, false,			\
	    (size_t size, size_t alignment, const void *nothrow), (size, alignment, nothrow)) \
	DELETE(_ZdlPv, (void *block), (block))						\
	DELETE(_ZdaPv, (void *block), (block))						\
	DELETE(_ZdlPvm, (void *block, size_t size), (block, size))			\
	DELETE(_ZdaPvm, (void *block, size_t size), (block, size))			\
	DELETE(_ZdlPvRKSt9nothrow_t, (void *block, const void *nothrow), (block, nothrow)) \
	DELETE(_ZdaPvRKSt9nothrow_t, (void *block, const void *nothrow), (block, nothrow)) \
	DELETE(_ZdlPvSt11align_val_t, (void *block, size_t alignment), (block, alignment)) \
	DELETE(_ZdaPvSt11align_val_t, (void *block, size_t alignment), (block, alignment)) \
	DELETE(_ZdlPvmSt11align_val_t, (void *block, size_t size, size_t alignment),	\
	       (block, size, alignment))						\
	DELETE(_ZdaPvmSt11align_val_t, (void *block, size_t size, size_t alignment),	\
	       (block, size, alignment))						\
	DELETE(_ZdlPvSt11align_val_tRKSt9nothrow_t,					\
	       (void *block, size_t alignment, const void *nothrow), (block, alignment, nothrow)) \
	DELETE(_ZdaPvSt11align_val_tRKSt9nothrow_t,					\
	       (void *block, size_t alignment, const void *nothrow), (block, alignment, nothrow))

#endif
