// SPDX-License-Identifier: MIT
/* Memory cgroups, of the version that is mounted. */
#include <errno.h>
#include <ftw.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "oom.h"

#define ROOT "/sys/fs/cgroup"
#define TRIES 500
#define PAUSE_US 20000

bool groups_are_v1(void)
{
	struct statfs statfs_root;

	if (statfs(ROOT, &statfs_root))
		bail_out(ROOT ": %s", strerror(errno));
	return statfs_root.f_type == CGROUP_SUPER_MAGIC;
}

static void tell(const char *path, const char *file, const char *value)
{
	char full[512];

	snprintf(full, sizeof(full), ROOT "%s/%s", path, file);
	write_file(full, value);
}

/* Of version 2, its parent gives it the memory controller first. */
void make_group(const char *path)
{
	char full[256], parent[256];

	snprintf(parent, sizeof(parent), "%.*s", (int)(strrchr(path, '/') - path), path);
	if (!groups_are_v1())
		tell(parent, "cgroup.subtree_control", "+memory");
	snprintf(full, sizeof(full), ROOT "%s", path);
	if (mkdir(full, 0755))
		bail_out("%s: %s", full, strerror(errno));
}

void set_group(const char *path, const char *file, const char *value)
{
	tell(path, file, value);
}

void join_group(const char *path)
{
	tell(path, "cgroup.procs", "0");
}

/* The last charges of the dead may take a moment to go. */
static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
	(void)stat;
	if (type != FTW_DP || !ftw->level)
		return 0;
	for (int i = 0; rmdir(path); i++) {
		if (errno != EBUSY || i == TRIES)
			bail_out("%s: %s", path, strerror(errno));
		usleep(PAUSE_US);
	}
	return 0;
}

void remove_groups(void)
{
	if (nftw(ROOT, remove_one, 8, FTW_DEPTH | FTW_PHYS))
		bail_out(ROOT ": %s", strerror(errno));
}
