package memstore

import (
	"hash/fnv"
	"io"
	"slices"

	"github.com/kirimhooks/kirimhooks/sender"
)

const shards = 64

// shardOf spreads subscriptions over the shards.
func shardOf(org, id string) int {
	h := fnv.New32a()
	io.WriteString(h, org+"\x00"+id)
	return int(h.Sum32() % shards)
}

// inShards reports whether a claim of these shards may take from a subscription; nil = all.
func inShards(r *sender.SubscriptionRecord, wanted []int) bool {
	return wanted == nil || slices.Contains(wanted, r.Shard)
}
