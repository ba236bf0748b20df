
struct tamalloc_global_info;
struct tamalloc_proc_info;
struct tamalloc_snapshot;
asmlinkage long sys__202000173_tamalloc(struct tamalloc_global_info __user *info);
asmlinkage long
sys__202000173_memory_allocation_statistics(pid_t pid,
					    struct tamalloc_proc_info __user *info);
asmlinkage long sys__202000173_tamalloc_stats(size_t size);
asmlinkage long sys_tamalloc_snapshot(struct tamalloc_snapshot __user *snapshot,
				      size_t size);
