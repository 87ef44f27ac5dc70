package dedupe

// doneHeap holds the done slots of a slab, the one that ends next on top. Keys that are remembered equally long come in order,
// and are pushed without a move.
type doneHeap struct {
	slots *slab
	order []index
}

// first returns the slot that ends next, none if there is none.
func (h *doneHeap) first() index {
	if len(h.order) == 0 {
		return none
	}
	return h.order[0]
}

func (h *doneHeap) push(i index) {
	h.order = append(h.order, i)
	h.up(len(h.order)-1, i)
}

func (h *doneHeap) remove(i index) {
	at, end := int(h.slots.at(i).place), len(h.order)-1
	last := h.order[end]
	h.order = h.order[:end]
	if last != i {
		h.down(h.up(at, last), last)
	}
}

// up puts slot i at a place on the way from at to the top, and returns it.
func (h *doneHeap) up(at int, i index) int {
	for at > 0 && h.before(i, h.order[(at-1)/2]) {
		h.set(at, h.order[(at-1)/2])
		at = (at - 1) / 2
	}
	h.set(at, i)
	return at
}

// down puts slot i at a place on the way from at to the bottom.
func (h *doneHeap) down(at int, i index) {
	for {
		child := 2*at + 1
		if child+1 < len(h.order) && h.before(h.order[child+1], h.order[child]) {
			child++
		}
		if child >= len(h.order) || !h.before(h.order[child], i) {
			h.set(at, i)
			return
		}
		h.set(at, h.order[child])
		at = child
	}
}

func (h *doneHeap) before(i, j index) bool { return h.slots.at(i).ends < h.slots.at(j).ends }

func (h *doneHeap) set(at int, i index) {
	h.order[at] = i
	h.slots.at(i).place = int32(at)
}
