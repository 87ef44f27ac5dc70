// Package retries_test has a client that is not ours, and tries again as it likes, deliver to a receiver.
package retries_test
