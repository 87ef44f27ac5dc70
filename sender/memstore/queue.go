package memstore

// queue is a heap of deliveries for container/heap, the one with the soonest moment first.
type queue []*delivery

func (q queue) Len() int { return len(q) }

func (q queue) Less(i, j int) bool {
	order := q[i].at.Compare(q[j].at)
	return order < 0 || order == 0 && q[i].number < q[j].number
}

func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

func (q *queue) Push(x any) {
	d := x.(*delivery)
	d.index = len(*q)
	*q = append(*q, d)
}

func (q *queue) Pop() any { return pop((*[]*delivery)(q)) }

// orphans is a heap of the events that no delivery needs any more, the one published first on top. None of them ever
// gets a delivery again, since a replay needs a delivery to repeat.
type orphans []*event

func (o orphans) Len() int           { return len(o) }
func (o orphans) Less(i, j int) bool { return o[i].PublishedAt.Before(o[j].PublishedAt) }
func (o orphans) Swap(i, j int)      { o[i], o[j] = o[j], o[i] }
func (o *orphans) Push(x any)        { *o = append(*o, x.(*event)) }
func (o *orphans) Pop() any          { return pop((*[]*event)(o)) }

// pop takes the last one off, and leaves nothing of it behind.
func pop[T any](list *[]T) T {
	last := len(*list) - 1
	x := (*list)[last]
	clear((*list)[last:])
	*list = (*list)[:last]
	return x
}
