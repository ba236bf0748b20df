# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2154
#
# Likenesses: a kernel that behaves as another version does where that matters
# here, by a change of a line or two of the tree's own code (vm/like/VERSION, a sed
# script that names its file). Needs lib.sh, and tree and output where they are used.
#
# The change is in the tree while the kernel is compiled, no longer, and the file
# gets its time back afterwards: the other builds of this tree see nothing of it.

# Under lock_tree: as the tree was, also when a build was killed meanwhile.
end_likeness()
{
	[ -f "$tree.unlike" ] || return 0
	mv -f "$tree.unlike" "$tree/$(cat "$tree.unlike.name")" || fail "cannot restore a file of $tree"
}

# Under lock_tree, after prepare_tree.
begin_likeness()
{
	file=$(sed -n 's/^# file: *//p' "$vm/like/$like")
	echo "$file" >"$tree.unlike.name" &&
		cp -p "$tree/$file" "$tree.unlike.new" &&
		mv "$tree.unlike.new" "$tree.unlike" &&
		sed -f "$vm/like/$like" "$tree.unlike" >"$tree.like" ||
		fail "cannot change $file of $tree"
	! cmp -s "$tree.like" "$tree.unlike" ||
		fail "--like $like: Linux $kernel has nothing in $file to change; 6.12 has"
	# Not the file itself: other trees may be links to the same.
	rm "$tree/$file" && cp "$tree.like" "$tree/$file" || fail "cannot change $file of $tree"
}

# Most of what is compiled is what the plain kernel has. The build of objtool, on
# which every object depends, keeps its own path in what it remembers.
inherit_objects()
{
	if [ ! -d "$output" ] && [ -d "$plain_output" ]; then
		rm -rf "$output.new"
		cp -a "$plain_output" "$output.new" &&
			find "$output.new/tools" -name '.*.cmd' -exec sed -i "s,$plain_output/,$output/,g" {} + &&
			mv "$output.new" "$output" || fail "cannot copy $plain_output"
	fi
}
