#!/bin/sh
# SPDX-License-Identifier: MIT
#
# git: objects of some megabytes, deltas among them, packs, and a history, which is
# cloned.

# shellcheck disable=SC2317 # functions that both calls
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/programs/both.sh
. "$(dirname "$0")/both.sh"

export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org \
	GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org \
	GIT_AUTHOR_DATE GIT_COMMITTER_DATE
git config --global gc.auto 0
git config --global maintenance.auto false
git config --global init.defaultBranch main
git config --global gc.aggressiveWindow 60
git config --global advice.detachedHead false
# Several threads choose other deltas each time: that is tried apart.
git config --global pack.threads 1

if [ -n "${PROGRAMS_FULL-}" ]; then
	cp -R /usr/share/perl/5.*.*/. "$input"
else
	cp -R /usr/share/perl/5.*.*/[A-D]*/. "$input"
fi
mkdir "$input/large"
head -c 1500000 /usr/bin/perl >"$input/large/program"
seq 1 200000 >"$input/large/numbers"
awk 'BEGIN {
	state = 1
	for (i = 0; i < 60000; i++) {
		state = (state * 16807) % 2147483647
		printf "%x\n", state
	}
}' >"$input/large/random"

# A commit is the same when all of it is, the time included.
tick() {
	clock=$((clock + 60))
	GIT_AUTHOR_DATE="$clock +0000" GIT_COMMITTER_DATE="$clock +0000"
}

# All objects, whatever they are packed in.
objects() {
	git rev-list --objects --all | cut -d ' ' -f 1 | sort | git cat-file --batch | sha256sum
}

committed() {
	clock=1700000000
	git init -q tree
	cd tree
	cp -R "$input"/. .
	tick
	git add .
	git write-tree
	git commit -q -m everything
	for change in 1 2 3 4 5 6; do
		sed -i "s/^$change/change $change of &/" large/numbers
		sed -i "$((change * 1000)),$((change * 1100))d" large/random
		head -c "$((change * 50000))" /usr/bin/perl >>large/program
		tick
		git add .
		git commit -q -m "change $change"
	done
	tick
	git checkout -q -b side HEAD~3
	sed -i '40000,50000d' large/random
	git commit -q -a -m side
	tick
	git checkout -q main
	git merge -q -m merged side
	git log --format='%H %T' --graph
}

read_back() {
	git log -p -M | sha256sum
	git diff --stat HEAD~6
	git blame -s large/random | sha256sum
	git grep -c sub | sha256sum
	git archive HEAD | sha256sum
	objects
}

packed() {
	tick
	git gc -q --aggressive --prune=now
	git fsck --full --strict
	objects
	git verify-pack -v .git/objects/pack/*.idx | sha256sum
	git -c pack.threads=2 repack -q -adf --window=20 --window-memory=20m
	git -c pack.threads=2 fsck --full
	objects
	git repack -q -adf --depth=5 --write-bitmap-index
	git bundle create -q ../bundle --all
	cd ..
}

cloned() {
	tick
	git clone -q --no-local tree copy
	git clone -q --mirror bundle mirror
	git -C mirror fsck --full
	cd copy
	git status --short
	git checkout -q HEAD~4
	git fetch -q ../mirror side
	git rev-parse HEAD FETCH_HEAD
	mkdir loose
	git init -q loose
	git -C loose unpack-objects -q <"$(ls .git/objects/pack/*.pack)"
	git -C loose count-objects
	rm -rf loose
	objects
	cd ..
	# It holds times and numbers of files.
	rm ./*/.git/index
}

all() {
	committed
	read_back
	packed
	cloned
}

both 'a history' all
took git allocated

done_testing
