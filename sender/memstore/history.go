package memstore

import (
	"cmp"
	"slices"
)

// history is deliveries in the order in which they were made. Those that were purged are passed over, and leave it
// together once they are half of it: each then costs the same, however long the history is.
type history struct {
	deliveries []*delivery
	purged     int
}

func (h *history) add(d *delivery) { h.deliveries = append(h.deliveries, d) }

// forget lets go of a delivery that was marked as purged.
func (h *history) forget() {
	if h.purged++; 2*h.purged >= len(h.deliveries) {
		h.deliveries = slices.DeleteFunc(h.deliveries, func(d *delivery) bool { return d.purged })
		h.purged = 0
	}
}

func (h *history) empty() bool { return len(h.deliveries) == 0 } // the last one to leave takes all with it

// before returns those that are older than the delivery with this number, of deliveries in order.
func before(number uint64, deliveries []*delivery) []*delivery {
	i, _ := slices.BinarySearchFunc(deliveries, number, func(d *delivery, n uint64) int { return cmp.Compare(d.number, n) })
	return deliveries[:i]
}
