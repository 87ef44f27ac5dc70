// Package signatures_test lets other people's libraries verify what package signature signs, and the other way round,
// and takes their vectors.
package signatures_test
