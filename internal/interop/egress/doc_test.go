// Package egress_test compares the guard of outgoing connections with one that somebody else wrote.
package egress_test
