# SPDX-License-Identifier: MIT
"""Every process with psutil: pid, reserved and committed memory, name."""
import psutil

for process in psutil.process_iter(["pid", "memory_info", "name"]):
    memory = process.info["memory_info"]
    print(process.info["pid"], memory.vms, memory.rss, process.info["name"])
