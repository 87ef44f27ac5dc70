// Package redisdedupe keeps the claims of package dedupe in Redis, so that any number of processes guard the same
// keys.
//
//	store, err := redisdedupe.New(redis.NewClient(&redis.Options{Addr: "redis:6379"}), redisdedupe.Config{})
//	guard := dedupe.Guard{Store: store, Prefix: "billing"}
//
// It runs on Redis 5 or later and on what speaks as it does. Each call is one script on one key and one round trip;
// the first of each script on a server takes two. So it needs no hash tags in Redis Cluster: keys spread over the
// slots by themselves. The server's clock alone decides when leases and ttls end.
//
// # What Redis may forget
//
// A master that fails may take with it the last writes that its replica had not got yet; one that starts again, those
// that were not on disk; one that is short of memory may evict. A key that is forgotten is free: its event runs once
// more, also beside a first run that has not ended. That first run learns of it by [dedupe.ErrLeaseLost], and cannot
// commit over the second. So what a failover can do is a duplicate and never a loss: no key becomes done by being
// forgotten.
//
// Where a duplicate must not happen either, write the effect and the mark of the event in one transaction of one
// database. To make it rare, give Redis memory for all keys ("noeviction", or "volatile-ttl"), an append-only file,
// and min-replicas-to-write.
//
// # What is stored
//
// A key is Config.Prefix, ":" and the key that the guard gives; its value is a letter for the state and the token of
// the claim, 27 bytes from a guard. It holds nothing of the event. Each ends by itself (PX): nothing needs
// purging. A done key takes about 200 bytes of memory, most of which is Redis's own.
//
// # A server that hangs
//
// A call returns when its context ends. What the client is at goes on, in a goroutine of its own, until the client's
// own time-outs end it. With ContextTimeoutEnabled among the client's options that is at once.
//
// # Errors
//
// They are those of the client, wrapped: [errors.As] finds a redis.Error or a net.Error. None shows keys or tokens.
package redisdedupe
