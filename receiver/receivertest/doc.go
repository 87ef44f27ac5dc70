// Package receivertest makes the requests that senders make, for tests of code that receives them, and calls handlers
// without a network.
//
// The requests are correct in every respect when they are returned. To see one refused, change it: delete a header,
// replace the body, wait.
package receivertest
