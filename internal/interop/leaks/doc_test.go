// Package leaks_test runs each end once over a real network and demands that no goroutine is left.
package leaks_test
