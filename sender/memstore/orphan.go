package memstore

import "container/heap"

// orphans are events that no delivery needs any more, the one published first on top. None of them ever gets a delivery
// again, since a replay needs a delivery to repeat.
type orphans []orphan

type orphan struct {
	published int64
	event     uint32
}

func (o *orphans) add(event uint32, published int64) { heap.Push(o, orphan{published, event}) }

// pop gives the first one published at or before the moment given.
func (o *orphans) pop(before int64) (event uint32, ok bool) {
	if len(*o) == 0 || (*o)[0].published > before {
		return 0, false
	}
	return heap.Pop(o).(orphan).event, true
}

func (o orphans) Len() int           { return len(o) }
func (o orphans) Less(i, j int) bool { return o[i].published < o[j].published }
func (o orphans) Swap(i, j int)      { o[i], o[j] = o[j], o[i] }
func (o *orphans) Push(x any)        { *o = append(*o, x.(orphan)) }
func (o *orphans) Pop() any {
	last := len(*o) - 1
	x := (*o)[last]
	*o = (*o)[:last]
	return x
}
