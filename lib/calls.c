// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#define _GNU_SOURCE
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/tamalloc.h>

#include "internal.h"

#ifdef __x86_64__
static long call(long number, unsigned long first, unsigned long second)
{
	long result = syscall(number, first, second);

	return result == -1 ? -errno : result;
}
#else
/* The kernel's header has no numbers for other machines. */
#define call(number, first, second) ((void)(first), (void)(second), -(long)ENOSYS)
#endif

int call_process(pid_t pid, struct tamalloc_process *record)
{
	struct tamalloc_proc_info info;
	int err = (int)call(__NR_tamalloc_process, (unsigned long)pid, (unsigned long)&info);

	if (err)
		return err;
	record->reserved = info.vm_kb * 1024;
	record->committed = info.rss_kb * 1024;
	record->oom_score_adj = info.oom_adjustment;
	record->fields |= TAMALLOC_RESERVED | TAMALLOC_COMMITTED | TAMALLOC_OOM_SCORE_ADJ;
	return 0;
}

int call_total(struct tamalloc_total *record)
{
	struct tamalloc_global_info info;
	int err = (int)call(__NR_tamalloc_total, (unsigned long)&info, 0);

	if (err)
		return err;
	record->granularity = 1 << 20;
	record->reserved = info.aggregate_vm_mb * record->granularity;
	record->committed = info.aggregate_rss_mb * record->granularity;
	record->doubtful = 0;
	record->fields |= TAMALLOC_TOTAL_PROCESSES;
	return 0;
}

int call_reserve(size_t size, void **address)
{
	long result = call(__NR_tamalloc_reserve, size, 0);

	/* No region lies in the last page, where errors are. */
	if (result < 0 && result >= -4095)
		return (int)result;
	*address = (void *)result;
	return 0;
}

int call_snapshot(struct tamalloc_snapshot *snapshot)
{
	return (int)call(__NR_tamalloc_snapshot, (unsigned long)snapshot, sizeof(*snapshot));
}

int tamalloc_probe(int number)
{
	int err;

	/* What a kernel that has the call cannot grant. */
	switch (number) {
	case 550:
		err = (int)call(__NR_tamalloc_total, 0, 0);
		return err == -EFAULT ? 0 : err;
	case 551:
		err = (int)call(__NR_tamalloc_process, (unsigned long)direct_pid(), 0);
		return err == -EFAULT ? 0 : err;
	case 552:
		err = (int)call(__NR_tamalloc_reserve, 0, 0);
		return err == -EINVAL ? 0 : err;
	case 553:
		err = call_snapshot(NULL);
		return err == -EFAULT ? 0 : err;
	default:
		return -EINVAL;
	}
}
