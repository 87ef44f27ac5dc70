// Package receiver turns webhook requests into verified, deduplicated, typed events.
//
// [Handler] makes an http.Handler of an [EventHandler] and the dialects it shall listen to. The EventHandler is a [Mux]
// with typed functions, a plain [HandlerFunc], an endpoint that exists already wrapped by [HTTP], or one of your own.
//
// # Order
//
// The headers of a request are looked at first. Its body is read, verified and parsed. Its event is claimed, the
// handler runs, and the claim is committed or released. Then the sender is answered.
//
// Nothing has a side effect before the verification. Where a sender signs, nothing unsigned decides which event it is.
// Only dialects that were configured exist.
//
// # Answers
//
// The first row that fits, from the top, decides. Every body is the text of its status, whatever the cause. The reason
// goes to [Hooks] and to the log: each at Debug level, and as a Warn with a count once per reason and minute.
//
// The last column is what a sender does that retries. "Ends" means that it gives the delivery up. "Retries" means that
// it tries again on its schedule, not before Retry-After, which is 5 s where the handler does not say otherwise.
// The dialects' own comments tell which senders retry.
//
//	condition                                                status            the sender then
//	not POST, or GET without a dialect that has a handshake  405 and Allow     ends
//	GET handshake repeats the verify token                   200, challenge    is subscribed
//	GET handshake does not                                   403, no body      is not
//	body is compressed                                       415               ends
//	body declared larger than MaxBody                        413, closes       ends
//	marks of two dialects                                    400               ends
//	no mark of a configured dialect                          401               ends
//	a header of the dialect stands twice                     400               ends
//	body larger than MaxBody                                 413, closes       ends
//	large body finds no room in MaxUnverified                503, Retry-After  retries; the connection closes
//	body slower than ReadTimeout                             408, closes       retries
//	body cut short                                           400               ends
//	not verified: missing, malformed, wrong, too old or new  401               ends
//	body unreadable, or headers contradict it                400               ends
//	event was handled before                                 200               is done
//	event is being handled, still after Guard.Wait           503, Retry-After  retries
//	dedupe store is down, dialect retries                    503, Retry-After  retries
//	dedupe store is down, dialect is FailOpen                runs              as below
//	handler returns nil                                      200               is done
//	no function for the type                                 200               is done
//	handler returns Permanent                                422               ends; a replay runs it again
//	handler returns RetryAfter                               503, Retry-After  retries, no sooner
//	handler returns an error at or after its deadline        503, Retry-After  retries
//	handler returns any other error                          500               retries
//	handler panics, or ends its goroutine                    500               retries
//	body does not decode into its kind, no default           500               retries
//	HTTP endpoint answers 2xx, or nothing but 1xx            200               is done
//	HTTP endpoint answers 4xx or 5xx                         that status       as the status says
//	HTTP endpoint answers anything else                      500               retries
//
// # What is guaranteed
//
//   - A handler runs only for a request that its own dialect has verified: over the exact bytes of the body where the
//     sender signs them. A dialect whose name says "unsigned" verifies nothing.
//   - An event that was answered with 200 was handled. While it is still being handled no other request for it gets a
//     2xx.
//   - A handler that fails, panics or runs out of time releases its event: the next attempt runs it.
//   - Two runs of one event do not overlap while the dedupe store keeps its promises.
//
// # What is not
//
//   - Exactly once. An event runs again after a crash between the end of its handler and the commit. It may do so with
//     a store that forgets, or is down (FailOpen). Make handlers idempotent, or let the effect and the mark share the
//     transaction of an inbox (package sqlinbox).
//   - Order. Senders retry, so events arrive in any. An inbox runs those of one conversation as they arrived.
//   - That a handler stops at its deadline. Its context ends. One that does not look at it is answered late, when the
//     sender has given up on the attempt and will repeat it. The claim is renewed until the handler returns.
//   - Anything about headers. They are compared with the body where both say something and are informative otherwise.
//
// When the handler succeeded but its claim could not be committed, the answer is still 200: a retry would surely run
// the event twice. [Hooks.StoreFailed] tells.
//
// # Concurrency
//
// The handler is safe for concurrent use and so must be what it is given. An event is handled on the goroutine of its
// request, and no other goroutine outlives a request. A keyring may be replaced while requests are served.
// A [http.Server.WriteTimeout] must exceed the deadline of the dialect.
//
// # Errors
//
// A [Rejection] tells the status and wraps the reason: an error of package signature, [envelope.ErrMalformed],
// [ErrContradiction], [ErrNoDialect], or one of reading the body. No error, log record or answer holds a secret, a body
// or the value of a header other than an id. What a handler's own error or panic says is logged as it says it.
//
// # Testing
//
// Package receivertest signs requests as each sender would and calls a handler without a network. Time is the time of
// package time, so that deadlines and tolerances can be tested in [testing/synctest].
package receiver
