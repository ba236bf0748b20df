// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Finds functions in loaded libraries without the lock that dlopen(3) holds while it runs
 * constructors, and dlsym(3) takes: a thread that waits for it may be the one for which
 * such a constructor waits. dl_iterate_phdr(3) takes one that is held for no longer than the
 * list of libraries changes, and that throwing takes as well.
 */
#define _GNU_SOURCE
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "loaded.h"

/* The tables of a library, of which one of the last two is enough. */
struct tables {
	const ElfW(Sym) *symbols;
	const char *names;
	const uint32_t *gnu_hash, *hash;
};

struct search {
	const char *name, *companion;
	uintptr_t caller;
	void *found;
};

static bool contains(const struct dl_phdr_info *library, uintptr_t address)
{
	for (size_t i = 0; i < library->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &library->dlpi_phdr[i];

		if (part->p_type == PT_LOAD &&
		    address - library->dlpi_addr - part->p_vaddr < part->p_memsz)
			return true;
	}
	return false;
}

/* Some loaders write the address of a table over its offset, some do not. */
static const void *table_at(const struct dl_phdr_info *library, const ElfW(Dyn) *entry)
{
	uintptr_t address = entry->d_un.d_ptr;

	if (address < library->dlpi_addr)
		address += library->dlpi_addr;
	return (const void *)address;
}

static bool read_tables(const struct dl_phdr_info *library, struct tables *tables)
{
	const ElfW(Dyn) *entry = NULL;

	*tables = (struct tables){ 0 };
	for (size_t i = 0; i < library->dlpi_phnum; i++)
		if (library->dlpi_phdr[i].p_type == PT_DYNAMIC)
			entry = (const void *)(library->dlpi_addr + library->dlpi_phdr[i].p_vaddr);
	for (; entry && entry->d_tag != DT_NULL; entry++) {
		if (entry->d_tag == DT_SYMTAB)
			tables->symbols = table_at(library, entry);
		else if (entry->d_tag == DT_STRTAB)
			tables->names = table_at(library, entry);
		else if (entry->d_tag == DT_GNU_HASH)
			tables->gnu_hash = table_at(library, entry);
		else if (entry->d_tag == DT_HASH)
			tables->hash = table_at(library, entry);
	}
	return tables->symbols && tables->names && (tables->gnu_hash || tables->hash);
}

static bool is_defined(const struct tables *tables, uint32_t symbol, const char *name)
{
	const ElfW(Sym) *entry = &tables->symbols[symbol];

	return entry->st_shndx != SHN_UNDEF && !strcmp(tables->names + entry->st_name, name);
}

static uint32_t gnu_hash(const char *name)
{
	uint32_t hash = 5381;

	for (; *name; name++)
		hash = hash * 33 + (unsigned char)*name;
	return hash;
}

/* The number of a symbol; 0: it is not there. */
static uint32_t find_gnu(const struct tables *tables, const char *name)
{
	uint32_t buckets = tables->gnu_hash[0], first = tables->gnu_hash[1];
	uint32_t filter = tables->gnu_hash[2] * (sizeof(ElfW(Addr)) / sizeof(uint32_t));
	const uint32_t *bucket = tables->gnu_hash + 4 + filter, *chain = bucket + buckets;
	uint32_t hash = gnu_hash(name), symbol;

	if (!buckets || bucket[hash % buckets] < first)
		return 0;
	for (symbol = bucket[hash % buckets];; symbol++) {
		if ((chain[symbol - first] | 1) == (hash | 1) && is_defined(tables, symbol, name))
			return symbol;
		if (chain[symbol - first] & 1)
			return 0;
	}
}

static uint32_t find(const struct tables *tables, const char *name)
{
	if (tables->gnu_hash)
		return find_gnu(tables, name);
	/* The older table, of which only the number of symbols is used. */
	for (uint32_t symbol = 1; symbol < tables->hash[1]; symbol++)
		if (is_defined(tables, symbol, name))
			return symbol;
	return 0;
}

struct behind {
	const char *name;
	bool has_passed, has_found;
};

static int visit_behind(struct dl_phdr_info *library, size_t size, void *data)
{
	struct behind *behind = data;
	struct tables tables;

	(void)size;
	if (!behind->has_passed)
		behind->has_passed = contains(library, (uintptr_t)visit_behind);
	else if (read_tables(library, &tables))
		behind->has_found = find(&tables, behind->name);
	return behind->has_found;
}

bool loaded_behind(const char *name)
{
	struct behind behind = { .name = name };

	dl_iterate_phdr(visit_behind, &behind);
	return behind.has_found;
}

static int visit(struct dl_phdr_info *library, size_t size, void *data)
{
	struct search *search = data;
	bool is_caller_s = contains(library, search->caller);
	struct tables tables;
	uint32_t symbol;

	(void)size;
	if (search->found && !is_caller_s)
		return 0;
	if (contains(library, (uintptr_t)visit) || !read_tables(library, &tables))
		return 0;
	symbol = find(&tables, search->name);
	if (!symbol || !find(&tables, search->companion))
		return 0;
	search->found = (void *)(library->dlpi_addr + tables.symbols[symbol].st_value);
	return is_caller_s;
}

void *loaded_find(const char *name, const char *companion, const void *caller)
{
	struct search search = {
		.name = name,
		.companion = companion,
		.caller = (uintptr_t)caller,
	};

	dl_iterate_phdr(visit, &search);
	return search.found;
}
