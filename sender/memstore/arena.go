package memstore

const blockLen = 64 << 10

// arena keeps the bytes of events in large blocks, so that a million events are a few thousand objects to the garbage
// collector. Blocks are dropped whole, and never used again: a claim may hold its body for as long as it likes. Events are
// forgotten about in the order in which they came, so a block seldom outlives most of what it holds.
type arena struct {
	blocks slab[block]
	open   uint32 // the block that is being filled; 0 = none
}

type block struct {
	bytes []byte
	live  int // spans
}

// span is where the bytes of one put are.
type span struct{ block, offset, length uint32 }

// put stores the parts one after another.
func (a *arena) put(id, trace string, body []byte) span {
	n := len(id) + len(trace) + len(body)
	ref := a.room(n)
	b := a.blocks.at(ref)
	at := span{ref, uint32(len(b.bytes)), uint32(n)}
	b.bytes = append(append(append(b.bytes, id...), trace...), body...)
	b.live++
	return at
}

// room returns a block with n bytes left. What is large gets a block of its own, so that little is wasted at the end of
// those that are shared.
func (a *arena) room(n int) uint32 {
	if n > blockLen/8 {
		ref := a.blocks.add()
		a.blocks.at(ref).bytes = make([]byte, 0, n)
		return ref
	}
	if a.open != 0 {
		b := a.blocks.at(a.open)
		if len(b.bytes)+n <= blockLen {
			return a.open
		}
		if b.live == 0 {
			a.blocks.remove(a.open)
		}
	}
	a.open = a.blocks.add()
	a.blocks.at(a.open).bytes = make([]byte, 0, blockLen)
	return a.open
}

// get returns the bytes, which nobody may change.
func (a *arena) get(at span) []byte {
	end := at.offset + at.length
	return a.blocks.at(at.block).bytes[at.offset:end:end]
}

// drop forgets a span, and its block with the last one.
func (a *arena) drop(at span) {
	b := a.blocks.at(at.block)
	if b.live--; b.live == 0 && at.block != a.open {
		a.blocks.remove(at.block)
	}
}
