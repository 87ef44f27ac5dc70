//go:build unix

package egress

import "syscall"

// Descriptors returns how many files and sockets this process may have open; 0 where nobody knows.
func Descriptors() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	const most = 1 << 20                  // more than anybody needs, and infinity
	if n := uint64(limit.Cur); n < most { //nolint:unconvert // it is signed on some systems
		return int(n)
	}
	return most
}
