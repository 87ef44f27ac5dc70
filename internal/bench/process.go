package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// tick is the unit of processor times in /proc, 10 ms on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// cpuOf is the processor time of a server with all its processes, living and ended, as /proc of Linux tells it; zero
// elsewhere. A server's process counts its ended children; the living ones are added here. All is read again if one has
// ended meanwhile, say a connection of the contender before. It may have been counted twice or not at all.
func cpuOf(pid int) time.Duration {
	for {
		own, ended := ticks(pid)
		total := own + ended + ofChildren(pid)
		if _, now := ticks(pid); now == ended {
			return total
		}
	}
}

// ofChildren is what the living children of pid, and those of them that have ended, have used.
func ofChildren(pid int) (total time.Duration) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		fields := statFields(path)
		if len(fields) < 15 || string(fields[1]) != strconv.Itoa(pid) {
			continue
		}
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			continue
		}
		own, ended := ticks(child)
		total += own + ended
	}
	return total
}

func ticks(pid int) (own, endedChildren time.Duration) {
	f := statFields(fmt.Sprintf("/proc/%d/stat", pid))
	if len(f) < 15 {
		return 0, 0
	}
	n := func(i int) time.Duration {
		v, _ := strconv.ParseInt(string(f[i]), 10, 64)
		return time.Duration(v) * tick
	}
	return n(11) + n(12), n(13) + n(14)
}

// statFields are the fields after the name, which may hold spaces: state, parent, … user and system time are 11 and 12.
func statFields(path string) [][]byte {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	if i := bytes.LastIndexByte(text, ')'); i >= 0 {
		return bytes.Fields(text[i+1:])
	}
	return nil
}
