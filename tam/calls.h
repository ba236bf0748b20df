/* SPDX-License-Identifier: MIT */
/*
 * Where the figures come from. Nothing above this file issues a system call
 * for memory statistics or reads /proc.
 *
 * Functions return 0 or a negative errno; they print nothing.
 */
#ifndef TAM_CALLS_H
#define TAM_CALLS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Memory of all processes together. */
struct memory_total {
	uint64_t vm_mb;
	uint64_t rss_mb;
};

/* Memory of one process. The command name is raw: any byte may be in it. */
struct process_memory {
	pid_t pid;
	char command[64];
	uint64_t vm_kb;
	uint64_t rss_kb;
	unsigned int rss_percent_of_vm;
	int oom_adjustment;
};

int calls_total(struct memory_total *total);

/*
 * -ESRCH when there is no such process, -EINVAL when it has no memory of its
 * own (a kernel thread, a zombie).
 */
int calls_process(pid_t pid, struct process_memory *process);

/*
 * Every process that has memory and that the caller may ask about, by rising
 * pid. The caller frees the list. -EPERM when no process at all could be asked
 * about, which means a seccomp filter: a process may always ask about itself.
 */
int calls_processes(struct process_memory **list, size_t *count);

/* A fresh region of lazily zeroed memory, whole pages. */
int calls_reserve(size_t size, void **region);
int calls_release(void *region, size_t size);

#endif
