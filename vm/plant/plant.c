// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bugs on purpose, for the tests of the virtual machine's judge: loading the
 * module with bug=NAME makes the kernel do what it never should. Not part of
 * what goes into a kernel tree.
 */
#include <linux/bug.h>
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/panic.h>
#include <linux/processor.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

static char *bug = "";
module_param(bug, charp, 0);
MODULE_PARM_DESC(bug, "which bug to show");

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(spin);

static void plant_warning(void)
{
	WARN(1, "planted warning\n");
}

static void plant_lock_order(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);

	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static void plant_sleep(void)
{
	spin_lock(&spin);
	msleep(1);
	spin_unlock(&spin);
}

static void plant_panic(void)
{
	panic("planted panic");
}

static void plant_oops(void)
{
	*(volatile int *)NULL = 0;
}

static void plant_hang(void)
{
	local_irq_disable();
	for (;;)
		cpu_relax();
}

/* Many, as a stale copy of an address in a register or stack hides one. */
static void plant_leak(void)
{
	static void *volatile lost;
	int i;

	for (i = 0; i < 64; i++)
		lost = kzalloc(200, GFP_KERNEL);
	lost = NULL;
}

static void plant_overflow(void)
{
	char *memory = kmalloc(100, GFP_KERNEL);
	volatile size_t past = 100;

	if (memory)
		memory[past] = 1;
	kfree(memory);
}

static const struct {
	const char *name;
	void (*plant)(void);
} bugs[] = {
	{ "warning", plant_warning },
	{ "lock-order", plant_lock_order },
	{ "sleep", plant_sleep },
	{ "panic", plant_panic },
	{ "oops", plant_oops },
	{ "hang", plant_hang },
	{ "leak", plant_leak },
	{ "overflow", plant_overflow },
};

static int __init plant_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bugs); i++) {
		if (!strcmp(bugs[i].name, bug)) {
			bugs[i].plant();
			return 0;
		}
	}
	return -EINVAL;
}
module_init(plant_init);

MODULE_DESCRIPTION("Bugs on purpose");
MODULE_LICENSE("GPL");
